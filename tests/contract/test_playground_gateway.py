"""The gateway: sessions that outlive their connection, and what happens when they do not."""

from __future__ import annotations

import json
import zlib
from typing import Any

import aiohttp
import discord
import pytest
import yarl

from playground.app import Running
from tests.bots import Bot, StartBot
from tests.person import Person

pytest_plugins = ("tests.contract.playground_fixtures",)


def prepare(bot: Bot) -> None:
    @bot.tree.command(description="Answer")
    async def ping(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("pong")


async def answers(person: Person, count: int) -> None:
    """Run /ping and see its answer arrive as the `count`th message."""
    interaction = await person.command("member", "art", "ping")
    assert (await person.wait_interaction(interaction))["status"] == "acknowledged"
    assert len(await person.messages()) == count


async def test_a_dropped_connection_is_resumed_with_what_was_missed(
    person: Person, running: Running, start_bot: StartBot
) -> None:
    async with start_bot(prepare) as bot:
        await answers(person, 1)
        await person.fault("gateway_drop", code=4000)
        await running.server.gateway.signal.wait_for(lambda: not running.server.gateway.connected, 10)
        interaction = await person.command("member", "art", "ping")
        assert (await person.wait_interaction(interaction))["status"] == "acknowledged"
        await bot.saw("RESUMED")
        assert bot.seen.count("READY") == 1
        assert len(await person.messages()) == 2


@pytest.mark.parametrize(
    "fault", [{"kind": "gateway_reconnect"}, {"kind": "invalid_session", "resumable": True}]
)
async def test_a_client_that_is_asked_to_reconnect_resumes(
    person: Person, start_bot: StartBot, fault: dict[str, Any]
) -> None:
    async with start_bot(prepare) as bot:
        await person.fault(**fault)
        await bot.saw("RESUMED")
        await answers(person, 1)
        assert bot.seen.count("READY") == 1


async def test_a_resume_of_a_forgotten_session_leads_to_a_new_one(
    person: Person, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start_bot(prepare) as bot:
        gateway = (await bot.http.get_bot_gateway())[1]
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(gateway))
        await person.fault("gateway_drop", code=4000, forget=True)
        await bot.saw("READY", times=2)
        await answers(person, 1)
        assert "RESUMED" not in bot.seen


async def test_a_refused_token_ends_the_login(running: Running) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(running.server.gateway.url) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 1, "properties": {}}})
        await socket.receive()
        assert socket.close_code == 4004


async def test_privileged_intents_are_refused(start_bot: StartBot) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with start_bot(prepare, intents=discord.Intents(guilds=True, members=True)):
            pass


async def identify(socket: aiohttp.ClientWebSocketResponse, **more: Any) -> None:
    data = {"token": "playground", "intents": 1, "properties": {}} | more
    await socket.send_json({"op": 2, "d": data})


async def test_without_compression_the_gateway_speaks_plain_json(running: Running) -> None:
    url = f"{running.server.gateway.url}/?v=10&encoding=json"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        await identify(socket)
        ready = await socket.receive_json()
        assert (ready["t"], ready["s"]) == ("READY", 1)
        assert ready["d"]["resume_gateway_url"] == running.server.gateway.url
        guild = await socket.receive_json()
        names = [channel["name"] for channel in guild["d"]["channels"]]
        assert (guild["t"], names) == (
            "GUILD_CREATE",
            ["art", "staff", "after-dark", "gallery", "showcase"],
        )
        assert [thread["name"] for thread in guild["d"]["threads"]] == ["weekly-challenge"]


async def test_zlib_stream_is_one_stream_flushed_after_each_message(running: Running) -> None:
    url = f"{running.server.gateway.url}/?v=10&encoding=json&compress=zlib-stream"
    stream = zlib.decompressobj()
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        seen = []
        for number in range(3):
            data = await socket.receive_bytes()
            assert data.endswith(b"\x00\x00\xff\xff")
            payload = json.loads(stream.decompress(data))
            seen.append(payload["t"] or payload["op"])
            if number == 0:
                await identify(socket)
        assert seen == [10, "READY", "GUILD_CREATE"]


async def test_the_guild_is_on_one_shard_alone(running: Running) -> None:
    async with aiohttp.ClientSession() as session:
        for number, guilds in ((0, 0), (1, 1), (2, 0)):
            async with session.ws_connect(running.server.gateway.url) as socket:
                await identify(socket, shard=[number, 3])
                await socket.receive()
                ready = await socket.receive_json()
                assert (ready["d"]["shard"], len(ready["d"]["guilds"])) == ([number, 3], guilds)


async def test_messages_of_people_come_without_content_as_the_intent_is_privileged(
    person: Person, start_bot: StartBot
) -> None:
    heard: list[discord.Message] = []

    def listen(bot: Bot) -> None:
        @bot.listen("on_message")
        async def hear(message: discord.Message) -> None:
            heard.append(message)

    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    async with start_bot(listen, intents=intents) as bot:
        await person.post("member", "art", "secret")
        await person.post("member", "dm", "for the bot")
        await bot.saw("MESSAGE_CREATE", times=2)
    assert [message.content for message in heard] == ["", "for the bot"]


async def test_a_silent_gateway_is_left_and_joined_again(person: Person, start_bot: StartBot) -> None:
    await person.settings(heartbeat_interval=100)
    async with start_bot(prepare, heartbeat_timeout=0.5) as bot:
        await person.fault("silent_gateway")
        await bot.saw("RESUMED")
        await person.clear_faults()
        await answers(person, 1)
