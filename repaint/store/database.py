"""The database: opened, brought up to date, and asked in transactions.

A query is a plain function of a connection, `query(c, …)`; `read` and `write` run it as one transaction. A
transaction that has begun is brought to its end even where the task that waits for it is cancelled: nothing
is ever half done.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from repaint.errors import ConfigError, DatabaseAway
from repaint.store import address, schema
from repaint.store.postgres import PostgresBackend
from repaint.store.sqlite import SqliteBackend

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Clash(DatabaseAway):
    """A unique value was there already, so nothing was written. Each use knows which and what it means."""


class Backend(Protocol):
    """One kind of database."""

    is_shared: bool

    async def transact(self, write: bool, query: Callable[[sa.Connection], T]) -> T:
        """Run a query as one transaction. Raises SQLAlchemyError or OSError."""

    def complaint(self, error: Exception) -> str:
        """Why it could not be opened: one sentence for whoever started the bot, without a password."""

    def may_pass(self, error: Exception) -> bool:
        """Whether starting the bot again later may help."""

    async def close(self) -> None: ...


class Database:
    """An open database. Get one with `Database.open`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._closed = False

    @staticmethod
    @contextlib.asynccontextmanager
    async def open(url: str | Path) -> AsyncIterator[Database]:
        """The database of a DATABASE_URL (or a SQLite file), made or brought up to date where needed.

        Raises ConfigError where the address is wrong, the server or the file cannot be used, the database
        is newer than this program, or another process has the file; DatabaseAway where the server is away.
        """
        place = url if isinstance(url, Path) else address.parse(url)
        backend: Backend = SqliteBackend(place) if isinstance(place, Path) else PostgresBackend(place)
        try:
            try:
                await backend.transact(True, schema.bring_up_to_date)
            except (SQLAlchemyError, OSError, ValueError) as error:  # ValueError: an odd value of an option
                log.debug("the database cannot be opened", exc_info=error)
                kind = DatabaseAway if backend.may_pass(error) else ConfigError
                raise kind(sentence=backend.complaint(error)) from None
            database = Database(backend)
            try:
                yield database
            finally:
                database._closed = True
        finally:
            await backend.close()

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use it at the same time: PostgreSQL."""
        return self._backend.is_shared

    async def read(
        self, query: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What a query finds. Raises DatabaseAway."""
        return await self._transact(False, lambda c: query(c, *args, **kwargs))

    async def write(
        self, query: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query that changes something, all or nothing. Raises DatabaseAway, of which Clash is one."""
        return await self._transact(True, lambda c: query(c, *args, **kwargs))

    async def _transact(self, write: bool, query: Callable[[sa.Connection], T]) -> T:
        if self._closed:
            raise DatabaseAway("it was closed")
        try:
            return await self._backend.transact(write, query)
        except IntegrityError as error:
            raise Clash(str(error.orig)) from error
        except (SQLAlchemyError, OSError) as error:  # TimeoutError is an OSError
            raise DatabaseAway(f"{type(error).__name__}: {getattr(error, 'orig', error)}") from error
