"""The card: the one message of a job, in each of its states. Pure: a job in, a view out.

A card speaks the language that was settled when the job was accepted (`Job.language`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from repaint.jobs.durations import progress
from repaint.jobs.presenter import View
from repaint.models import NEGATIVE_PROMPT, ApiState, Job, JobState, Picture
from repaint.text import text
from repaint.ui.buttons import CancelButton
from repaint.ui.credits import credited
from repaint.ui.languages import Words, words
from repaint.ui.notices import AMBER, BLURPLE, DROPPED, GREEN, GREY, RED
from repaint.ui.rows import Rows, of_cancelled, of_done, of_failed, rows
from repaint.ui.words import bar, cut, in_line, inert, number, plain, roughly

PROMPT_SHOWN = 300  # characters of the prompt on the card
NEGATIVE_SHOWN = 150
ALT_TEXT = 1024  # characters of a gallery item's description (Discord)
SLOW = 3.0  # times the expected duration, from where something is unusual,
SLOW_AT_LEAST = 20.0  # seconds, however short the jobs are that were seen
ENGINE_SHOWN = 160
CHECKING = text(
    "🔎 **Checking** — the image service gave no clear answer; I am looking whether it has the picture."
)
PARTED = text(
    "⏳ This takes longer than Discord lets me change this reply. I will send you the picture in a direct "
    "message; `/jobs history` has it too."
)


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """What a card is put together of."""

    colour: int
    status: str
    gallery: ui.MediaGallery[ui.LayoutView] | None = None
    rows: Rows = ()


def working_card(shown: View, *, now: float, with_prompt: bool = True) -> ui.LayoutView:
    """A job that is not finished, at the moment `now` (seconds since the epoch)."""
    job = shown.job
    say = words(job.language)
    if job.state is JobState.UNKNOWN:
        colour, status = AMBER, say(CHECKING)
    elif job.state in (JobState.FETCHED, JobState.DELIVERING) or job.api_state is ApiState.COMPLETED:
        colour, status = AMBER, f"🎨 **{say('Processing')}** {bar(0.99)} {say('fetching the picture')}"
    elif job.state is JobState.RUNNING and job.api_state is ApiState.PROCESSING:
        colour, status = AMBER, _processing(say, shown, now)
    else:
        colour, status = BLURPLE, _queued(say, shown, now)
    return _card(job, Parts(colour, status, rows=((CancelButton(job.id, say),),)), with_prompt=with_prompt)


def done_card(
    job: Job,
    files: Sequence[tuple[str, Picture]],
    *,
    with_prompt: bool = True,
    where: str = "",
    shareable: bool = False,
) -> ui.LayoutView:
    """A finished job with its pictures, each under the address (`attachment://…`) of its file.

    `where` says where it was asked for, if the card is shown elsewhere.
    `shareable`: its server has a gallery at this moment.
    """
    say = words(job.language)
    took = "" if job.took is None else say(" in {seconds} s", seconds=number(round(job.took, 1)))
    alt = plain(job.said) if with_prompt else say("The repainted picture")
    items = [
        discord.MediaGalleryItem(address, description=_numbered(say, alt, n, len(files)), spoiler=job.spoiler)
        for n, (address, _) in enumerate(files, start=1)
    ]
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(*items)
    status = _lines(f"✅ **{say('Done')}**{took}", where)
    return _card(
        job, Parts(GREEN, status, gallery, of_done(job, say, shareable=shareable)), with_prompt=with_prompt
    )


def failed_card(job: Job, sentence: str, *, with_prompt: bool = True, where: str = "") -> ui.LayoutView:
    """A job that ended without a picture, why, and the way to ask for it once more."""
    say = words(job.language)
    status = _lines(f"❌ **{say('Failed')}**", say(sentence), where)
    return _card(job, Parts(RED, status, rows=of_failed(job, say)), with_prompt=with_prompt)


def cancelled_card(job: Job, *, with_prompt: bool = True) -> ui.LayoutView:
    """A job that was cancelled: by the asker, a moderator, or (0) with its deleted message."""
    say = words(job.language)
    by_another = bool(job.cancelled_by) and job.cancelled_by != job.origin.user_id
    status = say("🚫 **Cancelled** by a moderator") if by_another else say("🚫 **Cancelled**")
    dropped = say(DROPPED) if job.submitted_at is not None else ""
    return _card(
        job, Parts(GREY, _lines(status, dropped), rows=of_cancelled(job, say)), with_prompt=with_prompt
    )


def parted_card(job: Job, *, with_prompt: bool = True) -> ui.LayoutView:
    """An unfinished job whose reply cannot be edited any longer."""
    return _card(job, Parts(GREY, words(job.language)(PARTED)), with_prompt=with_prompt)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _numbered(say: Words, alt: str, n: int, count: int) -> str:
    behind = say(" ({n} of {count})", n=n, count=count) if count > 1 else ""
    return cut(alt, ALT_TEXT - len(behind)) + behind


def _is_slow(since: float | None, now: float, expected: float) -> bool:
    return since is not None and now - since > max(SLOW * expected, SLOW_AT_LEAST)


def _queued(say: Words, shown: View, now: float) -> str:
    job = shown.job
    turn = ""
    if shown.position is not None:
        turn = in_line(say, shown.position)
    # What is so now goes before what an earlier try met, which is over once the service has the job.
    note = shown.trouble or (job.note if job.api_state is None else "")
    waits = "" if note or shown.waits is None else say(roughly(shown.waits))  # trouble ends nobody knows when
    known = [each for each in (turn, waits) if each]
    if not note and job.api_state is not None and _is_slow(job.submitted_at, now, shown.expected):
        note = text("The image service is starting up; that can take some minutes.")
    status = " · ".join([f"🕒 **{say('Queued')}**", *([", ".join(known)] if known else [])])
    return _lines(status, say(note), _price(say, shown))


def _processing(say: Words, shown: View, now: float) -> str:
    job, expected = shown.job, shown.expected
    slow = say("This takes longer than usual.") if _is_slow(job.processing_at, now, expected) else ""
    part = progress(now - (job.processing_at or now), expected)
    return _lines(f"🎨 **{say('Processing')}** {bar(part)}", slow, _price(say, shown))


def _price(say: Words, shown: View) -> str:
    """What several pictures will cost, for as long as they are waited for."""
    n = shown.job.request.samples
    if n < 2 or shown.price is None:
        return ""
    return say("-# {n} pictures, together about ${price}", n=n, price=f"{shown.price:.3f}")


def _card(job: Job, parts: Parts, *, with_prompt: bool) -> ui.LayoutView:
    """A view of its own for each edit: one that is stored and changed would unregister the buttons."""
    say = words(job.language)
    container: ui.Container[Any] = ui.Container(accent_colour=parts.colour)
    shown = f"**{inert(job.said, PROMPT_SHOWN)}**" if with_prompt else say("*The prompt is not shown here.*")
    container.add_item(ui.TextDisplay(shown))
    if parts.gallery is not None:
        container.add_item(parts.gallery)
    container.add_item(ui.TextDisplay(parts.status))
    container.add_item(ui.TextDisplay(_small_print(say, job, with_prompt=with_prompt)))
    for row in rows(parts.rows):
        container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def _small_print(say: Words, job: Job, *, with_prompt: bool) -> str:
    asked = job.request
    settings = [
        say("style {name}", name=inert(job.style, 60)) if job.style else "",
        say("strength {strength}", strength=number(asked.strength)),
        say.plural("{n} step", "{n} steps", asked.steps),
        say("guidance {guidance}", guidance=number(asked.guidance)),
        inert(f"{asked.sampler} / {asked.scheduler}", 60),
        _seeds(say, job),
        say("{n} pictures", n=asked.samples) if asked.samples > 1 else "",
    ]
    lines = [f"-# {' · '.join(each for each in settings if each)}"]
    if with_prompt and not job.style and asked.negative_prompt and asked.negative_prompt != NEGATIVE_PROMPT:
        negative = inert(asked.negative_prompt, NEGATIVE_SHOWN)
        lines.append(f"-# {say('without: {prompt}', prompt=negative)}")
    if job.parent:  # a reply to a button does not show who pressed it
        lines.append(f"-# {say('asked for by {asker}', asker=f'<@{job.origin.user_id}>')}")
    if job.credit:
        lines.append(f"-# {credited(say, job.credit)}")
    if job.change:
        lines.append(f"-# {say(job.change)}")
    if job.engine:
        lines.append(f"-# {inert(job.engine, ENGINE_SHOWN)}")
    return "\n".join(lines)


def _seeds(say: Words, job: Job) -> str:
    """The seed, or those of the samples where each has its own."""
    if len(set(job.seeds)) < 2:
        return say("seed {seed}", seed=job.request.seed)
    return say("seeds {seeds}", seeds=", ".join(map(str, job.seeds)))
