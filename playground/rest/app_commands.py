"""Routes about application commands, global and of the guild."""

from __future__ import annotations

from typing import Any

from playground.commands import Command
from playground.errors import missing_access, unknown
from playground.localized import locale_of, localized
from playground.places import APPLICATION_ID, ELSEWHERE_ID, GUILD_ID
from playground.rest.core import Call, Reply, Route

BOT_LOCALE = "en-US"
"""The language in the bot's own user settings."""


def _scope(call: Call) -> str | None:
    """The guild that the route names, or None for global; refuses other applications and guilds."""
    guild = call.request.match_info.get("guild")
    if call.param("application") != APPLICATION_ID or guild == ELSEWHERE_ID:
        raise missing_access()
    if guild not in (None, GUILD_ID):
        raise unknown("Guild")
    return guild


async def listing(call: Call) -> list[Any]:
    """All of a scope, with every language only if that is asked for, else in the requester's."""
    found = call.server.commands.all(_scope(call))
    if call.flag("with_localizations"):
        return found
    locale = locale_of(call.request.headers, BOT_LOCALE)
    return [localized(command, locale) for command in found]


async def overwrite(call: Call) -> list[Any]:
    return call.server.commands.overwrite(_scope(call), call.body.json)


async def create(call: Call) -> Reply:
    command, fresh = call.server.commands.create(_scope(call), call.body.json)
    return Reply(201 if fresh else 200, command)


async def get(call: Call) -> Command:
    return call.server.commands.get(call.param("command"), _scope(call))


async def edit(call: Call) -> Command:
    return call.server.commands.edit(_scope(call), call.param("command"), call.body.json)


async def delete(call: Call) -> None:
    call.server.commands.delete(_scope(call), call.param("command"))


ROUTES = [
    route
    for base in (
        "/applications/{application}/commands",
        "/applications/{application}/guilds/{guild}/commands",
    )
    for route in (
        Route("GET", base, listing),
        Route("PUT", base, overwrite, limit="commands"),
        Route("POST", base, create, limit="commands"),
        Route("GET", base + "/{command}", get),
        Route("PATCH", base + "/{command}", edit, limit="commands"),
        Route("DELETE", base + "/{command}", delete, limit="commands"),
    )
]
