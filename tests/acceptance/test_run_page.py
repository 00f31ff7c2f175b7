"""`scripts/run` with nothing set up: a page until Ctrl-C, and the bot as that page orders it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.acceptance.house import ROOT, House, no_traceback
from tests.acceptance.launched import SECONDS, Run
from tests.person import JSON, Person, text_of

SAMPLE = ROOT / "playground" / "samples" / "landscape.jpg"
USUAL_PORT = 9100
ADDRESS = re.compile(r"^Open (http://127\.0\.0\.1:(\d+)) in a browser\.$", re.MULTILINE)
IS_THERE = "Ctrl-C stops it."  # what it prints when all is there


def address(run: Run) -> str:
    """The page's address, as soon as it is printed."""
    run.until(IS_THERE)
    found = ADDRESS.search(run.said)
    assert found, run.said
    return found[1]


@contextlib.asynccontextmanager
async def visitor(run: Run) -> AsyncIterator[Person]:
    async with asyncio.timeout(SECONDS), Person(address(run)) as person:
        yield person


async def ask(person: Person, method: str, path: str, body: JSON | None = None) -> Any:
    """The JSON of an answer that is no refusal."""
    async with person.session.request(method, person.base_url + path, json=body) as answer:
        assert answer.status < 400, await answer.text()
        return await answer.json()


async def bot_is(person: Person, wanted: str) -> JSON:
    """The bot's process, when it is so."""
    since = (await person.world())["last_event"]
    process: JSON = (await ask(person, "GET", "/workshop/state"))["bot"]
    if process["state"] == wanted:
        return process
    async with contextlib.aclosing(person.events("member", since)) as events:
        async for event in events:
            if event.name == "bot" and event.data["process"]["state"] == wanted:
                return dict(event.data["process"])
    raise AssertionError("the stand-in ended")


async def order(person: Person, what: str) -> None:
    await ask(person, "POST", "/workshop/bot", {"do": what})


async def repaint(person: Person, prompt: str) -> None:
    """Ask for a picture."""
    image = await person.upload(SAMPLE)
    await person.command("member", "art", "img2img", image=image["id"], prompt=prompt)


async def shown(person: Person, prompt: str, words: str) -> JSON:
    """The card of that prompt, when it has these words."""
    return await person.wait_message(
        lambda message: prompt in text_of(message) and words in text_of(message), timeout=SECONDS
    )


def process_of(run: Run, *words: str) -> psutil.Process:
    """The run's process that was started with these words."""
    [found] = [
        each
        for each in run.alive()
        if each.pid != run.process.pid
        and set(words) <= set(each.cmdline())
        and each.ppid() == run.process.pid
    ]
    return found


async def test_the_page_is_where_it_says_with_the_bot_and_an_image_api_that_takes_its_time(
    tmp_path: Path, runs: list[Run]
) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        said = run.said.splitlines()
        assert said[0] == "No Discord needed: a page in your browser takes its place."
        assert said[1] == "The image API is the embedded one: a preview engine, not Stable Diffusion."
        assert said[2] == f"Open {person.base_url} in a browser."
        [work] = run.temporary.glob("repaint-*")
        assert said[3] == f"Ctrl-C stops it. The logs are in {work} until then."
        assert {path.name for path in work.glob("*.log")} == {"bot.log", "embedded.log", "playground.log"}
        async with person.session.get(person.base_url) as answer:
            assert answer.content_type == "text/html"
            assert "<!doctype html>" in await answer.text()
        async with person.session.get(f"{person.base_url}/page/samples/landscape.jpg") as answer:
            assert await answer.read() == SAMPLE.read_bytes()
        world = await person.world()
        assert world["bot"]["connected"]
        assert "img2img" in {command["name"] for command in world["commands"]}
        state = await ask(person, "GET", "/workshop/state")
        assert state["bot"] == {"supervised": True, "state": "running", "code": None}
        assert state["api"] == {"embedded": True}
        script = await ask(person, "GET", "/workshop/api/script")
        assert (script["queue_seconds"], script["inference_seconds"]) == (1, 4)


def test_where_the_usual_port_is_taken_it_is_another_one(tmp_path: Path, runs: list[Run]) -> None:
    with socket.socket() as mine:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            mine.bind(("127.0.0.1", USUAL_PORT))
            mine.listen()
        except OSError:
            pytest.skip("somebody else has the port, who may give it back at any moment")
        runs.append(run := Run(tmp_path))
        assert address(run) != f"http://127.0.0.1:{USUAL_PORT}"


async def test_a_job_that_was_under_way_is_finished_by_the_bot_after_the_one_that_was_killed(
    tmp_path: Path, runs: list[Run]
) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        await ask(person, "POST", "/workshop/api/script", {"inference_seconds": "manual"})
        await repaint(person, "a lake in autumn")
        await shown(person, "a lake in autumn", "Processing")
        await order(person, "kill")
        assert await bot_is(person, "ended") == {"supervised": True, "state": "ended", "code": -9}
        assert not (await person.world())["bot"]["connected"]
        await ask(person, "POST", "/workshop/api/release", {})
        await order(person, "start")
        await bot_is(person, "running")
        card = await shown(person, "a lake in autumn", "Done")
        assert len(card["attachment_files"]) == 1
        seen = await ask(person, "GET", "/workshop/api/requests")
        assert (seen["submits"], seen["billed"]) == (1, 1)
        run.process.send_signal(signal.SIGINT)
    assert run.end() == 0
    assert "bot ended" not in run.said
    assert run.alive() == []


