"""A PostgreSQL server, for several processes or where one is there anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

CONNECT_LIMIT = 10.0  # seconds
QUERY_LIMIT = 30.0  # seconds; the longest takes milliseconds, so the server or the way to it is gone
CLOSE_LIMIT = 2.0  # seconds that the end of the process waits for what is under way
CONNECTIONS = 10


class PostgresBackend:
    is_shared = True

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._engine = _engine(url)
        self._readers = self._engine.execution_options(postgresql_readonly=True)
        self._running: set[asyncio.Task[Any]] = set()
        self._turns = asyncio.Semaphore(CONNECTIONS)

    async def transact(self, write: bool, query: Callable[[sa.Connection], T]) -> T:
        task = asyncio.get_running_loop().create_task(self._transact(write, query))
        self._running.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def _transact(self, write: bool, query: Callable[[sa.Connection], T]) -> T:
        try:
            engine = self._engine if write else self._readers
            async with self._turns, engine.begin() as connection:  # a rush is no fault of the server's
                return await connection.run_sync(query)
        except Exception as error:
            # A failed connection brings the driver's own errors, which share no root with SQLAlchemy's.
            if type(error).__module__.startswith("asyncpg"):
                raise sa.exc.OperationalError(None, None, error) from error
            raise

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it, or was cancelled and does not want it

    def complaint(self, error: Exception) -> str:  # noqa: PLR0911  # one sentence for each cause
        cause = getattr(error, "orig", None) or error
        code = _sqlstate(cause)
        where = f"{self._url.host or 'localhost'}:{self._url.port or 5432}"
        if code.startswith("28"):
            return f"DATABASE_URL is wrong: the server at {where} does not accept this user or password."
        if code == "3D000":
            return f"DATABASE_URL is wrong: the server at {where} has no database {self._url.database!r}."
        if code == "42501":
            return f"The database user may not create tables in {self._url.database!r}: grant it that right."
        if code in ("57P03", "53300"):
            return f"The database server at {where} is starting or has no free connection. Try again soon."
        if isinstance(cause, TimeoutError):
            return f"The database server at {where} does not answer. Check DATABASE_URL and the server."
        if isinstance(cause, OSError):
            return f"No database server can be reached at {where}. Check DATABASE_URL and the server."
        reason = " ".join(str(cause).split("\n", maxsplit=1)[0].split())
        return f"The database at {where} cannot be used ({reason})."

    def may_pass(self, error: Exception) -> bool:
        """Whether it is the server that is not there, and no setting that is wrong."""
        cause = getattr(error, "orig", None) or error
        return isinstance(cause, OSError) or _sqlstate(cause) in ("57P03", "53300")

    async def close(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=CLOSE_LIMIT)
        await self._engine.dispose()


def _engine(url: sa.URL) -> AsyncEngine:
    # Imported here: it costs 10 MiB of memory, and with SQLite none of it is needed.
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    return create_async_engine(
        url,
        pool_pre_ping=True,  # a connection that died is replaced
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=CONNECT_LIMIT,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_LIMIT,
            "command_timeout": QUERY_LIMIT,
            # The plans are short: compiling them takes many times what they take themselves.
            "server_settings": {
                "application_name": "repaint",
                "jit": "off",
                # A process that is stopped in the middle of a transaction must not hold up all others.
                "idle_in_transaction_session_timeout": "10s",
            },
        },
    )


def _sqlstate(error: BaseException | None) -> str:
    """The five characters by which PostgreSQL names an error; they may lie some wrappings deep."""
    while error is not None:
        code = getattr(error, "sqlstate", None)
        if isinstance(code, str):
            return code
        error = error.__cause__
    return ""
