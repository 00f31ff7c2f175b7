"""When a job's card is edited: at a safe cadence while it is under way, at once when it ends.

About five webhook edits in two seconds are let through for one token, and interaction routes are outside the
global limit; discord.py waits inside the call that empties a bucket. So progress is shown seldom, only where
it changes what is seen, and never in the way of a delivery.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
from discord import ui

from repaint.errors import DeliveryError, PromptBlocked, RepaintError
from repaint.jobs.durations import Durations
from repaint.models import Job
from repaint.ui.cards import done_card, failed_card, working_card
from repaint.ui.reply import Build, Reply

log = logging.getLogger(__name__)

STATE_GAP = 0.5  # seconds between edits when the state has changed, which is a few times a job
PROGRESS_GAP = 4.0  # seconds between edits that only move the bar
PROGRESS_GAP_BY_BOT = 30.0  # the same by the bot's token, whose edits share a channel's small limit
EDITS_AT_ONCE = 10
EDIT_LIMIT = 10.0  # seconds for an edit that shows progress
SETTLE = 2.0  # seconds that an end waits for an edit in hand
REPEAT_AFTER = 3.0  # seconds after which a delivery is repeated that an older edit may have overtaken
TICK = 0.05  # seconds that changes are gathered


@dataclass(eq=False, slots=True)
class _Live:
    """One job that is shown."""

    reply: Reply
    job: Job
    due: float = 0.0
    edited: float = -math.inf
    shown: list[Any] = field(default_factory=list)
    edit: asyncio.Task[None] | None = None
    unclear: bool = False  # an edit was broken off and may still take effect
    ended: bool = False


class CardPresenter:
    """Shows jobs as cards in Discord: the `Presenter` of `repaint.jobs`."""

    def __init__(self, bot: discord.Client, durations: Durations) -> None:
        self._bot = bot
        self._durations = durations
        self._live: dict[str, _Live] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Edit what is due until cancelled."""
        while True:
            pause = self._edit_due()
            self._changed.clear()
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(TICK)

    def show(self, job: Job) -> None:
        """Show a job as it is now, soon."""
        live = self._of(job)
        if job != live.job:  # most polls see nothing new: then the bar moves when it is due
            live.job = job
            live.due = live.edited + STATE_GAP
        self._changed.set()

    async def deliver(self, job: Job) -> None:
        """Show the pictures. Raises DeliveryTooLarge, PromptBlocked, DeliveryError."""
        live = self._of(job)
        await self._settle(live)
        if not live.reply.shows_prompt and not job.prompt_hidden:  # AutoMod met it on an earlier card
            raise PromptBlocked("met before")
        files = [
            (picture.path, f"repaint-{job.id}-{number}{picture.path.suffix}")
            for number, picture in enumerate(job.outputs, start=1)
        ]
        shown = [
            (f"attachment://{name}", picture) for (_, name), picture in zip(files, job.outputs, strict=True)
        ]

        def card(with_prompt: bool) -> ui.LayoutView:
            return done_card(job, shown, with_prompt=with_prompt)

        await self._finally(live, card, files)
        self._live.pop(job.id, None)

    async def fail(self, job: Job, error: RepaintError) -> None:
        """Say on the card why there will be no picture."""
        live = self._of(job)
        await self._settle(live)

        def card(with_prompt: bool) -> ui.LayoutView:
            return failed_card(job, error.sentence, with_prompt=with_prompt)

        try:
            await self._finally(live, card)
        except DeliveryError as problem:
            log.error("job %s: nobody could be told that it failed: %s", job.id, problem)
        finally:
            self._live.pop(job.id, None)

    async def refuse(self, job: Job, error: RepaintError) -> None:
        """Tell the asker alone; if that cannot be done, the card says it."""
        live = self._of(job)
        await self._settle(live)
        try:
            await live.reply.replace_privately(error.sentence)
        except DeliveryError as problem:
            log.warning("job %s: not told privately, so on the card: %s", job.id, problem)
            live.reply.shows_prompt = False
            await self.fail(job, error)
        finally:
            self._live.pop(job.id, None)

    def _of(self, job: Job) -> _Live:
        live = self._live.get(job.id)
        if live is None:
            live = self._live[job.id] = _Live(Reply(self._bot, job.origin), job)
        return live

    def _edit_due(self) -> float | None:
        """Begin the edits that are due; the seconds until the next one is, None if there is none."""
        now = time.monotonic()
        room = EDITS_AT_ONCE - sum(live.edit is not None for live in self._live.values())
        next_due = math.inf
        for live in self._live.values():
            if live.ended or live.edit is not None:
                continue
            if live.due > now:
                next_due = min(next_due, live.due)
            elif room > 0:
                room -= 1
                live.edit = asyncio.get_running_loop().create_task(self._show_progress(live))
        return None if next_due == math.inf else next_due - now

    async def _show_progress(self, live: _Live) -> None:
        job = live.job
        try:

            def card(with_prompt: bool) -> ui.LayoutView:
                return working_card(
                    job,
                    now=time.time(),
                    expected=self._durations.expected(job.request.work),
                    with_prompt=with_prompt,
                )

            components = card(live.reply.shows_prompt).to_components()  # type: ignore[no-untyped-call]
            if components != live.shown:
                async with asyncio.timeout(EDIT_LIMIT):
                    await live.reply.edit(card, tries=1)
                live.shown = components
                live.edited = time.monotonic()
        except (DeliveryError, TimeoutError) as error:
            live.unclear = live.unclear or isinstance(error, TimeoutError)
            log.warning("job %s: progress not shown: %s", job.id, error)
        except Exception:
            log.exception("job %s: progress not shown", job.id)
        finally:
            live.edit = None
            gap = PROGRESS_GAP_BY_BOT if live.reply.by_bot else PROGRESS_GAP
            live.due = time.monotonic() + (gap if live.job is job else STATE_GAP)
            self._changed.set()

    async def _settle(self, live: _Live) -> None:
        """No progress from here on. An edit in hand gets a moment, lest it lands behind the end."""
        live.ended = True
        if live.edit is None:
            return
        _, pending = await asyncio.wait({live.edit}, timeout=SETTLE)
        for task in pending:
            task.cancel()
            live.unclear = True

    async def _finally(self, live: _Live, card: Build, files: Sequence[tuple[Path, str]] = ()) -> None:
        """The last edit. Where an older one may still land behind it, it is made once more."""
        await live.reply.edit(card, files)
        if not live.unclear:
            return
        await asyncio.sleep(REPEAT_AFTER)
        try:
            await live.reply.edit(card, files)
        except DeliveryError as error:
            log.warning("job %s: its end is shown, the repetition failed: %s", live.job.id, error)
