"""The pages of `/jobs history`: what is searched for, the buttons, and whose they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from repaint.models import Request
from repaint.ui.alone import BUSY, alone
from repaint.ui.held import GONE
from repaint.ui.history import NONE_YET, NOT_YOURS
from tests.unit.commands_house import ME, SOMEBODY, House, opened, others, posted

UPDATE = 6  # the type of a response that leaves the message as it is


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as one:
        yield one


def drawn(house: House, folder: Path, *prompts: str, **changes: Any) -> None:
    for number, prompt in enumerate(prompts):
        posted(house, folder, request=Request(prompt, number), side=64, **changes)


def shown(text: str, *prompts: str) -> list[str]:
    """Which of these prompts are in a text, as they are shown."""
    return [prompt for prompt in prompts if prompt in text]


CATS = tuple(f"cat {letter}" for letter in "abcdefghi")  # three pages


async def test_the_buttons_turn_the_pages_of_the_same_message(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, *CATS)
    text = await house.answer("history")
    assert shown(text, *CATS) == list(CATS[5:])
    assert house.buttons == [("◀", "history:0:-", False), ("▶", "history:2:-", True)]
    text = await house.press("history:2:-")
    assert [each["type"] for each in house.discord.callbacks] == [UPDATE]
    assert [method for method, *_ in house.discord.messages] == ["PATCH"]
    assert shown(text, *CATS) == list(CATS[1:5])
    assert len(house.files) == 4
    assert house.buttons == [("◀", "history:1:-", True), ("▶", "history:3:-", True)]
    assert shown(await house.press("history:3:-"), *CATS) == [CATS[0]]
    assert house.buttons == [("◀", "history:2:-", True), ("▶", "history:4:-", False)]


async def test_a_single_page_has_no_buttons(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, *CATS[:4])
    await house.answer("history")
    assert house.buttons == []


async def test_a_page_that_is_gone_gives_way_to_the_last_one(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, *CATS)
    for last in (9999, 4):
        assert "page 3 of 3" in await house.press(f"history:{last}:-")
    assert "page 1 of 3" in await house.press("history:0:-")
    house.store.jobs.clear()
    assert await house.press("history:2:-") == NONE_YET
    assert house.discord.messages[-1][1]["attachments"] == []


async def test_a_search_holds_on_all_its_pages(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, *CATS[:5], "a dog", "a wolf")
    text = await house.answer("history", search="  CAT ")
    assert "page 1 of 2 · “CAT”" in text
    assert shown(text, "a dog", *CATS) == list(CATS[1:5])
    [_, (_, older, _)] = house.buttons
    assert cast(Any, house.bot.drafts).kept[older.rpartition(":")[2]] == (
        ME,
        {"of": "history", "words": "CAT"},
    )
    text = await house.press(older)
    assert shown(text, "a dog", *CATS) == [CATS[0]]
    assert "page 2 of 2 · “CAT”" in text


async def test_what_is_searched_for_stays_letters(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, "a **bold** fox")
    assert "“\\*\\*bold\\*\\*”" in await house.answer("history", search="**bold**")
    text = await house.answer("history", search="<@22> *")
    assert text == "None of your finished pictures has “\\<@\u200b22\\> \\*” in its prompt."


async def test_a_search_that_finds_nothing_is_one_sentence(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, "a dog", "a dog")
    drawn(house, tmp_path, "a cat", **others())
    text = await house.answer("history", search="cat")
    assert text == "None of your finished pictures has “cat” in its prompt."
    assert "page 1 of 1" in await house.answer("history", search="   "), "blanks are no search"


async def test_only_its_owner_turns_the_pages(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, *CATS)
    assert await house.press("history:2:-", user=SOMEBODY) == NOT_YOURS
    await house.answer("history", search="cat")
    [_, (_, older, _)] = house.buttons
    assert await house.press(older, user=SOMEBODY) == NOT_YOURS
    assert await house.press(older, user=SOMEBODY, owner=SOMEBODY) == GONE, "the id of a stranger's search"


async def test_a_search_that_is_no_longer_kept_is_said_to_be(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, *CATS)
    assert await house.press("history:2:0123456789") == GONE


async def test_a_second_click_waits_for_the_first(house: House, tmp_path: Path) -> None:
    drawn(house, tmp_path, *CATS)
    with alone(ME):
        assert await house.press("history:2:-") == BUSY
    assert "page 2 of 3" in await house.press("history:2:-")
