"""discord.py's interactions against the playground: commands, modals, and how replies live."""

from __future__ import annotations

import io

import discord
import pytest
from discord import app_commands, ui

from tests.bots import Bot, StartBot
from tests.contract.holding import PNG, card
from tests.person import JSON, Person, Refused, text_of

pytest_plugins = ("tests.contract.playground_fixtures",)


async def test_a_deferred_command_becomes_one_message_with_a_picture(
    person: Person, start_bot: StartBot
) -> None:
    kept: list[discord.Interaction] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(name="img2img", description="Repaint a picture")
        async def img2img(
            interaction: discord.Interaction,
            image: discord.Attachment,
            prompt: app_commands.Range[str, 1, 100],
            strength: app_commands.Range[float, 0, 1] = 0.5,
        ) -> None:
            kept.append(interaction)
            await interaction.response.defer()
            assert (image.width, image.height, image.content_type) == (64, 48, "image/png")
            assert image.ephemeral
            assert strength == 0.25
            file = discord.File(io.BytesIO(await image.read()), "out.png", description="art")
            message = await interaction.edit_original_response(view=card(prompt, file), attachments=[file])
            assert message.attachments == []

    async with start_bot(prepare):
        assert (await person.ready())["commands"] == 1
        picture = await person.upload(PNG, "my picture.png", "image/png")
        assert picture["filename"] == "my_picture.png"
        interaction = await person.command(
            "member", "art", "img2img", image=picture["id"], prompt="a harbour", strength=0.25
        )
        state = await person.wait_interaction(interaction)
        assert (state["status"], state["response_type"]) == ("acknowledged", 5)
        assert 0 <= state["acknowledged_ms"] < 3000
        message = await person.wait_message(lambda m: bool(m["attachment_files"]))
    assert message["id"] == state["message"]
    assert message["flags"] == 1 << 15
    assert message["attachments"] == []
    assert text_of(message) == "a harbour"
    media = message["components"][0]["components"][1]["items"][0]["media"]
    assert media["attachment_id"] == message["attachment_files"][0]["id"]
    assert (media["width"], media["height"]) == (64, 48)
    assert await person.download(media["url"]) == PNG
    assert len(await person.messages()) == 1
    asked = kept[0]
    assert asked.permissions.send_messages
    assert not asked.permissions.manage_messages
    assert asked.app_permissions.attach_files
    assert asked.filesize_limit == 10 * 1024 * 1024
    assert asked.context.guild
    assert asked.guild_locale is discord.Locale.american_english


async def test_only_the_asker_sees_an_ephemeral_reply(person: Person, start_bot: StartBot) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Say it in private")
        async def whisper(interaction: discord.Interaction) -> None:
            answer = await interaction.response.send_message("for you", ephemeral=True)
            assert answer.is_ephemeral()
            await interaction.followup.send("for all")

    async with start_bot(prepare) as bot:
        await person.command("member", "art", "whisper")
        await person.wait_message(lambda m: m["content"] == "for all")
        assert [m["content"] for m in await person.messages("member")] == ["for you", "for all"]
        assert [m["content"] for m in await person.messages("owner")] == ["for all"]
        mine = (await person.messages("member"))[0]
        assert mine["ephemeral"]
        channel = bot.get_channel(int(mine["channel_id"]))
        assert isinstance(channel, discord.TextChannel)
        with pytest.raises(discord.NotFound):
            await channel.fetch_message(int(mine["id"]))


async def test_the_first_follow_up_takes_the_thinking_messages_place_and_publicity(
    person: Person, start_bot: StartBot
) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Defer in private, follow up in public")
        async def later(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True, thinking=True)
            first = await interaction.followup.send("first", ephemeral=False, wait=True)
            assert first.id == (await interaction.original_response()).id
            await interaction.followup.send("second")

        @bot.tree.command(description="Delete the thinking message, then say why in private")
        async def refuse(interaction: discord.Interaction) -> None:
            await interaction.response.defer()
            await interaction.delete_original_response()
            await interaction.followup.send("no", ephemeral=True)

    async with start_bot(prepare):
        await person.command("member", "art", "later")
        await person.wait_message(lambda m: m["content"] == "second")
        seen = await person.messages("member")
        assert [(m["content"], m["ephemeral"]) for m in seen] == [("first", True), ("second", False)]
        await person.command("member", "art", "refuse")
        await person.wait_message(lambda m: m["content"] == "no" and m["ephemeral"])
        assert [m["content"] for m in await person.messages("member2")] == ["second"]


