"""What goes wrong at the start is one sentence, and what goes wrong later one error."""

import asyncio
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa

from repaint.errors import ConfigError, DatabaseAway
from repaint.models import JobState
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from tests.store.stores import open_store, some_job

ROOT = Path(__file__).parents[2]
PASSWORD = "p4ss-w0rd"


async def complaint(url: str) -> str:
    """The sentence of whoever starts the bot with this address."""
    with pytest.raises((ConfigError, DatabaseAway)) as caught:
        async with Database.open(url):
            pass
    sentence = caught.value.sentence
    assert PASSWORD not in f"{sentence} {caught.value!r}"
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must look like"),
        ("nonsense", "must look like"),
        (f"postgresql://user:{PASSWORD}@host:port/x", "must look like"),
        (f"mysql://user:{PASSWORD}@host/x", "only SQLite and PostgreSQL"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite://data/repaint.db", "three slashes"),
        (f"postgresql://user:{PASSWORD}@localhost", "names no database"),
        (f"postgresql://user:{PASSWORD}@localhost/x?sslroot=1", "'sslroot' is not known"),
        (f"postgresql://user:{PASSWORD}@localhost/x?sslmode=perhaps", "cannot be used"),
        (f"postgresql://user:{PASSWORD}@nowhere.invalid/x", "No database server can be reached at nowhere"),
    ],
)
async def test_a_wrong_address_is_one_sentence(url: str, says: str) -> None:
    assert says in await complaint(url)


async def test_a_closed_port_is_one_sentence() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        said = await complaint(f"postgresql://user:{PASSWORD}@127.0.0.1:{port}/x")
    assert f"No database server can be reached at 127.0.0.1:{port}" in said


async def test_a_server_that_is_not_there_is_no_wrong_setting() -> None:
    """Whoever starts the bot again and again is right to do so."""
    with pytest.raises(DatabaseAway, match="No database server can be reached"):
        async with Database.open("postgresql://user@nowhere.invalid/x"):
            pass


async def test_a_refused_password_is_one_sentence(postgres_url: str) -> None:
    wrong = postgres_url.replace("postgres@", f"nobody:{PASSWORD}@")
    assert "does not accept this user or password" in await complaint(wrong)


async def test_a_missing_database_is_one_sentence(postgres_url: str) -> None:
    assert "has no database 'missing'" in await complaint(postgres_url.rpartition("/")[0] + "/missing")


async def test_a_right_that_is_missing_is_one_sentence(postgres_url: str) -> None:
    admin = await asyncpg.connect(postgres_url)
    await admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    await admin.execute("CREATE ROLE guest LOGIN")
    try:
        said = await complaint(postgres_url.replace("postgres@", f"guest:{PASSWORD}@"))
        assert "may not create tables" in said
    finally:
        await admin.execute("DROP ROLE guest")
        await admin.close()


