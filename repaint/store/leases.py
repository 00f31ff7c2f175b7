"""Who is at work: each process has a lease, and each unfinished job names the lease of the one that has it.

A lease lives while its row does. It is renewed long before it runs out; only another process that finds it
run out, by the database's clock, removes it, and the jobs with it are anybody's. So a process that was away
(stopped, asleep, cut off) finds at its next renewal whether its jobs are still its own.
"""

from __future__ import annotations

import logging
import time
import uuid
from pathlib import Path

import sqlalchemy as sa

from repaint.errors import LeaseLost
from repaint.store import dialects
from repaint.store.database import Database
from repaint.store.tables import leases

log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
SURE_SECONDS = LEASE_SECONDS * 2 / 3  # since the last renewal: what is begun now is done before it runs out


class Lease:
    """This process's lease. Get one with `Lease.take`."""

    def __init__(self, database: Database, lease_id: str, note: Path | None) -> None:
        self.id = lease_id
        self._database = database
        self._note = note
        self._renewed = (time.monotonic(), time.time())

    @classmethod
    async def take(cls, database: Database, note: Path | None = None) -> Lease:
        """A new lease, whose id is written into the file `note`.

        The file must be this process's alone: whoever had the lease that it names is dead then, or is this
        process itself, so that one ends here and nobody waits for it to run out. Raises DatabaseAway.
        """
        lease = cls(database, uuid.uuid4().hex, note)
        await database.write(_insert, lease.id, _read(note) if note else "")
        if note:
            _write(note, lease.id)
        return lease

    async def anew(self) -> Lease:
        """Another lease in place of this one, which is lost. Raises DatabaseAway."""
        return await Lease.take(self._database, self._note)

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

    async def release(self) -> None:
        """Give it back: what is left of this process's jobs can be taken over at once."""
        await self._database.write(_delete, self.id)


def _read(note: Path) -> str:
    try:
        return note.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _write(note: Path, lease_id: str) -> None:
    try:
        note.write_text(lease_id, "ascii")
    except OSError as error:
        log.warning("not noted, so after a crash its jobs wait until it runs out: %r", error)


def _insert(c: sa.Connection, lease_id: str, dead: str) -> None:
    everybody = sa.true() if not dialects.is_shared(c) else leases.c.id == dead
    c.execute(sa.delete(leases).where(everybody))  # a SQLite file is this process's alone
    now = dialects.now(c)
    c.execute(sa.insert(leases).values(id=lease_id, started_at=now, expires_at=now + LEASE_SECONDS))


def _renew(c: sa.Connection, lease_id: str) -> bool:
    expires = dialects.now(c) + LEASE_SECONDS
    return (
        c.execute(sa.update(leases).where(leases.c.id == lease_id).values(expires_at=expires)).rowcount == 1
    )


def _delete(c: sa.Connection, lease_id: str) -> None:
    c.execute(sa.delete(leases).where(leases.c.id == lease_id))
