"""All jobs of this process. Every change of a job goes through here, as a compare-and-set on its state."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from repaint.models import Job, JobState


class Book:
    """Jobs in memory, in the order of their acceptance; they end with the process."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    async def add(self, job: Job) -> None:
        """A job is accepted with this."""
        self._jobs[job.id] = job

    async def advance(self, job_id: str, *from_states: JobState, **changes: Any) -> Job | None:
        """Change a job if it is in one of `from_states`, and return it; None if it is gone or elsewhere."""
        job = self._jobs.get(job_id)
        if job is None or job.state not in from_states:
            return None
        job = dataclasses.replace(job, **changes)
        self._jobs[job_id] = job
        return job

    async def next_queued(self, *, without: Collection[str]) -> Job | None:
        """The QUEUED job that was accepted first, leaving out some."""
        waiting = (job for job in self._jobs.values() if job.state is JobState.QUEUED)
        return next((job for job in waiting if job.id not in without), None)

    async def remove(self, job_id: str) -> None:
        self._jobs.pop(job_id, None)

    async def jobs(self) -> list[Job]:
        """All jobs that were not removed, also those whose end is just being told."""
        return list(self._jobs.values())