async def test_what_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes. " * 100)
    assert "cannot be used as a database (file is not a database)" in await complaint(f"sqlite:///{path}")
    assert path.read_text().startswith("These are notes."), "and it is left as it was"


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert "cannot be used as a database" in await complaint(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
async def test_the_file_is_made_with_its_folder_for_nobody_else_to_read(tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "a folder" / "repaint.db"
    async with Database.open(f"{scheme}:///{path}"):
        pass
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
async def test_all_names_of_postgresql_are_taken(postgres_url: str, scheme: str) -> None:
    url = postgres_url.replace("postgresql", scheme) + "?sslmode=prefer"
    async with Database.open(url) as database:
        assert database.is_shared


async def test_every_connection_to_a_file_is_safe_against_power_loss(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "repaint.db") as database:
        for ask in (database.read, database.write):
            assert await ask(lambda c: c.scalar(sa.text("PRAGMA journal_mode"))) == "wal"
            assert await ask(lambda c: c.scalar(sa.text("PRAGMA synchronous"))) == 2  # FULL


HOLDER = """
import asyncio, sys
from repaint.store.database import Database
async def main():
    async with Database.open(sys.argv[1]):
        print("open", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
asyncio.run(main())
"""

WRITER = """
import asyncio, sys
from pathlib import Path
from repaint.models import JobState
from repaint.store.database import Database
from tests.store.stores import open_store, some_job
async def main():
    async with Database.open(sys.argv[1]) as database:
        store = await open_store(database, Path("jobs"))
        jobs = [some_job() for _ in range(20)]
        for job in jobs:
            await store.add(job)
        number = 0
        while True:
            number += 1
            changes = {"note": str(number), "queued_at": float(number)}
            await asyncio.gather(*(store.advance(job.id, JobState.RECEIVED, **changes) for job in jobs))
            print(number, flush=True)
asyncio.run(main())
"""


def program(source: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  # the programs above
        [sys.executable, "-c", source, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "repaint.db"


async def test_a_second_process_with_the_same_file_is_refused(path: Path) -> None:
    with program(HOLDER, f"sqlite:///{path}") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert "Another bot is running with the database" in await complaint(f"sqlite:///{path}")
        holder.communicate("\n")
    async with Database.open(path):
        pass


async def test_a_killed_writer_leaves_every_step_whole(database_url: str, folder: Path) -> None:
    with program(WRITER, database_url) as writer:
        assert writer.stdout is not None
        told = 0
        while told < 5:
            told = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
    told = max([told, *map(int, rest.split())])
    async with Database.open(database_url) as database:
        store = await open_store(database, folder)
        jobs = await store.of_member(22)
        assert len(jobs) == 20
        for job in jobs:
            assert job.note == str(int(job.queued_at or 0)), "both fields of a step, or none"
            assert told <= int(job.note) <= told + 1, "and nothing forgotten that was told"
        if not database.is_shared:
            assert await database.read(lambda c: c.scalar(sa.text("PRAGMA integrity_check"))) == "ok"


async def test_a_full_disk_is_one_error_and_goes_by(path: Path, folder: Path) -> None:
    async with Database.open(path) as database:
        store = await open_store(database, folder)
        job = some_job()
        await store.add(job)
        pages = await database.write(lambda c: c.scalar(sa.text("PRAGMA page_count")))
        await database.write(lambda c: c.execute(sa.text(f"PRAGMA max_page_count = {pages}")).scalar())
        with pytest.raises(DatabaseAway, match="full"):
            await store.advance(job.id, JobState.RECEIVED, note="x" * 1_000_000)
        await database.write(lambda c: c.execute(sa.text("PRAGMA max_page_count = 1000000")).scalar())
        assert await store.get(job.id) == job
        assert await store.advance(job.id, JobState.RECEIVED, note="x" * 1_000_000) is not None


async def test_a_file_that_somebody_else_writes_to_is_one_error(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repaint.store.sqlite.PRAGMAS", ("PRAGMA busy_timeout = 50",))
    async with Database.open(path) as database:
        store = await open_store(database, folder)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseAway, match="locked"):
            await store.add(some_job())
        other.execute("ROLLBACK")
        other.close()
        await store.add(some_job())


async def test_a_connection_that_dies_is_replaced(shared_store: JobStore) -> None:
    job = some_job()
    await shared_store.add(job)

    def kill_the_others(c: sa.Connection) -> int:
        return len(
            c.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            ).all()
        )

    await asyncio.gather(*(shared_store.get(job.id) for _ in range(5)))
    assert await shared_store.database.write(kill_the_others) > 1
    found = await asyncio.gather(*(shared_store.get(job.id) for _ in range(5)))
    assert found == [job] * 5


async def test_one_that_dies_in_the_middle_is_one_error(shared_store: JobStore) -> None:
    with pytest.raises(DatabaseAway) as caught:
        await shared_store.database.write(
            lambda c: c.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        )
    assert not re.search(PASSWORD, str(caught.value))
    assert await shared_store.mine() == []


async def test_a_closed_database_is_away(database_url: str) -> None:
    async with Database.open(database_url) as database:
        pass
    with pytest.raises(DatabaseAway, match="closed"):
        await database.read(lambda c: c.scalar(sa.text("SELECT 1")))


async def test_reading_cannot_change_anything(database: Database) -> None:
    with pytest.raises(DatabaseAway):
        await database.read(lambda c: c.execute(sa.text("DELETE FROM jobs")))
