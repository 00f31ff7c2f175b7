"""What people see as it happens: a bounded log with sequence numbers, and a way to wait for changes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.world import World

MAX_EVENTS = 2_000
"""A reader who is further behind than this has missed some: the log must not grow without end."""


class Signal:
    """Wakes whoever waits for some condition whenever anything changed, and calls `listeners` at once."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self.listeners: list[Callable[[], None]] = []

    def notify(self) -> None:
        for listener in self.listeners:
            listener()
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def wait_for(self, true: Callable[[], bool], timeout: float | None) -> bool:  # noqa: ASYNC109 - it is the protocol's own wait
        """Wait until `true()`, at most `timeout` seconds; answers whether it became true."""
        try:
            async with asyncio.timeout(timeout):
                while not true():
                    future = asyncio.get_running_loop().create_future()
                    self._waiting.add(future)
                    try:
                        await future
                    finally:
                        self._waiting.discard(future)
        except TimeoutError:
            return true()
        return True


@dataclass(frozen=True)
class Event:
    """Something that happened, in a channel or (None) for everybody.

    `only_for` is set where one user alone may see it.
    """

    seq: int
    name: str
    data: dict[str, Any]
    channel: str | None
    only_for: str | None


class EventLog:
    """The latest events, for server-sent events with replay."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._seq = 0
        self.signal = Signal()

    @property
    def last(self) -> int:
        """The newest event's number; 0 before the first."""
        return self._seq

    def publish(
        self, name: str, data: dict[str, Any], channel: str | None, only_for: str | None = None
    ) -> None:
        self._seq += 1
        self._events.append(Event(self._seq, name, data, channel, only_for))
        self.signal.notify()

    def since(self, seq: int, user: str | None) -> list[Event]:
        """Events after `seq` that `user` may see (None: all), oldest first."""
        fresh = []
        for event in reversed(self._events):
            if event.seq <= seq:
                break
            if user is None or self._visible(event, user):
                fresh.append(event)
        return fresh[::-1]

    def _visible(self, event: Event, user: str) -> bool:
        seen = event.channel is None or self._world.can_view(user, event.channel)
        return seen and event.only_for in (None, user)
