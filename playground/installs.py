"""Where the app is installed, and so what is offered where and in whose name.

Discord API docs, Application Commands › Contexts, and Interactions › Authorizing Integration Owners Object.
"""

from __future__ import annotations

from typing import Any

from playground.commands import Command, Commands
from playground.errors import PersonError
from playground.permissions import Permission
from playground.places import DM, GUILD_ID, Channel, User
from playground.world import World

ON_GUILD, ON_USER = "guild", "user"
TYPES = {ON_GUILD: 0, ON_USER: 1}
"""Installations as a person's request names them, with Discord's integration types."""

IN_GUILD, IN_BOT_DM, IN_PRIVATE_CHANNEL = 0, 1, 2
"""Interaction context types."""


def named_in(body: dict[str, Any]) -> str:
    """The ``install`` of a request: "guild", also where nothing is said, or "user"."""
    install = body.get("install") or ON_GUILD
    if install not in (ON_GUILD, ON_USER):
        raise PersonError('install is "guild" or "user".')
    return str(install)


def context(channel: Channel) -> int:
    """The interaction context type of a channel."""
    if channel.guild is not None:
        return IN_GUILD
    return IN_BOT_DM if channel.type == DM else IN_PRIVATE_CHANNEL


def owners(install: str, user: User, channel: Channel) -> dict[str, str]:
    """``authorizing_integration_owners``: the server, "0" in the bot's DMs, or who installed the app."""
    return {"1": user.id} if install == ON_USER else {"0": channel.guild or "0"}


def offered(
    world: World, commands: Commands, name: str, kind: int, user: User, channel: Channel, install: str
) -> Command:
    """The registered command of that name and type, if Discord would offer it to this user there.

    Raises PersonError: 404 for no such command, 400 where it is not for that place or installation, 403
    where this user may not use it. A server's own commands are of that server's installation.
    """
    at = context(channel)
    if install == ON_GUILD and (at == IN_PRIVATE_CHANNEL or channel.guild not in (None, GUILD_ID)):
        raise PersonError("The app is not installed there: use it there with its installation for a user.")
    known = commands.usable(guild=at == IN_GUILD and install == ON_GUILD)
    command = next((c for c in known if c["name"] == name and c["type"] == kind), None)
    if command is None:
        raise PersonError(f"There is no command {name!r}.", 404)
    contexts = command["contexts"]
    if (contexts is not None and at not in contexts) or (at == IN_BOT_DM and not command["dm_permission"]):
        raise PersonError(f"{name!r} cannot be used here.")
    if "guild_id" not in command and TYPES[install] not in command["integration_types"]:
        raise PersonError(f"{name!r} is not offered where the app is installed for a {install}.")
    if at == IN_GUILD:
        _check_member(world, command, user, channel)
    return command


def _check_member(world: World, command: Command, user: User, channel: Channel) -> None:
    name = command["name"]
    if not world.may(user.id, channel, Permission.USE_APPLICATION_COMMANDS):
        raise PersonError(f"{user.display} may not use commands here.", 403)
    needed = command["default_member_permissions"]
    if needed is not None:
        bits = int(needed) or int(Permission.ADMINISTRATOR)
        if not world.may(user.id, channel, bits):
            raise PersonError(f"{user.display} may not use {name!r}.", 403)
    if command["nsfw"] and not world.nsfw(channel):
        raise PersonError(f"{name!r} can be used in age-restricted channels only.", 403)
