"""/jobs list, show, cancel and history; who may see and cancel what; and what a cancelled job leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import psutil
import pytest

from tests.acceptance.asker import Asker, Message, opened, shown, text
from tests.acceptance.discord_side import all_over, edits
from tests.acceptance.house import House, until
from tests.acceptance.jobs_side import (
    answered,
    calls_nobody,
    click,
    command,
    house_with,
    job,
    labels,
    line,
    prompts_sent,
    restart,
    until_job,
    until_over,
)

FREE = "🚫 **Cancelled.** The image service did not have it yet, so it costs nothing."
MAY_CHARGE = "The image service cannot be stopped and may charge for it; its result is dropped."
UNKNOWN = "I know no such picture (any more). Please pick one from the list that appears while you type."
HOSTILE = (
    "@everyone <@1000000000000000302> **bold** [here](https://evil.example) ```x``` # big\n> q ||s|| "
    "\u202eoverturned"
)
SETTINGS = {"JOBS_AT_ONCE": "2", "SUBMIT_RECONCILE_SECONDS": "30"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("commands"), **SETTINGS) as house:
        yield house


@pytest.fixture
async def mika(own: House) -> AsyncIterator[Asker]:
    own.reset()
    async with Asker(own.discord) as person:
        yield person
    own.reset()
    own.release()
    await all_over(own)


@pytest.fixture
async def noor(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord, role="member2") as person:
        yield person


@pytest.fixture
async def moderator(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord, role="moderator") as person:
        yield person


@pytest.fixture
async def robin(own: House) -> AsyncIterator[Asker]:
    """Somebody who asks for nothing in any other test."""
    async with Asker(own.discord, role="owner") as person:
        yield person


async def _running(house: House, asker: Asker, picture: bytes, prompt: str, **options: object) -> str:
    """A job that the API is at until `house.release()`; the interaction's id."""
    house.script(inference_seconds="manual")
    interaction = await asker.ask(picture, prompt, **options)  # type: ignore[arg-type]
    await asker.until_reply(interaction, "Processing")
    return interaction


async def _finished(house: House, asker: Asker, picture: bytes, prompt: str, **options: object) -> str:
    """A job that is over; its id."""
    interaction = await asker.ask(picture, prompt, **options)  # type: ignore[arg-type]
    await asker.until_done(interaction)
    return str((await until_over(house, interaction))["id"])


# List -----------------------------------------------------------------------------------------------------


async def test_list_shows_what_is_under_way_and_staff_see_everyones(
    own: House, mika: Asker, noor: Asker, moderator: Asker, small: bytes
) -> None:
    assert text(await command(mika, "jobs list")) == "Nothing is under way."
    await _running(own, mika, small, "a running fox")
    await _running(own, mika, small, "a private owl", private=True)
    waiting = await noor.ask(small, "a waiting bear")
    await noor.until_reply(waiting, "next")
    listed = text(await command(mika, "jobs list"))
    assert "a running fox" in listed
    assert "a private owl" in listed
    assert "bear" not in listed
    assert "Processing" in listed
    other = text(await command(noor, "jobs list"))
    assert "Queued" in line(await command(noor, "jobs list"), "Queued")
    assert "next" in other
    assert "fox" not in other
    everyones = await command(moderator, "jobs list", everyone=True)
    assert "a running fox" in text(everyones)
    assert "a waiting bear" in text(everyones)
    assert "owl" not in text(everyones)  # only its asker saw that one
    assert calls_nobody(everyones)
    assert text(await command(moderator, "jobs list")) == "Nothing is under way."
    refused = await answered(noor, await noor.run("jobs list", everyone=True))
    assert text(refused).startswith("Only moderators")


async def test_a_moderator_of_one_channel_is_a_stranger_in_the_others(
    own: House, mika: Asker, noor: Asker, small: bytes
) -> None:
    own.discord_settings(moderators={"art": [mika.user]})
    there = await _running(own, noor, small, "a jay in art")
    async with Asker(own.discord, role="moderator", kind="staff") as sasha:
        hidden = await _running(own, sasha, small, "a jay of the staff")
    jobs = [job(own, each)["id"] for each in (there, hidden)]
    everyones = text(await command(mika, "jobs list", everyone=True))
    assert "a jay in art" in everyones
    assert "a jay of the staff" not in everyones
    for name in ("jobs show", "jobs cancel"):
        choices = await mika.person.autocomplete(mika.user, mika.channel, name, "job", job="jay")
        assert [each["value"] for each in choices] == jobs[:1]
        assert text(await command(mika, name, job=jobs[1])) == UNKNOWN
    assert "a jay in art" in text(await command(mika, "jobs show", job=jobs[0]))
    assert "Cancelled" in text(await command(mika, "jobs cancel", job=jobs[0]))
    assert job(own, hidden)["state"] == "running"


# Show and history -----------------------------------------------------------------------------------------


