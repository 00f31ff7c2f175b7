"""The real store on SQLite in memory, in the loop's own thread: a quick clock knows nothing of others."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from repaint.errors import DatabaseAway, LeaseLost
from repaint.models import Job, JobState
from repaint.store import life, tables
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.seal import Seal

T = TypeVar("T")


class MemoryLease:
    """A lease that is sure until a test says otherwise."""

    def __init__(self, lease_id: str = "first") -> None:
        self.id = lease_id
        self.is_sure = True
        self.lost = False
        self.released = False

    async def renew(self) -> None:
        if self.lost:
            raise LeaseLost("in this test")

    async def anew(self) -> MemoryLease:
        return MemoryLease("second")

    async def release(self) -> None:
        self.released = True


class Inline:
    """A database that does each query at once."""

    is_shared = False

    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        tables.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            self._has(connection, "first")

    def do(self, query: Callable[[sa.Connection], T]) -> T:
        with self.engine.begin() as connection:
            return query(connection)

    async def transact(self, write: bool, query: Callable[[sa.Connection], T]) -> T:
        return self.do(query)

    def complaint(self, error: Exception) -> str:
        return str(error)

    def may_pass(self, error: Exception) -> bool:
        return False

    async def close(self) -> None:
        self.engine.dispose()

    @staticmethod
    def _has(connection: sa.Connection, lease_id: str) -> None:
        row = {"id": lease_id, "started_at": 0.0, "expires_at": 1e12}
        connection.execute(sa.insert(tables.leases).values(row))


class Jobs(MutableMapping[str, Job]):
    """What the database holds, to be looked at and set up by tests."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def __getitem__(self, job_id: str) -> Job:
        job = self._store.inline.do(lambda c: life.get(c, self._store._rows, job_id))
        if job is None:
            raise KeyError(job_id)
        return job

    def __setitem__(self, job_id: str, job: Job) -> None:
        assert job.id == job_id
        if job_id in self:
            del self[job_id]
        self._store.inline.do(lambda c: life.add(c, self._store._rows, self._store.lease.id, job))

    def are_over(self, *job_ids: str) -> bool:
        """Cheaper than to read the jobs."""
        query = sa.select(tables.jobs.c.id).where(
            tables.jobs.c.id.in_(job_ids), tables.jobs.c.ended_at.is_not(None)
        )
        return set(self._store.inline.do(lambda c: list(c.scalars(query)))) == set(job_ids)

    def __delitem__(self, job_id: str) -> None:
        self._store.inline.do(lambda c: c.execute(sa.delete(tables.jobs).where(tables.jobs.c.id == job_id)))

    def __iter__(self) -> Iterator[str]:
        query = sa.select(tables.jobs.c.id).order_by(tables.jobs.c.created_at)
        return iter(self._store.inline.do(lambda c: list(c.scalars(query))))

    def __len__(self) -> int:
        return len(list(iter(self)))


class MemoryStore(JobStore):
    """`away[method]`: how often it meets a database that is away; `away_after`: and does it all the same."""

    def __init__(self, folder: Path = Path("/nowhere")) -> None:
        self.inline = Inline()
        super().__init__(Database(self.inline), MemoryLease(), Seal("a token"), folder)  # type: ignore[arg-type]
        self.lease: Any
        self.away: dict[str, int] = {}
        self.away_after: dict[str, int] = {}
        self.history: list[tuple[str, JobState]] = []  # every state that was committed
        self._states: dict[str, JobState] = {}
        for name in ("add", "get", "advance", "record_request", "end_cancelled", "claim", "retry"):
            setattr(self, name, self._watched(name, getattr(self, name)))

    @property
    def jobs(self) -> Jobs:
        return Jobs(self)

    def _watched(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        async def call(*args: Any, **kwargs: Any) -> Any:
            self._meet(name, self.away)
            result = await method(*args, **kwargs)
            if name != "get":
                self._note()
            self._meet(name, self.away_after)
            return result

        return call

    def _meet(self, method: str, table: dict[str, int]) -> None:
        if table.get(method, 0):
            table[method] -= 1
            raise DatabaseAway(method)

    def _note(self) -> None:
        rows = self.inline.do(lambda c: c.execute(sa.select(tables.jobs.c.id, tables.jobs.c.state)).all())
        for job_id, word in rows:
            if self._states.get(job_id) is not (state := JobState(word)):
                self._states[job_id] = state
                self.history.append((job_id, state))
