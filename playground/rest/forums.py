"""The route that begins a post in a forum (Discord API docs, Start Thread in Forum or Media Channel)."""

from __future__ import annotations

from typing import Any

from playground import payloads
from playground.drafts import Draft
from playground.errors import DiscordError, Form, FormError, missing_permissions, unknown
from playground.messages import EPHEMERAL, Message
from playground.permissions import Permission
from playground.places import FORUM, Channel
from playground.rest.channels import named_channel, need
from playground.rest.core import Call, Reply, Route

MAX_TAGS = 5
DURATIONS = (60, 1_440, 4_320, 10_080)
"""Minutes of quiet after which a thread may be archived."""


async def create(call: Call) -> Reply:
    """A thread and its first message, which have one id. Of text channels nobody makes threads here."""
    server, forum, given = call.server, named_channel(call), call.json
    if forum.type != FORUM:
        raise DiscordError(400, 50024, "Cannot execute action on this channel type")
    need(call, forum, Permission.SEND_MESSAGES)
    if call.body.uploads:
        need(call, forum, Permission.ATTACH_FILES)
    form = Form()
    name = form.text(("name",), given.get("name"), 1, 100)
    tags = [str(tag) for tag in form.items(("applied_tags",), given.get("applied_tags"), 0, MAX_TAGS)]
    if given.get("auto_archive_duration") not in (None, *DURATIONS):
        choices = ", ".join(map(str, DURATIONS))
        form.add(("auto_archive_duration",), "BASE_TYPE_CHOICES", f"Value must be one of {{{choices}}}.")
    first = given.get("message")
    if not isinstance(first, dict):
        form.add(("message",), "BASE_TYPE_REQUIRED", "This field is required")
    form.refuse_if_wrong()
    _check_tags(call, forum, tags)
    number, bot = server.ids.next(), server.world.bot.id
    draft = _draft(call, first if isinstance(first, dict) else {}, number)
    post = server.open_post(number, forum, name, bot, list(dict.fromkeys(tags)))
    message = Message(number, post.id, bot)
    draft.write_to(message)
    server.messages.add(message)
    member = {"id": post.id, "user_id": bot, "join_timestamp": server.world.joined_at, "flags": 0}
    body = payloads.channel_json(server.world, post, message.id)
    return Reply(201, body | {"member": member, "message": server.messages.json(message)})


def _check_tags(call: Call, forum: Channel, tags: list[str]) -> None:
    world = call.server.world
    known = {tag.id: tag for tag in forum.tags}
    if world.settings.require_tag and not tags:
        raise DiscordError(400, 40067, "A tag is required to create a forum post in this channel")
    if not known.keys() >= set(tags):
        raise unknown("Tag")
    moderated = any(known[tag].moderated for tag in tags)
    if moderated and not world.may(world.bot.id, forum, Permission.MANAGE_THREADS):
        raise missing_permissions()


def _draft(call: Call, given: dict[str, Any], channel_id: str) -> Draft:
    try:
        draft = call.server.composer.compose(given, call.body, channel_id)
    except FormError as error:
        raise FormError({"message": error.errors}) from error
    draft.flags &= ~EPHEMERAL
    return draft


ROUTES = [Route("POST", "/channels/{channel}/threads", create)]
