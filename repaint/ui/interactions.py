"""What each command does first: look at what the payload tells, acknowledge, remember where to answer."""

from __future__ import annotations

import logging

import aiohttp
import discord

from repaint.errors import MissingPermission, RepaintError
from repaint.models import Origin
from repaint.ui.cards import notice
from repaint.ui.reply import ALREADY_ACKNOWLEDGED

log = logging.getLogger(__name__)

ACKNOWLEDGE_TRIES = 3

_PERMISSIONS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "attach_files": "Attach Files",
}


def check_permissions(interaction: discord.Interaction) -> None:
    """Raise MissingPermission, naming what this app lacks where the command was given.

    A direct message has no such permissions.
    """
    if interaction.guild_id is None:
        return
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = ["view_channel", "send_messages_in_threads" if in_thread else "send_messages", "attach_files"]
    granted = interaction.app_permissions
    missing = [_PERMISSIONS[name] for name in needed if not getattr(granted, name)]
    if missing:
        raise MissingPermission(
            sentence=f"I need the permission {' and '.join(missing)} in this channel to post the picture. "
            "Please ask a moderator, or use another channel."
        )


async def acknowledge(interaction: discord.Interaction) -> int | None:
    """Defer publicly and return the reply's id, if Discord told it.

    An answer that got lost on the way leaves the acknowledgement in force: a repetition then meets 40060,
    which is as good. Raises discord.HTTPException or aiohttp.ClientError where Discord did not take it.
    """
    for attempt in range(1, ACKNOWLEDGE_TRIES + 1):
        try:
            response = await interaction.response.defer(thinking=True)
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
            return await _reply_id(interaction)
        except (aiohttp.ClientError, OSError) as error:
            if attempt == ACKNOWLEDGE_TRIES:
                raise
            log.warning("acknowledgement of %s repeated: %r", interaction.id, error)
        else:
            return response.message_id if response else None
    raise AssertionError("unreachable")


async def _reply_id(interaction: discord.Interaction) -> int | None:
    try:
        return (await interaction.original_response()).id
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("the reply to %s has no known id: %r", interaction.id, error)
        return None


def origin_of(interaction: discord.Interaction, message_id: int | None) -> Origin:
    """Where to answer, in plain values."""
    in_guild = interaction.guild_id is not None and interaction.is_guild_integration()
    own_dm = interaction.guild_id is None and interaction.context.dm_channel
    return Origin(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        token=interaction.token,
        user_id=interaction.user.id,
        channel_id=interaction.channel_id or 0,
        guild_id=interaction.guild_id,
        message_id=message_id,
        filesize_limit=interaction.filesize_limit,
        bot_can_edit=in_guild or own_dm,
    )


async def tell(interaction: discord.Interaction, error: RepaintError) -> None:
    """Say an error's sentence to the one who gave the command, whether it was acknowledged or not."""
    try:
        if interaction.response.is_done():
            await interaction.followup.send(view=notice(error.sentence), ephemeral=True)
        else:
            await interaction.response.send_message(view=notice(error.sentence), ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as problem:
        log.warning("%s could not be told: %s", error.sentence, problem)
