"""What each command, click and form does first: look at what the payload tells, and acknowledge."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import aiohttp
import discord
from discord import ui

from repaint.errors import MissingPermission, RepaintError
from repaint.models import Origin
from repaint.text import text
from repaint.ui.attempts import ALREADY_ACKNOWLEDGED, FAULTS, odd_answers
from repaint.ui.languages import own_words
from repaint.ui.notices import notice
from repaint.ui.words import listed

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

T = TypeVar("T")

ACKNOWLEDGE_TRIES = 3
ACKNOWLEDGE_LIMIT = 2.5  # seconds for one try: Discord gives three in all
HIDDEN_RETRY = 1.0  # seconds that discord.py waits at least before it repeats a request by itself

_PERMISSIONS = {
    "view_channel": text("View Channel"),
    "send_messages": text("Send Messages"),
    "send_messages_in_threads": text("Send Messages in Threads"),
    "attach_files": text("Attach Files"),
}


class Acknowledged(NamedTuple):
    """The reply that an acknowledgement made: its id, if Discord told it, and whether only the asker sees it.

    Discord makes a reply ephemeral by itself where the app may not speak publicly.
    """

    message_id: int | None
    ephemeral: bool


def check_permissions(interaction: discord.Interaction[Any]) -> None:
    """Raise MissingPermission, naming what this app lacks where the command was given.

    A direct message has no such permissions, and an app that somebody brought along answers without any.
    """
    if interaction.guild_id is None or not interaction.is_guild_integration():
        return
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = ["view_channel", "send_messages_in_threads" if in_thread else "send_messages", "attach_files"]
    granted = interaction.app_permissions
    missing = [_PERMISSIONS[name] for name in needed if not getattr(granted, name)]
    if missing:
        raise MissingPermission(
            sentence=text(
                "I need these permissions in this channel to post the picture: {permissions}. "
                "Please ask a moderator, or use another channel.",
                permissions=listed(missing),
            )
        )


async def acknowledge(interaction: discord.Interaction[Any], *, ephemeral: bool = False) -> Acknowledged:
    """Defer the reply to a command, a click or a form. `ephemeral`: for the asker's eyes only.

    Raises discord.HTTPException, aiohttp.ClientError or OSError where Discord did not take it from us.
    """
    response = await _insist(
        interaction, lambda: interaction.response.defer(thinking=True, ephemeral=ephemeral)
    )
    if response:
        return Acknowledged(response.message_id, ephemeral or response.is_ephemeral())
    return await _reply_made(interaction, ephemeral=ephemeral)


async def acknowledge_press(interaction: discord.Interaction[Any]) -> None:
    """Tell Discord that a button's click has arrived; the message stays as it is. Raises as `acknowledge`."""
    await _insist(interaction, interaction.response.defer)


async def _insist(
    interaction: discord.Interaction[Any], defer: Callable[[], Coroutine[Any, Any, T]]
) -> T | None:
    """What `defer` returns; None where only a repetition told that it had arrived.

    An answer that got lost on the way leaves the acknowledgement in force: a repetition then meets 40060,
    which is as good. A first try that meets it at once means that another process has the interaction.
    Raises discord.HTTPException, aiohttp.ClientError or OSError where Discord did not take it from us.
    """
    began = time.monotonic()
    for attempt in range(1, ACKNOWLEDGE_TRIES + 1):
        try:
            async with asyncio.timeout(ACKNOWLEDGE_LIMIT):
                with odd_answers():
                    return await defer()
        except discord.InteractionResponded:  # by an earlier try, whose answer was odd
            return None
        except discord.HTTPException as error:
            first = attempt == 1 and time.monotonic() - began < HIDDEN_RETRY
            if error.code != ALREADY_ACKNOWLEDGED or first:
                raise
            return None
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            if attempt == ACKNOWLEDGE_TRIES:
                raise
            log.warning("acknowledgement of %s repeated: %r", interaction.id, error)
    raise AssertionError("unreachable")


async def _reply_made(interaction: discord.Interaction[Any], *, ephemeral: bool) -> Acknowledged:
    """The reply as Discord has it, where the answer to the acknowledgement was lost."""
    try:
        with odd_answers():
            reply = await interaction.original_response()
    except FAULTS as error:
        log.warning("the reply to %s has no known id: %r", interaction.id, error)
        return Acknowledged(None, ephemeral)
    return Acknowledged(reply.id, ephemeral or reply.flags.ephemeral)


def origin_of(
    interaction: discord.Interaction[Any], message_id: int | None, *, ephemeral: bool = False
) -> Origin:
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
        bot_can_edit=(in_guild or own_dm) and not ephemeral,
        ephemeral=ephemeral,
        guild_install=interaction.is_guild_integration(),
        age_restricted=is_age_restricted(interaction.channel),
    )


def is_age_restricted(channel: object) -> bool:
    """Whether a channel is, or the channel of a thread."""
    look: Callable[[], bool] | None = getattr(channel, "is_nsfw", None)
    return look is not None and look()


async def guarded(interaction: Interaction, act: Callable[[Interaction], Awaitable[None]]) -> None:
    """Act, and tell whoever pressed what went wrong."""
    try:
        await act(interaction)
    except RepaintError as error:
        log.info("interaction %s refused: %s", interaction.id, error)
        await tell(interaction, error)
    except Exception as error:  # noqa: BLE001  # logged there
        await unforeseen(interaction, error)


async def unforeseen(interaction: discord.Interaction[Any], error: Exception) -> None:
    """An error that nobody expected is for the log; whoever acted hears that there was one."""
    if interaction.client.is_closed():
        log.warning("interaction %s was in hand at the stop: %r", interaction.id, error)
        return
    log.error("interaction %s failed", interaction.id, exc_info=error)
    await tell(interaction, RepaintError())


async def tell(interaction: discord.Interaction[Any], error: RepaintError) -> None:
    """Say an error's sentence to whoever gave the command or pressed, whether it was acknowledged or not."""
    try:
        with odd_answers():
            await whisper(interaction, notice(own_words(interaction)(error.sentence)))
    except FAULTS as problem:
        log.warning("%s could not be told: %s", error.sentence, problem)


async def whisper(interaction: discord.Interaction[Any], view: ui.LayoutView) -> None:
    """Show something to whoever acted alone, whether that was acknowledged or not.

    Raises discord.HTTPException, aiohttp.ClientError or OSError where Discord did not take it.
    """
    response = interaction.response
    if not response.is_done():
        try:
            await response.send_message(view=view, ephemeral=True)
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
        else:
            return
    elif response.type is discord.InteractionResponseType.deferred_channel_message:
        # The first follow-up would take its place and its publicity.
        await interaction.delete_original_response()
    await interaction.followup.send(view=view, ephemeral=True)
