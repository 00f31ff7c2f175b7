"""The migrations make what `tables` says, on both databases."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import autogenerate, config, script
from alembic.runtime.migration import MigrationContext

import repaint.store.migrations
from repaint.errors import ConfigError
from repaint.store.database import Database
from repaint.store.migrations import HEAD
from repaint.store.tables import metadata

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def differences(c: sa.Connection) -> object:
        return autogenerate.compare_metadata(MigrationContext.configure(c), metadata)

    assert await database.read(differences) == []


async def test_even_what_alembic_does_not_compare(database: Database) -> None:
    """The conditions of partial indexes."""

    def indexes(c: sa.Connection) -> dict[str, str]:
        rows = c.execute(sa.text(INDEXES[c.dialect.name]))
        return {name: " ".join(sql.split()) for name, sql in rows if "alembic" not in name}

    def made_from_the_tables(c: sa.Connection) -> dict[str, str]:
        metadata.drop_all(c)
        metadata.create_all(c)
        return indexes(c)

    migrated = await database.read(indexes)
    assert len(migrated) > 12
    assert await database.write(made_from_the_tables) == migrated


def test_the_newest_migration_is_the_head() -> None:
    settings = config.Config()
    settings.set_main_option("script_location", str(Path(repaint.store.migrations.__file__).parent))
    scripts = script.ScriptDirectory.from_config(settings)
    assert scripts.get_current_head() == HEAD
    revisions = [each.revision for each in scripts.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True), "a larger number is newer"


async def test_a_database_is_found_again(database_url: str) -> None:
    for _ in range(2):
        async with Database.open(database_url) as database:
            await database.write(lambda c: c.execute(sa.text("DELETE FROM jobs")))


async def test_one_that_is_newer_than_the_program_is_refused(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await database.write(lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(ConfigError, match="newer version of Repaint"):
        async with Database.open(database_url):
            pass


async def test_several_processes_may_meet_a_new_database_at_once(postgres_url: str) -> None:
    async def one() -> None:
        async with Database.open(postgres_url):
            pass

    await asyncio.gather(*(one() for _ in range(5)))


PROGRAM = """
import asyncio, sys
from repaint.store.database import Database
async def main():
    async with Database.open(sys.argv[1]):
        pass
asyncio.run(main())
print([name for name in ("alembic", "sqlalchemy.orm", "asyncpg") if name in sys.modules])
"""


def test_nothing_is_loaded_that_is_not_needed(tmp_path: Path) -> None:
    outputs = [
        subprocess.run(  # noqa: S603  # the program above
            [sys.executable, "-c", PROGRAM, f"sqlite:///{tmp_path / 'repaint.db'}"],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        ).stdout.strip()
        for _ in range(2)
    ]
    assert outputs[1] == "[]"
