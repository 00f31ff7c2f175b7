"""Who is staff: whoever has Manage Messages in a channel, for what is in that channel.

What an interaction says of its member's permissions holds for the channel of the interaction alone. For any
other channel they are added up here from the roles and channels of the gateway's cache.
"""

from __future__ import annotations

from typing import Any

import discord


def moderates(interaction: discord.Interaction[Any], *, guild_id: int | None, channel_id: int) -> bool:
    """Whether the asker sees this channel of the asker's server and has Manage Messages there.

    Not in a channel that the bot does not know (it was deleted, or it is a thread without the bot).
    """
    guild = interaction.guild
    if guild is None or guild.id != guild_id:
        return False
    channel = guild.get_channel_or_thread(channel_id)
    return channel is not None and _moderated(channel, interaction.user)


def moderates_somewhere(interaction: discord.Interaction[Any]) -> bool:
    """Whether there is any channel of this server for which `moderates` holds."""
    guild = interaction.guild
    return guild is not None and any(_moderated(channel, interaction.user) for channel in guild.channels)


def _moderated(
    channel: discord.abc.GuildChannel | discord.Thread, user: discord.User | discord.Member
) -> bool:
    """A private thread is seen by those in it, whom the bot does not know, and by Manage Threads."""
    if not isinstance(user, discord.Member):
        return False
    try:
        granted = channel.permissions_for(user)
    except discord.ClientException:  # a thread whose channel is not known
        return False
    private = isinstance(channel, discord.Thread) and channel.is_private()
    return granted.view_channel and granted.manage_messages and (granted.manage_threads or not private)
