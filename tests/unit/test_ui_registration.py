"""Commands are registered anew only when they differ from what Discord has."""

from typing import Any, cast

import discord
import pytest
from discord import app_commands

from repaint.ui.registration import differ, register

OURS: dict[str, Any] = {
    "name": "img2img",
    "description": "Repaint a picture",
    "type": 1,
    "nsfw": False,
    "contexts": [1, 0],
    "integration_types": [0],
    "default_member_permissions": None,
    "options": [
        {"type": 11, "name": "image", "description": "The picture", "required": True},
        {
            "type": 3,
            "name": "scheduler",
            "description": "The schedule",
            "required": False,
            "choices": [{"name": "normal", "value": "normal"}, {"name": "karras", "value": "karras"}],
        },
    ],
}
THEIRS: dict[str, Any] = OURS | {
    "id": "1",
    "application_id": "2",
    "version": "3",
    "name_localizations": None,
    "description_localizations": {},
    "name_localized": "img2img",
    "dm_permission": True,
    "contexts": [0, 1],
    "options": [
        {"type": 11, "name": "image", "description": "The picture", "required": True},
        {
            "type": 3,
            "name": "scheduler",
            "description": "The schedule",
            "choices": [
                {"name": "normal", "value": "normal", "name_localizations": None},
                {"name": "karras", "value": "karras"},
            ],
        },
    ],
}


def test_what_discord_adds_makes_no_difference() -> None:
    assert not differ([OURS], [THEIRS])


def test_the_order_of_commands_makes_no_difference() -> None:
    other = {"name": "help", "description": "Help", "type": 1}
    assert not differ([OURS, other], [other, THEIRS])


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Repaint"},
        {"options": list(reversed(OURS["options"]))},
        {"options": OURS["options"][:1]},
        {"contexts": [0]},
        {"nsfw": True},
        {"default_member_permissions": "32"},
        {"name": "repaint"},
        {"name_localizations": {"de": "neumalen"}},
    ],
)
def test_a_real_change_is_a_difference(change: dict[str, Any]) -> None:
    assert differ([OURS | change], [THEIRS])
    assert differ([OURS], [THEIRS | change])


def test_a_missing_or_a_foreign_command_is_a_difference() -> None:
    assert differ([OURS], [])
    assert differ([OURS], [THEIRS, {"name": "old", "description": "Old"}])


@pytest.mark.parametrize("place", ["option", "choice"])
def test_a_localisation_of_a_part_is_a_difference(place: str) -> None:
    image, scheduler = OURS["options"]
    if place == "option":
        image = image | {"description_localizations": {"de": "Das Bild"}}
    else:
        first, *others = scheduler["choices"]
        scheduler = scheduler | {"choices": [first | {"name_localizations": {"de": "üblich"}}, *others]}
    assert differ([OURS | {"options": [image, scheduler]}], [THEIRS])


def test_a_menu_has_an_empty_description_at_discord() -> None:
    menu = {"type": 3, "name": "Repaint this image", "name_localizations": {}}
    assert not differ([menu], [menu | {"description": "", "name_localizations": None}])


# With what is registered ----------------------------------------------------------------------------------


class Translator(app_commands.Translator):
    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, _: app_commands.TranslationContextTypes
    ) -> str | None:
        return {"paint": "malen"}.get(string.message) if locale is discord.Locale.german else None


class Registered:
    """Discord's list of commands, and discord.py's way to it."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []
        self.overwritten = 0

    async def request(self, route: discord.http.Route, *, params: dict[str, str]) -> list[dict[str, Any]]:
        assert (route.method, route.path) == ("GET", "/applications/{id}/commands")
        assert params == {"with_localizations": "true"}
        return [{"id": "1", "application_id": "7", "version": "1"} | each for each in self.commands]

    async def bulk_upsert_global_commands(
        self, _: int, *, payload: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        self.commands = payload
        self.overwritten += 1
        return [{"id": "1"} | each for each in payload]


async def tree_of(
    registered: Registered, translator: app_commands.Translator | None = None
) -> app_commands.CommandTree[discord.Client]:
    """A tree of one command."""
    client = discord.Client(intents=discord.Intents.none())
    client.http = cast("Any", registered)
    tree = app_commands.CommandTree(client)
    await tree.set_translator(translator)

    @tree.command(description="Paint a picture")
    async def paint(interaction: discord.Interaction, prompt: str) -> None:
        """Nobody calls it."""

    return tree


async def test_localisations_are_registered_once() -> None:
    registered = Registered()
    assert (await register(await tree_of(registered), 7)).has_changed
    assert (await register(await tree_of(registered, Translator()), 7)).has_changed
    assert registered.commands[0]["name_localizations"] == {"de": "malen"}
    assert not (await register(await tree_of(registered, Translator()), 7)).has_changed
    assert registered.overwritten == 2
    assert (await register(await tree_of(registered), 7)).has_changed  # taken away where there are none now


async def test_the_ids_of_the_commands_are_known_whether_they_were_there_or_not() -> None:
    registered = Registered()
    for _ in range(2):
        assert (await register(await tree_of(registered), 7)).ids == {"paint": 1}
