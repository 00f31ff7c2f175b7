"""Everyone's turn comes: the order of submits at the image API, the limits, and what the cards say of it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.acceptance.asker import Asker, shown
from tests.acceptance.discord_side import all_over, edits
from tests.acceptance.house import House, until
from tests.acceptance.jobs_side import (
    database,
    house_with,
    prompts_sent,
    until_job,
    until_over,
)

MINUTE = 61.0  # seconds after which the bot takes a plan's minute for over
PLAN = 3  # requests a minute


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house where one job is at the API at a time, so that the order of submits is the queue's."""
    with house_with(tmp_path_factory.mktemp("narrow"), JOBS_AT_ONCE="1") as house:
        yield house


@pytest.fixture
async def member(narrow: House) -> AsyncIterator[Asker]:
    """Mika, while the API is at a job that somebody else asked for: whatever comes now has to wait."""
    narrow.reset()
    async with Asker(narrow.discord) as person:
        yield person
    narrow.reset()
    narrow.script(inference_seconds=0, queue_seconds=0)
    narrow.release()
    await all_over(narrow)


async def _occupied(house: House, asker: Asker, picture: bytes) -> None:
    """The API is at one job, until `house.release()` and no longer "manual" for the others."""
    house.script(inference_seconds="manual")
    first = await asker.ask(picture, "the first of all")
    await until(lambda: "the first of all" in _since(house))
    await until_job(house, first, "running")


def _since(house: House) -> list[str]:
    """The prompts submitted since the first of all, in order."""
    sent = prompts_sent(house)
    firsts = [at for at, prompt in enumerate(sent) if prompt == "the first of all"]
    return sent[firsts[-1] :] if firsts else []


async def _waiting(house: House, asker: Asker, picture: bytes, *prompts: str, **options: object) -> list[str]:
    """Ask for all of these, one after another, and wait until each is in the queue."""
    upload = await asker.upload(picture)
    asked = []
    for prompt in prompts:
        asked.append(await asker.ask(upload, prompt, **options))  # type: ignore[arg-type]
        await until_job(house, asked[-1], "queued")
    return asked


async def _let_all_run(house: House) -> list[str]:
    """The order in which all that waits is submitted."""
    house.script(inference_seconds=0)
    house.release()
    await all_over(house)
    return _since(house)


async def test_one_who_queues_many_does_not_delay_the_first_of_another(
    narrow: House, member: Asker, small: bytes
) -> None:
    await _occupied(narrow, member, small)
    await _waiting(narrow, member, small, *(f"many {n}" for n in range(1, 9)))
    async with Asker(narrow.discord, role="member2") as other:
        await _waiting(narrow, other, small, "only one")
    order = await _let_all_run(narrow)
    assert order.index("only one") <= 2  # the one in hand, and at most one more
    assert [each for each in order if each.startswith("many")] == [f"many {n}" for n in range(1, 9)]


async def test_two_who_queue_many_take_turns(narrow: House, member: Asker, small: bytes) -> None:
    await _occupied(narrow, member, small)
    await _waiting(narrow, member, small, "mika 1", "mika 2", "mika 3")
    async with Asker(narrow.discord, role="member2") as other:
        await _waiting(narrow, other, small, "noor 1", "noor 2", "noor 3")
    order = [each.split()[0] for each in (await _let_all_run(narrow))[1:]]
    assert all(first != second for first, second in itertools.pairwise(order)), order


async def test_another_place_does_not_wait_for_a_busy_server(
    narrow: House, member: Asker, small: bytes
) -> None:
    await _occupied(narrow, member, small)
    await _waiting(narrow, member, small, *(f"in the server {n}" for n in range(1, 4)))
    async with Asker(narrow.discord, role="member2") as other:
        await _waiting(narrow, other, small, *(f"in the server, too {n}" for n in range(1, 4)))
    async with Asker(narrow.discord, role="moderator", kind="dm") as alone:
        await _waiting(narrow, alone, small, "in a direct message 1", "in a direct message 2")
    order = await _let_all_run(narrow)
    assert order.index("in a direct message 1") <= 2
    assert order.index("in a direct message 2") <= 4


async def test_a_job_of_much_work_counts_for_as_many(narrow: House, member: Asker, small: bytes) -> None:
    await _occupied(narrow, member, small)
    await _waiting(narrow, member, small, "large 1", "large 2", samples=4)
    async with Asker(narrow.discord, role="member2") as other:
        await _waiting(narrow, other, small, "little 1", "little 2", "little 3", "little 4")
    order = await _let_all_run(narrow)
    assert order.index("large 2") > order.index("little 3")


async def test_the_card_says_whose_turn_it_is_and_when_and_keeps_that_current(
    narrow: House, member: Asker, small: bytes
) -> None:
    await _occupied(narrow, member, small)
    [next_one, second, third] = await _waiting(narrow, member, small, "next", "second", "third")
    card = await member.until_reply(next_one, "next")
    assert "Queued" in shown(card)
    await member.until_reply(second, "2nd in line")
    card = await member.until_reply(third, "3rd in line")
    assert any(words in shown(card) for words in ("a few seconds", "about")), shown(card)
    edited = len(edits(narrow, card))
    narrow.release()  # the first of all is done, the next one is at the API
    await member.until_reply(next_one, "Processing")
    await member.until_reply(second, "next")
    await member.until_reply(third, "2nd in line")
    assert len(edits(narrow, card)) <= edited + 2


