"""What tests of the playground hold in their hands: interactions, cards and pictures."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
from discord import ui

from tests.bots import Bot

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x30\x08\x02\x00\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00IEND\xaeB`\x82"
)
"""A PNG's header that says 64 × 48: enough for whoever does not decode it."""


def card(text: str, *files: discord.File, buttons: tuple[ui.Item[Any], ...] = ()) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(text))
    if files:
        container.add_item(ui.MediaGallery(*(discord.MediaGalleryItem(f, description="art") for f in files)))
    view.add_item(container)
    if buttons:
        view.add_item(ui.ActionRow(*buttons))
    return view


class Kept:
    """Interactions with /hold that a test acts on itself."""

    def __init__(self, bot: Bot, queue: asyncio.Queue[discord.Interaction]) -> None:
        self.bot = bot
        self._queue = queue

    async def next(self) -> discord.Interaction:
        return await asyncio.wait_for(self._queue.get(), 20)

    def channel(self, name: str = "art") -> discord.TextChannel:
        return next(c for guild in self.bot.guilds for c in guild.text_channels if c.name == name)


def png(size: int = 64) -> discord.File:
    return discord.File(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(size - 8)), "out.png")
