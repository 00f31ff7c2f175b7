"""`JobStore`: all that is known of jobs, in named queries. Each is one short transaction."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from repaint.errors import AlreadyAccepted
from repaint.models import ApiState, Job, JobState
from repaint.store import keeping, life, lists, queue
from repaint.store.database import Clash, Database
from repaint.store.leases import Lease
from repaint.store.lists import Duration, Unfinished
from repaint.store.positions import Positions
from repaint.store.queue import Claim, ClaimLimits
from repaint.store.rows import Rows
from repaint.store.seal import Seal


class JobStore:
    """The jobs in a database, for the process that has this lease; `lease` may be replaced by a new one.

    `folder` is where the jobs' pictures lie. Every method raises DatabaseAway where the database does not do
    it; whether a change took effect is open then, and each may be repeated.
    """

    def __init__(self, database: Database, lease: Lease, seal: Seal, folder: Path) -> None:
        self.database = database
        self.lease = lease
        self._rows = Rows(seal, folder)
        self._positions = Positions()

    @property
    def is_shared(self) -> bool:
        """Whether other processes may have jobs in the same database."""
        return self.database.is_shared

    # One job ----------------------------------------------------------------------------------------------

    async def add(self, job: Job) -> None:
        """Accept a job: it is promised an end. Raises AlreadyAccepted if its interaction has one."""
        try:
            await self.database.write(life.add, self._rows, self.lease.id, job)
        except Clash as clash:
            raise AlreadyAccepted(f"job {job.id}, interaction {job.origin.interaction_id}") from clash

    async def get(self, job_id: str) -> Job | None:
        """A job as it is now, whoever has it."""
        return await self.database.read(life.get, self._rows, job_id)

    async def advance(self, job_id: str, *from_states: JobState, **changes: Any) -> Job | None:
        """Change fields of a job that is mine, not over, and in one of these states; None if it is not.

        A job that becomes QUEUED gets its place here. `claimed` goes by itself where the API is through.
        """
        return await self.database.write(
            life.advance, self._rows, self.lease.id, job_id, from_states, changes
        )

    async def record_request(
        self, job_id: str, request_id: str, api_state: ApiState, submitted_at: float
    ) -> Job | None:
        """The API took this job: written down whoever has it, and it is mine and runs from now on.

        None where nobody waits for it any more (it was cancelled), where it has another request, or where
        another job has this one.
        """
        with contextlib.suppress(Clash):
            return await self.database.write(
                life.record_request,
                self._rows,
                self.lease.id,
                job_id,
                request_id=request_id,
                api_state=api_state,
                submitted_at=submitted_at,
            )
        return None

    async def end_cancelled(self, job_id: str, by: int, from_states: Collection[JobState]) -> Job | None:
        """Cancel a job in one of these states, whoever has it; it is mine from now on, to be told."""
        return await self.database.write(
            life.end_cancelled, self._rows, self.lease.id, job_id, by, from_states
        )

    async def release(self, job_id: str) -> None:
        """The API is through with this job, whoever has it and even if it is over: its room is free."""
        await self.database.write(life.release, job_id)

    async def retry(self, old_id: str, new_job: Job) -> bool:
        """Accept a job that repeats one that is over without a picture. False if that is not so."""
        try:
            return await self.database.write(life.retry, self._rows, self.lease.id, old_id, new_job)
        except Clash as clash:
            raise AlreadyAccepted(f"job {new_job.id}, repeating {old_id}") from clash

    # The queue --------------------------------------------------------------------------------------------

    async def claim(self, limits: ClaimLimits, now: float) -> Claim:
        """The next of my jobs that may go to the API, which takes up room there from now on."""
        return await self.database.write(queue.claim, self._rows, self.lease.id, limits, now)

    async def position(self, job: Job) -> int:
        """How soon a waiting job's turn comes: 1 = next. An estimate over all servers."""
        return await self.database.read(self._positions.find, job)

    # Starting, and other processes ------------------------------------------------------------------------

    async def mine(self) -> list[Unfinished]:
        """My jobs that are not over, those that were submitted first at the front."""
        return await self.database.read(lists.mine, self.lease.id)

    async def take_over(self, *, everything: bool) -> int:
        """Jobs of processes that are gone become mine; how many. QUEUED ones wait for a claim again.

        `everything` in one go, as at the start of the only process; else in small batches beside others.
        """
        await self.database.write(keeping.bury, self.lease.id)
        limit = None if everything else keeping.BATCH
        taken = batch = await self.database.write(keeping.take_over, self.lease.id, limit)
        while batch == limit:
            batch = await self.database.write(keeping.take_over, self.lease.id, limit)
            taken += batch
        await self.database.write(keeping.free_rooms, self.lease.id)
        return taken

    async def held_request_ids(self, request_ids: Collection[str]) -> set[str]:
        """Which of these requests belong to a job."""
        return await self.database.read(lists.held_request_ids, request_ids)

    async def durations(self, limit: int = 200) -> list[Duration]:
        """How long the API took for the last jobs, the newest last."""
        return await self.database.read(lists.durations, limit)

    # For people -------------------------------------------------------------------------------------------

    async def of_member(
        self, user_id: int, *, over: bool | None = None, limit: int = 25, before: float | None = None
    ) -> list[Job]:
        """Somebody's jobs, the newest first; `before` is the `created_at` of the last one that was seen."""
        return await self.database.read(lists.of_member, self._rows, user_id, over, limit, before)

    async def of_guild(
        self, guild_id: int, *, over: bool | None = None, limit: int = 25, before: float | None = None
    ) -> list[Job]:
        """A server's jobs, the newest first."""
        return await self.database.read(lists.of_guild, self._rows, guild_id, over, limit, before)

    async def finished_of(self, user_id: int, *, limit: int, offset: int = 0, search: str = "") -> list[Job]:
        """Somebody's jobs that are over and have pictures, the newest first, after the first `offset`.

        `search`: only those with this in their prompt, in upper or lower case.
        """
        return await self.database.read(lists.finished_of, self._rows, user_id, limit, offset, search)

    async def count_finished(self, user_id: int, *, at_most: int = 4000, search: str = "") -> int:
        """How many of those there are, counted up to `at_most`."""
        return await self.database.read(lists.count_finished, user_id, at_most, search)

    async def delete_pictures(self, job_id: str, by: int) -> list[Job]:
        """Pictures and prompts of a job that is over, and of those that it repeats, are taken away: the jobs
        as they were. None if it is not over, was repeated in its message, or that was done already. In the
        histories they are not any more.
        """
        return await self.database.write(life.delete_pictures, self._rows, job_id, by)

    async def set_shared(self, job_id: str, url: str, *, before: str = "") -> bool:
        """Where a finished job was shared to; False if that was not `before` any more."""
        return await self.database.write(life.set_shared, self._rows, job_id, url, before)

    async def set_mentioned(self, job_id: str) -> bool:
        """The asker is about to be told with a mention: True once."""
        return await self.database.write(life.set_mentioned, self._rows, job_id)

    # Keeping ----------------------------------------------------------------------------------------------

    async def sweep(self, rows_before: float, pictures_before: float) -> list[str]:
        """Forget what was over by these moments. Gives some jobs whose folders are to be removed.

        Say `folders_gone` when they are, and sweep again until it gives none. A row goes only after its
        folder, so that a crash between leaves nothing behind that nobody knows of.
        """
        return await self.database.write(keeping.sweep, time.time(), rows_before, pictures_before)

    async def known(self, job_ids: Collection[str]) -> set[str]:
        """Which of these ids belong to a job."""
        return await self.database.read(keeping.known, job_ids)

    async def folders_gone(self, job_ids: Collection[str]) -> None:
        """The folders of these jobs were removed."""
        await self.database.write(keeping.folders_gone, job_ids)

    async def fact(self, key: str) -> Any | None:
        """Something small that was remembered; None if it was not."""
        return await self.database.read(keeping.fact, key)

    async def set_fact(self, key: str, value: Any | None) -> None:
        """Remember something small that JSON can hold, across restarts; None forgets it."""
        await self.database.write(keeping.set_fact, key, value)
