"""A server's gallery: chosen by staff, filled by a button; and the message that calls somebody who waited."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from playground.permissions import Permission
from playground.places import GUILD_ID
from tests.acceptance.asker import Asker, Message, everything, text
from tests.acceptance.discord_side import all_over, sent
from tests.acceptance.house import House, until
from tests.acceptance.jobs_side import (
    answered,
    calls_nobody,
    click,
    command,
    database,
    house_with,
    job,
    labels,
    restart,
    until_over,
)
from tests.person import Refused, buttons

SHARED = "🖼️ **Shared:** "


@pytest.fixture(scope="module")
def running_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: cards look different where there is a gallery."""
    with house_with(tmp_path_factory.mktemp("sharing")) as house:
        yield house


@pytest.fixture
def own(running_own: House) -> Iterator[House]:
    running_own.reset()
    running_own.discord_settings(require_tag=False, nsfw={"showcase": None})
    yield running_own
    running_own.reset()


@pytest.fixture
async def mika(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord) as person:
        yield person


@pytest.fixture
async def robin(own: House) -> AsyncIterator[Asker]:
    async with Asker(own.discord, role="owner") as person:
        yield person


async def _channel(asker: Asker, kind: str) -> str:
    """A channel's id."""
    channels = (await asker.person.world())["channels"]
    return str(next(each["id"] for each in channels if each["kind"] == kind))


async def _choose(robin: Asker, kind: str) -> str:
    """Make a channel the gallery; its id."""
    channel = await _channel(robin, kind)
    told = await command(robin, "gallery set", channel=channel)
    assert f"shared to <#{channel}> from now on" in text(told)
    return channel


async def _done(asker: Asker, picture: bytes, prompt: str, **options: Any) -> Message:
    return await asker.until_done(await asker.ask(picture, prompt, **options))


async def _share(asker: Asker, message: Message) -> str:
    """Press Share; the address that the answer gives."""
    told = text(await click(asker, message, "Share"))
    assert told.startswith(SHARED), told
    return told.removeprefix(SHARED)


async def _in_channel(asker: Asker, channel: str, words: str) -> list[Message]:
    """The messages there that hold these words and pictures."""
    return [
        each
        for each in await asker.person.messages(asker.user, channel)
        if words in text(each) and each["attachment_files"]
    ]


def _link(message: Message) -> str:
    return f"https://discord.com/channels/{GUILD_ID}/{message['channel_id']}/{message['id']}"


def _job_id(message: Message) -> str:
    return str(buttons(message)[0]["custom_id"].partition(":")[2])


def _change(own: House, job_id: str, **changes: Any) -> None:
    """Change what the database has of a job: columns by their names, all else in its document."""
    with database(own) as opened:
        [row] = opened.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchall()
        document = json.loads(row["document"])
        for name, value in changes.items():
            if name in row.keys():  # noqa: SIM118  # else it would be looked for among the values
                opened.execute(f"UPDATE jobs SET {name} = ? WHERE id = ?", (value, job_id))  # noqa: S608
            else:
                document[name] = value
        opened.execute("UPDATE jobs SET document = ? WHERE id = ?", (json.dumps(document), job_id))


# Choosing it ----------------------------------------------------------------------------------------------


async def test_staff_choose_look_and_switch_off(own: House, mika: Asker, robin: Asker) -> None:
    channel = await _choose(robin, "showcase")
    assert f"The gallery is <#{channel}>." in text(await command(robin, "gallery show"))
    with pytest.raises(Refused):
        await mika.run("gallery off")
    assert "no longer be shared" in text(await command(robin, "gallery off"))
    assert "has no gallery" in text(await command(robin, "gallery show"))


async def test_a_channel_that_the_bot_does_not_see_is_refused(own: House, robin: Asker) -> None:
    await command(robin, "gallery off")
    channel = await _channel(robin, "showcase")
    own.discord_settings(app_permissions={channel: 0})
    restart(own)  # else it remembers the channel
    told = await command(robin, "gallery set", channel=channel)
    assert f"I need these permissions in <#{channel}> to post pictures there: View Channel." in text(told)
    assert "has no gallery" in text(await command(robin, "gallery show"))
    own.discord_settings(app_permissions={channel: None})
    restart(own)


