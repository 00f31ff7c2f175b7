"""The life of an interaction: 3 s to acknowledge it, then 15 minutes of its token.

Discord API docs, Receiving and Responding to Interactions.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from playground import installs, payloads
from playground.clock import Clock, Snowflakes
from playground.errors import DiscordError, invalid_webhook_token, unknown
from playground.events import EventLog, Signal
from playground.gateway import Gateway
from playground.messages import Message, MessageStore
from playground.places import APPLICATION_ID, Channel, User
from playground.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
"""Interaction types."""

SUB_COMMANDS = (1, 2)
"""Option types: a sub-command and a group of them."""

KINDS = {COMMAND: "command", COMPONENT: "component", AUTOCOMPLETE: "autocomplete", MODAL: "modal"}

DEADLINE = 3.0
"""Seconds to the first response, by the real clock."""

TOKEN_LIFE = 15 * 60
"""Seconds that the token works, by the playground's clock."""

MAX_INTERACTIONS = 5_000

PENDING, ACKNOWLEDGED, FAILED = "pending", "acknowledged", "failed"


@dataclass(frozen=True)
class Manner:
    """How somebody acts: their client's language, the installation they use, and how old it is to look."""

    locale: str | None = None
    install: str = installs.ON_GUILD
    age: float = 0.0


@dataclass
class Interaction:
    """One interaction. `original` is the id of the message that ``@original`` means.

    `created` is when its id says that it was made, `sent` (monotonic) when the bot was told.
    """

    id: str
    token: str
    kind: int
    user: User
    channel: Channel
    data: dict[str, Any]
    created: float
    sent: float
    owners: dict[str, str]
    source: str | None = None
    origin: Interaction | None = None
    status: str = PENDING
    acknowledged_ms: float | None = None
    response_type: int | None = None
    original: str | None = None
    thinking: bool = False
    ephemeral: bool = False
    revoked: bool = False
    follow_ups: int = 0
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def view(self) -> dict[str, Any]:
        """What a person may know of it."""
        body: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "acknowledged_ms": self.acknowledged_ms,
            "kind": KINDS[self.kind],
            "response_type": self.response_type,
            "name": self.data.get("name") or self.data.get("custom_id"),
            "user": self.user.id,
            "channel": self.channel.id,
        }
        for name, value in (("modal", self.modal), ("message", self.original), ("choices", self.choices)):
            if value is not None:
                body[name] = value
        return body

    @property
    def only_for_the_user(self) -> bool:
        """Whether the app acts by a user's installation alone."""
        return set(self.owners) == {"1"}

    @property
    def command_name(self) -> str:
        """The full name, ``jobs list`` for a sub-command (Discord API docs, Message Interaction)."""
        words, inner = [str(self.data["name"])], self.data.get("options")
        while inner and inner[0]["type"] in SUB_COMMANDS:
            words.append(str(inner[0]["name"]))
            inner = inner[0].get("options")
        return " ".join(words)

    def metadata(self) -> dict[str, Any]:
        """``interaction_metadata`` of the messages that answer it."""
        body: dict[str, Any] = {
            "id": self.id,
            "type": self.kind,
            "user": payloads.user_json(self.user),
            "authorizing_integration_owners": self.owners,
        }
        if self.kind == COMMAND:
            body |= {"name": self.command_name, "command_type": self.data["type"]}
            if self.data["type"] == 3:
                body["target_message_id"] = self.data["target_id"]
        if self.kind == COMPONENT and self.source:
            body["interacted_message_id"] = self.source
        if self.origin is not None:
            body["triggering_interaction_metadata"] = self.origin.metadata()
        return body


def _owners(origin: Interaction | None, message: Message | None) -> dict[str, str] | None:
    """In whose name a modal was shown, or a message with components posted."""
    if origin is not None:
        return origin.owners
    metadata = message.metadata if message else None
    return metadata["authorizing_integration_owners"] if metadata else None


