"""The ends without a picture: failed, cancelled, unknown. Each is told, and only then is the job over."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from repaint.errors import DeliveryError, DeliveryPutOff, RepaintError, SubmitUnknown
from repaint.jobs.repeat import PutOff
from repaint.jobs.tools import Tools
from repaint.models import Job, JobState

log = logging.getLogger(__name__)

# UNKNOWN too: it was looked for and not found.
NOT_ENDED = (*(state for state in JobState if not state.is_end), JobState.UNKNOWN)
TOLD_AT_ONCE = 20


class Ending:
    """Commits an end, shows it, and commits that it was shown: a crash in between shows it again."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._turns = asyncio.Semaphore(TOLD_AT_ONCE)  # thousands may end together

    async def fail(
        self, job_id: str, error: RepaintError, from_states: Collection[JobState] = NOT_ENDED
    ) -> Job | None:
        """The job when it is over; None if it is another's, or in none of these states any more."""
        state = JobState.UNKNOWN if isinstance(error, SubmitUnknown) else JobState.FAILED
        job = await self._tools.store.advance(
            job_id,
            *from_states,
            state=state,
            failure=error.sentence,
            private_failure=error.private,
        )
        if job is None:
            return None
        log.warning("job %s %s: %s: %s", job_id, state, type(error).__name__, error)
        return await self.tell(job)

    async def tell(self, job: Job) -> Job | None:
        """Show the end of a job in FAILED, CANCELLED or UNKNOWN; None if somebody else has done so."""
        put_off = PutOff()
        while True:
            try:
                async with self._turns:
                    await self._show(job)
                break
            except DeliveryPutOff as error:
                if not await put_off.wait(f"job {job.id}: its end", error):
                    break
        return await self._tools.store.advance(job.id, job.state, ended_at=time.time())

    async def _show(self, job: Job) -> None:
        """Raises DeliveryPutOff. Where nobody can be told, `/jobs` still has the sentence."""
        presenter = self._tools.presenter
        try:
            if job.private_failure and job.state is JobState.FAILED:
                await presenter.refuse(job, job.failure)
            elif job.state is JobState.CANCELLED:
                await presenter.cancelled(job)
            else:
                await presenter.fail(job, job.failure)
            return
        except DeliveryPutOff:
            raise
        except DeliveryError as error:
            log.warning("job %s: its end is not shown there: %s", job.id, error)
        if job.state is JobState.CANCELLED:  # whoever cancelled it knows
            return
        try:
            await presenter.tell_directly(job, job.failure)
        except DeliveryPutOff:
            raise
        except DeliveryError as error:
            log.error("job %s: nobody could be told how it ended: %s", job.id, error)
