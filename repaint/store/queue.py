"""The fair queue: whose job goes to the API next.

Servers take turns by start-time fair queueing (Goyal, Vin, Cheng 1996): each server's next turn has a moment
in virtual time, the earliest goes first, and a turn moves the server on by the job's work. The present is
when the latest turn began; a server that was idle, or held back by its limits, goes on from the present: it
has saved nothing up. Within a server a job has a `place`, the virtual finish time among its members' jobs.

Everything that lets a job wait, and every claim, holds the queue's lock: there is one order, and limits are
exact over all processes.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import sqlalchemy as sa

from repaint.models import Job, JobState
from repaint.store import dialects
from repaint.store.rows import Rows
from repaint.store.tables import CLAIMED, WAITING, jobs, turns

RATE_WINDOW = 61.0  # seconds: a minute, and one for the clocks and the way
NO_LIMIT = 2**31 - 1
SHARED_WAIT = 1.0  # seconds; what other processes do is not announced


@dataclasses.dataclass(frozen=True, slots=True)
class ClaimLimits:
    """How many jobs may be at the API: overall, per server, per member (over all servers), and how many
    may be sent within a minute. 0 = no limit.
    """

    at_once: int = 0
    per_guild: int = 0
    per_member: int = 0
    per_minute: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """The next job, or how long to wait before asking again, in seconds.

    Neither: nothing can be claimed until a job comes, ends, or leaves the API.
    """

    job: Job | None
    wait: float | None = None


def is_waiting(job: Job) -> bool:
    return job.state is JobState.QUEUED and not job.claimed


def place(c: sa.Connection, job: Job) -> float:
    """A place for a new job: a member's jobs stand one after another, each member's first at the front."""
    guild = jobs.c.fair_key == job.origin.fair_key
    first = c.execute(
        sa.select(jobs.c.place, jobs.c.work)
        .where(guild, sa.text(WAITING), jobs.c.place.is_not(None))
        .order_by(jobs.c.place)
        .limit(1)
    ).one_or_none()
    if first is not None:
        front: float = first.place - first.work
    else:
        front = c.scalar(sa.select(turns.c.served).where(turns.c.fair_key == job.origin.fair_key)) or 0.0
    own = c.scalar(
        sa.select(sa.func.max(jobs.c.place)).where(
            guild, jobs.c.user_id == job.origin.user_id, jobs.c.ended_at.is_(None)
        )
    )
    return max(front, own or 0.0) + job.request.work


ANNOUNCE = sa.text(
    "INSERT INTO turns (fair_key, virtual, begun, served, waiting) VALUES (:fair_key, 0, 0, 0, true) "
    "ON CONFLICT (fair_key) DO UPDATE SET waiting = true WHERE NOT turns.waiting"
)


def announce(c: sa.Connection, *fair_keys: int) -> None:
    """These servers have a waiting job (more). The queue's lock is held."""
    if fair_keys:
        c.execute(ANNOUNCE, [{"fair_key": key} for key in fair_keys])


def claim(c: sa.Connection, rows: Rows, owner: str, limits: ClaimLimits, now: float) -> Claim:
    """Take the next of the owner's waiting jobs: it takes up room at the API from now on."""
    dialects.lock(c, dialects.QUEUE_LOCK)
    total, unsent = _room(c)
    if limits.at_once and total >= limits.at_once:
        return Claim(None, _wait(c, owner))
    wait = _rate_wait(c, limits.per_minute, unsent, now)
    if wait is not None:
        return Claim(None, min(wait, _wait(c, owner) or wait))
    while (row := _pick(c, owner, limits)) is not None:
        if row.state == JobState.QUEUED and not row.claimed and row.owner == owner:
            break  # else it was cancelled at this very moment
    else:
        _forget_idle(c)
        return Claim(None, _wait(c, owner))
    if row.earliest < row.virtual:
        _forget_idle(c)  # lest the next claims look at them too
    c.execute(sa.update(jobs).where(jobs.c.id == row.id).values(claimed=True))
    start = max(row.virtual, row.present)
    c.execute(
        sa.update(turns)
        .where(turns.c.fair_key == row.fair_key)
        .values(
            virtual=start + row.work,
            begun=start,
            served=max(row.served, row.place or 0.0),
            waiting=sa.exists().where(jobs.c.fair_key == row.fair_key, sa.text(WAITING)),
        )
    )
    return Claim(dataclasses.replace(rows.job(row), claimed=True))