class Interactions:
    """All interactions of late, and the making of new ones."""

    def __init__(
        self,
        clock: Clock,
        ids: Snowflakes,
        world: World,
        gateway: Gateway,
        messages: MessageStore,
        events: EventLog,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._world = world
        self._gateway = gateway
        self._messages = messages
        self._events = events
        self._all: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self.signal = Signal()

    def open(
        self,
        kind: int,
        user: User,
        channel: Channel,
        data: dict[str, Any],
        *,
        message: Message | None = None,
        origin: Interaction | None = None,
        manner: Manner = Manner(),
    ) -> Interaction:
        """Make an interaction, send it to the bot, and start its 3 seconds.

        `message` is what a component sits on; `origin` is the interaction that showed the modal. Both were
        authorized by whoever ran the command before them, whoever acts now. `manner.age` makes its id, and
        with it its token, older by so many seconds of the playground's clock; the 3 seconds begin now.
        """
        interaction = Interaction(
            id=self._ids.aged(manner.age) if manner.age else self._ids.next(),
            token=secrets.token_urlsafe(48),
            kind=kind,
            user=user,
            channel=channel,
            data=data,
            created=self._clock.now() - manner.age,
            sent=time.monotonic(),
            owners=_owners(origin, message) or installs.owners(manner.install, user, channel),
            source=message.id if message else None,
            origin=origin,
        )
        self._remember(interaction)
        payload = self._payload(interaction, message, manner.locale or user.locale)
        loop = asyncio.get_running_loop()
        interaction.timer = loop.call_later(DEADLINE, self._fail, interaction)
        self.publish(interaction)
        self._gateway.dispatch("INTERACTION_CREATE", payload, guild=channel.guild)
        return interaction

    def _payload(self, interaction: Interaction, message: Message | None, locale: str) -> dict[str, Any]:
        world, user, channel = self._world, interaction.user, interaction.channel
        last = self._messages.last_id(channel.id)
        body: dict[str, Any] = {
            "id": interaction.id,
            "application_id": APPLICATION_ID,
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": channel.id,
            "channel": payloads.interaction_channel_json(world, channel, user, last),
            "locale": locale,
            "app_permissions": str(world.app_permissions(channel)),
            "authorizing_integration_owners": interaction.owners,
            "context": installs.context(channel),
            "attachment_size_limit": world.settings.attachment_size_limit,
            "entitlements": [],
            "entitlement_sku_ids": [],
        }
        if message is not None:
            body["message"] = self._messages.json(message)
        if channel.guild is None:
            return body | {"user": payloads.user_json(user)}
        return body | {
            "guild_id": channel.guild,
            "guild": {"id": channel.guild, "locale": world.locale, "features": []},
            "guild_locale": world.locale,
            "member": payloads.member_json(world, user, channel),
        }

    def _remember(self, interaction: Interaction) -> None:
        self._all[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        if len(self._all) > MAX_INTERACTIONS:
            old = self._all.pop(next(iter(self._all)))
            self._by_token.pop(old.token, None)

    def _fail(self, interaction: Interaction) -> None:
        if interaction.status == PENDING:
            interaction.status = FAILED
            self.publish(interaction)

    def publish(self, interaction: Interaction) -> None:
        """Tell who waits or watches that it changed."""
        self._events.publish(
            "interaction", interaction.view(), interaction.channel.id, only_for=interaction.user.id
        )
        self.signal.notify()

    def get(self, interaction_id: str) -> Interaction | None:
        return self._all.get(interaction_id)

    def to_answer(self, interaction_id: str, token: str) -> Interaction:
        """The interaction that a callback answers.

        Raises DiscordError: 10062 (unknown, wrong token or late), 40060 (answered already).
        """
        interaction = self._all.get(interaction_id)
        if interaction is None or not secrets.compare_digest(interaction.token.encode(), token.encode()):
            raise unknown("Interaction")
        if interaction.status == ACKNOWLEDGED:
            raise DiscordError(400, 40060, "Interaction has already been acknowledged.")
        if interaction.status == FAILED or time.monotonic() - interaction.sent > DEADLINE:
            raise unknown("Interaction")
        return interaction

    def acknowledge(self, interaction: Interaction, response_type: int) -> None:
        interaction.status = ACKNOWLEDGED
        interaction.response_type = response_type
        interaction.acknowledged_ms = round((time.monotonic() - interaction.sent) * 1000, 3)
        if interaction.timer is not None:
            interaction.timer.cancel()
        self.publish(interaction)

    def by_token(self, application: str, token: str) -> Interaction:
        """The interaction behind a webhook route.

        Raises DiscordError: 10015 (no such application, or not acknowledged yet), 50027 (wrong or over).
        """
        if application != APPLICATION_ID:
            raise unknown("Webhook")
        interaction = self._by_token.get(token)
        if interaction is None:
            raise invalid_webhook_token()
        if interaction.revoked or self._clock.now() - interaction.created >= TOKEN_LIFE:
            raise invalid_webhook_token()
        if interaction.status != ACKNOWLEDGED:
            raise unknown("Webhook")
        return interaction

    def revoke_tokens(self) -> int:
        """End all tokens that live; answers how many."""
        for interaction in self._all.values():
            interaction.revoked = True
        return len(self._all)

    def close(self) -> None:
        for interaction in self._all.values():
            if interaction.timer is not None:
                interaction.timer.cancel()
