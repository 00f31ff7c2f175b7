"""Routes about channels and the messages in them, with the bot's own token."""

from __future__ import annotations

from typing import Any

from playground import payloads
from playground.errors import DiscordError, Form, missing_access, missing_permissions, unknown
from playground.messages import EPHEMERAL, REPLY, Message
from playground.permissions import Permission
from playground.places import DM, FORUM, THREAD, Channel
from playground.rest.core import Call, Reply, Route

NONCE_LIFE = 300
"""Seconds in which a repeated nonce makes no second message ("the past few minutes" in Discord's docs)."""

MAX_DIGITS = 20
"""An id has at most these."""

OLD = 3_600
"""Seconds after which a message may be edited less often."""


def named_channel(call: Call) -> Channel:
    """The channel that the route names, if the bot sees it."""
    world = call.server.world
    channel = world.channels.get(call.param("channel"))
    if channel is None:
        raise unknown("Channel")
    if not world.can_view(world.bot.id, channel.id):
        raise missing_access()
    return channel


def need(call: Call, channel: Channel, permission: Permission) -> None:
    """Refuse what the bot may not do there; direct messages take no permission."""
    world = call.server.world
    if channel.type != DM and not world.may(world.bot.id, channel, permission):
        raise missing_permissions()


def _message(call: Call, channel: Channel) -> Message:
    """The message that the route names; ephemeral ones are unknown to the bot's token."""
    message = call.server.messages.get(call.param("message"), channel.id)
    if message is None or message.ephemeral:
        raise unknown("Message")
    return message


async def get_channel(call: Call) -> dict[str, Any]:
    channel = named_channel(call)
    return payloads.channel_json(call.server.world, channel, call.server.messages.last_id(channel.id))


async def history(call: Call) -> list[dict[str, Any]]:
    channel = named_channel(call)
    need(call, channel, Permission.READ_MESSAGE_HISTORY)
    query = call.request.query
    form = Form()
    limit = form.number(("limit",), _whole(query.get("limit")), 1, 100, 50)
    form.refuse_if_wrong()
    found = [m for m in call.server.messages.in_channel(channel.id) if not m.ephemeral]
    if (before := _whole(query.get("before"))) is not None:
        found = [m for m in found if int(m.id) < before]
    if (after := _whole(query.get("after"))) is not None:
        found = [m for m in found if int(m.id) > after][:limit]
    return [call.server.messages.bot_json(m) for m in found[-limit:][::-1]]


def _whole(text: str | None) -> int | None:
    """A number from the query; what is not one counts as absent."""
    return int(text) if text and text.isdecimal() and len(text) <= MAX_DIGITS else None


async def get_message(call: Call) -> dict[str, Any]:
    channel = named_channel(call)
    need(call, channel, Permission.READ_MESSAGE_HISTORY)
    return call.server.messages.bot_json(_message(call, channel))


async def post(call: Call) -> dict[str, Any]:
    server, channel, given = call.server, named_channel(call), call.json
    if channel.type == FORUM:
        raise DiscordError(400, 50008, "Cannot send messages in a non-text channel")
    thread = channel.type == THREAD
    need(call, channel, Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES)
    if call.body.uploads:
        need(call, channel, Permission.ATTACH_FILES)
    if channel.recipient in server.world.settings.dms_closed:
        raise DiscordError(403, 50007, "Cannot send messages to this user")
    bot = server.world.bot.id
    nonce = None if given.get("nonce") is None else str(given["nonce"])
    if nonce and given.get("enforce_nonce"):
        before = server.messages.by_nonce(channel.id, bot, nonce)
        if before is not None and server.clock.now() - before.created < NONCE_LIFE:
            return server.messages.json(before)
    reference = _reference(call, channel)
    draft = server.composer.compose(given, call.body, channel.id)
    draft.flags &= ~EPHEMERAL
    message = Message(server.ids.next(), channel.id, bot, nonce=nonce, reference=reference)
    message.type = REPLY if reference else 0
    draft.write_to(message)
    server.messages.add(message)
    server.messages.remember_nonce(message)
    return server.messages.json(message)


def _reference(call: Call, channel: Channel) -> dict[str, Any] | None:
    given = call.json.get("message_reference")
    if not isinstance(given, dict):
        return None
    found = call.server.messages.get(given.get("message_id"), channel.id)
    if found is None or found.ephemeral:
        if given.get("fail_if_not_exists", True):
            form = Form()
            form.add(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.refuse_if_wrong()
        return None
    return {"type": 0, "channel_id": channel.id, "message_id": found.id}


async def patch(call: Call) -> dict[str, Any]:
    server, channel = call.server, named_channel(call)
    message = _message(call, channel)
    if message.author != server.world.bot.id:
        raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
    if call.body.uploads:
        need(call, channel, Permission.ATTACH_FILES)
    server.replies.edit(message, call.json, call.body)
    return server.messages.json(message)


async def delete(call: Call) -> Reply:
    channel = named_channel(call)
    message = _message(call, channel)
    if message.author != call.server.world.bot.id:
        if channel.type == DM:
            raise DiscordError(403, 50003, "Cannot execute action on a DM channel")
        need(call, channel, Permission.MANAGE_MESSAGES)
    call.server.messages.remove(message)
    return Reply(204)


async def typing(call: Call) -> Reply:
    named_channel(call)
    return Reply(204)


def _edit_limit(call: Call) -> tuple[str, str]:
    """Edits of messages over an hour old have a slower limit of their own."""
    channel = call.param("channel")
    message = call.server.messages.get(call.param("message"), channel)
    old = message is not None and call.server.clock.now() - message.created > OLD
    return ("message_edit_old" if old else "message_edit", channel)


MESSAGES = "/channels/{channel}/messages"

ROUTES = [
    Route("GET", "/channels/{channel}", get_channel),
    Route("GET", MESSAGES, history),
    Route("POST", MESSAGES, post, limit="message_create"),
    Route("GET", MESSAGES + "/{message}", get_message),
    Route("PATCH", MESSAGES + "/{message}", patch, limit=_edit_limit),
    Route("DELETE", MESSAGES + "/{message}", delete, limit="message_delete"),
    Route("POST", "/channels/{channel}/typing", typing),
]
