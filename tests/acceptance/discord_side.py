"""What tests of Discord's faults look at: the replies to a command, and what the bot sent for them."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import Any

from tests.acceptance.asker import Asker, Message, opened
from tests.acceptance.house import House, until

Request = dict[str, Any]


async def answers(asker: Asker, interaction: str) -> list[Message]:
    """Every message that this person sees and that answers one interaction."""
    return [
        each
        for each in await asker.messages()
        if (each.get("interaction_metadata") or {}).get("id") == interaction
    ]


async def the_picture(asker: Asker, interaction: str) -> Message:
    """The one message that answers an interaction, which shows one whole picture."""
    [message] = await answers(asker, interaction)
    [picture] = await asker.pictures(message)
    assert opened(picture).size >= (64, 64)
    [gallery] = [each for each in message["components"][0]["components"] if each["type"] == 12]
    assert [each["media"]["attachment_id"] for each in gallery["items"]] == [
        each["id"] for each in message["attachment_files"]
    ]
    return message


async def works(house: House, asker: Asker, picture: bytes) -> None:
    """The bot is well: nothing is under way any more, and the next job is done."""
    await all_over(house)
    interaction = await asker.ask(picture, "the next one")
    await asker.until_done(interaction)
    await the_picture(asker, interaction)


async def all_over(house: House) -> None:
    """Every job of the bot's own database is over."""
    await until(lambda: unfinished(house) == 0)


def unfinished(house: House) -> int:
    """How many jobs in the bot's own database are not over."""
    with contextlib.closing(sqlite3.connect(house.folder / "bot" / "repaint.db")) as database:
        [count] = database.execute("SELECT count(*) FROM jobs WHERE ended_at IS NULL").fetchone()
    return int(count)


def leftovers(house: House) -> list[str]:
    """What lies in the bot's folder besides what is kept: inputs, and the pictures as they were posted."""
    found = os.walk(house.folder / "bot" / "jobs")  # it may change meanwhile, which pathlib cannot stand
    return [
        f"{folder}/{name}"
        for folder, _, names in found
        for name in names
        if not name.startswith(("input", "finished-"))
    ]


def sent(house: House, method: str, *parts: str) -> list[Request]:
    """The bot's REST requests with this method (empty: any) whose path holds all these parts, in order."""
    return [
        each
        for each in house.traffic()
        if each["direction"] == "rest"
        and (not method or each["method"] == method)
        and all(part in each["path"] for part in parts)
    ]


def edits(house: House, message: Message) -> list[Request]:
    """Every edit of a message that the bot tried."""
    return sent(house, "PATCH", f"/messages/{message['id']}")
