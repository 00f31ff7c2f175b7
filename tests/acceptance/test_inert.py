"""Whatever people write is shown to the letter, does nothing and calls nobody, wherever the bot shows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

import pytest

from repaint.styles import BAD_NAME
from tests.acceptance.as_read import read, troubles, unseen, what_works
from tests.acceptance.asker import Asker, Message, text
from tests.acceptance.discord_side import all_over
from tests.acceptance.house import House
from tests.acceptance.jobs_side import answered, calls_nobody, click, command, house_with, job, restart

NOOR, STAFF, CHANNEL = "1000000000000000302", "1000000000000000201", "1000000000000000402"


class Hostile(NamedTuple):
    """A text, and how it begins for whoever reads it where it does nothing."""

    text: str
    read: str


def _to_the_letter(words: str) -> Hostile:
    return Hostile(words, words)


HOSTILE = {
    "mentions": _to_the_letter(
        f"@everyone <@{NOOR}> @here <@!{NOOR}> <@&{STAFF}> <#{CHANNEL}> <id:browse> </img2img:1> "
        "</jobs list:1000000000000000001>"
    ),
    "emoji and tags": _to_the_letter(
        "<:ok:1000000000000000009> <a:no:1000000000000000009> :smile: <t:0:R> <img src=x onerror=alert(1)> "
        "<script>alert(1)</script> &lt;b&gt; {prompt} {0}"
    ),
    "links": _to_the_letter("[nitro](https://evil.example/a_b) <https://evil.example> http://evil.example"),
    "emphasis": _to_the_letter("**bold** *slanted* __under__ _slanted_ ~~through~~ ||covered|| ***all***"),
    "code": Hostile(
        "```py\nimport os\n``` and `one` and ``two``", "```py import os ``` and `one` and ``two``"
    ),
    "blocks": Hostile(
        "# large\n## less\n> said\n>>> all of it\n- one\n* two\n1. three\n-# small",
        "# large ## less > said >>> all of it - one * two 1. three -# small",
    ),
    "escapes": _to_the_letter("\\*not slanted\\* \\\\**bold\\\\** \\`code\\` \\@everyone \\"),
    "directions": Hostile(
        "\u202egnp.tac\u202c \u2066a\u2067b\u2069 \u200fc\u200e \u061cd \u202ae", "gnp.tac ab c d e"
    ),
    "zero width": Hostile(
        "in\u200bvis\ufeffi\u2060ble\u00ad \u180el\U000e0041e\U000e007ftters\u200b", "invisible letters"
    ),
    "piled marks": Hostile("Z" + "\u0335\u0315\u031b\u0489" * 5 + "algo", "Z\u0335\u0315\u031balgo"),
    "lines": Hostile("1\n\n\n\r2\u20283\u20294\x0b5\x856\x1b7\x07", "1 2 3 4 5 67"),
    "2,000 characters": _to_the_letter("*_`|~[]()<>#-:@\\" * 125),
}
# All of them in one text, but for the last.
ALL = Hostile(
    " ".join(each.text for each in [*HOSTILE.values()][:-1]),
    " ".join(each.read for each in [*HOSTILE.values()][:-1]),
)
NEGATIVE, STYLE_TEXT, NAME, SEARCH = 1000, 500, 40, 100  # characters that the options take


@pytest.fixture(scope="module")
def running_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("inert")) as house:
        yield house


@pytest.fixture
def own(running_own: House) -> Iterator[House]:
    running_own.reset()
    yield running_own
    running_own.reset()
    running_own.script(inference_seconds=0)
    running_own.release()


@pytest.fixture
async def mika(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord) as person:
        yield person
    await all_over(own)


async def nobody_is_called(own: House, *people: Asker) -> None:
    """And nothing that was sent since the test began is more than letters."""
    assert troubles(own, *(each.user for each in people)) == []
    for each in people:
        assert all(calls_nobody(message) for message in await each.new_messages())


def begins(hostile: Hostile, length: int) -> str:
    """What is surely read of a text where at most `length` characters of it are shown."""
    return hostile.read[: length - 1].strip()


def alt_texts(message: Message) -> list[str]:
    return [
        item["description"]
        for part in message["components"][0]["components"]
        if part["type"] == 12
        for item in part["items"]
    ]


def fields_of(form: dict[str, Any]) -> dict[str, str]:
    """What stands in a form's text fields."""
    fields = [each["component"] for each in form["components"]]
    return {each["custom_id"]: each["value"] for each in fields if "value" in each}


