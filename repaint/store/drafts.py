"""What a form or a list is about while somebody is at it, across restarts."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa

from repaint.store import dialects
from repaint.store.database import Database
from repaint.store.tables import drafts

KEPT = 86_400.0  # seconds


class Drafts:
    """Documents that JSON can hold, each for the one person who began it. All raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, user_id: int, document: dict[str, Any]) -> str:
        """Keep it for a day; its id, ten hexadecimal digits."""
        draft_id = secrets.token_hex(5)
        await self._database.write(_keep, draft_id, user_id, document)
        return draft_id

    async def get(self, draft_id: str, user_id: int) -> dict[str, Any] | None:
        """None where it is gone, or somebody else's."""
        return await self._database.read(_get, draft_id, user_id)


def _keep(c: sa.Connection, draft_id: str, user_id: int, document: dict[str, Any]) -> None:
    now = dialects.now(c)
    sweep(c, now)
    c.execute(sa.insert(drafts).values(id=draft_id, user_id=user_id, document=document, created_at=now))


def sweep(c: sa.Connection, now: float) -> None:
    """Forget those that nobody can use any more."""
    c.execute(sa.delete(drafts).where(drafts.c.created_at < now - KEPT))


def _get(c: sa.Connection, draft_id: str, user_id: int) -> dict[str, Any] | None:
    query = sa.select(drafts.c.document).where(
        drafts.c.id == draft_id,
        drafts.c.user_id == user_id,
        drafts.c.created_at >= dialects.now(c) - KEPT,
    )
    found: dict[str, Any] | None = c.scalar(query)
    return found
