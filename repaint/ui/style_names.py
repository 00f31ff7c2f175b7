"""The names of the styles that somebody can use where they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands

from repaint.errors import DatabaseAway
from repaint.store.styles import Scope
from repaint.styles import BUILT_IN
from repaint.ui.words import plain

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

LOOK_LIMIT = 1.0  # seconds
CHOICES = 25  # in an autocompletion or a select (Discord)


async def style_names(interaction: Interaction) -> list[str]:
    """One's own, then the server's, then the built-in ones; each name once. Raises DatabaseAway."""
    styles = interaction.client.styles
    found = await styles.of(Scope.MEMBER, interaction.user.id)
    if interaction.guild_id is not None:
        found += await styles.of(Scope.GUILD, interaction.guild_id)
    return list(dict.fromkeys(style.name for style in (*found, *BUILT_IN)))


async def offered_styles(interaction: Interaction) -> list[str]:
    """The same for a form, which must be shown at once: the built-in ones where the database is slow."""
    try:
        async with asyncio.timeout(LOOK_LIMIT):
            return await style_names(interaction)
    except (DatabaseAway, TimeoutError) as error:
        log.warning("interaction %s: only the built-in styles: %r", interaction.id, error)
        return [style.name for style in BUILT_IN]


async def matching_styles(interaction: Interaction, typed: str) -> list[str]:
    """At most 25 names: those that begin with what was typed, then those that contain it."""
    wanted = typed.strip().casefold()
    names = [name for name in await style_names(interaction) if wanted in name.casefold()]
    return sorted(names, key=lambda name: not name.casefold().startswith(wanted))[:CHOICES]


def style_choices(names: Iterable[str]) -> list[app_commands.Choice[str]]:
    """For an autocompletion: each is read without what cannot be seen, and chosen as it is."""
    return [app_commands.Choice(name=plain(name), value=name) for name in names]
