"""Registers the commands at Discord, only where they differ from what is registered there."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

log = logging.getLogger(__name__)

# What Discord adds, and what means the same as being absent.
_ADDED = {"id", "application_id", "version", "guild_id", "handler", "default_permission", "dm_permission"}
_DEFAULTS: dict[str, Any] = {"type": 1, "nsfw": False, "required": False, "autocomplete": False}
_UNORDERED = {"contexts", "integration_types", "channel_types"}


def comparable(command: dict[str, Any]) -> dict[str, Any]:
    """A command's payload without what Discord adds or what means nothing, so that equal ones are equal."""
    kept: dict[str, Any] = {}
    for key, value in command.items():
        if key in _ADDED or value is None or value in ({}, []):
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


async def register(tree: app_commands.CommandTree[Any], application_id: int) -> bool:
    """Overwrite the global commands if they differ; True if they did. Raises discord.HTTPException."""
    client: discord.Client = tree.client
    ours = [command.to_dict(tree) for command in tree.get_commands()]
    theirs = await client.http.get_global_commands(application_id)
    if not differ(ours, [dict(item) for item in theirs]):
        return False
    await tree.sync()
    log.info("commands registered: %s", ", ".join(item["name"] for item in ours))
    return True
