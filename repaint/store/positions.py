"""How many jobs go before a job: an estimate that needs no turn to be played through."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import sqlalchemy as sa

from repaint.models import Job
from repaint.store.tables import WAITING, jobs, turns

CHEAP = 0.001  # seconds; what is found faster is looked up anew each time
REUSE = 20.0  # times as long as it took to find


class _Server(NamedTuple):
    fair_key: int
    begins: float  # its next turn, in virtual time
    waiting: int


class Positions:
    """Answers `position`; keeps for a short while what it takes long to find."""

    def __init__(self) -> None:
        self._servers: list[_Server] = []
        self._good_until = 0.0

    def find(self, c: sa.Connection, job: Job) -> int:
        """1 = next. Within a server by place; the servers by turns as if all jobs were as much work."""
        began = time.monotonic()
        if began > self._good_until:
            self._servers = _servers(c)
            took = time.monotonic() - began
            self._good_until = began + took * REUSE if took > CHEAP else 0.0
        ahead = _ahead(c, job)
        own = job.origin.fair_key
        work = job.request.work
        begins = next((each.begins for each in self._servers if each.fair_key == own), 0.0) + ahead * work
        position = 1 + ahead
        for fair_key, first, waiting in self._servers:
            if fair_key != own and (begins, own) > (first, fair_key):
                turns_before = (begins - first) / work
                whole = math.ceil(turns_before)
                # A turn at the very same moment goes by the servers' numbers, as in a claim.
                before = whole + 1 if whole == turns_before and fair_key < own else whole
                position += min(before, waiting)
        return position


def _servers(c: sa.Connection) -> list[_Server]:
    counts = (
        sa.select(jobs.c.fair_key, sa.func.count().label("waiting"))
        .where(sa.text(WAITING))
        .group_by(jobs.c.fair_key)
        .subquery()
    )
    present: float = c.scalar(sa.select(sa.func.max(turns.c.begun))) or 0.0
    query = sa.select(turns.c.fair_key, turns.c.virtual, counts.c.waiting).join_from(
        turns, counts, turns.c.fair_key == counts.c.fair_key
    )
    return [_Server(row.fair_key, max(row.virtual, present), row.waiting) for row in c.execute(query)]


def _ahead(c: sa.Connection, job: Job) -> int:
    """How many jobs of the same server have a better place."""
    mine = (job.place if job.place is not None else math.inf, job.created_at, job.id)
    query = sa.select(sa.func.count()).where(
        jobs.c.fair_key == job.origin.fair_key,
        sa.text(WAITING),
        jobs.c.place <= mine[0],
        sa.or_(
            jobs.c.place < mine[0],
            jobs.c.created_at < mine[1],
            sa.and_(jobs.c.created_at == mine[1], jobs.c.id < mine[2]),
        ),
    )
    return c.scalar(query) or 0
