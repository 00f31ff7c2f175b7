"""Users, members, channels and the guild as Discord writes them in JSON."""

from __future__ import annotations

from typing import Any

from playground.places import APPLICATION_ID, DM, FORUM, GROUP, GUILD_ID, THREAD, Channel, Role, User
from playground.world import World

REQUIRE_TAG = 1 << 4
"""A forum's flag (Discord API docs, Channel Flags)."""

FULL_GUILD_FLAGS: dict[str, Any] = {
    "icon": None,
    "splash": None,
    "discovery_splash": None,
    "home_header": None,
    "banner": None,
    "description": None,
    "features": [],
    "emojis": [],
    "stickers": [],
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 1,
    "default_message_notifications": 1,
    "explicit_content_filter": 2,
    "mfa_level": 0,
    "nsfw": False,
    "nsfw_level": 0,
    "application_id": None,
    "max_presences": None,
    "max_members": 500_000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "vanity_url_code": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "premium_progress_bar_enabled": False,
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "public_updates_channel_id": None,
    "incidents_data": None,
}


def user_json(user: User) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": user.id,
        "username": user.username,
        "discriminator": "0000" if user.bot else "0",
        "global_name": None if user.bot else user.display,
        "avatar": None,
        "avatar_decoration_data": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
    }
    if user.bot:
        body["bot"] = True
    return body


def member_json(
    world: World, user: User, channel: Channel | None = None, *, with_user: bool = True
) -> dict[str, Any]:
    """A guild member; with a channel, `permissions` there are included, as interactions do."""
    body: dict[str, Any] = {
        "roles": list(world.member_roles(user.id, channel.guild if channel else GUILD_ID)),
        "joined_at": world.joined_at,
        "premium_since": None,
        "nick": None,
        "avatar": None,
        "banner": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "communication_disabled_until": None,
        "flags": 0,
    }
    if with_user:
        body["user"] = user_json(user)
    if channel is not None:
        body["permissions"] = str(world.permissions(user.id, channel))
    return body


def role_json(role: Role) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": role.id,
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.managed,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if role.managed:
        body["tags"] = {"bot_id": APPLICATION_ID}
    return body


def channel_json(world: World, channel: Channel, last_message: str | None = None) -> dict[str, Any]:
    """A channel of any kind, in full."""
    body: dict[str, Any] = {
        "id": channel.id,
        "type": channel.type,
        "flags": 0,
        "last_message_id": last_message,
    }
    if channel.type == DM:
        body["recipients"] = [user_json(world.users[str(channel.recipient)])]
        return body
    if channel.type == GROUP:
        return body | {
            "recipients": [user_json(world.users[number]) for number in channel.recipients],
            "name": channel.name,
            "icon": None,
            "owner_id": channel.recipients[0],
        }
    body |= {
        "guild_id": channel.guild,
        "name": channel.name,
        "parent_id": channel.parent,
        "rate_limit_per_user": 0,
    }
    if channel.type == THREAD:
        if world.place(channel).type == FORUM:
            body["applied_tags"] = list(channel.applied)
        return body | {
            "owner_id": channel.owner or world.owner.id,
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 10_080,
                "archive_timestamp": world.joined_at,
                "locked": False,
            },
        }
    if channel.type == FORUM:
        body |= _forum_json(world, channel)
    return body | {
        "topic": None,
        "position": channel.position,
        "nsfw": world.nsfw(channel),
        "permission_overwrites": [
            {"id": entry.target, "type": entry.kind, "allow": str(entry.allow), "deny": str(entry.deny)}
            for entry in world.overwrites(channel)
        ],
    }


def _forum_json(world: World, channel: Channel) -> dict[str, Any]:
    return {
        "flags": REQUIRE_TAG if world.settings.require_tag else 0,
        "available_tags": [
            {
                "id": tag.id,
                "name": tag.name,
                "moderated": tag.moderated,
                "emoji_id": None,
                "emoji_name": None,
            }
            for tag in channel.tags
        ],
        "default_auto_archive_duration": 4_320,
        "default_thread_rate_limit_per_user": 0,
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
    }


def interaction_channel_json(
    world: World, channel: Channel, user: User, last_message: str | None = None
) -> dict[str, Any]:
    """The partial channel in an interaction: with the asker's permissions, without the overwrites."""
    body = channel_json(world, channel, last_message)
    body.pop("permission_overwrites", None)
    if channel.type == THREAD:
        body["nsfw"] = world.nsfw(channel)
    if channel.guild is not None:
        body["permissions"] = str(world.permissions(user.id, channel))
    return body


def guild_json(world: World) -> dict[str, Any]:
    """The guild as REST gives it."""
    return FULL_GUILD_FLAGS | {
        "id": GUILD_ID,
        "name": world.name,
        "owner_id": world.owner.id,
        "preferred_locale": world.locale,
        "roles": [role_json(role) for role in world.roles.values()],
    }


def guild_create_json(world: World) -> dict[str, Any]:
    """The guild as GUILD_CREATE gives it: with its channels, threads, and the bot as its known member."""
    visible = [c for c in world.guild_channels() if world.can_view(world.bot.id, c.id)]
    return guild_json(world) | {
        "joined_at": world.joined_at,
        "large": False,
        "unavailable": False,
        "member_count": len(world.users),
        "members": [member_json(world, world.bot)],
        "channels": [channel_json(world, c) for c in visible],
        "threads": [channel_json(world, c) for c in world.threads() if world.can_view(world.bot.id, c.id)],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