async def test_autocomplete_offers_what_the_bot_offers(person: Person, start_bot: StartBot) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Choose")
        async def choose(interaction: discord.Interaction, sampler: str) -> None:
            await interaction.response.send_message(sampler)

        @choose.autocomplete("sampler")
        async def offer(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            names = ["Euler", "Euler a", "DDIM"]
            return [app_commands.Choice(name=n, value=n) for n in names if typed.lower() in n.lower()]

    async with start_bot(prepare):
        choices = await person.autocomplete("member", "art", "choose", "sampler", sampler="eul")
        assert [c["value"] for c in choices] == ["Euler", "Euler a"]
        with pytest.raises(Refused, match="required"):
            await person.command("member", "art", "choose")


class Brush(ui.Modal, title="Repaint"):
    """One field of each kind, over two modals' worth of room."""

    prompt: ui.Label[Brush] = ui.Label(
        text="Prompt", component=ui.TextInput(custom_id="prompt", max_length=50)
    )
    picture: ui.Label[Brush] = ui.Label(text="Picture", component=ui.FileUpload(custom_id="picture"))
    strength: ui.Label[Brush] = ui.Label(
        text="Strength",
        component=ui.RadioGroup(
            custom_id="strength",
            options=[discord.RadioGroupOption(label="Soft"), discord.RadioGroupOption(label="Strong")],
        ),
    )
    extras: ui.Label[Brush] = ui.Label(
        text="Extras",
        component=ui.CheckboxGroup(
            custom_id="extras",
            required=False,
            options=[discord.CheckboxGroupOption(label="Grain"), discord.CheckboxGroupOption(label="Frame")],
        ),
    )
    private: ui.Label[Brush] = ui.Label(text="Private", component=ui.Checkbox(custom_id="private"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        parts = [label.component for label in self.children if isinstance(label, ui.Label)]
        prompt, picture, strength, extras, private = parts
        assert isinstance(prompt, ui.TextInput)
        assert isinstance(picture, ui.FileUpload)
        assert isinstance(strength, ui.RadioGroup)
        assert isinstance(extras, ui.CheckboxGroup)
        assert isinstance(private, ui.Checkbox)
        data = await picture.values[0].read()
        said = f"{prompt.value} {len(data)} {strength.value} {','.join(extras.values)} {private.value}"
        await interaction.response.send_message(said)


async def test_a_modal_brings_every_kind_of_field(person: Person, start_bot: StartBot) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Open a modal")
        async def repaint(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Brush())

    async with start_bot(prepare):
        picture = await person.upload(PNG, "a.png", "image/png")
        opened = await person.command("member", "art", "repaint")
        state = await person.wait_interaction(opened)
        assert state["response_type"] == 9
        assert state["modal"]["title"] == "Repaint"
        assert [row["component"]["type"] for row in state["modal"]["components"]] == [4, 19, 21, 22, 23]
        fields: JSON = {"prompt": "a cat", "picture": [picture["id"]], "strength": "Strong"}
        fields |= {"extras": ["Grain"], "private": True}
        with pytest.raises(Refused, match="No modal"):
            await person.submit("member2", opened, fields)
        with pytest.raises(Refused, match="picture"):
            await person.submit("member", opened, fields | {"picture": []})
        await person.submit("member", opened, fields)
        await person.wait_message(lambda m: m["content"] == f"a cat {len(PNG)} Strong Grain True")


async def test_a_message_menu_brings_the_message_and_its_pictures(
    person: Person, start_bot: StartBot
) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.context_menu(name="Repaint this image")
        async def repaint(interaction: discord.Interaction, message: discord.Message) -> None:
            data = await message.attachments[0].read()
            await interaction.response.send_message(f"{message.author.display_name}: {len(data)} bytes")

    async with start_bot(prepare):
        picture = await person.upload(PNG, "a.png", "image/png")
        posted = await person.post("member2", "art", "look", [picture["id"]])
        await person.context("member", "art", "Repaint this image", posted["id"])
        answer = await person.wait_message(lambda m: m["content"] == f"Noor: {len(PNG)} bytes")
        assert answer["type"] == 23
        assert answer["interaction_metadata"]["target_message_id"] == posted["id"]