async def test_only_cards_of_a_server_with_a_gallery_have_the_button(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    await command(robin, "gallery off")
    assert "Share" not in labels(await _done(mika, small, "nowhere to share"))
    await _choose(robin, "showcase")
    first = await _done(mika, small, "somewhere to share")
    assert labels(first)[-4:] == ["Compare", "Use this seed", "Share", "Delete"]
    async with Asker(own.discord, kind="dm") as alone:
        assert "Share" not in labels(await _done(alone, small, "in a direct message"))
    await command(robin, "gallery off")
    assert "has no gallery at the moment" in text(await click(mika, first, "Share"))


# Sharing --------------------------------------------------------------------------------------------------


async def test_a_picture_is_shared_once_and_says_whose_it_is(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    channel = await _choose(robin, "showcase")
    first = await _done(mika, small, "look @everyone, *a boat*", spoiler=True)
    link = await _share(mika, first)
    [shared] = await _in_channel(mika, channel, "a boat")
    assert link == _link(shared)
    assert calls_nobody(shared)
    assert f"by <@{mika.user}>" in text(shared)
    assert f"[original message]({_link(first)})" in text(shared)
    [gallery] = [each for each in shared["components"][0]["components"] if each["type"] == 12]
    [item] = gallery["items"]
    assert (item["spoiler"], item["description"]) == (True, "look @everyone, *a boat*")
    assert await mika.pictures(shared) == await mika.pictures(first)
    assert f"This picture is shared already: {_link(shared)}" in text(await click(mika, first, "Share"))
    assert len(await _in_channel(mika, channel, "a boat")) == 1


async def test_two_clicks_at_once_share_once(own: House, mika: Asker, robin: Asker, small: bytes) -> None:
    channel = await _choose(robin, "showcase")
    first = await _done(mika, small, "a nervous finger")
    presses = await asyncio.gather(*(mika.click(first, "Share") for _ in range(3)))
    for press in presses:
        await answered(mika, press)
    assert len(await _in_channel(mika, channel, "a nervous finger")) == 1


async def test_nobody_else_shares_it(own: House, mika: Asker, robin: Asker, small: bytes) -> None:
    channel = await _choose(robin, "showcase")
    first = await _done(mika, small, "mine to share")
    for role in ("member2", "moderator"):
        async with Asker(own.discord, role=role) as other:
            told = await click(other, first, "Share")
            assert text(told) == "Only the person who asked for this picture can share it."
    assert await _in_channel(mika, channel, "mine to share") == []


async def test_a_forum_gets_a_post_with_the_tag_of_the_style(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    forum = await _choose(robin, "forum")
    first = await _done(mika, small, "a harbour at dawn", style="oil painting")
    link = await _share(mika, first)
    [post] = [each for each in await mika.person.posts() if each["name"] == "a harbour at dawn"]
    assert (post["tags"], post["parent"]) == (["Oil painting"], forum)
    [shared] = await _in_channel(mika, post["id"], "a harbour at dawn")
    assert link == _link(shared)
    assert calls_nobody(shared)
    assert "This picture is shared already" in text(await click(mika, first, "Share"))


@pytest.mark.parametrize("required", [True, False])
async def test_a_style_without_a_tag_takes_one_only_where_the_forum_wants_one(
    own: House, mika: Asker, robin: Asker, small: bytes, required: bool
) -> None:
    own.discord_settings(require_tag=required)
    await _choose(robin, "forum")
    first = await _done(mika, small, f"without a style, {required}")
    await _share(mika, first)
    [post] = [each for each in await mika.person.posts() if each["name"] == f"without a style, {required}"]
    assert post["tags"] == (["Watercolor"] if required else [])


async def test_what_is_age_restricted_stays_where_it_is(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    channel = await _choose(robin, "showcase")
    async with Asker(own.discord, kind="age_restricted") as there:
        first = await _done(there, small, "after dark")
        told = await click(there, first, "Share")
        assert "age-restricted channel, and the gallery is not one" in text(told)
        assert await _in_channel(mika, channel, "after dark") == []
        own.discord_settings(nsfw={"showcase": True})
        await _share(there, first)
    assert len(await _in_channel(mika, channel, "after dark")) == 1


async def test_who_may_not_post_in_the_gallery_does_not_through_the_bot(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    channel = await _choose(robin, "staff")
    first = await _done(mika, small, "for the staff")
    told = await click(mika, first, "Share")
    assert text(told) == (
        f"You may not post in this server's gallery, <#{channel}>, so I do not do it for you."
    )
    async with Asker(own.discord, role="moderator") as sasha:
        second = await _done(sasha, small, "by the staff")
        await _share(sasha, second)


async def test_what_somebody_does_not_want_used_is_not_shared(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    await _choose(robin, "showcase")
    async with Asker(own.discord, role="member2") as noor:
        first = await _done(noor, small, "of noor's")
        press = await mika.click(first, "Continue")
        await mika.acknowledged(press)
        second = await mika.until_done(await mika.send_in(press, prompt="on from noor's"))
        await command(noor, "privacy opt-out")
        told = await click(mika, second, "Share")
        await command(noor, "privacy opt-in")
    assert "does not want others to use theirs" in text(told)


async def test_a_private_picture_is_shared_without_a_link_to_it(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    channel = await _choose(robin, "showcase")
    first = await _done(mika, small, "seen by me alone", private=True)
    await _share(mika, first)
    [shared] = await _in_channel(mika, channel, "seen by me alone")
    assert "original message" not in text(shared)


async def test_a_picture_too_large_for_the_server_is_shared_in_a_smaller_form(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    channel = await _choose(robin, "showcase")
    first = await _done(mika, small, "noise, size=1MiB")
    [whole] = await mika.pictures(first)
    own.discord_settings(attachment_size_limit=len(whole) // 4)
    await _share(mika, first)
    [shared] = await _in_channel(mika, channel, "noise, size")
    [smaller] = await mika.pictures(shared)
    assert len(smaller) <= len(whole) // 4


async def test_what_is_no_longer_kept_here_is_fetched_from_the_card(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    channel = await _choose(robin, "showcase")
    first = await _done(mika, small, "gone from the disk")
    for path in (own.folder / "bot" / "jobs" / _job_id(first)).glob("finished-*"):
        path.unlink()
    await _share(mika, first)
    [shared] = await _in_channel(mika, channel, "gone from the disk")
    assert await mika.pictures(shared) == await mika.pictures(first)


async def test_where_discord_refuses_it_is_said_and_can_be_tried_again(
    own: House, mika: Asker, robin: Asker, small: bytes
) -> None:
    channel = await _choose(robin, "showcase")
    first = await _done(mika, small, "refused at first")
    own.discord_settings(app_permissions={channel: int(Permission.VIEW_CHANNEL)})
    assert "Discord did not let me post in the gallery." in text(await click(mika, first, "Share"))
    own.discord_settings(app_permissions={channel: None})
    await _share(mika, first)
    assert len(await _in_channel(mika, channel, "refused at first")) == 1


@pytest.mark.parametrize("kind", ["showcase", "forum"])
@pytest.mark.parametrize("arrived", [True, False])
async def test_an_attempt_without_a_clear_end_is_looked_for(
    own: House, mika: Asker, robin: Asker, small: bytes, kind: str, arrived: bool
) -> None:
    channel = await _choose(robin, kind)
    prompt = f"lost on the way to the {kind}, {arrived}"
    first = await _done(mika, small, prompt)
    path = rf"/channels/{channel}/(messages|threads)$"
    own.fault("rest", method="POST", path_regex=path, **{"drop_after" if arrived else "drop": True})
    assert "I do not know whether the picture is in the gallery" in text(await click(mika, first, "Share"))
    link = await _share(mika, first)
    assert len(sent(own, "POST", channel)) == (1 if arrived else 2)
    if kind == "forum":
        [post] = [each for each in await mika.person.posts() if each["name"] == prompt]
        channel = post["id"]
    [shared] = await _in_channel(mika, channel, prompt)
    assert link == _link(shared)


@pytest.mark.parametrize("kind", ["showcase", "forum"])
async def test_the_button_outlives_the_bot_and_so_does_a_claim(
    own: House, mika: Asker, robin: Asker, small: bytes, kind: str
) -> None:
    channel = await _choose(robin, kind)
    first = await _done(mika, small, f"older than the bot, {kind}")
    await all_over(own)  # the card shows it a moment before that is written down
    restart(own, kill=True)
    link = await _share(mika, first)
    now = int(time.time())
    _change(own, _job_id(first), shared=f"sharing:{now}:{now}")  # as if it was killed before it wrote it down
    restart(own, kill=True)
    assert await _share(mika, first) == link
    if kind == "forum":
        assert len([each for each in await mika.person.posts() if each["name"].startswith("older")]) == 1
    else:
        assert len(await _in_channel(mika, channel, "older than the bot, showcase")) == 1


@pytest.mark.parametrize("kind", ["showcase", "forum"])
async def test_deleting_it_takes_the_shared_one_along(
    own: House, mika: Asker, robin: Asker, small: bytes, kind: str
) -> None:
    channel = await _choose(robin, kind)
    prompt = f"not for long in the {kind}"
    first = await _done(mika, small, prompt)
    await _share(mika, first)
    if kind == "forum":
        [post] = [each for each in await mika.person.posts() if each["name"] == prompt]
        channel = post["id"]
    assert len(await _in_channel(mika, channel, prompt)) == 1
    own.http.delete(f"{own.discord}/workshop/traffic").raise_for_status()
    press = await mika.click(first, "Delete")
    await mika.acknowledged(press)
    await mika.send_in(press)
    await until(lambda: len([each for each in sent(own, "DELETE", channel) if each["status"] == 204]) == 1)
    assert await _in_channel(mika, channel, prompt) == []


# A call after a long wait ---------------------------------------------------------------------------------


async def _waited(own: House, asker: Asker, picture: bytes, prompt: str, **options: Any) -> str:
    """A job whose asker wants to be called, and has waited for long when the picture is there."""
    own.script(inference_seconds="manual")
    seconds = options.pop("seconds", 61)
    interaction = await asker.ask(picture, prompt, **options)
    await asker.until_reply(interaction, "Processing")
    row = job(own, interaction)
    _change(own, row["id"], mention=True, created_at=row["created_at"] - seconds)
    return interaction


def _calls(messages: list[Message], user: str) -> list[Message]:
    return [each for each in messages if user in str(each["mentions"]) and "is ready" in text(each)]


async def _called(asker: Asker) -> Message:
    return await asker.until(lambda messages: next(iter(_calls(messages, asker.user)), None))


async def test_who_waited_for_long_is_called_once(own: House, small: bytes) -> None:
    async with Asker(own.discord, role="member2") as noor:
        interaction = await _waited(own, noor, small, "worth the wait")
        own.release()
        card = await noor.until_done(interaction)
        call = await _called(noor)
        assert text(call) == f"<@{noor.user}> your picture is ready: {_link(card)}"
        assert [each["id"] for each in call["mentions"]] == [noor.user]
        await until_over(own, interaction)
        restart(own)
        assert len(_calls(await noor.new_messages(), noor.user)) == 1


async def test_when_the_token_is_over_the_bots_own_calls(own: House, small: bytes) -> None:
    async with Asker(own.discord, role="moderator", kind="thread") as sasha:
        interaction = await _waited(own, sasha, small, "a very long wait", age=865)
        await until(lambda: time.time() - float(job(own, interaction)["created_at"]) >= 66, 10)
        own.release()
        card = await sasha.until_done(interaction)
        call = await _called(sasha)
        assert call["message_reference"]["message_id"] == card["id"]
        assert [each["id"] for each in call["mentions"]] == [sasha.user]


@pytest.mark.parametrize(
    ("kind", "options"), [("dm", {}), ("art", {"private": True}), ("art", {"seconds": 20})]
)
async def test_nobody_is_called_in_private_or_after_a_short_wait(
    own: House, small: bytes, kind: str, options: dict[str, Any]
) -> None:
    async with Asker(own.discord, role="owner", kind=kind) as robin:
        interaction = await _waited(own, robin, small, f"no call in {kind}", **options)
        own.release()
        await robin.until_done(interaction)
        await until_over(own, interaction)
        own.script(inference_seconds=0)
        after = await robin.ask(small, "the next one")  # by then, whatever follows the end has followed
        await robin.until_done(after)
        assert _calls(await robin.new_messages(), robin.user) == []


async def test_a_call_that_fails_takes_nothing_from_the_picture(own: House, small: bytes) -> None:
    async with Asker(own.discord, role="owner") as robin:
        own.fault("rest", method="POST", path_regex=r"/webhooks/\d+/[^/]+$", status=403, code=50013)
        interaction = await _waited(own, robin, small, "no call came through")
        own.release()
        await robin.until_done(interaction)
        row = await until_over(own, interaction)
        assert row["state"] == "done"
        await until(lambda: "is not called" in (own.bot.said() if own.bot else ""))
        assert not job(own, interaction).get("mention")
        assert everything(await robin.until_done(interaction))
