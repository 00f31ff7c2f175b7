"""A SQLite file: one process, one writing thread, and one that reads beside it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import filelock
import sqlalchemy as sa

from repaint.errors import ConfigError

T = TypeVar("T")

PRAGMAS = (
    "PRAGMA busy_timeout = 5000",  # ms; somebody may look into the file with another program
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # less may forget a commit at a power loss, and then pay twice
    "PRAGMA foreign_keys = ON",
)


class SqliteBackend:
    """Raises ConfigError where the file cannot be made, or where another process has it."""

    is_shared = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = filelock.FileLock(f"{path}.lock", mode=0o600)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            # Prompts are nobody else's to read. SQLite gives its side files the same mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except filelock.Timeout:
            raise ConfigError(
                sentence=f"Another bot is running with the database {path}. "
                "Stop it first, or set another DATABASE_URL."
            ) from None
        except OSError as error:
            self._lock.release()
            raise ConfigError(sentence=self.complaint(error)) from None
        # One that begins as a reader may be refused when it comes to write.
        self._writer = _Lane(path, begin="BEGIN IMMEDIATE")
        self._reader = _Lane(path, "PRAGMA query_only = ON", begin="BEGIN")

    async def transact(self, write: bool, query: Callable[[sa.Connection], T]) -> T:
        return await (self._writer if write else self._reader).run(query)

    def may_pass(self, error: Exception) -> bool:  # noqa: ARG002
        """Nothing about a file passes by itself."""
        return False

    def complaint(self, error: Exception) -> str:
        cause = getattr(error, "orig", None) or error
        reason = cause.strerror if isinstance(cause, OSError) else str(cause)
        return f"DATABASE_URL is wrong: {self.path} cannot be used as a database ({reason})."

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()  # the last one tidies the log away
        self._lock.release()


class _Lane:
    """One thread with one connection: what is asked of it happens in turn, beside the event loop."""

    def __init__(self, path: Path, *pragmas: str, begin: str) -> None:
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)),
            poolclass=sa.NullPool,
            hide_parameters=True,
            connect_args={"isolation_level": None},  # transactions are begun here, not by the driver's guess
        )

        @sa.event.listens_for(self._engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: Any) -> None:
            for pragma in (*PRAGMAS, *pragmas):
                connection.execute(pragma)

        @sa.event.listens_for(self._engine, "begin")
        def start(c: sa.Connection) -> None:
            c.exec_driver_sql(begin)

        self._thread = concurrent.futures.ThreadPoolExecutor(1, "database")
        self._connection: sa.Connection | None = None

    async def run(self, query: Callable[[sa.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, query)

    def _transact(self, query: Callable[[sa.Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        with self._connection.begin():
            return query(self._connection)

    async def close(self) -> None:
        def close() -> None:
            if self._connection is not None:
                with contextlib.suppress(sa.exc.SQLAlchemyError):  # closing is not worth a word more
                    self._connection.close()

        await asyncio.get_running_loop().run_in_executor(self._thread, close)
        self._thread.shutdown()
