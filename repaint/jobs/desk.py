"""What a card says besides the job itself: its position in the queue, and how long things take."""

from __future__ import annotations

from collections.abc import Callable

from repaint.jobs.presenter import View
from repaint.jobs.tools import Tools
from repaint.models import JobState


class Outlook:
    """Looks jobs up for whoever shows them. `busy` tells why nothing is submitted at
    the moment, `owns` whether a job is this process's."""

    def __init__(self, tools: Tools, busy: Callable[[], str], owns: Callable[[str], bool]) -> None:
        self._tools = tools
        self._busy = busy
        self._owns = owns

    async def view(self, job_id: str) -> View | None:
        """The job as it is; None if it is over, unknown or perhaps another process's. Raises DatabaseAway.

        An edit that is built on this must be sent at once: whoever takes the job over edits the same message.
        """
        if not self._owns(job_id) or not self._tools.store.lease.is_sure:
            return None
        view = await self._look(job_id)
        # Once more behind the reads: the process may have been stopped while it waited for them.
        return view if self._tools.store.lease.is_sure else None

    async def _look(self, job_id: str) -> View | None:
        job = await self._tools.store.get(job_id)
        if job is None or job.ended_at is not None:
            return None
        expected = self._tools.durations.expected(job.request.work)
        price = self._tools.prices.expected(job.request.work)
        if job.state is not JobState.QUEUED:
            return View(job, expected=expected, price=price)
        position = 0 if job.claimed else await self._tools.store.position(job)
        return View(
            job,
            expected=expected,
            position=position or None,
            waits=self._waits(position) if position else None,
            price=price,
            trouble=self._busy(),
        )

    def _waits(self, position: int) -> float:
        """Seconds until its turn, by whichever is slower: the API plan or the room at the API.

        With `at_once` jobs under way, one leaves every `duration / at_once` seconds on average; a plan's
        minute lets the first ones through at once.
        """
        claims = self._tools.limits.claims
        by_room = self._tools.durations.expected() / claims.at_once if claims.at_once else 0.0
        by_plan = 60 / claims.per_minute if claims.per_minute else 0.0
        return position * max(by_room, by_plan)
