"""Leads each job from RECEIVED to its end. A stage takes a job's id, so that it can start at any state.

RECEIVED    prepare   fetch and normalise the input
QUEUED      submit    upload the input, POST; the submitter begins it when there is room
RUNNING     (poller)  looks until the API says COMPLETED or FAILED
RUNNING     fetch     bring the result here and finish the pictures
FETCHED     deliver   hand them to the presenter
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import shutil
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

from repaint.errors import (
    BadAnswer,
    DeliveryError,
    DeliveryTooLarge,
    RepaintError,
    RequestError,
    Stopped,
    StorageError,
    SubmitUnknown,
)
from repaint.jobs.book import Book
from repaint.jobs.durations import Durations
from repaint.jobs.intake import Intake
from repaint.jobs.poller import Poller
from repaint.jobs.presenter import Presenter
from repaint.jobs.repeat import repeat
from repaint.jobs.studio import Studio
from repaint.jobs.submitter import Submitter
from repaint.models import ApiState, Job, JobState, Result, Status
from repaint.segmind.client import SegmindClient
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import failed

log = logging.getLogger(__name__)

OUTPUT_BYTES = 64 * 1024 * 1024  # the most that a result is taken with
GOODBYE = 8.0  # seconds for telling at the end which jobs are not finished
DOWNLOADS_AT_ONCE = 4  # bounds the memory, not the speed


@dataclass(frozen=True, slots=True)
class Limits:
    """`jobs_at_once`: between submit and fetched result; 0 = no limit."""

    jobs_at_once: int
    message_bytes: int = 25 * 1024 * 1024  # all files of a message together (Discord)


class Runner:
    """The one place that moves jobs on."""

    def __init__(
        self,
        *,
        book: Book,
        client: SegmindClient,
        intake: Intake,
        studio: Studio,
        presenter: Presenter,
        durations: Durations,
        folder: Path,
        limits: Limits,
    ) -> None:
        self._book = book
        self._client = client
        self._intake = intake
        self._studio = studio
        self._presenter = presenter
        self._durations = durations
        self._folder = folder
        self._limits = limits
        self._poller = Poller(client, self._seen, self._lost)
        self._submitter = Submitter(
            book=book,
            client=client,
            begin=lambda job: self._start(job.id, self._submit(job)),
            show=presenter.show,
            at_once=limits.jobs_at_once,
        )
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    # Life of the runner ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled."""
        shutil.rmtree(self._folder, ignore_errors=True)  # pictures of jobs that ended with an earlier process
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poller.run())
            group.create_task(self._submitter.run())

    async def close(self) -> None:
        """Stop all work, and say so on the cards of the jobs that are not finished.

        A delivery may go on for a moment: its picture may be shown already, and must not be taken away.
        """
        self._closed = True
        delivering = {job.id for job in await self._book.unfinished() if job.state is JobState.DELIVERING}
        if last := [task for task in self._tasks if task.get_name() in delivering]:
            await asyncio.wait(last, timeout=GOODBYE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        unfinished = await self._book.unfinished()
        if unfinished:
            log.warning("%d jobs end with the bot", len(unfinished))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE):
                await asyncio.gather(*(self._fail(job.id, Stopped()) for job in unfinished))

    async def accept(self, job: Job) -> None:
        """Take a job in. From here on it ends in a delivery or in a sentence."""
        await self._book.add(job)
        log.info("job %s accepted from user %s", job.id, job.origin.user_id)
        if self._closed:
            await self._fail(job.id, Stopped())
        else:
            self._start(job.id, self._prepare(job))

    def _start(self, job_id: str, stage: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guard(job_id, stage), name=job_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: stage.close())  # it never began if the task was cancelled at once

    async def _guard(self, job_id: str, stage: Coroutine[None, None, None]) -> None:
        """Whatever goes wrong in a stage ends in a sentence on the job's card."""
        try:
            await stage
        except RepaintError as error:
            await self._fail(job_id, error)
        except Exception as error:
            log.exception("job %s: unforeseen", job_id)
            await self._fail(job_id, RepaintError(repr(error)))

    # RECEIVED → QUEUED ----------------------------------------------------------------------------------

    async def _prepare(self, job: Job) -> None:
        folder = self._folder / job.id
        try:
            folder.mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise StorageError(repr(error)) from error
        raw = folder / "attachment"
        await self._intake.fetch(job.attachment, raw)
        picture = await self._studio.normalise(raw, folder / "input")
        raw.unlink()
        queued = await self._book.advance(job.id, JobState.RECEIVED, state=JobState.QUEUED, input=picture)
        if queued:
            self._presenter.show(queued)
            self._submitter.wake()

    # QUEUED → RUNNING -----------------------------------------------------------------------------------

    async def _submit(self, job: Job) -> None:
        running = await self._submitter.submit(job)
        if running and running.request_id:
            log.info("job %s is request %s", job.id, running.request_id)
            self._presenter.show(running)
            self._poller.watch(job.id, running.request_id)

    # RUNNING → FETCHED ----------------------------------------------------------------------------------

    def _seen(self, job_id: str, status: Status) -> None:
        if status.state is ApiState.COMPLETED:
            self._start(job_id, self._fetch(job_id, status))
        elif status.state is ApiState.FAILED:
            self._start(job_id, self._fail(job_id, failed(status.error)))
        else:
            self._start(job_id, self._show_state(job_id, status.state))

    def _lost(self, job_id: str, error: RepaintError) -> None:
        self._start(job_id, self._fail(job_id, error))

    async def _show_state(self, job_id: str, state: ApiState) -> None:
        if job := await self._book.advance(job_id, JobState.RUNNING, api_state=state):
            self._presenter.show(job)

    async def _fetch(self, job_id: str, status: Status) -> None:
        job = await self._book.advance(job_id, JobState.RUNNING, api_state=ApiState.COMPLETED)
        if job is None or job.request_id is None or job.submitted_at is None:
            return
        took = time.time() - job.submitted_at
        request_id = job.request_id
        async with self._downloads:
            result = await repeat(Operation.RESULT, lambda: self._result(request_id))
            raw = [self._folder / job_id / f"result-{number}" for number in range(1, len(result.outputs) + 1)]
            for output, path in zip(result.outputs, raw, strict=True):
                download = functools.partial(self._client.download, output, path, OUTPUT_BYTES)
                await repeat(Operation.DOWNLOAD, download)
        self._durations.learn(_told_duration(status, result) or took)
        fetched = await self._book.advance(
            job_id,
            JobState.RUNNING,
            state=JobState.FETCHED,
            cost=result.cost,
            took=took,
            engine=result.engine,
        )
        self._submitter.leave(job_id)
        if fetched:
            await self._deliver(fetched, raw)

    async def _result(self, request_id: str) -> Result:
        result = await self._client.result(request_id)
        if not result.outputs:
            raise BadAnswer(f"{request_id} is COMPLETED, its result names no picture")
        return result

    # FETCHED → DONE -------------------------------------------------------------------------------------

    async def _deliver(self, job: Job, raw: list[Path]) -> None:
        limit = min(job.origin.filesize_limit, self._limits.message_bytes // len(raw))
        for _ in range(4):  # Discord may take less than it announced: then smaller ones
            outputs, change = await self._studio.finish(raw, job, limit)
            ready = await self._book.advance(
                job.id,
                JobState.FETCHED,
                JobState.DELIVERING,
                state=JobState.DELIVERING,
                outputs=outputs,
                change=change,
            )
            if ready is None:
                return
            try:
                await self._presenter.deliver(ready)
                break
            except DeliveryTooLarge as error:
                limit = min(limit, max(picture.size for picture in outputs)) // 2
                log.warning("job %s: too large for Discord, now at most %d bytes: %s", job.id, limit, error)
        else:
            raise DeliveryError("Discord takes none of the sizes")
        await self._book.advance(job.id, JobState.DELIVERING, state=JobState.DONE)
        log.info("job %s done in %.1f s", job.id, time.time() - job.created_at)
        await self._end(job.id)

    # Ends -----------------------------------------------------------------------------------------------

    async def _fail(self, job_id: str, error: RepaintError) -> None:
        state = JobState.UNKNOWN if isinstance(error, SubmitUnknown) else JobState.FAILED
        alive = [each for each in JobState if not each.is_final]
        job = await self._book.advance(job_id, *alive, state=state, failure=error.sentence)
        if job is None:
            return
        self._poller.forget(job_id)
        log.warning("job %s %s: %s: %s", job_id, state, type(error).__name__, error)
        try:
            if isinstance(error, RequestError):
                await self._presenter.refuse(job, error)
            else:
                await self._presenter.fail(job, error)
        except Exception:
            log.exception("job %s: its end could not be shown", job_id)
        await self._end(job_id)

    async def _end(self, job_id: str) -> None:
        self._submitter.leave(job_id)
        await self._book.remove(job_id)
        try:
            await asyncio.to_thread(shutil.rmtree, self._folder / job_id)
        except (FileNotFoundError, NotADirectoryError):
            pass  # nothing was ever stored
        except OSError as error:
            log.warning("job %s: its pictures stay behind: %r", job_id, error)


def _told_duration(status: Status, result: Result) -> float | None:
    """Seconds from submit to COMPLETED by the API's own clock: polls see it late."""
    for told in (result, status):
        if told.inference_time is not None:
            return told.inference_time + (told.queue_time or 0.0)
    return None
