"""The channel of a server where finished pictures can be shared: which one it is, and what may be done there.

All of it is known without waiting: from what staff has set and from the gateway's cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import discord

from repaint.errors import MissingPermission, RequestError
from repaint.models import Job
from repaint.text import Text, text
from repaint.ui.interactions import is_age_restricted
from repaint.ui.words import listed

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

Gallery: TypeAlias = discord.TextChannel | discord.ForumChannel

MAX_TAGS = 5  # of a post in a forum (Discord)
NO_GALLERY = text("This server has no gallery at the moment. Its staff can choose one with `/gallery set`.")
GALLERY_GONE = text(
    "I cannot see this server's gallery any more. Please tell its staff: `/gallery set` chooses another one."
)
TOO_BOLD = text(
    "This picture was made in an age-restricted channel, and the gallery is not one, so it stays here."
)
OTHER_SERVER = text("This picture belongs to another server, so it cannot be shared to this one's gallery.")
NOT_WANTED = text(
    "This picture was made from one of somebody who does not want others to use theirs, "
    "so it cannot be shared."
)

_NEEDED = {
    "view_channel": text("View Channel"),
    "send_messages": text("Send Messages"),
    "attach_files": text("Attach Files"),
    "read_message_history": text("Read Message History"),  # to look whether something arrived
}
_IN_FORUMS = {"send_messages": text("Create Posts")}  # the same bit, by the name that Discord gives it there


def gallery_in(guild: discord.Guild, channel_id: int) -> Gallery | None:
    """The channel; None where the bot does not know it, or nothing can be posted in its kind."""
    channel = guild.get_channel(channel_id)
    return channel if isinstance(channel, discord.TextChannel | discord.ForumChannel) else None


def missing(channel: Gallery | None) -> list[Text]:
    """The permissions that the bot lacks to post there."""
    if channel is None:
        return [_NEEDED["view_channel"]]
    granted = channel.permissions_for(channel.guild.me)
    if not granted.view_channel:  # without it there are no others
        return [_NEEDED["view_channel"]]
    names = _NEEDED | (_IN_FORUMS if isinstance(channel, discord.ForumChannel) else {})
    return [name for permission, name in names.items() if not getattr(granted, permission)]


def check_own(channel: Gallery | None, channel_id: int) -> Gallery:
    """The channel, where the bot may post. Raises MissingPermission, naming what it lacks."""
    if (lacking := missing(channel)) or channel is None:
        raise MissingPermission(
            sentence=text(
                "I need these permissions in {channel} to post pictures there: {permissions}. "
                "Please give them to me in the channel's settings, or choose another channel.",
                channel=f"<#{channel_id}>",
                permissions=listed(lacking),
            )
        )
    return channel


def gallery_for(interaction: Interaction, job: Job) -> Gallery:
    """Where whoever presses may share this job. Raises RequestError, MissingPermission."""
    guild = interaction.guild
    if guild is None or interaction.guild_id != job.origin.guild_id:
        raise RequestError(sentence=OTHER_SERVER)
    channel_id = interaction.client.guild_settings.settings(guild.id).gallery_id
    if channel_id is None:
        raise RequestError(sentence=NO_GALLERY)
    channel = gallery_in(guild, channel_id)
    if channel is None:
        raise RequestError(sentence=GALLERY_GONE)
    channel = check_own(channel, channel_id)
    if not _may_post(channel, interaction.user):
        raise RequestError(
            sentence=text(
                "You may not post in this server's gallery, {channel}, so I do not do it for you.",
                channel=channel.mention,
            )
        )
    if job.origin.age_restricted and not is_age_restricted(channel):
        raise RequestError(sentence=TOO_BOLD)
    return channel


def _may_post(channel: Gallery, user: discord.User | discord.Member) -> bool:
    if not isinstance(user, discord.Member):
        return False
    granted = channel.permissions_for(user)
    return granted.view_channel and granted.send_messages


def tags_for(forum: discord.ForumChannel, style: str) -> list[discord.ForumTag]:
    """The forum's tags that are named like the style; where it takes none without, the first one that may be
    given. Moderated ones only where the bot may give these.
    """
    may_all = forum.permissions_for(forum.guild.me).manage_threads
    given = [tag for tag in forum.available_tags if may_all or not tag.moderated]
    fitting = [tag for tag in given if style and tag.name.casefold() == style.casefold()]
    if not fitting and forum.flags.require_tag:
        fitting = given[:1]
    return fitting[:MAX_TAGS]
