"""The menu of a message, and `/repaint`: both open the same form, before and after a restart of the bot."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from repaint.errors import PictureGone
from tests.acceptance.asker import Asker, Message, text
from tests.acceptance.house import House
from tests.acceptance.jobs_side import answered, calls_nobody, database, house_with, job, restart
from tests.person import custom_ids
from tests.unit.picture_samples import every_format

MENU = "Repaint this image"
FORM = 9  # the type of a response that is one


class Scene:
    """Somebody who posts, and somebody who repaints."""

    def __init__(self, poster: Asker, asker: Asker) -> None:
        self.poster = poster
        self.asker = asker

    async def post(self, *files: bytes, content: str = "look", **more: Any) -> Message:
        ids = [await self.poster.upload(data, f"p{n}.png") for n, data in enumerate(files, start=1)]
        return await self.poster.person.post(self.poster.user, self.poster.channel, content, ids, **more)

    async def menu(self, message: Message) -> str:
        """Use the message's menu; the interaction."""
        asker = self.asker
        return await asker.person.context(asker.user, asker.channel, MENU, message["id"])

    async def form(self, interaction: str) -> dict[str, Any]:
        """The fields of the form that an interaction was answered with, by their ids."""
        seen = await self.asker.acknowledged(interaction)
        assert seen["response_type"] == FORM, seen
        return {row["component"]["custom_id"]: row["component"] for row in seen["modal"]["components"]}

    async def send(self, interaction: str, prompt: str | None, **fields: Any) -> str:
        """Fill the form in and send it; the interaction. Without a prompt, the one that stands there."""
        await self.form(interaction)
        given = fields if prompt is None else {"prompt": prompt} | fields
        return await self.asker.person.submit(self.asker.user, interaction, given)

    async def pick(self, reply: Message, number: int) -> str:
        [which] = [each for each in custom_ids(reply) if each.startswith("pick:")]
        return await self.asker.person.press(self.asker.user, reply["id"], which, [str(number)])


@pytest.fixture
async def scene(house: House, asker: Asker, calm_bot: None) -> AsyncIterator[Scene]:
    async with Asker(house.discord, role="member2") as poster:
        yield Scene(poster, asker)


@pytest.fixture
def other() -> bytes:
    """Another picture than the small one."""
    return every_format()["png"]


def link(scene: Scene, message: Message) -> str:
    """The end of a message's address."""
    return f"/{scene.poster.channel}/{message['id']}"


def credit_line(message: Message) -> str:
    [found] = [each for each in text(message).splitlines() if "from a" in each and "picture" in each]
    return found


async def test_a_posted_picture_is_repainted_with_credit(house: House, scene: Scene, small: bytes) -> None:
    posted = await scene.post(small)
    sent = await scene.send(await scene.menu(posted), "a menu fox", strength=["0.5"], style=["watercolor"])
    done = await scene.asker.until_done(sent)
    assert f"<@{scene.poster.user}>" in credit_line(done)
    assert link(scene, posted) in credit_line(done)
    assert calls_nobody(done)
    assert not done["ephemeral"]
    kept = job(house, sent)
    assert kept["input_public"]
    assert kept["owners"] == [int(scene.poster.user)]
    [request] = [each for each in house.api_saw()["requests"] if "a menu fox" in each["body"]["prompt"]]
    assert "watercolor" in request["body"]["prompt"]
    assert request["body"]["strength"] == 0.5
    [picture] = await scene.asker.pictures(done)
    assert picture


async def test_of_several_pictures_one_is_chosen_first(
    house: House, scene: Scene, small: bytes, other: bytes
) -> None:
    posted = await scene.post(small, other)
    reply = await answered(scene.asker, await scene.menu(posted))
    [gallery] = [each for each in reply["components"][0]["components"] if each["type"] == 12]
    assert len(gallery["items"]) == 2
    done = await scene.asker.until_done(await scene.send(await scene.pick(reply, 1), "the second"))
    assert link(scene, posted) in credit_line(done)
    once = await scene.post(other)
    await scene.asker.until_done(await scene.send(await scene.menu(once), "the second alone"))
    [chosen], [alone] = house.accepted("the second"), house.accepted("the second alone")
    assert house.input_of(chosen) == house.input_of(alone)


async def test_an_embeds_picture_comes_by_its_proxy(house: House, scene: Scene, small: bytes) -> None:
    elsewhere = await scene.post(small)
    proxy = elsewhere["attachment_files"][0]["url"]
    image = {"url": "http://127.0.0.1:1/never-asked.png", "proxy_url": proxy, "width": 120, "height": 80}
    posted = await scene.post(content="a link", embeds=[{"type": "image", "thumbnail": image}])
    done = await scene.asker.until_done(await scene.send(await scene.menu(posted), "by proxy"))
    assert link(scene, posted) in credit_line(done)


