"""Behind the stage: how everything stands, how the bot is, and its process."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import discord
import pytest

from playground.app import Running, start
from playground.keeper import Keeper
from tests.bots import Bot, connected
from tests.person import Event, Person, Refused

pytest_plugins = ("tests.contract.playground_fixtures",)


@pytest.fixture
def orders() -> list[str]:
    """What whoever keeps the bot's process is told."""
    return []


@pytest.fixture
async def running(orders: list[str]) -> AsyncIterator[Running]:
    """A playground whose bot somebody keeps."""
    running = await start(keeper=Keeper(orders.append))
    yield running
    await running.stop()


def prepare(bot: Bot) -> None:
    @bot.tree.command(description="Do nothing")
    async def nothing(interaction: discord.Interaction) -> None:
        await interaction.response.defer()


async def state(person: Person) -> dict[str, Any]:
    async with person.session.get(f"{person.base_url}/workshop/state") as answer:
        assert answer.status == 200
        return dict(await answer.json())


async def order(person: Person, what: object) -> dict[str, Any]:
    async with person.session.post(f"{person.base_url}/workshop/bot", json={"do": what}) as answer:
        body = dict(await answer.json())
        if answer.status >= 400:
            raise Refused(answer.status, body["error"])
        return body


@contextlib.asynccontextmanager
async def news(person: Person, user: str = "member") -> AsyncIterator[AsyncGenerator[Event]]:
    """What happens from now on, as that user sees it."""
    since = (await person.world())["last_event"]
    async with asyncio.timeout(20), contextlib.aclosing(person.events(user, since)) as events:
        yield events


async def test_the_state_tells_of_faults_and_settings_and_the_time(person: Person) -> None:
    fault = {"kind": "rest", "path_regex": "@original", "status": 500, "times": 3}
    await person.fault(**fault)  # type: ignore[arg-type]
    await person.settings(locale="de")
    before = (await state(person))["now"]
    await person.advance(1_000)
    seen = await state(person)
    assert seen["faults"] == [fault]
    assert seen["settings"] == await person.settings()
    assert seen["settings"]["locale"] == "de"
    assert seen["api"] == {"embedded": False}
    assert 1_000 <= seen["now"] - before < 1_020
    await person.clear_faults()
    assert (await state(person))["faults"] == []


async def test_everybody_hears_of_the_bot_when_it_comes_and_goes_and_has_commands(
    person: Person, running: Running
) -> None:
    async with news(person) as member, news(person, "owner") as owner:
        async with connected(running, prepare):
            for events in (member, owner):
                registered, came = await anext(events), await anext(events)
                assert [registered.name, came.name] == ["bot", "bot"]
                assert (registered.data["connected"], registered.data["commands"]) == (False, 1)
                assert (came.data["connected"], came.data["commands"]) == (True, 1)
            await person.fault("gateway_drop")
            gone, back = await anext(member), await anext(member)
            assert [gone.data["connected"], back.data["connected"]] == [False, True]
        gone = await anext(member)
        assert (gone.name, gone.data["connected"], gone.data["commands"]) == ("bot", False, 1)


async def test_a_bot_is_starting_until_it_is_connected(
    person: Person, running: Running, orders: list[str]
) -> None:
    keeper = running.server.keeper
    assert (await state(person))["bot"] == {"supervised": True, "state": "unknown", "code": None}
    async with news(person) as events:
        keeper.hear("bot running")
        assert (await anext(events)).data["process"]["state"] == "starting"
        async with connected(running):
            while not (event := await anext(events)).data["connected"]:
                pass
            assert event.data["process"]["state"] == "running"
            assert await order(person, "kill") == {"supervised": True, "state": "running", "code": None}
            keeper.hear("bot ended -9")
            assert (await anext(events)).data["process"] == {"supervised": True, "state": "ended", "code": -9}
        assert (await state(person))["bot"]["code"] == -9
        assert (await order(person, "start"))["state"] == "starting"
    assert orders == ["bot kill", "bot start"]


async def test_a_process_is_told_of_late_and_is_running_all_the_same(
    person: Person, running: Running
) -> None:
    async with connected(running):
        running.server.keeper.hear("bot running")
        assert (await state(person))["bot"]["state"] == "running"


async def test_what_makes_no_sense_is_refused_and_ordered_of_nobody(
    person: Person, running: Running, orders: list[str]
) -> None:
    refused = []
    for what in ("kill", "start", None, "dance"):
        with pytest.raises(Refused) as refusal:
            await order(person, what)
        refused.append(refusal.value.status)
    running.server.keeper.hear("bot running")
    with pytest.raises(Refused, match="starting"):
        await order(person, "start")
    assert refused == [409, 409, 400, 400]
    assert orders == []


async def test_a_bot_that_was_started_by_itself_takes_no_orders() -> None:
    running = await start()
    try:
        async with Person(running.url) as person:
            assert (await state(person))["bot"] == {"supervised": False, "state": "unknown", "code": None}
            with pytest.raises(Refused, match="by itself") as refused:
                await order(person, "kill")
            assert refused.value.status == 409
    finally:
        await running.stop()


# The program ----------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def program(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, Person]]:
    """`python -m playground --supervised`, and a person there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground", "--port", "0", "--supervised", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            line = (await process.stdout.readline()).decode()
        address = re.fullmatch(r"playground listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert address, line
        async with Person(address[1]) as person:
            yield process, person
        process.terminate()
        async with asyncio.timeout(20):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_orders_are_lines_of_its_output_and_states_lines_of_its_input() -> None:
    async with program() as (process, person), news(person) as events:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"bot running\n")
        assert (await anext(events)).data["process"]["state"] == "starting"
        await order(person, "stop")
        assert await process.stdout.readline() == b"bot stop\n"
        process.stdin.write(b"bot ended 0\n")
        assert (await anext(events)).data["process"]["code"] == 0
        process.stdin.close()  # it ended without a word
        assert (await anext(events)).data["process"]["supervised"] is False
        with pytest.raises(Refused, match="by itself"):
            await order(person, "start")


@pytest.mark.parametrize(
    "address",
    ["http://example.com:9000", "https://127.0.0.1:9000", "http://127.0.0.1:9000/x", "127.0.0.1:9000", "x"],
)
async def test_only_an_image_api_on_this_machine_is_taken(address: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground", "--port", "0", "--api", address),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    assert process.returncode == 2
    assert b"argument --api" in said
