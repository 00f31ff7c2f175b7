"""What `/jobs` answers: the jobs under way, one job with all that is known of it, the finished ones.

Pure: jobs in, a view out. All of it is for the eyes of one person, `viewer`, in whose language `say` says it,
and fits into a message whatever the prompts are: TEXT characters and 40 components (Discord, components).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import discord
from discord import ui

from repaint.jobs.presenter import View
from repaint.models import ApiState, Job, JobState, Shown
from repaint.text import text
from repaint.ui.languages import IN_ENGLISH, Words
from repaint.ui.notices import AMBER, BLURPLE, DROPPED, GREEN, GREY, RED
from repaint.ui.words import cut, in_line, inert, number, plain, roughly

TEXT = 4000  # characters of a message's texts together
AT_MOST = 10  # jobs in a list
PER_PAGE = 4  # finished jobs on a page
LISTED_PROMPT = 60  # characters of a prompt in a list,
PAGE_PROMPT = 250  # and in the history
ALT = 200  # of a picture's description
SENTENCE = 400  # of a failure or a note
Part: TypeAlias = ui.MediaGallery[ui.LayoutView] | ui.ActionRow[ui.LayoutView]
HIDDEN = text("*The prompt is not shown here.*")
NO_ALT = text("A repainted picture")
# By the sign of a state.
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
    jobs: Sequence[View], more: int, *, viewer: int, with_prompts: bool = True, say: Words = IN_ENGLISH
) -> ui.LayoutView:
    """At most AT_MOST jobs, and how many more there are."""
    lines = []
    for shown in jobs:
        job = shown.job
        details = [state_line(shown, say), f"<t:{int(job.created_at)}:R>", f"`{job.id}`", whose(job, viewer)]
        details.append(_where(job, viewer, say))
        prompt = f"**{inert(job.said, LISTED_PROMPT)}**"
        lines.append(f"{prompt if may_read(job, viewer, with_prompts) else say(HIDDEN)}\n{_joined(details)}")
    if more:
        lines.append(say("-# and {n} more", n=more))
    if trouble := next((shown.trouble for shown in jobs if shown.trouble), ""):
        lines.append(f"-# {cut(say(trouble), SENTENCE)}")
    return _view(BLURPLE, *lines)


def state_line(shown: View, say: Words = IN_ENGLISH) -> str:
    """The state in the card's words, with what is known of the queue."""
    job, sign = shown.job, _sign(shown.job)
    if job.state is JobState.DONE:
        took = "" if job.took is None else say(" in {seconds} s", seconds=number(round(job.took, 1)))
        return f"{sign} **{say('Done')}**{took}"
    if job.state is JobState.CANCELLED:
        by_another = bool(job.cancelled_by) and job.cancelled_by != job.origin.user_id  # 0: with its message
        return say("🚫 **Cancelled** by a moderator") if by_another else say("🚫 **Cancelled**")
    if sign != "🕒":
        word = {"🔎": say("Checking"), "❌": say("Failed"), "🎨": say("Processing")}[sign]
        return f"{sign} **{word}**"
    place = in_line(say, shown.position) if shown.position is not None else ""
    waits = "" if shown.trouble or job.note or shown.waits is None else say(roughly(shown.waits))
    return _joined([f"{sign} **{say('Queued')}**", ", ".join(each for each in (place, waits) if each)])


def _sign(job: Job) -> str:
    """One of _COLOURS."""
    ends = {JobState.DONE: "✅", JobState.CANCELLED: "🚫"}
    if job.state in ends:
        return ends[job.state]
    if job.state.is_end:
        return "🔎" if job.state is JobState.UNKNOWN and job.ended_at is None else "❌"
    seen = job.api_state in (ApiState.COMPLETED, ApiState.PROCESSING)
    return "🎨" if seen or job.state in (JobState.FETCHED, JobState.DELIVERING) else "🕒"


# One job --------------------------------------------------------------------------------------------------


