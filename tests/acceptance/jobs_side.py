"""What tests of the durable queue look at: rows of the bot's database, private answers, direct messages."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.acceptance.asker import SECONDS, Asker, Message, text
from tests.acceptance.discord_side import answers
from tests.acceptance.house import House, Program, no_traceback, until

LOADING = 1 << 7  # a message's flag: the bot is thinking


@contextlib.contextmanager
def house_with(folder: Path, **env: str) -> Iterator[House]:
    """A house whose bot runs with these settings; at the end it stops cleanly and has foreseen all."""
    house = House(folder)
    try:
        house.start_bot(**env)
        house.ready()
        yield house
        assert house.bot is not None
        assert house.bot.stop() == 0, house.logs()
        no_traceback(house.bot.log.read_text("utf-8", "replace"))
    finally:
        house.close()


def restart(house: House, *, kill: bool = False, **env: str) -> Program:
    """End the bot, in order or not, and start it anew with these settings. Returns when it is ready."""
    end(house, kill=kill)
    bot = house.start_bot(**env)
    house.ready()
    return bot


def end(house: House, *, kill: bool = False) -> None:
    """End the bot and wait until Discord has noticed."""
    assert house.bot is not None
    if kill:
        house.bot.kill()
    else:
        assert house.bot.stop() == 0, house.logs()
    give_up = time.monotonic() + SECONDS
    while world(house)["bot"]["connected"]:
        assert time.monotonic() < give_up
        time.sleep(0.02)


def world(house: House) -> dict[str, Any]:
    seen: dict[str, Any] = house.http.get(f"{house.discord}/person/world").raise_for_status().json()
    return seen


# The bot's database ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def database(house: House) -> Iterator[sqlite3.Connection]:
    """The bot's own SQLite file; what is changed in it is committed at the end of the block."""
    with contextlib.closing(sqlite3.connect(house.folder / "bot" / "repaint.db", timeout=10)) as opened:
        opened.row_factory = sqlite3.Row
        with opened:
            yield opened


def job(house: House, interaction: str) -> dict[str, Any]:
    """A job as the database has it, by the interaction that asked for it; {} where there is none."""
    with database(house) as opened:
        query = "SELECT * FROM jobs WHERE interaction_id = ?"
        row = opened.execute(query, (int(interaction),)).fetchone()
    return {} if row is None else dict(row) | json.loads(row["document"])


async def until_job(house: House, interaction: str, *states: str) -> dict[str, Any]:
    """The job when it is in one of these states."""

    def look() -> dict[str, Any]:
        found = job(house, interaction)
        return found if found.get("state") in states else {}

    found: dict[str, Any] = await until(look)
    return found


async def until_over(house: House, interaction: str) -> dict[str, Any]:
    """The job when it is over."""
    found: dict[str, Any] = await until(
        lambda: (row := job(house, interaction)) and row["ended_at"] is not None and row
    )
    return found


def prompts_sent(house: House) -> list[str]:
    """The prompts of all requests that the image API accepted, oldest first."""
    return [each["body"]["prompt"] for each in house.api_saw()["requests"]]


# What people see ------------------------------------------------------------------------------------------


async def command(asker: Asker, name: str, /, **options: Any) -> Message:
    """Run a command whose answer is for this person alone; the answer when it is there."""
    return await answered(asker, await asker.run(name, **options))


async def click(asker: Asker, message: Message, which: str) -> Message:
    """Press a button that answers this person alone; the answer."""
    return await answered(asker, await asker.click(message, which))


async def answered(asker: Asker, interaction: str) -> Message:
    """The one message that answers an interaction, which nobody else sees."""
    await asker.acknowledged(interaction)

    def fits(messages: list[Message]) -> Message | None:
        return next(
            (
                each
                for each in messages
                if (each.get("interaction_metadata") or {}).get("id") == interaction
                and not each["flags"] & LOADING
            ),
            None,
        )

    found = await asker.until(fits)
    assert found["ephemeral"]
    assert [each["id"] for each in await answers(asker, interaction)] == [found["id"]]
    return found


async def until_direct(asker: Asker, *words: str) -> Message:
    """The newest direct message that holds all of these words, when it is there."""
    return await asker.person.wait_message(
        lambda each: all(word in text(each) for word in words), asker.user, "dm", SECONDS
    )


async def direct(asker: Asker, words: str) -> list[Message]:
    """All direct messages that hold these words."""
    return [each for each in await asker.direct_messages() if words in text(each)]


def line(message: Message, words: str) -> str:
    """The one line of a message that holds these words."""
    [found] = [each for each in text(message).splitlines() if words in each]
    return found


def labels(message: Message) -> list[str]:
    """What the buttons of a message say."""
    return [
        part["label"]
        for card in message["components"]
        for row in card["components"]
        if row["type"] == 1
        for part in row["components"]
    ]


def calls_nobody(message: Message) -> bool:
    """Whether nobody is notified by name."""
    return not message["mentions"] and not message["mention_everyone"]
