"""How long an interaction can be answered: its three seconds, its token's minutes, and its age."""

from __future__ import annotations

import time

import discord
import pytest

from tests.contract.holding import Kept
from tests.person import Person, Refused

pytest_plugins = ("tests.contract.playground_fixtures",)


async def test_an_acknowledgement_after_three_seconds_is_too_late(person: Person, kept: Kept) -> None:
    interaction = await person.command("member", "art", "hold")
    held = await kept.next()
    assert (await person.wait_interaction(interaction))["status"] == "failed"
    with pytest.raises(discord.NotFound) as refused:
        await held.response.defer()
    assert refused.value.code == 10062
    assert await person.messages() == []


async def test_a_second_acknowledgement_is_refused(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.defer()
    held.response._response_type = None  # so that discord.py lets the second one out
    with pytest.raises(discord.HTTPException) as refused:
        await held.response.send_message("again")
    assert (refused.value.status, refused.value.code) == (400, 40060)


async def test_the_token_ends_after_fifteen_minutes_and_the_bots_own_goes_on(
    person: Person, kept: Kept
) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.defer()
    await person.advance(14 * 60 + 50)
    message = await held.edit_original_response(content="still")
    await person.advance(11)
    with pytest.raises(discord.HTTPException) as refused:
        await held.edit_original_response(content="over")
    assert (refused.value.status, refused.value.code) == (401, 50027)
    await kept.channel().get_partial_message(message.id).edit(content="by my own token")
    assert [m["content"] for m in await person.messages()] == ["by my own token"]


async def test_ordered_expiry_ends_living_tokens(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.defer()
    await person.fault("token_expired")
    with pytest.raises(discord.HTTPException) as refused:
        await held.followup.send("late")
    assert refused.value.code == 50027


async def test_a_follow_up_before_the_acknowledgement_finds_no_webhook(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    with pytest.raises(discord.NotFound) as refused:
        await held.followup.send("early")
    assert refused.value.code == 10015


async def test_an_aged_interaction_looks_old_to_the_bot_and_its_token_ends_sooner(
    person: Person, kept: Kept
) -> None:
    await person.command("member", "art", "hold", age=880)
    held = await kept.next()
    assert time.time() - held.created_at.timestamp() == pytest.approx(880, abs=5)
    assert held.expires_at.timestamp() - time.time() == pytest.approx(20, abs=5)
    await held.response.send_message("in time")
    await person.advance(15)
    await held.edit_original_response(content="still")
    await person.advance(6)
    with pytest.raises(discord.HTTPException) as refused:
        await held.edit_original_response(content="over")
    assert refused.value.code == 50027


async def test_an_interaction_at_the_end_of_its_age_can_be_acknowledged_and_no_more(
    person: Person, kept: Kept
) -> None:
    interaction = await person.command("member", "art", "hold", age=900)
    held = await kept.next()
    await held.response.defer()
    assert (await person.wait_interaction(interaction))["status"] == "acknowledged"
    with pytest.raises(discord.HTTPException) as refused:
        await held.followup.send("?")
    assert refused.value.code == 50027


async def test_interactions_after_the_clock_moved_carry_its_time(person: Person, kept: Kept) -> None:
    await person.advance(3_600)
    await person.command("member", "art", "hold")
    assert (await kept.next()).created_at.timestamp() - time.time() == pytest.approx(3_600, abs=5)
    await person.command("member", "art", "hold", age=600)
    assert (await kept.next()).created_at.timestamp() - time.time() == pytest.approx(3_000, abs=5)


@pytest.mark.parametrize("age", [-1, 901, "old", True])
async def test_a_senseless_age_is_refused(person: Person, kept: Kept, age: float) -> None:
    with pytest.raises(Refused, match="age is a number of seconds from 0 to 900"):
        await person.command("member", "art", "hold", age=age)
