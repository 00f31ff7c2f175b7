"""The playground's side of whoever keeps the bot's process: orders out, states in."""

from __future__ import annotations

import asyncio
import os

import pytest

from playground.errors import PersonError
from playground.keeper import MAX_LINE, Keeper, listen

UNKNOWN = {"supervised": False, "state": "unknown", "code": None}


def kept(*lines: str) -> tuple[Keeper, list[str]]:
    """A keeper that has heard these lines, and where its orders go."""
    orders: list[str] = []
    keeper = Keeper(orders.append)
    for line in lines:
        keeper.hear(line)
    return keeper, orders


def refusal(keeper: Keeper, what: object) -> PersonError:
    with pytest.raises(PersonError) as refused:
        keeper.order(what)
    return refused.value


def test_a_bot_that_nobody_keeps_takes_no_orders() -> None:
    keeper = Keeper()
    assert keeper.json() == UNKNOWN
    assert refusal(keeper, "kill").status == 409


def test_a_process_is_starting_until_it_has_come_to_the_gateway() -> None:
    keeper, _ = kept("bot running")
    assert keeper.json() == {"supervised": True, "state": "starting", "code": None}
    keeper.connected()
    assert keeper.json() == {"supervised": True, "state": "running", "code": None}
    keeper.hear("bot ended -9")
    keeper.connected()  # the last that was heard of it
    assert keeper.json() == {"supervised": True, "state": "ended", "code": -9}


@pytest.mark.parametrize("order", ["kill", "stop"])
def test_a_process_that_lives_can_be_ended_and_one_that_has_ended_started(order: str) -> None:
    keeper, orders = kept("bot running")
    assert refusal(keeper, "start").status == 409
    keeper.order(order)
    keeper.order("kill")  # a stop takes its time
    keeper.hear("bot ended 0")
    assert refusal(keeper, order).sentence == "The bot's process is ended."
    keeper.order("start")
    assert orders == [f"bot {order}", "bot kill", "bot start"]
    assert keeper.json()["state"] == "starting"
    assert refusal(keeper, "start").status == 409


@pytest.mark.parametrize("what", [None, "", "restart", ["kill"], {"do": "kill"}, True])
def test_what_is_no_order_is_refused_and_not_passed_on(what: object) -> None:
    keeper, orders = kept("bot running")
    assert refusal(keeper, what).status == 400
    assert orders == []


@pytest.mark.parametrize(
    "line", ["", "bot", "bot ended", "bot ended x", "bot ended 1 2", "bot ended 12345678901", "robot running"]
)
def test_a_line_that_makes_no_sense_means_nothing(line: str) -> None:
    keeper, _ = kept("bot ended 3", line)
    assert (keeper.json()["state"], keeper.json()["code"]) == ("ended", 3)


def test_an_order_that_nobody_takes_is_refused_and_nobody_keeps_the_process_any_more() -> None:
    def broken(_line: str) -> None:
        raise BrokenPipeError

    keeper = Keeper(broken)
    keeper.hear("bot running")
    assert refusal(keeper, "kill").status == 409
    assert keeper.json() == UNKNOWN


def test_each_change_is_told_once() -> None:
    keeper, _ = kept()
    told: list[str] = []
    keeper.signal.listeners.append(lambda: told.append(keeper.json()["state"]))
    for line in ("bot running", "bot ended 1"):
        keeper.hear(line)
    keeper.order("start")
    keeper.lost()
    assert told == ["starting", "ended", "starting", "unknown"]


async def test_lines_are_heard_wherever_they_were_cut_and_the_end_is_that_nobody_keeps_it() -> None:
    keeper, _ = kept()
    told: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    keeper.signal.listeners.append(lambda: told.put_nowait(keeper.json()))
    reading, writing = os.pipe()
    try:
        listen(keeper, reading)
        os.write(writing, b"x" * 2 * MAX_LINE + b"\nbot running\nbot ended \xff\nbot end")
        async with asyncio.timeout(20):
            assert (await told.get())["state"] == "starting"
            os.write(writing, b"ed 7\r\n")
            assert (await told.get())["code"] == 7
            os.close(writing)
            assert await told.get() == UNKNOWN
    finally:
        os.close(reading)
