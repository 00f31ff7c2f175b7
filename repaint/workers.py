"""Worker processes for pictures: started on demand, ended when idle, killed when a call takes too long.

A call that ends badly costs its worker and no other: each is a pool of one, thrown away with its call.
Memory that other people's files make Pillow take comes back when the worker ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from repaint.errors import WorkerError

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

NICENESS = 5  # the event loop answers first, pictures come second

_CLOSED = "the workers are closed"
# After these a worker is gone, or no good any more.
_LOST = (TimeoutError, ProcessExpired, BrokenExecutor, MemoryError)


@dataclasses.dataclass(eq=False, slots=True)
class _Worker:
    """A pool of one process. The timer runs while it is idle."""

    pool: ProcessPool
    timer: asyncio.TimerHandle | None = None


class PictureWorkers:
    """Runs synchronous functions in at most `count` worker processes; further calls wait their turn.

    `time_limit` (seconds) holds for one call, from its turn on, and includes the start of a worker.
    A worker ends after `idle_seconds` without a call. `memory_limit` (bytes) bounds each where possible.
    """

    def __init__(
        self,
        count: int = 2,
        *,
        time_limit: float = 20.0,
        idle_seconds: float = 30.0,
        memory_limit: int = 1536 * 1024 * 1024,
    ) -> None:
        self.count = count
        self._turns = asyncio.Semaphore(count)
        self._time_limit = time_limit
        self._idle_seconds = idle_seconds
        self._memory_limit = memory_limit
        self._idle: list[_Worker] = []  # the last used is used next, so that the others can end
        self._calls: set[Future[Any]] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `function`, which is picked by name in the worker: a function at the top of a module.

        What the function raises is raised here. Raises WorkerError if it takes too long, runs out of memory
        or takes its process down, and when the workers are closed. A cancelled call kills its worker.
        """
        await self._turns.acquire()
        worker = self._take()
        call = functools.partial(function, *args, **kwargs)
        try:
            try:
                result = await self._call(worker, call)
            except BrokenExecutor:
                if worker.timer is None:
                    raise
                self._end(worker)  # it died while it was idle, unnoticed until now: the call never began
                worker = self._new()
                result = await self._call(worker, call)
        except _LOST as error:
            self._end(worker).add_done_callback(self._next_turn)
            raise WorkerError(f"{function.__qualname__}: {error!r}") from error
        except asyncio.CancelledError:
            self._end(worker).add_done_callback(self._next_turn)
            if self._closed and not _asked_to_cancel():
                raise WorkerError(_CLOSED) from None
            raise
        except BaseException:  # the function's own error: its worker is well
            self._keep(worker)
            raise
        self._keep(worker)
        return result

    async def close(self) -> None:
        """End every worker and call at once. Later calls raise WorkerError."""
        self._closed = True
        for call in tuple(self._calls):
            call.cancel()
        while self._idle:
            self._retire(self._idle[0])
        for _ in range(self.count):  # a turn comes back when its worker has ended
            await self._turns.acquire()
        for _ in range(self.count):
            self._turns.release()
        while self._endings:
            await asyncio.wait(self._endings)

    async def _call(self, worker: _Worker, function: Callable[[], T]) -> T:
        if self._closed:
            raise WorkerError(_CLOSED)
        try:
            call = worker.pool.schedule(function)
        except (OSError, RuntimeError) as error:  # no process could be started
            raise BrokenExecutor(str(error)) from error
        self._calls.add(call)
        try:
            async with asyncio.timeout(self._time_limit):
                return await asyncio.wrap_future(call)
        finally:
            self._calls.discard(call)

    def _take(self) -> _Worker:
        """The worker that was used last, or a new one. The process starts with the first call."""
        while self._idle:
            worker = self._idle.pop()
            if worker.timer is not None:
                worker.timer.cancel()
            if worker.pool.active:
                return worker
            self._end(worker)  # it died while it was idle
        return self._new()

    def _new(self) -> _Worker:
        return _Worker(
            ProcessPool(
                max_workers=1,
                initializer=_prepare,
                initargs=(self._memory_limit,),
                context=multiprocessing.get_context("spawn"),
            )
        )

    def _keep(self, worker: _Worker) -> None:
        worker.timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire, worker)
        self._idle.append(worker)
        if self._closed:
            self._retire(worker)
        self._turns.release()

    def _retire(self, worker: _Worker) -> None:
        if worker.timer is not None:
            worker.timer.cancel()
        self._idle.remove(worker)
        self._end(worker)

    def _end(self, worker: _Worker) -> asyncio.Task[None]:
        worker.pool.stop()  # type: ignore[no-untyped-call]
        ending = asyncio.create_task(_join(worker.pool))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        return ending

    def _next_turn(self, _: asyncio.Task[None]) -> None:
        self._turns.release()


async def _join(pool: ProcessPool) -> None:
    """Wait until a stopped pool's process is gone; Pebble kills it if it must."""
    try:
        await asyncio.to_thread(pool.join)
    except (OSError, RuntimeError):
        log.exception("a picture worker did not end")


def _asked_to_cancel() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _prepare(memory_limit: int) -> None:
    """Run first in each worker."""
    # Pebble has it ignore SIGINT, since Ctrl-C in a terminal reaches the whole group.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # ends it at once, in the middle of a decoder too
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if resource is not None:
        with contextlib.suppress(OSError, ValueError):  # not every system has every limit
            resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
