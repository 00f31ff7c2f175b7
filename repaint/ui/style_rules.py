"""Whose style is meant, who may keep the server's, and which names are taken."""

from __future__ import annotations

from typing import Any

import discord

from repaint.errors import RequestError
from repaint.store.styles import Scope
from repaint.styles import Style, find_built_in, key_of
from repaint.text import Text, text
from repaint.ui.words import inert

NAME_SHOWN = 40
NO_STAFF = text(
    "Only people who may manage the server (permission Manage Server) can use `for_server`, and only in a "
    "server. Please leave that option out."
)


def is_staff(interaction: discord.Interaction[Any]) -> bool:
    """Whether the asker may keep the styles of the server where this happens."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild


def whose(interaction: discord.Interaction[Any], *, for_server: bool) -> tuple[Scope, int]:
    """Where a style belongs. Raises RequestError where the asker may not have it there."""
    if not for_server:
        return Scope.MEMBER, interaction.user.id
    if interaction.guild_id is None or not is_staff(interaction):
        raise RequestError(sentence=NO_STAFF)
    return Scope.GUILD, interaction.guild_id


def of_name(styles: list[Style], name: str) -> Style | None:
    """The one with this name, in upper or lower case."""
    return next((each for each in styles if key_of(each.name) == key_of(name)), None)


def not_there(name: str, scope: Scope) -> Text:
    """What to say where there is no style of a name."""
    shown = inert(name, NAME_SHOWN)
    if find_built_in(name) is not None:
        return text(
            "“{name}” is a built-in style, which stays as it is. Please choose another `name`.", name=shown
        )
    if scope is Scope.GUILD:
        return text(
            "This server has no style “{name}”. Please pick one of those that Discord lists while you type "
            "in `name`.",
            name=shown,
        )
    return text(
        "You have no style “{name}”. Please pick one of those that Discord lists while you type in `name`.",
        name=shown,
    )


def check_not_built_in(name: str) -> None:
    """Raise RequestError where a built-in style has this name."""
    if (style := find_built_in(name)) is not None:
        raise RequestError(
            sentence=text(
                "“{name}” is a built-in style. Please choose another `name` for yours.",
                name=inert(style.name, NAME_SHOWN),
            )
        )


def check_free(style: Style, there: Style | None, scope: Scope) -> None:
    """Raise RequestError where one of its name is there: sharing overwrites nothing."""
    if there is None:
        return
    name = inert(style.name, NAME_SHOWN)
    if scope is Scope.GUILD:
        same = text("This server has the style “{name}” already.", name=name)
        other = text(
            "This server has another style “{name}” already. Please delete that one first, with "
            "`/style delete` and `for_server`, or save yours under another `name`.",
            name=name,
        )
    else:
        same = text("You have the style “{name}” already.", name=name)
        other = text(
            "You have another style “{name}” already. Please delete that one first, with `/style delete`.",
            name=name,
        )
    raise RequestError(sentence=same if there == style else other)
