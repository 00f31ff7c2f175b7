"""What each command does first: look at what the payload tells, acknowledge, remember where to answer."""

from __future__ import annotations

import asyncio
import logging
import time

import aiohttp
import discord

from repaint.errors import MissingPermission, RepaintError
from repaint.models import Origin
from repaint.ui.cards import notice
from repaint.ui.reply import ALREADY_ACKNOWLEDGED, FAULTS, odd_answers

log = logging.getLogger(__name__)

ACKNOWLEDGE_TRIES = 3
ACKNOWLEDGE_LIMIT = 2.5  # seconds for one try: Discord gives three in all
HIDDEN_RETRY = 1.0  # seconds that discord.py waits at least before it repeats a request by itself

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
    which is as good. A first try that meets it at once means that another process has the interaction.
    Raises discord.HTTPException, aiohttp.ClientError or OSError where Discord did not take it from us.
    """
    began = time.monotonic()
    for attempt in range(1, ACKNOWLEDGE_TRIES + 1):
        try:
            async with asyncio.timeout(ACKNOWLEDGE_LIMIT):
                with odd_answers():
                    response = await interaction.response.defer(thinking=True)
        except discord.HTTPException as error:
            first = attempt == 1 and time.monotonic() - began < HIDDEN_RETRY
            if error.code != ALREADY_ACKNOWLEDGED or first:
                raise
            return await _reply_id(interaction)
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            if attempt == ACKNOWLEDGE_TRIES:
                raise
            log.warning("acknowledgement of %s repeated: %r", interaction.id, error)
        else:
            return response.message_id if response else None
    raise AssertionError("unreachable")


async def _reply_id(interaction: discord.Interaction) -> int | None:
    try:
        with odd_answers():
            return (await interaction.original_response()).id
    except FAULTS as error:
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
        with odd_answers():
            if interaction.response.is_done():
                await interaction.followup.send(view=notice(error.sentence), ephemeral=True)
            else:
                await interaction.response.send_message(view=notice(error.sentence), ephemeral=True)
    except FAULTS as problem:
        log.warning("%s could not be told: %s", error.sentence, problem)
