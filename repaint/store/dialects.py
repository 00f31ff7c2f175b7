"""Where SQLite and PostgreSQL need different words."""

from __future__ import annotations

import time

import sqlalchemy as sa

# Any numbers will do; PostgreSQL's advisory locks have no names. They are held until the transaction ends.
QUEUE_LOCK = 7_211_001
SCHEMA_LOCK = 7_211_002
STYLES_LOCK = 7_211_003


def is_shared(c: sa.Connection) -> bool:
    """Whether other processes use the same database: PostgreSQL."""
    return c.dialect.name == "postgresql"


def now(c: sa.Connection) -> float:
    """The database's clock, in seconds since the epoch: what several processes agree on."""
    if not is_shared(c):
        return time.time()
    moment: float = c.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())::float8")) or 0.0
    return moment


def lock(c: sa.Connection, key: int) -> None:
    """Wait until no other transaction holds this lock. SQLite has one writer anyway."""
    if is_shared(c):
        c.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def end_stalled(c: sa.Connection) -> None:
    """End this program's own sessions that hold a transaction open while their process stands still.

    A process that was stopped (SIGSTOP, a suspended machine) in the middle of one holds its locks for ever.
    The server's own time-outs do not see it where the driver waits between two messages of a statement.
    """
    if is_shared(c):
        c.execute(_STALLED)


_STALLED = sa.text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = 'repaint'
      AND pid <> pg_backend_pid() AND wait_event = 'ClientRead' AND xact_start < now() - interval '15 seconds'
""")
