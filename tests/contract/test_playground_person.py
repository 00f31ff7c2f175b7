"""The person's side: who sees and may do what, and the door that only this machine gets through."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from playground.app import Running
from tests.bots import Bot, StartBot
from tests.person import Event, Person, Refused

pytest_plugins = ("tests.contract.playground_fixtures",)


def prepare(bot: Bot) -> None:
    @bot.tree.command(description="Say where this is")
    async def where(interaction: discord.Interaction) -> None:
        channel = interaction.channel
        nsfw = channel.is_nsfw() if isinstance(channel, discord.TextChannel | discord.Thread) else None
        said = f"{interaction.user.display_name} {channel} nsfw={nsfw} {interaction.locale}"
        await interaction.response.send_message(said)

    @bot.tree.command(description="For staff")
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.allowed_contexts(guilds=True, dms=False)
    async def rules(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("rules", ephemeral=True)

    group = app_commands.Group(name="jobs", description="Jobs")

    @group.command(name="show", description="Show one")
    async def show(interaction: discord.Interaction, number: app_commands.Range[int, 1, 9]) -> None:
        await interaction.response.send_message(f"job {number}")

    bot.tree.add_command(group)


async def test_commands_are_offered_to_whom_and_where_they_are_for(
    person: Person, start_bot: StartBot
) -> None:
    async with start_bot(prepare):
        for user, channel, name, why in (
            ("member", "art", "rules", "may not use"),
            ("member", "staff", "where", "cannot see"),
            ("moderator", "dm", "rules", "cannot be used here"),
            ("member", "art", "nothing", "no command"),
            ("nobody", "art", "where", "no user"),
        ):
            with pytest.raises(Refused, match=why):
                await person.command(user, channel, name)
        allowed = await person.command("moderator", "staff", "rules")
        assert (await person.wait_interaction(allowed))["status"] == "acknowledged"
        assert len(await person.messages("moderator", "staff")) == 1
        with pytest.raises(Refused, match="cannot see"):
            await person.messages("member", "staff")


async def test_interactions_carry_the_place_they_came_from(person: Person, start_bot: StartBot) -> None:
    async with start_bot(prepare):
        for user, channel, said in (
            ("member", "art", "Mika art nsfw=False en-US"),
            ("member2", "age_restricted", "Noor after-dark nsfw=True de"),
            ("owner", "thread", "Robin weekly-challenge nsfw=False en-US"),
        ):
            await person.command(user, channel, "where", locale_of_client=None)
            message = await person.wait_message(lambda m: bool(m["content"]), user, channel)
            assert message["content"] == said
        await person.command("member", "art", "where", locale_of_client="fr")
        await person.wait_message(lambda m: m["content"].endswith(" fr"))


async def test_sub_commands_are_run_by_their_full_name(person: Person, start_bot: StartBot) -> None:
    async with start_bot(prepare):
        await person.command("member", "art", "jobs show", number=4)
        await person.wait_message(lambda m: m["content"] == "job 4")
        with pytest.raises(Refused, match="between 1 and 9"):
            await person.command("member", "art", "jobs show", number=10)
        with pytest.raises(Refused, match="sub-command"):
            await person.command("member", "art", "jobs")


async def test_a_sub_commands_option_completes_itself(person: Person, start_bot: StartBot) -> None:
    typed: list[tuple[str, int | None]] = []

    def prepare(bot: Bot) -> None:
        jobs = app_commands.Group(name="jobs", description="Jobs")
        old = app_commands.Group(name="old", description="Old jobs", parent=jobs)

        async def offer(interaction: discord.Interaction, text: str) -> list[app_commands.Choice[str]]:
            typed.append((text, getattr(interaction.namespace, "number", None)))
            return [app_commands.Choice(name=f"job {text}", value=text or "all")]

        for group in (jobs, old):

            @group.command(name="show", description="Show one")
            @app_commands.autocomplete(job=offer)
            async def show(interaction: discord.Interaction, job: str, number: int = 1) -> None:
                await interaction.response.send_message(f"{job} {number}")

        bot.tree.add_command(jobs)

    async with start_bot(prepare):
        choices = await person.autocomplete("member", "art", "jobs show", "job", job="3f", number=2)
        assert choices == [{"name": "job 3f", "value": "3f"}]
        await person.autocomplete("member", "dm", "jobs old show", "job")
        sent = [t["json"] for t in await person.traffic() if t["direction"] == "gateway_out"]
        first, second = (p["d"]["data"]["options"] for p in sent if p["t"] == "INTERACTION_CREATE")
        job = {"name": "job", "type": 3, "value": "3f", "focused": True}
        number = {"name": "number", "type": 4, "value": 2}
        assert first == [{"name": "show", "type": 1, "options": [job, number]}]
        inner = {"name": "show", "type": 1, "options": [job | {"value": ""}]}
        assert second == [{"name": "old", "type": 2, "options": [inner]}]
        assert typed == [("3f", 2), ("", None)]
        await person.command("member", "art", "jobs old show", job="3f")
        await person.wait_message(lambda m: m["content"] == "3f 1")
        for name in ("jobs", "jobs nothing", "jobs old"):
            with pytest.raises(Refused, match="sub-command"):
                await person.autocomplete("member", "art", name, "job")


async def test_events_are_told_to_those_who_see_them_and_can_be_replayed(person: Person) -> None:
    await person.post("moderator", "staff", "between us")
    await person.post("member", "art", "for all")

    async def read(user: str, count: int) -> list[Event]:
        seen = []
        async with asyncio.timeout(20), contextlib.aclosing(person.events(user, since=0)) as events:
            async for event in events:
                seen.append(event)
                if len(seen) == count:
                    break
        return seen

    assert [e.data["content"] for e in await read("member", 1)] == ["for all"]
    assert [e.data["content"] for e in await read("moderator", 2)] == ["between us", "for all"]
    message = (await person.messages())[0]
    with pytest.raises(Refused, match="may not delete"):
        await person.delete("member2", message["id"])
    await person.delete("moderator", message["id"])
    assert [e.name for e in await read("member", 2)] == ["message_create", "message_delete"]


async def test_forwards_and_replies_carry_what_they_point_at(person: Person) -> None:
    picture = await person.upload(b"GIF89a\x05\x00\x04\x00", "a.gif", "image/gif")
    first = await person.post("member", "art", "look", [picture["id"]])
    forward = await person.post("member2", "thread", forward=first["id"])
    snapshot = forward["message_snapshots"][0]["message"]
    assert (snapshot["content"], snapshot["attachments"][0]["width"]) == ("look", 5)
    reply = await person.post("member2", "art", "nice", reply_to=first["id"])
    assert (reply["type"], reply["message_reference"]["message_id"]) == (19, first["id"])
    with pytest.raises(Refused, match="empty"):
        await person.post("member", "art")


async def test_without_a_bot_nothing_is_ready_and_commands_fail(person: Person) -> None:
    with pytest.raises(Refused, match="did not connect"):
        await person.ready(timeout=0.01)
    with pytest.raises(Refused, match="no command"):
        await person.command("member", "art", "where")


async def raw(running: Running, method: str, path: str, **options: Any) -> tuple[int, Any, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, running.url + path, **options) as answer,
    ):
        return answer.status, await answer.json(content_type=None), answer.headers


async def test_other_hosts_and_other_sites_are_not_answered(running: Running) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        for method, path in (
            ("GET", "/person/world"),
            ("POST", "/workshop/clock"),
            ("GET", "/api/v10/gateway"),
        ):
            assert (await raw(running, method, path, headers=headers))[0] == 403
    assert (await raw(running, "GET", "/person/world", headers={"Origin": running.url}))[0] == 200


async def test_what_is_unknown_or_unauthorised_is_answered_like_discord_and_recorded(
    person: Person, running: Running
) -> None:
    status, body, headers = await raw(running, "GET", "/api/v10/nothing/here?x=1")
    assert (status, body) == (404, {"message": "404: Not Found", "code": 0})
    assert headers["Content-Type"] == "application/json"
    wrong = {"Authorization": "Bot wrong"}
    assert (await raw(running, "GET", "/api/v10/users/@me", headers=wrong))[0] == 401
    entries = await person.traffic()
    assert [(e["path"], e["query"], e["status"]) for e in entries] == [
        ("/api/v10/nothing/here", {"x": "1"}, 404),
        ("/api/v10/users/@me", {}, 401),
    ]


async def test_broken_bodies_are_refused_and_the_server_lives_on(running: Running) -> None:
    json_type = {"Content-Type": "application/json", "Authorization": "Bot playground"}
    path = "/api/v10/channels/1000000000000000401/messages"
    status, body, _ = await raw(running, "POST", path, data=b"{", headers=json_type)
    assert (status, body["code"]) == (400, 50109)
    multipart = {"Content-Type": "multipart/form-data; boundary=x", "Authorization": "Bot playground"}
    status, body, _ = await raw(running, "POST", path, data=b"not multipart at all", headers=multipart)
    assert (status, body["code"]) == (400, 50035)
    assert (await raw(running, "POST", "/person/commands", data=b"[1]"))[0] == 400
    status, body, _ = await raw(
        running, "POST", path, json={"embeds": [1], "components": 3}, headers=json_type
    )
    assert (status, set(body["errors"])) == (400, {"embeds", "components"})


async def test_old_messages_may_be_edited_less_often(person: Person, running: Running) -> None:
    token = {"Authorization": "Bot playground"}
    path = "/api/v10/channels/1000000000000000401/messages"
    _, message, _ = await raw(running, "POST", path, json={"content": "0"}, headers=token)
    await person.advance(3_700)
    answers = [
        await raw(running, "PATCH", f"{path}/{message['id']}", json={"content": str(n)}, headers=token)
        for n in range(4)
    ]
    assert [status for status, _, _ in answers] == [200, 200, 200, 429]
    _, body, headers = answers[3]
    assert (body["code"], body["global"]) == (30046, False)
    assert 0 < body["retry_after"] <= 6
    assert headers["Via"]
    assert headers["X-RateLimit-Remaining"] == "0"
    await person.settings(rate_limits=False)
    assert (await raw(running, "PATCH", f"{path}/{message['id']}", json={}, headers=token))[0] == 200


async def test_the_program_says_where_it_listens_and_ends_cleanly() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "playground", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    address = line.removeprefix("playground listening on ").strip()
    assert address.startswith("http://127.0.0.1:")
    async with Person(address) as person, contextlib.aclosing(person.events()) as events:
        assert (await person.world())["bot"]["connected"] is False
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0
        with pytest.raises((StopAsyncIteration, aiohttp.ClientError)):
            await waiting
