"""The life of one job, step by step. Each function is one short transaction.

A step is a compare-and-set: it happens only to a job that is this process's, not over, and in one of the
expected states. Whoever lost a job to another process can do nothing to it any more, except record that the
API took it: that is the only trace of something paid for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from repaint.models import ApiState, Job, JobState
from repaint.store import dialects, queue
from repaint.store.rows import Rows
from repaint.store.tables import jobs

# Where the API may be at work on it, so that it goes on taking up room there although nobody waits for it.
AT_THE_API = (JobState.SUBMITTING, JobState.RUNNING, JobState.UNKNOWN)


def add(c: sa.Connection, rows: Rows, owner: str, job: Job) -> None:
    """Accept a job. Clashes if its interaction has one."""
    if queue.is_waiting(job):
        dialects.lock(c, dialects.QUEUE_LOCK)
        job = _with_place(c, job)
        queue.announce(c, job.origin.fair_key)
    c.execute(
        sa.insert(jobs).values(
            rows.values(job) | {"owner": owner, "token": rows.sealed(job), "has_folder": True}
        )
    )


def get(c: sa.Connection, rows: Rows, job_id: str) -> Job | None:
    row = c.execute(sa.select(jobs).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else rows.job(row)


def advance(
    c: sa.Connection,
    rows: Rows,
    owner: str,
    job_id: str,
    from_states: Collection[JobState],
    changes: dict[str, Any],
) -> Job | None:
    """Change fields of a job that is the owner's, not over, and in one of these states; None if it is not."""
    enters = changes.get("state") is JobState.QUEUED or changes.get("claimed") is False
    if enters:
        dialects.lock(c, dialects.QUEUE_LOCK)  # before the row's, as a claim does
    row = _locked(c, job_id)
    if row is None or row.owner != owner or row.ended_at is not None or row.state not in from_states:
        return None
    before = rows.job(row)
    after = dataclasses.replace(before, **changes)
    if not _keeps_its_room(before, after):
        after = dataclasses.replace(after, claimed=False)
    after = _with_place(c, after)
    if queue.is_waiting(after) and not queue.is_waiting(before):
        queue.announce(c, after.origin.fair_key)
    _save(c, rows, row, before, after)
    return after


def record_request(
    c: sa.Connection,
    rows: Rows,
    owner: str,
    job_id: str,
    *,
    request_id: str,
    api_state: ApiState,
    submitted_at: float,
) -> Job | None:
    """The API took the job: write that down, whoever has it and however far it is, unless it has a request.

    It is the owner's afterwards. A job that was given up as lost is found with this: it runs, and is no
    longer over. None where nobody waits for the picture: it was cancelled, or told to have failed.
    Clashes if another job has this request.
    """
    row = _locked(c, job_id)
    if row is None:
        return None
    before = rows.job(row)
    if row.request_id is not None:  # by whoever found it first; or by this very call, whose commit was unsure
        is_ours = row.request_id == request_id and row.owner == owner
        return before if is_ours and before.state is JobState.RUNNING else None
    after = dataclasses.replace(
        before, request_id=request_id, api_state=api_state, submitted_at=submitted_at, note=""
    )
    if before.retried_as:  # its card is another job's by now
        _save(c, rows, row, before, after, owner=row.owner)
        return None
    if before.state in (JobState.QUEUED, JobState.SUBMITTING, JobState.UNKNOWN):
        after = dataclasses.replace(after, state=JobState.RUNNING, claimed=True, ended_at=None)
    _save(c, rows, row, before, after, owner=owner)
    return None if after.state in (JobState.CANCELLED, JobState.FAILED) else after


def end_cancelled(
    c: sa.Connection, rows: Rows, owner: str, job_id: str, by: int, from_states: Collection[JobState]
) -> Job | None:
    """Cancel a job that is in one of these states, whoever has it: whoever cancels also tells."""
    row = _locked(c, job_id)
    if row is None or row.ended_at is not None or row.state not in from_states:
        return None
    before = rows.job(row)
    after = dataclasses.replace(before, state=JobState.CANCELLED, cancelled_by=by)
    if not _keeps_its_room(before, after):
        after = dataclasses.replace(after, claimed=False)
    _save(c, rows, row, before, after, owner=owner)
    return after


