"""Real discord.py bots for a playground in the same process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import discord
from discord.ext import commands

from playground.app import Running

Prepare = Callable[["Bot"], None]
"""Adds commands and views to a bot before it syncs."""

StartBot = Callable[..., AbstractAsyncContextManager["Bot"]]


class Bot(commands.AutoShardedBot):
    """An unmodified discord.py bot that remembers the gateway events it saw."""

    def __init__(self, prepare: Prepare | None = None, **options: Any) -> None:
        options.setdefault("intents", discord.Intents(guilds=True))
        super().__init__(command_prefix="!", help_command=None, **options)
        self._prepare = prepare
        self.seen: list[str] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    async def setup_hook(self) -> None:
        if self._prepare is not None:
            self._prepare(self)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No wait between identifies: the playground has one bot."""

    async def on_socket_event_type(self, name: str) -> None:
        self.seen.append(name)
        self._news.set()

    async def saw(self, name: str, times: int = 1) -> None:
        """Wait until that gateway event came that often."""
        async with asyncio.timeout(20):
            while self.seen.count(name) < times:
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def connected(running: Running, prepare: Prepare | None = None, **options: Any) -> AsyncIterator[Bot]:
    """A bot that got its guild, until the block ends; discord.py's API address is restored then."""
    base, discord.http.Route.BASE = discord.http.Route.BASE, f"{running.url}/api/v10"
    bot = Bot(prepare, **options)
    task = asyncio.create_task(bot.start("playground"))
    try:
        waiting = asyncio.create_task(bot.saw("GUILD_CREATE"))
        done, _ = await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task in done:
            task.result()
        yield bot
    finally:
        await bot.close()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        discord.http.Route.BASE = base
