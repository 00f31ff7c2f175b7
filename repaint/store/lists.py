"""Looking jobs up: for people, and for the parts that need to know many at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa

from repaint.models import Job, JobState
from repaint.store.documents import searchable
from repaint.store.rows import Rows
from repaint.store.tables import FINISHED, jobs

MANY = 500  # values in one IN; both databases take more


class Unfinished(NamedTuple):
    """What is needed to go on with a job, without the job: thousands may be read at the start."""

    id: str
    state: JobState
    request_id: str | None
    submitted_at: float | None
    claimed: bool
    user_id: int
    work: float


class Duration(NamedTuple):
    """How long the API took. Seconds; `work` as in `Request.work`."""

    api_seconds: float
    work_seconds: float | None
    work: float


def mine(c: sa.Connection, owner: str) -> list[Unfinished]:
    """The owner's jobs that are not over, those that were submitted first at the front."""
    query = (
        sa.select(
            jobs.c.id,
            jobs.c.state,
            jobs.c.request_id,
            jobs.c.submitted_at,
            jobs.c.claimed,
            jobs.c.user_id,
            jobs.c.work,
        )
        .where(jobs.c.owner == owner, jobs.c.ended_at.is_(None))
        .order_by(jobs.c.submitted_at.is_(None), jobs.c.submitted_at, jobs.c.created_at)
    )
    return [
        Unfinished(job_id, JobState(state), request_id, submitted_at, claimed, user_id, work)
        for job_id, state, request_id, submitted_at, claimed, user_id, work in c.execute(query)
    ]


def held_request_ids(c: sa.Connection, request_ids: Collection[str]) -> set[str]:
    """Which of these requests belong to some job."""
    ids = list(request_ids)
    held: set[str] = set()
    for start in range(0, len(ids), MANY):
        query = sa.select(jobs.c.request_id).where(jobs.c.request_id.in_(ids[start : start + MANY]))
        held.update(each for each in c.scalars(query) if each is not None)
    return held


def durations(c: sa.Connection, limit: int) -> list[Duration]:
    """Of the last jobs that were finished and timed, the newest last."""
    document = jobs.c.document
    api_seconds = document["api_seconds"].as_float()
    query = (
        sa.select(api_seconds, document["work_seconds"].as_float(), jobs.c.work)
        .where(jobs.c.ended_at.is_not(None), jobs.c.state == JobState.DONE.value, api_seconds.is_not(None))
        .order_by(jobs.c.ended_at.desc())
        .limit(limit)
    )
    return [Duration(*row) for row in c.execute(query)][::-1]


def of_member(
    c: sa.Connection, rows: Rows, user_id: int, over: bool | None, limit: int, before: float | None
) -> list[Job]:
    return _newest(c, rows, jobs.c.user_id == user_id, over, limit, before)


def of_guild(
    c: sa.Connection, rows: Rows, guild_id: int, over: bool | None, limit: int, before: float | None
) -> list[Job]:
    return _newest(c, rows, jobs.c.guild_id == guild_id, over, limit, before)


def finished_of(
    c: sa.Connection, rows: Rows, user_id: int, limit: int, offset: int, search: str = ""
) -> list[Job]:
    """The ids first: what is skipped is skipped in the index, and no row of it is read."""
    chosen = _finished(user_id, search).limit(limit).offset(offset)
    query = sa.select(jobs).where(jobs.c.id.in_(chosen)).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
    return [rows.job(row) for row in c.execute(query)]


def count_finished(c: sa.Connection, user_id: int, at_most: int, search: str = "") -> int:
    """The order is the index's: it is read along, and no further than to `at_most`."""
    counted = _finished(user_id, search).limit(at_most)
    return c.scalar(sa.select(sa.func.count()).select_from(counted.subquery())) or 0


def _finished(user_id: int, search: str) -> sa.Select[tuple[str]]:
    """Ids of those that are over and have pictures, the newest first; `search` is a part of the prompt."""
    query = sa.select(jobs.c.id).where(jobs.c.user_id == user_id, sa.text(FINISHED))
    if wanted := searchable(search).strip():
        query = query.where(jobs.c.prompt.contains(wanted, autoescape=True))
    return query.order_by(jobs.c.created_at.desc(), jobs.c.id.desc())


def _newest(
    c: sa.Connection,
    rows: Rows,
    whose: sa.ColumnElement[bool],
    over: bool | None,
    limit: int,
    before: float | None,
) -> list[Job]:
    conditions: list[sa.ColumnElement[Any]] = [whose]
    if over is not None:
        conditions.append(jobs.c.ended_at.is_not(None) if over else jobs.c.ended_at.is_(None))
    if before is not None:
        conditions.append(jobs.c.created_at < before)
    query = sa.select(jobs).where(*conditions).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
    return [rows.job(row) for row in c.execute(query)]