def _room(c: sa.Connection) -> tuple[int, int]:
    """How many jobs take up room at the API, and how many of them are still to be sent."""
    query = sa.select(sa.func.count(), sa.func.count(jobs.c.submitted_at)).where(sa.text(CLAIMED))
    total, sent = c.execute(query.select_from(jobs)).one()
    return total, total - sent


def _rate_wait(c: sa.Connection, per_minute: int, unsent: int, now: float) -> float | None:
    """Seconds until one more may be sent; None if it may be now."""
    if not per_minute:
        return None
    since = now - RATE_WINDOW
    free = per_minute - unsent
    if free <= 0:
        return SHARED_WAIT  # all that may be sent is about to be
    # The free-th latest must have left the window.
    blocking: float | None = c.scalar(
        sa.select(jobs.c.submitted_at)
        .where(jobs.c.submitted_at > since)
        .order_by(jobs.c.submitted_at.desc())
        .offset(free - 1)
        .limit(1)
    )
    return None if blocking is None else max(blocking - since, 0.01)


# The earliest server that has a job of a member who is not held back, and the first such job in it. The
# members of a server are found by leaping from one to the next: however many jobs somebody has who is held
# back, they cost one step. `coalesce` keeps the planners at the index that is in the order of places.
HELD_BACK = "SELECT user_id FROM jobs AS held WHERE claimed GROUP BY user_id HAVING count(*) >= :per_member"
FULL = "SELECT fair_key FROM jobs AS held WHERE claimed GROUP BY fair_key HAVING count(*) >= :per_guild"
NEXT = f"""
    jobs.id = (
        SELECT mine.id FROM jobs AS mine
        WHERE {WAITING} AND coalesce(owner, '') = :owner AND user_id NOT IN ({HELD_BACK}) AND fair_key = (
            SELECT fair_key FROM turns
            WHERE waiting AND fair_key NOT IN ({FULL}) AND (
                WITH RECURSIVE member(id) AS (
                    SELECT (
                        SELECT min(user_id) FROM jobs AS foremost
                        WHERE {WAITING} AND owner = :owner AND foremost.fair_key = turns.fair_key
                    )
                    UNION ALL
                    SELECT (
                        SELECT min(user_id) FROM jobs AS later
                        WHERE {WAITING} AND owner = :owner AND later.fair_key = turns.fair_key
                        AND user_id > member.id
                    )
                    FROM member WHERE member.id IS NOT NULL
                )
                SELECT id FROM member WHERE id IS NOT NULL AND id NOT IN ({HELD_BACK}) LIMIT 1
            ) IS NOT NULL
            ORDER BY virtual, fair_key LIMIT 1
        )
        ORDER BY place, created_at LIMIT 1
    )
"""  # noqa: S608  # nothing but constants
PRESENT = sa.select(sa.func.max(turns.c.begun)).correlate(None).scalar_subquery()
EARLIEST = sa.text("(SELECT min(virtual) FROM turns WHERE waiting) AS earliest")
PICK = (
    sa.select(jobs, turns.c.virtual, turns.c.served, PRESENT.label("present"), EARLIEST)
    .join_from(jobs, turns, jobs.c.fair_key == turns.c.fair_key)
    .where(sa.text(NEXT))
    .with_for_update(of=jobs)
)


def _pick(c: sa.Connection, owner: str, limits: ClaimLimits) -> sa.Row[Any] | None:
    values = {
        "owner": owner,
        "per_guild": limits.per_guild or NO_LIMIT,
        "per_member": limits.per_member or NO_LIMIT,
    }
    return c.execute(PICK, values).one_or_none()


def _wait(c: sa.Connection, owner: str) -> float | None:
    """How long to wait before asking again where nothing of the owner's may be claimed now."""
    if not dialects.is_shared(c):
        return None
    mine = sa.select(jobs.c.id).where(jobs.c.owner == owner, sa.text(WAITING)).limit(1)
    return None if c.scalar(mine) is None else SHARED_WAIT


def _forget_idle(c: sa.Connection) -> None:
    """Servers whose waiting jobs were all cancelled are left out from now on."""
    waiting = sa.select(jobs.c.id).where(jobs.c.fair_key == turns.c.fair_key, sa.text(WAITING))
    c.execute(sa.update(turns).where(turns.c.waiting, ~waiting.exists()).values(waiting=False))