async def test_whoever_posted_a_forward_first_owns_it_and_is_not_named(
    house: House, scene: Scene, small: bytes
) -> None:
    first = await scene.post(small)
    asker = scene.asker
    forward = await asker.person.post(asker.user, asker.channel, "", [], forward=first["id"])
    sent = await scene.send(await scene.menu(forward), "a forwarded fox")
    done = await asker.until_done(sent)
    assert "<@" not in credit_line(done)  # Discord hides it in a forward
    assert link(scene, forward) in credit_line(done)
    assert job(house, sent)["owners"] == [int(scene.poster.user)]


async def test_a_forward_of_what_is_gone_has_no_author(house: House, scene: Scene, small: bytes) -> None:
    first = await scene.post(small)
    lasting = await scene.post(small)
    snapshot = lasting["attachment_files"][0]["url"]  # forwards keep their files
    image = {"url": snapshot, "proxy_url": snapshot}
    first = await scene.post(content="x", embeds=[{"type": "rich", "image": image}])
    forward = await scene.asker.person.post(
        scene.asker.user, scene.asker.channel, "", [], forward=first["id"]
    )
    await scene.poster.person.delete(scene.poster.user, first["id"])
    done = await scene.asker.until_done(await scene.send(await scene.menu(forward), "an orphan"))
    assert "<@" not in credit_line(done)
    assert link(scene, forward) in credit_line(done)


async def test_one_of_the_bots_own_cards_is_credited_to_who_asked_for_it(
    house: House, scene: Scene, small: bytes
) -> None:
    card = await scene.poster.until_done(await scene.poster.ask(small, "first hand"))
    done = await scene.asker.until_done(await scene.send(await scene.menu(card), "second hand"))
    assert f"<@{scene.poster.user}>" in credit_line(done)
    assert link(scene, card) in credit_line(done)


async def test_where_there_is_nothing_one_is_told_alone(house: House, scene: Scene) -> None:
    for message in (
        await scene.post(content="only words"),
        await scene.poster.person.post(
            scene.poster.user,
            scene.poster.channel,
            "a film",
            [await scene.poster.upload(b"\0" * 100, "film.mp4", "video/mp4")],
        ),
    ):
        assert "no picture in this message" in text(await answered(scene.asker, await scene.menu(message)))


async def test_a_message_that_was_deleted_meanwhile_fails_privately(
    house: House, scene: Scene, small: bytes
) -> None:
    posted = await scene.post(small)
    opened = await scene.menu(posted)
    await scene.form(opened)
    await scene.poster.person.delete(scene.poster.user, posted["id"])
    await scene.send(opened, "too late")
    told = await scene.asker.until_told_privately()
    assert PictureGone.sentence in text(told)
    assert house.accepted("too late") == []


async def test_what_was_covered_stays_covered(house: House, scene: Scene, small: bytes) -> None:
    upload = await scene.poster.upload(small, "SPOILER_end.png")
    posted = await scene.poster.person.post(scene.poster.user, scene.poster.channel, "psst", [upload])
    sent = await scene.send(await scene.menu(posted), "covered")
    await scene.asker.until_done(sent)
    assert job(house, sent)["spoiler"]


async def test_repaint_takes_an_upload_and_all_values(house: House, scene: Scene, small: bytes) -> None:
    opened = await scene.asker.run("repaint")
    fields = await scene.form(opened)
    assert list(fields) == ["picture", "prompt", "style", "strength", "advanced"]
    upload = await scene.asker.upload(small)
    sent = await scene.send(opened, "by form", picture=[upload], advanced="seed: 7\nsteps: 3\nprivate: yes")
    done = await scene.asker.until_done(sent)
    assert done["ephemeral"]
    [request] = house.accepted("by form")
    assert (request["body"]["seed"], request["body"]["num_inference_steps"]) == (7, 3)
    assert "input_public" not in job(house, sent)


async def refused(scene: Scene, interaction: str) -> Message:
    reply = await answered(scene.asker, interaction)
    assert any(each.startswith("reopen:") for each in custom_ids(reply))
    return reply


