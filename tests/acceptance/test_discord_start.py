"""A bot that was just started: its commands are registered once, its first job shows how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.asker import Asker, shown
from tests.acceptance.discord_side import all_over, edits, sent
from tests.acceptance.house import TOKEN, House, no_traceback

STATE_SECONDS = 0.5  # between two edits at the least
PROGRESS_SECONDS = 4.0  # between two edits that only move the bar
SLACK = 0.1  # seconds by which the other side's clock may see them closer


@pytest.fixture
def fresh_house(tmp_path: Path) -> Iterator[House]:
    """A house whose bot has not been started."""
    house = House(tmp_path)
    try:
        yield house
        assert house.bot is not None
        assert house.bot.stop() == 0, house.logs()
        no_traceback(house.bot.log.read_text())
    finally:
        house.close()


async def test_progress_is_shown_at_a_safe_cadence_and_never_after_the_delivery(
    fresh_house: House, astronaut: bytes
) -> None:
    house = fresh_house
    house.start_bot()
    house.ready()
    async with Asker(house.discord) as asker:
        house.script(inference_seconds="manual")
        interaction = await asker.ask(astronaut)
        first = await asker.until_reply(interaction, "Processing")
        await asker.until(
            lambda messages: next(
                (each for each in messages if each["id"] == first["id"] and shown(each) != shown(first)), None
            )
        )
        house.release()
        done = await asker.until_done(interaction)
        await all_over(house)
        made = edits(house, done)
        assert [bool(each["files"]) for each in made] == [False] * (len(made) - 1) + [True]
        progress = made[:-1]
        assert len(progress) >= 2
        assert progress[-1]["at"] - progress[-2]["at"] >= PROGRESS_SECONDS - SLACK
        assert all(
            later["at"] - earlier["at"] >= STATE_SECONDS - SLACK for earlier, later in pairwise(progress)
        )
        assert all(one["json"] != other["json"] for one, other in pairwise(progress))


def _start_again(house: House) -> list[str]:
    """Stop the bot, start it anew, and tell with which methods it then spoke of its commands."""
    assert house.bot is not None
    assert house.bot.stop() == 0, house.logs()
    house.http.delete(f"{house.discord}/workshop/traffic").raise_for_status()
    house.start_bot()
    house.ready()
    return [each["method"] for each in sent(house, "", "/commands")]


def _img2img(house: House) -> dict[str, Any]:
    """The command as Discord knows it."""
    commands = house.http.get(f"{house.discord}/person/world").json()["commands"]
    found: dict[str, dict[str, Any]] = {each["name"]: each for each in commands}
    return found["img2img"]


@pytest.mark.parametrize(
    ("field", "older"),
    [
        ("description", "Older"),
        ("name_localizations", {"de": "aelter"}),
        ("description_localizations", {"nl": "Ouder"}),
    ],
)
async def test_commands_are_registered_once_and_again_only_when_they_differ(
    fresh_house: House, field: str, older: object
) -> None:
    house = fresh_house
    house.start_bot()
    house.ready()
    assert [each["method"] for each in sent(house, "", "/commands")] == ["GET", "PUT"]
    assert _start_again(house) == ["GET"]

    command = _img2img(house)
    path = f"/api/v10/applications/{command['application_id']}/commands/{command['id']}"
    changed = house.http.patch(
        house.discord + path, json={field: older}, headers={"Authorization": f"Bot {TOKEN}"}
    )
    assert changed.raise_for_status().json()[field] == older
    assert _start_again(house) == ["GET", "PUT"]
    assert _img2img(house) == command | {"version": _img2img(house)["version"]}
    assert _start_again(house) == ["GET"]
