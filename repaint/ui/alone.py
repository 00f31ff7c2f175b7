"""Answers with many pictures take work, memory and disk, so everybody has one in hand at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from repaint.errors import RequestError
from repaint.text import text

BUSY = text("One moment: I am still at your last request.")
_served: set[int] = set()  # the members whose answers are in hand


@contextlib.contextmanager
def alone(user_id: int) -> Iterator[None]:
    """For the time of one such answer. Raises RequestError at a second one of the same person's."""
    if user_id in _served:
        raise RequestError(sentence=BUSY)
    _served.add(user_id)
    try:
        yield
    finally:
        _served.remove(user_id)