def defaults(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a form show."""
    return {
        name: field["value"]
        if "value" in field
        else [option["value"] for option in field.get("options", ()) if option["default"]]
        for name, field in fields.items()
    }


async def test_a_wrong_line_loses_nothing_and_is_edited(house: House, scene: Scene, small: bytes) -> None:
    opened = await scene.asker.run("repaint")
    upload = await scene.asker.upload(small)
    wrong = {"picture": [upload], "strength": ["0.9"], "style": ["comic"], "advanced": "sed: 7"}
    reply = await refused(scene, await scene.send(opened, "written with *care*", **wrong))
    assert "I do not understand the line" in text(reply)
    again = await scene.asker.click(reply, "Edit")
    fields = await scene.form(again)
    assert defaults(fields) == {
        "picture": [],
        "prompt": "written with *care*",
        "style": ["comic"],
        "strength": ["0.9"],
        "advanced": "sed: 7",
    }
    assert not fields["picture"]["required"]
    reply = await refused(scene, await scene.send(again, "written with *care*", advanced="steps: 900"))
    again = await scene.asker.click(reply, "Edit")  # as often as one likes
    done = await scene.asker.until_done(await scene.send(again, None, advanced="seed: 7"))
    assert "seed 7" in text(done)
    assert "strength 0.9" in text(done)


async def test_a_menus_form_is_edited_with_its_credit(house: House, scene: Scene, small: bytes) -> None:
    posted = await scene.post(small)
    reply = await refused(scene, await scene.send(await scene.menu(posted), "a fox", advanced="seed: no"))
    sent = await scene.send(await scene.asker.click(reply, "Edit"), "an edited fox", advanced="")
    assert link(scene, posted) in credit_line(await scene.asker.until_done(sent))


async def test_a_style_that_leaves_no_room_is_told_after_the_acknowledgement(
    house: House, scene: Scene, small: bytes
) -> None:
    posted = await scene.post(small)
    sent = await scene.send(await scene.menu(posted), "x" * 2000, style=["watercolor"])
    told = await scene.asker.until_told_privately()
    assert "too long together with the style" in text(told)
    assert await scene.asker.reply(sent) is None  # nobody sees that anything was asked
    fields = await scene.form(await scene.asker.click(told, "Edit"))
    assert defaults(fields)["prompt"] == "x" * 2000


async def test_a_picture_that_was_refused_must_be_given_anew(
    house: House, scene: Scene, small: bytes
) -> None:
    opened = await scene.asker.run("repaint")
    empty = await scene.asker.upload(b"", "empty.png")
    reply = await refused(scene, await scene.send(opened, "of nothing", picture=[empty]))
    again = await scene.asker.click(reply, "Edit")
    assert (await scene.form(again))["picture"]["required"]
    upload = await scene.asker.upload(small)
    await scene.asker.until_done(await scene.send(again, "of something", picture=[upload]))


async def test_both_are_offered_everywhere(house: House, asker: Asker) -> None:
    commands = {each["name"]: each for each in (await asker.person.world())["commands"]}
    for name in (MENU, "repaint"):
        assert sorted(commands[name]["contexts"]) == [0, 1, 2]
        assert sorted(commands[name]["integration_types"]) == [0, 1]


# A bot of their own ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose bot is restarted."""
    with house_with(tmp_path_factory.mktemp("own")) as house:
        yield house


@pytest.fixture
async def lasting(own: House) -> AsyncIterator[Scene]:
    async with Asker(own.discord) as asker, Asker(own.discord, role="member2") as poster:
        yield Scene(poster, asker)


async def test_everything_that_was_begun_goes_on_after_a_restart(
    own: House, lasting: Scene, small: bytes, other: bytes
) -> None:
    posted = await lasting.post(small)
    form, wrong = await lasting.menu(posted), await lasting.menu(posted)
    reply = await answered(lasting.asker, await lasting.menu(await lasting.post(small, other)))
    told = await refused(lasting, await lasting.send(wrong, "lasting words", advanced="?"))
    command = await lasting.asker.run("repaint")
    await lasting.form(form)
    await lasting.form(command)
    restart(own)
    done = await lasting.asker.until_done(await lasting.send(form, "sent in later"))
    assert link(lasting, posted) in credit_line(done)
    await lasting.asker.until_done(await lasting.send(await lasting.pick(reply, 0), "chosen later"))
    edited = await lasting.send(await lasting.asker.click(told, "Edit"), "edited later", advanced="")
    await lasting.asker.until_done(edited)
    upload = await lasting.asker.upload(small)
    await lasting.asker.until_done(await lasting.send(command, "uploaded later", picture=[upload]))


def opt_out(house: House, user: str) -> None:
    with database(house) as opened:
        opened.execute(
            "INSERT INTO people (id, document, opted_out, updated_at) VALUES (?, '{}', 1, ?)",
            (int(user), time.time()),
        )


async def test_nobody_repaints_for_those_who_opted_out(own: House, lasting: Scene, small: bytes) -> None:
    posted = await lasting.post(small)
    card = await lasting.poster.until_done(await lasting.poster.ask(small, "mine alone"))
    asker = lasting.asker
    forward = await asker.person.post(asker.user, asker.channel, "", [], forward=posted["id"])
    begun = await lasting.menu(posted)
    await lasting.form(begun)
    opt_out(own, lasting.poster.user)
    restart(own)
    for message in (posted, card):
        told = await answered(asker, await lasting.menu(message))
        assert "does not want others to repaint it" in text(told)
    for form in (begun, await lasting.menu(forward)):
        told = await answered(asker, await lasting.send(form, "all the same"))
        assert "does not want others to repaint it" in text(told)
        assert custom_ids(told) == []
    assert own.accepted("all the same") == []
    alone = Scene(lasting.poster, lasting.poster)
    await alone.asker.until_done(await alone.send(await alone.menu(posted), "my own"))
