"""Registers the commands at Discord, only where they differ from what is registered there."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import discord
from discord import app_commands

log = logging.getLogger(__name__)

# What Discord adds, and what means the same as being absent.
_ADDED = {
    "id",
    "application_id",
    "version",
    "guild_id",
    "handler",
    "default_permission",
    "dm_permission",
    "name_localized",
    "description_localized",
}
_DEFAULTS: dict[str, Any] = {"type": 1, "nsfw": False, "required": False, "autocomplete": False}
_UNORDERED = {"contexts", "integration_types", "channel_types"}
CHAT_INPUT = discord.AppCommandType.chat_input.value


class Registered(NamedTuple):
    """Whether the commands were overwritten, and the ids that those to be typed have at Discord."""

    has_changed: bool
    ids: dict[str, int]


def comparable(command: dict[str, Any]) -> dict[str, Any]:
    """A command's payload without what Discord adds or what means nothing, so that equal ones are equal."""
    kept: dict[str, Any] = {}
    for key, value in command.items():
        if key in _ADDED or value in (None, "", {}, []):
            continue
        if key in {"options", "choices"}:
            kept[key] = [comparable(item) for item in value]
        elif key in _UNORDERED:
            kept[key] = sorted(value)
        elif key == "default_member_permissions":
            kept[key] = str(value)
        elif key not in _DEFAULTS or value != _DEFAULTS[key]:
            kept[key] = value
    return kept


def differ(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    """Whether the registered commands must be overwritten. Their order means nothing, their options' does."""

    def by_name(commands: list[dict[str, Any]]) -> dict[tuple[int, str], dict[str, Any]]:
        return {(item.get("type") or 1, item["name"]): comparable(item) for item in commands}

    return by_name(ours) != by_name(theirs)


async def payloads(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """What Discord is told of the commands: in each of its languages where the tree has a translator."""
    commands = tree.get_commands()
    if (translator := tree.translator) is None:
        return [command.to_dict(tree) for command in commands]
    return [await command.get_translated_payload(tree, translator) for command in commands]


async def register(tree: app_commands.CommandTree[Any], application_id: int) -> Registered:
    """Overwrite the global commands if they differ. Raises discord.HTTPException."""
    client: discord.Client = tree.client
    ours = await payloads(tree)
    # discord.py's own request does not ask for the localisations, which the list then lacks.
    route = discord.http.Route("GET", "/applications/{id}/commands", id=application_id)
    theirs = await client.http.request(route, params={"with_localizations": "true"})
    has_changed = differ(ours, theirs)
    if has_changed:
        theirs = await client.http.bulk_upsert_global_commands(application_id, payload=ours)
        log.info("commands registered: %s", ", ".join(item["name"] for item in ours))
    ids = {str(item["name"]): int(item["id"]) for item in theirs if item.get("type", 1) == CHAT_INPUT}
    return Registered(has_changed, ids)