async def test_a_job_whose_reply_is_deleted_while_it_waits_is_not_submitted(
    narrow: House, member: Asker, small: bytes
) -> None:
    await _occupied(narrow, member, small)
    [_, unwanted] = await _waiting(narrow, member, small, "still wanted", "not wanted")
    card = await member.until_reply(unwanted, "2nd in line")
    await member.person.remove(message=card["id"])
    narrow.release()
    over = await until_over(narrow, unwanted)
    assert (over["state"], over["submitted_at"]) == ("cancelled", None)
    assert "not wanted" not in await _let_all_run(narrow)


async def test_a_job_that_is_next_and_whose_reply_is_deleted_is_not_submitted(
    narrow: House, member: Asker, small: bytes
) -> None:
    await _occupied(narrow, member, small)
    [unwanted] = await _waiting(narrow, member, small, "no longer wanted")
    card = await member.until_reply(unwanted, "next")
    await member.person.remove(message=card["id"])
    assert "no longer wanted" not in await _let_all_run(narrow)


# Limits ---------------------------------------------------------------------------------------------------


async def test_no_more_are_at_the_api_than_a_member_a_server_and_all_together_may_have(
    tmp_path_factory: pytest.TempPathFactory, small: bytes
) -> None:
    limits = {"JOBS_AT_ONCE": "3", "JOBS_AT_ONCE_PER_SERVER": "2", "JOBS_AT_ONCE_PER_MEMBER": "1"}
    with house_with(tmp_path_factory.mktemp("limits"), **limits) as house:
        house.script(inference_seconds="manual")
        async with (
            Asker(house.discord) as mika,
            Asker(house.discord, role="member2") as noor,
            Asker(house.discord, role="owner") as robin,
            Asker(house.discord, role="owner", kind="dm") as robin_alone,
            Asker(house.discord, role="moderator", kind="dm") as sasha_alone,
        ):
            people = {"mika": mika, "noor": noor, "robin": robin, "robin, dm": robin_alone}
            people["sasha, dm"] = sasha_alone
            for name, asker in people.items():
                upload = await asker.upload(small)
                for number in range(3):
                    await asker.ask(upload, f"{name}: {number}")
                if name == "mika":  # nobody else is there, and still only one of three is sent
                    await until(lambda: (len(prompts_sent(house)), _in_queue(house)) == (1, 2))
            await until(lambda: len(prompts_sent(house)) == 3)
            await until(lambda: _in_queue(house) == 12)
            assert _in_flight(house, "robin") + _in_flight(house, "sasha") >= 1  # the server has only two
            house.script(inference_seconds=0.2)
            house.release()
            await all_over(house)
        assert len(prompts_sent(house)) == 15
        for who in ("mika", "noor", "robin", "sasha"):
            assert _most_at_once(house, lambda prompt, who=who: prompt.startswith(who)) == 1
        assert _most_at_once(house, lambda prompt: "dm" not in prompt) <= 2
        assert _most_at_once(house, lambda _: True) == 3


def _in_queue(house: House) -> int:
    with database(house) as opened:
        query = "SELECT count(*) FROM jobs WHERE state = 'queued' AND NOT claimed"
        return int(opened.execute(query).fetchone()[0])


def _in_flight(house: House, who: str) -> int:
    return len([each for each in prompts_sent(house) if each.startswith(who)])


def _most_at_once(house: House, fits) -> int:  # type: ignore[no-untyped-def]
    """How many of these requests the API had at the same time, at most."""
    fitting = [each for each in house.api_saw()["requests"] if fits(each["body"]["prompt"])]
    moments = [(each["created_at"], 1) for each in fitting] + [(each["completed_at"], -1) for each in fitting]
    return max(itertools.accumulate(step for _, step in sorted(moments)))


async def test_the_plans_requests_a_minute_are_kept_so_that_the_api_never_refuses(
    tmp_path_factory: pytest.TempPathFactory, small: bytes
) -> None:
    """A minute passes at once here: the API's clock is moved on, and what was submitted grows old."""
    with house_with(tmp_path_factory.mktemp("plan"), SEGMIND_REQUESTS_PER_MINUTE=str(PLAN)) as house:
        house.script(requests_per_minute=PLAN)
        async with Asker(house.discord) as asker:
            upload = await asker.upload(small)
            asked = [await _planned(house, asker, upload, number) for number in range(7)]
            for minute in (1, 2, 3):
                await until(lambda sent=minute: len(prompts_sent(house)) >= min(PLAN * sent, 8))
                if minute == 3:
                    break
                await until(lambda sent=minute: _in_queue(house) == 6 + sent - PLAN * sent)
                last = await asker.until_reply(asked[6], "in line", "next")
                assert "about" in shown(last)  # a turn every 20 seconds
                _a_minute_later(house)
                asked.append(await _planned(house, asker, upload, len(asked)))  # the queue looks again
            await until(lambda: len(prompts_sent(house)) == 9)
            await all_over(house)
        log = house.bot.log.read_text() if house.bot else ""
        assert "submits held" not in log
        assert "HTTP 429" not in log  # ids may hold the number


async def _planned(house: House, asker: Asker, upload: str, number: int) -> str:
    """Ask for one more; it has its place in the queue, behind the ones before, when this returns."""
    interaction = await asker.ask(upload, f"planned {number}")
    await until(lambda: _with_place(house) == number + 1)
    return interaction


def _with_place(house: House) -> int:
    """How many jobs are, or were, in the queue."""
    with database(house) as opened:
        return int(opened.execute("SELECT count(*) FROM jobs WHERE place IS NOT NULL").fetchone()[0])


def _a_minute_later(house: House) -> None:
    with database(house) as opened:
        opened.execute("UPDATE jobs SET submitted_at = submitted_at - ?", (MINUTE,))
    house.http.post(f"{house.api}/admin/clock", json={"advance": MINUTE}).raise_for_status()
