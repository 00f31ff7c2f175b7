"""How styles are shown: all that somebody can use, and a single one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord
from discord import ui

from repaint.styles import BUILT_IN, PLACE, Style
from repaint.ui.languages import Words
from repaint.ui.notices import BLURPLE
from repaint.ui.words import cut, inert, number, plain

SHEET = Path(__file__).parent / "pictures" / "styles.webp"
"""The built-in styles, each with its name below; `scripts/draw_styles.py` makes it."""

ROOM = 1500  # characters for a list; a message has 4000 for all its texts (Discord)
TEMPLATE_SHOWN = 90  # characters of a template in a list
NAME_SHOWN = 40


def styles_view(
    say: Words, *, own: Sequence[Style], server: Sequence[Style] | None, with_texts: bool = True
) -> ui.LayoutView:
    """The built-in styles on their sheet, then one's own, then the server's (None where there is none)."""
    names = ", ".join(style.name for style in BUILT_IN)
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(
        discord.MediaGalleryItem(
            f"attachment://{SHEET.name}",
            description=say("A picture of a lake in each built-in style: {names}", names=names),
        )
    )
    hint = say(
        "Choose one with `style` in `/img2img`. The examples are made by a preview engine, so what the image "
        "model paints differs."
    )
    nothing = say("None yet. `/style save` makes one.")
    parts: list[ui.Item[Any]] = [
        ui.TextDisplay(f"**{say('Built-in styles')}**\n-# {hint}"),
        gallery,
        ui.Separator(),
        ui.TextDisplay(f"**{say('Your styles')}**\n{listing(say, own, with_texts=with_texts) or nothing}"),
    ]
    if server is not None:
        none = say("None yet. Who may manage the server makes one with `/style save for_server:True`.")
        shown = listing(say, server, with_texts=with_texts) or none
        parts.append(ui.TextDisplay(f"**{say('Styles of this server')}**\n{shown}"))
    return _card(*parts)


def listing(say: Words, styles: Sequence[Style], *, with_texts: bool = True, room: int = ROOM) -> str:
    """One style a line, with its beginning where all have room for that; else as many names as fit."""
    if not with_texts:
        return say.plural("{n} style", "{n} styles", len(styles)) if styles else ""
    full = "\n".join(f"{_name(style)} · {_code(style.template, TEMPLATE_SHOWN)}" for style in styles)
    if len(full) <= room:
        return full
    names = [_name(style) for style in styles]
    for count in range(len(names), 0, -1):
        left = len(names) - count
        more = say.plural("and {n} more", "and {n} more", left) if left else ""
        found = ", ".join([*names[:count], *([more] if more else [])])
        if len(found) <= room:
            return found
    return ""


def style_view(
    say: Words, heading: str, style: Style, *notes: str, row: ui.ActionRow[ui.LayoutView] | None = None
) -> ui.LayoutView:
    """All of one style under a heading."""
    lines = [heading, f"**{inert(style.name, NAME_SHOWN)}**", block(full_template(style.template))]
    if style.negative_prompt:
        lines += [f"-# {say('without:')}", block(style.negative_prompt)]
    if values := settings(say, style):
        lines.append(f"-# {values}")
    lines += [f"-# {note}" for note in notes if note]
    parts: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(lines))]
    return _card(*parts, *([row] if row is not None else []))


def settings(say: Words, style: Style) -> str:
    """The values that a style sets besides its texts."""
    values = {
        "strength": say("strength {strength}", strength=_bold(style.strength)),
        "steps": say("steps {steps}", steps=_bold(style.steps)),
        "guidance": say("guidance {guidance}", guidance=_bold(style.guidance)),
        "sampler": say("sampler {sampler}", sampler=_bold(style.sampler)),
        "scheduler": say("scheduler {scheduler}", scheduler=_bold(style.scheduler)),
    }
    return " · ".join(value for name, value in values.items() if getattr(style, name) is not None)


def full_template(template: str) -> str:
    """As it is used: with the place for the prompt, in front where it has none."""
    return template if PLACE in template else f"{PLACE}, {template}"


def block(text: str) -> str:
    """People's text in a code block, which is inert and can be copied."""
    return f"```\n{_without_ticks(text)}\n```"


def _code(text: str, length: int) -> str:
    return f"`{cut(_without_ticks(full_template(text)), length)}`"


def _without_ticks(text: str) -> str:
    return plain(text).replace("`", "ˋ")


def _name(style: Style) -> str:
    return f"**{inert(style.name, NAME_SHOWN)}**"


def _bold(value: float | str | None) -> str:
    return f"**{inert(value, 30) if isinstance(value, str) else number(value or 0)}**"


def _card(*parts: ui.Item[Any]) -> ui.LayoutView:
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=BLURPLE)
    for part in parts:
        container.add_item(part)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
