"""Forms: modals that can be sent in after a restart of the bot, too.

A form's `custom_id` says what kind it is and what it is about (`form:KIND:REF`, REF being the id of a job or
of a draft), and what was filled in is read from Discord's own payload. So discord.py, which would forget an
open form at a restart, needs to know nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import discord
from discord import ui

from repaint.errors import RepaintError
from repaint.models import Attachment
from repaint.text import text
from repaint.ui.attempts import FAULTS, odd_answers
from repaint.ui.interactions import guarded, tell

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

OPEN_LIMIT = 2.5  # seconds: a form must be the first response, and Discord waits for three
TITLE, LABEL, LABEL_DETAIL = 45, 45, 100  # characters (Discord)
OLD_FORM = text("This form is from an older version of me. Please open it again.")
_ID = re.compile(r"form:([a-z_]+):(\w*)")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as somebody sent it in. `ref` is what it is about."""

    ref: str
    values: Mapping[str, Any]  # text, a list of chosen values, or a truth value, by the field's custom id
    attachments: Mapping[str, Attachment]  # by id

    def text(self, field: str) -> str:
        """What was written, without blanks around it; empty where nothing was."""
        value = self.values.get(field)
        return value.strip() if isinstance(value, str) else ""

    def choice(self, field: str) -> str | None:
        """What was chosen; None where nothing was."""
        value = self.values.get(field)
        if isinstance(value, list):
            return str(value[0]) if value else None
        return str(value) if isinstance(value, str) and value else None

    def picture(self, field: str) -> Attachment | None:
        """The file that was uploaded, if one was."""
        chosen = self.choice(field)
        return self.attachments.get(chosen) if chosen else None


Handler = Callable[[Interaction, Filled], Awaitable[None]]


class Forms:
    """Who is told when a form of some kind is sent in. A handler gives the interaction its first response."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def register(self, kind: str, handler: Handler) -> None:
        """Let `handler` have the forms of a kind; a later one takes the place of an earlier one."""
        self._handlers[kind] = handler

    async def sent_in(self, interaction: Interaction) -> None:
        """Hand a form to its handler, and tell whoever sent it in what went wrong."""
        data: Any = interaction.data or {}
        found = _ID.fullmatch(str(data.get("custom_id")))
        handler = self._handlers.get(found[1]) if found else None
        if handler is None or found is None:
            log.warning("interaction %s: a form %r", interaction.id, data.get("custom_id"))
            await tell(interaction, RepaintError(sentence=OLD_FORM))
            return
        ref = found[2]
        await guarded(interaction, lambda sent: handler(sent, read(ref, data)))


def read(ref: str, data: Mapping[str, Any]) -> Filled:
    """What Discord sent of a form: `components` with their values, `resolved` with the uploads."""
    values = {
        field["custom_id"]: field.get("value", field.get("values"))
        for field in _fields(data.get("components") or ())
        if "custom_id" in field
    }
    uploads: Mapping[str, Any] = (data.get("resolved") or {}).get("attachments") or {}
    attachments = {
        key: Attachment(str(each["url"]), str(each["filename"]), int(each["size"]))
        for key, each in uploads.items()
    }
    return Filled(ref, values, attachments)


def _fields(components: Any) -> Iterator[Mapping[str, Any]]:
    """The fields in a form's rows and labels."""
    for component in components:
        if "components" in component:
            yield from _fields(component["components"])
        elif "component" in component:
            yield component["component"]
        else:
            yield component


def form(kind: str, ref: str, title: str, *items: ui.Item[Any]) -> ui.Modal:
    """A form of a kind, about `ref`, with its fields."""
    made = ui.Modal(title=title[:TITLE], custom_id=f"form:{kind}:{ref}", timeout=None)
    for item in items:
        made.add_item(item)
    return made


async def open_form(interaction: Interaction, modal: ui.Modal) -> None:
    """Show a form as an interaction's first response. Where Discord does not take it, that is logged."""
    modal.stop()  # so that discord.py does not keep it for ever: `Forms` gets it
    try:
        async with asyncio.timeout(OPEN_LIMIT):
            with odd_answers():
                await interaction.response.send_modal(modal)
    except FAULTS as error:
        log.error("interaction %s got no form: %r", interaction.id, error)
