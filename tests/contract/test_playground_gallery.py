"""The forum: posts that the bot begins in it, their tags, and who may."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import pytest

from playground.app import Running
from tests.contract.holding import Kept, card, png
from tests.person import JSON, Person, Refused, text_of

pytest_plugins = ("tests.contract.playground_fixtures",)

VIEW, SEND, ATTACH, EVERYTHING = 1 << 10, 1 << 11, 1 << 15, (1 << 53) - 1


def gallery(kept: Kept) -> discord.ForumChannel:
    [guild] = kept.bot.guilds
    [forum] = guild.forums
    return forum


def tag(forum: discord.ForumChannel, name: str) -> discord.ForumTag:
    return next(each for each in forum.available_tags if each.name == name)


async def test_a_post_is_a_thread_with_a_card_a_picture_and_tags(person: Person, kept: Kept) -> None:
    forum = gallery(kept)
    assert [(t.name, t.moderated) for t in forum.available_tags][-2:] == [
        ("Comic", False),
        ("Picked by staff", True),
    ]
    file = png()
    thread, message = await forum.create_thread(
        name="A lighthouse",
        view=card("shared", file),
        file=file,
        applied_tags=[tag(forum, "Watercolor"), tag(forum, "Comic")],
    )
    assert thread.id == message.id
    assert (thread.parent_id, thread.owner_id) == (forum.id, kept.bot.application_id)
    assert [t.name for t in thread.applied_tags] == ["Watercolor", "Comic"]
    await kept.bot.saw("THREAD_CREATE")
    [entry] = await person.posts()
    assert (entry["id"], entry["name"], entry["tags"]) == (
        str(thread.id),
        "A lighthouse",
        ["Watercolor", "Comic"],
    )
    [seen] = await person.messages("member2", entry["id"])
    assert text_of(seen) == "shared"
    assert len(await person.download(seen["attachment_files"][0]["url"])) == 64
    await thread.send("and a comment")
    await person.post("member", entry["id"], "nice")
    assert [m["content"] for m in await person.messages("member", entry["id"])] == [
        "",
        "and a comment",
        "nice",
    ]
    fetched = await kept.bot.fetch_channel(thread.id)
    assert isinstance(fetched, discord.Thread)


async def test_the_bot_hears_of_its_post_first_and_then_of_the_message(person: Person, kept: Kept) -> None:
    thread, _ = await gallery(kept).create_thread(name="one", content="hello")
    sent = [t["json"] for t in await person.traffic() if t["direction"] == "gateway_out"]
    about = [each for each in sent if each["t"] == "THREAD_CREATE"]
    assert [(each["d"]["id"], each["d"]["newly_created"]) for each in about] == [(str(thread.id), True)]
    told = [event async for event in _until_message(person)]
    assert [name for name in told if name in ("thread_create", "message_create")] == [
        "thread_create",
        "message_create",
    ]


async def _until_message(person: Person) -> Any:
    async for event in person.events("member", since=0):
        yield event.name
        if event.name == "message_create":
            return


async def test_tags_are_checked(person: Person, kept: Kept) -> None:
    forum = gallery(kept)
    with pytest.raises(discord.Forbidden) as refused:
        await forum.create_thread(name="x", content="x", applied_tags=[tag(forum, "Picked by staff")])
    assert refused.value.code == 50013
    with pytest.raises(discord.NotFound) as unknown:
        await forum.create_thread(name="x", content="x", applied_tags=[discord.Object(7)])  # type: ignore[list-item]
    assert unknown.value.code == 10087
    await person.settings(require_tag=True)
    await kept.bot.saw("CHANNEL_UPDATE")
    assert gallery(kept).flags.require_tag
    with pytest.raises(discord.HTTPException) as missing:
        await forum.create_thread(name="x", content="x")
    assert (missing.value.status, missing.value.code) == (400, 40067)
    await forum.create_thread(name="x", content="x", applied_tags=[tag(forum, "Anime")])
    await person.settings(require_tag=False, app_permissions={"forum": EVERYTHING})
    await forum.create_thread(name="y", content="y", applied_tags=[tag(forum, "Picked by staff")])
    assert [post["tags"] for post in await person.posts()] == [["Anime"], ["Picked by staff"]]


async def test_a_post_takes_permissions_like_a_message(person: Person, kept: Kept) -> None:
    forum = gallery(kept)
    for bits, code in ((VIEW, 50013), (ATTACH, 50001), (VIEW | SEND, 50013)):
        await person.settings(app_permissions={"forum": bits})
        with pytest.raises(discord.Forbidden) as refused:
            await forum.create_thread(name="x", file=png())
        assert refused.value.code == code
    await forum.create_thread(name="words", content="still go")
    assert [post["name"] for post in await person.posts()] == ["words"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "", "message": {"content": "x"}}, ["name"]),
        ({"name": "n" * 101, "message": {"content": "x"}}, ["name"]),
        ({"name": "x"}, ["message"]),
        ({"name": "x", "message": {"content": "x"}, "applied_tags": list("123456")}, ["applied_tags"]),
        ({"name": "x", "message": {"content": "x"}, "auto_archive_duration": 5}, ["auto_archive_duration"]),
        ({"name": "x", "message": {"content": "x" * 2_001}}, ["message"]),
    ],
)
async def test_a_post_that_is_wrong_is_refused_by_field(
    running: Running, body: JSON, wrong: list[str]
) -> None:
    forum = running.server.world.channel("forum")
    status, answer = await _post(running, f"/channels/{forum.id}/threads", body)
    assert (status, answer["code"], list(answer["errors"])) == (400, 50035, wrong)
    assert not any(channel.parent == forum.id for channel in running.server.world.channels.values())


async def test_a_forum_takes_posts_alone_and_only_a_forum_does(running: Running) -> None:
    world = running.server.world
    post = {"name": "x", "message": {"content": "x"}}
    for place, path, body, code in (
        ("forum", "messages", {"content": "x"}, 50008),
        ("art", "threads", post, 50024),
    ):
        status, answer = await _post(running, f"/channels/{world.channel(place).id}/{path}", body)
        assert (status, answer["code"]) == (400, code)
    empty = {"name": "x", "message": {"content": ""}}
    status, answer = await _post(running, f"/channels/{world.channel('forum').id}/threads", empty)
    assert (status, answer["code"]) == (400, 50006)


async def _post(running: Running, path: str, body: JSON) -> tuple[int, JSON]:
    url, token = f"{running.url}/api/v10{path}", {"Authorization": "Bot playground"}
    async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=token) as answer:
        return answer.status, await answer.json()


async def test_people_post_in_the_forum_and_use_commands_in_posts(person: Person, kept: Kept) -> None:
    for more, why in (
        ({}, "title"),
        ({"title": "t", "tags": ["Nothing"]}, "no such tag"),
        ({"title": "t", "tags": ["Picked by staff"]}, "may not give"),
    ):
        with pytest.raises(Refused, match=why):
            await person.post("member", "forum", "mine", **more)
    posted = await person.post("member", "forum", "mine", title="My post", tags=["Anime"])
    assert [post["id"] for post in await person.posts()] == [posted["channel_id"]]
    await person.command("member", posted["channel_id"], "hold")
    held = await kept.next()
    assert isinstance(held.channel, discord.Thread)
    assert held.channel.parent_id == gallery(kept).id
    await held.response.send_message("an answer")
    with pytest.raises(Refused, match="takes no commands"):
        await person.command("member", "forum", "hold")


async def test_an_age_restriction_is_told_and_is_a_threads_too(person: Person, kept: Kept) -> None:
    async def told(channel: str) -> tuple[bool, bool]:
        await person.command("member", channel, "hold")
        held = await kept.next()
        sent = [t["json"] for t in await person.traffic() if t["direction"] == "gateway_out"]
        payload = [each["d"] for each in sent if each["t"] == "INTERACTION_CREATE"][-1]
        assert isinstance(held.channel, discord.TextChannel | discord.Thread)
        return payload["channel"]["nsfw"], held.channel.is_nsfw()

    posted = await person.post("member", "forum", "mine", title="My post")
    assert await told("age_restricted") == (True, True)
    assert [await told(c) for c in ("art", "thread", posted["channel_id"])] == [(False, False)] * 3
    await person.settings(nsfw={"art": True, "forum": True, "age_restricted": False})
    await kept.bot.saw("CHANNEL_UPDATE", times=3)
    assert [await told(c) for c in ("art", "thread", posted["channel_id"])] == [(True, True)] * 3
    assert await told("age_restricted") == (False, False)
    assert {c["kind"]: c["nsfw"] for c in (await person.world())["channels"]}["thread"]
    await person.settings(nsfw={"art": None})
    assert not (await told("thread"))[0]