async def until_all(asker: Asker, interactions: list[str], *words: str) -> list[Message]:
    """The cards, when each says one of these words: one look for all is quicker than one for each."""
    ids = [(await asker.acknowledged(each))["message"] for each in interactions]
    found: dict[str, Message] = {}

    def fits(messages: list[Message]) -> Message | None:
        found.update((each["id"], each) for each in messages)
        are_there = all(any(word in text(found[each]) for word in words) for each in ids)
        return messages[-1] if are_there else None

    await asker.until(fits)
    return [found[each] for each in ids]


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_as_it_is_each_of_them_would_do_something(hostile: Hostile) -> None:
    assert read(hostile.text) != hostile.text or what_works(hostile.text) or unseen(hostile.text)


# Prompts --------------------------------------------------------------------------------------------------


async def _by_form(asker: Asker, upload: str, hostile: Hostile) -> str:
    """Ask for it by `/repaint`; the interaction."""
    opened = await asker.run("repaint")
    await asker.form(opened)
    advanced = f"without: {' '.join(hostile.text[:NEGATIVE].split())}"
    return await asker.send_in(opened, picture=[upload], prompt=hostile.text, advanced=advanced)


async def _adjust(asker: Asker, card: Message) -> tuple[str, str]:
    """Send the form of Adjust in as it is: what stood in it for the prompt, and the interaction."""
    press = await asker.click(card, "Adjust")
    return fields_of(await asker.form(press))["prompt"], await asker.send_in(press)


def _check_card(card: Message, hostile: Hostile) -> None:
    shown = read(text(card))
    assert begins(hostile, 300) in shown
    assert f"without: {begins(hostile, 150)}" in shown
    [alt] = alt_texts(card)
    assert alt.startswith(begins(hostile, 1024))


@pytest.mark.parametrize("names", [[*HOSTILE][::2], [*HOSTILE][1::2]], ids=["these", "those"])
async def test_a_prompt_is_read_as_it_was_written_on_cards_and_in_lists(
    own: House, mika: Asker, small: bytes, names: list[str]
) -> None:
    upload, texts = await mika.upload(small), [HOSTILE[name] for name in names]
    own.script(inference_seconds="manual")
    asked = [await mika.ask(upload, each.text, negative_prompt=each.text[:NEGATIVE]) for each in texts]
    await until_all(mika, asked, "Queued", "Processing")
    listed = read(text(await command(mika, "jobs list")))
    own.script(inference_seconds=0)
    own.release()
    cards = await until_all(mika, asked, "Done")
    await all_over(own)  # only then the history has them
    pages = [read(text(await command(mika, "jobs history", page=page))) for page in (1, 2)]
    adjusted = [await _adjust(mika, each) for each in cards]
    by_form = [await _by_form(mika, upload, each) for each in texts]
    more = await until_all(mika, [*by_form, *(interaction for _, interaction in adjusted)], "Done")
    for n, hostile in enumerate(texts):
        for card in (cards[n], *more[n :: len(texts)]):
            _check_card(card, hostile)
        assert begins(hostile, 60) in listed
        assert begins(hostile, 250) in "".join(pages)
        assert adjusted[n][0] == hostile.text.strip()  # a form has it as it was written
        assert len(own.accepted(hostile.text.strip())) == 3
        whole = read(text(await command(mika, "jobs show", job=job(own, asked[n])["id"])))
        assert whole.count(begins(hostile, 900)) >= 2  # the negative prompt has it, too
    await nobody_is_called(own, mika)


async def test_all_at_once_is_letters_wherever_a_finished_picture_is_shown(
    own: House, mika: Asker, small: bytes
) -> None:
    card = await mika.until_done(await mika.ask(small, ALL.text))
    await all_over(own)
    found = await command(mika, "jobs history", search=ALL.text[:SEARCH])
    assert read(text(found)).count(begins(ALL, 60)) >= 2
    assert begins(ALL, 200) in read(text(await click(mika, card, "Compare")))
    [picture] = await mika.pictures(card)
    reproduced = await command(mika, "reproduce", image=await mika.upload(picture))
    assert begins(ALL, 600) in read(text(reproduced))
    choices = await mika.person.autocomplete(mika.user, mika.channel, "jobs show", "job", job="everyone")
    assert begins(ALL, 40) in choices[0]["name"]
    await nobody_is_called(own, mika)


