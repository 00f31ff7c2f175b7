"""What an answer that is not a success means: HTTP status → error, no answer → error. Pure.

Segmind answers `{"error": "message"}` and has no symbolic codes, so two things can only be told from the
words: credits that do not suffice (406) and a content block (a FAILED request, or 400, 403, 406 of a submit).
What is no JSON object comes from something in front of the API, so it says nothing about key and account.
"""

import json
import re
from collections.abc import Mapping

import aiohttp

from repaint.errors import (
    BadAnswer,
    BadRequest,
    ContentBlocked,
    GatewayFault,
    InferenceFailed,
    Intercepted,
    KeyRefused,
    ModelForbidden,
    ModelRetired,
    NoAnswer,
    NotFound,
    NotReached,
    OutOfCredits,
    RateLimited,
    Rejected,
    RequestExpired,
    ServerFault,
    ServiceError,
    WrongMethod,
)
from repaint.segmind.fields import moment, number, one_line
from repaint.segmind.operation import Operation

CREDITS = re.compile(r"\bcredits?\b|\bbalance\b", re.IGNORECASE)

# Whole words only: a broken "model.safetensors" is no question of safety.
CONTENT = re.compile(
    r"\bnsfw\b|\bmoderat(ed|ion)\b|\bsexually explicit\b|\binappropriate\b|\bprohibited\b|\bflagged\b"
    r"|\bsafety (checker|filter|system|polic(y|ies)|guidelines?)\b"
    r"|\b(content|usage|prompt)\W+(\w+\W+){0,3}(block(ed)?|filter(ed)?|polic(y|ies)|rules?|violat\w+)\b"
    r"|\b(block(ed)?|violat\w+)\W+(\w+\W+){0,4}(content|polic(y|ies)|guidelines?)\b",
    re.IGNORECASE,
)

DOCUMENTED: Mapping[int, type[ServiceError]] = {
    400: BadRequest,
    401: KeyRefused,
    403: ModelForbidden,
    404: NotFound,
    405: WrongMethod,
    406: Rejected,
    410: ModelRetired,
    502: GatewayFault,
    503: GatewayFault,
    504: GatewayFault,
}


def refusal(
    operation: Operation, status: int, headers: Mapping[str, str], body: bytes, now: float
) -> ServiceError:
    """The error that an answer with this HTTP status means. `now` in seconds since the epoch.

    Header names are looked up in lower case, so `headers` is a case-insensitive mapping or has such names.
    """
    said = message(body)
    detail = f"{operation}: HTTP {status}: {said}"
    if status == 422:
        return failed(said)
    if status == 429:
        return RateLimited(detail, reset_at=_reset(headers, now))
    is_own = _is_object(body)
    kind = DOCUMENTED.get(status, ServerFault)
    if status < 400:
        kind = BadAnswer  # a redirect is not followed with the key
    elif status == 404 and operation in (Operation.STATUS, Operation.RESULT):
        kind = RequestExpired
    elif status == 406 and CREDITS.search(said):
        kind = OutOfCredits
    elif status in (400, 403, 406) and operation.is_billed and is_own and CONTENT.search(said):
        kind = ContentBlocked
    elif status in (401, 403) and not is_own and operation is not Operation.DOWNLOAD:
        kind = Intercepted  # a file server answers in whatever words it likes
    elif status == 500 and not is_own:
        kind = GatewayFault  # not the API's own words, so something in front of it answered
    return kind(detail, status=status)


def no_answer(operation: Operation, error: Exception) -> ServiceError:
    """The error of a call without an answer, from aiohttp's or the system's.

    NotReached only if the connection was never made, so that surely nothing was sent.
    """
    detail = one_line(f"{operation}: {type(error).__name__}: {error}", 500)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return NotReached(detail)
    return NoAnswer(detail)


def failed(said: str) -> InferenceFailed:
    """The error of a FAILED request, from the API's own text."""
    blocked = CONTENT.search(said)
    return (ContentBlocked if blocked else InferenceFailed)(f"FAILED: {one_line(said)}")


def message(body: bytes) -> str:
    """What an error's body says in one line: its `error` (or `message`, `detail`), else its text."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):  # HTML from a gateway
        return one_line(body)
    return said(value)


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def said(value: object) -> str:
    """The words in an `error`, which may be a string or hold one."""
    for _ in range(4):
        if not isinstance(value, dict):
            break
        inner = next((value[name] for name in ("error", "message", "detail") if value.get(name)), None)
        if inner is None:
            break
        value = inner
    if isinstance(value, str):
        return one_line(value)
    try:
        return one_line(json.dumps(value)) if value is not None else ""
    except RecursionError:
        return ""


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    """When a rate limit ends. Retry-After is not sent by the API, but a gateway before it may."""
    announced = moment(headers.get("x-rate-limit-reset-at-utc"))
    if announced is not None:
        return announced
    wait = headers.get("retry-after")
    seconds = number(wait)
    return now + seconds if seconds is not None else moment(wait)
