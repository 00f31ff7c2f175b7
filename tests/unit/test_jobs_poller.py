"""The poller: when it looks at which request, and what ends its looking."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tracemalloc
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from benchmarks.polling import fixed, lognormal, simulate
from repaint.errors import (
    BadAnswer,
    GatewayFault,
    KeyRefused,
    NoAnswer,
    RateLimited,
    RepaintError,
    RequestExpired,
    ServerFault,
    ServiceError,
)
from repaint.jobs import poller
from repaint.jobs.budget import (
    FEWEST_PER_SECOND,
    GROWTH,
    LOOKS_PER_SECOND,
    MOST_PER_SECOND,
    SAVED_SECONDS,
    Budget,
)
from repaint.jobs.durations import Durations
from repaint.jobs.hazard import FIRST, INTERVAL
from repaint.jobs.poller import LIFETIME, LOOKS_AT_ONCE, SETTLING, Poller
from repaint.models import ApiState, Status
from tests.unit.quick_time import Clock

Answer = ApiState | Exception


class Api:
    """Answers what `say` says to the nth look (from 1) at a request, and keeps when that was."""

    def __init__(self, clock: Clock, say: Callable[[str, int], Answer]) -> None:
        self._clock = clock
        self._say = say
        self._began = clock.now
        self.looks: list[tuple[float, str]] = []
        self.counts: Counter[str] = Counter()
        self.at_work = self.most_at_work = 0

    async def status(self, request_id: str) -> Status:
        self.looks.append((round(self._clock.now - self._began, 3), request_id))
        self.counts[request_id] += 1
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(0)
        self.at_work -= 1
        answer = self._say(request_id, self.counts[request_id])
        if isinstance(answer, Exception):
            raise answer
        return Status(request_id, answer)

    def times(self, request_id: str) -> list[float]:
        return [at for at, each in self.looks if each == request_id]


class Watch:
    """A poller at work by a quick clock, and what it told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, say: Callable[[str, int], Answer]) -> None:
        self.clock = Clock()
        monkeypatch.setattr(poller, "time", self.clock)
        monkeypatch.setattr(poller, "random", lambda: 0.5)
        self.api = Api(self.clock, say)
        self.seen: list[tuple[str, ApiState]] = []
        self.lost: list[tuple[str, RepaintError]] = []
        self.durations = Durations()
        self.most_tasks = 0
        self.poller = Poller(
            self.api,
            lambda job, status: self.seen.append((job, status.state)),
            lambda job, error: self.lost.append((job, error)),
            durations=self.durations,
        )

    def run(self, seconds: float, *acts: tuple[float, Callable[[], None]]) -> None:
        """Poll for so many seconds; each act at its moment."""

        async def work() -> None:
            loop = asyncio.get_running_loop()
            for at, act in acts:
                loop.call_later(at, act)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.poller.run()

        self.clock.run(work())

    def watch(self, job: str, at: float = 0.0, age: float = 0.0) -> tuple[float, Callable[[], None]]:
        return at, lambda: self.poller.watch(
            job, f"request-{job}", submitted_at=self.clock.now - age, work=1.0
        )

    def learn(self) -> None:
        """As if many jobs had ended before: a median of 7 s."""
        for seconds in lognormal(200, seed=9):
            self.durations.learn(seconds, seconds, 1.0)

    def most_looks_in(self, seconds: float) -> int:
        """Within any time that is so long."""
        times = [at for at, _ in self.api.looks]
        return max(bisect_left(times, at + seconds) - place for place, at in enumerate(times))


def _working(_: str, __: int) -> Answer:
    return ApiState.PROCESSING


