"""What people and servers have set, wholly in memory.

It decides things that must be known without waiting: whether a reply is private, whether a picture may be
repainted. Only who sets something takes up room. What other processes write is read by `refresh`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from repaint.models import GuildSettings, Preferences
from repaint.store import dialects, documents
from repaint.store.database import Clash, Database
from repaint.store.tables import guilds, people

T = TypeVar("T")
Make = Callable[[sa.Row[Any] | None], dict[str, Any]]  # from a row as it is, if it is, to new values

SLACK = 30.0  # seconds by which a write may become visible later than its moment says


class Kept(Generic[T]):
    """The rows of one table as values, by id. Changes are committed first, and known then."""

    def __init__(self, database: Database, table: sa.Table, kind: type[T]) -> None:
        self._database = database
        self._table = table
        self._kind = kind
        self._rows: dict[int, sa.Row[Any]] = {}
        self._seen = 0.0  # the newest moment of all rows that were read
        self._writing: set[asyncio.Task[sa.Row[Any]]] = set()

    async def refresh(self) -> None:
        """Read what was written since the last time. Raises DatabaseAway."""
        for row in await self._database.read(_since, self._table, self._seen - SLACK):
            self._take(row)
            self._seen = max(self._seen, row.updated_at)

    def row(self, key: int) -> sa.Row[Any] | None:
        return self._rows.get(key)

    def value(self, key: int) -> T:
        """What is set; all at its defaults where nothing is."""
        row = self._rows.get(key)
        return documents.read(self._kind, row.document if row is not None else {})

    async def write(self, key: int, **values: Any) -> None:
        """Set columns of a row. Raises DatabaseAway."""
        await self._wait_for(self._write(key, lambda _: values))

    async def change(self, key: int, change: Callable[[T], T]) -> T:
        """Change the value as the database has it now, and give what it is then. Raises DatabaseAway."""

        def changed(row: sa.Row[Any] | None) -> dict[str, Any]:
            before = documents.read(self._kind, row.document if row is not None else {})
            return {"document": documents.written(change(before))}

        row = await self._wait_for(self._write(key, changed))
        return documents.read(self._kind, row.document)

    async def _wait_for(self, writing: Coroutine[Any, Any, sa.Row[Any]]) -> sa.Row[Any]:
        """Even where nobody waits for it any more: what is committed must be known."""
        task = asyncio.create_task(writing)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def _write(self, key: int, make: Make) -> sa.Row[Any]:
        try:
            row = await self._database.write(_put, self._table, key, make)
        except Clash:  # another process made the row at the same moment, so this time it is there
            row = await self._database.write(_put, self._table, key, make)
        self._take(row)
        return row

    def _take(self, row: sa.Row[Any]) -> None:
        """Know a row, unless a newer one is known: answers may overtake each other."""
        known = self._rows.get(row.id)
        if known is None or row.updated_at >= known.updated_at:
            self._rows[row.id] = row


class People:
    """What people have set for themselves. Get it with `People.open`."""

    def __init__(self, database: Database) -> None:
        self._kept = Kept(database, people, Preferences)

    @classmethod
    async def open(cls, database: Database) -> People:
        """Raises DatabaseAway."""
        made = cls(database)
        await made.refresh()
        return made

    async def refresh(self) -> None:
        """Read what other processes wrote. Raises DatabaseAway."""
        await self._kept.refresh()

    def preferences(self, user_id: int) -> Preferences:
        return self._kept.value(user_id)

    def has_opted_out(self, user_id: int) -> bool:
        """Whether nobody else may repaint this person's pictures."""
        row = self._kept.row(user_id)
        return row is not None and bool(row.opted_out)

    async def change_preferences(
        self, user_id: int, change: Callable[[Preferences], Preferences]
    ) -> Preferences:
        """From what they are to what they become, whoever else changes others of them meanwhile.

        Raises DatabaseAway.
        """
        return await self._kept.change(user_id, change)

    async def set_opted_out(self, user_id: int, opted_out: bool) -> None:
        """Raises DatabaseAway."""
        await self._kept.write(user_id, opted_out=opted_out)


class Guilds:
    """What the staff of servers has set. Get it with `Guilds.open`."""

    def __init__(self, database: Database) -> None:
        self._kept = Kept(database, guilds, GuildSettings)

    @classmethod
    async def open(cls, database: Database) -> Guilds:
        """Raises DatabaseAway."""
        made = cls(database)
        await made.refresh()
        return made

    async def refresh(self) -> None:
        """Read what other processes wrote. Raises DatabaseAway."""
        await self._kept.refresh()

    def settings(self, guild_id: int) -> GuildSettings:
        return self._kept.value(guild_id)

    async def set_settings(self, guild_id: int, settings: GuildSettings) -> None:
        """Raises DatabaseAway."""
        await self._kept.write(guild_id, document=documents.written(settings))

    async def forget(self, guild_id: int) -> None:
        """The bot is no longer there. Raises DatabaseAway."""
        if self._kept.row(guild_id) is not None:
            await self._kept.write(guild_id, document={})


def _since(c: sa.Connection, table: sa.Table, moment: float) -> list[sa.Row[Any]]:
    return list(c.execute(sa.select(table).where(table.c.updated_at >= moment)))


def _put(c: sa.Connection, table: sa.Table, key: int, make: Make) -> sa.Row[Any]:
    """The row with the values that `make` gives, as it is then. Its moment is later than the one before."""
    before = c.execute(sa.select(table).where(table.c.id == key).with_for_update()).one_or_none()
    now = dialects.now(c)  # not before the row is ours
    values = make(before)
    if before is not None:
        values = values | {"updated_at": max(now, math.nextafter(before.updated_at, math.inf))}
        c.execute(sa.update(table).where(table.c.id == key).values(values))
    else:
        values = values | {"updated_at": now}
        usual: dict[str, Any] = {"id": key, "document": {}}
        if "opted_out" in table.c:
            usual["opted_out"] = False
        c.execute(sa.insert(table).values(usual | values))
    return c.execute(sa.select(table).where(table.c.id == key)).one()
