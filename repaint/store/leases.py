"""Who is at work: each process has a lease, and each unfinished job names the lease of the one that has it.

A lease lives while its row does. It is renewed long before it runs out; only another process that finds it
run out, by the database's clock, removes it, and the jobs with it are anybody's. So a process that was away
(stopped, asleep, cut off) finds at its next renewal whether its jobs are still its own.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid

import sqlalchemy as sa

from repaint.errors import DatabaseAway, LeaseLost
from repaint.store import dialects
from repaint.store.database import Database
from repaint.store.tables import leases

log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
RENEW_SECONDS = LEASE_SECONDS / 3
SURE_SECONDS = LEASE_SECONDS * 2 / 3  # since the last renewal: what is begun now is done before it runs out


class Lease:
    """This process's lease. Get one with `Lease.take`."""

    def __init__(self, database: Database, lease_id: str) -> None:
        self.id = lease_id
        self._database = database
        self._renewed = (time.monotonic(), time.time())

    @classmethod
    async def take(cls, database: Database) -> Lease:
        """A new lease. Raises DatabaseAway."""
        lease = cls(database, uuid.uuid4().hex)
        await database.write(_insert, lease.id)
        return lease

    @property
    def is_sure(self) -> bool:
        """Whether nobody else can have this process's jobs yet, by its own clocks.

        Both are asked: one stands still while the machine sleeps, the other can be set. With SQLite there is
        nobody else.
        """
        if not self._database.is_shared:
            return True
        passed = time.monotonic() - self._renewed[0]
        by_the_wall = time.time() - self._renewed[1]
        return passed < SURE_SECONDS and passed - 5 < by_the_wall < SURE_SECONDS

    async def renew(self) -> None:
        """Raises LeaseLost where another process took the jobs over, DatabaseAway where it is not known."""
        if not self._database.is_shared:
            return
        moment = (time.monotonic(), time.time())  # before it is sent: the answer may take long
        if not await self._database.write(_renew, self.id):
            raise LeaseLost(f"lease {self.id}")
        self._renewed = moment

    async def keep(self) -> None:
        """Renew it for ever. Raises LeaseLost."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            while True:
                try:
                    await self.renew()
                    break
                except DatabaseAway as error:
                    log.warning("the lease could not be renewed: %s", error)
                    await asyncio.sleep(1)

    async def release(self) -> None:
        """Give it back: what is left of this process's jobs can be taken over at once."""
        await self._database.write(_delete, self.id)


def _insert(c: sa.Connection, lease_id: str) -> None:
    if not dialects.is_shared(c):
        c.execute(sa.delete(leases))  # the file is this process's alone, so the others are dead
    now = dialects.now(c)
    c.execute(sa.insert(leases).values(id=lease_id, started_at=now, expires_at=now + LEASE_SECONDS))


def _renew(c: sa.Connection, lease_id: str) -> bool:
    expires = dialects.now(c) + LEASE_SECONDS
    return (
        c.execute(sa.update(leases).where(leases.c.id == lease_id).values(expires_at=expires)).rowcount == 1
    )


def _delete(c: sa.Connection, lease_id: str) -> None:
    c.execute(sa.delete(leases).where(leases.c.id == lease_id))
