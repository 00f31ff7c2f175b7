"""The server in which `/jobs` is called: its channels, and who is staff where."""

from __future__ import annotations

from typing import Any

import discord

GUILD = 44
ART, HIDDEN, LOBBY, SECRET_THREAD, NOWHERE = 33, 34, 35, 36, 37  # channels of GUILD; the last is none
STAFF, KEEPERS = 71, 72  # roles: moderators of the whole server, and of ART alone
VIEW = str(discord.Permissions(view_channel=True).value)
MANAGE = str(discord.Permissions(manage_messages=True).value)


def _role(number: int, permissions: str) -> dict[str, Any]:
    return {
        "id": str(number), "name": "a role", "permissions": permissions, "position": 0, "color": 0,
        "colors": {"primary_color": 0}, "hoist": False, "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip


def _channel(number: int, *overwrites: tuple[int, str, str]) -> dict[str, Any]:
    """`overwrites`: of roles, what is allowed and denied."""
    return {
        "id": str(number), "type": 0, "name": "a channel", "position": 0,
        "permission_overwrites": [
            {"id": str(role), "type": 0, "allow": allow, "deny": deny} for role, allow, deny in overwrites
        ],
    }  # fmt: skip


SERVER: dict[str, Any] = {
    "id": str(GUILD), "name": "a server", "owner_id": "1", "member_count": 3, "members": [], "features": [],
    "roles": [_role(GUILD, VIEW), _role(STAFF, MANAGE), _role(KEEPERS, "0")],
    "channels": [
        _channel(ART, (KEEPERS, MANAGE, "0")),
        _channel(HIDDEN, (GUILD, "0", VIEW), (KEEPERS, MANAGE, "0")),
        _channel(LOBBY),
    ],
    "threads": [{
        "id": str(SECRET_THREAD), "type": 12, "name": "a private thread", "parent_id": str(ART),
        "owner_id": "1", "guild_id": str(GUILD), "message_count": 0, "member_count": 1,
        "thread_metadata": {
            "archived": False, "auto_archive_duration": 60, "archive_timestamp": "2026-01-01T00:00:00+00:00",
        },
    }],
}  # fmt: skip
