"""What the bot says to an interaction: the first response, its later edits, and follow-ups."""

from __future__ import annotations

from typing import Any

from playground import interactions as life
from playground.clock import Clock, Snowflakes
from playground.commands import check_choices
from playground.drafts import Composer
from playground.errors import DiscordError, FormError, unknown
from playground.files import FileStore
from playground.interactions import Interaction, Interactions
from playground.messages import CHAT_INPUT, CONTEXT_MENU, EPHEMERAL, LOADING, REPLY, Message, MessageStore
from playground.modals import check_modal
from playground.multipart import Body
from playground.payloads import user_json
from playground.permissions import Permission
from playground.places import APPLICATION_ID
from playground.world import World

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, SHOW_MODAL = 4, 5, 6, 7, 8, 9
"""Callback types."""

ALLOWED = {
    life.COMMAND: (MESSAGE, DEFERRED, SHOW_MODAL),
    life.COMPONENT: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, SHOW_MODAL),
    life.MODAL: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE),
    life.AUTOCOMPLETE: (CHOICES,),
}

MAX_FOLLOW_UPS = 5
"""Of an interaction by a user's installation alone (Discord API docs, Create Followup Message)."""


def _with_ephemeral(flags: object) -> object:
    """The flags that a bot sent, and that one; what is no number stays wrong."""
    if flags is None:
        return EPHEMERAL
    return flags | EPHEMERAL if type(flags) is int and flags >= 0 else flags


