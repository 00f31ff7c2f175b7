"""`/jobs history` with its pages and its search, and `/reproduce`, before and after a restart of the bot."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.acceptance.asker import Asker, Message, opened, text
from tests.acceptance.discord_side import all_over
from tests.acceptance.house import House
from tests.acceptance.jobs_side import answered, command, house_with, restart, until_over
from tests.person import Refused, buttons

CLIP_SKIP = (
    "a paper crane (folded:1.2)\nNegative prompt: blurry, text\nSteps: 12, Sampler: Euler a, Schedule type: "
    "Karras, CFG scale: 6.5, Seed: 4242, Size: 512x512, Denoising strength: 0.35, Clip skip: 2"
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("history")) as house:
        yield house


@pytest.fixture
async def mika(own: House) -> AsyncIterator[Asker]:
    own.reset()
    async with Asker(own.discord) as person:
        yield person
    own.reset()
    await all_over(own)


@pytest.fixture
async def robin(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord, role="member2") as person:
        yield person


async def _finished(house: House, asker: Asker, picture: bytes, prompt: str, **options: Any) -> Message:
    interaction = await asker.ask(picture, prompt, **options)
    card = await asker.until_done(interaction)
    await until_over(house, interaction)
    return card


async def _turned(asker: Asker, message: Message, label: str, words: str) -> Message:
    """The same message when it has these words, after its button was pressed."""
    [wanted] = [each["custom_id"] for each in buttons(message) if each["label"] == label]
    await asker.acknowledged(await asker.person.press(asker.user, message["id"], wanted))

    def fits(messages: list[Message]) -> Message | None:
        return next((m for m in messages if m["id"] == message["id"] and words in text(m)), None)

    return await asker.until(fits)


def _shown(message: Message) -> list[int]:
    return [number for number in range(9, -1, -1) if f"drawing {number}" in text(message)]


def _enabled(message: Message) -> list[str]:
    return [each["label"] for each in buttons(message) if not each.get("disabled")]


# History --------------------------------------------------------------------------------------------------


async def test_the_pages_are_turned_by_buttons_before_and_after_a_restart(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    for number in range(5):
        await _finished(own, robin, small, f"drawing {number} of a Heron")
    await _finished(own, robin, small, "an owl")
    newest = await command(robin, "jobs history")
    assert _shown(newest) == [4, 3, 2]
    assert _enabled(newest) == ["▶"]
    oldest = await _turned(robin, newest, "▶", "page 2 of 2")
    assert _shown(oldest) == [1, 0]
    assert len(oldest["attachment_files"]) == 2
    assert _enabled(oldest) == ["◀"]
    searched = await command(robin, "jobs history", search="hERON")
    assert "page 1 of 2 · “hERON”" in text(searched)
    assert _shown(searched) == [4, 3, 2, 1]

    restart(own)
    again = await _turned(robin, oldest, "◀", "page 1 of 2")
    assert _shown(again) == [4, 3, 2]
    assert "an owl" in text(again)
    assert len(again["attachment_files"]) == 4
    found = await _turned(robin, searched, "▶", "page 2 of 2 · “hERON”")
    assert _shown(found) == [0]
    assert "owl" not in text(found)
    with pytest.raises(Refused, match="no such message"):
        await mika.person.press(mika.user, found["id"], buttons(found)[0]["custom_id"])
    nothing = await command(mika, "jobs history", search="heron")
    assert text(nothing) == "None of your finished pictures has “heron” in its prompt."


async def test_a_deleted_picture_is_on_no_page_and_its_page_gives_way_to_the_last_one(
    own: House, mika: Asker, small: bytes
) -> None:
    cards = [await _finished(own, mika, small, f"drawing {number}") for number in range(5)]
    page = await command(mika, "jobs history", search="drawing")
    gone = await mika.click(cards[2], "Delete")
    await mika.acknowledged(gone)
    await mika.acknowledged(await mika.person.submit(mika.user, gone, {}))
    await mika.until(lambda seen: page if cards[2]["id"] not in [each["id"] for each in seen] else None)
    last = await _turned(mika, page, "▶", "page 1 of 1")
    assert _shown(last) == [4, 3, 1, 0]
    assert buttons(last) == []


# Reproduce ------------------------------------------------------------------------------------------------


async def _form(asker: Asker, message: Message) -> str:
    interaction = await asker.click(message, "Adjust and repaint")
    assert (await asker.acknowledged(interaction))["modal"]["title"] == "Adjust and repaint"
    return interaction


async def test_a_result_is_reproduced_from_its_own_file(own: House, mika: Asker, small: bytes) -> None:
    prompt = "a fox\nin the snow"
    card = await _finished(
        own, mika, small, prompt, seed=77, strength=0.42, negative_prompt="text, logo", steps=9, sampler="lcm"
    )
    [file] = await mika.pictures(card)
    found = await command(mika, "reproduce", image=await mika.upload(file, "saved.png"))
    assert found["ephemeral"]
    assert "Found in saved.png** · made by me" in text(found)
    assert "a fox in the snow" in text(found)
    assert "strength 0.42 · 9 steps · guidance 5 · seed 77" in text(found)

    restart(own)
    form = await _form(mika, found)
    restart(own)
    sent = await mika.person.submit(mika.user, form, {})
    await mika.until_done(sent)
    first, second = own.accepted(prompt)
    assert second["body"] | {"image": ""} == first["body"] | {"image": ""}
    assert second["body"]["seed"] == 77
    assert opened(own.input_of(second)).size == opened(file).size


async def test_another_tools_picture_is_read_and_what_has_no_counterpart_is_named(
    own: House, mika: Asker
) -> None:
    info = PngInfo()
    info.add_text("parameters", CLIP_SKIP)
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "PNG", pnginfo=info)
    found = await command(mika, "reproduce", image=await mika.upload(file.getvalue(), "crane.png"))
    assert "in the words of the Stable Diffusion web UI" in text(found)
    assert "-# not known here, so left out: Clip skip" in text(found)
    form = await _form(mika, found)
    sent = await mika.person.submit(mika.user, form, {"prompt": "a paper boat"})
    await mika.until_done(sent)
    [request] = own.accepted("a paper boat")
    body = request["body"]
    assert (body["seed"], body["strength"], body["num_inference_steps"]) == (4242, 0.35, 12)
    assert (body["sampler"], body["scheduler"]) == ("euler_ancestral", "karras")
    assert body["negative_prompt"] == "blurry, text"


async def test_a_refused_form_is_opened_once_more_as_it_was_written(
    own: House, mika: Asker, small: bytes
) -> None:
    card = await _finished(own, mika, small, "a stone bridge", seed=5)
    [file] = await mika.pictures(card)
    form = await _form(mika, await command(mika, "reproduce", image=await mika.upload(file)))
    fields = {"prompt": "a glass bridge", "advanced": "seed: 6\nsteps: many"}
    refused = await answered(mika, await mika.person.submit(mika.user, form, fields))
    assert "`steps` cannot be “many”" in text(refused)
    again = await mika.click(refused, "Edit")
    await mika.acknowledged(again)
    sent = await mika.person.submit(mika.user, again, {"advanced": "seed: 6"})
    await mika.until_done(sent)
    [request] = own.accepted("a glass bridge")
    assert request["body"]["seed"] == 6


async def test_a_picture_that_tells_nothing_and_a_file_that_is_no_picture_are_each_one_sentence(
    own: House, mika: Asker, small: bytes
) -> None:
    told = await command(mika, "reproduce", image=await mika.upload(small))
    assert text(told).startswith("This file does not tell how the picture was made.")
    assert buttons(told) == []
    broken = await command(mika, "reproduce", image=await mika.upload(b"no picture at all"))
    assert "file" in text(broken)
    assert buttons(broken) == []
