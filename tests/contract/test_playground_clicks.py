"""Buttons and menus: pressed in every kind of message, refused where Discord's client would not send them."""

from __future__ import annotations

import asyncio
import re

import discord
import pytest
from discord import ui

from tests.bots import Bot, StartBot
from tests.contract.holding import Kept, card
from tests.person import Person, Refused, custom_ids, text_of

pytest_plugins = ("tests.contract.playground_fixtures",)


class Again(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"again:(?P<job>\d+)"):
    """A button that outlives its view."""

    def __init__(self, job: int) -> None:
        super().__init__(ui.Button(label="Again", custom_id=f"again:{job}"))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, __: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Again:
        return cls(int(match["job"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(
            view=card(f"again {self.job}", buttons=(Again(self.job + 1),))
        )
        await interaction.followup.send(f"pressed by {interaction.user.display_name}", ephemeral=True)


async def test_a_dynamic_button_works_for_a_bot_that_was_restarted(
    person: Person, start_bot: StartBot
) -> None:
    def prepare(bot: Bot) -> None:
        bot.add_dynamic_items(Again)

        @bot.tree.command(description="Show a card")
        async def show(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(view=card("a card", buttons=(Again(7),)))

    async with start_bot(prepare):
        await person.command("member", "art", "show")
        message = await person.wait_message(lambda m: text_of(m) == "a card")
    assert custom_ids(message) == ["again:7"]
    async with start_bot(prepare):
        pressed = await person.press("member2", message["id"], "again:7")
        assert (await person.wait_interaction(pressed))["response_type"] == 7
        changed = await person.wait_message(lambda m: text_of(m) == "again 7")
        assert (changed["id"], custom_ids(changed)) == (message["id"], ["again:8"])
        assert changed["edited_timestamp"]
        await person.wait_message(lambda m: m["content"] == "pressed by Noor", user="member2")
    with pytest.raises(Refused, match="no such component"):
        await person.press("member", message["id"], "again:7")


async def test_every_kind_of_select_menu_brings_its_choice(person: Person, start_bot: StartBot) -> None:
    class Menus(ui.LayoutView):
        row1: ui.ActionRow[Menus] = ui.ActionRow()
        row2: ui.ActionRow[Menus] = ui.ActionRow()
        row3: ui.ActionRow[Menus] = ui.ActionRow()

        @row1.select(
            custom_id="style", options=[discord.SelectOption(label="Oil"), discord.SelectOption(label="Ink")]
        )
        async def style(self, interaction: discord.Interaction, menu: ui.Select[Menus]) -> None:
            await interaction.response.send_message(f"style {menu.values[0]}")

        @row2.select(cls=ui.UserSelect, custom_id="who")
        async def who(self, interaction: discord.Interaction, menu: ui.UserSelect[Menus]) -> None:
            await interaction.response.send_message(f"user {menu.values[0].display_name}")

        @row3.select(cls=ui.ChannelSelect, custom_id="where")
        async def where(self, interaction: discord.Interaction, menu: ui.ChannelSelect[Menus]) -> None:
            await interaction.response.send_message(f"channel {menu.values[0].name}")

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Show menus")
        async def menus(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(view=Menus())

    async with start_bot(prepare):
        await person.command("member", "art", "menus")
        message = await person.wait_message(lambda m: "style" in custom_ids(m))
        await person.press("member", message["id"], "style", ["Ink"])
        await person.wait_message(lambda m: m["content"] == "style Ink")
        await person.press("member", message["id"], "who", ["moderator"])
        await person.wait_message(lambda m: m["content"] == "user Sasha")
        await person.press("member", message["id"], "where", ["thread"])
        await person.wait_message(lambda m: m["content"] == "channel weekly-challenge")
        with pytest.raises(Refused, match="no such option"):
            await person.press("member", message["id"], "style", ["Chalk"])


class Pressed(ui.Button[ui.LayoutView]):
    """A button that hands its interaction to the test."""

    def __init__(self, label: str, *, disabled: bool = False) -> None:
        super().__init__(label=label, custom_id=f"{label.lower()}:7", disabled=disabled)
        self.queue: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    async def callback(self, interaction: discord.Interaction) -> None:
        self.queue.put_nowait(interaction)

    async def next(self) -> discord.Interaction:
        return await asyncio.wait_for(self.queue.get(), 20)


def inside(text: str, *buttons: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    """A card whose buttons are in its container, as an action row and beside a text."""
    first, *rest = buttons
    view = ui.LayoutView(timeout=None)
    parts: list[ui.Item[ui.LayoutView]] = [ui.Section(ui.TextDisplay(text), accessory=first)]
    view.add_item(ui.Container(*parts, *([ui.ActionRow(*rest)] if rest else [])))
    return view


@pytest.mark.parametrize(
    ("channel", "ephemeral"), [("art", False), ("art", True), ("dm", False), ("dm", True), ("thread", True)]
)
async def test_a_deferred_click_edits_its_own_message_and_follows_up_in_private(
    person: Person, kept: Kept, channel: str, ephemeral: bool
) -> None:
    cancel, retry = Pressed("Cancel"), Pressed("Retry")
    await person.command("member", channel, "hold")
    held = await kept.next()
    await held.response.send_message(view=inside("a card", cancel, retry), ephemeral=ephemeral)
    message = await person.wait_message(lambda m: text_of(m) == "a card", channel=channel)
    assert (custom_ids(message), message["ephemeral"]) == (["cancel:7", "retry:7"], ephemeral)

    pressed = await person.click("member", message, "retry:")
    click = await retry.next()
    assert click.message is not None
    assert (click.message.id, click.message.flags.ephemeral) == (int(message["id"]), ephemeral)
    await click.response.defer()
    state = await person.wait_interaction(pressed)
    assert (state["response_type"], state["message"]) == (6, message["id"])
    await click.edit_original_response(view=inside("changed", Pressed("Cancel", disabled=True)))
    await click.followup.send("only for you", ephemeral=True)
    seen = await person.messages("member", channel)
    assert [(text_of(m), m["ephemeral"]) for m in seen] == [("changed", ephemeral), ("only for you", True)]
    assert seen[0]["id"] == message["id"]

    with pytest.raises(Refused, match="is disabled") as refused:
        await person.click("member", seen[0], "Cancel")
    assert refused.value.status == 400
    with pytest.raises(Refused, match="no such component") as refused:
        await person.click("member", message, "Retry")
    assert refused.value.status == 400


async def test_nobody_presses_what_another_alone_can_see(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    await (await kept.next()).response.send_message(view=inside("yours", Pressed("Go")), ephemeral=True)
    [message] = await person.messages()
    with pytest.raises(Refused, match="no such message"):
        await person.click("member2", message, "Go")
    await person.delete("member", message["id"])
    with pytest.raises(Refused, match="no such message"):
        await person.click("member", message, "Go")


async def test_a_click_has_a_token_and_an_age_of_its_own(person: Person, kept: Kept) -> None:
    go = Pressed("Go")
    message = await kept.channel().send(view=inside("a card", go))
    await person.advance(3_600)
    await person.click("member2", (await person.messages())[0], "Go")
    click = await go.next()
    assert click.message is not None
    assert (click.message.id, click.is_guild_integration()) == (message.id, True)
    await click.response.defer()
    await click.edit_original_response(view=inside("fresh", go))
    await person.click("member2", (await person.messages())[0], "Go", age=890)
    click = await go.next()
    await click.response.defer()
    await person.advance(11)
    with pytest.raises(discord.HTTPException) as refused:
        await click.edit_original_response(view=inside("too late", go))
    assert refused.value.code == 50027
    await kept.channel().get_partial_message(message.id).edit(view=inside("by my own token", go))


async def test_a_click_whose_message_went_meanwhile_finds_nothing_to_edit(person: Person, kept: Kept) -> None:
    go = Pressed("Go")
    await kept.channel().send(view=inside("a card", go))
    [message] = await person.messages()
    await person.click("member", message, "Go")
    click = await go.next()
    await click.response.defer()
    await person.remove(message=message["id"])
    with pytest.raises(discord.NotFound) as refused:
        await click.edit_original_response(view=inside("?", go))
    assert (refused.value.status, refused.value.code) == (404, 10008)
    await click.followup.send("it is gone", ephemeral=True)
    assert [m["content"] for m in await person.messages()] == ["it is gone"]