class Replies:
    """Carries out callbacks and webhook calls that the bot makes for an interaction."""

    def __init__(
        self,
        clock: Clock,
        ids: Snowflakes,
        world: World,
        files: FileStore,
        messages: MessageStore,
        composer: Composer,
        interactions: Interactions,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._world = world
        self._files = files
        self._messages = messages
        self._composer = composer
        self._interactions = interactions

    def respond(self, interaction: Interaction, body: Body) -> dict[str, Any]:
        """The first response. Answers the callback response object that ``with_response`` asks for."""
        kind = body.json.get("type") if isinstance(body.json, dict) else None
        if kind not in ALLOWED[interaction.kind] or (
            kind in (UPDATE, DEFERRED_UPDATE) and interaction.source is None
        ):
            choices = ", ".join(map(str, ALLOWED[interaction.kind]))
            error = {"code": "BASE_TYPE_CHOICES", "message": f"Value must be one of {{{choices}}}."}
            raise FormError({"type": {"_errors": [error]}})
        given = body.json.get("data")
        data = given if isinstance(given, dict) else {}
        message: Message | None = None
        if kind == MESSAGE:
            message = self._post(interaction, data, body)
        elif kind == DEFERRED:
            asked = bool((data.get("flags") or 0) & EPHEMERAL)
            message = self._think(interaction, ephemeral=asked or self._forced(interaction))
        elif kind == UPDATE:
            message = self.edit(self._source(interaction), data, body)
        elif kind == DEFERRED_UPDATE:
            message = self._source(interaction)
        elif kind == CHOICES:
            interaction.choices = check_choices(data.get("choices"))
        else:
            interaction.modal = check_modal(data)
        if message is not None:
            interaction.original = message.id
        self._interactions.acknowledge(interaction, kind)
        return self._callback_json(interaction, kind, message)

    def _callback_json(self, interaction: Interaction, kind: int, message: Message | None) -> dict[str, Any]:
        about: dict[str, Any] = {"id": interaction.id, "type": interaction.kind}
        if message is None:
            return {"interaction": about}
        about |= {
            "response_message_id": message.id,
            "response_message_loading": bool(message.flags & LOADING),
            "response_message_ephemeral": message.ephemeral,
        }
        if kind not in (MESSAGE, UPDATE):  # as Discord's OpenAPI document has it: no resource for deferrals
            return {"interaction": about}
        return {"interaction": about, "resource": {"type": kind, "message": self._messages.json(message)}}

    def _source(self, interaction: Interaction) -> Message:
        message = self._messages.get(interaction.source, interaction.channel.id)
        if message is None:
            raise unknown("Message")
        return message

    def _forced(self, interaction: Interaction) -> bool:
        """Whether all it says is for the user alone (Discord API docs, Permissions, USE_EXTERNAL_APPS)."""
        channel = interaction.channel
        if not interaction.only_for_the_user or channel.guild is None:
            return False
        return not self._world.may(interaction.user.id, channel, Permission.USE_EXTERNAL_APPS)

    def _new(self, interaction: Interaction) -> Message:
        """An empty message by the bot that belongs to this interaction."""
        kind = 0
        if interaction.kind == life.COMMAND:
            kind = CHAT_INPUT if interaction.data["type"] == 1 else CONTEXT_MENU
        message = Message(self._ids.next(), interaction.channel.id, self._world.bot.id, type=kind)
        message.application = APPLICATION_ID
        message.metadata = interaction.metadata()
        if interaction.kind == life.COMMAND:
            message.legacy_interaction = {
                "id": interaction.id,
                "type": interaction.kind,
                "name": interaction.command_name,
                "user": user_json(interaction.user),
            }
        return message

    def _post(
        self, interaction: Interaction, data: dict[str, Any], body: Body, *, follow_up: bool = False
    ) -> Message:
        place = interaction.channel.id
        if place not in self._world.channels:
            raise unknown("Channel")
        if self._forced(interaction):
            data = data | {"flags": _with_ephemeral(data.get("flags"))}
        draft = self._composer.compose(data, body, place)
        message = self._new(interaction)
        if follow_up and interaction.original:  # Discord shows it as a reply to the first response
            message.type = REPLY
            message.reference = {"type": 0, "channel_id": place, "message_id": interaction.original}
            message.metadata = interaction.metadata() | {"original_response_message_id": interaction.original}
        draft.write_to(message)
        if message.ephemeral:
            message.visible_to = interaction.user.id
        return self._messages.add(message)

    def _think(self, interaction: Interaction, *, ephemeral: bool) -> Message:
        """The message that says "… is thinking" until it is edited or a follow-up takes its place."""
        message = self._new(interaction)
        message.flags = LOADING | (EPHEMERAL if ephemeral else 0)
        message.visible_to = interaction.user.id if ephemeral else None
        interaction.thinking = True
        return self._messages.add(message)

    def follow_up(self, interaction: Interaction, data: dict[str, Any], body: Body) -> Message:
        """A further message. The first after a deferral takes the thinking message's place and publicity.

        Raises DiscordError 40094 for the sixth where the app is installed for the user alone; what took the
        thinking message's place is counted with them, edits are not.
        """
        if interaction.only_for_the_user and interaction.follow_ups >= MAX_FOLLOW_UPS:
            raise DiscordError(
                400, 40094, "This interaction has hit the maximum number of follow up messages"
            )
        message = self._follow_up(interaction, data, body)
        interaction.follow_ups += 1
        return message

    def _follow_up(self, interaction: Interaction, data: dict[str, Any], body: Body) -> Message:
        if interaction.thinking:
            original = self._messages.get(interaction.original, interaction.channel.id)
            if original is not None:
                return self.edit(original, data, body, interaction=interaction)
            interaction.thinking = False
        return self._post(interaction, data, body, follow_up=True)

    def edit(
        self,
        message: Message,
        data: dict[str, Any],
        body: Body,
        *,
        interaction: Interaction | None = None,
    ) -> Message:
        """Change a message of the bot's own; the first edit of a thinking one makes it real."""
        was_thinking = bool(message.flags & LOADING)
        draft = self._composer.compose(data, body, message.channel, old=message)
        draft.write_to(message)
        message.edited = message.edited if was_thinking else self._clock.now()
        if interaction is not None and was_thinking:
            interaction.thinking = False
        self._messages.changed(message)
        return message

    def find(self, interaction: Interaction, message_id: str) -> Message:
        """``@original``, or a message that belongs to this interaction."""
        wanted = interaction.original if message_id == "@original" else message_id
        message = self._messages.get(wanted, interaction.channel.id)
        mine = message is not None and (
            message.id == interaction.original
            or (message.metadata is not None and message.metadata["id"] == interaction.id)
        )
        if message is None or not mine:
            raise unknown("Message")
        return message

    def delete(self, interaction: Interaction, message: Message) -> None:
        if message.id == interaction.original:
            interaction.thinking = False
        self._messages.remove(message)
