"""The pictures in what `/jobs show` and `/jobs history` answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from repaint.models import JobState, Request
from tests.unit.commands_house import SOMEBODY, House, opened, others, posted

BUSY = "One moment: I am still at your last request."


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as one:
        yield one


# show -----------------------------------------------------------------------------------------------------


async def test_a_finished_job_shows_its_pictures_as_they_were_posted(house: House, tmp_path: Path) -> None:
    job = posted(house, tmp_path, count=4)
    text = await house.answer("show", job=job.id)
    assert "**Done**" in text
    kept = [picture.path.read_bytes() for picture in job.outputs]
    assert house.files == {f"repaint-{job.id}-{n}.png": data for n, data in enumerate(kept, start=1)}
    body = house.discord.messages[-1][1]
    galleries = [each for each in body["components"][0]["components"] if each["type"] == 12]
    assert [item["media"]["url"] for item in galleries[0]["items"]] == [
        f"attachment://{n}" for n in house.files
    ]


async def test_pictures_over_this_places_limit_are_shown_smaller_and_it_is_said(
    house: House, tmp_path: Path
) -> None:
    job = posted(house, tmp_path, count=2)
    house.filesize_limit = 100_000
    text = await house.answer("show", job=job.id)
    assert len(house.files) == 2
    assert all(len(data) <= 100_000 for data in house.files.values())
    assert "-# Compressed to fit Discord's size limit." in text
    assert all(picture.path.stat().st_size == picture.size for picture in job.outputs)


async def test_all_pictures_together_fit_into_a_message(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repaint.ui.shelf.MESSAGE_BYTES", 600_000)
    job = posted(house, tmp_path, count=4)
    assert sum(picture.size for picture in job.outputs) > 600_000
    await house.answer("show", job=job.id)
    assert len(house.files) == 4
    assert sum(map(len, house.files.values())) <= 600_000


async def test_what_discord_finds_too_large_is_made_smaller(house: House, tmp_path: Path) -> None:
    job = posted(house, tmp_path)
    house.discord.file_limit = 80_000
    assert "Compressed" in await house.answer("show", job=job.id)
    assert all(len(data) <= 80_000 for data in house.files.values())


async def test_what_discord_never_finds_small_enough_is_told(house: House, tmp_path: Path) -> None:
    job = posted(house, tmp_path)
    house.discord.file_limit = 1
    assert "too large for Discord" in await house.answer("show", job=job.id)


async def test_pictures_that_are_gone_are_said_to_be(house: House, tmp_path: Path) -> None:
    job = posted(house, tmp_path, count=2)
    job.outputs[1].path.unlink()
    assert "no longer kept: that ends after 7 days." in await house.answer("show", job=job.id)
    assert house.files == {}


async def test_a_prompt_that_automod_blocks_here_is_left_out(house: House, tmp_path: Path) -> None:
    job = posted(house, tmp_path)
    unfinished = house.store.keep()
    house.discord.blocks = "a cat"
    for wanted in (job, unfinished):
        assert "The prompt is not shown here." in await house.answer("show", job=wanted.id)
    assert "The prompt is not shown here." in await house.answer("list")
    assert "The prompt is not shown here." in await house.answer("history")


async def test_a_failed_job_shows_why(house: House) -> None:
    job = house.store.keep(state=JobState.FAILED, failure="The image service had a fault.", ended_at=5.0)
    assert "The image service had a fault." in await house.answer("show", job=job.id)


async def test_what_discord_refuses_for_good_is_told(house: House, caplog: pytest.LogCaptureFixture) -> None:
    job = house.store.keep()
    house.discord.refuses = 50035
    await house.ask("show", job=job.id)
    assert "Something went wrong here. Please try again. could not be told" in caplog.text


# history --------------------------------------------------------------------------------------------------


async def test_finished_pictures_come_four_a_page_newest_first(house: House, tmp_path: Path) -> None:
    jobs = [posted(house, tmp_path, request=Request(f"cat {n}.", n), side=700) for n in range(6)]
    house.store.keep(state=JobState.FAILED, ended_at=5.0, request=Request("failed", 1))
    house.store.keep(state=JobState.RUNNING, request=Request("running", 1))
    house.store.keep(state=JobState.DONE, ended_at=5.0, request=Request("foreign", 1), **others())
    text = await house.answer("history")
    assert "page 1 of 2" in text
    assert [text.index(f"cat {n}.") for n in (5, 4, 3, 2)] == sorted(
        text.index(f"cat {n}.") for n in range(2, 6)
    )
    assert not any(word in text for word in ("cat 1.", "failed", "running", "foreign"))
    assert list(house.files) == [f"{job.id}.webp" for job in jobs[:1:-1]]
    assert all(data[8:12] == b"WEBP" and len(data) < 200_000 for data in house.files.values())

    text = await house.answer("history", page=2)
    assert "page 2 of 2" in text
    assert list(house.files) == [f"{job.id}.webp" for job in jobs[1::-1]]


async def test_a_page_that_is_not_there_is_said(house: House, tmp_path: Path) -> None:
    assert await house.answer("history") == "You have no finished pictures yet."
    posted(house, tmp_path)
    assert await house.answer("history", page=2) == "There is only 1 page."
    for _ in range(4):
        posted(house, tmp_path)
    assert await house.answer("history", page=9) == "There are 2 pages."


async def test_many_finished_jobs_are_all_counted(house: House) -> None:
    for _ in range(250):
        house.store.keep(state=JobState.DONE, ended_at=5.0)
    assert "page 63 of 63" in await house.answer("history", page=63)


async def test_a_picture_that_is_gone_or_broken_leaves_the_others_in_place(
    house: House, tmp_path: Path
) -> None:
    gone, broken, whole = (posted(house, tmp_path, count=n) for n in (1, 1, 3))
    gone.outputs[0].path.unlink()
    broken.outputs[0].path.write_bytes(b"no picture")
    text = await house.answer("history")
    assert list(house.files) == [f"{whole.id}.webp"]
    assert "The first of 3 pictures; `/jobs show` has them all." in text
    assert "Its picture cannot be shown at the moment." in text
    assert "Its picture is no longer kept: that ends after 7 days." in text


async def test_nothing_is_left_of_an_answer(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    job = posted(house, tmp_path)
    house.filesize_limit = 100_000
    await house.answer("history")
    await house.answer("show", job=job.id)
    assert len(house.files) == 1
    assert list(scratch.iterdir()) == []
    assert [path.name for path in (tmp_path / job.id).iterdir()] == ["finished-0.png"]


@pytest.mark.parametrize("first", ["show", "history"])
async def test_a_member_has_one_answer_with_pictures_in_hand(
    house: House, tmp_path: Path, first: str
) -> None:
    job = posted(house, tmp_path)
    options: dict[str, dict[str, Any]] = {"show": {"job": job.id}, "history": {}}
    house.discord.held = asyncio.Event()
    slow = asyncio.create_task(house.ask(first, **options[first]))
    await house.discord.waits.wait()
    for second, given in options.items():
        assert await house.answer(second, **given) == BUSY
    house.discord.waits.clear()
    other = asyncio.create_task(house.ask("history", user=SOMEBODY))
    await house.discord.waits.wait()  # somebody else's is taken
    house.discord.held.set()
    await asyncio.gather(slow, other)
    assert "page 1 of 1" in await house.answer("history"), "and the next one when it is over"


async def test_no_room_for_an_answer_is_told(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(house, tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert "no room" in await house.answer("history")
