"""`/help`: a short tour of some pages, with pictures and with buttons that turn the pages.

A button knows its page and nothing else, so it works after a restart, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias

import discord
from discord import ui

from repaint.ui.buttons import (
    AdjustButton,
    AgainButton,
    CancelButton,
    CompareButton,
    ContinueButton,
    DeleteButton,
    JobButton,
    RetryButton,
    SeedButton,
    ShareButton,
    SofterButton,
    StrongerButton,
)
from repaint.ui.buttons.base import acknowledged
from repaint.ui.interactions import guarded, origin_of
from repaint.ui.languages import Words, own_words
from repaint.ui.notices import BLURPLE
from repaint.ui.reply import Known, Reply
from repaint.ui.shelf import answer
from repaint.ui.style_views import SHEET
from repaint.ui.translator import NAME

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

TOUR = Path(__file__).parent / "pictures" / "tour.webp"
"""A picture and what became of it; `scripts/draw_tour.py` makes it."""

MENU = "Repaint this image"  # as the command of a message's menu is registered


class Speaker(NamedTuple):
    """Says sentences, and names commands so that a click begins them where their ids are known."""

    say: Words
    ids: Mapping[str, int] = {}

    def command(self, name: str) -> str:
        """A command or sub-command, such as ``"jobs list"``."""
        number = self.ids.get(name.partition(" ")[0])
        if number is not None:
            return f"</{name}:{number}>"
        return f"`/{' '.join(self.say.in_context(NAME, word) or word for word in name.split())}`"

    @property
    def menu(self) -> str:
        """The command in a message's menu, as Discord shows it."""
        return f"**{self.say.in_context(NAME, MENU) or MENU}**"

    def line(self, sentence: str, *kinds: type[JobButton]) -> str:
        """What buttons do, behind how they look."""
        return f"{' '.join(filter(None, [kinds[0].emoji, self._labels(kinds)]))} · {sentence}"

    def _labels(self, kinds: Sequence[type[JobButton]]) -> str:
        return " / ".join(f"**{kind.label(self.say)}**" for kind in kinds)


class Page(NamedTuple):
    """A page of the tour. `title` is on its button, too."""

    title: Callable[[Words], str]
    paragraphs: Callable[[Speaker], Sequence[str]]
    picture: Path | None = None
    alt: Callable[[Words], str] = lambda _: ""


def _first(of: Speaker) -> list[str]:
    say = of.say
    return [
        say(
            "{img2img} repaints a picture that you attach, as your prompt describes it. `strength` says how "
            "far the result may move away from the picture, `style` gives it a look, `private` keeps the "
            "reply for you alone, and `spoiler` covers the result.",
            img2img=of.command("img2img"),
        ),
        say(
            "{repaint} asks for the same in a form, if you do not like options.",
            repaint=of.command("repaint"),
        ),
        say(
            "{menu} is in the menu of every message: right-click it, or hold it on a phone, and choose "
            "“Apps”. It repaints what somebody posted, and says whose picture it is.",
            menu=of.menu,
        ),
        say(
            "The reply shows where your picture is in the queue and how far it is, and then the result. All "
            "of this works in servers, threads, group chats and direct messages, also where I am not a "
            "member if you add me to your own apps."
        ),
    ]


def _second(of: Speaker) -> list[str]:
    say = of.say
    lines = [
        of.line(say("the same with another seed"), AgainButton),
        of.line(say("a step nearer to the picture, or further away"), SofterButton, StrongerButton),
        of.line(say("change the prompt and all values in a form"), AdjustButton),
        of.line(say("repaint the result"), ContinueButton),
        of.line(say("before and after, for your eyes alone"), CompareButton),
        of.line(say("the same values for another picture"), SeedButton),
        of.line(say("post it in the server's gallery, if it has one"), ShareButton),
        of.line(say("the message and its pictures go"), DeleteButton),
        of.line(say("while it waits or is painted"), CancelButton),
        of.line(say("once more, where it failed"), RetryButton),
    ]
    return [
        "\n".join(lines),
        say(
            "Whoever sees a picture may continue from it and use its seed; what needs the original is for "
            "the person who asked, unless that was posted. Cancelling and deleting is for moderators, too. "
            "What makes another picture makes a message of your own and leaves the first one as it is."
        ),
    ]


