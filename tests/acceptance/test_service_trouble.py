"""The image API in trouble: nobody's job is lost by it, people know why they wait, and it ends by itself."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from repaint.errors import KeyRefused, OutOfCredits, ServiceError
from tests.acceptance.asker import Asker, Message, shown, text
from tests.acceptance.discord_side import all_over, the_picture
from tests.acceptance.house import House, until
from tests.acceptance.jobs_side import (
    answered,
    calls_nobody,
    click,
    command,
    house_with,
    job,
    labels,
    prompts_sent,
    restart,
    until_job,
    until_over,
)

DOWN = "The image service is down at the moment; the picture keeps its place and I go on by myself."
BUSY = "The image service is busy; the picture keeps its place."
OPERATOR_READS = {OutOfCredits: "credits", KeyRefused: "SEGMIND_API_KEY"}
SETTINGS = {"API_BREAKER_SECONDS": "0.5", "SUBMIT_RECONCILE_SECONDS": "1", "JOBS_AT_ONCE": "5"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("trouble"), **SETTINGS) as house:
        yield house


@pytest.fixture
async def mika(own: House) -> AsyncIterator[Asker]:
    own.reset()
    async with Asker(own.discord) as person:
        yield person
    own.reset()


@pytest.fixture
async def noor(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord, role="member2") as person:
        yield person


@pytest.fixture
async def operator(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord, role="owner") as person:
        yield person


# Busy and down --------------------------------------------------------------------------------------------


async def test_a_429_is_waited_for_until_the_announced_moment_and_the_cards_say_so(
    own: House, mika: Asker, noor: Asker, small: bytes
) -> None:
    reset = time.time() + 3
    moment = dt.datetime.fromtimestamp(reset, dt.UTC).isoformat()
    own.api_fault("submit", status=429, body="slow down", headers={"x-rate-limit-reset-at-utc": moment})
    first = await mika.ask(small, "met a limit")
    assert BUSY in text(await mika.until_reply(first, BUSY))
    second = await noor.ask(small, "came later")
    assert BUSY in text(await noor.until_reply(second, BUSY))
    await mika.until_done(first)
    await noor.until_done(second)
    for prompt in ("met a limit", "came later"):
        [request] = own.accepted(prompt)
        assert request["created_at"] >= reset


async def test_while_the_service_refuses_connections_jobs_wait_and_then_go_on_by_themselves(
    own: House, mika: Asker, noor: Asker, small: bytes
) -> None:
    async with asyncio.timeout(60):
        with own.api_down():
            asked = [(mika, await mika.ask(small, f"in the dark {n}")) for n in range(3)]
            asked += [(noor, await noor.ask(small, f"in the dark, too {n}")) for n in range(4)]
            for person, interaction in asked:
                card = await person.until_reply(interaction, DOWN)
                assert shown(card).startswith("🕒 Queued")
                assert labels(card) == ["Cancel"]
                assert calls_nobody(card)
            listed = await command(mika, "jobs list")
            assert DOWN in text(listed)
        for person, interaction in asked:
            await person.until_done(interaction)
            await the_picture(person, interaction)
    sent = [each for each in prompts_sent(own) if each.startswith("in the dark")]
    assert len(sent) == len(set(sent)) == len(asked)


async def test_gateway_faults_hold_submits_but_no_polls_and_their_end_is_found_out(
    own: House, mika: Asker, noor: Asker, small: bytes
) -> None:
    own.script(inference_seconds="manual")
    paid = await mika.ask(small, "paid before")
    await mika.until_reply(paid, "Processing")
    own.api_fault("submit", status=502, times=-1)  # only submits are down: the free probe finds it alive,
    lost = [await person.ask(small, "lost") for person in (mika, noor, mika, noor)]
    for person, interaction in zip((mika, noor, mika, noor), lost, strict=True):
        await until_job(own, interaction, "unknown")
        assert "Failed" in shown(await person.until_failed(interaction))
    held = [await noor.ask(small, f"held {n}") for n in range(3)]
    await until(lambda: [each for each in held if DOWN in _card(own, noor, each)])
    own.script(inference_seconds=0)
    own.release()
    await mika.until_done(paid)  # was polled all the time
    await until(lambda: sum(job(own, each)["state"] == "queued" for each in held) >= 1)
    own.script(faults=[])
    waiting = [each for each in held if job(own, each)["state"] == "queued"]
    assert waiting
    for interaction in waiting:
        await noor.until_done(interaction)
    failed = await mika.until_failed(lost[0])
    await all_over(own)
    await mika.click(failed, "retry:")
    await until(lambda: prompts_sent(own).count("lost") == 1)
    await all_over(own)


def _card(house: House, asker: Asker, interaction: str) -> str:
    """The reply as it is now."""
    query = {"user": asker.user, "channel": asker.channel}
    messages = house.http.get(f"{house.discord}/person/messages", params=query).raise_for_status().json()
    mine = [m for m in messages if (m.get("interaction_metadata") or {}).get("id") == interaction]
    return text(mine[0]) if mine else ""


# The account ----------------------------------------------------------------------------------------------


def _no_credits(house: House) -> None:
    house.script(credits=0)


def _no_key(house: House) -> None:
    house.script(faults=[{"route": route, "status": 401, "times": -1} for route in ("submit", "credits")])


def _in_order(house: House) -> None:
    house.script(credits=None, faults=[])


def _looks_again(house: House) -> Callable[[], bool]:
    """True once the bot has found the end of an account's trouble that begins after this."""
    assert house.bot is not None
    log = house.bot.log
    before = log.stat().st_size
    return lambda: b"submits are tried again" in log.read_bytes()[before:]


