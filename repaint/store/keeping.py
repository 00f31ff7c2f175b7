"""What happens to many jobs at once: taken over from a process that is gone, swept out when old."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from repaint.models import JobState
from repaint.store import dialects, drafts, queue
from repaint.store.tables import CLAIMED, HAS_FOLDER, facts, jobs, leases

BATCH = 100  # rows a transaction: others are not held up
SWEEP = 500
TOKEN_SECONDS = 16 * 60  # Discord's fifteen minutes, and one for the clocks


def bury(c: sa.Connection, owner: str) -> None:
    """Remove the other leases that ran out by the database's clock. Their holders find out at renewal."""
    dialects.end_stalled(c)
    c.execute(sa.delete(leases).where(leases.c.id != owner, leases.c.expires_at < dialects.now(c)))


def take_over(c: sa.Connection, owner: str, limit: int | None) -> int:
    """Jobs that nobody has become the owner's. Those that wait to be sent wait in the queue again.

    Rows that another process is taking over or writing at the moment are left to the next call.
    """
    dialects.lock(c, dialects.QUEUE_LOCK)
    columns = (jobs.c.id, jobs.c.fair_key, jobs.c.state, jobs.c.claimed)
    query = sa.select(*columns).where(jobs.c.ended_at.is_(None), _orphaned(owner))
    found = c.execute(query.limit(limit).with_for_update(skip_locked=True)).all()
    queued = [row for row in found if row.state == JobState.QUEUED and row.claimed]
    queue.announce(c, *{row.fair_key for row in queued})
    for start in range(0, len(found), SWEEP):
        ids = [row.id for row in found[start : start + SWEEP]]
        c.execute(sa.update(jobs).where(jobs.c.id.in_(ids)).values(owner=owner))
    for start in range(0, len(queued), SWEEP):
        ids = [row.id for row in queued[start : start + SWEEP]]
        c.execute(sa.update(jobs).where(jobs.c.id.in_(ids)).values(claimed=False))
    return len(found)


def free_rooms(c: sa.Connection, owner: str) -> None:
    """Jobs that are over and whose process is gone take up no room: nobody looks when the API is done."""
    c.execute(
        sa.update(jobs)
        .where(sa.text(CLAIMED), jobs.c.ended_at.is_not(None), _orphaned(owner))
        .values(claimed=False)
    )


def _orphaned(owner: str) -> sa.ColumnElement[bool]:
    alive = sa.select(leases.c.id)
    return sa.or_(jobs.c.owner.is_(None), sa.and_(jobs.c.owner != owner, jobs.c.owner.not_in(alive)))


def sweep(c: sa.Connection, now: float, rows_before: float, pictures_before: float) -> list[str]:
    """Which folders are to go; rows whose folder is gone go by themselves, at most SWEEP at once.

    Only jobs that are over by these moments. Also clears interaction tokens that are dead, and drafts.
    """
    drafts.sweep(c, now)
    c.execute(
        sa.update(jobs)
        .where(jobs.c.token.is_not(None), jobs.c.created_at < now - TOKEN_SECONDS)
        .values(token=None)
    )
    old = sa.select(jobs.c.id).where(jobs.c.ended_at < rows_before, ~jobs.c.has_folder).limit(SWEEP)
    c.execute(sa.delete(jobs).where(jobs.c.id.in_(old.scalar_subquery())))
    query = (
        sa.select(jobs.c.id)
        .where(sa.text(HAS_FOLDER), jobs.c.ended_at < max(rows_before, pictures_before))
        .order_by(jobs.c.ended_at)
        .limit(SWEEP)
    )
    return list(c.scalars(query))


def known(c: sa.Connection, job_ids: Collection[str]) -> set[str]:
    """Which of these jobs have a row."""
    ids = list(job_ids)
    found: set[str] = set()
    for start in range(0, len(ids), SWEEP):
        found.update(c.scalars(sa.select(jobs.c.id).where(jobs.c.id.in_(ids[start : start + SWEEP]))))
    return found


def folders_gone(c: sa.Connection, job_ids: Collection[str]) -> None:
    ids = list(job_ids)
    for start in range(0, len(ids), SWEEP):
        c.execute(sa.update(jobs).where(jobs.c.id.in_(ids[start : start + SWEEP])).values(has_folder=False))


def fact(c: sa.Connection, key: str) -> Any | None:
    return c.scalar(sa.select(facts.c.value).where(facts.c.key == key))


def set_fact(c: sa.Connection, key: str, value: Any | None) -> None:
    """Remember something small (what JSON has) across restarts; None forgets it."""
    if value is None:
        c.execute(sa.delete(facts).where(facts.c.key == key))
        return
    values = {"value": value, "at": dialects.now(c)}
    if not c.execute(sa.update(facts).where(facts.c.key == key).values(values)).rowcount:
        c.execute(sa.insert(facts).values(values | {"key": key}))
