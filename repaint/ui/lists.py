"""What `/jobs` answers: the jobs under way, one job with all that is known of it, the finished ones.

Pure: jobs in, a view out. All of it is for the eyes of one person, `viewer`, and fits into a message whatever
the prompts are: TEXT characters and 40 components (Discord, components).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import discord
from discord import ui

from repaint.jobs.presenter import View
from repaint.models import ApiState, Job, JobState, Shown
from repaint.ui.cards import AMBER, BLURPLE, DROPPED, GREEN, RED
from repaint.ui.notices import GREY
from repaint.ui.words import cut, inert, number, ordinal, plain, roughly

TEXT = 4000  # characters of a message's texts together
AT_MOST = 10  # jobs in a list
PER_PAGE = 4  # finished jobs on a page
LISTED_PROMPT = 60  # characters of a prompt in a list,
PAGE_PROMPT = 250  # and in the history
ALT = 200  # of a picture's description
SENTENCE = 400  # of a failure or a note
HIDDEN = "*The prompt is not shown here.*"
NO_ALT = "A repainted picture"
# By the sign that a state's line begins with.
_COLOURS = {"🕒": BLURPLE, "🎨": AMBER, "🔎": AMBER, "✅": GREEN, "❌": RED, "🚫": GREY}


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A finished job with the file of its preview, which is uploaded under its own name.

    `note` says why there is none, or what else there is.
    """

    job: Job
    preview: Path | None = None
    note: str = ""


# The jobs under way ---------------------------------------------------------------------------------------


def unfinished_view(
    jobs: Sequence[View], more: int, *, viewer: int, with_prompts: bool = True
) -> ui.LayoutView:
    """At most AT_MOST jobs, and how many more there are."""
    lines = []
    for shown in jobs:
        job = shown.job
        details = [state_line(shown), f"<t:{int(job.created_at)}:R>", f"`{job.id}`", whose(job, viewer)]
        details.append(_where(job, viewer))
        prompt = f"**{inert(job.request.prompt, LISTED_PROMPT)}**"
        lines.append(f"{prompt if may_read(job, viewer, with_prompts) else HIDDEN}\n{_joined(details)}")
    if more:
        lines.append(f"-# and {more} more")
    if trouble := next((shown.trouble for shown in jobs if shown.trouble), ""):
        lines.append(f"-# {cut(trouble, SENTENCE)}")
    return _view(BLURPLE, *lines)


def state_line(shown: View) -> str:
    """The state in the card's words, with what is known of the queue."""
    job = shown.job
    if job.state is JobState.DONE:
        return f"✅ **Done**{f' in {number(round(job.took, 1))} s' if job.took is not None else ''}"
    if job.state is JobState.CANCELLED:
        by_another = bool(job.cancelled_by) and job.cancelled_by != job.origin.user_id  # 0: with its message
        return f"🚫 **Cancelled**{' by a moderator' if by_another else ''}"
    if job.state is JobState.UNKNOWN and job.ended_at is None:
        return "🔎 **Checking**"
    if job.state.is_end:
        return "❌ **Failed**"
    if job.state in (JobState.FETCHED, JobState.DELIVERING) or job.api_state in (
        ApiState.COMPLETED,
        ApiState.PROCESSING,
    ):
        return "🎨 **Processing**"
    place = ""
    if shown.position is not None:
        place = "next" if shown.position == 1 else f"{ordinal(shown.position)} in line"
    waits = "" if shown.trouble or job.note or shown.waits is None else roughly(shown.waits)
    return _joined(["🕒 **Queued**", ", ".join(each for each in (place, waits) if each)])


# One job --------------------------------------------------------------------------------------------------


def job_view(
    shown: View, pictures: Sequence[str], *, viewer: int, note: str = "", with_prompt: bool = True
) -> ui.LayoutView:
    """All that is known of a job, with its pictures (`attachment://…`) at full size.

    `note` says what was done to them for this message, or why there are none.
    """
    job = shown.job
    asked = job.request
    state = state_line(shown)
    about = [_joined([state, f"`{job.id}`", whose(job, viewer), _where(job, viewer)])]
    trouble = "" if job.state.is_end else shown.trouble
    about += [cut(each, SENTENCE) for each in (trouble or _ending(job),) if each]
    settings = [
        _settings(job),
        _times(job),
        f"-# {_cost(job.cost)}" if job.cost is not None else "",
        f"-# repeats `{job.retry_of}`" if job.retry_of else "",
        f"-# repeated as `{job.retried_as}`" if job.retried_as else "",
        *(f"-# {each}" for each in dict.fromkeys((job.change, note)) if each),
        f"-# {inert(job.engine, SENTENCE // 4)}" if job.engine else "",
    ]
    texts = ["\n".join(about), "\n".join(line for line in settings if line)]
    prompts = HIDDEN
    if may_read(job, viewer, with_prompt):
        room = TEXT - sum(map(len, texts))
        prompts = _block(asked.prompt, room)
        if asked.negative_prompt:
            without = "\n-# without:\n"
            negative = _block(asked.negative_prompt, room - len(prompts) - len(without))
            prompts += f"{without}{negative}" if negative else ""
    alt = NO_ALT if prompts is HIDDEN else _alt(job)
    gallery = _gallery((address, alt) for address in pictures)
    return _view(_COLOURS[state[0]], texts[0], prompts, gallery, texts[1])


