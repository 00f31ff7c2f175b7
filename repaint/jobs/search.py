"""UNKNOWN: the search for a submit whose answer was lost, from a job's point of view; see `reconciler`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from repaint.errors import StorageError
from repaint.jobs.lost import Lost, digest
from repaint.jobs.reconciler import Reconciler
from repaint.jobs.tools import Tools
from repaint.models import ApiState, Job, JobState
from repaint.segmind.transfer import inline_image

log = logging.getLogger(__name__)


class Search:
    """Looks for jobs in the request history.

    `again` is called with the id of one that is to be brought on from where the store has it, `given_up` with
    that of one that the history does not know.
    """

    def __init__(
        self, tools: Tools, *, again: Callable[[str], None], given_up: Callable[[str], None]
    ) -> None:
        self._store = tools.store
        self._presenter = tools.presenter
        self._again = again
        self._tell_given_up = given_up
        self._reconciler = Reconciler(
            tools.client,
            held=tools.store.held_request_ids,
            found=self._found,
            given_up=self._given_up,
            window=tools.limits.reconcile_seconds,
        )

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._reconciler

    async def run(self) -> None:
        """Look until cancelled."""
        await self._reconciler.run()

    async def begin(self, job: Job) -> None:
        """Look for a job in UNKNOWN, and say so on its card."""
        self._reconciler.look_for(await _lost(job))
        self._presenter.show(job.id)

    def forget(self, job_id: str) -> None:
        """Stop looking for a job."""
        self._reconciler.forget(job_id)

    async def _found(self, job_id: str, request_id: str) -> None:
        """The history told a lost job's request id. Raises DatabaseAway: then it is told again."""
        job = await self._store.get(job_id)
        if job is None:
            return
        sent_at = job.submitted_at or job.created_at
        await self._store.record_request(job_id, request_id, ApiState.QUEUED, sent_at)
        log.info("job %s is request %s after all", job_id, request_id)
        self._again(job_id)

    async def _given_up(self, job_id: str) -> None:
        """Raises DatabaseAway: then it is told again."""
        job = await self._store.get(job_id)
        if job is not None and job.state is JobState.UNKNOWN:
            self._tell_given_up(job_id)
        else:  # its request id came by another way
            self._again(job_id)


async def _lost(job: Job) -> Lost:
    """What a lost submit is known by."""
    image_digest = None
    if job.as_base64 and job.input is not None:
        try:
            image_digest = digest(await inline_image(job.input.path))
        except StorageError as error:  # then by all else that was asked for
            log.warning("job %s: its input is gone: %s", job.id, error)
    return Lost(
        job_id=job.id,
        input_url=job.input_url,
        image_digest=image_digest,
        request=job.request,
        submitted_at=job.submitted_at or job.created_at,
        unknown_at=job.unknown_at or time.time(),
    )
