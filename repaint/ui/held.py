"""Drafts before an interaction's first response: there the database has a moment, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import discord

from repaint.errors import DatabaseAway, RequestError
from repaint.text import text

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

T = TypeVar("T")

LOOK_LIMIT = 0.7  # seconds; the first response has three, and needs two looks or three
DRAFT = r"[0-9a-f]{10}"
GONE = text("I no longer have what you began here: I keep it for a day. Please begin anew.")


async def soon(act: Awaitable[T]) -> T:
    """What the database says, if it does within its moment. Raises DatabaseAway."""
    try:
        async with asyncio.timeout(LOOK_LIMIT):
            return await act
    except TimeoutError as error:
        raise DatabaseAway("too slow for a first response") from error


async def hold(interaction: Interaction, of: str, document: dict[str, Any]) -> str:
    """Keep a draft of some sort for whoever acts; its id. Raises DatabaseAway."""
    return await soon(interaction.client.drafts.keep(interaction.user.id, document | {"of": of}))


async def held(interaction: Interaction, of: str, draft_id: str) -> dict[str, Any]:
    """A draft of that sort. Raises RequestError if it is gone or somebody else's, DatabaseAway."""
    found = await soon(interaction.client.drafts.get(draft_id, interaction.user.id))
    if found is None or found.get("of") != of:
        raise RequestError(sentence=GONE)
    return found