async def test_show_has_the_picture_for_its_author_and_staff_and_for_nobody_else(
    own: House, mika: Asker, noor: Asker, moderator: Asker, small: bytes
) -> None:
    found = await _finished(own, mika, small, "a shown deer", seed=77)
    for person in (mika, moderator):
        message = await command(person, "jobs show", job=found)
        assert "a shown deer" in text(message)
        assert "seed **77**" in text(message)
        [picture] = await person.pictures(message)
        assert "Seed: 77," in opened(picture).info["parameters"]
    for wrong in (found, "0123456789", "a shown deer", ""):
        told = await command(noor, "jobs show", job=wrong or " ")
        assert text(told) == UNKNOWN
    secret = await _finished(own, mika, small, "a private deer", private=True)
    assert text(await command(moderator, "jobs show", job=secret)) == UNKNOWN
    assert "a private deer" in text(await command(mika, "jobs show", job=secret))


async def test_history_has_the_finished_pictures_newest_first_and_by_pages(
    own: House, robin: Asker, mika: Asker, small: bytes
) -> None:
    assert text(await command(robin, "jobs history")) == "You have no finished pictures yet."
    for number in range(5):
        await _finished(own, robin, small, f"drawing {number}")
    first = await command(robin, "jobs history")
    assert [words in text(first) for words in ("drawing 4", "drawing 1", "drawing 0")] == [True, True, False]
    assert text(first).index("drawing 4") < text(first).index("drawing 1")
    assert len(first["attachment_files"]) == 4
    second = await command(robin, "jobs history", page=2)
    assert "drawing 0" in text(second)
    assert len(second["attachment_files"]) == 1
    beyond = await answered(robin, await robin.run("jobs history", page=3))
    assert text(beyond) == "There are 2 pages."
    assert "drawing" not in text(await command(mika, "jobs history"))


async def test_autocompletion_offers_ones_own_and_to_staff_those_of_the_server(
    own: House, mika: Asker, noor: Asker, moderator: Asker, small: bytes
) -> None:
    done = await _finished(own, mika, small, "a finished heron")
    running = job(own, await _running(own, mika, small, "a running heron"))["id"]

    async def offered(asker: Asker, name: str, typed: str) -> list[str]:
        choices = await asker.person.autocomplete(asker.user, asker.channel, name, "job", job=typed)
        assert all(len(each["name"]) <= 100 for each in choices)
        return [each["value"] for each in choices]

    assert await offered(mika, "jobs show", "HERON") == [running, done]
    assert await offered(mika, "jobs show", done[:5]) == [done]
    assert await offered(mika, "jobs cancel", "heron") == [running]
    assert await offered(noor, "jobs show", "heron") == []
    assert await offered(moderator, "jobs show", "heron") == [running, done]
    assert await offered(moderator, "jobs cancel", "heron") == [running]


async def test_a_hostile_prompt_stays_letters_wherever_it_is_shown(
    own: House, mika: Asker, moderator: Asker, small: bytes
) -> None:
    interaction = await _running(own, mika, small, HOSTILE)
    found = job(own, interaction)["id"]
    running = await command(moderator, "jobs list", everyone=True)
    choices = await mika.person.autocomplete(mika.user, mika.channel, "jobs show", "job", job="everyone")
    own.release()
    card = await mika.until_done(interaction)
    await until_over(own, interaction)
    history = await command(mika, "jobs history")
    for message in (running, card, history):
        assert calls_nobody(message)
        said = text(message)
        assert "@everyone" not in said
        assert "<@1000000000000000302>" not in said
        assert "[here](" not in said
        assert "```" not in said
        assert "\u202e" not in said
        assert "\\*\\*bold" in said
    whole = await command(mika, "jobs show", job=found)
    assert calls_nobody(whole)
    block = next(part for part in _texts(whole) if "everyone" in part)
    assert block.startswith("```\n")
    assert block.count("```") == 2 + 2 * block.count("-# without")
    assert [each["name"] for each in choices if "\u202e" in each["name"]] == []


def _texts(message: Message) -> list[str]:
    return [part["content"] for part in message["components"][0]["components"] if "content" in part]


# Cancel ---------------------------------------------------------------------------------------------------


async def _received(house: House, asker: Asker, picture: bytes) -> str:
    """The picture workers stand still, so the input is not ready."""
    await _finished(house, asker, picture, "wakes the workers")
    assert house.bot is not None
    for each in psutil.Process(house.bot.process.pid).children(recursive=True):
        each.suspend()
    interaction = await asker.ask(picture, "in vain")
    await until_job(house, interaction, "received")
    return interaction


async def _queued(house: House, asker: Asker, picture: bytes) -> str:
    for number in range(2):
        await _running(house, asker, picture, f"before it {number}")
    interaction = await asker.ask(picture, "in vain")
    await asker.until_reply(interaction, "next")
    return interaction


async def _submitting(house: House, asker: Asker, picture: bytes) -> str:
    house.script(inference_seconds="manual")
    house.api_fault("submit", delay=1.5)
    interaction = await asker.ask(picture, "in vain")
    await until_job(house, interaction, "submitting")
    return interaction


