"""A playground in this process, a person at it, and bots: ``pytest_plugins`` names this module."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import discord
import pytest
from discord import app_commands

from playground.app import Running, start
from tests.bots import Bot, Prepare, StartBot, connected
from tests.contract.holding import Kept
from tests.person import Person


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """A playground on a free port."""
    running = await start()
    yield running
    await running.stop()


@pytest.fixture
async def person(running: Running) -> AsyncIterator[Person]:
    async with Person(running.url) as person:
        yield person


@pytest.fixture
def start_bot(running: Running) -> StartBot:
    """``async with start_bot(prepare) as bot``: connected, with its commands registered."""

    def begin(prepare: Prepare | None = None, **options: Any) -> AbstractAsyncContextManager[Bot]:
        return connected(running, prepare, **options)

    return begin


@pytest.fixture
async def kept(start_bot: StartBot) -> AsyncIterator[Kept]:
    """A bot whose command /hold does nothing but hand its interaction to the test."""
    queue: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Hold")
        @app_commands.allowed_installs(guilds=True, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        async def hold(interaction: discord.Interaction) -> None:
            queue.put_nowait(interaction)

    async with start_bot(prepare) as bot:
        yield Kept(bot, queue)
