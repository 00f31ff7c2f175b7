"""Messages: what is kept of one, who may see it, and how it is written in JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playground import layouts
from playground.clock import created_at, iso
from playground.files import Attachment, FileStore
from playground.payloads import member_json, user_json
from playground.world import World

EPHEMERAL, LOADING, SUPPRESS_EMBEDS, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 2, 1 << 15
SUPPRESS_NOTIFICATIONS, HAS_SNAPSHOT = 1 << 12, 1 << 14
DEFAULT, REPLY, CHAT_INPUT, CONTEXT_MENU = 0, 19, 20, 23
"""Message types."""

HIDDEN: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []}
"""A message without what the privileged intent for message content is about."""

MAX_PER_CHANNEL = 2_000
"""The oldest go when there are more."""


@dataclass
class Message:
    """One message. `visible_to` is the one user who sees an ephemeral one."""

    id: str
    channel: str
    author: str
    type: int = DEFAULT
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    edited: float | None = None
    nonce: str | None = None
    mentions: list[str] = field(default_factory=list)
    mention_everyone: bool = False
    visible_to: str | None = None
    application: str | None = None
    metadata: dict[str, Any] | None = None
    legacy_interaction: dict[str, Any] | None = None
    reference: dict[str, Any] | None = None
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    stickers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def created(self) -> float:
        """Unix seconds, by the playground's clock."""
        return created_at(self.id)

    @property
    def v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    def text(self) -> str:
        """Everything readable in it, for AutoMod and for tests."""
        embeds = [str(e.get(part) or "") for e in self.embeds for part in ("title", "description")]
        return "\n".join([self.content, layouts.texts(self.components), *embeds])


Listener = Callable[[str, Message], None]
"""Told of ``create``, ``update`` and ``delete``."""


class MessageStore:
    """All messages by channel, oldest first."""

    def __init__(self, world: World, files: FileStore) -> None:
        self._world = world
        self._files = files
        self._channels: dict[str, dict[str, Message]] = {}
        self._nonces: dict[tuple[str, str, str], str] = {}
        self.listeners: list[Listener] = []

    def add(self, message: Message) -> Message:
        kept = self._channels.setdefault(message.channel, {})
        kept[message.id] = message
        if len(kept) > MAX_PER_CHANNEL:
            self._drop(next(iter(kept.values())))
        self._tell("create", message)
        return message

    def changed(self, message: Message) -> None:
        self._tell("update", message)

    def remove(self, message: Message) -> None:
        """Delete it, and its files with it."""
        self._drop(message)
        self._tell("delete", message)

    def remove_channel(self, channel_id: str) -> None:
        for message in list(self._channels.get(channel_id, {}).values()):
            self._drop(message)

    def _drop(self, message: Message) -> None:
        self._channels.get(message.channel, {}).pop(message.id, None)
        if message.nonce:
            self._nonces.pop((message.channel, message.author, message.nonce), None)
        for attachment in message.attachments:
            self._files.drop(attachment.id)

    def _tell(self, what: str, message: Message) -> None:
        for listener in self.listeners:
            listener(what, message)

    def get(self, message_id: object, channel_id: str | None = None) -> Message | None:
        """A message by id, in one channel or in any."""
        places = self._channels.values() if channel_id is None else [self._channels.get(channel_id, {})]
        for place in places:
            if str(message_id) in place:
                return place[str(message_id)]
        return None

    def in_channel(self, channel_id: str) -> list[Message]:
        return list(self._channels.get(channel_id, {}).values())

    def last_id(self, channel_id: str) -> str | None:
        """The newest message that everyone in the channel can see."""
        ids = [m.id for m in self._channels.get(channel_id, {}).values() if not m.ephemeral]
        return ids[-1] if ids else None

    def visible(self, message: Message, user_id: str) -> bool:
        if not self._world.can_view(user_id, message.channel):
            return False
        return message.visible_to in (None, user_id)

    def remember_nonce(self, message: Message) -> None:
        if message.nonce:
            self._nonces[message.channel, message.author, message.nonce] = message.id

    def by_nonce(self, channel_id: str, author: str, nonce: str) -> Message | None:
        found = self._nonces.get((channel_id, author, nonce))
        return self.get(found, channel_id) if found else None

    def json(self, message: Message) -> dict[str, Any]:
        """The message object as bots get it: a Components V2 message says ``attachments: []``."""
        files = [] if message.v2 else [self._files.json(a) for a in message.attachments]
        body: dict[str, Any] = {
            "id": message.id,
            "channel_id": message.channel,
            "type": message.type,
            "content": message.content,
            "author": user_json(self._world.users[message.author]),
            "timestamp": iso(message.created),
            "edited_timestamp": iso(message.edited) if message.edited else None,
            "tts": False,
            "pinned": False,
            "mention_everyone": message.mention_everyone,
            "mentions": [user_json(self._world.users[u]) for u in message.mentions],
            "mention_roles": [],
            "attachments": files,
            "embeds": [self._embed(message, embed) for embed in message.embeds],
            "components": layouts.rendered(message.components, self._files),
            "flags": message.flags,
        }
        if message.application:
            body |= {"application_id": message.application, "webhook_id": message.application}
        for name, value in (
            ("nonce", message.nonce),
            ("interaction_metadata", message.metadata),
            ("interaction", message.legacy_interaction),
            ("message_reference", message.reference),
            ("message_snapshots", message.snapshots),
            ("sticker_items", message.stickers),
        ):
            if value:
                body[name] = value
        return body

    def bot_json(self, message: Message) -> dict[str, Any]:
        """As the bot reads it on its own: empty where that takes the intent for message content.

        Without the intent it reads what it wrote, what mentions it, and its direct messages (Discord API
        docs, Message Content Intent). What an interaction brings is whole: that is `json`.
        """
        body, bot = self.json(message), self._world.bot.id
        channel = self._world.channels.get(message.channel)
        private = channel is not None and channel.guild is None
        if private or message.author == bot or bot in message.mentions:
            return body
        body |= HIDDEN
        if message.snapshots:
            body["message_snapshots"] = [{"message": s["message"] | HIDDEN} for s in message.snapshots]
        return body

    def gateway_json(self, message: Message) -> dict[str, Any]:
        """As the gateway sends it: with the guild and the author's membership."""
        body = self.bot_json(message)
        channel = self._world.channels.get(message.channel)
        if channel is not None and channel.guild is not None:
            author = self._world.users[message.author]
            body |= {"guild_id": channel.guild, "member": member_json(self._world, author, with_user=False)}
        return body

    def person_json(self, message: Message) -> dict[str, Any]:
        """As people see it: the same, with its files always named and whether only one person sees it."""
        return self.json(message) | {
            "ephemeral": message.ephemeral,
            "attachment_files": [self._files.json(a) for a in message.attachments],
        }

    def _embed(self, message: Message, embed: dict[str, Any]) -> dict[str, Any]:
        """An embed with its ``attachment://`` pictures resolved."""
        out = {"type": "rich"} | embed
        for part in ("image", "thumbnail"):
            url = str((out.get(part) or {}).get("url", ""))
            name = url.removeprefix("attachment://")
            for attachment in message.attachments:
                if url.startswith("attachment://") and attachment.filename == name:
                    address = self._files.url(attachment)
                    out[part] = {"url": address, "proxy_url": address} | {
                        "width": attachment.width,
                        "height": attachment.height,
                    }
        return out
