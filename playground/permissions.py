"""Permission bits and how Discord adds them up (Discord API docs, Permissions)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    """The bits that something here asks for."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    USE_EXTERNAL_APPS = 1 << 50


ALL = (1 << 53) - 1
"""What an administrator or the owner holds: every bit up to the highest that Discord has."""

EVERYONE = int(
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)

DIRECT_MESSAGE = EVERYONE & ~int(
    Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What anyone, the bot included, may do in a direct message."""

APP_IN_PRIVATE = int(Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE)
"""What an interaction says that the app may do in a group; in the bot's DMs with external emoji besides."""


@dataclass(frozen=True)
class Overwrite:
    """A channel's exception for a role (kind 0) or a member (kind 1)."""

    target: str
    kind: int
    allow: int = 0
    deny: int = 0


def resolve(
    base: int, overwrites: Sequence[Overwrite], everyone: str, roles: Iterable[str], member: str
) -> int:
    """A member's permissions in a channel.

    `base` is what the roles give in the guild. Overwrites apply in Discord's order: @everyone, then the
    member's roles together, then the member. Nobody without VIEW_CHANNEL has anything, and nobody without
    SEND_MESSAGES has what needs a message.
    """
    if base & Permission.ADMINISTRATOR:
        return ALL
    held = set(roles)
    for entry in overwrites:
        if entry.target == everyone:
            base = base & ~entry.deny | entry.allow
    chosen = [entry for entry in overwrites if entry.kind == 0 and entry.target in held]
    deny = allow = 0
    for entry in chosen:
        deny |= entry.deny
        allow |= entry.allow
    base = base & ~deny | allow
    for entry in overwrites:
        if entry.kind == 1 and entry.target == member:
            base = base & ~entry.deny | entry.allow
    if not base & Permission.VIEW_CHANNEL:
        return 0
    if not base & Permission.SEND_MESSAGES:
        base &= ~int(Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS)
    return base
