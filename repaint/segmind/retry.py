"""Whether a failed call is made again, and when. Pure: the clock and the dice come in as arguments.

A submit is billed and has no idempotency key, so it is repeated only where it surely was not accepted: the
connection was never made, or the answer was 429. Everything else is read or overwritten and may be repeated.
"""

import dataclasses

from repaint.errors import (
    BadAnswer,
    KeyRefused,
    ModelForbidden,
    NoAnswer,
    NotReached,
    OutputUnavailable,
    RateLimited,
    RepaintError,
    ServerFault,
    ServiceError,
)
from repaint.segmind.operation import Operation

LONGEST = 30.0  # seconds between two tries
LONGEST_RATE_LIMIT = 120.0  # an announced end beyond this is a wrong clock, not a plan's minute

# How often a call is tried at all. What was paid for is not given up by a count: whoever asks for its state
# or its result ends that with the hour that the API keeps them.
TRIES: dict[Operation, int | None] = {
    Operation.SUBMIT: 10,
    Operation.SYNC: 10,
    Operation.UPLOAD: 3,  # then the picture goes as base64 with the submit
    Operation.STATUS: None,
    Operation.RESULT: None,
    Operation.HISTORY: 5,
    Operation.CREDITS: 5,
    Operation.DOWNLOAD: 40,  # some twenty minutes
}
# A gateway's page in place of an answer may pass; another API at the address will not.
TRIES_OF_BAD_ANSWERS = 6


@dataclasses.dataclass(frozen=True, slots=True)
class Retry:
    """Try again after so many seconds."""

    after: float


@dataclasses.dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again; the error is the outcome."""


def decide(
    operation: Operation, error: RepaintError, attempt: int, now: float, random: float
) -> Retry | GiveUp:
    """What follows after try number `attempt` (from 1) ended with `error`.

    `now` in seconds since the epoch, `random` from 0 to 1. An OutputUnavailable counts as what stood in the
    way (its cause), so that a file server that is away for a moment does not cost a picture.
    """
    if isinstance(error, OutputUnavailable) and isinstance(error.__cause__, ServiceError):
        error = error.__cause__
    tries = TRIES[operation]
    if tries is not None and attempt >= tries:
        return GiveUp()
    if isinstance(error, RateLimited):
        return Retry(_until_reset(error, attempt, now, random))
    if isinstance(error, NotReached):
        return Retry(_growing(0.5, attempt, random))
    if operation.is_billed or not _may_pass(operation, error, attempt):
        return GiveUp()
    return Retry(_growing(0.5, attempt, random))


def may_have_arrived(error: ServiceError) -> bool:
    """Whether a submit that ended with `error` may be under way all the same.

    Not if the connection was never made, and not if the answer was a redirect or a refusal (3xx, 4xx), or the
    API's own 500, which often means a bad parameter and is not billed (Segmind docs: only 200 is).
    A gateway's fault, a lost answer and a success that cannot be read leave it open.
    """
    if isinstance(error, NotReached) or (type(error) is ServerFault and error.status == 500):
        return False
    return error.status is None or not 300 <= error.status < 500


def _may_pass(operation: Operation, error: RepaintError, attempt: int) -> bool:
    if isinstance(error, NoAnswer):
        return True
    paid = TRIES[operation] is None
    if isinstance(error, KeyRefused | ModelForbidden):  # of what was submitted with this very key
        return paid
    if isinstance(error, ServerFault):  # also the class of undocumented 4xx, of which only 408 passes
        return error.status is None or error.status >= 500 or error.status == 408
    return isinstance(error, BadAnswer) and (paid or attempt < TRIES_OF_BAD_ANSWERS)


def _growing(base: float, attempt: int, random: float) -> float:
    """Doubles with each attempt up to LONGEST, spread by a quarter to both sides."""
    doubled = base * 2.0 ** min(attempt - 1, 16)
    return min(doubled, LONGEST) * (0.75 + 0.5 * random)


def _until_reset(error: RateLimited, attempt: int, now: float, random: float) -> float:
    wait = _growing(2.0, attempt, random)
    if error.reset_at is None:
        return wait
    left = min(error.reset_at - now, LONGEST_RATE_LIMIT)
    return max(left + 3 * random, wait)  # spread, so that not all waiting jobs come at once