async def _unknown(house: House, asker: Asker, picture: bytes) -> str:
    house.api_fault("submit", drop="before")
    interaction = await asker.ask(picture, "in vain")
    await asker.until_reply(interaction, "Checking")
    return interaction


async def _at_the_api(house: House, asker: Asker, picture: bytes) -> str:
    return await _running(house, asker, picture, "in vain")


async def _fetching(house: House, asker: Asker, picture: bytes) -> str:
    house.api_fault("output", delay=1.5)
    interaction = await asker.ask(picture, "in vain")
    await until(lambda: job(house, interaction).get("api_state") == "COMPLETED")
    return interaction


STAGES = [
    pytest.param(_received, True, 0, id="received"),
    pytest.param(_queued, True, 0, id="queued"),
    pytest.param(_submitting, False, 1, id="submitting"),
    pytest.param(_unknown, False, 0, id="unknown"),
    pytest.param(_at_the_api, False, 1, id="running"),
    pytest.param(_fetching, False, 1, id="fetching"),
]
Stage = Callable[[House, Asker, bytes], "asyncio.Future[str]"]


@pytest.mark.parametrize("by_button", [True, False], ids=["button", "command"])
@pytest.mark.parametrize(("stage", "free", "submits"), STAGES)
async def test_a_job_is_cancelled_at_any_stage_with_honest_words_and_its_result_is_dropped(
    own: House,
    mika: Asker,
    moderator: Asker,
    small: bytes,
    stage: Stage,
    free: bool,
    submits: int,
    by_button: bool,
) -> None:
    before = prompts_sent(own).count("in vain")
    interaction = await stage(own, mika, small)
    found = job(own, interaction)["id"]
    who = mika if (by_button or free) else moderator
    card = await mika.reply(interaction)
    assert card is not None
    try:
        if by_button and labels(card):
            await who.click(card, "Cancel")
        else:
            told = await command(who, "jobs cancel", job=found)
            assert text(told) == (FREE if free else f"🚫 **Cancelled.** {MAY_CHARGE}")
    finally:
        assert own.bot is not None
        for each in psutil.Process(own.bot.process.pid).children(recursive=True):
            each.resume()
    card = await mika.until_reply(interaction, "Cancelled")
    assert (MAY_CHARGE in text(card)) is not free
    assert ("by a moderator" in text(card)) is (who is moderator)
    assert labels(card) == ["Delete"]
    over = await until_over(own, interaction)
    assert over["state"] == "cancelled"
    own.script(inference_seconds=0)
    own.release()
    await all_over(own)
    done = await mika.ask(small, "the next one")  # room is free again, and nothing else comes
    await mika.until_done(done)
    await until(lambda: prompts_sent(own).count("in vain") == before + submits)
    await until(lambda: not job(own, interaction)["claimed"])
    assert await mika.reply(interaction) == card
    assert [each for each in edits(own, card) if each["files"]] == []
    assert text(await command(who, "jobs cancel", job=found)).startswith("It is too late to cancel")


async def test_a_moderator_cancels_by_the_button_and_a_stranger_is_told_privately_that_he_cannot(
    own: House, mika: Asker, noor: Asker, moderator: Asker, small: bytes
) -> None:
    interaction = await _running(own, mika, small, "somebody else's")
    card = await mika.reply(interaction)
    assert card is not None
    told = await click(noor, card, "Cancel")
    assert text(told) == "Only the person who asked for this picture or a moderator can cancel it."
    assert text(await command(noor, "jobs cancel", job=job(own, interaction)["id"])) == UNKNOWN
    assert "Processing" in shown((await mika.reply(interaction)) or card)
    await moderator.click(card, "Cancel")
    card = await mika.until_reply(interaction, "Cancelled")
    assert shown(card).startswith("🚫 Cancelled by a moderator")


async def test_a_picture_that_is_being_posted_is_not_cancelled_any_more(
    own: House, mika: Asker, small: bytes
) -> None:
    interaction = await _running(own, mika, small, "too late")
    card = await mika.reply(interaction)
    assert card is not None
    own.fault("rest", method="PATCH", path_regex="/webhooks/.*/messages/", has_files=True, delay=1.0)
    own.release()
    await until_job(own, interaction, "delivering")
    told = await click(mika, card, "Cancel")
    assert text(told).startswith("It is too late to cancel: the picture is being posted already")
    await mika.until_done(interaction)


async def test_after_a_restart_a_job_can_be_cancelled_and_stays_so(
    own: House, mika: Asker, small: bytes
) -> None:
    first = await _running(own, mika, small, "before the restart")
    card = await mika.reply(first)
    assert card is not None
    await asyncio.to_thread(restart, own, kill=True, **SETTINGS)
    await mika.click(card, "Cancel")
    cancelled = await mika.until_reply(first, "Cancelled")
    await until_over(own, first)
    await asyncio.to_thread(restart, own, kill=True, **SETTINGS)
    own.script(inference_seconds=0)
    own.release()
    await mika.until_done(await mika.ask(small, "the next one"))
    assert await mika.reply(first) == cancelled
    assert prompts_sent(own).count("before the restart") == 1
