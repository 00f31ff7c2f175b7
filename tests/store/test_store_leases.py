"""Who is at work, by the database's clock. On both databases."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa

from repaint.errors import LeaseLost
from repaint.store import dialects, leases, tables
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.leases import LEASE_SECONDS, Lease
from tests.store.stores import open_store, some_job


async def expire(database: Database, lease: Lease) -> None:
    table = tables.leases
    await database.write(
        lambda c: c.execute(sa.update(table).where(table.c.id == lease.id).values(expires_at=1.0))
    )


async def expiries(database: Database) -> dict[str, float]:
    table = tables.leases
    rows = await database.read(lambda c: c.execute(sa.select(table.c.id, table.c.expires_at)).all())
    return {row.id: row.expires_at for row in rows}


async def test_a_renewed_lease_is_good_for_as_long_again(database: Database) -> None:
    lease = await Lease.take(database)
    await lease.renew()
    if not database.is_shared:
        return  # the file is this process's alone
    await expire(database, lease)
    await lease.renew()
    now = await database.read(dialects.now)
    assert (await expiries(database))[lease.id] == pytest.approx(now + LEASE_SECONDS, abs=5)


async def test_one_that_was_taken_over_is_lost(shared_store: JobStore, folder: Path) -> None:
    await shared_store.add(some_job())
    await expire(shared_store.database, shared_store.lease)
    other = await open_store(shared_store.database, folder)
    assert await other.take_over(everything=False) == 1
    with pytest.raises(LeaseLost):
        await shared_store.lease.renew()
    shared_store.lease = await Lease.take(shared_store.database)
    await shared_store.lease.renew()
    assert await shared_store.mine() == []


async def test_one_that_is_renewed_in_time_is_not_taken_over(shared_store: JobStore, folder: Path) -> None:
    await shared_store.add(some_job())
    await expire(shared_store.database, shared_store.lease)
    await shared_store.lease.renew()
    other = await open_store(shared_store.database, folder)
    assert await other.take_over(everything=False) == 0


async def test_a_process_does_not_bury_itself(shared_store: JobStore) -> None:
    await expire(shared_store.database, shared_store.lease)
    assert await shared_store.take_over(everything=False) == 0
    await shared_store.lease.renew()


async def test_a_take_over_waits_for_nobody(shared_store: JobStore, folder: Path, postgres_url: str) -> None:
    """A row that somebody writes at the moment is left to the next time."""
    jobs = [some_job(), some_job()]
    for job in jobs:
        await shared_store.add(job)
    await shared_store.lease.release()
    other = await open_store(shared_store.database, folder)
    admin = await asyncpg.connect(postgres_url)
    try:
        async with admin.transaction():
            await admin.execute("SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE", jobs[0].id)
            async with asyncio.timeout(10):
                assert await other.take_over(everything=False) == 1
        assert await other.take_over(everything=False) == 1
    finally:
        await admin.close()


async def test_whoever_has_the_note_of_a_dead_process_need_not_wait_for_its_lease(
    shared_store: JobStore, tmp_path: Path
) -> None:
    database, note = shared_store.database, tmp_path / "lease"
    dead = await Lease.take(database, note)
    new = await Lease.take(database, note)
    assert set(await expiries(database)) >= {new.id, shared_store.lease.id}
    assert dead.id not in await expiries(database)
    newer = await new.anew()
    assert new.id not in await expiries(database)
    assert note.read_text("ascii") == newer.id


async def test_a_note_that_cannot_be_read_or_written_stops_nobody(
    shared_store: JobStore, tmp_path: Path
) -> None:
    lease = await Lease.take(shared_store.database, tmp_path)  # a folder
    assert lease.id in await expiries(shared_store.database)


class Clocks:
    """The machine's two clocks, in the test's hand."""

    def __init__(self) -> None:
        self.still_while_asleep = 100.0
        self.wall = 1_700_000_000.0

    def monotonic(self) -> float:
        return self.still_while_asleep

    def time(self) -> float:
        return self.wall


@pytest.mark.parametrize(
    ("runs", "sleeps", "sure"),
    [
        (10.0, 0.0, True),
        (25.0, 0.0, False),
        (1.0, 25.0, False),  # the machine was asleep
        (25.0, -25.0, False),  # the clock was set back meanwhile
        (10.0, -10.0, False),
    ],
)
async def test_a_process_knows_when_it_may_have_been_away_too_long(
    database: Database, monkeypatch: pytest.MonkeyPatch, runs: float, sleeps: float, sure: bool
) -> None:
    clocks = Clocks()
    monkeypatch.setattr(leases, "time", clocks)
    lease = await Lease.take(database)
    clocks.still_while_asleep += runs
    clocks.wall += runs + sleeps
    assert lease.is_sure is (sure or not database.is_shared)
    await lease.renew()
    assert lease.is_sure
