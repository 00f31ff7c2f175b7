"""FETCHED → DONE: the pictures are fitted to Discord's limits and shown, somewhere, once."""

from __future__ import annotations

import logging
import time

from repaint.errors import DatabaseAway, DeliveryError, DeliveryPutOff, DeliveryTooLarge, PromptBlocked
from repaint.jobs.repeat import PutOff
from repaint.jobs.tools import DIRECT_BYTES, Tools
from repaint.models import Job, JobState, Shown

log = logging.getLogger(__name__)

NEARLY_DONE = (JobState.FETCHED, JobState.DELIVERING)
SIZES = 6  # how often the pictures are made smaller


class Deliverer:
    """Shows results in the reply; where that is over, in a direct message; else they are kept for `/jobs`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def deliver(self, job: Job) -> Job | None:
        """The job when it is DONE; None if it is another's by now. Raises OutputUnavailable, StorageError.

        Every attempt begins with a compare-and-set: a process that was stopped meanwhile uploads nothing.
        """
        store, presenter = self._tools.store, self._tools.presenter
        direct = job.shown is Shown.DIRECT  # so it was tried before a restart
        limit = min(
            DIRECT_BYTES if direct else job.origin.filesize_limit,
            self._tools.limits.message_bytes // len(job.results),
        )
        sizes, put_off = 0, PutOff()
        shown = Shown.KEPT
        while sizes < SIZES:
            outputs, change = await self._tools.studio.finish(job, limit)
            ready = await store.advance(
                job.id,
                *NEARLY_DONE,
                state=JobState.DELIVERING,
                outputs=outputs,
                change=change,
                shown=Shown.DIRECT if direct else Shown.NOWHERE,
            )
            if ready is None:
                return None
            again, job = job.state is JobState.DELIVERING, ready
            try:
                if direct:
                    await presenter.deliver_directly(job, again=again)
                    shown = Shown.DIRECT
                else:
                    await presenter.deliver(job)
                    shown = Shown.REPLY
                break
            except PromptBlocked:  # neither on the card nor in the file: once more without it
                if job.prompt_hidden:
                    log.error("job %s: AutoMod lets nothing of it through", job.id)
                    break
                job = await store.advance(job.id, JobState.DELIVERING, prompt_hidden=True) or job
                log.warning("job %s: AutoMod does not let the prompt through", job.id)
            except DeliveryTooLarge as error:
                sizes += 1
                limit = min(limit, max(picture.size for picture in outputs)) // 2
                log.warning("job %s: too large for Discord, now at most %d bytes: %s", job.id, limit, error)
            except Exception as error:
                if isinstance(error, DeliveryPutOff) and await put_off.wait(f"job {job.id}: delivery", error):
                    continue
                if isinstance(error, DatabaseAway):
                    raise
                known = isinstance(error, DeliveryError)
                log.log(
                    logging.WARNING if known else logging.ERROR,
                    "job %s: not shown %s: %s",
                    job.id,
                    "directly" if direct else "there",
                    error,
                    exc_info=not known,
                )
                if direct:
                    break
                direct, limit, put_off = True, min(limit, DIRECT_BYTES), PutOff()
        done = await store.advance(
            job.id, JobState.DELIVERING, state=JobState.DONE, shown=shown, ended_at=time.time()
        )
        if done:
            log.info("job %s done (%s) in %.1f s", job.id, shown, time.time() - job.created_at)
        return done
