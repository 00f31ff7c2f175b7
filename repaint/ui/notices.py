"""A sentence for one person, and what cards and lists have in common."""

from __future__ import annotations

from discord import ui

from repaint.text import text

BLURPLE, AMBER, GREEN, RED, GREY = 0x5865F2, 0xF0B132, 0x23A55A, 0xDA373C, 0x80848E
"""Discord's own colours."""

DROPPED = text("The image service cannot be stopped and may charge for it; its result is dropped.")


def notice(sentence: str) -> ui.LayoutView:
    """A view that holds nothing but this sentence."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(sentence), accent_colour=GREY))
    return view