def job_view(
    shown: View,
    pictures: Sequence[str],
    *,
    viewer: int,
    note: str = "",
    with_prompt: bool = True,
    say: Words = IN_ENGLISH,
    rows: Sequence[ui.ActionRow[ui.LayoutView]] = (),
) -> ui.LayoutView:
    """All that is known of a job, with its pictures (`attachment://…`) at full size.

    `note` says what was done to them for this message, or why there are none. `rows` has the buttons.
    """
    job = shown.job
    asked = job.request
    about = [_joined([state_line(shown, say), f"`{job.id}`", whose(job, viewer), _where(job, viewer, say)])]
    trouble = "" if job.state.is_end else shown.trouble
    about += [cut(say(each), SENTENCE) for each in (trouble or _ending(job),) if each]
    settings = [
        _settings(job, say),
        _times(job, say),
        f"-# {_cost(job.cost, say)}" if job.cost is not None else "",
        say("-# repeats `{job}`", job=job.retry_of) if job.retry_of else "",
        say("-# repeated as `{job}`", job=job.retried_as) if job.retried_as else "",
        *(f"-# {say(each)}" for each in dict.fromkeys((job.change, note)) if each),
        f"-# {inert(job.engine, SENTENCE // 4)}" if job.engine else "",
    ]
    texts = ["\n".join(about), "\n".join(line for line in settings if line)]
    prompts = say(HIDDEN)
    readable = may_read(job, viewer, with_prompt)
    if readable:
        room = TEXT - sum(map(len, texts))
        prompts = _block(job.said, room)
        if job.said != asked.prompt:
            heading = f"\n-# {say('with its style:')}\n"
            whole = _block(asked.prompt, room - len(prompts) - len(heading))
            prompts += f"{heading}{whole}" if whole else ""
        if asked.negative_prompt:
            without = f"\n-# {say('without:')}\n"
            negative = _block(asked.negative_prompt, room - len(prompts) - len(without))
            prompts += f"{without}{negative}" if negative else ""
    alt = _alt(job) if readable else say(NO_ALT)
    gallery = _gallery((address, alt) for address in pictures)
    return _view(_COLOURS[_sign(job)], texts[0], prompts, gallery, texts[1], *rows)


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


def _settings(job: Job, say: Words) -> str:
    asked = job.request
    seeds = ", ".join(map(str, job.seeds)) if len(set(job.seeds)) > 1 else ""
    values = [
        say("style {name}", name=_bold(inert(job.style, 60))) if job.style else "",
        say("strength {strength}", strength=_bold(number(asked.strength))),
        say("steps {steps}", steps=_bold(str(asked.steps))),
        say("guidance {guidance}", guidance=_bold(number(asked.guidance))),
        say("samples {samples}", samples=_bold(str(asked.samples))),
        say("sampler {sampler}", sampler=_bold(inert(asked.sampler, 30))),
        say("scheduler {scheduler}", scheduler=_bold(inert(asked.scheduler, 30))),
        say("seeds {seeds}", seeds=_bold(seeds))
        if seeds
        else say("seed {seed}", seed=_bold(str(asked.seed))),
    ]
    if picture := inert(job.attachment.filename, 60):
        values.append(say("picture {name}", name=_bold(picture)))
    return _joined(values)


def _bold(value: str) -> str:
    return f"**{value}**"


def _times(job: Job, say: Words) -> str:
    """When what happened; the day only once."""
    told = [say("asked {moment}", moment=f"<t:{int(job.created_at)}:f>")]
    if job.submitted_at is not None:
        told.append(say("sent to the image service {moment}", moment=f"<t:{int(job.submitted_at)}:T>"))
    if job.ended_at is not None:
        told.append(say("over {moment}", moment=f"<t:{int(job.ended_at)}:T>"))
    return f"-# {_joined(told)}"


def _cost(dollars: float, say: Words) -> str:
    return say("cost ${dollars}", dollars=f"{dollars:.6f}".rstrip("0").rstrip("."))


# The finished jobs ----------------------------------------------------------------------------------------


