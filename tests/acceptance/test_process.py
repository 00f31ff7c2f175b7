"""The bot's process: how it ends, what it survives, and what it bears."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from repaint.errors import DatabaseAway
from tests.acceptance.asker import Asker, opened, text
from tests.acceptance.discord_side import all_over, answers, leftovers, the_picture, works
from tests.acceptance.house import House, Program, no_traceback, until

ENOUGH_FOR_LOGS = 300_000  # bytes of one file, less than the photograph has
# What a worker says that Pebble starts in the killed one's place just when its pool is ended. No job is its.
SPAWNING = re.compile(r'Traceback \(most recent call last\):\n  File "<string>", line 1, in <module>\n')


@pytest.fixture(scope="module")
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in which each test starts a bot of its own."""
    house = House(tmp_path_factory.mktemp("process"))
    try:
        yield house
    finally:
        house.close()


@pytest.fixture
def bot(own_house: House) -> Iterator[Program]:
    """A bot that has just been started, and that can be stopped at the end if it still runs."""
    own_house.reset()
    bot = own_house.start_bot()
    own_house.ready()
    before = bot.log.stat().st_size
    yield bot
    assert bot.stop() == 0, own_house.logs()
    no_traceback(SPAWNING.sub("", bot.log.read_text()[before:]))


def _workers(bot: Program) -> list[psutil.Process]:
    """The processes that read and write pictures."""
    children = psutil.Process(bot.process.pid).children(recursive=True)
    return [each for each in children if "resource_tracker" not in " ".join(each.cmdline())]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_bot_that_is_stopped_keeps_its_jobs_and_the_next_start_goes_on_with_them(
    own_house: House, bot: Program, astronaut: bytes, number: signal.Signals
) -> None:
    own_house.script(inference_seconds="manual")
    prompt = f"stopped by {number.name}"
    async with Asker(own_house.discord) as asker:
        running = await asker.ask(astronaut, prompt)
        await asker.until_reply(running, "Processing")
        children = psutil.Process(bot.process.pid).children(recursive=True)
        assert children
        before = await answers(asker, running)
        assert await asyncio.to_thread(bot.stop, number) == 0
        _, alive = await asyncio.to_thread(psutil.wait_procs, children, 5)
        assert alive == []
        assert "1 unfinished jobs are kept" in bot.log.read_text()
        after = await answers(asker, running)
        assert [each["components"] for each in after] == [each["components"] for each in before]

        own_house.release()  # it is finished while the bot is away
        again = own_house.start_bot()
        own_house.ready()
        await asker.until_done(running)
        message = await the_picture(asker, running)
        assert [message["id"]] == [each["id"] for each in before]
        await until(lambda: leftovers(own_house) == [])
        assert len(own_house.accepted(prompt)) == 1
    assert await asyncio.to_thread(again.stop) == 0, own_house.logs()


