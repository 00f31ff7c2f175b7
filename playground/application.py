"""The application that the bot is, and who owns it (Discord API docs, Application Resource and Teams)."""

from __future__ import annotations

from typing import Any

from playground import payloads
from playground.places import APPLICATION_ID
from playground.world import World

TEAM_ID = "1000000000000000002"
TEAM_PSEUDO_USER = 1 << 10
ACCEPTED = 2


def application_json(world: World) -> dict[str, Any]:
    """The application as /applications/@me gives it."""
    return {
        "id": APPLICATION_ID,
        "name": world.bot.display,
        "icon": None,
        "description": "The bot at the playground",
        "type": None,
        "bot": payloads.user_json(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": _owner_json(world),
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": _team_json(world),
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
        "summary": "",
        "tags": [],
    }


def _owner_json(world: World) -> dict[str, Any]:
    """The owner; for a team's application a pseudo user that has the team's id and takes no messages."""
    body = payloads.user_json(world.owner)
    if world.settings.team:
        name = f"team{TEAM_ID}"
        body |= {"id": TEAM_ID, "username": name, "global_name": None, "discriminator": "0000"}
        body |= {"public_flags": TEAM_PSEUDO_USER, "flags": TEAM_PSEUDO_USER}
    return body


def _team_json(world: World) -> dict[str, Any] | None:
    """The team, whose owner is told by ``owner_user_id`` alone: the role of an owner has no name."""
    team = world.settings.team
    if not team:
        return None
    members = [
        {
            "user": payloads.user_json(world.users[number]),
            "team_id": TEAM_ID,
            "membership_state": ACCEPTED,
            "role": "admin",
            "permissions": ["*"],
        }
        for number in team
    ]
    return {"id": TEAM_ID, "icon": None, "name": "Painters", "owner_user_id": team[0], "members": members}
