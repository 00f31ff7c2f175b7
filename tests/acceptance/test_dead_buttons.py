"""Buttons that do nothing any more, or not for whoever presses: one private sentence, whatever happened."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from repaint.errors import PictureGone
from repaint.jobs.intake import NOT_KEPT
from repaint.jobs.presenter import Cancelled
from repaint.pictures import NOT_KEPT as NOT_COMPARED
from repaint.ui.authority import (
    ASKER_ALONE,
    CONTINUE_INSTEAD,
    INPUT_UNSEEN,
    NOT_HERE,
    STAFF_TOO,
    UNKNOWN,
    Verb,
)
from repaint.ui.buttons.base import ONE_MOMENT
from repaint.ui.buttons.ends import STAYS, TOLD
from repaint.ui.buttons.share import NOT_KEPT as NOT_SHARED
from repaint.ui.held import GONE
from tests.acceptance.asker import Asker, Message, text
from tests.acceptance.discord_side import all_over
from tests.acceptance.house import House
from tests.acceptance.jobs_side import (
    answered,
    command,
    database,
    end,
    house_with,
    labels,
)
from tests.acceptance.presses import (
    answered_by,
    each_told,
    job_named,
    made_up,
    open_form,
    pressed,
    sent_in,
    told_alone,
    whispers,
)
from tests.person import custom_ids

MENU = "Repaint this image"
DONE = ["Again", "Softer", "Stronger", "Adjust", "Continue", "Compare", "Use this seed", "Share", "Delete"]
# What somebody else is told in another place, by how the ids of the buttons begin.
STRANGERS = dict.fromkeys(
    ("again", "softer", "stronger", "adjust", "continue", "compare", "seed"), NOT_HERE
) | {
    "share": ASKER_ALONE[Verb.SHARE],
    "retry": ASKER_ALONE[Verb.RETRY],
    "delete": STAFF_TOO[Verb.DELETE],
    "cancel": STAFF_TOO[Verb.CANCEL],
}
FORMS = ["Adjust", "Continue", "Use this seed", "Delete"]


@pytest.fixture(scope="module")
def running_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("dead")) as house:
        yield house


@pytest.fixture
async def own(running_own: House) -> AsyncIterator[House]:
    """With a gallery, so that cards have Share."""
    running_own.reset()
    async with Asker(running_own.discord, role="owner") as robin:
        channels = {each["kind"]: each["id"] for each in (await robin.person.world())["channels"]}
        await command(robin, "gallery set", channel=channels["showcase"])
    yield running_own
    running_own.reset()
    running_own.release()


@pytest.fixture
async def mika(own: House) -> AsyncIterator[Asker]:
    """Whatever she does is answered once at most."""
    async with Asker(own.discord) as person:
        yield person
        answered_to = [answered_by(each) for each in await whispers(person)]
        assert len(answered_to) == len(set(answered_to))


@pytest.fixture
async def noor(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord, role="member2") as person:
        yield person


async def _done(asker: Asker, picture: bytes, prompt: str, **options: Any) -> Message:
    return await asker.until_done(await asker.ask(picture, prompt, **options))


async def _failed(own: House, asker: Asker, picture: bytes, prompt: str) -> Message:
    own.script(fail="out of memory")
    card = await asker.until_failed(await asker.ask(picture, prompt))
    await all_over(own)
    own.script(fail=None)
    return card


async def _running(own: House, asker: Asker, picture: bytes, prompt: str) -> Message:
    """A card of a job that the API is at until `own.release()`, as it is from now on at any other."""
    own.script(inference_seconds="manual")
    return await asker.until_reply(await asker.ask(picture, prompt), "Processing")


def _jobs(own: House) -> int:
    with database(own) as opened:
        return int(opened.execute("SELECT count(*) FROM jobs").fetchone()[0])


# Somebody else --------------------------------------------------------------------------------------------


async def test_somebody_elses_press_is_answered_once_and_does_nothing(
    own: House, mika: Asker, noor: Asker, small: bytes
) -> None:
    done = await _done(noor, small, "hers")
    assert labels(done) == DONE
    failed = await _failed(own, noor, small, "hers as well")
    running = await _running(own, noor, small, "also hers")
    before = _jobs(own), own.api_saw()["submits"], [each["id"] for each in await noor.messages()]
    of_the_input = dict.fromkeys(("Again", "Softer", "Stronger", "Adjust"), CONTINUE_INSTEAD)
    not_hers = {
        **of_the_input,
        "Compare": INPUT_UNSEEN,
        "Share": ASKER_ALONE[Verb.SHARE],
        "Delete": STAFF_TOO[Verb.DELETE],
    }
    assert await pressed(mika, done, not_hers) == not_hers
    assert await pressed(mika, failed, labels(failed)) == {
        "Retry": ASKER_ALONE[Verb.RETRY],
        "Adjust": INPUT_UNSEEN,
        "Delete": STAFF_TOO[Verb.DELETE],
    }
    assert await pressed(mika, running, ["Cancel"]) == {"Cancel": STAFF_TOO[Verb.CANCEL]}
    after = _jobs(own), own.api_saw()["submits"], [each["id"] for each in await noor.messages()]
    assert after == before


async def test_what_everybody_saw_before_anybody_may_repaint(
    own: House, mika: Asker, noor: Asker, small: bytes
) -> None:
    posted = await noor.person.post(noor.user, noor.channel, "look", [await noor.upload(small)])
    opened = await noor.menu(posted, MENU)
    await noor.form(opened)
    card = await noor.until_done(await noor.send_in(opened, prompt="for all"))
    asked = [await mika.click(card, which) for which in ("Again", "Softer", "Stronger")]
    asked += [
        await mika.send_in(await open_form(mika, card, which))
        for which in ("Adjust", "Continue", "Use this seed")
    ]
    for interaction in asked:
        await mika.until_done(interaction)
    compared = await answered(mika, await mika.click(card, "Compare"))
    assert len(await mika.pictures(compared)) == 2
    assert len(own.accepted("for all")) == 7


# Twice at the same instant --------------------------------------------------------------------------------


async def _twice(asker: Asker, message: Message, which: str) -> list[str]:
    presses = await asyncio.gather(*(asker.click(message, which) for _ in range(2)))
    seen = [await asker.acknowledged(each) for each in presses]
    assert [each["status"] for each in seen] == ["acknowledged"] * 2
    return presses


async def _outcome(asker: Asker, press: str) -> str:
    """What came of a press, when it has: a picture, or a sentence."""

    def fits(messages: list[Message]) -> Message | None:
        replies = [each for each in messages if answered_by(each) == press]
        return next((each for each in replies if each["attachment_files"] or ONE_MOMENT in text(each)), None)

    return text(await asker.until(fits))


@pytest.mark.parametrize("which", ["Softer", "Compare"])
async def test_of_two_presses_at_once_of_what_costs_one_counts(
    own: House, mika: Asker, small: bytes, which: str
) -> None:
    card = await _done(mika, small, f"{which} twice", strength=0.5)
    own.fault("rest", method="POST", path_regex="/callback$", delay=1.0)  # so the first is still in hand
    outcomes = [await _outcome(mika, press) for press in await _twice(mika, card, which)]
    assert outcomes.count(ONE_MOMENT) == 1
    assert len(own.accepted(f"{which} twice")) == (1 if which == "Compare" else 2)


async def test_of_two_cancels_at_once_one_cancels_and_the_other_is_told(
    own: House, mika: Asker, small: bytes
) -> None:
    card = await _running(own, mika, small, "given up twice")
    await _twice(mika, card, "Cancel")
    assert text(await mika.until_told_privately()) == TOLD[Cancelled.TOO_LATE]
    await mika.until(
        lambda messages: next((m for m in messages if m["id"] == card["id"] and "Cancelled" in text(m)), None)
    )
    own.release()
    await all_over(own)
    assert len(await whispers(mika)) == 1


async def test_of_two_deletions_at_once_one_deletes_and_the_other_is_told(
    own: House, mika: Asker, small: bytes
) -> None:
    card = await _done(mika, small, "deleted twice")
    for which in ("Adjust", "Continue", "Use this seed"):
        await _twice(mika, card, which)  # two forms, of which each can be sent in
    sent = await asyncio.gather(*(mika.send_in(each) for each in await _twice(mika, card, "Delete")))
    assert [(await mika.acknowledged(each))["status"] for each in sent] == ["acknowledged"] * 2
    assert text(await mika.until_told_privately()) == UNKNOWN
    await mika.until(lambda messages: None if card["id"] in [m["id"] for m in messages] else card)
    assert len(await whispers(mika)) == 1


# What is no longer there ----------------------------------------------------------------------------------


async def _deleted(own: House, asker: Asker, picture: bytes) -> tuple[Message, dict[str, str]]:
    """A picture that was deleted, whose message Discord did not let go, and its forms that are open."""
    card = await _done(asker, picture, "deleted, and still seen")
    forms = {which: await open_form(asker, card, which) for which in FORMS}
    own.fault("rest", method="DELETE", path_regex="/messages/@original", status=403, code=50013)
    assert await sent_in(asker, {"Delete": await open_form(asker, card, "Delete")}) == {"Delete": STAYS}
    return card, forms


async def _drafts(
    own: House, asker: Asker, done: Message, picture: bytes
) -> dict[str, Callable[[], Awaitable[str]]]:
    """Whatever was begun and is kept as a draft, with what goes on with it; that gives the interaction."""
    ids = [await asker.upload(picture, f"{n}.jpg", "image/jpeg") for n in range(2)]
    one, two = [await asker.person.post(asker.user, asker.channel, "look", each) for each in (ids[:1], ids)]
    menu = await asker.menu(one, MENU)
    await asker.form(menu)
    pick = await answered(asker, await asker.menu(two, MENU))
    [select] = [each for each in custom_ids(pick) if each.startswith("pick:")]
    refused = await answered(asker, await asker.send_in(await open_form(asker, done, "Adjust"), advanced="?"))
    [file] = await asker.pictures(done)
    found = await command(asker, "reproduce", image=await asker.upload(file))
    recipe = await open_form(asker, found, "Adjust and repaint")
    return {
        "a menu's form": lambda: asker.send_in(menu, prompt="too late"),
        "a choice of pictures": lambda: asker.choose(pick, select, "0"),
        "a refused form": lambda: asker.click(refused, "Edit"),
        "a recipe": lambda: asker.click(found, "Adjust and repaint"),
        "a recipe's form": lambda: asker.send_in(recipe, prompt="too late"),
    }


async def test_what_is_deleted_or_forgotten_is_unknown_to_buttons_and_open_forms_after_a_restart_too(
    own: House, mika: Asker, noor: Asker, small: bytes
) -> None:
    deleted, forms_of_deleted = await _deleted(own, mika, small)
    assert await pressed(mika, deleted, DONE) == dict.fromkeys(DONE, UNKNOWN)
    assert await sent_in(mika, forms_of_deleted) == dict.fromkeys(FORMS, UNKNOWN)
    failed = await _failed(own, mika, small, "soon forgotten")
    done = await _done(mika, small, "forgotten, too")
    forms = {which: await open_form(mika, done, which) for which in FORMS}
    drafts = await _drafts(own, mika, done, small)
    running = await _running(own, mika, small, "never finished")
    end(own)
    with database(own) as opened:
        opened.execute("DELETE FROM jobs WHERE id != ?", (job_named(deleted),))
        opened.execute("DELETE FROM drafts")
    own.start_bot()
    own.ready()
    for card in (deleted, done, failed, running):
        assert await pressed(mika, card, labels(card)) == dict.fromkeys(labels(card), UNKNOWN)
    for each in (forms_of_deleted, forms):
        assert await sent_in(mika, each) == dict.fromkeys(FORMS, UNKNOWN)
    presses = {name: await go_on() for name, go_on in drafts.items()}
    assert await each_told(mika, presses) == dict.fromkeys(drafts, GONE)
    assert len(await pressed(noor, deleted, DONE)) == len(DONE)
    own.release()
    assert own.accepted("too late") == []
    assert len(own.accepted("deleted, and still seen")) == 1


# Made-up ids ----------------------------------------------------------------------------------------------


async def test_an_id_of_another_places_picture_leads_nowhere(own: House, small: bytes) -> None:
    person, staff = ("member", "art"), ("owner", "art")
    table: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
        ("elsewhere", {}, [person, staff]),  # another server
        ("staff", {}, [person]),  # another channel
        ("dm", {}, [person]),
        ("art", {"private": True}, [person]),
        ("art", {}, [("member", "thread"), ("owner", "dm")]),
    ]
    async with contextlib.AsyncExitStack() as stack:
        asked = []
        for kind, options, _ in table:
            install = "user" if kind == "elsewhere" else None
            asker = Asker(own.discord, role="moderator", kind=kind, install=install)
            sasha = await stack.enter_async_context(asker)
            asked.append((sasha, await sasha.ask(small, f"in {kind}", **options)))
        cards = [await sasha.until_done(interaction) for sasha, interaction in asked]
        before = _jobs(own)
        for (sasha, _), card, (kind, _, strangers) in zip(asked, cards, table, strict=True):
            for role, where in strangers:
                stranger = await stack.enter_async_context(Asker(own.discord, role=role, kind=where))
                message = made_up(own, stranger.channel, [f"{verb}:{job_named(card)}" for verb in STRANGERS])
                told = await pressed(stranger, message, STRANGERS)
                assert told == STRANGERS, (kind, role, where)
            [still] = [each for each in await sasha.messages() if each["id"] == card["id"]]
            assert (text(still), labels(still)) == (text(card), labels(card))
        assert _jobs(own) == before


async def test_an_id_of_no_picture_is_answered_as_well(own: House) -> None:
    async with Asker(own.discord, kind="dm") as mika:
        message = made_up(own, mika.channel, [f"{verb}:0123456789" for verb in STRANGERS])
        assert await pressed(mika, message, STRANGERS) == dict.fromkeys(STRANGERS, UNKNOWN)


# Pictures that cannot be had any more ---------------------------------------------------------------------


def _lose(own: House, *cards: Message) -> None:
    """All that is kept of these jobs' pictures, here and at Discord."""
    for card in cards:
        for path in (own.folder / "bot" / "jobs" / job_named(card)).iterdir():
            path.unlink()
    own.fault("attachment_gone")


