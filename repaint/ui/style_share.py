"""A style that somebody shows to others, with a button by which they keep it.

The button knows whose style it is and what was in it when it was shown (`savestyle:OWNER:DIGEST`), so it
works after a restart, too, and never saves anything else than what stands in the message.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord
from discord import ui

from repaint.errors import RequestError
from repaint.store.styles import Scope
from repaint.styles import Style
from repaint.text import Text, text
from repaint.ui.held import soon
from repaint.ui.interactions import guarded, whisper
from repaint.ui.languages import Words, own_words
from repaint.ui.notices import notice
from repaint.ui.style_rules import NAME_SHOWN, check_free, of_name
from repaint.ui.style_views import style_view
from repaint.ui.words import inert

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

CHANGED = text("This style was changed or deleted since. Please ask for it to be shared again.")
YOURS = text("This is your own style: you have it already.")


class SaveStyleButton(
    ui.DynamicItem[ui.Button[Any]], template=r"savestyle:(?P<owner>[0-9]{1,20}):(?P<digest>[0-9a-f]{16})"
):
    """Keeps the style for whoever presses."""

    def __init__(self, owner_id: int, digest: str, say: Words) -> None:
        super().__init__(
            ui.Button(
                label=say("Save for me"),
                emoji="💾",
                style=discord.ButtonStyle.primary,
                custom_id=f"savestyle:{owner_id}:{digest}",
            )
        )
        self.owner_id = owner_id
        self.digest = digest

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        made = cls.__new__(cls)
        ui.DynamicItem.__init__(made, item)
        made.owner_id, made.digest = int(match["owner"]), match["digest"]
        return made

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await guarded(interaction, self._save)

    async def _save(self, interaction: Interaction) -> None:
        if interaction.user.id == self.owner_id:
            raise RequestError(sentence=YOURS)
        styles = interaction.client.styles
        shared = await soon(styles.of(Scope.MEMBER, self.owner_id))
        style = next((each for each in shared if digest_of(each) == self.digest), None)
        if style is None:
            raise RequestError(sentence=CHANGED)
        own = await soon(styles.of(Scope.MEMBER, interaction.user.id))
        check_free(style, of_name(own, style.name), Scope.MEMBER)
        await soon(styles.save(Scope.MEMBER, interaction.user.id, style))
        say = own_words(interaction)
        await whisper(interaction, notice(say(saved_sentence(style))))


def saved_sentence(style: Style) -> Text:
    """Where to find it from now on."""
    return text(
        "The style “{name}” is yours now: choose it with `style` in `/img2img`.",
        name=inert(style.name, NAME_SHOWN),
    )


def digest_of(style: Style) -> str:
    """The same for the same name and content, and for no other."""
    written = json.dumps(dataclasses.asdict(style), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def shared_view(say: Words, owner_id: int, style: Style) -> ui.LayoutView:
    """The style for everyone to see and keep. The owner's name pings nobody."""
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(SaveStyleButton(owner_id, digest_of(style), say))
    heading = say("🎨 A style by {user}", user=f"<@{owner_id}>")
    return style_view(say, heading, style, row=row)
