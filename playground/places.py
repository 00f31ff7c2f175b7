"""What the world is made of: users, roles, channels, a forum's tags; and the ids that are fixed."""

from __future__ import annotations

from dataclasses import dataclass

from playground.permissions import Overwrite

TEXT, DM, GROUP, THREAD, FORUM = 0, 1, 3, 11, 15
"""Channel types (Discord API docs, Channel Types)."""

GUILD_ID = "1000000000000000100"
"""The server that the bot is a member of."""

ELSEWHERE_ID = "1000000000000000110"
"""A server that it is not in: only who installed the app for themselves uses it there."""

APPLICATION_ID = "1000000000000000001"
"""Also the bot's user id, as for every application made since 2016."""


@dataclass(frozen=True)
class User:
    """A person or a bot. `role` is how tests and the page name them: member, moderator, …"""

    id: str
    username: str
    display: str
    role: str
    bot: bool = False
    locale: str = "en-US"


@dataclass(frozen=True)
class Role:
    id: str
    name: str
    permissions: int
    position: int
    managed: bool = False


@dataclass(frozen=True)
class Tag:
    """What a forum's posts can be marked with; a moderated one is given with Manage Threads alone."""

    id: str
    name: str
    moderated: bool = False


@dataclass(frozen=True)
class Channel:
    """A place for messages. `kind` is how tests and the page name it.

    `guild` is None in a DM with the bot, which has a `recipient`, and in a group, which has `recipients`. A
    forum has `tags`; the posts in it are threads, which have an `owner` and the ids of the tags `applied`.
    """

    id: str
    name: str
    kind: str
    type: int = TEXT
    nsfw: bool = False
    position: int = 0
    parent: str | None = None
    overwrites: tuple[Overwrite, ...] = ()
    guild: str | None = GUILD_ID
    recipient: str | None = None
    recipients: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    owner: str | None = None
    applied: tuple[str, ...] = ()
