"""A clock that can be moved forward, so that nobody waits 15 minutes for a token to end."""

from __future__ import annotations

import time
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
"""Discord's epoch, the first second of 2015 (Discord API docs, Reference › Snowflakes)."""


class Clock:
    """Wall clock plus what it was advanced by. Unix seconds."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move forward; never back, because ids are times and must keep rising."""
        if seconds < 0:
            raise ValueError("the clock goes forward only")
        self._ahead += seconds


class Snowflakes:
    """Discord ids: 42 bits of milliseconds since 2015, 22 bits that tell apart what one millisecond made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._aged = 0

    def next(self) -> str:
        value = (int(self._clock.now() * 1000) - EPOCH_MS) << 22
        self._last = max(value, self._last + 1)
        return str(self._last)

    def aged(self, seconds: float) -> str:
        """An id that looks as if it was made so many seconds ago. Bit 21 tells it from those of `next`."""
        self._aged += 1
        past = (int((self._clock.now() - seconds) * 1000) - EPOCH_MS) << 22
        return str(past | 1 << 21 | self._aged % (1 << 21))


def created_at(snowflake: str) -> float:
    """When that id was made, in Unix seconds."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000


def iso(seconds: float) -> str:
    """Discord's way to write a time: ISO 8601 with microseconds and offset."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
