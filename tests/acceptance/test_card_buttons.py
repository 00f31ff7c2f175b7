"""What can be done with a finished picture, by its buttons, before and after a restart of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.acceptance.asker import Asker, Message, opened, text
from tests.acceptance.house import House
from tests.acceptance.jobs_side import answered, click, house_with, line, restart

NOT_POSTED = "The original of this picture was never posted"


async def _done(asker: Asker, picture: bytes, prompt: str, **options: Any) -> Message:
    return await asker.until_done(await asker.ask(picture, prompt, **options))


async def _another(asker: Asker, message: Message, which: str) -> Message:
    """The picture that a click on a button asks for, when it is finished."""
    return await asker.until_done(await asker.click(message, which))


async def _form(asker: Asker, message: Message, which: str) -> tuple[str, dict[str, Any]]:
    """The form that a click on a button opens: the interaction, and what its fields show."""
    press = await asker.click(message, which)
    seen = await asker.acknowledged(press)
    assert seen["response_type"] == 9, seen
    return press, dict(_shown_in(seen["modal"]["components"]))


def _shown_in(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for row in rows:
        field = row.get("component")
        if field is None:
            continue
        chosen = [each["value"] for each in field.get("options", ()) if each.get("default")]
        yield field["custom_id"], chosen or field.get("value") or ""


async def _sent(asker: Asker, press: str, fields: dict[str, Any]) -> Message:
    return await asker.until_done(await asker.person.submit(asker.user, press, fields))


def _asked(house: House, prompt: str) -> list[dict[str, Any]]:
    return [each["body"] for each in house.accepted(prompt)]


# The same again -------------------------------------------------------------------------------------------


async def test_again_asks_for_the_same_with_another_seed_in_a_message_of_its_own(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "again, please", seed=7, strength=0.4)
    second = await _another(asker, first, "Again")
    assert second["id"] != first["id"]
    one, two = _asked(house, "again, please")
    assert two["seed"] != 7
    assert one | {"seed": 0, "image": ""} == two | {"seed": 0, "image": ""}
    assert house.input_of({"body": one}) == house.input_of({"body": two})


@pytest.mark.parametrize(("which", "strength"), [("Softer", 0.3), ("Stronger", 0.5)])
async def test_softer_and_stronger_change_the_strength_alone(
    house: House, asker: Asker, small: bytes, calm_bot: None, which: str, strength: float
) -> None:
    first = await _done(asker, small, f"a bit {which}", seed=7, strength=0.4)
    await _another(asker, first, which)
    one, two = _asked(house, f"a bit {which}")
    assert two["strength"] == strength
    assert one | {"strength": 0, "image": ""} == two | {"strength": 0, "image": ""}


async def test_two_clicks_at_once_are_one_picture_more(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "pressed by a nervous finger")
    presses = await asyncio.gather(*(asker.click(first, "Again") for _ in range(2)))
    seen = [await asker.acknowledged(each) for each in presses]
    messages = [await asker.reply(each) for each in presses]
    told = [each for each in messages if each and "One moment" in text(each)]
    assert len(told) <= 1, seen  # the first may have been over already when the second came
    for press in presses:
        if not told or (await asker.reply(press) or {}).get("id") != told[0]["id"]:
            await asker.until_done(press)
    assert len(_asked(house, "pressed by a nervous finger")) == 3 - len(told)


async def test_nobody_else_gets_at_an_original_that_was_never_posted(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "my secret photo")
    async with Asker(house.discord, role="member2") as other:
        for which in ("Again", "Softer", "Stronger", "Adjust", "Compare"):
            assert NOT_POSTED in text(await click(other, first, which))
        told = await click(other, first, "Delete")
        assert text(told) == "Only the person who asked for this picture or a moderator can delete it."
    assert len(_asked(house, "my secret photo")) == 1


# Forms ----------------------------------------------------------------------------------------------------


async def test_adjust_shows_what_was_asked_for_and_asks_for_what_it_becomes(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "a quiet lake", seed=7, strength=0.45, steps=30, guidance=6.5)
    press, fields = await _form(asker, first, "Adjust")
    assert fields["prompt"] == "a quiet lake"
    assert fields["strength"] == ["0.45"]
    assert {"seed: 7", "steps: 30", "guidance: 6.5"} <= set(fields["advanced"].splitlines())
    advanced = fields["advanced"].replace("steps: 30", "steps: 12")
    changed = {"prompt": "a stormy lake", "strength": ["0.9"], "advanced": advanced}
    done = await _sent(asker, press, changed)
    assert "a stormy lake" in text(done)
    [body] = _asked(house, "a stormy lake")
    assert (body["seed"], body["strength"], body["num_inference_steps"]) == (7, 0.9, 12)


async def test_a_wrong_value_says_which_one_and_what_it_may_be(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "a wrong value")
    press, fields = await _form(asker, first, "Adjust")
    sent = await asker.person.submit(
        asker.user, press, {"prompt": fields["prompt"], "advanced": "steps: 900"}
    )
    told = await answered(asker, sent)
    assert "`steps` cannot be “900”: please use a whole number from 1 to 100." in text(told)
    assert len(_asked(house, "a wrong value")) == 1


async def test_continue_takes_the_result_for_the_input_and_anybody_may(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "the first step")
    [result] = await asker.pictures(first)
    async with Asker(house.discord, role="member2") as other:
        press, fields = await _form(other, first, "Continue")
        assert fields["prompt"] == "the first step"
        assert "seed" not in fields["advanced"]
        await _sent(other, press, {"prompt": "the second step"})
    [body] = _asked(house, "the second step")
    assert opened(house.input_of({"body": body})).size == opened(result).size


async def test_of_several_pictures_one_is_picked_to_go_on_from(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "two of them", samples=2)
    assert len(await asker.pictures(first)) == 2
    press, fields = await _form(asker, first, "Continue")
    assert fields["picked"] == ["0"]
    await _sent(asker, press, {"picked": ["1"], "prompt": "from the second one"})
    assert len(_asked(house, "from the second one")) == 1


async def test_a_seed_is_used_for_another_picture(
    house: House, asker: Asker, small: bytes, astronaut: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "a seed to keep", seed=12345)
    async with Asker(house.discord, role="member2") as other:
        press, fields = await _form(other, first, "Use this seed")
        assert "seed: 12345" in fields["advanced"]
        [upload] = [each for each in (await other.form(press))["components"] if each["label"] == "Picture"]
        assert upload["component"]["required"], "the original is not for others"
        upload = await other.upload(astronaut)
        values = {"picture": [upload], "prompt": "another picture", "advanced": fields["advanced"]}
        await _sent(other, press, values)
    [body] = _asked(house, "another picture")
    assert body["seed"] == 12345
    assert opened(house.input_of({"body": body})).size == (512, 512)


async def test_under_another_style_untouched_values_become_its_own(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "a lighthouse", strength=0.2, steps=33)
    press, fields = await _form(asker, first, "Adjust")
    [form] = [each for each in (await asker.form(press))["components"] if each["label"] == "Style"]
    assert "Under another style" in form["description"]
    await _sent(asker, press, {"style": ["stained glass"], "advanced": fields["advanced"]})
    [body] = _asked(house, "a stained glass window of a lighthouse, leaded panes, luminous jewel tones")
    assert (body["strength"], body["num_inference_steps"]) == (0.75, 20)


# Compare, Delete ------------------------------------------------------------------------------------------


async def test_compare_shows_before_and_after_to_whoever_presses(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    first = await _done(asker, astronaut, "before and after")
    told = await click(asker, first, "Compare")
    assert told["ephemeral"]
    beside, moving = (opened(each) for each in await asker.pictures(told))
    assert beside.width > 1.9 * beside.height
    assert moving.format == "GIF"
    assert getattr(moving, "n_frames", 1) > 5


async def test_of_several_pictures_one_is_picked_to_compare(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    first = await _done(asker, small, "two to compare", samples=2)
    press, fields = await _form(asker, first, "Compare")
    assert fields == {"picked": ["0"]}
    told = await answered(asker, await asker.send_in(press, picked=["1"]))
    assert "picture 2 of 2" in text(told)
    assert len(await asker.pictures(told)) == 2


@pytest.mark.parametrize("role", ["member", "moderator"])
async def test_delete_takes_the_picture_away_after_a_question(
    house: House, asker: Asker, small: bytes, calm_bot: None, role: str
) -> None:
    first = await _done(asker, small, f"not for long, {role}")
    async with Asker(house.discord, role=role) as person:
        press, _ = await _form(person, first, "Delete")
        assert first["id"] in {each["id"] for each in await asker.new_messages()}
        sent = await person.person.submit(person.user, press, {})
        await asker.until(
            lambda messages: first if first["id"] not in {each["id"] for each in messages} else None
        )
        assert (await person.acknowledged(sent))["status"] == "acknowledged"
    history = await answered(asker, await asker.run("jobs history"))
    assert f"not for long, {role}" not in text(history)


async def _gone(asker: Asker, message: Message) -> None:
    await asker.until(
        lambda messages: message if message["id"] not in {each["id"] for each in messages} else None
    )


async def test_what_failed_can_be_deleted(house: House, asker: Asker, small: bytes, calm_bot: None) -> None:
    house.api_fault("submit", status=400)
    failed = await asker.until_failed(await asker.ask(small, "it fails and goes"))
    press, _ = await _form(asker, failed, "Delete")
    await asker.send_in(press)
    await _gone(asker, failed)
    found = await asker.person.autocomplete(
        asker.user, asker.channel, "jobs show", "job", job="it fails and goes"
    )
    assert found == []


@pytest.mark.parametrize("role", ["member", "moderator"])
async def test_what_jobs_show_shows_can_be_deleted_with_its_card(
    house: House, asker: Asker, small: bytes, calm_bot: None, role: str
) -> None:
    first = await _done(asker, small, f"found again by a {role}")
    async with Asker(house.discord, role=role) as person:
        [choice] = await person.person.autocomplete(
            person.user, person.channel, "jobs show", "job", job=f"found again by a {role}"
        )
        shown = await answered(person, await person.run("jobs show", job=choice["value"]))
        assert shown["ephemeral"]
        press, _ = await _form(person, shown, "Delete")
        await person.send_in(press)
        await _gone(asker, first)
        await _gone(person, shown)


async def test_from_jobs_show_one_goes_on_for_ones_own_eyes(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    await _done(asker, small, "found in the list")
    [choice] = await asker.person.autocomplete(
        asker.user, asker.channel, "jobs show", "job", job="found in the list"
    )
    shown = await answered(asker, await asker.run("jobs show", job=choice["value"]))
    assert (await _another(asker, shown, "Again"))["ephemeral"]
    press, _ = await _form(asker, shown, "Continue")
    assert (await _sent(asker, press, {"prompt": "and on from the list"}))["ephemeral"]


# After a restart ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("own")) as house:
        yield house


@pytest.fixture
async def mika(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord) as person:
        yield person


async def test_buttons_and_open_forms_outlive_the_bot(own: House, mika: Asker, small: bytes) -> None:
    first = await _done(mika, small, "older than the bot", seed=7)
    press, fields = await _form(mika, first, "Adjust")
    deletion, _ = await _form(mika, first, "Delete")
    restart(own)
    fields["prompt"] = "sent in after the restart"
    done = await _sent(mika, press, fields)
    assert line(done, "sent in after")
    assert (await _another(mika, first, "Again"))["id"] != first["id"]
    told = await click(mika, first, "Compare")
    assert len(await mika.pictures(told)) == 2
    await mika.person.submit(mika.user, deletion, {})
    await mika.until(lambda messages: done if first["id"] not in {each["id"] for each in messages} else None)
