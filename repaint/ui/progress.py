"""When a job's card is edited while it is under way: at a safe cadence, and the less the more there are.

About five webhook edits in two seconds are let through for one token, and interaction routes are outside the
global limit; discord.py waits inside the call that empties a bucket. So progress is shown seldom, only where
it changes what is seen, and never in the way of a delivery.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable

from discord import ui

from repaint.errors import DeliveryError, RepaintError
from repaint.jobs.presenter import Desk, View
from repaint.models import Job, JobState
from repaint.ui.agenda import Agenda, Budget, Ticket, fingerprint, same_card, same_stage
from repaint.ui.cards import parted_card, working_card
from repaint.ui.reply import Reply

log = logging.getLogger(__name__)

STATE_GAP = 0.5  # seconds between edits when the state has changed, which is a few times a job
PROGRESS_GAP = 4.0  # seconds between edits that only move the bar
PROGRESS_GAP_BY_BOT = 30.0  # the same by the bot's token, whose edits share a channel's small limit
BY_BOT_SHARE = 2.0  # seconds between two of those: about five in five seconds are let through
FAR = 8.0  # a job whose turn comes in this many gaps has its place in the queue shown once a gap,
FAR_GAP = 120.0  # seconds, at most
EDITS_AT_ONCE = 10
EDIT_LIMIT = 10.0  # seconds for an edit that shows progress
SETTLE = 2.0  # seconds that an end waits for an edit in hand
TICK = 0.05  # seconds that changes are gathered

UNSUBMITTED = (JobState.RECEIVED, JobState.QUEUED)


class Progress:
    """Shows unfinished jobs as they are when their edit is due.

    `reply_to` gives the reply of a job, `remember` is told what became known of it.
    """

    def __init__(self, reply_to: Callable[[Job], Reply], remember: Callable[[Job, Reply], None]) -> None:
        self._reply_to = reply_to
        self._remember = remember
        self._agenda = Agenda()
        self._budget = Budget()
        self._edits: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    async def run(self, desk: Desk) -> None:
        """Edit what is due as `desk` has it then, until cancelled."""
        self._desk = desk
        try:
            while True:
                pause = self._begin_due()
                self._changed.clear()
                try:
                    async with asyncio.timeout(pause):
                        await self._changed.wait()
                except TimeoutError:
                    continue
                await asyncio.sleep(TICK)
        finally:
            for edit in self._edits.values():
                edit.cancel()

    def show(self, job_id: str) -> None:
        """Show a job as it is then, soon: the longer nothing was shown of it, the sooner."""
        ticket = self._agenda.get(job_id) or Ticket(math.inf, job_id)
        due = ticket.edited + STATE_GAP
        if due < ticket.due or job_id in self._edits:
            self._agenda.put(ticket._replace(due=due))
        self._changed.set()

    def forget(self, job_id: str) -> None:
        """Show nothing more of a job by itself. An edit in hand is let be."""
        self._agenda.drop(job_id)

    async def settle(self, job_id: str) -> bool:
        """No progress from here on. An edit in hand gets a moment, lest it lands behind the end.

        True if it was broken off and may still do so.
        """
        self._agenda.drop(job_id)
        edit = self._edits.get(job_id)
        if edit is None:
            return False
        _, pending = await asyncio.wait({edit}, timeout=SETTLE)
        edit.cancel()
        return bool(pending)

    def _begin_due(self) -> float | None:
        """Begin the edits that are due; the seconds until the next one is, None if there is none."""
        while (ticket := self._agenda.first()) is not None and len(self._edits) < EDITS_AT_ONCE:
            now = time.monotonic()
            if ticket.due > now:
                return ticket.due - now
            if ticket.job_id in self._edits:
                self._agenda.take()  # whoever is at it sees that something came
                continue
            if (pause := self._budget.wait(now)) > 0:
                return pause
            self._budget.spend(now)
            self._agenda.take()
            self._edits[ticket.job_id] = asyncio.get_running_loop().create_task(self._look(ticket))
        return None

    async def _look(self, ticket: Ticket) -> None:
        """Look at a job, edit its card if that changes what is seen, and set when to look again."""
        after: Ticket | None = ticket._replace(due=time.monotonic() + PROGRESS_GAP)
        try:
            shown = await self._desk.view(ticket.job_id)
            after = None if shown is None or _is_at_its_end(shown.job) else await self._bring(ticket, shown)
        except RepaintError as error:
            log.warning("job %s: progress not shown: %s", ticket.job_id, error)
        except Exception:
            log.exception("job %s: progress not shown", ticket.job_id)
        finally:
            del self._edits[ticket.job_id]
            self._set(ticket, after)
            self._changed.set()

    def _set(self, ticket: Ticket, after: Ticket | None) -> None:
        current = self._agenda.get(ticket.job_id)
        if current is None:  # forgotten meanwhile
            return
        if current is not ticket:  # something came meanwhile
            after = (after or ticket)._replace(due=time.monotonic() + STATE_GAP)
        if after is None:
            self._agenda.drop(ticket.job_id)
        else:
            self._agenda.put(after)

    async def _bring(self, ticket: Ticket, shown: View) -> Ticket:
        """Make the card show the job, if it does not yet. Returns the ticket for the next look."""
        reply = self._reply_to(shown.job)
        if reply.known.gone or not reply.reachable:
            return ticket._replace(due=math.inf)
        parting = reply.parts_at is not None and time.time() >= reply.parts_at
        gap = self._gap(shown, by_bot=reply.by_bot)
        now = time.time()  # one moment, so that what is compared is what is sent

        def card(with_prompt: bool) -> ui.LayoutView:
            if parting:
                return parted_card(shown.job, with_prompt=with_prompt)
            return working_card(shown, now=now, with_prompt=with_prompt)

        job = shown.job
        stage = (parting, job.state, job.api_state, job.note, shown.trouble)
        components = card(not reply.known.hides_prompt).to_components()  # type: ignore[no-untyped-call]
        looks = fingerprint(stage, components)
        if same_stage(looks, ticket.shown) and time.monotonic() < ticket.edited + gap:
            return ticket._replace(due=ticket.edited + gap)
        if same_card(looks, ticket.shown):
            ticket = ticket._replace(shown=looks)
        elif await self._edit(job, reply, card):
            ticket = ticket._replace(edited=time.monotonic(), shown=looks)
        elif parting:  # this must be said while it can be
            return ticket._replace(due=time.monotonic() + PROGRESS_GAP)
        if parting:
            return ticket._replace(due=math.inf)
        due = time.monotonic() + gap
        if reply.parts_at is not None:
            due = min(due, time.monotonic() + reply.parts_at - time.time())
        return ticket._replace(due=due, by_bot=reply.by_bot)

    async def _edit(self, job: Job, reply: Reply, card: Callable[[bool], ui.LayoutView]) -> bool:
        """True if the reply shows the card now."""
        try:
            async with asyncio.timeout(EDIT_LIMIT):
                await reply.edit(card, tries=1)
        except (DeliveryError, TimeoutError) as error:
            reply.known.unclear = reply.known.unclear or isinstance(error, TimeoutError)
            log.warning("job %s: progress not shown: %s", job.id, error)
        else:
            return True
        finally:
            self._remember(job, reply)
        if reply.known.gone and job.state in UNSUBMITTED and not job.origin.ephemeral:
            try:
                await self._desk.withdrawn(job.id)
            except RepaintError:
                reply.known.gone = False  # to be found out once more
                raise
        return False

    def _gap(self, shown: View, *, by_bot: bool) -> float:
        """Seconds until the same job is looked at again, if nothing happens to it."""
        gap = PROGRESS_GAP
        if shown.job.state is JobState.QUEUED and shown.waits is not None:
            gap = min(max(gap, shown.waits / FAR), FAR_GAP)
        if by_bot:
            gap = max(gap, PROGRESS_GAP_BY_BOT, BY_BOT_SHARE * self._agenda.by_bot)
            gap *= 1 + int(shown.job.id, 16) % 100 / 200  # lest those that began together stay so
        return gap


def _is_at_its_end(job: Job) -> bool:
    """Whether what follows is told at once and for good, not shown as progress."""
    if job.ended_at is not None or job.state in (JobState.FETCHED, JobState.DELIVERING):
        return True
    return job.state.is_end and not (job.state is JobState.UNKNOWN and not job.failure)
