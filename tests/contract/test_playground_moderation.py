"""What a moderator takes away while the bot works: messages, channels and its permissions."""

from __future__ import annotations

import discord
import pytest

from tests.contract.holding import Kept, png
from tests.person import Person

pytest_plugins = ("tests.contract.playground_fixtures",)

VIEW, SEND, ATTACH = 1 << 10, 1 << 11, 1 << 15


async def test_what_the_bot_may_not_do_is_refused_by_name(person: Person, kept: Kept) -> None:
    view, send = 1 << 10, 1 << 11
    channel = kept.channel()
    await person.settings(app_permissions={"art": view | send})
    await person.command("member", "art", "hold")
    assert not (await kept.next()).app_permissions.attach_files
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send(file=png())
    assert refused.value.code == 50013
    await channel.send("text is fine")
    await person.settings(app_permissions={"art": 0})
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("hello")
    assert refused.value.code == 50001
    await person.settings(app_permissions={"art": None})
    posted = await person.post("member", "art", "mine")
    theirs = channel.get_partial_message(int(posted["id"]))
    with pytest.raises(discord.Forbidden) as refused:
        await theirs.edit(content="yours")
    assert refused.value.code == 50005
    with pytest.raises(discord.Forbidden) as refused:
        await theirs.delete()
    assert refused.value.code == 50013


async def test_permissions_that_are_taken_meanwhile_bind_the_bots_own_edits_too(
    person: Person, kept: Kept
) -> None:
    message = await kept.channel().send("before")
    await person.settings(app_permissions={"art": VIEW | SEND})
    with pytest.raises(discord.Forbidden) as refused:
        await message.edit(attachments=[png()])
    assert refused.value.code == 50013
    await message.edit(content="words still go")
    await person.settings(app_permissions={"art": SEND | ATTACH})
    with pytest.raises(discord.Forbidden) as refused:
        await message.edit(content="?")
    assert refused.value.code == 50001
    await person.settings(app_permissions={"art": None})
    await message.edit(attachments=[png()])


async def test_a_channel_gets_moderators_of_its_own(person: Person, kept: Kept) -> None:
    async def granted(channel: str) -> discord.Permissions:
        await person.command("member", channel, "hold")
        return (await kept.next()).permissions

    assert not (await granted("art")).manage_messages
    await person.settings(moderators={"art": ["member"]})
    await kept.bot.saw("CHANNEL_UPDATE")
    assert (await granted("art")).manage_messages
    assert (await granted("thread")).manage_messages
    assert not (await granted("age_restricted")).manage_messages
    held = kept.channel().overwrites
    assert [each.manage_messages for each in held.values()] == [True]
    await person.settings(moderators={})
    assert not (await granted("art")).manage_messages


async def test_a_reply_outlives_the_bots_permissions_by_its_token(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.defer()
    await person.settings(app_permissions={"art": 0})
    await held.edit_original_response(content="by the token")
    assert [m["content"] for m in await person.messages()] == ["by the token"]


async def test_a_deleted_message_is_unknown_to_the_token_and_to_the_bot(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.send_message("soon gone")
    reply = await held.original_response()
    await person.remove(message=str(reply.id))
    mine = kept.channel().get_partial_message(reply.id)
    for edit in (held.edit_original_response(content="?"), mine.edit(content="?"), mine.delete()):
        with pytest.raises(discord.NotFound) as refused:
            await edit
        assert (refused.value.status, refused.value.code) == (404, 10008)
    await held.followup.send("a new one")
    assert [m["content"] for m in await person.messages()] == ["a new one"]


async def test_a_deleted_channel_is_unknown_until_it_is_restored(person: Person, kept: Kept) -> None:
    channel = kept.channel()
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.send_message("soon gone")
    reply = channel.get_partial_message((await held.original_response()).id)
    await person.remove(channel="art")
    await kept.bot.saw("CHANNEL_DELETE")
    for attempt in (channel.send("?"), reply.edit(content="?"), held.edit_original_response(content="?")):
        with pytest.raises(discord.NotFound) as refused:
            await attempt
        assert (refused.value.status, refused.value.code) == (404, 10003)
    await person.restore("art")
    await kept.bot.saw("THREAD_CREATE")
    await kept.channel().send("here again")
    assert [m["content"] for m in await person.messages()] == ["here again"]
    with pytest.raises(discord.NotFound) as refused:
        await reply.edit(content="?")
    assert refused.value.code == 10008


async def test_a_fault_is_kept_for_the_request_that_carries_files(person: Person, kept: Kept) -> None:
    spec = {"method": "POST", "path_regex": "/messages$", "status": 403, "code": 50013}
    await person.fault("rest", has_files=True, **spec)
    await person.fault("rest", body_regex='"content":"stop"', **spec)
    await kept.channel().send("only words")
    with pytest.raises(discord.Forbidden):
        await kept.channel().send(file=png())
    await kept.channel().send(file=png())
    with pytest.raises(discord.Forbidden):
        await kept.channel().send("stop", file=png())
    assert len(await person.messages()) == 2
