"""Routes that answer interactions: the callback, and the webhook with the interaction's token."""

from __future__ import annotations

from typing import Any

from playground.errors import unknown
from playground.interactions import Interaction
from playground.places import APPLICATION_ID
from playground.rest.core import Call, Reply, Route


async def callback(call: Call) -> Any:
    server = call.server
    interaction = server.interactions.to_answer(call.param("interaction"), call.param("token"))
    result = server.replies.respond(interaction, call.body)
    return result if call.flag("with_response") else None


def _interaction(call: Call) -> Interaction:
    return call.server.interactions.by_token(call.param("application"), call.param("token"))


async def webhook(call: Call) -> dict[str, Any]:
    """GET of the webhook itself."""
    _interaction(call)
    return {"id": APPLICATION_ID, "type": 3, "application_id": APPLICATION_ID, "name": None, "avatar": None}


async def follow_up(call: Call) -> dict[str, Any]:
    message = call.server.replies.follow_up(_interaction(call), call.json, call.body)
    return call.server.messages.json(message)  # an interaction's webhook answers as if wait were true


async def get(call: Call) -> dict[str, Any]:
    message = call.server.replies.find(_interaction(call), call.param("message"))
    return call.server.messages.json(message)


async def edit(call: Call) -> dict[str, Any]:
    interaction = _interaction(call)
    if call.server.world.channels.get(interaction.channel.id) is None:
        raise unknown("Channel")
    message = call.server.replies.find(interaction, call.param("message"))
    call.server.replies.edit(message, call.json, call.body, interaction=interaction)
    return call.server.messages.json(message)


async def delete(call: Call) -> Reply:
    interaction = _interaction(call)
    message = call.server.replies.find(interaction, call.param("message"))
    call.server.replies.delete(interaction, message)
    return Reply(204)


WEBHOOK = "/webhooks/{application}/{token}"

ROUTES = [
    Route("POST", "/interactions/{interaction}/{token}/callback", callback, limit=None, token=False),
    Route("GET", WEBHOOK, webhook, limit="webhook", token=False),
    Route("POST", WEBHOOK, follow_up, limit="webhook", token=False),
    Route("GET", WEBHOOK + "/messages/{message}", get, limit="webhook", token=False),
    Route("PATCH", WEBHOOK + "/messages/{message}", edit, limit="webhook", token=False),
    Route("DELETE", WEBHOOK + "/messages/{message}", delete, limit="webhook", token=False),
]
