"""Where SQLite and PostgreSQL need different words."""

from __future__ import annotations

import time

import sqlalchemy as sa

# Any numbers will do; PostgreSQL's advisory locks have no names. They are held until the transaction ends.
QUEUE_LOCK = 7_211_001
SCHEMA_LOCK = 7_211_002


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