def release(c: sa.Connection, job_id: str) -> None:
    """The API is surely not at work on this job any more."""
    c.execute(sa.update(jobs).where(jobs.c.id == job_id, jobs.c.claimed).values(claimed=False))


def retry(c: sa.Connection, rows: Rows, owner: str, old_id: str, new: Job) -> bool:
    """Accept a job that repeats one that is over without a picture; each is repeated once at most."""
    row = _locked(c, old_id)
    if row is None or row.ended_at is None:
        return False
    old = rows.job(row)
    is_done_with = old.retried_as or old.deleted_by is not None
    if is_done_with or old.state not in (JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN):
        return False
    _save(c, rows, row, old, dataclasses.replace(old, retried_as=new.id))
    add(c, rows, owner, new)
    return True


def delete_pictures(c: sa.Connection, rows: Rows, job_id: str, by: int) -> list[Job]:
    """Forget the pictures and the prompt of a job that is over, and of those that it repeats.

    Gives them as they were, the newest first; none where there is no such job, where that is done, or where
    its message is another job's by now.
    """
    row = _locked(c, job_id)
    if row is None or row.ended_at is None:
        return []
    job = rows.job(row)
    if job.deleted_by is not None or job.retried_as:
        return []
    gone = [_without_pictures(c, rows, row, by)]
    while (older := gone[-1].retry_of) and (row := _locked(c, older)) is not None:
        gone.append(_without_pictures(c, rows, row, by))
    return gone


def _without_pictures(c: sa.Connection, rows: Rows, row: sa.Row[Any], by: int) -> Job:
    before = rows.job(row)
    after = dataclasses.replace(
        before,
        state=JobState.CANCELLED,
        cancelled_by=by,
        deleted_by=by,
        outputs=(),
        results=(),
        input=None,
        typed="",
        request=dataclasses.replace(before.request, prompt="", negative_prompt=""),
    )
    _save(c, rows, row, before, after)
    return before


def set_shared(c: sa.Connection, rows: Rows, job_id: str, url: str, before: str) -> bool:
    row = _locked(c, job_id)
    if row is None:
        return False
    job = rows.job(row)
    if job.state is not JobState.DONE or job.shared != before:
        return False
    _save(c, rows, row, job, dataclasses.replace(job, shared=url))
    return True


def set_mentioned(c: sa.Connection, rows: Rows, job_id: str) -> bool:
    row = _locked(c, job_id)
    if row is None:
        return False
    job = rows.job(row)
    if not job.mention:
        return False
    _save(c, rows, row, job, dataclasses.replace(job, mention=False))
    return True


def _with_place(c: sa.Connection, job: Job) -> Job:
    if job.state is not JobState.QUEUED or job.place is not None:
        return job
    return dataclasses.replace(job, place=queue.place(c, job))


def _locked(c: sa.Connection, job_id: str) -> sa.Row[Any] | None:
    # SQLite has no word for it, and one writer.
    return c.execute(sa.select(jobs).where(jobs.c.id == job_id).with_for_update()).one_or_none()


def _keeps_its_room(before: Job, after: Job) -> bool:
    """Whether a job that takes up room at the API may go on doing so."""
    if after.state is JobState.UNKNOWN:
        return after.ended_at is None
    if after.state is JobState.CANCELLED:
        return before.state in (*AT_THE_API, JobState.CANCELLED)
    return after.state in (JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING)


def _save(
    c: sa.Connection, rows: Rows, row: sa.Row[Any], before: Job, after: Job, owner: str | None = None
) -> None:
    """Write what differs."""
    values = rows.values(after) | ({"owner": owner} if owner else {})
    changed = {name: value for name, value in values.items() if row._mapping[name] != value}
    if after.origin.token != before.origin.token:
        changed["token"] = rows.sealed(after)
    if changed:
        c.execute(sa.update(jobs).where(jobs.c.id == after.id).values(changed))
