"""A bot with a cog that sets something, called as Discord calls it, with a real database behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
from aiohttp.test_utils import TestServer

from repaint.jobs.runner import Runner
from repaint.store.database import Database
from repaint.store.settings import People
from repaint.store.styles import Styles
from repaint.ui.client import RepaintBot
from tests.unit.commands_house import BOT, MESSAGE, Discord
from tests.unit.commands_server import GUILD, SERVER

ME, SOMEBODY = 22, 99
MANAGE_GUILD = str(discord.Permissions(manage_guild=True).value)
GRANTED = str(
    discord.Permissions(
        view_channel=True, send_messages=True, send_messages_in_threads=True, attach_files=True
    ).value
)
KINDS = {bool: 5, int: 4, str: 3, float: 10}


class House:
    """The bot, and what Discord got from it."""

    def __init__(self, bot: RepaintBot, side: Discord) -> None:
        self.bot = bot
        self.discord = side

    async def run(
        self, command: str, *, user: int = ME, guild: int | None = GUILD, staff: bool = False,
        focused: str = "", locale: str = "en-US", app_permissions: str = GRANTED, **options: Any,
    ) -> None:  # fmt: skip
        """Give a command (`"style list"`), or type in its option `focused`. `staff` may manage the server."""
        name, *sub = command.split()
        given = [
            {"name": key, "type": KINDS[type(value)], "value": value}
            | ({"focused": True} if key == focused else {})
            for key, value in options.items()
        ]
        if sub:
            given = [{"name": sub[0], "type": 1, "options": given}]
        data = {"id": "9", "name": name, "type": 1, "options": given}
        payload = self._payload(user, guild, staff=staff, locale=locale)
        payload |= {"type": 4 if focused else 2, "data": data, "app_permissions": app_permissions}
        interaction = discord.Interaction[RepaintBot](
            data=cast(Any, payload), state=cast(Any, self.bot._connection)
        )
        await cast(Any, self.bot.tree)._call(interaction)

    async def press(self, custom_id: str, *, user: int = ME) -> str:
        """Press a button; what is said to whoever pressed."""
        self._forget()
        payload = self._payload(user, GUILD, staff=False, locale="en-US")
        button = {"type": 2, "id": 2, "style": 1, "label": "x", "custom_id": custom_id}
        row = {"type": 1, "id": 1, "components": [button]}
        payload |= {
            "type": 3,
            "data": {"custom_id": custom_id, "component_type": 2, "id": 2},
            "message": MESSAGE | {"components": [row], "flags": 1 << 15},
        }
        interaction = discord.Interaction[RepaintBot](
            data=cast(Any, payload), state=cast(Any, self.bot._connection)
        )
        store = self.bot._connection._view_store
        store.dispatch_view(2, custom_id, interaction)
        await asyncio.gather(*cast(Any, store)._ViewStore__tasks)
        return self.said()

    async def answer(self, command: str, **options: Any) -> str:
        """Give a command; the texts of what only the asker sees in answer."""
        self._forget()
        await self.run(command, **options)
        assert self.discord.callbacks[-1]["data"]["flags"] & 64
        return self.said()

    async def posted(self, command: str, **options: Any) -> dict[str, Any]:
        """Give a command that is answered for everyone at once; the message."""
        self._forget()
        await self.run(command, **options)
        (callback,) = self.discord.callbacks
        assert callback["type"] == 4
        assert not callback["data"].get("flags", 0) & 64, self.said()
        return dict(callback["data"])

    async def choices(self, command: str, focused: str, **options: Any) -> list[str]:
        """What is offered while one types in an option."""
        self._forget()
        await self.run(command, focused=focused, **options)
        (callback,) = self.discord.callbacks
        return [choice["value"] for choice in callback["data"]["choices"]]

    def said(self) -> str:
        body = self.discord.messages[-1][1] if self.discord.messages else self.discord.callbacks[-1]["data"]
        return "\n".join(contents(body["components"]))

    @property
    def files(self) -> dict[str, bytes]:
        return self.discord.messages[-1][2]

    def _forget(self) -> None:
        self.discord.callbacks.clear()
        self.discord.messages.clear()

    def _payload(self, user: int, guild: int | None, *, staff: bool, locale: str) -> dict[str, Any]:
        person = {"id": str(user), "username": "somebody", "discriminator": "0", "avatar": None}
        now = discord.utils.time_snowflake(discord.utils.utcnow())
        payload: dict[str, Any] = {
            "id": str(now), "application_id": "11", "token": "secret-token", "version": 1,
            "channel_id": "33", "locale": locale, "entitlements": [], "app_permissions": GRANTED,
            "attachment_size_limit": 10 * 2**20, "context": 0 if guild else 1,
            "authorizing_integration_owners": {"0": str(guild or 0)},
            "channel": {
                "id": "33", "type": 0 if guild else 1, "name": "art", "permissions": "0", "position": 0,
            },
        }  # fmt: skip
        if guild:
            payload["guild_id"] = str(guild)
            payload["guild_locale"] = "en-US"
            payload["guild"] = {"id": str(guild), "locale": "en-US", "features": []}
            payload["member"] = {
                "user": person, "roles": [], "flags": 0, "permissions": MANAGE_GUILD if staff else "0",
                "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False,
            }  # fmt: skip
        else:
            payload["user"] = person
        return payload


def contents(components: list[dict[str, Any]]) -> list[str]:
    """All texts of a message, outer ones first."""
    found = []
    for each in components:
        found += [each["content"]] if "content" in each else []
        found += contents(each.get("components", []))
    return found


def button_of(message: dict[str, Any]) -> dict[str, Any]:
    """The one button of a message."""
    [found] = _buttons(message["components"])
    return found


def _buttons(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for each in components:
        found += [each] if each["type"] == 2 else _buttons(each.get("components", []))
    return found


@contextlib.asynccontextmanager
async def opened(folder: Path, extension: str) -> AsyncIterator[House]:
    """A house whose bot has this extension; its database lies in `folder`, and is there at the next time."""
    side = Discord()
    async with (
        Database.open(f"sqlite:///{folder / 'repaint.db'}") as database,
        TestServer(side.app()) as server,
        aiohttp.ClientSession() as session,
    ):
        bot = RepaintBot(str(server.make_url("")).rstrip("/"), extensions=())
        cast(Any, bot.http)._HTTPClient__session = session  # as after a login
        bot._connection.application_id = 11
        bot._connection.user = discord.ClientUser(state=bot._connection, data=cast(Any, BOT))
        bot._connection._add_guild(discord.Guild(data=cast(Any, SERVER), state=bot._connection))
        bot.people = await People.open(database)
        bot.styles = Styles(database)
        bot.runner = cast(
            Runner, SimpleNamespace(limits=SimpleNamespace(keep_jobs_days=30.0, keep_pictures_days=1.0))
        )
        await bot.load_extension(extension)
        yield House(bot, side)
