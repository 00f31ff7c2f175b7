"""What DATABASE_URL may say. No complaint ever repeats it: it may hold a password."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from repaint.errors import ConfigError

SQLITE = ("sqlite", "sqlite+aiosqlite", "sqlite+pysqlite")
POSTGRES = ("postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2")
POSTGRES_OPTIONS = {"ssl", "host", "port"}
FORMS = "sqlite:///data/repaint.db or postgresql://user:password@host/database"


def parse(url: str) -> Path | URL:
    """The file of a SQLite database, or the address of a PostgreSQL server. Raises ConfigError."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: the port is no number
        raise ConfigError(sentence=f"DATABASE_URL is wrong: it must look like {FORMS}.") from None
    if parts.drivername in SQLITE:
        return _file(parts)
    if parts.drivername in POSTGRES:
        return _server(parts)
    raise ConfigError(
        sentence=f"DATABASE_URL is wrong: only SQLite and PostgreSQL are known, such as {FORMS}."
    )


def _file(parts: URL) -> Path:
    if parts.host or parts.query or not parts.database or parts.database == ":memory:":
        raise ConfigError(
            sentence="DATABASE_URL is wrong: for SQLite it must name a file with three slashes, such as "
            "sqlite:///data/repaint.db (four for an absolute path)."
        )
    return Path(parts.database)


def _server(parts: URL) -> URL:
    options = {key: value for key, value in parts.query.items() if key != "channel_binding"}
    if "sslmode" in options:  # libpq's name, which most hosts' addresses carry
        options["ssl"] = options.pop("sslmode")
    unknown = sorted(options.keys() - POSTGRES_OPTIONS)
    if unknown:
        raise ConfigError(sentence=f"DATABASE_URL is wrong: the option {unknown[0]!r} is not known here.")
    if not parts.database:
        raise ConfigError(sentence=f"DATABASE_URL is wrong: it names no database; it must look like {FORMS}.")
    return parts.set(drivername="postgresql+asyncpg", query=options)