async def test_all_at_once_is_letters_in_a_servers_gallery(own: House, mika: Asker, small: bytes) -> None:
    async with Asker(own.discord, role="owner") as robin, Asker(own.discord, role="member2") as noor:
        channels = {each["kind"]: each["id"] for each in (await robin.person.world())["channels"]}
        card = None
        for kind in ("showcase", "forum"):
            await command(robin, "gallery set", channel=channels[kind])
            own.http.delete(f"{own.discord}/workshop/traffic").raise_for_status()
            card = await mika.until_done(await mika.ask(small, ALL.text))
            assert text(await click(mika, card, "Share")).startswith("🖼️ **Shared:** https://discord.com/")
            await nobody_is_called(own, mika, noor)
        [post] = await noor.person.posts()
        assert post["name"].startswith(begins(ALL, 100))
        for place in (channels["showcase"], post["id"]):
            [shared] = await noor.person.messages(noor.user, place)
            assert begins(ALL, 1000) in read(text(shared))
            assert calls_nobody(shared)
        await command(robin, "gallery off")


async def test_a_form_that_outlives_the_bot_and_a_refused_one_keep_what_was_written(
    own: House, mika: Asker, small: bytes
) -> None:
    card = await mika.until_done(await mika.ask(small, "before it"))
    press = await mika.click(card, "Adjust")
    await mika.form(press)
    restart(own)
    prompt, line = f"after it {ALL.text}", " ".join(ALL.text.split())
    told = await answered(mika, await mika.send_in(press, prompt=prompt, advanced=line))
    assert f"the line “{begins(ALL, 60)}" in read(text(told))
    reopened = await mika.click(told, "Edit")
    fields = fields_of(await mika.form(reopened))
    assert (fields["prompt"], fields["advanced"]) == (prompt, line)
    done = await mika.until_done(await mika.send_in(reopened, advanced="seed: 7"))
    assert f"after it {begins(ALL, 280)}" in read(text(done))
    assert len(own.accepted(prompt)) == 1
    await nobody_is_called(own, mika)


# Styles, and what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
async def test_a_styles_name_and_texts_are_refused_in_a_sentence_or_read_as_they_were_written(
    own: House, hostile: Hostile
) -> None:
    name, words = hostile.text[:NAME], hostile.text[:STYLE_TEXT]
    async with (
        Asker(own.discord, kind="thread") as mika,
        Asker(own.discord, role="member2", kind="thread") as noor,
    ):
        saved = await command(mika, "style save", name=name, prompt=words, negative_prompt=words)
        if "Saved for you" not in text(saved):
            assert text(saved) == BAD_NAME
            assert "Your styles**\nNone yet." in text(await command(mika, "style list"))
            return
        assert begins(hostile, NAME) in read(text(saved))
        assert read(text(saved)).count(begins(hostile, STYLE_TEXT)) >= 2
        assert begins(hostile, NAME) in read(text(await command(mika, "style list")))
        for where, option in (("img2img", "style"), ("preferences", "style"), ("style delete", "name")):
            offered = await mika.person.autocomplete(mika.user, mika.channel, where, option)
            assert offered[0]["name"].startswith(begins(hostile, NAME))
            assert offered[0]["value"] == " ".join(name.split())
        sharing = await mika.run("style share", name=name)
        await mika.acknowledged(sharing)
        shared = await mika.reply(sharing)
        assert shared is not None
        assert not shared["ephemeral"]
        assert begins(hostile, STYLE_TEXT) in read(text(shared))
        assert begins(hostile, NAME) in read(text(await click(noor, shared, "Save for me")))
        for person in (mika, noor):
            assert begins(hostile, NAME) in read(text(await command(person, "style delete", name=name)))
        await nobody_is_called(own, mika, noor)


@pytest.mark.parametrize(
    "name", ["\u200b\u2060", "\u3164\u115f", "\u2800", "\u202e \u2066", "\u0301", "two\x1blines"], ids=ascii
)
async def test_a_style_has_a_name_that_can_be_seen(own: House, mika: Asker, name: str) -> None:
    assert text(await command(mika, "style save", name=name, prompt="{prompt}, in ink")) == BAD_NAME


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_refused_is_quoted_as_it_was_written_to_its_writer_alone(
    own: House, small: bytes, hostile: Hostile
) -> None:
    async with Asker(own.discord, role="member2", kind="age_restricted") as noor:
        upload = await noor.upload(small)
        refusals: list[tuple[str, dict[str, Any]]] = [
            ("img2img", {"image": upload, "prompt": "x", "style": hostile.text[:100]}),
            ("img2img", {"image": upload, "prompt": "x", "sampler": hostile.text}),
            ("style delete", {"name": hostile.text[:100]}),
            ("jobs history", {"search": hostile.text[:SEARCH]}),
        ]
        for told in await asyncio.gather(*(command(noor, name, **options) for name, options in refusals)):
            assert begins(hostile, 40) in read(text(told))
            assert "\n" not in text(told)
        assert all(each["ephemeral"] for each in await noor.new_messages())
        await nobody_is_called(own, noor)
