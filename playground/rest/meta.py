"""Routes about the bot itself, the gateway's address, users and the guild."""

from __future__ import annotations

from typing import Any

from playground import payloads
from playground.application import application_json
from playground.errors import missing_access, unknown
from playground.places import APPLICATION_ID, ELSEWHERE_ID, GUILD_ID, User
from playground.rest.core import Call, Route


async def gateway(call: Call) -> dict[str, Any]:
    return {"url": call.server.gateway.url}


async def gateway_bot(call: Call) -> dict[str, Any]:
    return {
        "url": call.server.gateway.url,
        "shards": 1,
        "session_start_limit": {
            "total": 1000,
            "remaining": 999,
            "reset_after": 14_400_000,
            "max_concurrency": 1,
        },
    }


async def me(call: Call) -> dict[str, Any]:
    world = call.server.world
    return payloads.user_json(world.bot) | {"mfa_enabled": True, "verified": True, "locale": world.bot.locale}


async def edit_me(call: Call) -> dict[str, Any]:
    if call.json.get("username"):
        call.server.world.rename_bot(str(call.json["username"]))
    return await me(call)


async def application(call: Call) -> dict[str, Any]:
    return application_json(call.server.world)


def _user(call: Call) -> User:
    user = call.server.world.users.get(call.param("user"))
    if user is None:
        raise unknown("User")
    return user


async def user(call: Call) -> dict[str, Any]:
    return payloads.user_json(_user(call))


async def my_guilds(call: Call) -> list[dict[str, Any]]:
    world = call.server.world
    permissions = str(world.guild_permissions(world.bot.id))
    return [
        {
            "id": GUILD_ID,
            "name": world.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "permissions": permissions,
            "features": [],
        }
    ]


def _check_guild(call: Call) -> None:
    if call.param("guild") == ELSEWHERE_ID:
        raise missing_access()
    if call.param("guild") != GUILD_ID:
        raise unknown("Guild")


async def guild(call: Call) -> dict[str, Any]:
    _check_guild(call)
    return payloads.guild_json(call.server.world)


async def guild_channels(call: Call) -> list[dict[str, Any]]:
    _check_guild(call)
    world = call.server.world
    return [payloads.channel_json(world, c) for c in world.guild_channels()]


async def guild_roles(call: Call) -> list[dict[str, Any]]:
    _check_guild(call)
    return [payloads.role_json(role) for role in call.server.world.roles.values()]


async def guild_member(call: Call) -> dict[str, Any]:
    _check_guild(call)
    member = call.server.world.users.get(call.param("user"))
    if member is None:
        raise unknown("Member")
    return payloads.member_json(call.server.world, member)


async def open_dm(call: Call) -> dict[str, Any]:
    world = call.server.world
    recipient = str(call.json.get("recipient_id"))
    if recipient not in world.users or recipient == APPLICATION_ID:
        raise unknown("User")
    channel = world.direct(recipient)
    return payloads.channel_json(world, channel, call.server.messages.last_id(channel.id))


ROUTES = [
    Route("GET", "/gateway", gateway, token=False),
    Route("GET", "/gateway/bot", gateway_bot),
    Route("GET", "/users/@me", me),
    Route("PATCH", "/users/@me", edit_me),
    Route("GET", "/users/@me/guilds", my_guilds),
    Route("POST", "/users/@me/channels", open_dm),
    Route("GET", "/users/{user}", user),
    Route("GET", "/applications/@me", application),
    Route("GET", "/oauth2/applications/@me", application),
    Route("GET", "/guilds/{guild}", guild),
    Route("GET", "/guilds/{guild}/channels", guild_channels),
    Route("GET", "/guilds/{guild}/roles", guild_roles),
    Route("GET", "/guilds/{guild}/members/{user}", guild_member),
]
