"""The breaker: when submits are held, who tries whether the service is back, and for how long it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from repaint.errors import (
    BadAnswer,
    BadRequest,
    GatewayFault,
    Intercepted,
    KeyRefused,
    NoAnswer,
    NotReached,
    RateLimited,
    ServerFault,
    ServiceError,
    SubmitUnknown,
)
from repaint.jobs.breaker import IN_A_ROW, LONGEST, NOTE, TRIAL, Breaker
from tests.unit.quick_time import Clock

HOLD = 30.0
ANN, BEN = 1, 2


def lost(cause: ServiceError) -> SubmitUnknown:
    """A submit's error as the client raises it where the request may have been accepted."""
    error = SubmitUnknown(status=cause.status)
    error.__cause__ = cause
    return error


DOWN = [NotReached(), GatewayFault(), ServerFault(status=520), lost(GatewayFault(status=504))]
REFUSALS = [BadRequest(), KeyRefused(), RateLimited(), ServerFault(status=413), BadAnswer(status=302)]
FAULTS = [ServerFault(), GatewayFault(status=500), lost(GatewayFault(status=500))]  # of any body
UNCLEAR = [NoAnswer(), BadAnswer(), BadAnswer(status=200), SubmitUnknown(), lost(NoAnswer())]


class Service:
    """A breaker at work by a quick clock, with a probe that says what `is_down` says."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.breaker = Breaker(HOLD)
        self.is_down = True
        self.probes: list[float] = []
        self.began = self.clock.now

    @property
    def age(self) -> float:
        return self.clock.now - self.began

    async def probe(self) -> None:
        self.probes.append(self.age)
        if self.is_down:
            raise GatewayFault

    def fail(self, *errors: ServiceError, user: int = ANN) -> None:
        for error in errors:
            self.breaker.failed(error, user)

    def go_down(self) -> None:
        self.fail(*[GatewayFault()] * IN_A_ROW)

    def runs(self, story: Callable[[], Awaitable[None]]) -> None:
        """Tell a story while the breaker works."""

        async def main() -> None:
            work = asyncio.create_task(self.breaker.run(self.probe))
            try:
                await story()
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

        self.clock.run(main())


@pytest.fixture
def service() -> Service:
    return Service()


async def passes(breaker: Breaker) -> bool:
    """Whether a submit may go at once."""
    try:
        async with asyncio.timeout(0.001):
            await breaker.ready()
    except TimeoutError:
        return False
    return True


# What opens it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", DOWN, ids=repr)
def test_four_failures_in_a_row_hold_the_submits(service: Service, error: ServiceError) -> None:
    async def story() -> None:
        service.fail(*[error] * (IN_A_ROW - 1))
        assert await passes(service.breaker)
        assert service.breaker.note == ""
        service.fail(error)
        assert service.breaker.is_open
        assert not await passes(service.breaker)
        assert service.breaker.note == NOTE

    service.runs(story)


def test_the_kinds_of_failure_add_up(service: Service) -> None:
    service.clock.run(asyncio.sleep(0))
    service.fail(*DOWN)
    assert service.breaker.is_open


@pytest.mark.parametrize("end", [*REFUSALS, None], ids=repr)
def test_an_answer_in_between_ends_the_row(service: Service, end: ServiceError | None) -> None:
    for _ in range(3):
        service.fail(*[GatewayFault()] * (IN_A_ROW - 1))
        if end is None:
            service.breaker.succeeded()
        else:
            service.fail(end)
    assert not service.breaker.is_open


@pytest.mark.parametrize("error", [*REFUSALS, *UNCLEAR], ids=repr)
def test_refusals_and_lost_answers_never_open_it(service: Service, error: ServiceError) -> None:
    service.fail(*[error] * 50)
    assert not service.breaker.is_open


@pytest.mark.parametrize("error", UNCLEAR, ids=repr)
def test_a_lost_answer_does_not_end_the_row_either(service: Service, error: ServiceError) -> None:
    service.fail(*[GatewayFault()] * (IN_A_ROW - 1), error, GatewayFault())
    assert service.breaker.is_open


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_500_counts_only_when_two_members_meet_failures(service: Service, fault: ServiceError) -> None:
    service.fail(*[fault] * 50)
    assert not service.breaker.is_open
    service.fail(fault, user=BEN)
    assert service.breaker.is_open


def test_faults_of_one_member_do_not_fill_up_the_row(service: Service) -> None:
    service.fail(GatewayFault(), *[ServerFault()] * 3, GatewayFault())
    assert not service.breaker.is_open


# Polls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [NotReached(), GatewayFault()], ids=repr)
def test_failing_looks_hold_the_submits_too(service: Service, error: ServiceError) -> None:
    for _ in range(IN_A_ROW - 1):
        service.breaker.read_failed(error)
    service.breaker.read_succeeded()
    for _ in range(IN_A_ROW - 1):
        service.breaker.read_failed(error)
    assert not service.breaker.is_open
    service.breaker.read_failed(error)
    assert service.breaker.is_open


@pytest.mark.parametrize("error", [NoAnswer(), *FAULTS, RateLimited(), BadAnswer()], ids=repr)
def test_looks_that_fail_otherwise_say_nothing(service: Service, error: ServiceError) -> None:
    for _ in range(50):
        service.breaker.read_failed(error)
    assert not service.breaker.is_open


def test_looks_that_succeed_do_not_make_up_for_submits_that_fail(service: Service) -> None:
    for _ in range(IN_A_ROW):
        service.fail(GatewayFault())
        service.breaker.read_succeeded()
    assert service.breaker.is_open


# What closes it -------------------------------------------------------------------------------------------


def test_a_probe_after_the_hold_lets_one_submit_try_and_its_success_all(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        service.is_down = False
        gone: list[tuple[int, float]] = []

        async def submit(number: int) -> None:
            await service.breaker.ready()
            gone.append((number, service.age))

        submits = [asyncio.create_task(submit(number)) for number in range(5)]
        await asyncio.sleep(HOLD + 20)
        assert service.probes == [HOLD]
        assert gone == [(0, HOLD)]
        assert service.breaker.note == NOTE  # the others wait for it
        service.breaker.succeeded()
        await asyncio.gather(*submits)
        assert gone == [(0, HOLD), *((number, HOLD + 20) for number in range(1, 5))]
        assert not service.breaker.is_open
        assert await passes(service.breaker)

    service.runs(story)


def test_probes_come_ever_later_but_not_later_than_ten_holds(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        await asyncio.sleep(40 * HOLD)

    service.runs(story)
    gaps = [later - earlier for earlier, later in zip([0.0, *service.probes], service.probes, strict=False)]
    assert gaps[:6] == [HOLD, 2 * HOLD, 4 * HOLD, 8 * HOLD, LONGEST * HOLD, LONGEST * HOLD]


def test_a_trial_that_fails_holds_for_twice_as_long_and_a_success_forgets_it(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        service.is_down = False
        await service.breaker.ready()
        service.fail(GatewayFault())
        assert not await passes(service.breaker)
        await service.breaker.ready()
        service.fail(NoAnswer())  # it would lose the next job's answer too
        await service.breaker.ready()
        service.breaker.succeeded()
        service.go_down()
        await service.breaker.ready()

    service.runs(story)
    assert service.probes == pytest.approx([HOLD, 3 * HOLD, 7 * HOLD, 8 * HOLD])


@pytest.mark.parametrize("refusal", REFUSALS, ids=repr)
def test_a_trial_that_is_refused_has_found_the_service(service: Service, refusal: ServiceError) -> None:
    async def story() -> None:
        service.go_down()
        service.is_down = False
        await service.breaker.ready()
        service.fail(refusal)
        assert not service.breaker.is_open

    service.runs(story)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_500_of_who_was_in_the_row_leaves_the_trial_to_the_next(
    service: Service, fault: ServiceError
) -> None:
    async def story() -> None:
        for user in (ANN, ANN, BEN, BEN):
            service.fail(fault, user=user)
        assert service.breaker.is_open
        service.is_down = False
        for user in (ANN, BEN, ANN, BEN):
            await service.breaker.ready()
            service.fail(fault, user=user)
        assert (service.age, service.probes) == (HOLD, [HOLD])
        await service.breaker.ready()
        service.breaker.succeeded()  # somebody else's
        assert not service.breaker.is_open

    service.runs(story)


def test_a_500_of_another_member_is_a_trial_that_failed(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        service.is_down = False
        await service.breaker.ready()
        service.fail(ServerFault(), user=BEN)
        assert not await passes(service.breaker)
        await service.breaker.ready()
        service.fail(ServerFault(), user=BEN)  # known by now
        await service.breaker.ready()

    service.runs(story)
    assert service.probes == [HOLD, 3 * HOLD]


def test_a_500_alone_fails_no_trial_where_nobody_was_in_the_row(service: Service) -> None:
    async def story() -> None:
        for _ in range(IN_A_ROW):
            service.breaker.read_failed(NotReached())
        service.is_down = False
        for _ in range(3):
            await service.breaker.ready()
            service.fail(ServerFault())
        await service.breaker.ready()

    service.runs(story)
    assert service.probes == [HOLD]


def test_who_was_in_the_row_is_forgotten_once_it_is_closed(service: Service) -> None:
    service.clock.run(asyncio.sleep(0))
    service.go_down()
    service.breaker.succeeded()
    service.fail(*[ServerFault()] * 50, user=BEN)
    assert not service.breaker.is_open


@pytest.mark.parametrize("status", [401, 403])
def test_a_firewalls_page_says_nothing_of_what_is_behind_it(service: Service, status: int) -> None:
    page = Intercepted(status=status)

    async def story() -> None:
        service.fail(*[page] * 50)
        assert await passes(service.breaker)
        service.fail(*[GatewayFault()] * (IN_A_ROW - 1), page, GatewayFault())
        service.is_down = False
        await service.breaker.ready()
        service.fail(page)
        assert service.breaker.is_open
        await service.breaker.ready()  # the turn goes to the next, without another hold

    service.runs(story)
    assert service.probes == [HOLD]


def test_a_turn_that_is_not_used_goes_to_the_next(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        service.is_down = False
        await service.breaker.ready()
        assert not await passes(service.breaker)
        service.breaker.passed_by()
        assert await passes(service.breaker)
        assert service.breaker.is_open

    service.runs(story)


def test_a_turn_whose_end_nobody_tells_is_not_waited_for_for_ever(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        service.is_down = False
        await service.breaker.ready()
        await service.breaker.ready()
        assert service.age == HOLD + TRIAL

    service.runs(story)


def test_to_prepare_a_submit_takes_no_turn(service: Service) -> None:
    async def story() -> None:
        await service.breaker.passable()
        service.go_down()
        service.is_down = False
        await service.breaker.passable()
        assert service.age == HOLD
        await service.breaker.passable()
        assert await passes(service.breaker)

    service.runs(story)


def test_a_submit_from_before_that_succeeds_late_closes_it_at_once(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        waiting = asyncio.create_task(service.breaker.ready())
        await asyncio.sleep(5)
        service.breaker.succeeded()
        await waiting
        assert service.age == 5
        await asyncio.sleep(10 * HOLD)
        assert service.probes == []

    service.runs(story)


def test_submits_from_before_that_fail_late_do_not_lengthen_the_hold(service: Service) -> None:
    async def story() -> None:
        service.go_down()
        await asyncio.sleep(5)
        service.fail(*[GatewayFault()] * 20)
        service.is_down = False
        await service.breaker.ready()
        service.breaker.succeeded()
        assert not service.breaker.is_open

    service.runs(story)
    assert service.probes == [HOLD]
