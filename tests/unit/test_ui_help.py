"""The tour of `/help`: it names all there is, and it fits into a message in every language."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from discord import app_commands
from PIL import Image

from embedded.engine import Paint
from embedded.preview import paint
from repaint.ui.help_view import PAGES, TOUR, Speaker, help_view, pictures_of
from repaint.ui.languages import LANGUAGES, words
from scripts import draw_styles, draw_tour
from scripts.sentences import tree
from tests.unit.settings_house import House, contents, opened

NUMBERS = range(len(PAGES))
IDS = 1_300_000_000_000_000_000  # as long as Discord's are
TEXT, COMPONENTS = 4000, 40  # characters and components of a message (Discord)
TOLERANCE = 5.0  # of 255: WebP loses a little
FILLED = 0.9  # of the text, at most


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, "cogs.help") as one:
        yield one


def _speaker(**ids: int) -> Speaker:
    return Speaker(words("en"), ids)


def _components(of: Speaker, page: int) -> list[dict[str, Any]]:
    return help_view(of, page).to_components()  # type: ignore[no-untyped-call, no-any-return]


def _count(components: list[dict[str, Any]]) -> int:
    return sum(1 + _count(each.get("components", [])) for each in components)


async def _named() -> tuple[set[str], set[str]]:
    """The commands to be typed, and those in a message's menu."""
    commands = await tree()
    typed = {
        each.qualified_name for each in commands.walk_commands() if isinstance(each, app_commands.Command)
    }
    menus = {each.name for each in commands.get_commands() if isinstance(each, app_commands.ContextMenu)}
    return typed, menus


async def test_every_command_is_named() -> None:
    said = "\n".join(text for page in NUMBERS for text in contents(_components(_speaker(), page)))
    typed, menus = await _named()
    assert {name for name in typed if f"`/{name}`" not in said} == set()
    assert {name for name in menus if f"**{name}**" not in said} == set()


async def test_what_the_help_names_can_be_clicked_where_it_is_registered() -> None:
    typed, _ = await _named()
    ids = {name.partition(" ")[0]: IDS for name in typed}
    said = "\n".join(text for page in NUMBERS for text in contents(_components(_speaker(**ids), page)))
    assert "`/" not in said
    assert {name for name in typed if f"</{name}:{IDS}>" not in said} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", NUMBERS)
async def test_every_page_fits_into_a_message(language: str, page: int) -> None:
    typed, _ = await _named()
    shown = _components(Speaker(words(language), {name.partition(" ")[0]: IDS for name in typed}), page)
    assert sum(map(len, contents(shown))) <= FILLED * TEXT
    assert _count(shown) <= COMPONENTS
    [row] = [each for each in shown[0]["components"] if each["type"] == 1]
    assert all(1 <= len(button["label"]) <= 80 for button in row["components"])
    assert [button["disabled"] for button in row["components"]] == [number == page for number in NUMBERS]


@pytest.mark.parametrize("page", NUMBERS)
def test_every_picture_of_a_page_is_sent_with_it(page: int) -> None:
    galleries = [each for each in _components(_speaker(), page)[0]["components"] if each["type"] == 12]
    shown = [item["media"]["url"] for gallery in galleries for item in gallery["items"]]
    assert shown == [f"attachment://{name}" for _, name in pictures_of(page)]
    assert all(path.is_file() for path, _ in pictures_of(page))


def test_the_tours_picture_is_the_one_that_its_script_draws() -> None:
    assert draw_tour.TOUR == TOUR
    asked, buffer = draw_tour.REQUEST, io.BytesIO()
    draw_styles.original().save(buffer, "PNG")
    done = paint(
        Paint(
            image=buffer.getvalue(),
            prompt=asked.prompt,
            negative_prompt=asked.negative_prompt,
            strength=asked.strength,
            guidance=asked.guidance,
            steps=asked.steps,
            seed=asked.seed,
        )
    )
    drawn = draw_tour.tour(Image.open(io.BytesIO(done)).convert("RGB"))
    one, other = (
        np.asarray(each.convert("RGB").resize((160, 60), Image.Resampling.BOX), np.float32)
        for each in (Image.open(TOUR), drawn)
    )
    assert np.abs(one - other).mean() < TOLERANCE, "draw it anew: python -m scripts.draw_tour"


async def test_the_help_is_for_the_asker_alone_and_for_every_place(house: House) -> None:
    said = await house.answer("help")
    assert "`/img2img` repaints a picture" in said
    assert house.discord.callbacks == [{"type": 5, "data": {"flags": 64}}]
    (command,) = [each.to_dict(house.bot.tree) for each in house.bot.tree.get_commands()]
    assert (command["contexts"], command["integration_types"]) == ([0, 1, 2], [0, 1])
