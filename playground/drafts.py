"""From a request's body to what a message holds: the checks that Discord makes on creating and editing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playground import components, layouts
from playground.errors import DiscordError, Form, too_large
from playground.faults import Faults
from playground.files import Attachment, FileStore
from playground.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Message,
)
from playground.multipart import MAX_MESSAGE_BYTES, Body, Upload
from playground.permissions import Permission
from playground.world import World

MAX_ATTACHMENTS = 10
MAX_CONTENT = 2_000
EDITABLE = SUPPRESS_EMBEDS | COMPONENTS_V2


@dataclass
class Draft:
    """A message's new content, checked."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    attachments: list[Attachment]
    flags: int
    mentions: list[str]
    mention_everyone: bool

    def write_to(self, message: Message) -> None:
        message.content = self.content
        message.embeds = self.embeds
        message.components = self.components
        message.attachments = self.attachments
        message.flags = self.flags
        message.mentions = self.mentions
        message.mention_everyone = self.mention_everyone


class Composer:
    """Makes drafts; needs to know the files, the people and what trouble was ordered."""

    def __init__(self, world: World, files: FileStore, faults: Faults) -> None:
        self._world = world
        self._files = files
        self._faults = faults

    def compose(
        self, given: dict[str, Any], body: Body, channel_id: str, *, old: Message | None = None
    ) -> Draft:
        """Check `given`, the message part of `body`, against Discord's rules.

        `old` is the message that is edited; what the edit leaves out stays as it was. Raises DiscordError:
        40005 (a file over the limit), 30015 (files), 50035 (fields), 50006 (nothing in it), 200000 (AutoMod).
        """
        self._check_sizes(body)
        form = Form()
        flags = self._flags(form, given, old)
        content = self._content(form, given, old, v2=bool(flags & COMPONENTS_V2))
        embeds = self._embeds(form, given, old, v2=bool(flags & COMPONENTS_V2))
        attachments = self._attachments(given, body, channel_id, old, ephemeral=bool(flags & EPHEMERAL))
        try:
            listed = self._components(form, given, old, attachments, v2=bool(flags & COMPONENTS_V2))
            form.refuse_if_wrong()
            draft = Draft(content, embeds, listed, attachments, flags, [], False)
            self._refuse_if_empty_or_blocked(draft)
        except DiscordError:
            for attachment in attachments:
                if old is None or attachment not in old.attachments:
                    self._files.drop(attachment.id)
            raise
        if old is not None:
            for attachment in old.attachments:
                if attachment not in attachments:
                    self._files.drop(attachment.id)
        self._mentions(draft, given, channel_id)
        return draft

    def _check_sizes(self, body: Body) -> None:
        limit = self._world.settings.attachment_size_limit
        total = sum(upload.size for upload in body.uploads)
        if body.oversize or total > MAX_MESSAGE_BYTES or any(u.size > limit for u in body.uploads):
            raise too_large()

    def _flags(self, form: Form, given: dict[str, Any], old: Message | None) -> int:
        asked = form.number(("flags",), given.get("flags"), 0, (1 << 31) - 1, 0)
        if old is None:
            return asked & (EDITABLE | EPHEMERAL | SUPPRESS_NOTIFICATIONS)
        kept = old.flags & ~LOADING
        if old.v2 and "flags" in given and given["flags"] is not None and not asked & COMPONENTS_V2:
            form.add(
                ("flags",),
                "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG",
                "The Components V2 flag cannot be removed from a message",
            )
        if given.get("flags") is None:
            return kept
        return kept & ~SUPPRESS_EMBEDS | asked & EDITABLE | kept & COMPONENTS_V2

    def _content(self, form: Form, given: dict[str, Any], old: Message | None, *, v2: bool) -> str:
        value = given.get("content", old.content if old else "")
        content = form.text(("content",), value, 0, MAX_CONTENT, required=False)
        if content and v2:
            self._legacy(form, "content")
        return content

    def _embeds(
        self, form: Form, given: dict[str, Any], old: Message | None, *, v2: bool
    ) -> list[dict[str, Any]]:
        value = given.get("embeds", old.embeds if old else [])
        embeds = form.objects(("embeds",), value, 0, 10)
        if embeds and v2:
            self._legacy(form, "embeds")
        for number, embed in enumerate(embeds):
            form.text(("embeds", number, "title"), embed.get("title"), 0, 256, required=False)
            form.text(("embeds", number, "description"), embed.get("description"), 0, 4096, required=False)
            form.items(("embeds", number, "fields"), embed.get("fields"), 0, 25)
        for name in ("poll", "sticker_ids"):
            if given.get(name) and v2:
                self._legacy(form, name)
        return embeds

    @staticmethod
    def _legacy(form: Form, name: str) -> None:
        form.add(
            (name,),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
        )

    def _attachments(
        self, given: dict[str, Any], body: Body, channel_id: str, old: Message | None, *, ephemeral: bool
    ) -> list[Attachment]:
        """Those kept and those that come new, in the order in which `attachments` lists them.

        Without that list an edit keeps all and adds the new ones (Discord API docs, Edit Message).
        """
        uploads = {u.index if u.index is not None else n: u for n, u in enumerate(body.uploads)}
        before = {a.id: a for a in old.attachments} if old else {}
        listed = given.get("attachments")
        if not isinstance(listed, list):
            listed = [{"id": a} for a in before] + [{"id": n} for n in uploads]
        listed = [entry for entry in listed if isinstance(entry, dict)]
        chosen: list[Attachment | tuple[Upload, dict[str, Any]]] = []
        for entry in listed:
            number = str(entry.get("id"))
            if number in before:
                chosen.append(before[number])
            elif number.isdecimal() and int(number) in uploads:
                chosen.append((uploads[int(number)], entry))
        if len(chosen) > MAX_ATTACHMENTS:
            raise DiscordError(400, 30015, "Maximum number of attachments in a message reached (10)")
        return [
            one if isinstance(one, Attachment) else self._keep(*one, channel_id, ephemeral=ephemeral)
            for one in chosen
        ]

    def _keep(self, upload: Upload, entry: dict[str, Any], channel_id: str, *, ephemeral: bool) -> Attachment:
        name = str(entry.get("filename") or upload.filename)
        attachment = self._files.keep(upload.path, name, description=entry.get("description"))
        upload.kept = True
        attachment.channel = channel_id
        attachment.ephemeral = ephemeral
        return attachment

    def _components(
        self,
        form: Form,
        given: dict[str, Any],
        old: Message | None,
        attachments: list[Attachment],
        *,
        v2: bool,
    ) -> list[dict[str, Any]]:
        """Check the components; on an edit without any, the old ones are checked again for their files."""

        def resolve(url: str) -> Attachment | None:
            name = url.removeprefix("attachment://")
            if name != url:
                return next((a for a in attachments if a.filename == name), None)
            found = self._files.by_url(url)
            return found if found in attachments else None

        if given.get("components") is not None or old is None:
            return components.check_message(form, given.get("components") or [], v2=v2, resolve=resolve)
        if "components" in given:
            return []
        if old.v2 != v2:
            return components.check_message(form, old.components, v2=v2, resolve=resolve)
        return old.components

    def _refuse_if_empty_or_blocked(self, draft: Draft) -> None:
        v2 = draft.flags & COMPONENTS_V2
        if not draft.components and (v2 or not (draft.content or draft.embeds or draft.attachments)):
            raise DiscordError(400, 50006, "Cannot send an empty message")
        text = Message(
            "0", "", "", content=draft.content, embeds=draft.embeds, components=draft.components
        ).text()
        if self._faults.blocks(text):
            raise DiscordError(400, 200000, "Message was blocked by automatic moderation")

    def _mentions(self, draft: Draft, given: dict[str, Any], channel_id: str) -> None:
        """Whom the text pings, as `allowed_mentions` lets it (Discord API docs, Allowed Mentions Object)."""
        text = f"{draft.content}\n{layouts.texts(draft.components)}"
        allowed = given.get("allowed_mentions")
        parse, named = ["users", "roles", "everyone"], set()
        if isinstance(allowed, dict):
            parse = list(allowed.get("parse") or [])
            named = {str(user) for user in allowed.get("users") or []}
        for user_id in dict.fromkeys(re.findall(r"<@!?(\d+)>", text)):
            if user_id in self._world.users and ("users" in parse or user_id in named):
                draft.mentions.append(user_id)
        channel = self._world.channels.get(channel_id)
        if "everyone" in parse and re.search(r"@(everyone|here)", text) and channel is not None:
            draft.mention_everyone = self._world.may(self._world.bot.id, channel, Permission.MENTION_EVERYONE)
