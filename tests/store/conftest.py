"""Both databases: a SQLite file, and a PostgreSQL server where its binaries are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from repaint.store.database import Database
from repaint.store.jobs import JobStore
from tests import postgres
from tests.store.stores import new_database, open_store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running server, without a database's name."""
    if postgres.binaries() is None:
        reason = "PostgreSQL's initdb is not on this machine"
        if postgres.NEEDED:
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.server() as address:
        yield address.rpartition("/")[0]


@pytest.fixture
async def postgres_url(postgres_server: str) -> str:
    """The address of an empty PostgreSQL database."""
    return await new_database(postgres_server)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'repaint.db'}"
    server: str = request.getfixturevalue("postgres_server")
    return await new_database(server)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database of each kind."""
    async with Database.open(database_url) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures of jobs would lie."""
    return tmp_path / "jobs"


@pytest.fixture
async def store(database: Database, folder: Path) -> JobStore:
    return await open_store(database, folder)


@pytest.fixture
async def shared_store(postgres_url: str, folder: Path) -> AsyncIterator[JobStore]:
    """One on PostgreSQL: several processes can only be there."""
    async with Database.open(postgres_url) as opened:
        yield await open_store(opened, folder)
