"""RUNNING → FETCHED: the result is brought here before the API's hour is over."""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from repaint.errors import StorageError
from repaint.jobs.poller import LIFETIME
from repaint.jobs.repeat import repeat
from repaint.jobs.tools import Tools
from repaint.models import Job, JobState, Result, Status
from repaint.segmind.operation import Operation

T = TypeVar("T")

OUTPUT_BYTES = 64 * 1024 * 1024  # the most that a result is taken with
DOWNLOADS_AT_ONCE = 4  # bounds the memory, not the speed


class Fetcher:
    """Downloads results, a few at once, in the order in which they were seen to be ready."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    async def fetch(self, job: Job, status: Status) -> Job | None:
        """The job when it is FETCHED; None if it ended meanwhile. Raises ServiceError, StorageError."""
        tools = self._tools
        assert job.request_id is not None  # noqa: S101  # RUNNING comes with it
        submitted_at = job.submitted_at or job.created_at
        took = time.time() - submitted_at
        read = functools.partial(tools.client.result, job.request_id)
        result = await self._in_turns(Operation.RESULT, read, until=submitted_at + LIFETIME)
        outputs = result.outputs[: job.request.samples]  # more were not asked for
        folder = tools.folder / job.id
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(repr(error)) from error
        raw = tuple(folder / f"result-{number}" for number, _ in enumerate(outputs, 1))
        for output, path in zip(outputs, raw, strict=True):
            download = functools.partial(tools.client.download, output, path, OUTPUT_BYTES)
            await self._in_turns(Operation.DOWNLOAD, download)
        work, api = _told(job, status, result)
        tools.durations.learn(work, api, job.request.work)
        tools.prices.learn(result.cost, job.request.work)
        return await tools.store.advance(
            job.id,
            JobState.RUNNING,
            state=JobState.FETCHED,
            results=raw,
            seeds=tuple(job.request.seed if one.seed is None else one.seed for one in outputs),
            took=took,
            work_seconds=work,
            api_seconds=api,
            cost=result.cost,
            engine=result.engine,
        )

    async def _in_turns(
        self, operation: Operation, act: Callable[[], Awaitable[T]], *, until: float = math.inf
    ) -> T:
        """Repeat a read until it succeeds, each try in its turn: one that waits keeps nobody from his."""

        async def in_turn() -> T:
            async with self._downloads:
                return await act()

        return await repeat(operation, in_turn, until=until)


def _told(job: Job, status: Status, result: Result) -> tuple[float | None, float | None]:
    """Seconds of work and from submit to the end, by the API's own clock: polls see the end late.

    Without its word for the work, the time since it was first seen at work; for the whole, nothing.
    """
    work = result.inference_time or status.inference_time
    queue = result.queue_time if result.queue_time is not None else status.queue_time
    api = work + queue if work is not None and queue is not None else None
    if work is None and job.processing_at is not None:
        work = max(0.0, time.time() - job.processing_at)
    return work, api