async def _refused(asker: Asker, interaction: str, error: type[ServiceError]) -> None:
    """The command was answered at once, to its giver alone, with this error's sentence and nothing else."""
    told = await answered(asker, interaction)
    assert text(told) == error.sentence
    assert (await asker.acknowledged(interaction))["response_type"] == 4


@pytest.mark.parametrize(
    ("trouble", "error", "restarted"),
    [
        pytest.param(_no_credits, OutOfCredits, True, id="406"),
        pytest.param(_no_key, KeyRefused, False, id="401"),
    ],
)
async def test_an_account_that_cannot_pay_fails_all_who_wait_and_refuses_new_commands_until_it_can(
    own: House,
    mika: Asker,
    noor: Asker,
    operator: Asker,
    small: bytes,
    trouble: Callable[[House], None],
    error: type[ServiceError],
    restarted: bool,
) -> None:
    own.script(inference_seconds="manual")
    told_before = [each["id"] for each in await operator.direct_messages()]
    paid = [await mika.ask(small, f"paid {n}") for n in range(5)]  # as many as may be at the API
    for each in paid:
        await until_job(own, each, "running")
    waiting = [(mika, await mika.ask(small, "a waiting one")), (noor, await noor.ask(small, "another"))]
    for _, each in waiting:
        await until_job(own, each, "queued")
    found = _looks_again(own)
    trouble(own)
    own.script(inference_seconds=0)
    own.release()
    for each in paid:  # what is paid for is delivered all the same
        await mika.until_done(each)
    failed: list[Message] = []
    for person, each in waiting:
        failed.append(await person.until_failed(each))
        assert error.sentence in text(failed[-1])
        assert labels(failed[-1]) == ["Retry", "Adjust", "Delete"]
        await until_over(own, each)
    await _refused(noor, await noor.ask(small, "a new one"), error)
    assert text(await click(mika, failed[0], "Retry")) == error.sentence
    told = await operator.person.wait_message(lambda each: each["id"] not in told_before, operator.user, "dm")
    assert OPERATOR_READS[error] in text(told)
    assert "new pictures are refused" in text(told)
    if restarted:  # the next start knows of it: nobody is let try, and the operator is not told again
        await asyncio.to_thread(restart, own, kill=True, **SETTINGS)
        await _refused(noor, await noor.ask(small, "a new one"), error)
    _in_order(own)
    if restarted:  # and one that finds the account in order serves at once
        await asyncio.to_thread(restart, own, kill=True, **SETTINGS)
        await until(found, 3)
    await until(found, 15)
    for asker, card in zip((mika, noor), failed, strict=True):
        await asker.click(card, "Retry")
    await noor.until_done(await noor.ask(small, "a new one"))
    await all_over(own)
    assert prompts_sent(own).count("a waiting one") >= 1
    assert [each["id"] for each in await operator.direct_messages()] == [*told_before, told["id"]]
