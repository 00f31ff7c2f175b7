"""The server's time: real time plus what the admin route has added to it."""

import asyncio
import time
from datetime import UTC, datetime


class Bell:
    """Wakes everyone who waits for it, each time it rings."""

    def __init__(self) -> None:
        self._ring: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake all who wait now. Who waits later waits for the next ring."""
        if self._ring is not None and not self._ring.done():
            self._ring.set_result(None)
        self._ring = None

    async def wait(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  its end is not an error
        """Return at the next ring, or after `timeout` seconds."""
        if self._ring is None:
            self._ring = asyncio.get_running_loop().create_future()
        await asyncio.wait({self._ring}, timeout=timeout)


class Clock:
    """Unix time in seconds, which can be moved forward. Every age that the server knows goes by it."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset
        self.moved = Bell()

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward; whoever sleeps by it and is now due wakes up."""
        self.offset += seconds
        self.moved.ring()

    async def sleep(self, seconds: float) -> None:
        """Return when the clock, moved or not, is `seconds` further."""
        due = self.now() + seconds
        while (left := due - self.now()) > 0:
            await self.moved.wait(left)


def iso(moment: float) -> str:
    """Return a unix time as ISO 8601 in UTC, e.g. `2026-03-01T12:00:00.250Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