async def test_a_bot_that_was_stopped_ends_well_and_comes_back(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        for _ in range(2):
            await order(person, "stop")
            assert (await bot_is(person, "ended"))["code"] == 0
            await order(person, "start")
            await bot_is(person, "running")
        run.process.send_signal(signal.SIGTERM)
    assert run.end() == 0
    assert "bot ended" not in run.said


@pytest.mark.thorough
async def test_a_bot_that_does_not_stop_can_be_killed_meanwhile(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        process_of(run, "bot.py").suspend()
        await order(person, "stop")
        await order(person, "kill")
        assert (await bot_is(person, "ended"))["code"] == -9
        await order(person, "start")
        await bot_is(person, "running")


async def test_a_bot_that_crashed_is_told_and_can_be_started_again(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        process_of(run, "bot.py").kill()
        assert (await bot_is(person, "ended"))["code"] == -9
        run.until("bot ended by signal 9. The page can start it again.")
        await order(person, "start")
        await bot_is(person, "running")
        run.process.send_signal(signal.SIGINT)
    assert run.end() == 0
    assert run.alive() == []


@pytest.mark.parametrize("name", ["playground", "embedded"])
def test_without_one_of_its_stand_ins_there_is_no_more_to_do(
    tmp_path: Path, runs: list[Run], name: str
) -> None:
    runs.append(run := Run(tmp_path))
    address(run)
    process_of(run, name, "-m").kill()
    assert run.end() == 1
    assert f"{name} ended before it was told to." in run.said
    assert run.alive() == []
    assert list(run.temporary.glob("repaint-*")) == []


MOMENTS = ["No Discord needed", "The image API", IS_THERE]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGHUP, marks=pytest.mark.thorough),
        pytest.param(signal.SIGTERM, marks=pytest.mark.thorough),
        signal.SIGINT,
    ],
)
def test_whenever_it_is_stopped_it_ends_well_and_leaves_nothing(
    tmp_path: Path, runs: list[Run], moment: str, number: signal.Signals
) -> None:
    runs.append(run := Run(tmp_path))
    run.until(moment)
    run.process.send_signal(number)
    assert run.end() == 0, run.said
    assert run.alive() == []
    assert list(run.temporary.iterdir()) == []
    no_traceback(run.said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_job_under_way_and_an_open_page_do_not_keep_it_from_ending(
    tmp_path: Path, runs: list[Run], number: signal.Signals
) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        reading = asyncio.ensure_future(anext(person.events("member")))
        await repaint(person, "a lake in winter")
        await reading
        await shown(person, "a lake in winter", "Queued")
        run.process.send_signal(number)
        assert run.end() == 0
    assert run.said.splitlines()[-1] == "Stopping …"
    assert run.alive() == []
    assert list(run.temporary.iterdir()) == []


@pytest.mark.thorough
async def test_it_ends_well_without_a_bot_too(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        await order(person, "kill")
        await bot_is(person, "ended")
        run.process.send_signal(signal.SIGINT)
    assert run.end() == 0
    assert run.alive() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent is gone")
async def test_not_even_one_that_is_killed_leaves_a_process(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path))
    async with visitor(run) as person:
        await order(person, "kill")
        await bot_is(person, "ended")
        await order(person, "start")  # the one that came later is told, too
        await bot_is(person, "running")
    children = [each for each in run.alive() if each.pid != run.process.pid]
    assert len(children) >= 3
    run.process.kill()
    run.end()
    psutil.wait_procs(children, SECONDS)
    assert run.alive() == []


def test_a_setting_that_is_wrong_ends_it_with_2_and_says_which(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, JOBS_AT_ONCE="many"))
    assert run.end() == 2
    assert "JOBS_AT_ONCE is wrong" in run.said.splitlines()[-1]
    assert "Open http" not in run.said
    assert run.alive() == []


async def test_with_a_key_the_real_image_api_paints_and_it_is_said_who_pays(
    tmp_path: Path, runs: list[Run], house: House
) -> None:
    runs.append(run := Run(tmp_path, SEGMIND_API_KEY="wrong", SEGMIND_API_URL=house.api))
    host = house.api.removeprefix("http://")
    async with visitor(run) as person:
        assert f"the image API at {host} repaints the picture and may charge for it." in run.said
        state = await ask(person, "GET", "/workshop/state")
        assert state["api"] == {"embedded": False}
        async with person.session.get(f"{person.base_url}/workshop/api/script") as answer:
            assert answer.status == 404
        await repaint(person, "a lake in spring")
        await shown(person, "a lake in spring", "Failed")
        run.process.send_signal(signal.SIGINT)
    assert run.end() == 0
    assert run.said.splitlines()[-1] == f"SEGMIND_API_KEY was not accepted by {host}."
    assert run.alive() == []
