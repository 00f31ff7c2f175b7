"""A sentence for one person."""

from __future__ import annotations

from discord import ui

GREY = 0x80848E


def notice(sentence: str) -> ui.LayoutView:
    """A view that holds nothing but this sentence."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(sentence), accent_colour=GREY))
    return view
