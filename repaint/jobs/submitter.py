"""Brings queued jobs to the API: in order, while there is room, and never twice."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from random import random

from repaint.errors import RateLimited, ServiceError
from repaint.jobs.book import Book
from repaint.jobs.repeat import repeat
from repaint.models import Job, JobState, Picture, Submitted
from repaint.segmind.client import SegmindClient
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide
from repaint.segmind.transfer import inline_image

log = logging.getLogger(__name__)

UPLOADS_AT_ONCE = 4  # bounds the memory, not the speed
BUSY_NOTE = "The image service is busy; the picture keeps its place."
AWAY_NOTE = "The image service cannot be reached; I try again by myself."


class Submitter:
    """Takes QUEUED jobs out of the book, the oldest first, and hands each to `begin` when there is room.

    `at_once` jobs are between that and the fetched result; 0 = no limit. Whoever got the job calls `submit`,
    and `leave` when the API is done with it.
    """

    def __init__(
        self,
        *,
        book: Book,
        client: SegmindClient,
        begin: Callable[[Job], None],
        show: Callable[[Job], None],
        at_once: int,
    ) -> None:
        self._book = book
        self._client = client
        self._begin = begin
        self._show = show
        self._at_once = at_once
        self._room = asyncio.Event()  # something may be submitted: a job came, or one left
        self._taken: set[str] = set()
        self._held_until = 0.0  # no submit before this moment (time.monotonic)
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    def wake(self) -> None:
        """A job is in the queue."""
        self._room.set()

    def leave(self, job_id: str) -> None:
        """A job no longer takes up room at the API."""
        self._taken.discard(job_id)
        self._room.set()

    @property
    def taken(self) -> frozenset[str]:
        """The jobs that take up room."""
        return frozenset(self._taken)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._room.wait()
            self._room.clear()
            while not self._at_once or len(self._taken) < self._at_once:
                await self._hold()
                job = await self._book.next_queued(without=self._taken)
                if job is None:
                    break
                self._taken.add(job.id)
                self._begin(job)

    async def submit(self, job: Job) -> Job | None:
        """The job when it is RUNNING; None if it ended meanwhile. Raises ServiceError, StorageError.

        The input is uploaded first, so that each job has an input address of its own; if the upload service
        fails, it goes as base64. A POST is repeated only where the last one surely was not accepted.
        """
        assert job.input is not None  # noqa: S101  # QUEUED comes with an input
        url = job.input_url or await self._upload(job.id, job.input)
        attempt = 0
        submitted: Submitted | None = None
        while submitted is None:
            attempt += 1
            await self._hold()
            submitting = await self._book.advance(
                job.id, JobState.QUEUED, state=JobState.SUBMITTING, input_url=url, submitted_at=time.time()
            )
            if submitting is None:
                return None
            try:
                image = url or await inline_image(job.input.path)
                submitted = await self._client.submit(job.request, image)
            except ServiceError as error:
                decision = decide(Operation.SUBMIT, error, attempt, time.time(), random())
                if not isinstance(decision, Retry):
                    raise
                await self._wait(job.id, error, decision.after)
        return await self._book.advance(
            job.id,
            JobState.SUBMITTING,
            state=JobState.RUNNING,
            request_id=submitted.request_id,
            api_state=submitted.state,
            note="",
        )

    async def _hold(self) -> None:
        while (wait := self._held_until - time.monotonic()) > 0:  # noqa: ASYNC110  # it moves while we wait
            await asyncio.sleep(wait)

    async def _wait(self, job_id: str, error: ServiceError, after: float) -> None:
        """The submit was surely not accepted: back to the queue, and nobody submits for a while."""
        log.warning("job %s: submits held for %.1f s: %s", job_id, after, error)
        self._held_until = max(self._held_until, time.monotonic() + after)
        note = BUSY_NOTE if isinstance(error, RateLimited) else AWAY_NOTE
        if job := await self._book.advance(job_id, JobState.SUBMITTING, state=JobState.QUEUED, note=note):
            self._show(job)

    async def _upload(self, job_id: str, picture: Picture) -> str | None:
        """The input's address at the API; None if the upload service fails."""

        async def upload() -> str:
            async with self._uploads:  # not around the pauses: one that waits keeps nobody from his turn
                return await self._client.upload(picture.path, picture.media_type)

        try:
            return await repeat(Operation.UPLOAD, upload)
        except ServiceError as error:
            log.warning("job %s: upload failed, the input goes as base64: %s", job_id, error)
            return None
