"""A store in memory, for the stages by a quick clock: a database's threads know nothing of that clock.

It keeps to the real one's contract for one process, which tests/store holds both databases to.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from repaint.errors import AlreadyAccepted, DatabaseAway, LeaseLost
from repaint.models import ApiState, Job, JobState
from repaint.store.queue import Claim, ClaimLimits

ROOMY = (JobState.SUBMITTING, JobState.RUNNING, JobState.UNKNOWN)


class MemoryLease:
    """A lease that is sure until a test says otherwise."""

    def __init__(self) -> None:
        self.is_sure = True
        self.lost = False
        self.released = False

    async def renew(self) -> None:
        if self.lost:
            raise LeaseLost("in this test")

    async def release(self) -> None:
        self.released = True


@dataclasses.dataclass(frozen=True)
class Mine:
    id: str
    state: JobState
    request_id: str | None
    submitted_at: float | None
    claimed: bool
    user_id: int
    work: float
    failure: bool


class MemoryStore:
    """Jobs in memory. What `faults[method]` holds is raised instead; `after` faults once it is done."""

    is_shared = False

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.facts: dict[str, object] = {}
        self.lease: Any = MemoryLease()
        self.database: Any = None
        self.away: dict[str, int] = {}  # how often a method still meets a database that is away
        self.away_after: dict[str, int] = {}  # the same, but what was to be done was done
        self.history: list[tuple[str, JobState]] = []  # every state that was committed

    def _meet(self, method: str, table: dict[str, int]) -> None:
        if table.get(method, 0):
            table[method] -= 1
            raise DatabaseAway(method)

    def _put(self, job: Job) -> Job:
        before = self.jobs.get(job.id)
        if before is None or before.state is not job.state:
            self.history.append((job.id, job.state))
        self.jobs[job.id] = job
        return job

    async def add(self, job: Job) -> None:
        self._meet("add", self.away)
        if any(one.origin.interaction_id == job.origin.interaction_id for one in self.jobs.values()):
            raise AlreadyAccepted(job.id)
        self._put(job)
        self._meet("add", self.away_after)

    async def get(self, job_id: str) -> Job | None:
        self._meet("get", self.away)
        return self.jobs.get(job_id)

    async def advance(self, job_id: str, *from_states: JobState, **changes: Any) -> Job | None:
        self._meet("advance", self.away)
        job = self.jobs.get(job_id)
        if job is None or job.state not in from_states or job.ended_at is not None:
            return None
        job = dataclasses.replace(job, **changes)
        if job.state in (JobState.FETCHED, JobState.DONE, JobState.FAILED) or (
            job.state is JobState.UNKNOWN and job.ended_at is not None
        ):
            job = dataclasses.replace(job, claimed=False)
        self._put(job)
        self._meet("advance", self.away_after)
        return job

    async def record_request(
        self, job_id: str, request_id: str, api_state: ApiState, submitted_at: float
    ) -> Job | None:
        self._meet("record_request", self.away)
        job = self.jobs.get(job_id)
        if job is None:
            return None
        if job.request_id is not None:
            return job if job.request_id == request_id and job.state is JobState.RUNNING else None
        if any(one.request_id == request_id and one.id != job_id for one in self.jobs.values()):
            return None
        job = dataclasses.replace(job, request_id=request_id)
        if job.state is JobState.CANCELLED:
            self._put(job)
            return None
        job = dataclasses.replace(
            job,
            state=JobState.RUNNING,
            api_state=api_state,
            claimed=True,
            ended_at=None,
            submitted_at=submitted_at,
            note="",
        )
        self._put(job)
        self._meet("record_request", self.away_after)
        return job

    async def end_cancelled(self, job_id: str, by: int, from_states: Iterable[JobState]) -> Job | None:
        job = self.jobs.get(job_id)
        if job is None or job.state not in tuple(from_states) or job.ended_at is not None:
            return None
        return self._put(
            dataclasses.replace(
                job, state=JobState.CANCELLED, cancelled_by=by, claimed=job.claimed and job.state in ROOMY
            )
        )

    async def release(self, job_id: str) -> None:
        if job_id in self.jobs:
            self._put(dataclasses.replace(self.jobs[job_id], claimed=False))

    async def claim(self, limits: ClaimLimits, now: float) -> Claim:
        self._meet("claim", self.away)
        claimed = sum(job.claimed for job in self.jobs.values())
        if limits.at_once and claimed >= limits.at_once:
            return Claim(None, None)
        for job in self.jobs.values():
            if job.state is JobState.QUEUED and not job.claimed:
                return Claim(self._put(dataclasses.replace(job, claimed=True)), None)
        return Claim(None, None)

    async def mine(self) -> list[Mine]:
        return [
            Mine(
                job.id,
                job.state,
                job.request_id,
                job.submitted_at,
                job.claimed,
                job.origin.user_id,
                job.request.work,
                bool(job.failure),
            )
            for job in self.jobs.values()
            if job.ended_at is None
        ]

    async def take_over(self, *, everything: bool) -> int:
        return 0

    async def waiting_ids(self) -> list[str]:
        waiting = (JobState.RECEIVED, JobState.QUEUED)
        return [job.id for job in self.jobs.values() if job.state in waiting]

    async def held_request_ids(self, ids: Iterable[str]) -> set[str]:
        return {job.request_id for job in self.jobs.values() if job.request_id} & set(ids)

    async def position(self, job: Job) -> int:
        waiting = [one.id for one in self.jobs.values() if one.state is JobState.QUEUED and not one.claimed]
        return waiting.index(job.id) + 1 if job.id in waiting else 0

    async def durations(self, limit: int = 200) -> list[Any]:
        return []

    async def retry(self, old_id: str, new: Job) -> bool:
        old = self.jobs.get(old_id)
        ended = (JobState.FAILED, JobState.UNKNOWN, JobState.CANCELLED)
        if old is None or old.ended_at is None or old.retried_as or old.state not in ended:
            return False
        self._put(dataclasses.replace(old, retried_as=new.id))
        self._put(new)
        return True

    async def sweep(self, *, rows_before: float, pictures_before: float) -> list[str]:
        return []

    async def fact(self, key: str) -> object | None:
        return self.facts.get(key)

    async def set_fact(self, key: str, value: object | None) -> None:
        if value is None:
            self.facts.pop(key, None)
        else:
            self.facts[key] = value
