"""Styles that people and servers keep."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from repaint.errors import RequestError
from repaint.store import dialects, documents
from repaint.store.database import Database
from repaint.store.tables import styles
from repaint.styles import Style, check, key_of
from repaint.text import text

AT_MOST = 50  # of one member or server


class Scope(StrEnum):
    """Whose a style is."""

    MEMBER = "member"
    GUILD = "guild"


class Styles:
    """The styles in the database; the built-in ones are in `repaint.styles`. All raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, scope: Scope, owner_id: int) -> list[Style]:
        """Somebody's styles, by name."""
        return await self._database.read(_of, scope, owner_id)

    async def find(self, name: str, *, user_id: int, guild_id: int | None) -> Style | None:
        """A style by its name: the member's own before the server's."""
        return await self._database.read(_find, name, user_id, guild_id)

    async def save(self, scope: Scope, owner_id: int, style: Style) -> None:
        """Keep a style in place of one of the same name. Raises RequestError where there are too many."""
        check(style)
        if not await self._database.write(_save, scope, owner_id, style):
            raise RequestError(
                sentence=text("There are {n} styles already. Please delete one first.", n=AT_MOST)
            )

    async def delete(self, scope: Scope, owner_id: int, name: str) -> bool:
        """Whether there was one of that name."""
        return await self._database.write(_delete, scope, owner_id, name)


def _whose(scope: Scope, owner_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(styles.c.scope == scope.value, styles.c.owner_id == owner_id)


def _of(c: sa.Connection, scope: Scope, owner_id: int) -> list[Style]:
    query = sa.select(styles.c.document).where(_whose(scope, owner_id)).order_by(styles.c.key)
    return [documents.read(Style, document) for document in c.scalars(query)]


def _find(c: sa.Connection, name: str, user_id: int, guild_id: int | None) -> Style | None:
    for scope, owner_id in ((Scope.MEMBER, user_id), (Scope.GUILD, guild_id)):
        if owner_id is None:
            continue
        query = sa.select(styles.c.document).where(_whose(scope, owner_id), styles.c.key == key_of(name))
        if (document := c.scalar(query)) is not None:
            return documents.read(Style, document)
    return None


def _save(c: sa.Connection, scope: Scope, owner_id: int, style: Style) -> bool:
    dialects.lock(c, dialects.STYLES_LOCK)  # two at once would each find room for one
    key, document = key_of(style.name), documents.written(style)
    if c.execute(
        sa.update(styles).where(_whose(scope, owner_id), styles.c.key == key).values(document=document)
    ).rowcount:
        return True
    count = c.scalar(sa.select(sa.func.count()).select_from(styles).where(_whose(scope, owner_id))) or 0
    if count >= AT_MOST:
        return False
    c.execute(sa.insert(styles).values(scope=scope.value, owner_id=owner_id, key=key, document=document))
    return True


def _delete(c: sa.Connection, scope: Scope, owner_id: int, name: str) -> bool:
    query = sa.delete(styles).where(_whose(scope, owner_id), styles.c.key == key_of(name))
    return c.execute(query).rowcount > 0
