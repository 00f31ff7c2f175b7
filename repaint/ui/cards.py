"""The card: the one message of a job, in each of its states. Pure: a job in, a view out."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from repaint.jobs.durations import progress
from repaint.jobs.presenter import View
from repaint.models import NEGATIVE_PROMPT, ApiState, Job, JobState, Picture
from repaint.ui.buttons import Button, CancelButton, RetryButton
from repaint.ui.notices import GREY
from repaint.ui.words import bar, cut, inert, number, ordinal, plain, roughly

BLURPLE, AMBER, GREEN, RED = 0x5865F2, 0xF0B132, 0x23A55A, 0xDA373C
PROMPT_SHOWN = 300  # characters of the prompt on the card
NEGATIVE_SHOWN = 150
ALT_TEXT = 1024  # characters of a gallery item's description (Discord)
SLOW = 3.0  # times the expected duration, from where something is unusual,
SLOW_AT_LEAST = 20.0  # seconds, however short the jobs are that were seen
ENGINE_SHOWN = 160
CHECKING = (
    "🔎 **Checking** — the image service gave no clear answer; I am looking whether it has the picture."
)
PARTED = (
    "⏳ This takes longer than Discord lets me change this reply. I will send you the picture in a direct "
    "message; `/jobs history` has it too."
)
DROPPED = "The image service cannot be stopped and may charge for it; its result is dropped."


def working_card(shown: View, *, now: float, with_prompt: bool = True) -> ui.LayoutView:
    """A job that is not finished, at the moment `now` (seconds since the epoch)."""
    job, expected = shown.job, shown.expected
    if job.state is JobState.UNKNOWN:
        colour, status = AMBER, CHECKING
    elif job.state in (JobState.FETCHED, JobState.DELIVERING) or job.api_state is ApiState.COMPLETED:
        colour, status = AMBER, f"🎨 **Processing** {bar(0.99)} fetching the picture"
    elif job.state is JobState.RUNNING and job.api_state is ApiState.PROCESSING:
        colour, status = AMBER, _processing(job, now, expected)
    else:
        colour, status = BLURPLE, _queued(shown, now)
    return _card(job, colour, status, with_prompt=with_prompt, button=CancelButton(job.id))


def done_card(
    job: Job, files: Sequence[tuple[str, Picture]], *, with_prompt: bool = True, where: str = ""
) -> ui.LayoutView:
    """A finished job with its pictures, each under the address (`attachment://…`) of its file.

    `where` says where it was asked for, if the card is shown elsewhere.
    """
    took = f" in {number(round(job.took, 1))} s" if job.took is not None else ""
    alt = plain(job.request.prompt) if with_prompt else "The repainted picture"
    items = [
        discord.MediaGalleryItem(address, description=_numbered(alt, number, len(files)))
        for number, (address, _) in enumerate(files, start=1)
    ]
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(*items)
    status = _lines(f"✅ **Done**{took}", where)
    return _card(job, GREEN, status, with_prompt=with_prompt, gallery=gallery)


def failed_card(job: Job, sentence: str, *, with_prompt: bool = True, where: str = "") -> ui.LayoutView:
    """A job that ended without a picture, why, and the way to ask for it once more."""
    button = None
    if job.retried_as is None and not job.private_failure:
        button = RetryButton(job.id, twice=job.state is JobState.UNKNOWN)
    status = _lines("❌ **Failed**", sentence, where)
    return _card(job, RED, status, with_prompt=with_prompt, button=button)


def cancelled_card(job: Job, *, with_prompt: bool = True) -> ui.LayoutView:
    """A job that was cancelled: by the asker, a moderator, or (0) with its deleted message."""
    by_another = bool(job.cancelled_by) and job.cancelled_by != job.origin.user_id
    status = f"🚫 **Cancelled**{' by a moderator' if by_another else ''}"
    dropped = DROPPED if job.submitted_at is not None else ""
    return _card(job, GREY, _lines(status, dropped), with_prompt=with_prompt)


def parted_card(job: Job, *, with_prompt: bool = True) -> ui.LayoutView:
    """An unfinished job whose reply cannot be edited any longer."""
    return _card(job, GREY, PARTED, with_prompt=with_prompt)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _numbered(alt: str, number: int, count: int) -> str:
    behind = f" ({number} of {count})" if count > 1 else ""
    return cut(alt, ALT_TEXT - len(behind)) + behind


def _is_slow(since: float | None, now: float, expected: float) -> bool:
    return since is not None and now - since > max(SLOW * expected, SLOW_AT_LEAST)


def _queued(shown: View, now: float) -> str:
    job = shown.job
    turn = ""
    if shown.position is not None:
        turn = "next" if shown.position == 1 else f"{ordinal(shown.position)} in line"
    # What is so now goes before what an earlier try met, which is over once the service has the job.
    note = shown.trouble or (job.note if job.api_state is None else "")
    waits = "" if note or shown.waits is None else roughly(shown.waits)  # trouble ends nobody knows when
    known = [each for each in (turn, waits) if each]
    if not note and job.api_state is not None and _is_slow(job.submitted_at, now, shown.expected):
        note = "The image service is starting up; that can take some minutes."
    return _lines(" · ".join(["🕒 **Queued**", *([", ".join(known)] if known else [])]), note)


def _processing(job: Job, now: float, expected: float) -> str:
    slow = "This takes longer than usual." if _is_slow(job.processing_at, now, expected) else ""
    return _lines(f"🎨 **Processing** {bar(progress(now - (job.processing_at or now), expected))}", slow)


def _card(
    job: Job,
    colour: int,
    status: str,
    *,
    with_prompt: bool,
    gallery: ui.MediaGallery[ui.LayoutView] | None = None,
    button: Button | None = None,
) -> ui.LayoutView:
    """A view of its own for each edit: one that is stored and changed would unregister the buttons."""
    prompt = inert(job.request.prompt, PROMPT_SHOWN) if with_prompt else "*The prompt is not shown here.*"
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    container.add_item(ui.TextDisplay(f"**{prompt}**" if with_prompt else prompt))
    if gallery is not None:
        container.add_item(gallery)
    container.add_item(ui.TextDisplay(status))
    container.add_item(ui.TextDisplay(_small_print(job, with_prompt=with_prompt)))
    if button is not None:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(button)
        container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def _small_print(job: Job, *, with_prompt: bool) -> str:
    asked = job.request
    settings = [
        f"strength {number(asked.strength)}",
        f"{asked.steps} {'step' if asked.steps == 1 else 'steps'}",
        f"guidance {number(asked.guidance)}",
        inert(f"{asked.sampler} / {asked.scheduler}", 60),
        _seeds(job),
    ]
    if asked.samples > 1:
        settings.append(f"{asked.samples} samples")
    lines = [f"-# {' · '.join(settings)}"]
    if with_prompt and asked.negative_prompt and asked.negative_prompt != NEGATIVE_PROMPT:
        lines.append(f"-# without: {inert(asked.negative_prompt, NEGATIVE_SHOWN)}")
    if job.change:
        lines.append(f"-# {job.change}")
    if job.engine:
        lines.append(f"-# {inert(job.engine, ENGINE_SHOWN)}")
    return "\n".join(lines)


def _seeds(job: Job) -> str:
    """The seed, or those of the samples where each has its own."""
    if len(set(job.seeds)) < 2:
        return f"seed {job.request.seed}"
    return f"seeds {', '.join(map(str, job.seeds))}"
