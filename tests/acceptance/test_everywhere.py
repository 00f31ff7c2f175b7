"""The same in every place: where the bot is a member, where it was brought along, where it must whisper."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from repaint.errors import PictureUnreadable
from tests.acceptance.asker import Asker, Message, text
from tests.acceptance.discord_side import answers, the_picture
from tests.acceptance.house import House, until
from tests.acceptance.jobs_side import answered, click, command, job
from tests.person import Refused

MENU = "Repaint this image"
MEMBER_PLACES = ("art", "dm", "thread", "age_restricted")
BROUGHT_PLACES = ("group", "elsewhere", "dm", "art")  # by an installation for a user
FORCED = "forced"  # elsewhere, where members lack Use External Apps
PLACES = (*((kind, None) for kind in MEMBER_PLACES), *((kind, "user") for kind in (*BROUGHT_PLACES, FORCED)))
FOLLOW_UPS = 5  # of one interaction by a user's installation (Discord)
EARLY = 14.0 * 60  # seconds: after the warning, before the token's end


@pytest.fixture(autouse=True)
def usual(house: House) -> Iterator[None]:
    yield
    house.discord_settings(no_external_apps=[])


@asynccontextmanager
async def somebody(
    house: House, kind: str, install: str | None, role: str = "member"
) -> AsyncIterator[Asker]:
    """A person in one of PLACES."""
    if kind == FORCED:
        house.discord_settings(no_external_apps=["elsewhere"])
    place = "elsewhere" if kind == FORCED else kind
    async with Asker(house.discord, kind=place, install=install) as person:
        yield person


def follow_ups(house: House) -> dict[str, int]:
    """How many follow-ups the bot sent, by the token of the interaction."""
    counted: dict[str, int] = {}
    for each in house.traffic():
        if each["direction"] == "rest" and each["method"] == "POST" and "/webhooks/" in each["path"]:
            counted[each["path"]] = counted.get(each["path"], 0) + 1
    return counted


async def form(asker: Asker, interaction: str, **fields: Any) -> str:
    """Fill in the form that an interaction was answered with; the interaction of sending it."""
    await asker.form(interaction)
    return await asker.send_in(interaction, **fields)


async def refused(asker: Asker, interaction: str) -> Message:
    """What an asker is told alone of a picture that cannot be used, when that has become clear."""

    def fits(messages: list[Message]) -> Message | None:
        answering = [m for m in messages if (m.get("interaction_metadata") or {}).get("id") == interaction]
        return next((m for m in answering if m["ephemeral"] and "Queued" not in text(m) and text(m)), None)

    return await asker.until(fits)


@pytest.mark.parametrize(("kind", "install"), PLACES)
async def test_all_ways_to_a_picture_work_in_every_place(
    house: House, small: bytes, calm_bot: None, kind: str, install: str | None
) -> None:
    async with somebody(house, kind, install) as asker:
        first = await asker.ask(small, f"first {kind}")
        await asker.until_done(first)
        card = await the_picture(asker, first)
        upload = await asker.upload(small)
        second = await form(asker, await asker.run("repaint"), picture=[upload], prompt=f"second {kind}")
        await asker.until_done(second)
        await the_picture(asker, second)
        third = await form(asker, await asker.menu(card, MENU), prompt=f"third {kind}")
        await asker.until_done(third)
        fourth = await asker.click(card, "Again")
        await asker.until_done(fourth)
        compared = await click(asker, card, "Compare")
        assert len(await asker.pictures(compared)) == 2
        for interaction in (first, second, third, fourth):
            [message] = await answers(asker, interaction)
            assert message["ephemeral"] is (kind == FORCED)
            assert job(house, interaction)["state"] == "done"
        sent = await form(asker, await asker.click(card, "Delete"))
        assert (await asker.acknowledged(sent))["status"] == "acknowledged"
        await asker.until(
            lambda messages: compared if card["id"] not in {each["id"] for each in messages} else None
        )
    assert max(follow_ups(house).values(), default=0) <= FOLLOW_UPS


@pytest.mark.parametrize(("kind", "install"), PLACES)
async def test_what_goes_wrong_is_told_to_the_asker_alone_in_every_place(
    house: House, small: bytes, calm_bot: None, kind: str, install: str | None
) -> None:
    async with somebody(house, kind, install) as asker:
        at_once = await answered(asker, await asker.ask(small, "x", sampler="none such"))
        assert "There is no sampler" in text(at_once)
        late = await asker.ask(b"no picture at all", "y")
        told = await refused(asker, late)
        assert PictureUnreadable.sentence in text(told)
        assert [each["id"] for each in await answers(asker, late)] == [told["id"]]
        wrong = await answered(
            asker, await form(asker, await asker.run("repaint"), picture=[await asker.upload(small)],
                              prompt="z", advanced="steps: 900")
        )  # fmt: skip
        assert "`steps` cannot be “900”" in text(wrong)
        posted = await asker.person.post(asker.user, asker.channel, "only words", [])
        assert "no picture in this message" in text(await answered(asker, await asker.menu(posted, MENU)))
    assert max(follow_ups(house).values(), default=0) <= FOLLOW_UPS


@pytest.mark.parametrize(("kind", "install"), PLACES)
async def test_what_is_only_said_is_said_in_every_place(
    house: House, calm_bot: None, kind: str, install: str | None
) -> None:
    async with somebody(house, kind, install) as asker:
        for name in ("help", "preferences", "privacy status", "style list", "jobs list", "jobs history"):
            assert text(await command(asker, name)), name


async def test_the_tour_turns_its_pages(house: House, asker: Asker, calm_bot: None) -> None:
    shown = await command(asker, "help")
    commands = {each["name"]: each["id"] for each in (await asker.person.world())["commands"]}
    assert f"</img2img:{commands['img2img']}>" in text(shown)
    assert len(await asker.pictures(shown)) == 1
    for which, words, pictures in (
        ("The buttons below", "before and after", 0),
        ("Styles and history", f"</jobs history:{commands['jobs']}>", 1),
        ("Your settings", f"</privacy opt-out:{commands['privacy']}>", 0),
        ("Repaint a picture", "right-click", 1),
    ):
        custom_id = next(each["custom_id"] for each in _buttons(shown) if each["label"].startswith(which))
        await asker.person.press(asker.user, shown["id"], custom_id)
        shown = await _turned(asker, shown["id"], words)
        assert len(await asker.pictures(shown)) == pictures


async def _turned(asker: Asker, message_id: str, words: str) -> Message:
    """A message when it holds these words."""
    return await asker.until(
        lambda messages: next((m for m in messages if m["id"] == message_id and words in text(m)), None)
    )


def _buttons(message: Message) -> list[dict[str, Any]]:
    return [each for row in message["components"][0]["components"] for each in row.get("components", [])]


# A reply that only its token reaches ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["group", "elsewhere", FORCED])
async def test_a_reply_that_only_its_token_reaches_says_in_time_that_it_cannot_be_changed_any_more(
    house: House, small: bytes, calm_bot: None, kind: str
) -> None:
    house.script(inference_seconds="manual")
    async with somebody(house, kind, "user") as asker:
        interaction = await asker.ask(small, f"late in {kind}", age=EARLY)
        parted = await asker.until_reply(interaction, "takes longer than Discord lets me")
        assert "direct message" in text(parted)
        await until(lambda: house.accepted(f"late in {kind}"))
        house.fault("token_expired")
        house.release()
        direct = await asker.person.wait_message(
            lambda each: f"late in {kind}" in text(each), asker.user, "dm", 30
        )
        assert len(await asker.pictures(direct)) == 1


async def test_where_the_bot_is_a_member_the_reply_is_reached_by_its_own_token(
    house: House, small: bytes, calm_bot: None
) -> None:
    house.script(inference_seconds="manual")
    async with Asker(house.discord) as asker:
        interaction = await asker.ask(small, "late at home", age=EARLY)
        await asker.until_reply(interaction, "Processing")
        house.fault("token_expired")
        house.release()
        await asker.until_done(interaction)
        await the_picture(asker, interaction)


# Age restriction ------------------------------------------------------------------------------------------


async def test_what_was_made_in_an_age_restricted_channel_is_not_repainted_elsewhere(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    async with Asker(house.discord, kind="age_restricted") as there:
        card = await there.until_done(await there.ask(small, "for adults"))
        [picture] = await there.pictures(card)
        file = card["attachment_files"][0]["filename"]
        again = await there.click(card, "Continue")
        await there.until_done(await form(there, again, prompt="still there"))
        forwarded = await asker.person.post(asker.user, asker.channel, "", [], forward=card["id"])
        upload = await asker.upload(picture, file)
        posted = await asker.person.post(asker.user, asker.channel, "taken along", [upload])
        for message in (forwarded, posted):
            opening = await asker.menu(message, MENU)
            seen = await asker.acknowledged(opening)
            told = await answered(
                asker, await form(asker, opening, prompt="out of there") if "modal" in seen else opening
            )
            assert "age-restricted channel, so it can only be repainted in such a channel" in text(told)
        open_form = await there.click(card, "Adjust")
        await there.form(open_form)
        house.discord_settings(nsfw={"age_restricted": False})
        try:
            told = await answered(there, await there.send_in(open_form, prompt="no longer for adults"))
            assert "age-restricted channel, so it can only be repainted" in text(told)
            told = await click(there, card, "Again")
            assert "age-restricted channel, so it can only be repainted" in text(told)
        finally:
            house.discord_settings(nsfw={"age_restricted": None})
    assert house.accepted("out of there") == house.accepted("no longer for adults") == []


async def test_staff_commands_are_of_the_bots_own_server(house: House, calm_bot: None) -> None:
    async with Asker(house.discord, role="owner", kind="elsewhere", install="user") as owner:
        with pytest.raises(Refused):
            await owner.run("gallery show")
        told = await command(owner, "jobs list", everyone=True)
        assert "Only moderators" in text(told)
