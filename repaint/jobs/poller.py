"""Looks after all requests that the API has: one heap of due times, a few looks at once, no task a job."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import random
from typing import Protocol

from repaint.errors import RepaintError, RequestExpired
from repaint.models import ApiState, Status
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide

log = logging.getLogger(__name__)

FIRST = 0.5  # seconds from the submit to the first look: short jobs are seen at work too
INTERVAL = 1.0  # seconds between two looks at a request, as the vendor's SDK has it
LOOKS_PER_SECOND = 4.0  # of all requests together: nobody documents whether looks count against the plan
SETTLING = 10.0  # seconds after the submit in which an unknown id may be one that is not known everywhere yet
LIFETIME = 3600.0  # seconds that the API keeps a request (Segmind's model page), reckoned from the submit
LOOKS_AT_ONCE = 8


class Looker(Protocol):
    """What the poller needs of the API client."""

    async def status(self, request_id: str) -> Status: ...


@dataclass(order=True, slots=True)
class _Watch:
    due: float
    order: int
    job_id: str = field(compare=False)
    request_id: str = field(compare=False)
    submitted: float = field(compare=False)
    failures: int = field(default=0, compare=False)


class Poller:
    """Calls `seen` with every status of a watched request, and `lost` where it can no longer be had.

    A poll that fails is repeated: no poll ends a job, except by an answer that is final (the request is
    unknown, the key is refused) or after the hour that the API keeps results.
    """

    def __init__(
        self,
        client: Looker,
        seen: Callable[[str, Status], None],
        lost: Callable[[str, RepaintError], None],
        *,
        interval: float = INTERVAL,
        at_once: int = LOOKS_AT_ONCE,
    ) -> None:
        self._client = client
        self._seen = seen
        self._lost = lost
        self._interval = interval
        self._at_once = at_once
        self._heap: list[_Watch] = []
        self._watched: dict[str, _Watch] = {}
        self._order = itertools.count()
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()

    def watch(self, job_id: str, request_id: str, *, age: float = 0.0) -> None:
        """Begin to look after a request that was submitted `age` seconds ago."""
        now = time.monotonic()
        watch = _Watch(now + min(FIRST, self._interval), next(self._order), job_id, request_id, now - age)
        self._watched[job_id] = watch
        self._push(watch)

    def forget(self, job_id: str) -> None:
        """Stop looking after a job's request."""
        self._watched.pop(job_id, None)

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            watch = await self._next_due()
            await self._look(watch)

    async def _next_due(self) -> _Watch:
        async with self._turn:  # one worker waits at the head of the heap, the others behind it
            while True:
                self._changed.clear()
                while self._heap and self._watched.get(self._heap[0].job_id) is not self._heap[0]:
                    heapq.heappop(self._heap)
                wait = self._heap[0].due - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)
                try:
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
                except TimeoutError:
                    continue

    async def _look(self, watch: _Watch) -> None:
        try:
            status = await self._client.status(watch.request_id)
        except RepaintError as error:
            self._failed(watch, error)
            return
        except Exception as error:  # one request must not cost all others their poller
            log.exception("look at %s: unforeseen", watch.request_id)
            self.forget(watch.job_id)
            self._lost(watch.job_id, RepaintError(repr(error)))
            return
        if self._watched.get(watch.job_id) is not watch:
            return
        watch.failures = 0
        ended = status.state in (ApiState.COMPLETED, ApiState.FAILED)
        if ended:
            self.forget(watch.job_id)
        else:
            self._again(watch, self._interval)
        self._seen(watch.job_id, status)

    def _failed(self, watch: _Watch, error: RepaintError) -> None:
        if self._watched.get(watch.job_id) is not watch:
            return
        watch.failures += 1
        decision = decide(Operation.STATUS, error, watch.failures, time.time(), random())
        if isinstance(error, RequestExpired) and time.monotonic() - watch.submitted < SETTLING:
            decision = Retry(self._interval)
        if isinstance(decision, Retry):
            log.info("poll of %s put off by %.1f s: %s", watch.request_id, decision.after, error)
            self._again(watch, decision.after)
        else:
            self.forget(watch.job_id)
            self._lost(watch.job_id, error)

    def _again(self, watch: _Watch, after: float) -> None:
        now = time.monotonic()
        if now - watch.submitted >= LIFETIME:
            self.forget(watch.job_id)
            self._lost(watch.job_id, RequestExpired(f"{watch.request_id} did not end within an hour"))
            return
        watch.due = now + max(after, self._interval, len(self._watched) / LOOKS_PER_SECOND)
        self._push(watch)

    def _push(self, watch: _Watch) -> None:
        heapq.heappush(self._heap, watch)
        self._changed.set()