def _third(of: Speaker) -> list[str]:
    say = of.say
    return [
        say(
            "{list} shows all styles; {save} keeps one of your own, {share} gives it to others, and {delete} "
            "takes it away. A style is a text around your prompt, with values of its own.",
            list=of.command("style list"),
            save=of.command("style save"),
            share=of.command("style share"),
            delete=of.command("style delete"),
        ),
        say(
            "{history} has your finished pictures, and searches their prompts. {list} shows what is under "
            "way, {show} all about one picture, and {cancel} ends one.",
            history=of.command("jobs history"),
            list=of.command("jobs list"),
            show=of.command("jobs show"),
            cancel=of.command("jobs cancel"),
        ),
        say(
            "{reproduce} reads from a file how it was made, also by the Stable Diffusion web UI or ComfyUI, "
            "and repaints with the same values.",
            reproduce=of.command("reproduce"),
        ),
    ]


def _fourth(of: Speaker) -> list[str]:
    say = of.say
    return [
        say(
            "{preferences} sets your usual strength and style, private replies, the language of your cards, "
            "and a mention where a picture took long.",
            preferences=of.command("preferences"),
        ),
        say(
            "{out} keeps others from repainting your pictures, {into} allows it again, and {status} says "
            "what is kept about you.",
            out=of.command("privacy opt-out"),
            into=of.command("privacy opt-in"),
            status=of.command("privacy status"),
        ),
        say(
            "{set}, {show} and {off} are for whoever manages a server: the channel where finished pictures "
            "can be shared.",
            set=of.command("gallery set"),
            show=of.command("gallery show"),
            off=of.command("gallery off"),
        ),
        say(
            "**If something does not work**, one sentence says why, and which option to change. What is "
            "wrong with your picture or your options only you see. A card that says {failed} has {retry}, "
            "which asks again with the same values. What takes too long comes by direct message, and is in "
            "{history}.",
            failed=f"❌ **{say('Failed')}**",
            retry=f"**{RetryButton.label(say)}**",
            history=of.command("jobs history"),
        ),
        "-# " + say("{help} shows this again.", help=of.command("help")),
    ]


PAGES = (
    Page(
        lambda say: say("Repaint a picture"),
        _first,
        TOUR,
        lambda say: say("A drawn lake with a house, and the same as a watercolour at sunset"),
    ),
    Page(lambda say: say("The buttons below a picture"), _second),
    Page(
        lambda say: say("Styles and history"),
        _third,
        SHEET,
        lambda say: say("A picture of a lake in each built-in style"),
    ),
    Page(lambda say: say("Your settings, and errors"), _fourth),
)


class HelpButton(ui.DynamicItem[ui.Button[Any]], template=rf"help:(?P<page>[0-{len(PAGES) - 1}])"):
    """Shows a page of the tour in the same message."""

    def __init__(self, page: int, say: Words, *, current: bool = False) -> None:
        super().__init__(
            ui.Button(
                label=PAGES[page].title(say),
                style=discord.ButtonStyle.primary if current else discord.ButtonStyle.secondary,
                disabled=current,
                custom_id=f"help:{page}",
            )
        )
        self.page = page

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        made = cls.__new__(cls)
        ui.DynamicItem.__init__(made, item)
        made.page = int(match["page"])
        return made

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await guarded(interaction, self._turn)

    async def _turn(self, interaction: Interaction) -> None:
        if not await acknowledged(interaction):
            return
        # The message that is clicked is the click's `@original`.
        reply = Reply(interaction.client, origin_of(interaction, None, ephemeral=True), Known())
        speaker = Speaker(own_words(interaction), interaction.client.command_ids)
        await answer(reply, lambda _: help_view(speaker, self.page), pictures_of(self.page))


def help_view(of: Speaker, page: int = 0) -> ui.LayoutView:
    """A page of the tour, with the buttons to all of them."""
    shown = PAGES[page]
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=BLURPLE)
    container.add_item(ui.TextDisplay(f"## {shown.title(of.say)}"))
    if shown.picture is not None:
        item = discord.MediaGalleryItem(f"attachment://{shown.picture.name}", description=shown.alt(of.say))
        container.add_item(ui.MediaGallery(item))
    container.add_item(ui.TextDisplay("\n\n".join(shown.paragraphs(of))))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for number in range(len(PAGES)):
        row.add_item(HelpButton(number, of.say, current=number == page))
    container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def pictures_of(page: int) -> list[tuple[Path, str]]:
    """The files that a page shows (path, name)."""
    picture = PAGES[page].picture
    return [] if picture is None else [(picture, picture.name)]
