"""QUEUED → RUNNING: brings jobs to the API, each in its turn, while there is room, and never twice."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from random import random
from typing import Any

from repaint.errors import DatabaseAway, NotReached, RateLimited, ServiceError
from repaint.jobs.account import Account
from repaint.jobs.breaker import Breaker
from repaint.jobs.repeat import insist, repeat
from repaint.jobs.tools import Tools
from repaint.models import Job, JobState, Picture, Submitted
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide
from repaint.segmind.transfer import inline_image
from repaint.text import text

log = logging.getLogger(__name__)

UPLOADS_AT_ONCE = 4  # bounds the memory, not the speed
BUSY_NOTE = text("The image service is busy; the picture keeps its place.")
AWAY_NOTE = text("The image service cannot be reached; I try again by myself.")
PAUSE_AWAY = 5.0  # seconds after which the queue is looked at again when the database was away
UNSURE = 0.5  # seconds between two looks whether the lease is sure again


class Submitter:
    """Claims the job whose turn it is and hands it to `begin`, which is to call `submit`."""

    def __init__(
        self, tools: Tools, breaker: Breaker, account: Account, begin: Callable[[Job], None]
    ) -> None:
        self._tools = tools
        self._breaker = breaker
        self._account = account
        self._begin = begin
        self._changed = asyncio.Event()  # something may be claimed: a job came, or one left
        self._held_until = 0.0  # no submit before this moment (time.monotonic),
        self._held_because = ""  # for this reason
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._posts: set[asyncio.Task[Job | None]] = set()

    @property
    def busy(self) -> str:
        """Why nothing is submitted at the moment, for people; empty if it is."""
        if self._breaker.note:
            return self._breaker.note
        return self._held_because if self._held_until > time.monotonic() else ""

    def wake(self) -> None:
        """A job came into the queue, or one left its room at the API."""
        self._changed.set()

    async def run(self) -> None:
        """Claim until cancelled."""
        while True:
            self._changed.clear()
            wait = await self._claim_all()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _claim_all(self) -> float | None:
        """Claim while there is room; seconds until there may be again, None if only a change brings it."""
        while True:
            await self._breaker.passable()  # those who wait keep their places
            await self._hold()
            try:
                claim = await self._tools.store.claim(self._tools.limits.claims, time.time())
            except DatabaseAway as error:
                log.warning("nothing claimed: %s", error)
                return PAUSE_AWAY
            if claim.job is None:
                return claim.wait
            self._begin(claim.job)

    async def submit(self, job: Job) -> Job | None:
        """The job when it is RUNNING; None if it ended meanwhile. Raises ServiceError, StorageError.

        The input is uploaded first, so that each job has an input address of its own; if the upload service
        fails, it goes as base64. A POST is repeated only where the last one surely was not accepted.
        SubmitUnknown means that the job was left in SUBMITTING.
        """
        assert job.input is not None  # noqa: S101  # QUEUED comes with an input
        url = job.input_url or await self._upload(job.id, job.input)
        attempt = 0
        while True:
            attempt += 1
            await self._hold()
            await self._until_sure()
            await self._breaker.ready()
            try:
                self._account.check()
            except ServiceError:
                self._breaker.passed_by()
                raise
            try:
                # Not to be broken off: what is committed is sent, and the answer to it is kept.
                return await asyncio.shield(self._in_hand(self._submit_once(job, url)))
            except (RateLimited, NotReached) as error:  # surely not accepted
                decision = decide(Operation.SUBMIT, error, min(attempt, 9), time.time(), random())
                assert isinstance(decision, Retry)  # noqa: S101  # it always is, for these
                await self._wait(job.id, error, decision.after)

    def _in_hand(self, post: Coroutine[Any, Any, Job | None]) -> asyncio.Task[Job | None]:
        task = asyncio.get_running_loop().create_task(post)
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)
        return task

    async def finish(self, seconds: float | None = None) -> None:
        """Until every POST in hand has its answer stored, at most so many seconds."""
        if self._posts:
            await asyncio.wait(self._posts, timeout=seconds)

    async def _submit_once(self, job: Job, url: str | None) -> Job | None:
        """Commit SUBMITTING, POST, commit RUNNING.

        The first commit is repeated where its outcome is open: nobody else brings a job of ours there.
        """
        submitting = await insist(
            lambda: self._tools.store.advance(
                job.id,
                JobState.QUEUED,
                JobState.SUBMITTING,
                state=JobState.SUBMITTING,
                input_url=url,
                as_base64=url is None,
                submitted_at=time.time(),
            )
        )
        if submitting is None:
            self._breaker.passed_by()
            return None
        try:
            submitted = await self._post(submitting, url)
        except ServiceError as error:
            self._breaker.failed(error, job.origin.user_id)
            raise
        except BaseException:
            self._breaker.passed_by()
            raise
        self._breaker.succeeded()
        await self._account.succeeded()
        sent_at = submitting.submitted_at or job.created_at
        return await insist(
            lambda: self._tools.store.record_request(job.id, submitted.request_id, submitted.state, sent_at)
        )

    async def _until_sure(self) -> None:
        while not self._tools.store.lease.is_sure:  # noqa: ASYNC110  # renewed elsewhere
            await asyncio.sleep(UNSURE)

    async def _post(self, job: Job, url: str | None) -> Submitted:
        """The POST. Its last look at the lease is when the body goes: a process may be stopped anywhere."""
        assert job.input is not None  # noqa: S101
        image = url or await inline_image(job.input.path)
        return await self._tools.client.submit(
            job.request, image, may_send=lambda: self._tools.store.lease.is_sure
        )

    async def _hold(self) -> None:
        while (wait := self._held_until - time.monotonic()) > 0:  # noqa: ASYNC110  # it moves while we wait
            await asyncio.sleep(wait)

    async def _wait(self, job_id: str, error: ServiceError, after: float) -> None:
        """The submit was surely not accepted: back to the queue, and nobody submits for a while."""
        log.warning("job %s: submits held for %.1f s: %s", job_id, after, error)
        note = BUSY_NOTE if isinstance(error, RateLimited) else AWAY_NOTE
        if (until := time.monotonic() + after) > self._held_until:
            self._held_until, self._held_because = until, note
        queued = await insist(
            lambda: self._tools.store.advance(
                job_id,
                JobState.SUBMITTING,
                JobState.QUEUED,
                state=JobState.QUEUED,
                note=note,
                submitted_at=None,
            )
        )
        if queued:
            self._tools.presenter.show(job_id)

    async def _upload(self, job_id: str, picture: Picture) -> str | None:
        """The input's address at the API; None if the upload service fails."""

        async def upload() -> str:
            async with self._uploads:  # not around the pauses: one that waits keeps nobody from his turn
                return await self._tools.client.upload(picture.path, picture.media_type)

        try:
            return await repeat(Operation.UPLOAD, upload)
        except ServiceError as error:
            log.warning("job %s: upload failed, the input goes as base64: %s", job_id, error)
            return None
