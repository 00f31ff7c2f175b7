"""Whether a failed call is made again."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint import errors
from repaint.errors import RepaintError, ServiceError
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import refusal
from repaint.segmind.retry import (
    LONGEST,
    LONGEST_RATE_LIMIT,
    GiveUp,
    Retry,
    decide,
    may_have_arrived,
)

NOW = 1_800_000_000.0
BILLED = [Operation.SUBMIT, Operation.SYNC]
READS = [found for found in Operation if found not in BILLED]
PASSING = [errors.NoAnswer(), errors.ServerFault(), errors.GatewayFault(), errors.ServerFault(status=408)]


def kinds(root: type[RepaintError]) -> list[type[RepaintError]]:
    return [root] + [found for child in root.__subclasses__() for found in kinds(child)]


SERVICE_ERRORS = [kind for kind in kinds(ServiceError) if issubclass(kind, ServiceError)]

any_error = st.one_of(
    st.builds(
        lambda kind, status: kind("", status=status),
        st.sampled_from(SERVICE_ERRORS),
        st.one_of(st.none(), st.integers(200, 599)),
    ),
    st.builds(
        lambda status, body: refusal(Operation.SUBMIT, status, {}, body, NOW),
        st.integers(300, 599),
        st.binary(max_size=20),
    ),
    st.builds(lambda reset: errors.RateLimited(reset_at=reset), st.one_of(st.none(), st.floats(0, 2 * NOW))),
    st.sampled_from([kind() for kind in kinds(RepaintError)]),
)
attempts = st.integers(1, 10_000)
dice = st.floats(0, 1)


def after(operation: Operation, error: RepaintError, attempt: int = 1, random: float = 0.5) -> float | None:
    decision = decide(operation, error, attempt, NOW, random)
    return decision.after if isinstance(decision, Retry) else None


@given(st.sampled_from(BILLED), any_error, attempts, dice)
def test_a_submit_that_may_have_been_accepted_is_never_repeated(
    operation: Operation, error: RepaintError, attempt: int, random: float
) -> None:
    decision = decide(operation, error, attempt, NOW, random)
    if isinstance(decision, Retry):
        assert type(error) in (errors.NotReached, errors.RateLimited)


@given(any_error)
def test_only_what_surely_did_not_arrive_is_said_not_to(error: RepaintError) -> None:
    if isinstance(error, ServiceError) and not may_have_arrived(error):
        assert isinstance(error, errors.NotReached) or 300 <= (error.status or 0) <= 500


@pytest.mark.parametrize(
    ("error", "open_"),
    [
        (errors.NotReached(), False),
        (errors.RateLimited(), False),
        (errors.KeyRefused(), False),
        (errors.OutOfCredits(), False),
        (errors.InferenceFailed(), False),
        (errors.ServerFault(status=413), False),
        (errors.BadAnswer(status=302), False),
        (errors.NoAnswer(), True),
        (errors.BadAnswer(), True),
        (errors.BadAnswer(status=200), True),
        (errors.ServerFault(), False),
        (errors.GatewayFault(status=504), True),
    ],
)
def test_what_may_have_arrived(error: ServiceError, open_: bool) -> None:
    assert may_have_arrived(error) is open_


@pytest.mark.parametrize("operation", BILLED)
def test_a_submit_is_repeated_when_nothing_was_sent_or_the_plan_says_wait(operation: Operation) -> None:
    assert after(operation, errors.NotReached()) is not None
    assert after(operation, errors.RateLimited()) is not None
    assert after(operation, errors.NotReached(), attempt=10) is None


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("error", [*PASSING, errors.NotReached(), errors.RateLimited(), errors.BadAnswer()])
def test_reads_and_uploads_are_repeated_when_it_may_pass(operation: Operation, error: RepaintError) -> None:
    assert after(operation, error) is not None


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize(
    "error",
    [
        errors.BadRequest(),
        errors.NotFound(),
        errors.RequestExpired(),
        errors.WrongMethod(),
        errors.Rejected(),
        errors.OutOfCredits(),
        errors.ModelRetired(),
        errors.InferenceFailed(),
        errors.ContentBlocked(),
        errors.ServerFault(status=413),
        errors.OutputUnavailable(),
        errors.StorageError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_will_not_pass_is_not_repeated(operation: Operation, error: RepaintError) -> None:
    assert after(operation, error) is None


@pytest.mark.parametrize("error", [errors.KeyRefused(), errors.ModelForbidden()])
@pytest.mark.parametrize("operation", list(Operation))
def test_a_refused_key_is_doubted_only_for_what_was_paid_with_it(
    operation: Operation, error: RepaintError
) -> None:
    paid = operation in (Operation.STATUS, Operation.RESULT)
    for attempt in (1, 100):
        assert (after(operation, error, attempt) is not None) is paid


PAID = (Operation.STATUS, Operation.RESULT)


@given(st.sampled_from(PAID), attempts, dice)
def test_what_was_paid_for_is_not_given_up_by_a_count(
    operation: Operation, attempt: int, random: float
) -> None:
    for error in [*PASSING, errors.NotReached(), errors.RateLimited(), errors.BadAnswer()]:
        assert after(operation, error, attempt, random) is not None


@pytest.mark.parametrize("operation", [found for found in Operation if found not in PAID])
def test_everything_else_gives_up_in_the_end(operation: Operation) -> None:
    for error in [*PASSING, errors.NotReached(), errors.RateLimited(), errors.BadAnswer()]:
        tried = itertools.takewhile(
            lambda attempt: after(operation, error, attempt) is not None,  # noqa: B023  used up in this turn
            itertools.count(1),
        )
        assert sum(1 for _ in tried) <= 40


def test_a_wrong_api_at_the_address_is_not_asked_for_ever() -> None:
    assert after(Operation.HISTORY, errors.BadAnswer(), attempt=1) is not None
    assert after(Operation.UPLOAD, errors.BadAnswer(), attempt=6) is None


@given(st.sampled_from(Operation), any_error, attempts, dice)
def test_a_delay_is_positive_and_bounded(
    operation: Operation, error: RepaintError, attempt: int, random: float
) -> None:
    delay = after(operation, error, attempt, random)
    assert delay is None or 0.3 < delay <= LONGEST_RATE_LIMIT + 3


@given(st.integers(1, 50), dice)
def test_delays_grow(attempt: int, random: float) -> None:
    for error in [*PASSING, errors.NotReached(), errors.RateLimited()]:
        now, later = (after(Operation.STATUS, error, n, random) for n in (attempt, attempt + 1))
        assert now is not None
        assert later is not None
        assert now <= later <= LONGEST * 1.25


def test_delays_are_spread_by_the_dice() -> None:
    low, high = (after(Operation.STATUS, errors.NoAnswer(), 4, random) for random in (0.0, 1.0))
    assert (low, high) == (3.0, 5.0)


def test_an_announced_end_of_a_rate_limit_is_waited_for() -> None:
    assert after(Operation.SUBMIT, errors.RateLimited(reset_at=NOW + 40), random=0.0) == 40
    assert after(Operation.SUBMIT, errors.RateLimited(reset_at=NOW + 40), random=1.0) == 43


@pytest.mark.parametrize("reset_at", [None, NOW - 3600, NOW])
def test_without_a_usable_end_the_wait_is_our_own(reset_at: float | None) -> None:
    assert after(Operation.SUBMIT, errors.RateLimited(reset_at=reset_at), random=0.0) == 1.5


def test_an_end_beyond_reason_is_not_waited_for() -> None:
    far = errors.RateLimited(reset_at=NOW + 86_400)
    assert after(Operation.SUBMIT, far, random=0.0) == LONGEST_RATE_LIMIT


@pytest.mark.parametrize(
    ("cause", "again"),
    [
        (errors.NoAnswer(), True),
        (errors.GatewayFault(), True),
        (errors.NotFound(), False),
        (OSError("x"), False),
        (None, False),
    ],
)
def test_an_output_is_asked_for_again_where_what_stood_in_the_way_may_pass(
    cause: Exception | None, again: bool
) -> None:
    error = errors.OutputUnavailable()
    error.__cause__ = cause
    assert (after(Operation.DOWNLOAD, error) is not None) is again


def test_giving_up_is_a_value() -> None:
    assert decide(Operation.SUBMIT, errors.SubmitUnknown(), 1, NOW, 0.5) == GiveUp()
