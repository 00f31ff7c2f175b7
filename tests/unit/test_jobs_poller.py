"""The poller: when it looks at which request, and what ends its looking."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from itertools import pairwise

import pytest

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
from repaint.jobs.poller import FIRST, INTERVAL, LIFETIME, LOOKS_PER_SECOND, SETTLING, Poller
from repaint.models import ApiState, Status
from repaint.segmind.retry import TRIES_OF_REFUSALS
from tests.unit.quick_time import Clock

Answer = ApiState | Exception


class Api:
    """Answers what `say` says to the nth look (from 1) at a request, and keeps when that was."""

    def __init__(self, clock: Clock, say: Callable[[str, int], Answer]) -> None:
        self._clock = clock
        self._say = say
        self._began = clock.now
        self.looks: list[tuple[float, str]] = []
        self.at_work = self.most_at_work = 0

    async def status(self, request_id: str) -> Status:
        self.looks.append((round(self._clock.now - self._began, 3), request_id))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(0)
        self.at_work -= 1
        answer = self._say(request_id, sum(each == request_id for _, each in self.looks))
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
        self.poller = Poller(
            self.api,
            lambda job, status: self.seen.append((job, status.state)),
            lambda job, error: self.lost.append((job, error)),
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
        return at, lambda: self.poller.watch(job, f"request-{job}", age=age)


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


@pytest.mark.parametrize(("error", "looks"), [(KeyRefused(), TRIES_OF_REFUSALS), (RequestExpired(), 1)])
def test_a_final_refusal_loses_the_request(
    monkeypatch: pytest.MonkeyPatch, error: ServiceError, looks: int
) -> None:
    watch = Watch(monkeypatch, lambda *_: error)
    watch.run(60, watch.watch("a", age=SETTLING))
    assert watch.lost == [("a", error)]
    assert len(watch.api.looks) == looks


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


def test_answers_that_make_no_sense_are_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, lambda *_: BadAnswer())
    watch.run(600, watch.watch("a"))
    assert [job for job, _ in watch.lost] == ["a"]


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


def test_all_requests_together_keep_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch, _working)
    watch.run(120, *(watch.watch(f"{number}", number / 100) for number in range(100)))
    settled = [at for at, _ in watch.api.looks if at > 30]
    assert len(settled) <= 90 * LOOKS_PER_SECOND * 1.1
    assert all(watch.api.times(f"request-{number}")[-1] > 90 for number in range(100))
    assert watch.api.most_at_work <= poller.LOOKS_AT_ONCE


def test_what_nobody_foresaw_loses_one_request_and_not_the_poller(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(
        monkeypatch, lambda request, _: ZeroDivisionError() if request.endswith("a") else ApiState.QUEUED
    )
    watch.run(10, watch.watch("a"), watch.watch("b"))
    [(job, error)] = watch.lost
    assert job == "a"
    assert type(error) is RepaintError
    assert watch.api.times("request-b")[-1] > 8
