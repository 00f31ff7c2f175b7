"""How the bot stops, and how long it keeps what is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from repaint.errors import Stopped
from tests.acceptance.asker import Asker, text
from tests.acceptance.discord_side import all_over, answers, edits, the_picture
from tests.acceptance.house import House, no_traceback, until
from tests.acceptance.jobs_side import (
    answered,
    command,
    database,
    end,
    house_with,
    job,
    prompts_sent,
    restart,
    until_job,
)

STOP_SECONDS = 10.0
DAY = 86_400.0
UPLOADS = "/webhooks/.*/messages/"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("shutdown")) as house:
        yield house


@pytest.fixture
async def member(own: House) -> AsyncIterator[Asker]:
    own.reset()
    async with Asker(own.discord) as person:
        yield person
    own.reset()
    own.script(inference_seconds=0)
    own.release()


def _said(house: House, before: int) -> str:
    """What the bot's log says since it had so many bytes."""
    assert house.bot is not None
    return house.bot.log.read_bytes()[before:].decode()


def _log(house: House) -> int:
    assert house.bot is not None
    return house.bot.log.stat().st_size


async def _uploading(house: House, asker: Asker, picture: bytes, prompt: str, seconds: float) -> str:
    """A job whose picture is on its way to Discord, which takes so long to answer."""
    house.script(inference_seconds="manual")
    interaction = await asker.ask(picture, prompt)
    await asker.until_reply(interaction, "Processing")
    house.fault("rest", method="PATCH", path_regex=UPLOADS, has_files=True, delay=seconds)
    house.release()
    await until_job(house, interaction, "delivering")
    return interaction


async def test_at_the_end_uploads_in_hand_are_finished_and_the_rest_is_left_to_the_next_start(
    own: House, member: Asker, small: bytes
) -> None:
    before = _log(own)
    uploading = await _uploading(own, member, small, "in hand", 1.5)
    left = await member.ask(small, "the rest")
    await member.until_reply(left, "Processing")
    began = time.monotonic()
    await asyncio.to_thread(end, own)
    assert time.monotonic() - began < STOP_SECONDS
    assert job(own, uploading)["state"] == "done"
    await the_picture(member, uploading)
    assert (job(own, left)["state"], job(own, left)["ended_at"]) == ("running", None)
    assert "1 unfinished job" in _said(own, before)
    assert "at the next start" in _said(own, before)
    own.release()
    own.start_bot()
    own.ready()
    await member.until_done(left)
    await the_picture(member, left)
    assert prompts_sent(own).count("the rest") == 1


async def test_no_command_is_taken_while_the_bot_stops(own: House, member: Asker, small: bytes) -> None:
    uploading = await _uploading(own, member, small, "the last one", 3.0)
    upload = await member.upload(small)
    before = _log(own)
    assert own.bot is not None
    own.bot.process.terminate()
    await until(lambda: "stopping" in _said(own, before))
    too_late = await member.ask(upload, "too late")
    seen = await member.acknowledged(too_late)
    if seen["status"] == "acknowledged":
        assert text(await answered(member, too_late)) == Stopped.sentence
    await asyncio.to_thread(end, own)
    assert job(own, too_late) == {}
    await the_picture(member, uploading)
    own.start_bot()
    own.ready()
    assert "too late" not in prompts_sent(own)


async def test_a_command_that_is_being_acknowledged_at_the_stop_is_dropped_with_a_line_in_the_log(
    own: House, member: Asker, small: bytes
) -> None:
    upload = await member.upload(small)
    before = _log(own)
    own.fault("rest", path_regex="/callback", delay=3.0)
    in_hand = await member.ask(upload, "hardly asked")
    await member.acknowledged(await member.run("jobs list"))  # it came later, so the other is under way
    await asyncio.to_thread(end, own)
    no_traceback(_said(own, before))
    assert f"interaction {in_hand} was not acknowledged and is dropped" in _said(own, before)
    assert job(own, in_hand) == {}
    own.start_bot()
    own.ready()
    assert "hardly asked" not in prompts_sent(own)


async def test_an_upload_that_does_not_end_keeps_nobody_from_stopping_and_is_shown_after_the_next_start(
    own: House, member: Asker, small: bytes
) -> None:
    uploading = await _uploading(own, member, small, "a long upload", 30.0)
    began = time.monotonic()
    await asyncio.to_thread(end, own)
    assert time.monotonic() - began < STOP_SECONDS + 1
    assert job(own, uploading)["ended_at"] is None
    own.reset()
    own.start_bot()
    own.ready()
    message = await member.until_done(uploading)
    await all_over(own)
    await the_picture(member, uploading)
    assert len(await answers(member, uploading)) == 1
    assert len([each for each in edits(own, message) if each["files"]]) >= 1
    assert prompts_sent(own).count("a long upload") == 1


# Retention ------------------------------------------------------------------------------------------------


def _age(house: House, interaction: str, days: float) -> None:
    """The job is so much older than it is, in all that its row says."""
    with database(house) as opened:
        opened.execute(
            "UPDATE jobs SET created_at = created_at - :by, ended_at = ended_at - :by "
            "WHERE interaction_id = :id",
            {"by": days * DAY, "id": int(interaction)},
        )


def _folder(house: House, job_id: str) -> Path:
    return house.folder / "bot" / "jobs" / job_id


async def test_pictures_and_rows_go_when_their_time_is_over_and_nothing_else_does(
    own: House, member: Asker, small: bytes
) -> None:
    ages = {"fresh": 0.0, "a week old": 3.0, "a month old": 11.0}
    asked = {prompt: await member.ask(small, prompt) for prompt in ages}
    for interaction in asked.values():
        await member.until_done(interaction)
    await all_over(own)
    own.script(inference_seconds="manual")
    waiting = await member.ask(small, "still under way")
    await member.until_reply(waiting, "Processing")
    ids = {prompt: job(own, interaction)["id"] for prompt, interaction in asked.items()}
    await asyncio.to_thread(end, own)
    for prompt, interaction in asked.items():
        _age(own, interaction, ages[prompt])
    _age(own, waiting, 40)
    before = _log(own)
    own.start_bot(KEEP_PICTURES_DAYS="2", KEEP_JOBS_DAYS="10")
    own.ready()
    await until(lambda: "let go of the pictures of 2 jobs" in _said(own, before))
    kept = {prompt: _folder(own, job_id).exists() for prompt, job_id in ids.items()}
    assert kept == {"fresh": True, "a week old": False, "a month old": False}
    shown = await command(member, "jobs show", job=ids["a week old"])
    assert "a week old" in text(shown)
    assert "no longer kept: that ends after 2 days." in text(shown)
    assert shown["attachment_files"] == []
    assert "I know no such picture" in text(await command(member, "jobs show", job=ids["a month old"]))
    pages = [text(await command(member, "jobs history", page=page)) for page in (1, 2)]
    assert "fresh" in pages[0]
    assert "a week old" in pages[0] + pages[1]
    assert "no longer kept" in pages[0] + pages[1]
    assert "a month old" not in pages[0] + pages[1]
    own.release()
    await member.until_done(waiting)  # however old: what is not over is kept
    await the_picture(member, waiting)
    await asyncio.to_thread(restart, own)
