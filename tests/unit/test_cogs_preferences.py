"""`/preferences` and `/privacy` as Discord calls them, with a real database behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from repaint.errors import DatabaseAway
from repaint.models import Preferences
from repaint.store.styles import Scope
from repaint.styles import Style
from repaint.ui.languages import LANGUAGES
from tests.contract.openapi import Document, document_path
from tests.unit.commands_server import GUILD
from tests.unit.settings_house import ME, SOMEBODY, House, opened

ALL = {"strength": 0.4, "style": "ANIME", "private": True, "language": "de", "mention": True}
SET = Preferences(0.4, "anime", private=True, language="de", mention=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, "cogs.preferences") as one:
        yield one


@pytest.fixture
async def privacy(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, "cogs.privacy") as one:
        yield one


@pytest.mark.parametrize("name", ["preferences", "privacy"])
async def test_the_command_is_as_discord_documents_it_and_for_every_place(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path, f"cogs.{name}") as house:
        (command,) = [each.to_dict(house.bot.tree) for each in house.bot.tree.get_commands()]
    assert (command["name"], command["contexts"], command["integration_types"]) == (name, [0, 1, 2], [0, 1])
    path = document_path()
    if path is None:
        pytest.skip("DISCORD_OPENAPI does not say where Discord's OpenAPI document is")
    request = {"method": "PUT", "path": "/api/v10/applications/1/commands", "query": {}, "json": [command]}
    assert Document(path).complaints(request | {"content_type": "application/json"}) == []


def test_all_languages_can_be_chosen_and_all_preferences_reset(house: House) -> None:
    (command,) = [each.to_dict(house.bot.tree) for each in house.bot.tree.get_commands()]
    choices = {
        option["name"]: [choice["value"] for choice in option["choices"]]
        for option in command["options"]
        if option.get("choices")
    }
    assert choices == {"language": [*LANGUAGES], "reset": ["everything", *ALL]}


async def test_without_options_it_changes_nothing_and_shows_what_is_set(house: House) -> None:
    said = await house.answer("preferences")
    assert "Strength: 0.7 (as usual)" in said
    assert "Style: none" in said
    assert "no mention" in said
    assert "is saved" not in said
    await house.bot.people.change_preferences(ME, lambda _: SET)
    said = await house.answer("preferences", guild=None)
    for shown in ("**0.4**", "**anime**", "only you see them", "**Deutsch**", "mentions you"):
        assert shown in said
    assert house.bot.people.preferences(ME) == SET


async def test_what_is_given_is_set_and_the_rest_stays(house: House) -> None:
    assert "are saved" in await house.answer("preferences", **ALL)
    assert house.bot.people.preferences(ME) == SET
    await house.answer("preferences", strength=0.0, private=False)
    assert house.bot.people.preferences(ME) == Preferences(0.0, "anime", language="de", mention=True)
    assert house.bot.people.preferences(SOMEBODY) == Preferences()


@pytest.mark.parametrize(
    ("reset", "left"),
    [
        ("everything", Preferences()),
        ("strength", Preferences(None, "anime", private=True, language="de", mention=True)),
        ("style", Preferences(0.4, None, private=True, language="de", mention=True)),
        ("private", Preferences(0.4, "anime", language="de", mention=True)),
        ("language", Preferences(0.4, "anime", private=True, mention=True)),
        ("mention", Preferences(0.4, "anime", private=True, language="de")),
    ],
)
async def test_one_of_them_or_everything_goes_back_to_what_is_usual(
    house: House, reset: str, left: Preferences
) -> None:
    await house.bot.people.change_preferences(ME, lambda _: SET)
    assert "are saved" in await house.answer("preferences", reset=reset)
    assert house.bot.people.preferences(ME) == left


async def test_what_is_given_beside_a_reset_is_set_after_it(house: House) -> None:
    await house.bot.people.change_preferences(ME, lambda _: SET)
    await house.answer("preferences", reset="everything", strength=0.9)
    assert house.bot.people.preferences(ME) == Preferences(0.9)


async def test_a_style_must_be_there(house: House) -> None:
    await house.bot.styles.save(Scope.GUILD, GUILD, Style("Of ours"))
    said = await house.answer("preferences", style="none such", strength=0.1)
    assert "There is no style “none such”" in said
    assert house.bot.people.preferences(ME) == Preferences(), "all or nothing"
    await house.answer("preferences", style="OF ours")
    assert house.bot.people.preferences(ME).style == "Of ours"
    assert await house.choices("preferences", "style", style="OF") == ["Of ours"]
    assert "There is no style" in await house.answer("preferences", style="OF ours", guild=None)


async def test_somebodys_words_are_shown_inertly(house: House) -> None:
    await house.bot.people.change_preferences(ME, lambda _: Preferences(style="@everyone **x**"))
    said = await house.answer("preferences")
    assert "@everyone" not in said
    assert "\\*\\*x\\*\\*" in said


# /privacy -------------------------------------------------------------------------------------------------


async def test_one_keeps_others_from_ones_pictures_and_allows_it_again(privacy: House) -> None:
    assert "Others can repaint" in await privacy.answer("privacy status")
    assert "Nobody else can repaint" in await privacy.answer("privacy opt-out", guild=None)
    people = privacy.bot.people
    assert [people.has_opted_out(each) for each in (ME, SOMEBODY)] == [True, False]
    assert "Nobody else can repaint" in await privacy.answer("privacy status")
    assert "Others can repaint" in await privacy.answer("privacy opt-in")
    assert not people.has_opted_out(ME)


async def test_the_status_says_what_is_kept_and_how_long(privacy: House) -> None:
    said = await privacy.answer("privacy status")
    assert "for 30 days, and its pictures for 1 day;" in said
    assert "preferences, your styles" in said


@pytest.mark.parametrize(
    ("extension", "command", "options"),
    [
        ("preferences", "preferences", {"strength": 0.5}),
        ("privacy", "privacy opt-out", {}),
        ("privacy", "privacy opt-in", {}),
    ],
)
async def test_a_change_that_is_not_kept_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extension: str, command: str, options: dict[str, Any]
) -> None:
    async def away(*_: Any) -> None:
        raise DatabaseAway("in this test")

    async with opened(tmp_path, f"cogs.{extension}") as house:
        for name in ("change_preferences", "set_opted_out"):
            monkeypatch.setattr(house.bot.people, name, away)
        assert "cannot reach my records" in await house.answer(command, **options)
        assert house.bot.people.preferences(ME) == Preferences()
