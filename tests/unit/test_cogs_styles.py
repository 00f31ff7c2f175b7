"""`/style` as Discord calls it: real interactions, the real command tree, a real database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from repaint.errors import DatabaseAway
from repaint.store.styles import AT_MOST, Scope
from repaint.styles import BUILT_IN, Style
from repaint.ui.languages import words
from repaint.ui.style_share import digest_of
from repaint.ui.style_views import ROOM, SHEET, listing, styles_view
from tests.contract.openapi import Document, document_path
from tests.unit.commands_server import GUILD
from tests.unit.settings_house import ME, SOMEBODY, House, button_of, contents, opened

ENGLISH = words("en")
OIL = {"name": "My oil", "prompt": "an oil of {prompt}, by night", "strength": 0.4, "sampler": "EULER"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, "cogs.styles") as one:
        yield one


async def of(house: House, scope: Scope = Scope.MEMBER, owner: int = ME) -> list[Style]:
    return await house.bot.styles.of(scope, owner)


def test_the_command_is_as_discord_documents_it_and_for_every_place(house: House) -> None:
    (command,) = [each.to_dict(house.bot.tree) for each in house.bot.tree.get_commands()]
    assert (command["name"], command["contexts"], command["integration_types"]) == (
        "style",
        [0, 1, 2],
        [0, 1],
    )
    assert [each["name"] for each in command["options"]] == ["list", "save", "share", "delete"]
    path = document_path()
    if path is None:
        pytest.skip("DISCORD_OPENAPI does not say where Discord's OpenAPI document is")
    request = {"method": "PUT", "path": "/api/v10/applications/1/commands", "query": {}, "json": [command]}
    assert Document(path).complaints(request | {"content_type": "application/json"}) == []


# list -----------------------------------------------------------------------------------------------------


async def test_the_list_has_the_examples_ones_own_and_the_servers(house: House) -> None:
    await house.bot.styles.save(Scope.MEMBER, ME, Style("mine", "in mine"))
    await house.bot.styles.save(Scope.MEMBER, SOMEBODY, Style("theirs"))
    await house.bot.styles.save(Scope.GUILD, GUILD, Style("ours", "ours of {prompt}"))
    said = await house.answer("style list")
    assert "**mine** · `{prompt}, in mine`" in said
    assert "**ours** · `ours of {prompt}`" in said
    assert "theirs" not in said
    assert house.files == {SHEET.name: SHEET.read_bytes()}
    body = json.dumps(house.discord.messages[-1][1])
    assert f"attachment://{SHEET.name}" in body
    assert all(style.name in body for style in BUILT_IN)


async def test_the_list_says_how_to_begin_and_in_a_direct_message_nothing_of_a_server(house: House) -> None:
    assert "`/style save for_server:True`" in await house.answer("style list")
    said = await house.answer("style list", guild=None)
    assert "`/style save` makes one" in said
    assert "server" not in said


@pytest.mark.parametrize("count", [0, 1, AT_MOST])
def test_a_list_fits_into_a_message_however_long_names_are(count: int) -> None:
    styles = [Style(f"{number:02}{'_*' * 19}", "`" * 600) for number in range(count)]
    view = styles_view(ENGLISH, own=styles, server=styles)
    assert view.content_length() <= 4000
    assert len(listing(ENGLISH, styles)) <= ROOM
    shown = listing(ENGLISH, styles)
    assert ("more" in shown) == (count == AT_MOST)


async def test_what_people_write_is_shown_inertly(house: House) -> None:
    await house.bot.styles.save(Scope.MEMBER, ME, Style("@everyone **x**", "```@here` <@1> {prompt}"))
    said = await house.answer("style list")
    assert "@everyone" not in said
    assert "\\*\\*x\\*\\*" in said
    assert "· `ˋˋˋ@hereˋ <@1> {prompt}`" in said, "no mark of theirs ends the code"


# save -----------------------------------------------------------------------------------------------------


async def test_a_style_is_saved_with_all_its_values_and_one_hears_who_can_read_it(house: House) -> None:
    said = await house.answer(
        "style save", **OIL, negative_prompt="no day", steps=30, guidance=6.5, scheduler="karras"
    )
    assert await of(house) == [
        Style("My oil", "an oil of {prompt}, by night", "no day", 0.4, 30, 6.5, "euler", "karras")
    ]
    assert "Saved for you" in said
    assert "in the picture's metadata" in said
    assert "```\nan oil of {prompt}, by night\n```" in said
    assert "strength **0.4** · steps **30** · guidance **6.5** · sampler **euler**" in said
    assert "takes the place" not in said


async def test_saving_again_replaces_and_says_so(house: House) -> None:
    await house.answer("style save", **OIL)
    assert "takes the place" not in await house.answer("style save", **OIL)
    assert "takes the place" in await house.answer("style save", **(OIL | {"name": "my  OIL", "prompt": "x"}))
    assert await of(house) == [Style("my OIL", "x", strength=0.4, sampler="euler")]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"name": "Oil  PAINTING"}, "`name`"),
        ({"name": "\u200b"}, "`name`"),
        ({"prompt": " \u200b "}, "`prompt`"),
        ({"prompt": "{prompt}" * 4}, "`prompt`"),
        ({"sampler": "none"}, "`sampler`"),
        ({"scheduler": "none"}, "scheduler"),
        ({"for_server": True}, "`for_server`"),
        ({"for_server": True, "guild": None, "staff": True}, "`for_server`"),
    ],
)
async def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_kept(
    house: House, options: dict[str, Any], named: str
) -> None:
    said = await house.answer("style save", **(OIL | options))
    assert named in said
    assert house.discord.callbacks[0]["type"] == 4, "the first response is the refusal"
    assert await of(house) == await of(house, Scope.GUILD, GUILD) == []


async def test_staff_saves_for_the_server(house: House) -> None:
    assert "Saved for this server" in await house.answer("style save", **OIL, for_server=True, staff=True)
    assert [style.name for style in await of(house, Scope.GUILD, GUILD)] == ["My oil"]
    assert await of(house) == []


async def test_there_is_a_most(house: House) -> None:
    for number in range(AT_MOST):
        await house.bot.styles.save(Scope.MEMBER, ME, Style(f"s{number}"))
    assert "Please delete one first" in await house.answer("style save", **OIL)


# share ----------------------------------------------------------------------------------------------------


async def test_a_shared_style_is_shown_to_all_and_pings_nobody(house: House) -> None:
    await house.answer("style save", **OIL)
    message = await house.posted("style share", name="my OIL")
    texts = "\n".join(contents(message["components"]))
    assert f"A style by <@{ME}>" in texts
    assert "an oil of {prompt}, by night" in texts
    assert message["allowed_mentions"]["parse"] == []
    assert len(button_of(message)["custom_id"]) <= 100


async def test_others_keep_a_shared_style_by_its_button_even_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path, "cogs.styles") as house:
        await house.answer("style save", **OIL)
        button = button_of(await house.posted("style share", name="My oil"))["custom_id"]
    async with opened(tmp_path, "cogs.styles") as house:
        assert "yours now" in await house.press(button, user=SOMEBODY)
        assert await of(house, owner=SOMEBODY) == await of(house)
        assert "already" in await house.press(button, user=SOMEBODY)
        assert "your own style" in await house.press(button, user=ME)


async def test_the_button_keeps_what_the_message_shows_or_nothing(house: House) -> None:
    await house.answer("style save", **OIL)
    button = button_of(await house.posted("style share", name="My oil"))["custom_id"]
    await house.answer("style save", **(OIL | {"prompt": "something else"}))
    assert "changed or deleted" in await house.press(button, user=SOMEBODY)
    await house.answer("style delete", name="My oil")
    assert "changed or deleted" in await house.press(button, user=SOMEBODY)
    assert await of(house, owner=SOMEBODY) == []


async def test_ones_own_style_of_the_same_name_is_not_overwritten_by_a_button(house: House) -> None:
    await house.answer("style save", **OIL)
    mine = Style("MY OIL", "my own")
    await house.bot.styles.save(Scope.MEMBER, SOMEBODY, mine)
    button = button_of(await house.posted("style share", name="My oil"))["custom_id"]
    assert "another style" in await house.press(button, user=SOMEBODY)
    assert await of(house, owner=SOMEBODY) == [mine]


async def test_staff_gives_a_style_to_the_server_or_only_shows_it(house: House) -> None:
    await house.answer("style save", **OIL)
    await house.posted("style share", name="my oil", staff=True)
    assert await of(house, Scope.GUILD, GUILD) == []
    given = {"name": "my oil", "staff": True, "for_server": True}
    assert "Everyone on this server" in await house.answer("style share", **given)
    assert await of(house, Scope.GUILD, GUILD) == await of(house)
    assert "already" in await house.answer("style share", **given)


async def test_the_servers_style_of_the_same_name_is_not_overwritten_by_sharing(house: House) -> None:
    await house.answer("style save", **OIL)
    await house.bot.styles.save(Scope.GUILD, GUILD, Style("my oil", "ours"))
    assert "another style" in await house.answer("style share", name="my oil", staff=True, for_server=True)
    assert await of(house, Scope.GUILD, GUILD) == [Style("my oil", "ours")]


@pytest.mark.parametrize(
    ("options", "words_of_it"),
    [
        ({"name": "none such"}, "You have no style “none such”"),
        ({"name": "anime"}, "built-in"),
        ({"name": "My oil", "for_server": True}, "`for_server`"),
        ({"name": "My oil", "app_permissions": "0"}, "Send Messages"),
    ],
)
async def test_what_cannot_be_shared_is_said_to_the_asker_alone(
    house: House, options: dict[str, Any], words_of_it: str
) -> None:
    await house.answer("style save", **OIL)
    assert words_of_it in await house.answer("style share", **options)


# delete ---------------------------------------------------------------------------------------------------


async def test_one_deletes_ones_own_and_staff_the_servers(house: House) -> None:
    await house.answer("style save", **OIL)
    await house.answer("style save", **OIL, for_server=True, staff=True)
    assert "`for_server`" in await house.answer("style delete", name="my oil", for_server=True)
    assert "is deleted" in await house.answer("style delete", name="my oil", for_server=True, staff=True)
    assert len(await of(house)) == 1
    assert "is deleted" in await house.answer("style delete", name="MY oil")
    assert await of(house) == []
    assert "You have no style" in await house.answer("style delete", name="MY oil")
    said = await house.answer("style delete", name="my oil", for_server=True, staff=True)
    assert "This server has no style" in said
    assert "built-in" in await house.answer("style delete", name="Anime")


# Autocompletion, and records that are away ----------------------------------------------------------------


async def test_names_are_offered_where_they_can_be_used(house: House) -> None:
    for name in ("oil at night", "cold oil", "Oil"):
        await house.bot.styles.save(Scope.MEMBER, ME, Style(name))
    await house.bot.styles.save(Scope.GUILD, GUILD, Style("oil of ours"))
    for command in ("save", "share", "delete"):
        assert await house.choices(f"style {command}", "name", name="OIL") == [
            "Oil",
            "oil at night",
            "cold oil",
        ]
    for command in ("save", "delete"):
        options = {"name": "", "for_server": True}
        assert await house.choices(f"style {command}", "name", **options) == []
        assert await house.choices(f"style {command}", "name", staff=True, **options) == ["oil of ours"]
    assert "euler" in await house.choices("style save", "sampler", sampler="eul")


async def test_more_than_discord_takes_are_not_offered(house: House) -> None:
    for number in range(AT_MOST):
        await house.bot.styles.save(Scope.MEMBER, ME, Style(f"s{number}"))
    assert len(await house.choices("style delete", "name", name="")) == 25


@pytest.mark.parametrize(
    ("command", "options"),
    [("list", {}), ("save", OIL), ("share", {"name": "x"}), ("delete", {"name": "x"})],
)
async def test_records_that_are_away_are_told(
    house: House, monkeypatch: pytest.MonkeyPatch, command: str, options: dict[str, Any]
) -> None:
    async def away(*_: Any) -> None:
        raise DatabaseAway("in this test")

    for name in ("of", "save", "delete"):
        monkeypatch.setattr(house.bot.styles, name, away)
    assert "cannot reach my records" in await house.answer(f"style {command}", **options)
    assert await house.choices("style delete", "name", name="") == []


# The parts ------------------------------------------------------------------------------------------------


def test_a_digest_tells_any_two_styles_apart() -> None:
    styles = [
        Style("a"),
        Style("b"),
        Style("a", "x"),
        Style("a", strength=0.5),
        Style("a", negative_prompt=""),
    ]
    assert len({digest_of(style) for style in styles}) == len(styles)
    assert digest_of(Style("a")) == digest_of(Style("a"))


def test_the_sheet_is_small_and_can_be_read() -> None:
    assert SHEET.stat().st_size < 250_000
    with Image.open(SHEET) as picture:
        assert picture.width >= 900
