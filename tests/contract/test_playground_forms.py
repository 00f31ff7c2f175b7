"""Forms, and how clicks and forms are answered: with a new message, or by the card that they came from."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import ui

from tests.bots import Bot, StartBot
from tests.contract.holding import Kept, card
from tests.person import JSON, Person, text_of

pytest_plugins = ("tests.contract.playground_fixtures",)


class Form(ui.Modal, title="Adjust"):
    """Hands its submission to the test."""

    prompt: ui.Label[Any] = ui.Label(text="Prompt", component=ui.TextInput(custom_id="prompt"))

    def __init__(self, queue: asyncio.Queue[discord.Interaction]) -> None:
        super().__init__()
        self.queue = queue

    async def on_submit(self, interaction: discord.Interaction) -> None:
        self.queue.put_nowait(interaction)


class Go(ui.Button[ui.LayoutView]):
    """A button that hands its click to the test."""

    def __init__(self, queue: asyncio.Queue[discord.Interaction]) -> None:
        super().__init__(label="Go")
        self.queue = queue

    async def callback(self, interaction: discord.Interaction) -> None:
        self.queue.put_nowait(interaction)


class Desk:
    """A card with a button, and what comes of it."""

    def __init__(self, person: Person, kept: Kept) -> None:
        self.person = person
        self.kept = kept
        self.queue: asyncio.Queue[discord.Interaction] = asyncio.Queue()
        self.card: JSON = {}

    async def put(self, *, ephemeral: bool = False, channel: str = "art") -> None:
        await self.person.command("member", channel, "hold")
        view = card("a card", buttons=(Go(self.queue),))
        await (await self.kept.next()).response.send_message(view=view, ephemeral=ephemeral)
        self.card = await self.person.wait_message(lambda m: text_of(m) == "a card", channel=channel)

    async def clicked(self, user: str = "member") -> discord.Interaction:
        await self.person.click(user, self.card, "Go")
        return await self.next()

    async def next(self) -> discord.Interaction:
        return await asyncio.wait_for(self.queue.get(), 20)

    async def sent_in(self, user: str = "member") -> discord.Interaction:
        """A form that the button opened, filled in."""
        opened = await self.person.click(user, self.card, "Go")
        await (await self.next()).response.send_modal(Form(self.queue))
        await self.person.wait_interaction(opened)
        await self.person.submit(user, opened, {"prompt": "a cat"})
        return await self.next()

    async def by(self, way: str) -> discord.Interaction:
        return await (self.clicked() if way == "click" else self.sent_in())


@pytest.fixture
async def desk(person: Person, kept: Kept) -> Desk:
    return Desk(person, kept)


@pytest.mark.parametrize("way", ["click", "form"])
@pytest.mark.parametrize("private", [True, False])
async def test_thinking_is_a_new_message_beside_the_card(
    person: Person, desk: Desk, way: str, private: bool
) -> None:
    await desk.put()
    interaction = await desk.by(way)
    assert interaction.message is not None
    assert str(interaction.message.id) == desk.card["id"]
    await interaction.response.defer(thinking=True, ephemeral=private)
    thinking = (await person.messages())[-1]
    assert (thinking["flags"] & 1 << 7, thinking["ephemeral"]) == (1 << 7, private)
    await interaction.edit_original_response(content="a new message")
    seen = await person.messages()
    assert [text_of(m) for m in seen] == ["a card", "a new message"]
    assert seen[1]["id"] == thinking["id"]
    assert len(await person.messages("member2")) == (1 if private else 2)


@pytest.mark.parametrize("way", ["click", "form"])
@pytest.mark.parametrize("private", [True, False])
async def test_the_card_is_the_original_of_a_quiet_acknowledgement(
    person: Person, desk: Desk, way: str, private: bool
) -> None:
    await desk.put(ephemeral=private)
    interaction = await desk.by(way)
    await interaction.response.defer()
    await interaction.edit_original_response(view=card("changed"))
    [changed] = await person.messages()
    assert (changed["id"], text_of(changed)) == (desk.card["id"], "changed")
    await interaction.delete_original_response()
    assert await person.messages() == []
    await interaction.followup.send("it is gone", ephemeral=True)
    assert [m["content"] for m in await person.messages()] == ["it is gone"]


@pytest.mark.parametrize("way", ["click", "form"])
async def test_the_card_is_changed_at_once_or_answered(person: Person, desk: Desk, way: str) -> None:
    await desk.put()
    interaction = await desk.by(way)
    await interaction.response.send_message("an answer", ephemeral=True)
    assert [text_of(m) for m in await person.messages()] == ["a card", "an answer"]
    interaction = await desk.by(way)
    await interaction.response.edit_message(view=card("changed"))
    assert [text_of(m) for m in await person.messages()] == ["changed", "an answer"]


async def test_a_form_is_of_whoever_opened_it(person: Person, desk: Desk) -> None:
    await desk.put()
    interaction = await desk.sent_in("member2")
    assert interaction.user.name == "noor"
    await interaction.response.send_message("by noor")
    last = (await person.messages())[-1]
    metadata = last["interaction_metadata"]
    assert (metadata["type"], metadata["user"]["username"]) == (5, "noor")
    assert metadata["triggering_interaction_metadata"]["interacted_message_id"] == desk.card["id"]


@pytest.mark.parametrize("way", ["command", "menu"])
async def test_a_form_without_a_card_is_answered_with_new_messages_alone(
    person: Person, start_bot: StartBot, way: str
) -> None:
    queue: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Open")
        async def command(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Form(queue))

        @bot.tree.context_menu(name="menu")
        async def menu(interaction: discord.Interaction, _: discord.Message) -> None:
            await interaction.response.send_modal(Form(queue))

    async def submitted(post: str) -> discord.Interaction:
        if way == "menu":
            opened = await person.context("member", "art", "menu", post)
        else:
            opened = await person.command("member", "art", "command")
        assert (await person.wait_interaction(opened))["response_type"] == 9
        await person.submit("member", opened, {"prompt": "a cat"})
        return await asyncio.wait_for(queue.get(), 20)

    async with start_bot(prepare):
        post = await person.post("member2", "art", "a post")
        interaction = await submitted(post["id"])
        assert interaction.message is None
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="later")
        await (await submitted(post["id"])).response.send_message("at once")
        assert [m["content"] for m in await person.messages()] == ["a post", "later", "at once"]
        # "Only valid for component-based interactions" (Discord API docs, Interaction Callback Type)
        with pytest.raises(discord.HTTPException) as refused:
            await (await submitted(post["id"])).response.defer()
        assert (refused.value.status, refused.value.code) == (400, 50035)