async def test_a_rush_of_commands_while_the_bot_is_stopped_costs_none_of_them(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    """Those that it took are done by the next start; the others it refused or never answered."""
    async with Asker(own_house.discord) as asker:
        picture = await asker.upload(astronaut)
        for number in range(20):
            await asker.ask(picture, f"in the rush {number}")
        assert await asyncio.to_thread(bot.stop) == 0, own_house.logs()
        again = own_house.start_bot()
        try:
            own_house.ready()
            await all_over(own_house)
        finally:
            assert await asyncio.to_thread(again.stop) == 0, own_house.logs()
    with contextlib.closing(sqlite3.connect(own_house.folder / "bot" / "repaint.db")) as database:
        jobs = dict(database.execute("SELECT prompt, state FROM jobs WHERE prompt LIKE 'in the rush %'"))
    assert set(jobs.values()) <= {"done"}
    paid = [len(own_house.accepted(f"in the rush {number}")) for number in range(20)]
    assert paid == [int(f"in the rush {number}" in jobs) for number in range(20)]


def test_a_bot_that_has_lost_discord_stops_all_the_same(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        bot = house.start_bot()
        house.ready()
        house.playground.kill()
        assert bot.stop() == 0, house.logs()
    finally:
        house.close()


async def test_a_picture_worker_that_was_killed_while_idle_costs_no_job(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    async with Asker(own_house.discord) as asker:
        await works(own_house, asker, astronaut)
        for worker in _workers(bot):
            worker.kill()
        await works(own_house, asker, astronaut)


async def test_a_picture_worker_that_was_killed_before_it_began_costs_no_job(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    async with Asker(own_house.discord) as asker:
        await works(own_house, asker, astronaut)
        await all_over(own_house)
        workers = _workers(bot)
        for worker in workers:
            worker.suspend()
        interaction = await asker.ask(astronaut)
        await until(lambda: _sizes(own_house, "attachment") == [len(astronaut)])
        for worker in workers:
            worker.kill()
        await asker.until_done(interaction)
        await the_picture(asker, interaction)


async def test_a_picture_worker_that_is_killed_at_work_costs_its_job_and_no_other(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    async with Asker(own_house.discord) as asker:
        await works(own_house, asker, astronaut)
        await all_over(own_house)
        [worker] = _workers(bot)
        before = worker.cpu_times().user
        interaction = await asker.ask(_large())
        await until(lambda: worker.cpu_times().user > before)
        worker.kill()
        reply = await asker.until_failed(interaction)
        assert "Please save it as PNG or JPEG" in text(reply)
        await works(own_house, asker, astronaut)


def _large() -> bytes:
    """A picture that is just not too large, and takes a worker some time."""
    buffer = io.BytesIO()
    Image.new("RGB", (7900, 7900)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _sizes(house: House, name: str) -> list[int]:
    return [each.stat().st_size for each in (house.folder / "bot").rglob(name)]


def test_without_a_place_for_pictures_the_bot_says_so_and_does_not_start(
    own_house: House, tmp_path: Path
) -> None:
    place = tmp_path / "taken"
    place.write_text("a file, no folder")
    bot = own_house.start_bot(DATA_DIR=str(place))
    assert bot.process.wait(timeout=20) == 2
    assert "DATA_DIR is wrong" in bot.log.read_text()


async def test_a_second_bot_with_the_same_folder_does_not_start(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    second = own_house.start_bot()
    assert second.process.wait(timeout=20) == 2
    assert "Another bot is running" in second.log.read_text()
    async with Asker(own_house.discord) as asker:
        await works(own_house, asker, astronaut)


async def test_a_second_bot_elsewhere_does_not_pay_for_the_same_command(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    before = own_house.api_saw()["submits"]
    second = own_house.start_bot(data="elsewhere")
    try:
        await until(lambda: "connected to Discord" in second.log.read_text())
        async with Asker(own_house.discord) as asker:
            await works(own_house, asker, astronaut)
            await all_over(own_house)
        assert own_house.api_saw()["submits"] == before + 1
    finally:
        assert second.stop() == 0


async def test_on_a_full_disk_a_command_ends_in_a_sentence_and_works_once_there_is_room(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    """A limit on the size of files stands for the full disk: what a write meets is an OSError as well."""
    assert len(astronaut) > ENOUGH_FOR_LOGS
    process = psutil.Process(bot.process.pid)
    _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
    async with Asker(own_house.discord) as asker:
        process.rlimit(psutil.RLIMIT_FSIZE, (ENOUGH_FOR_LOGS, hard))
        reply = await asker.until_failed(await asker.ask(astronaut))
        assert "no room to store the picture" in text(reply)
        process.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))
        await works(own_house, asker, astronaut)


async def test_on_a_disk_that_takes_nothing_commands_are_refused_and_what_is_under_way_goes_on_later(
    own_house: House, bot: Program, astronaut: bytes
) -> None:
    """Nothing fits in, not even a row of the database: what could not be written down is not taken."""
    process = psutil.Process(bot.process.pid)
    _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
    async with Asker(own_house.discord) as asker:
        own_house.script(inference_seconds="manual")
        picture = await asker.upload(astronaut)
        running = await asker.ask(picture, "under way")
        await asker.until_reply(running, "Processing")
        process.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
        await asker.ask(picture, "refused")
        assert text(await asker.until_told_privately()) == DatabaseAway.sentence
        own_house.script(inference_seconds=0)
        own_house.release()
        process.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))
        await asker.until_done(running)
        await the_picture(asker, running)
        assert len(own_house.accepted("under way")) == 1
        assert own_house.accepted("refused") == []
        await works(own_house, asker, astronaut)


async def test_thirty_commands_at_once_are_all_acknowledged_and_each_gets_its_own_picture(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    picture = await asker.upload(astronaut)
    seeds = range(1000, 1030)
    asked = await asyncio.gather(*(asker.ask(picture, "thirty", seed=seed) for seed in seeds))
    seen = await asyncio.gather(*(asker.acknowledged(each) for each in asked))
    assert [each["status"] for each in seen] == ["acknowledged"] * len(asked)
    for seed, interaction in zip(seeds, asked, strict=True):
        message = await asker.until_done(interaction)
        await the_picture(asker, interaction)
        assert f"seed {seed}" in text(message)
        [data] = await asker.pictures(message)
        assert f"Seed: {seed}," in opened(data).info["parameters"]
    assert len(house.accepted("thirty")) == len(asked)
