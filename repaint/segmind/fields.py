"""Tolerant readers of single values from answers. Pure; what makes no sense is None."""

import datetime as dt
import email.utils
import json
import math
import re
from collections.abc import Iterable, Mapping

from repaint.errors import BadAnswer

MOST_PARTS = 100_000
EARLIEST, LATEST = 1e9, 4.1e9  # seconds since the epoch, 2001 to 2099: a time outside is a misunderstanding


def load(body: bytes) -> object:
    """The JSON value in a body. Raises BadAnswer.

    An answer has few parts, however long its pictures are; millions of them would hold up the event loop.
    """
    if sum(body.count(mark) for mark in (b"[", b"{", b",")) > MOST_PARTS:
        raise BadAnswer(f"JSON of too many parts: {one_line(body[:200])}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"not JSON ({type(error).__name__}): {one_line(body)}") from None


def text(value: object) -> str:
    """A string or a whole number as a string; anything else is empty."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: object) -> float | None:
    """A finite number that is not negative, also from a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def integer(value: object) -> int | None:
    """A whole number, also from a string ("698845") or a float without a fraction."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def first(mapping: Mapping[str, object], names: Iterable[str]) -> object:
    """The first of these fields that is there and not null."""
    return next((mapping[name] for name in names if mapping.get(name) is not None), None)


def moment(value: object) -> float | None:
    """A time in seconds since the epoch (UTC).

    From seconds, milliseconds, ISO 8601 (without an offset it is UTC) or an HTTP date: the contract knows the
    name of the header `x-rate-limit-reset-at-utc` and nothing about its form.
    """
    seconds = number(value)
    if seconds is None and isinstance(value, str):
        seconds = _date(value.strip())
    if seconds is None:
        return None
    if seconds >= EARLIEST * 1000:
        seconds /= 1000
    return seconds if EARLIEST <= seconds <= LATEST else None


def _date(value: str) -> float | None:
    plain = re.sub(r"\s*(UTC|GMT)$", "", value)
    for parse, form in ((dt.datetime.fromisoformat, plain), (email.utils.parsedate_to_datetime, value)):
        try:
            found = parse(form)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def one_line(value: str | bytes, limit: int = 300) -> str:
    """A text for the log: HTML tags, line breaks and control characters gone, cut short."""
    head = value[:4000]  # a body may be long; what follows is for reading
    if isinstance(head, bytes):
        head = head.decode("utf-8", "replace")
    head = re.sub(r"<[^<>]*>", " ", head)
    words = "".join(sign if sign.isprintable() else " " for sign in head).split()
    line = " ".join(words)
    return line if len(line) <= limit else line[: limit - 1] + "…"