def history_view(
    page: Sequence[Kept],
    number: int,
    pages: int,
    *,
    viewer: int,
    with_prompts: bool = True,
    say: Words = IN_ENGLISH,
    searched: str = "",
    row: ui.ActionRow[ui.LayoutView] | None = None,
) -> ui.LayoutView:
    """Page `number` (from 1) of `pages`: the previews in one gallery, below it what each of them is.

    Those with a picture are counted as they stand in the gallery. `searched`, inert, is what all their
    prompts have; `row` has the buttons that turn the pages.
    """
    shown = [kept for kept in page if kept.preview]
    texts = [say("**Your pictures** · page {number} of {pages}", number=number, pages=pages)]
    if searched:
        texts[0] += f" · “{searched}”"
    for kept in page:
        job = kept.job
        mark = f"{shown.index(kept) + 1}. " if kept in shown else ""
        readable = may_read(job, viewer, with_prompts)
        prompt = f"**{mark}{inert(job.said, PAGE_PROMPT)}**" if readable else f"{mark}{say(HIDDEN)}"
        seed = say("seed {seed}", seed=(job.seeds or (job.request.seed,))[0])
        details = [f"<t:{int(job.created_at)}:f>", seed, f"`{job.id}`", _where(job, viewer, say)]
        lines = [prompt, f"-# {_joined(details)}"]
        if kept.note:
            lines.append(f"-# {cut(say(kept.note), 150)}")
        texts.append("\n".join(lines))
    gallery = _gallery(
        (
            f"attachment://{kept.preview.name}",
            _alt(kept.job) if may_read(kept.job, viewer, with_prompts) else say(NO_ALT),
        )
        for kept in page
        if kept.preview
    )
    return _view(GREEN, texts[0], gallery, *texts[1:], row)


# Parts ----------------------------------------------------------------------------------------------------


def choice_name(job: Job, viewer: int, say: Words = IN_ENGLISH) -> str:
    """A job in an autocompletion, where no markdown is read: at most 100 characters (Discord)."""
    timeless = View(dataclasses.replace(job, took=None), expected=0.0)
    sign, state = state_line(timeless, say).replace("**", "").split(maxsplit=1)
    details = [state, job.id, "" if job.origin.user_id == viewer else say("of somebody else")]
    behind = f" ({_joined(details)})"
    prompt = plain(job.said) if may_read(job, viewer) else say("prompt not shown")
    return f"{sign} {cut(prompt, 98 - len(behind))}{behind}"


def whose(job: Job, viewer: int) -> str:
    """Who asked for it, where that is somebody else than who looks."""
    return "" if job.origin.user_id == viewer else f"<@{job.origin.user_id}>"


def _where(job: Job, viewer: int, say: Words) -> str:
    """The way to the message, where there is one that is still there for whoever looks."""
    origin = job.origin
    if job.shown is Shown.DIRECT:
        return say("sent to you directly") if origin.user_id == viewer else say("sent directly")
    if job.shown is Shown.KEPT:
        return say("kept here alone")
    if origin.ephemeral or job.private_failure or origin.message_id is None:
        return ""
    place = f"{origin.guild_id or '@me'}/{origin.channel_id}/{origin.message_id}"
    return f"[{say('open')}](https://discord.com/channels/{place})"


def may_read(job: Job, viewer: int, with_prompts: bool = True) -> bool:
    """Whether to show the prompt: what AutoMod keeps out of a channel is for its author alone."""
    return with_prompts and (not job.prompt_hidden or job.origin.user_id == viewer)


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def _alt(job: Job) -> str:
    return cut(plain(job.said), ALT)


def _gallery(pictures: Iterable[tuple[str, str]]) -> ui.MediaGallery[ui.LayoutView] | None:
    """Pictures by their addresses and descriptions. None without any: an empty gallery is refused."""
    items = [discord.MediaGalleryItem(address, description=alt) for address, alt in pictures]
    return ui.MediaGallery(*items) if items else None


def _view(colour: int, *parts: str | Part | None) -> ui.LayoutView:
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    for part in parts:
        if part is not None:
            container.add_item(ui.TextDisplay(part) if isinstance(part, str) else part)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
