"""Languages: of the server, of people, and of commands."""

from __future__ import annotations

import aiohttp
import discord
import pytest
from discord import app_commands

from playground.app import Running
from tests.bots import Bot, StartBot
from tests.contract.holding import Kept
from tests.person import JSON, Person, Refused

pytest_plugins = ("tests.contract.playground_fixtures",)

APPLICATION = "1000000000000000001"
GERMAN = {"paint": "malen", "Paint a picture": "Ein Bild malen", "strength": "stärke", "soft": "sanft"}


class German(app_commands.Translator):
    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, _: app_commands.TranslationContextTypes
    ) -> str | None:
        if locale is discord.Locale.british_english:
            return {"Paint a picture": "Paint a lovely picture"}.get(string.message)
        return GERMAN.get(string.message) if locale is discord.Locale.german else None


def prepare(bot: Bot) -> None:
    word = app_commands.locale_str

    @bot.tree.command(name=word("paint"), description=word("Paint a picture"))
    @app_commands.rename(strength=word("strength"))
    @app_commands.choices(strength=[app_commands.Choice(name=word("soft"), value="soft")])
    async def paint(interaction: discord.Interaction, strength: str) -> None:
        await interaction.response.send_message(f"{interaction.locale} {strength}")


async def registered(running: Running, query: str = "", **headers: str) -> JSON:
    url = f"{running.url}/api/v10/applications/{APPLICATION}/commands{query}"
    headers["Authorization"] = "Bot playground"
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        [command] = await answer.json()
        return dict(command)


async def test_commands_are_listed_in_all_languages_or_in_the_requesters(
    person: Person, running: Running, start_bot: StartBot
) -> None:
    async with start_bot(prepare) as bot:
        await bot.tree.set_translator(German())
        await bot.tree.sync()
        whole = await registered(running, "?with_localizations=true")
        assert whole["name_localizations"] == {"de": "malen"}
        assert whole["options"][0]["name_localizations"] == {"de": "stärke"}
        assert "name_localized" not in whole
        german = await registered(running, **{"X-Discord-Locale": "de"})
        assert (german["name"], german["name_localized"]) == ("paint", "malen")
        assert german["description_localized"] == "Ein Bild malen"
        [option] = german["options"]
        assert option["name_localized"] == "stärke"
        assert option["choices"] == [{"name": "soft", "value": "soft", "name_localized": "sanft"}]
        assert "localizations" not in str(german)
        assert (await registered(running, **{"Accept-Language": "de;q=0.9, fr"}))["name_localized"] == "malen"
        own = await registered(running)
        assert "name_localized" not in own
        assert own["description_localized"] == "Paint a lovely picture"  # en-US falls back to en-GB
        single = await bot.tree.fetch_command(int(whole["id"]))
        assert single.name_localizations == {discord.Locale.german: "malen"}

        [seen] = (await person.world(locale="de"))["commands"]
        assert (seen["name"], seen["name_localized"]) == ("paint", "malen")
        [plain] = (await person.world())["commands"]
        assert plain == whole
        await person.command("member2", "art", "paint", locale_of_client=None, strength="soft")
        await person.wait_message(lambda m: m["content"] == "de soft")


async def test_the_server_has_a_language_of_its_own(person: Person, kept: Kept) -> None:
    async def told(channel: str, install: str | None = None) -> tuple[str, str | None]:
        await person.command("member", channel, "hold", install=install, locale_of_client="fr")
        held = await kept.next()
        return str(held.locale), held.guild_locale and str(held.guild_locale)

    assert await told("art") == ("fr", "en-US")
    await person.settings(locale="ja")
    await kept.bot.saw("GUILD_UPDATE")
    [guild] = kept.bot.guilds
    assert str(guild.preferred_locale) == "ja"
    assert [c.name for c in guild.text_channels] == ["art", "staff", "after-dark", "showcase"]
    assert await told("art") == ("fr", "ja")
    assert await told("elsewhere", "user") == ("fr", "ja")
    assert await told("dm") == ("fr", None)
    assert (await person.world())["guild"]["preferred_locale"] == "ja"
    with pytest.raises(Refused, match="language"):
        await person.settings(locale=7)


async def test_a_click_and_a_form_come_in_the_language_of_who_acts(person: Person, kept: Kept) -> None:
    seen: list[str] = []

    class Ask(discord.ui.Modal, title="Ask"):
        why: discord.ui.TextInput[Ask] = discord.ui.TextInput(label="Why", custom_id="why")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            seen.append(str(interaction.locale))
            await interaction.response.send_message("thanks")

    class Go(discord.ui.Button[discord.ui.View]):
        async def callback(self, interaction: discord.Interaction) -> None:
            seen.append(str(interaction.locale))
            await interaction.response.send_modal(Ask())

    view = discord.ui.View(timeout=None)
    view.add_item(Go(label="Go"))
    await kept.channel().send("a card", view=view)
    [message] = await person.messages()
    opened = await person.click("member", message, "Go", locale_of_client="ko")
    await person.wait_interaction(opened)
    await person.submit("member", opened, {"why": "so"}, locale_of_client="uk")
    await person.wait_message(lambda m: m["content"] == "thanks")
    assert seen == ["ko", "uk"]
