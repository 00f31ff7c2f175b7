"""Brings a database up to date. Alembic is imported only where there is something to do: it costs 10 MiB."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from repaint.errors import ConfigError
from repaint.store import dialects
from repaint.store.migrations import HEAD


def bring_up_to_date(c: sa.Connection) -> None:
    """Make or change the tables, in this transaction. Raises ConfigError where they are newer than HEAD."""
    if version(c) == HEAD:
        return
    dialects.lock(c, dialects.SCHEMA_LOCK)  # another process may start at the same moment
    found = version(c)
    if found is not None and found > HEAD:
        raise ConfigError(
            sentence="The database was made by a newer version of Repaint. Start that version, or restore "
            "a backup from before it."
        )
    if found != HEAD:
        _migrate(c)


def version(c: sa.Connection) -> str | None:
    """The database's version; None if it has no tables yet."""
    if not sa.inspect(c).has_table("alembic_version"):
        return None
    found: str | None = c.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def _migrate(c: sa.Connection) -> None:
    from alembic import command, config  # noqa: PLC0415  # see above

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    settings.attributes["connection"] = c
    command.upgrade(settings, "head")
