"""An app that somebody installed for themselves: where it works, what it is told, and what it may not do."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from tests.bots import Bot, StartBot
from tests.contract.holding import Kept, card, png
from tests.person import JSON, Person, Refused, text_of

pytest_plugins = ("tests.contract.playground_fixtures",)

MEMBER = "1000000000000000301"
HOME, ELSEWHERE = "1000000000000000100", "1000000000000000110"


async def told(person: Person) -> JSON:
    """The newest interaction that the bot was sent, as it was sent."""
    sent = [t["json"] for t in await person.traffic() if t["direction"] == "gateway_out"]
    return dict([each["d"] for each in sent if each["t"] == "INTERACTION_CREATE"][-1])


@pytest.mark.parametrize(
    ("channel", "context", "guild"),
    [("art", 0, HOME), ("elsewhere", 0, ELSEWHERE), ("dm", 1, None), ("group", 2, None)],
)
async def test_a_users_installation_works_everywhere_in_the_user_s_name(
    person: Person, kept: Kept, channel: str, context: int, guild: str | None
) -> None:
    await person.command("member", channel, "hold", install="user")
    held = await kept.next()
    sent = await told(person)
    assert sent["authorizing_integration_owners"] == {"1": MEMBER}
    assert (sent["context"], sent.get("guild_id")) == (context, guild)
    assert ("member" in sent, "user" in sent) == (guild is not None, guild is None)
    assert held.is_user_integration()
    assert not held.is_guild_integration()
    assert held.user.id == int(MEMBER)
    await held.response.defer()
    file = png()
    await held.edit_original_response(view=card("by the token", file), attachments=[file])
    [message] = await person.messages("member", channel)
    assert text_of(message) == "by the token"
    assert message["interaction_metadata"]["authorizing_integration_owners"] == {"1": MEMBER}
    assert len(await person.download(message["attachment_files"][0]["url"])) == 64


async def test_what_the_app_is_told_that_it_may_do_depends_on_the_place(person: Person, kept: Kept) -> None:
    attach, embed, everyone, emoji = 1 << 15, 1 << 14, 1 << 17, 1 << 18
    for channel, exactly in (("dm", attach | embed | everyone | emoji), ("group", attach | embed | everyone)):
        await person.command("member", channel, "hold", install="user")
        assert (await kept.next()).app_permissions.value == exactly
    await person.command("member", "elsewhere", "hold", install="user")
    assert (await kept.next()).app_permissions.attach_files
    await person.settings(app_permissions={"elsewhere": 0})
    await person.command("member", "elsewhere", "hold", install="user")
    held = await kept.next()
    assert held.app_permissions.value == 0
    assert held.permissions.send_messages


async def test_nobody_is_a_moderator_elsewhere(person: Person, kept: Kept) -> None:
    await person.command("moderator", "art", "hold", install="user")
    assert (await kept.next()).permissions.manage_messages
    assert (await told(person))["member"]["roles"] != []
    await person.command("moderator", "elsewhere", "hold", install="user")
    assert not (await kept.next()).permissions.manage_messages
    assert (await told(person))["member"]["roles"] == []


async def test_the_servers_installation_is_of_its_server_alone(person: Person, kept: Kept) -> None:
    for channel in ("elsewhere", "group"):
        for install in (None, "guild"):
            with pytest.raises(Refused, match="not installed there") as refused:
                await person.command("member", channel, "hold", install=install)
            assert refused.value.status == 400
    for channel, owner in (("art", HOME), ("dm", "0")):
        await person.command("member", channel, "hold")
        assert (await kept.next()).is_guild_integration() is (channel == "art")
        assert (await told(person))["authorizing_integration_owners"] == {"0": owner}
    with pytest.raises(Refused, match="install is"):
        await person.command("member", "art", "hold", install="both")


async def test_the_bots_own_token_has_no_access_elsewhere_and_in_groups(person: Person, kept: Kept) -> None:
    for channel in ("elsewhere", "group"):
        await person.command("member", channel, "hold", install="user")
        held = await kept.next()
        await held.response.send_message("by the token")
        reply = await held.original_response()
        place = kept.bot.get_partial_messageable(reply.channel.id)
        mine = place.get_partial_message(reply.id)
        for attempt in (place.send("?"), mine.edit(content="?"), mine.delete(), mine.fetch()):
            with pytest.raises(discord.Forbidden) as refused:
                await attempt
            assert (refused.value.status, refused.value.code) == (403, 50001)
    with pytest.raises(discord.Forbidden) as refused:
        await kept.bot.fetch_guild(int(ELSEWHERE))
    assert refused.value.code == 50001
    assert kept.bot.seen.count("MESSAGE_CREATE") == 0
    [home] = kept.bot.guilds
    assert home.id == int(HOME)
    assert "lounge" not in [channel.name for channel in await home.fetch_channels()]


@pytest.mark.parametrize(("install", "limited"), [("user", True), ("guild", False)])
async def test_a_sixth_follow_up_is_too_many_for_a_users_installation(
    person: Person, kept: Kept, install: str, limited: bool
) -> None:
    await person.settings(rate_limits=False)
    await person.command("member", "art", "hold", install=install)
    held = await kept.next()
    await held.response.defer()
    follow_ups = [await held.followup.send(str(number), wait=True) for number in range(5)]
    if limited:
        with pytest.raises(discord.HTTPException) as refused:
            await held.followup.send("6")
        assert (refused.value.status, refused.value.code) == (400, 40094)
    else:
        await held.followup.send("6")
    await follow_ups[0].edit(content="edits are not counted")
    await held.edit_original_response(content="nor these")
    assert len(await person.messages()) == (5 if limited else 6)


@pytest.mark.parametrize("channel", ["elsewhere", "art"])
async def test_without_the_permission_all_that_the_app_says_is_for_its_user_alone(
    person: Person, kept: Kept, channel: str
) -> None:
    await person.settings(no_external_apps=[channel])
    await person.command("member", channel, "hold", install="user")
    held = await kept.next()
    assert not held.permissions.use_external_apps
    file = png()
    answer = await held.response.send_message(view=card("not public", file), file=file)
    assert isinstance(answer.resource, discord.InteractionMessage)
    assert (answer.is_ephemeral(), answer.resource.flags.ephemeral) == (True, True)
    await held.followup.send("nor this", ephemeral=False)
    await person.command("member", channel, "hold", install="user")
    held = await kept.next()
    deferred = await held.response.defer(thinking=True)
    assert deferred is not None
    assert (deferred.is_ephemeral(), deferred.is_thinking()) == (True, True)
    reply = await held.edit_original_response(content="nor that")
    assert reply.flags.ephemeral
    seen = await person.messages("member", channel)
    assert [(text_of(m), m["ephemeral"]) for m in seen] == [
        ("not public", True),
        ("nor this", True),
        ("nor that", True),
    ]
    assert "/ephemeral-attachments/" in seen[0]["attachment_files"][0]["url"]
    assert await person.messages("member2", channel) == []
    await person.settings(no_external_apps=[])
    await person.command("member", channel, "hold", install="user")
    await (await kept.next()).response.send_message("public again")
    assert [m["content"] for m in await person.messages("member2", channel)] == ["public again"]


async def test_the_permission_is_for_installations_for_a_user_and_administrators_have_it(
    person: Person, kept: Kept
) -> None:
    await person.settings(no_external_apps=["art"])
    for user, install in (("member", "guild"), ("owner", "user")):
        await person.command(user, "thread", "hold", install=install)
        await (await kept.next()).response.send_message("public")
    await person.command("member", "group", "hold", install="user")
    await (await kept.next()).response.send_message("public")
    assert len(await person.messages("member2", "thread")) == 2
    assert len(await person.messages("member2", "group")) == 1
    with pytest.raises(Refused, match="text and forum channels"):
        await person.settings(no_external_apps=["group"])


async def test_a_click_by_another_stays_in_the_name_of_who_ran_the_command(
    person: Person, start_bot: StartBot
) -> None:
    class Button(discord.ui.Button[discord.ui.LayoutView]):
        async def callback(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message(f"pressed by {interaction.user.name}")

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Show a button")
        @app_commands.allowed_installs(guilds=False, users=True)
        async def show(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(view=card("a card", buttons=(Button(label="Go"),)))

    async with start_bot(prepare):
        await person.command("member", "group", "show", install="user")
        message = await person.wait_message(lambda m: text_of(m) == "a card", "member2", "group")
        await person.click("member2", message, "Go")
        await person.wait_message(lambda m: m["content"] == "pressed by noor", "member2", "group")
        assert (await told(person))["authorizing_integration_owners"] == {"1": MEMBER}
        with pytest.raises(Refused, match="no such message"):
            await person.click("moderator", message, "Go")


def commands_for_some_places(bot: Bot) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("yes")

    for name, places in (
        ("servers", {"guilds": True}),
        ("talks", {"dms": True}),
        ("circles", {"private_channels": True}),
    ):
        command: app_commands.Command[Any, ..., None] = app_commands.Command(
            name=name, description="Somewhere", callback=answer
        )
        app_commands.allowed_installs(guilds=True, users=True)(command)
        app_commands.allowed_contexts(**places)(command)
        bot.tree.add_command(command)
    for name, kinds in (("shared", {"guilds": True}), ("own", {"users": True})):
        command = app_commands.Command(name=name, description="For some", callback=answer)
        bot.tree.add_command(app_commands.allowed_installs(**kinds)(command))
    bot.tree.add_command(
        app_commands.Command(name="local", description="For one server", callback=answer),
        guild=discord.Object(int(HOME)),
    )


async def test_a_command_is_offered_where_and_for_whom_it_was_registered(
    person: Person, start_bot: StartBot
) -> None:
    async with start_bot(commands_for_some_places) as bot:
        await bot.tree.sync(guild=discord.Object(int(HOME)))
        with pytest.raises(discord.Forbidden) as missing:
            await bot.tree.sync(guild=discord.Object(int(ELSEWHERE)))
        assert missing.value.code == 50001
        for name, channel, install, no in (
            ("servers", "art", "guild", ""),
            ("servers", "elsewhere", "user", ""),
            ("servers", "dm", "user", "cannot be used here"),
            ("talks", "dm", "guild", ""),
            ("talks", "group", "user", "cannot be used here"),
            ("talks", "art", "user", "cannot be used here"),
            ("circles", "group", "user", ""),
            ("circles", "dm", "user", "cannot be used here"),
            ("shared", "art", "guild", ""),
            ("shared", "art", "user", "not offered"),
            ("own", "group", "user", ""),
            ("own", "art", "guild", "not offered"),
            ("local", "art", "guild", ""),
            ("local", "art", "user", "no command"),
            ("local", "elsewhere", "user", "no command"),
        ):
            if no:
                with pytest.raises(Refused, match=no) as refused:
                    await person.command("member", channel, name, install=install)
                assert refused.value.status == (404 if no == "no command" else 400)
            else:
                begun = await person.command("member", channel, name, install=install)
                assert (await person.wait_interaction(begun))["status"] == "acknowledged", (name, channel)


async def test_people_meet_elsewhere_and_in_groups_too(person: Person) -> None:
    await person.post("moderator", "elsewhere", "hello")
    await person.post("member", "group", "hi")
    assert [m["content"] for m in await person.messages("member", "elsewhere")] == ["hello"]
    assert [m["content"] for m in await person.messages("owner", "group")] == ["hi"]
    with pytest.raises(Refused, match="cannot see"):
        await person.messages("moderator", "group")
    places = {c["kind"]: c for c in (await person.world())["channels"]}
    assert (places["elsewhere"]["guild"], places["group"]["guild"]) == (ELSEWHERE, None)
    with pytest.raises(Refused, match="cannot be deleted"):
        await person.remove(channel="group")
