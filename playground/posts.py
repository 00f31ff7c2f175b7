"""What people, and another bot, write into channels: messages, replies, forwards, posts in a forum."""

from __future__ import annotations

import re

from playground import components
from playground.acts import Body, listed, place, visible_message
from playground.errors import Form, PersonError
from playground.files import Attachment
from playground.messages import COMPONENTS_V2, HAS_SNAPSHOT, REPLY, Message
from playground.permissions import Permission
from playground.places import DM, FORUM, THREAD, Channel, User
from playground.server import Server
from playground.stickers import MAX_STICKERS, sticker
from playground.world import OTHER_BOT

MAX_CONTENT = 2_000
MAX_FILES = 10
MAX_TAGS = 5


def post_message(server: Server, body: Body) -> Message:
    """An ordinary message: text, uploaded files, embeds, stickers, a reply or a forward.

    In a forum it is the first of a new post, which needs a title.
    """
    user, channel = place(server, body)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.type == THREAD else Permission.SEND_MESSAGES
    if channel.type != DM and not server.world.may(user.id, channel, needed):
        raise PersonError(f"{user.display} may not write there.", 403)
    message = Message(server.ids.next(), channel.id, user.id, content=str(body.get("content") or ""))
    message.attachments = _files(server, body)
    message.embeds = listed(body, "embeds", dict)
    message.stickers = [sticker(reference).item() for reference in listed(body, "stickers")]
    if len(message.content) > MAX_CONTENT or len(message.stickers) > MAX_STICKERS:
        raise PersonError("A message has at most 2,000 characters, 10 files and 3 stickers.")
    named = re.findall(r"<@!?(\d+)>", message.content)
    if body.get("forward"):
        source = visible_message(server, body["forward"], user)
        message.reference = {"type": 1, "channel_id": source.channel, "message_id": source.id}
        message.snapshots = [{"message": _snapshot(server, source)}]
        message.flags |= HAS_SNAPSHOT
    elif body.get("reply_to"):
        answered = visible_message(server, body["reply_to"], user)
        message.type = REPLY
        message.reference = {"type": 0, "channel_id": channel.id, "message_id": answered.id}
        named.append(answered.author)  # a reply pings whom it answers
    message.mentions = [each for each in dict.fromkeys(named) if each in server.world.users]
    if not any((message.content, message.embeds, message.attachments, message.stickers, message.snapshots)):
        raise PersonError("The message is empty.")
    if channel.type == FORUM:
        _begin_post(server, body, user, channel, message)
    for attachment in message.attachments:
        attachment.channel = message.channel
    return server.messages.add(message)


def _files(server: Server, body: Body) -> list[Attachment]:
    """The uploads that a request names."""
    files = [server.files.get(number) for number in listed(body, "attachments")]
    found = [file for file in files if file is not None]
    if len(found) != len(files):
        raise PersonError("There is no such attachment.", 404)
    if len(found) > MAX_FILES:
        raise PersonError("A message has at most 2,000 characters, 10 files and 3 stickers.")
    return found


def _begin_post(server: Server, body: Body, user: User, forum: Channel, message: Message) -> None:
    """Make the post whose first message it is, with the tags that are named in the request."""
    title, names = str(body.get("title") or ""), listed(body, "tags", str)
    if not 1 <= len(title) <= 100:
        raise PersonError("A post in a forum has a title of 1 to 100 characters.")
    tags = [tag for tag in forum.tags if tag.name in names]
    if len(tags) != len(names) or len(tags) > MAX_TAGS:
        raise PersonError("The forum has no such tag, or these are too many.")
    if any(tag.moderated for tag in tags) and not server.world.may(user.id, forum, Permission.MANAGE_THREADS):
        raise PersonError(f"{user.display} may not give that tag.", 403)
    if server.world.settings.require_tag and not tags:
        raise PersonError("A post in this forum needs a tag.")
    message.channel = message.id
    server.open_post(message.id, forum, title, user.id, [tag.id for tag in tags])


def _snapshot(server: Server, message: Message) -> Body:
    """What a forward carries of a message (Discord API docs, Message Snapshot)."""
    kept = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags")
    whole = server.messages.json(message)
    out = {key: whole[key] for key in (*kept, "mentions", "mention_roles", "components")}
    return out | ({"sticker_items": message.stickers} if message.stickers else {})


def post_as_another_bot(server: Server, body: Body) -> Message:
    """A message of a bot that is not ours, with components of either version.

    Raises DiscordError for what Discord would refuse to that bot.
    """
    channel = server.world.channel(body.get("channel"))
    message = Message(server.ids.next(), channel.id, OTHER_BOT.id, content=str(body.get("content") or ""))
    message.embeds = listed(body, "embeds", dict)
    message.attachments = _files(server, body)
    form = Form()
    message.flags = form.number(("flags",), body.get("flags"), 0, (1 << 31) - 1, 0) & COMPONENTS_V2

    def resolve(url: str) -> Attachment | None:
        name = url.removeprefix("attachment://")
        return next((a for a in message.attachments if name != url and a.filename == name), None)

    given = listed(body, "components", dict)
    message.components = components.check_message(form, given, v2=message.v2, resolve=resolve)
    form.refuse_if_wrong()
    for attachment in message.attachments:
        attachment.channel = channel.id
    return server.messages.add(message)