def test_requests_are_looked_at_in_the_order_of_their_due_times(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    watch.run(2.0, watch.watch("b", 0.3), watch.watch("a", 0.1))
    assert watch.api.looks == [
        (0.1 + FIRST, "request-a"),
        (0.3 + FIRST, "request-b"),
        (0.1 + FIRST + INTERVAL, "request-a"),
        (0.3 + FIRST + INTERVAL, "request-b"),
    ]
    assert watch.seen == [(job, ApiState.PROCESSING) for job in "abab"]


@pytest.mark.parametrize("end", [ApiState.COMPLETED, ApiState.FAILED])
def test_a_final_state_is_told_once_and_ends_the_looking(
    monkeypatch: pytest.MonkeyPatch, end: ApiState
) -> None:
    watch = Watch(monkeypatch, lambda _, look: end if look == 3 else ApiState.QUEUED)
    watch.run(60, watch.watch("a"))
    assert watch.seen == [("a", ApiState.QUEUED)] * 2 + [("a", end)]
    assert len(watch.api.looks) == 3
    assert watch.lost == []


@pytest.mark.parametrize("error", [NoAnswer(), GatewayFault(), ServerFault()])
def test_looks_that_fail_are_put_off_further_each_time_and_end_nothing(
    monkeypatch: pytest.MonkeyPatch, error: ServiceError
) -> None:
    watch = Watch(monkeypatch, lambda _, look: error if look <= 20 else ApiState.PROCESSING)
    watch.run(900, watch.watch("a"))
    times = watch.api.times("request-a")
    gaps = [later - earlier for earlier, later in pairwise(times[:20])]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 5
    assert watch.lost == []
    assert ("a", ApiState.PROCESSING) in watch.seen
    after = [later - earlier for earlier, later in pairwise(times[21:])]
    assert after == pytest.approx([INTERVAL] * len(after), abs=0.01)


def test_a_rate_limit_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    limited = RateLimited(reset_at=watch.clock.now + 40)
    watch.api._say = lambda _, look: limited if look == 1 else ApiState.PROCESSING
    watch.run(60, watch.watch("a"))
    assert watch.lost == []
    assert watch.api.looks[1][0] >= 40


def test_an_answer_that_is_final_loses_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    expired = RequestExpired()
    watch = Watch(monkeypatch, lambda *_: expired)
    watch.run(60, watch.watch("a", age=SETTLING))
    assert watch.lost == [("a", expired)]
    assert len(watch.api.looks) == 1


@pytest.mark.parametrize("error", [KeyRefused(), BadAnswer()])
def test_a_request_that_was_paid_for_is_looked_after_until_its_hour_is_over(
    monkeypatch: pytest.MonkeyPatch, error: ServiceError
) -> None:
    watch = Watch(monkeypatch, lambda *_: error)
    watch.run(LIFETIME - 60, watch.watch("a"))
    assert watch.lost == []
    watch = Watch(monkeypatch, lambda *_: error)
    watch.run(LIFETIME + 60, watch.watch("a"))
    assert [job for job, _ in watch.lost] == ["a"]


def test_an_unknown_id_counts_only_when_the_api_had_time_to_learn_it(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = RequestExpired()
    late = Watch(monkeypatch, lambda *_: unknown)
    late.run(60, late.watch("a"))
    assert late.lost == [("a", unknown)]
    assert SETTLING <= late.api.looks[-1][0] <= SETTLING + 3
    known = Watch(monkeypatch, lambda _, look: unknown if look < 4 else ApiState.PROCESSING)
    known.run(60, known.watch("a"))
    assert known.lost == []
    assert known.seen


def test_a_request_that_outlives_the_apis_hour_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    watch.run(200, watch.watch("old", age=LIFETIME - 100), watch.watch("young"))
    [(job, error)] = watch.lost
    assert job == "old"
    assert isinstance(error, RequestExpired)
    assert watch.api.times("request-old")[-1] == pytest.approx(100, abs=1)
    assert watch.api.times("request-young")[-1] > 198


def test_a_forgotten_request_is_never_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    watch.run(30, watch.watch("a"), watch.watch("b"), (5.2, lambda: watch.poller.forget("a")))
    assert watch.api.times("request-a")[-1] < 5.2
    assert watch.api.times("request-b")[-1] > 28


def test_an_answer_to_a_forgotten_request_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)

    def say(_: str, __: int) -> Answer:
        watch.poller.forget("a")
        return ApiState.COMPLETED

    watch.api._say = say
    watch.run(30, watch.watch("a"))
    assert (watch.seen, watch.lost) == ([], [])


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("count", [3, 100])
def test_all_requests_together_keep_within_the_budget(
    monkeypatch: pytest.MonkeyPatch, count: int, learned: bool
) -> None:
    watch = Watch(monkeypatch, _working)
    if learned:
        watch.learn()
    watch.run(200, *(watch.watch(f"{number}", number / 100) for number in range(count)))
    assert watch.most_looks_in(10.0) <= LOOKS_PER_SECOND * (10 + SAVED_SECONDS) + 1
    assert all(watch.api.times(f"request-{number}")[-1] > 100 for number in range(count))
    assert watch.api.most_at_work <= LOOKS_AT_ONCE


def test_at_equal_polls_a_learned_job_is_seen_sooner_than_by_a_loop_of_a_second() -> None:
    seconds = lognormal(1500, seed=5)
    learned, loop = simulate(seconds, 4, 4.6), fixed(seconds)
    assert learned.polls_each <= loop.polls_each
    assert learned.delay <= 0.75 * loop.delay


def test_few_requests_are_looked_at_densely_and_many_sparsely() -> None:
    seconds = lognormal(300, seed=6)
    one, two, thirty = (simulate(seconds, count, LOOKS_PER_SECOND) for count in (1, 2, 30))
    assert one.delay < two.delay < 0.3 < thirty.delay
    assert one.polls_each > two.polls_each > 8 > thirty.polls_each


def test_a_job_older_than_anything_learned_is_looked_at_until_its_hour_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch(monkeypatch, _working)
    watch.learn()
    watch.run(3700, watch.watch("a"))
    times = watch.api.times("request-a")
    assert max(later - earlier for earlier, later in pairwise(times)) <= 15.1
    assert times[-1] == pytest.approx(LIFETIME, abs=2)
    assert [job for job, _ in watch.lost] == ["a"]


@pytest.mark.parametrize("oldest", [55, 58])
def test_thousands_found_after_a_start_are_all_seen_before_their_hour_ends(
    monkeypatch: pytest.MonkeyPatch, oldest: int
) -> None:
    dice = random.Random(7)
    ages = {f"{number}": dice.uniform(0, oldest * 60) for number in range(2000)}
    watch = Watch(monkeypatch, lambda *_: ApiState.COMPLETED)
    watch.learn()
    watch.run(1200, *(watch.watch(job, 0.0, age) for job, age in ages.items()))
    looked = {request.removeprefix("request-"): at for at, request in watch.api.looks}
    assert looked.keys() == ages.keys()
    assert all(ages[job] + at < LIFETIME for job, at in looked.items())
    order = [ages[job] for job in looked]
    assert order == sorted(order, reverse=True)
    assert watch.most_looks_in(10.0) <= LOOKS_PER_SECOND * (10 + SAVED_SECONDS) + 1
    assert (watch.poller.watched, watch.lost) == (0, [])


def test_the_budget_is_raised_where_many_are_near_the_end_of_their_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch(monkeypatch, lambda *_: ApiState.COMPLETED)
    jobs = [watch.watch(f"{number}", 0.0, 56 * 60) for number in range(1500)]
    watch.run(240, *jobs)
    assert len(watch.seen) == 1500
    assert max(at for at, _ in watch.api.looks) < 150  # lest an outage at the end costs them
    assert 10 * 10 < watch.most_looks_in(10.0) <= MOST_PER_SECOND * (10 + SAVED_SECONDS) + 1


def test_whose_hour_is_half_over_does_not_wait_behind_others(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    others = [watch.watch(f"{number}", 0.5, 1500) for number in range(400)]
    watch.run(60, watch.watch("old", 0.0, 2400), *others)
    first, second, *_ = watch.api.times("request-old")
    assert second - first < 5


def test_old_jobs_that_do_not_end_leave_turns_for_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    watch.learn()
    old = [watch.watch(f"old{number}", 0.0, 2400) for number in range(100)]
    watch.run(600, *old, *(watch.watch(f"new{number}", 60.0) for number in range(5)))
    assert all(len(watch.api.times(f"request-new{number}")) >= 5 for number in range(5))


def test_a_rate_limit_halves_the_budget_and_quiet_minutes_bring_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch(monkeypatch, _working)
    refusals: list[Answer] = []
    watch.api._say = lambda *_: refusals.pop() if refusals else ApiState.QUEUED
    rates: list[float] = []

    def limit() -> None:
        refusals.append(RateLimited())

    def note() -> None:
        rates.append(watch.poller.looks_per_second)

    jobs = [watch.watch(f"{number}") for number in range(20)]
    watch.run(400, *jobs, (20, limit), (30, note), (95, note), (155, note), (300, note))
    assert rates == [2.0, 2.0 + GROWTH, 2.0 + 2 * GROWTH, LOOKS_PER_SECOND]
    assert watch.lost == []


def test_an_announced_reset_holds_for_all_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    reset = watch.clock.now + 40
    limited = RateLimited(reset_at=reset)
    watch.api._say = lambda *_: limited if watch.clock.now < reset else ApiState.QUEUED
    watch.run(80, *(watch.watch(f"{number}") for number in range(20)))
    early = [at for at, _ in watch.api.looks if at < 40]
    assert len(early) <= LOOKS_AT_ONCE
    assert len(watch.api.looks) > len(early) + 20


class TestBudget:
    def test_a_rate_limit_that_several_meet_together_counts_once(self) -> None:
        budget = Budget(4.0, 0.0)
        budget.too_much(10.0, 11.0, None)
        budget.too_much(10.5, 11.1, None)
        assert budget.rate == 2.0
        budget.too_much(11.2, 11.5, None)
        assert budget.rate == 1.0

    def test_it_never_falls_below_the_fewest(self) -> None:
        budget = Budget(4.0, 0.0)
        for moment in range(1, 10):
            budget.too_much(moment, moment + 0.5, None)
        assert budget.rate == FEWEST_PER_SECOND

    def test_a_need_raises_it_up_to_a_bound_whatever_the_api_says(self) -> None:
        budget = Budget(4.0, 0.0)
        budget.too_much(1.0, 2.0, None)
        budget.need = 7.0
        assert budget.rate == 7.0
        budget.need = 1000.0
        assert budget.rate == MOST_PER_SECOND


def test_a_watch_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    names = [(f"job{number}", f"request{number}") for number in range(5000)]
    watch.poller.watch("first", "first", submitted_at=0.0, work=1.0)
    tracemalloc.start()
    try:
        for job, request in names:
            watch.poller.watch(job, request, submitted_at=watch.clock.now, work=1.0)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert watch.poller.watched == 5001
    assert size / len(names) <= 250


def test_no_request_has_a_task_of_its_own_and_all_end_with_the_poller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch(monkeypatch, _working)
    tasks: list[int] = []
    jobs = [watch.watch(f"{number}") for number in range(500)]
    watch.run(20, *jobs, (10, lambda: tasks.append(len(asyncio.all_tasks()))))
    assert tasks[0] <= LOOKS_AT_ONCE + 2
    looks = len(watch.api.looks)

    async def count() -> int:
        await asyncio.sleep(10)
        return len(asyncio.all_tasks())

    assert watch.clock.run(count()) == 1
    assert len(watch.api.looks) == looks


def test_what_nobody_foresaw_loses_one_request_and_not_the_poller(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(
        monkeypatch, lambda request, _: ZeroDivisionError() if request.endswith("a") else ApiState.QUEUED
    )
    watch.run(10, watch.watch("a"), watch.watch("b"))
    [(job, error)] = watch.lost
    assert job == "a"
    assert type(error) is RepaintError
    assert watch.api.times("request-b")[-1] > 8
