"""When which card is looked at next, in a few bytes a job; and how many a second."""

from __future__ import annotations

import heapq
import math
from collections import deque
from typing import NamedTuple

EDITS_A_SECOND = 20
HALF = 30  # bits of a fingerprint
CARD = (1 << HALF) - 1  # the lower ones


class Ticket(NamedTuple):
    """When a job's card is looked at, and what is remembered of it. Moments by time.monotonic.

    A change makes a new one: the one in the agenda's table is valid, older ones in its heap are passed over.
    """

    due: float
    job_id: str
    edited: float = -math.inf  # when it was last edited
    shown: int = 0  # what it showed then (see `fingerprint`)
    by_bot: bool = False  # edits go by the bot's token


def fingerprint(stage: object, card: object) -> int:
    """A stage of the job's life and the whole card in 60 bits, which are half as large as two hashes."""
    return (hash(repr(stage)) & CARD) << HALF | hash(repr(card)) & CARD


def same_stage(one: int, other: int) -> bool:
    """Whether two cards differ at most in their bar or their place in the queue."""
    return one >> HALF == other >> HALF


def same_card(one: int, other: int) -> bool:
    """Whether two cards look the same, in whatever stages."""
    return one & CARD == other & CARD


class Agenda:
    """The tickets of all cards that are shown, by the moment they are due."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._heap: list[Ticket] = []
        self.by_bot = 0  # cards that are edited by the bot's token

    def __len__(self) -> int:
        return len(self._tickets)

    def get(self, job_id: str) -> Ticket | None:
        return self._tickets.get(job_id)

    def put(self, ticket: Ticket) -> None:
        """Set when a job's card is due, instead of whatever held before; math.inf: not by itself."""
        self.drop(ticket.job_id)
        self._tickets[ticket.job_id] = ticket
        self.by_bot += ticket.by_bot
        if ticket.due < math.inf:
            heapq.heappush(self._heap, ticket)
        if len(self._heap) > 1.25 * len(self._tickets) + 100:  # shown anew before they were due
            self._heap = [each for each in self._tickets.values() if each.due < math.inf]
            heapq.heapify(self._heap)

    def drop(self, job_id: str) -> None:
        old = self._tickets.pop(job_id, None)
        if old is not None:
            self.by_bot -= old.by_bot

    def first(self) -> Ticket | None:
        """The one that is due first; it stays."""
        while self._heap and self._tickets.get(self._heap[0].job_id) is not self._heap[0]:
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def take(self) -> None:
        """Take the first out of the order; it is kept as the job's ticket until another is put."""
        heapq.heappop(self._heap)


class Budget:
    """At most so many in any second."""

    def __init__(self, a_second: int = EDITS_A_SECOND) -> None:
        self._last: deque[float] = deque([-math.inf] * a_second, maxlen=a_second)

    def wait(self, now: float) -> float:
        """Seconds until the next one may be; 0: now."""
        return max(0.0, self._last[0] + 1.0 - now)

    def spend(self, now: float) -> None:
        self._last.append(now)