async def test_where_the_pictures_are_gone_that_is_said_plainly(
    own: House, mika: Asker, small: bytes
) -> None:
    done = await _done(mika, small, "gone with the wind")
    failed = await _failed(own, mika, small, "gone before that")
    form = await open_form(mika, done, "Continue")
    _lose(own, done, failed)
    for which in ("Again", "Softer"):
        assert await told_alone(mika, await mika.click(done, which)) == PictureGone.sentence
    for which in ("Adjust", "Continue", "Use this seed"):
        sent = await mika.send_in(await open_form(mika, done, which))
        assert await told_alone(mika, sent) == PictureGone.sentence
    assert await pressed(mika, done, ["Compare", "Share"]) == {
        "Compare": NOT_COMPARED,
        "Share": NOT_SHARED,
    }
    assert await told_alone(mika, await mika.click(failed, "Retry")) == PictureGone.sentence
    assert failed["id"] not in {each["id"] for each in await mika.messages()}
    await mika.person.delete("moderator", done["id"])
    assert await told_alone(mika, await mika.send_in(form)) == NOT_KEPT
    assert len(own.accepted("gone with the wind")) == 1


async def test_a_form_goes_on_from_a_card_that_was_deleted_meanwhile(
    own: House, mika: Asker, small: bytes
) -> None:
    done = await _done(mika, small, "its message goes")
    form = await open_form(mika, done, "Continue")
    await mika.person.delete("moderator", done["id"])
    await mika.until_done(await mika.send_in(form, prompt="and yet it goes on"))


async def test_an_address_that_has_expired_is_said_plainly(own: House, mika: Asker, small: bytes) -> None:
    posted = await mika.person.post(mika.user, mika.channel, "look", [await mika.upload(small)])
    form = await mika.menu(posted, MENU)
    await mika.form(form)
    await mika.person.advance(25 * 3600)  # the last test here: what was posted before is old from now on
    assert await told_alone(mika, await mika.send_in(form, prompt="a day later")) == PictureGone.sentence
    assert own.accepted("a day later") == []
