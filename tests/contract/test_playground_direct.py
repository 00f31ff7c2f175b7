"""Direct messages of the bot, and the application's owner, whom it can write to."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiohttp
import discord
import pytest

from playground.app import Running
from tests.bots import Bot, StartBot
from tests.contract.holding import Kept, card, png
from tests.person import Person, text_of

pytest_plugins = ("tests.contract.playground_fixtures",)

MEMBER, MODERATOR, OWNER = 1000000000000000301, 1000000000000000303, 1000000000000000304


async def test_direct_messages_work_both_ways(person: Person, start_bot: StartBot) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Hello")
        async def hello(interaction: discord.Interaction) -> None:
            assert interaction.guild is None
            assert interaction.context.dm_channel
            await interaction.response.send_message("here", ephemeral=False)
            await interaction.user.send("and by myself")

    async with start_bot(prepare) as bot:
        await person.command("member", "dm", "hello")
        await person.wait_message(lambda m: m["content"] == "and by myself", channel="dm")
        assert len(await person.messages("member", "dm")) == 2
        assert await person.messages("member2", "dm") == []
        await person.settings(dms_closed=["member2"])
        with pytest.raises(discord.Forbidden) as refused:
            await (await bot.fetch_user(1000000000000000302)).send("hi")
        assert refused.value.code == 50007


async def test_a_users_channel_is_the_same_each_time_it_is_opened(running: Running) -> None:
    url, token = f"{running.url}/api/v10/users/@me/channels", {"Authorization": "Bot playground"}

    async def opened(recipient: str | int) -> tuple[int, dict[str, Any]]:
        body = {"recipient_id": str(recipient)}
        async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=token) as answer:
            return answer.status, await answer.json()

    status, channel = await opened(MEMBER)
    assert (status, channel["type"]) == (200, 1)
    assert [user["id"] for user in channel["recipients"]] == [str(MEMBER)]
    assert (await opened(MEMBER))[1]["id"] == channel["id"]
    assert (await opened(OWNER))[1]["id"] != channel["id"]
    for nobody in ("1", running.server.world.bot.id, "x"):
        status, refused = await opened(nobody)
        assert (status, refused["code"]) == (404, 10013)


async def test_a_card_with_pictures_arrives_once_and_its_reader_hears_of_it(
    person: Person, kept: Kept
) -> None:
    user = await kept.bot.fetch_user(MEMBER)
    since = (await person.world())["last_event"]
    async with contextlib.aclosing(person.events("member", since)) as events:
        waiting = asyncio.ensure_future(anext(events))
        for number in range(2):
            file = png(100 + number)
            sent = await user.send(view=card("your picture", file), file=file, nonce="job-1")
            assert sent.nonce == "job-1"
        event = await asyncio.wait_for(waiting, 20)
    [message] = await person.messages("member", "dm")
    assert (event.name, event.data["id"]) == ("message_create", message["id"])
    assert (text_of(message), message["flags"]) == ("your picture", 1 << 15)
    [picture] = message["attachment_files"]
    assert len(await person.download(picture["url"])) == 100
    assert await person.messages("owner", "dm") == []
    assert message["id"] not in [e["id"] for e in await person.messages("member", "art")]
    uploads = [t for t in await person.traffic() if t["files"]]
    assert [t["json"]["enforce_nonce"] for t in uploads] == [True, True]
    await sent.edit(view=card("edited by my own token"), attachments=[])
    [message] = await person.messages("member", "dm")
    assert (text_of(message), message["attachment_files"]) == ("edited by my own token", [])


async def test_closed_direct_messages_refuse_files_too_until_they_are_opened(
    person: Person, kept: Kept
) -> None:
    user = await kept.bot.fetch_user(MEMBER)
    await person.settings(dms_closed=["member"])
    with pytest.raises(discord.Forbidden) as refused:
        await user.send(file=png(), nonce="job-1")
    assert (refused.value.status, refused.value.code) == (403, 50007)
    await person.settings(dms_closed=[])
    await user.send(file=png(), nonce="job-1")
    assert len(await person.messages("member", "dm")) == 1


async def test_the_applications_owner_can_be_written_to(person: Person, kept: Kept) -> None:
    application = await kept.bot.application_info()
    assert (application.owner.id, application.team) == (OWNER, None)
    assert application.user_integration_config is not None
    await application.owner.send("no credits are left")
    assert [m["content"] for m in await person.messages("owner", "dm")] == ["no credits are left"]
    assert (await kept.bot.is_owner(application.owner)) is True


async def test_a_teams_application_is_owned_by_nobody_but_the_team(person: Person, kept: Kept) -> None:
    assert (await person.settings(team=["moderator", "owner"]))["team"] == [str(MODERATOR), str(OWNER)]
    application = await kept.bot.application_info()
    assert application.team is not None
    assert application.team.owner_id == MODERATOR
    assert [member.id for member in application.team.members] == [MODERATOR, OWNER]
    assert application.owner.id == application.team.id
    with pytest.raises(discord.NotFound) as refused:
        await application.owner.send("?")
    assert refused.value.code == 10013
    await (await kept.bot.fetch_user(application.team.owner_id)).send("no credits are left")
    assert len(await person.messages("moderator", "dm")) == 1
    await person.settings(team=[])
    assert (await kept.bot.application_info()).team is None
