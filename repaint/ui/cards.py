"""The card: the one message of a job, in each of its states. Pure: a job in, a view out."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from repaint.jobs.durations import progress
from repaint.models import NEGATIVE_PROMPT, ApiState, Job, JobState, Picture
from repaint.ui.words import bar, cut, inert, number, plain

BLURPLE, AMBER, GREEN, RED, GREY = 0x5865F2, 0xF0B132, 0x23A55A, 0xDA373C, 0x80848E
PROMPT_SHOWN = 300  # characters of the prompt on the card
NEGATIVE_SHOWN = 150
ALT_TEXT = 1024  # characters of a gallery item's description (Discord)
SLOW = 3.0  # times the expected duration, from where something is unusual,
SLOW_AT_LEAST = 20.0  # seconds, however short the jobs are that were seen
ENGINE_SHOWN = 160


def working_card(job: Job, *, now: float, expected: float, with_prompt: bool = True) -> ui.LayoutView:
    """A job that is not finished, at the moment `now` (seconds since the epoch).

    `expected` is the usual duration in seconds of the work itself, without the API's queue.
    """
    if job.state is JobState.RUNNING and job.api_state is ApiState.PROCESSING:
        colour, status = AMBER, _processing(job, now, expected)
    elif job.state in (JobState.FETCHED, JobState.DELIVERING) or job.api_state is ApiState.COMPLETED:
        colour, status = AMBER, f"🎨 **Processing** {bar(0.99)} fetching the picture"
    else:
        colour, status = BLURPLE, _queued(job, now, expected)
    return _card(job, colour, status, with_prompt=with_prompt)


def done_card(job: Job, files: Sequence[tuple[str, Picture]], *, with_prompt: bool = True) -> ui.LayoutView:
    """A finished job with its pictures, each under the address (`attachment://…`) of its file."""
    took = f" in {number(round(job.took, 1))} s" if job.took is not None else ""
    alt = plain(job.request.prompt) if with_prompt else "The repainted picture"
    items = [
        discord.MediaGalleryItem(address, description=_numbered(alt, number, len(files)))
        for number, (address, _) in enumerate(files, start=1)
    ]
    return _card(job, GREEN, f"✅ **Done**{took}", with_prompt=with_prompt, gallery=ui.MediaGallery(*items))


def failed_card(job: Job, sentence: str, *, with_prompt: bool = True) -> ui.LayoutView:
    """A job that ended without a picture, and why."""
    return _card(job, RED, f"❌ **Failed**\n{sentence}", with_prompt=with_prompt)


def notice(sentence: str) -> ui.LayoutView:
    """A sentence for one person."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(sentence), accent_colour=GREY))
    return view


def _numbered(alt: str, number: int, count: int) -> str:
    behind = f" ({number} of {count})" if count > 1 else ""
    return cut(alt, ALT_TEXT - len(behind)) + behind


def _is_slow(since: float | None, now: float, expected: float) -> bool:
    return since is not None and now - since > max(SLOW * expected, SLOW_AT_LEAST)


def _queued(job: Job, now: float, expected: float) -> str:
    note = job.note
    if not note and job.api_state is not None and _is_slow(job.submitted_at, now, expected):
        note = "The image service is starting up; that can take some minutes."
    return f"🕒 **Queued**\n{note}" if note else "🕒 **Queued**"


def _processing(job: Job, now: float, expected: float) -> str:
    slow = "\nThis takes longer than usual." if _is_slow(job.processing_at, now, expected) else ""
    return f"🎨 **Processing** {bar(progress(now - (job.processing_at or now), expected))}{slow}"


def _card(
    job: Job,
    colour: int,
    status: str,
    *,
    with_prompt: bool,
    gallery: ui.MediaGallery[ui.LayoutView] | None = None,
) -> ui.LayoutView:
    prompt = inert(job.request.prompt, PROMPT_SHOWN) if with_prompt else "*The prompt is not shown here.*"
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    container.add_item(ui.TextDisplay(f"**{prompt}**" if with_prompt else prompt))
    if gallery is not None:
        container.add_item(gallery)
    container.add_item(ui.TextDisplay(status))
    container.add_item(ui.TextDisplay(_small_print(job, with_prompt=with_prompt)))
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
