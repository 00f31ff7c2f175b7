"""Looks after all requests that the API has: due times in a heap, one budget of looks, no task a job.

When a look is due, `hazard` tells from the learned durations: few requests are looked at densely, many
sparsely. Who is due waits for a turn within the budget; first come those whose hour is half over.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import Counter
from collections.abc import Callable
from random import random
from typing import Protocol

from repaint.errors import RateLimited, RepaintError, RequestExpired
from repaint.jobs import hazard
from repaint.jobs.budget import LOOKS_PER_SECOND, MINUTE, Budget
from repaint.jobs.durations import Durations
from repaint.models import ApiState, Status
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide

log = logging.getLogger(__name__)

SETTLING = 10.0  # seconds after the submit in which an unknown id may be one that is not known everywhere yet
LIFETIME = 3600.0  # seconds that the API keeps a request (Segmind's model page), reckoned from the submit
LOOKS_AT_ONCE = 8


class Looker(Protocol):
    """What the poller needs of the API client."""

    async def status(self, request_id: str) -> Status: ...


class _Watch:
    __slots__ = ("failures", "job_id", "key", "request_id", "submitted", "work")

    def __init__(self, job_id: str, request_id: str, submitted: float, work: float) -> None:
        self.job_id = job_id
        self.request_id = request_id
        self.submitted = submitted
        self.work = work
        self.failures = 0
        self.key = 0.0  # its place in the heap that it is in

    def __lt__(self, other: _Watch) -> bool:
        return self.key < other.key


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
        durations: Durations,
        looks_per_second: float = LOOKS_PER_SECOND,
        at_once: int = LOOKS_AT_ONCE,
    ) -> None:
        self._client = client
        self._seen = seen
        self._lost = lost
        self._durations = durations
        self._at_once = at_once
        self._budget = Budget(looks_per_second, time.monotonic())
        self._watched: dict[str, _Watch] = {}
        self._waiting: list[_Watch] = []  # a heap by due time; who is forgotten stays until then
        self._due: list[_Watch] = []  # a heap by whose turn it is
        self._minutes: Counter[int] = Counter()  # how many were submitted in each
        self._need_known_until = float("-inf")
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._watched

    @property
    def watched(self) -> int:
        """How many requests are looked after."""
        return len(self._watched)

    @property
    def looks_per_second(self) -> float:
        """How many looks the API is given at most, at present."""
        return self._budget.rate

    def watch(self, job_id: str, request_id: str, *, submitted_at: float, work: float) -> None:
        """Begin to look after a request of that much `work`, submitted at `submitted_at` (epoch seconds)."""
        self.forget(job_id)
        now = time.monotonic()
        watch = _Watch(job_id, request_id, now - max(0.0, time.time() - submitted_at), work)
        self._watched[job_id] = watch
        self._minutes[int(watch.submitted // MINUTE)] += 1
        first = watch.submitted + self._interval(watch, 0.0)
        if first > now:
            self._wait_until(first, watch)
        else:  # found after a start: the nearest to the end of its hour comes first
            watch.key = watch.submitted
            self._queue(watch, now)

    def forget(self, job_id: str) -> None:
        """Stop looking after a job's request."""
        watch = self._watched.pop(job_id, None)
        if watch is not None:
            minute = int(watch.submitted // MINUTE)
            self._minutes[minute] -= 1
            if not self._minutes[minute]:
                del self._minutes[minute]

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._work())

    # Whose turn it is ---------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            watch = await self._next_turn()
            await self._look(watch)

    async def _next_turn(self) -> _Watch:
        async with self._turn:  # one worker waits at the head of the heaps, the others behind it
            while True:
                self._changed.clear()
                now = time.monotonic()
                wait = self._pause(now)
                if wait is not None and wait <= 0:
                    self._budget.take(now)
                    return heapq.heappop(self._due)
                try:
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
                except TimeoutError:
                    continue

    def _pause(self, now: float) -> float | None:
        """Seconds until the next look; None: there is nothing to look at."""
        while self._waiting and self._waiting[0].key <= now:
            self._queue(heapq.heappop(self._waiting), now)
        for heap in (self._due, self._waiting):
            while heap and self._watched.get(heap[0].job_id) is not heap[0]:
                heapq.heappop(heap)
        if self._due:
            self._reckon_need(now)
            return self._budget.wait(now)
        return self._waiting[0].key - now if self._waiting else None

    def _wait_until(self, due: float, watch: _Watch) -> None:
        watch.key = due
        heapq.heappush(self._waiting, watch)
        self._changed.set()

    def _queue(self, watch: _Watch, now: float) -> None:
        """Let a request that is due have its turn: in order of due times, but the old before all others."""
        if now - watch.submitted > LIFETIME / 2:
            watch.key = watch.submitted - LIFETIME
        heapq.heappush(self._due, watch)
        self._changed.set()

    def _reckon_need(self, now: float) -> None:
        """Have as many looks as it takes to see everyone in a quarter of what is left of their hour.

        It is reckoned anew while they become fewer: with half, the last would be seen just before the end.
        """
        if now < self._need_known_until:
            return
        self._need_known_until = now + 1.0
        count = 0
        self._budget.need = 0.0
        for minute in sorted(self._minutes):  # about 60, however many requests there are
            count += self._minutes[minute]
            left = minute * MINUTE + LIFETIME - now
            self._budget.need = max(self._budget.need, count / max(left / 4, MINUTE / 4))

    # A look -------------------------------------------------------------------------------------------

    async def _look(self, watch: _Watch) -> None:
        begun = time.monotonic()
        try:
            status = await self._client.status(watch.request_id)
        except RepaintError as error:
            self._failed(watch, error, begun)
            return
        except Exception as error:  # one request must not cost all others their poller
            log.exception("look at %s: unforeseen", watch.request_id)
            if self._watched.get(watch.job_id) is watch:
                self.forget(watch.job_id)
                self._lost(watch.job_id, RepaintError(repr(error)))
            return
        if self._watched.get(watch.job_id) is not watch:
            return
        watch.failures = 0
        if status.state in (ApiState.COMPLETED, ApiState.FAILED):
            self.forget(watch.job_id)
        else:
            self._again(watch, 0.0)
        self._seen(watch.job_id, status)

    def _failed(self, watch: _Watch, error: RepaintError, begun: float) -> None:
        now = time.monotonic()
        failures = watch.failures + 1
        decision = decide(Operation.STATUS, error, failures, time.time(), random())
        if isinstance(error, RateLimited) and isinstance(decision, Retry):
            self._budget.too_much(begun, now, None if error.reset_at is None else decision.after)
        if self._watched.get(watch.job_id) is not watch:
            return
        watch.failures = failures
        if isinstance(error, RequestExpired) and now - watch.submitted < SETTLING:
            decision = Retry(hazard.INTERVAL)
        if isinstance(decision, Retry):
            log.info("poll of %s put off by %.1f s: %s", watch.request_id, decision.after, error)
            self._again(watch, decision.after)
        else:
            self.forget(watch.job_id)
            self._lost(watch.job_id, error)

    # When the next look is due ------------------------------------------------------------------------

    def _again(self, watch: _Watch, after: float) -> None:
        """Look once more, not before so many seconds; or not at all, if the hour was over at this look."""
        now = time.monotonic()
        age = now - watch.submitted
        if age >= LIFETIME:
            self.forget(watch.job_id)
            self._lost(watch.job_id, RequestExpired(f"{watch.request_id} did not end within an hour"))
            return
        self._wait_until(now + max(after, self._interval(watch, age)), watch)

    def _interval(self, watch: _Watch, age: float) -> float:
        """Seconds from a look at `age`, or from the submit (0), to the next one."""
        each = len(self._watched) / self._budget.rate
        interval = hazard.interval(self._durations.fit(), age, watch.work, each)
        return min(interval, max(hazard.INTERVAL, (LIFETIME - age) / 2))  # the last just before the end