def _block(text: str, room: int) -> str:
    """People's text in a code block, which is inert, is copied as it is, and grows by no escapes.

    Empty where `room` characters are too few.
    """
    body = cut(re.sub("`{3,}", lambda found: "ˋ" * len(found[0]), plain(text)), max(1, room - 8))
    return f"```\n{body}\n```" if room > 20 else ""


def _ending(job: Job) -> str:
    if job.state is JobState.CANCELLED:
        return DROPPED if job.submitted_at is not None else ""
    return job.failure or (job.note if job.state in (JobState.QUEUED, JobState.SUBMITTING) else "")


def _settings(job: Job) -> str:
    asked = job.request
    seeds = job.seeds if len(set(job.seeds)) > 1 else (asked.seed,)
    values = {
        "strength": number(asked.strength),
        "steps": str(asked.steps),
        "guidance": number(asked.guidance),
        "samples": str(asked.samples),
        "sampler": inert(asked.sampler, 30),
        "scheduler": inert(asked.scheduler, 30),
        "seed" if len(seeds) == 1 else "seeds": ", ".join(map(str, seeds)),
        "picture": inert(job.attachment.filename, 60),
    }
    return _joined([f"{name} **{value}**" for name, value in values.items() if value])


def _times(job: Job) -> str:
    """When what happened; the day only once."""
    later = {"sent to the image service": job.submitted_at, "over": job.ended_at}
    told = [f"{what} <t:{int(at)}:T>" for what, at in later.items() if at is not None]
    return f"-# {_joined([f'asked <t:{int(job.created_at)}:f>', *told])}"


def _cost(dollars: float) -> str:
    return f"cost ${f'{dollars:.6f}'.rstrip('0').rstrip('.')}"


# The finished jobs ----------------------------------------------------------------------------------------


def history_view(
    page: Sequence[Kept], number: int, pages: int, *, viewer: int, with_prompts: bool = True
) -> ui.LayoutView:
    """Page `number` (from 1) of `pages`: the previews in one gallery, below it what each of them is.

    Those with a picture are counted as they stand in the gallery.
    """
    shown = [kept for kept in page if kept.preview]
    texts = [f"**Your pictures** · page {number} of {pages}"]
    for kept in page:
        job = kept.job
        mark = f"{shown.index(kept) + 1}. " if kept in shown else ""
        readable = may_read(job, viewer, with_prompts)
        prompt = f"**{mark}{inert(job.request.prompt, PAGE_PROMPT)}**" if readable else f"{mark}{HIDDEN}"
        details = [f"<t:{int(job.created_at)}:f>", f"seed {(job.seeds or (job.request.seed,))[0]}"]
        lines = [prompt, f"-# {_joined([*details, f'`{job.id}`', _where(job, viewer)])}"]
        if kept.note:
            lines.append(f"-# {cut(kept.note, 150)}")
        texts.append("\n".join(lines))
    if number < pages:
        texts.append(f"-# `/jobs history page:{number + 1}` shows older ones.")
    gallery = _gallery(
        (
            f"attachment://{kept.preview.name}",
            _alt(kept.job) if may_read(kept.job, viewer, with_prompts) else NO_ALT,
        )
        for kept in page
        if kept.preview
    )
    return _view(GREEN, texts[0], gallery, *texts[1:])


# Parts ----------------------------------------------------------------------------------------------------


def choice_name(job: Job, viewer: int) -> str:
    """A job in an autocompletion, where no markdown is read: at most 100 characters (Discord)."""
    sign, state = state_line(View(job, expected=0.0)).replace("**", "").split(maxsplit=1)
    details = [state.split(" in ")[0], job.id, "" if job.origin.user_id == viewer else "of somebody else"]
    behind = f" ({_joined(details)})"
    prompt = plain(job.request.prompt) if may_read(job, viewer) else "prompt not shown"
    return f"{sign} {cut(prompt, 98 - len(behind))}{behind}"


def whose(job: Job, viewer: int) -> str:
    """Who asked for it, where that is somebody else than who looks."""
    return "" if job.origin.user_id == viewer else f"<@{job.origin.user_id}>"


def _where(job: Job, viewer: int) -> str:
    """The way to the message, where there is one that is still there for whoever looks."""
    origin = job.origin
    if job.shown is Shown.DIRECT:
        return "sent to you directly" if origin.user_id == viewer else "sent directly"
    if job.shown is Shown.KEPT:
        return "kept here alone"
    if origin.ephemeral or job.private_failure or origin.message_id is None:
        return ""
    place = f"{origin.guild_id or '@me'}/{origin.channel_id}/{origin.message_id}"
    return f"[open](https://discord.com/channels/{place})"


def may_read(job: Job, viewer: int, with_prompts: bool = True) -> bool:
    """Whether to show the prompt: what AutoMod keeps out of a channel is for its author alone."""
    return with_prompts and (not job.prompt_hidden or job.origin.user_id == viewer)


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def _alt(job: Job) -> str:
    return cut(plain(job.request.prompt), ALT)


def _gallery(pictures: Iterable[tuple[str, str]]) -> ui.MediaGallery[ui.LayoutView] | None:
    """Pictures by their addresses and descriptions. None without any: an empty gallery is refused."""
    items = [discord.MediaGalleryItem(address, description=alt) for address, alt in pictures]
    return ui.MediaGallery(*items) if items else None


def _view(colour: int, *parts: str | ui.MediaGallery[ui.LayoutView] | None) -> ui.LayoutView:
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    for part in parts:
        if part is not None:
            container.add_item(ui.TextDisplay(part) if isinstance(part, str) else part)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
