"""Leads each job from RECEIVED to its end. A stage needs nothing but the job as the book has it.

RECEIVED    prepare   fetch and normalise the input
QUEUED      submit    upload the input, POST; the submitter begins it when there is room
RUNNING     (poller)  looks until the API says COMPLETED or FAILED
RUNNING     fetch     bring the result here
FETCHED     deliver   finish the pictures and hand them to the presenter
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from repaint.errors import (
    DeliveryError,
    DeliveryTooLarge,
    PromptBlocked,
    RepaintError,
    Stopped,
    StoppedWhilePaid,
    StorageError,
    SubmitUnknown,
    TooManyJobs,
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

T = TypeVar("T")

OUTPUT_BYTES = 64 * 1024 * 1024  # the most that a result is taken with
LAST_WORK = 6.0  # seconds at the end for what is nearly done
GOODBYE = 3.0  # seconds after that for telling which jobs are not finished
NEARLY_DONE = (JobState.FETCHED, JobState.DELIVERING)
INPUTS_AT_ONCE = 8  # from download to normalised
DOWNLOADS_AT_ONCE = 4  # bounds the memory, not the speed


@dataclass(frozen=True, slots=True)
class Limits:
    """`jobs_at_once`: between submit and fetched result; `jobs_per_member`: not finished; 0 = no limit."""

    jobs_at_once: int
    jobs_per_member: int
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
        self._inputs = asyncio.Semaphore(INPUTS_AT_ONCE)
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    # Life of the runner ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poller.run())
            group.create_task(self._submitter.run())

    async def check_room(self, user_id: int) -> None:
        """Raise Stopped or TooManyJobs where no job of this member's is accepted now."""
        if self._closed:
            raise Stopped(sentence="The bot is being restarted. Please try again in a minute.")
        limit = self._limits.jobs_per_member
        if limit and sum(job.origin.user_id == user_id for job in await self._book.jobs()) >= limit:
            raise TooManyJobs(f"user {user_id} has {limit}")

    async def close(self) -> None:
        """Stop all work, and say so on the cards of the jobs that are not finished.

        What is nearly done may be finished first: pictures that are here already, ends that are being told.
        """
        self._closed = True
        near = {job.id for job in await self._book.jobs() if job.state in NEARLY_DONE or job.state.is_final}
        if last := [task for task in self._tasks if task.get_name() in near]:
            await asyncio.wait(last, timeout=LAST_WORK)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        left = await self._book.jobs()
        if left:
            log.warning("%d jobs end with the bot", len(left))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE):
                await asyncio.gather(*(self._part_with(job) for job in left))

    async def _part_with(self, job: Job) -> None:
        """Say how a job stands that the bot cannot bring to its end."""
        if job.state is JobState.DELIVERING:  # its picture may be shown already, and must not be taken away
            log.warning("job %s: its delivery was broken off", job.id)
        elif job.state.is_final:  # it had ended, and could not be told in time
            await self._presenter.fail(job, RepaintError("not told before", sentence=job.failure))
        elif job.state is JobState.SUBMITTING:
            await self._fail(job.id, SubmitUnknown("the bot was stopped during the submit"))
        elif job.state is JobState.RUNNING:
            await self._fail(job.id, StoppedWhilePaid())
        else:
            await self._fail(job.id, Stopped())

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
        async with self._inputs:  # until it is small: large files must not pile up on the disk
            await self._intake.fetch(job.attachment, raw)
            picture = await self._studio.normalise(raw, folder / "input")
            with contextlib.suppress(OSError):  # it goes with the folder
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
        job = await self._book.advance(job_id, JobState.RUNNING, api_state=state)
        if job and state is ApiState.PROCESSING and job.processing_at is None:
            job = await self._book.advance(job_id, JobState.RUNNING, processing_at=time.time())
        if job:
            self._presenter.show(job)

    async def _fetch(self, job_id: str, status: Status) -> None:
        job = await self._book.advance(job_id, JobState.RUNNING, api_state=ApiState.COMPLETED)
        if job is None or job.request_id is None or job.submitted_at is None:
            return
        took = time.time() - job.submitted_at
        read = functools.partial(self._client.result, job.request_id)
        result = await self._in_turns(Operation.RESULT, read)
        outputs = result.outputs[: job.request.samples]  # more were not asked for
        raw = tuple(self._folder / job_id / f"result-{number}" for number, _ in enumerate(outputs, 1))
        for output, path in zip(outputs, raw, strict=True):
            download = functools.partial(self._client.download, output, path, OUTPUT_BYTES)
            await self._in_turns(Operation.DOWNLOAD, download)
        self._learn(job, status, result)
        fetched = await self._book.advance(
            job_id,
            JobState.RUNNING,
            state=JobState.FETCHED,
            results=raw,
            seeds=tuple(job.request.seed if one.seed is None else one.seed for one in outputs),
            took=took,
            engine=result.engine,
        )
        self._submitter.leave(job_id)
        if fetched:  # not from here: the result may hold whole pictures
            self._start(job_id, self._deliver(fetched))

    def _learn(self, job: Job, status: Status, result: Result) -> None:
        """How long the work took, by the API's own clock where it tells: polls see its end late."""
        told = result.inference_time or status.inference_time
        if told is None and job.processing_at is not None:
            told = time.time() - job.processing_at
        if told is not None:
            self._durations.learn(told, job.request.work)

    async def _in_turns(self, operation: Operation, act: Callable[[], Awaitable[T]]) -> T:
        """Repeat a read until it succeeds, each try in its turn: one that waits keeps nobody from his."""

        async def in_turn() -> T:
            async with self._downloads:
                return await act()

        return await repeat(operation, in_turn)

    # FETCHED → DONE -------------------------------------------------------------------------------------

    async def _deliver(self, job: Job) -> None:
        limit = min(job.origin.filesize_limit, self._limits.message_bytes // len(job.results))
        for _ in range(4):  # Discord may take less than it announced: then smaller ones
            outputs, change = await self._studio.finish(job, limit)
            ready = await self._book.advance(
                job.id, *NEARLY_DONE, state=JobState.DELIVERING, outputs=outputs, change=change
            )
            if ready is None:
                return
            job = ready
            try:
                await self._presenter.deliver(job)
                break
            except PromptBlocked:  # neither on the card nor in the file: once more without it
                job = await self._book.advance(job.id, JobState.DELIVERING, prompt_hidden=True) or job
                log.warning("job %s: AutoMod does not let the prompt through", job.id)
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
            if error.private:
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
            shutil.rmtree(self._folder / job_id)  # a handful of files: quicker than a thread is begun
        except (FileNotFoundError, NotADirectoryError):
            pass  # nothing was ever stored
        except OSError as error:
            log.warning("job %s: its pictures stay behind: %r", job_id, error)
