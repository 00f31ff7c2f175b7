"""Sentences are said in whatever language there is a catalogue for, and in English otherwise."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from discord import app_commands

from repaint.models import Preferences
from repaint.text import Text, text
from repaint.ui import languages
from repaint.ui.languages import LANGUAGES, Words, card_language, language_of, own_language, words
from repaint.ui.translator import DESCRIPTION, NAME, CatalogueTranslator
from repaint.ui.words import in_line, listed, roughly

GERMAN: dict[Any, Any] = {
    "There is no {thing} “{name}”.": "„{name}“ gibt es nicht: {thing}.",
    "sampler": "Abtaster",
    "I lack: {permissions}.": "Mir fehlt: {permissions}.",
    "View Channel": "Kanal ansehen",
    "about {n} min": "etwa {n} min",
    "number {n} in line": "Platz {n}",
    "next": "als Nächstes",
    ("{n} picture of {name}", "{n} pictures of {name}"): ("{n} Bild von {name}", "{n} Bilder von {name}"),
}
IN_COMMANDS = {(NAME, "cancel"): "abbrechen", (DESCRIPTION, "cancel"): "Brich ab"}


@pytest.fixture
def catalogues(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str, Catalog], Words]]:
    """Puts a catalogue where the bot looks for it, and says what speaks from it."""

    def put(language: str, catalogue: Catalog) -> Words:
        folder = tmp_path / language.replace("-", "_") / "LC_MESSAGES"
        folder.mkdir(parents=True)
        file = io.BytesIO()
        write_mo(file, catalogue)
        (folder / "repaint.mo").write_bytes(file.getvalue())
        return words(language)

    monkeypatch.setattr(languages, "LOCALES", tmp_path)
    words.cache_clear()
    yield put
    words.cache_clear()


@pytest.fixture
def say(catalogues: Callable[[str, Catalog], Words]) -> Words:
    german = Catalog(locale="de")
    for sentence, said in GERMAN.items():
        german.add(sentence, said)
    for (context, sentence), said in IN_COMMANDS.items():
        german.add(sentence, said, context=context)
    return catalogues("de", german)


# Sentences ------------------------------------------------------------------------------------------------


def test_values_stand_where_the_language_has_them(say: Words) -> None:
    expected = "„x{y}“ gibt es nicht: Haus."
    assert say("There is no {thing} “{name}”.", thing="Haus", name="x{y}") == expected
    assert say(text("There is no {thing} “{name}”.", thing="Haus", name="x{y}")) == expected


def test_a_value_that_is_a_sentence_is_said_in_the_language_too(say: Words) -> None:
    said = say(text("There is no {thing} “{name}”.", thing=text("sampler"), name="sampler"))
    assert said == "„sampler“ gibt es nicht: Abtaster."
    names = listed([text("View Channel"), text("Attach Files")])
    assert say(text("I lack: {permissions}.", permissions=names)) == "Mir fehlt: Kanal ansehen, Attach Files."


def test_a_number_chooses_the_form(say: Words) -> None:
    def counted(n: int) -> str:
        return say.plural("{n} picture of {name}", "{n} pictures of {name}", n, name="{n}")

    assert [counted(n) for n in (0, 1, 2)] == ["0 Bilder von {n}", "1 Bild von {n}", "2 Bilder von {n}"]


def test_a_language_may_have_one_form_alone(catalogues: Callable[[str, Catalog], Words]) -> None:
    japanese = Catalog(locale="ja")
    japanese.add(("{n} picture", "{n} pictures"), ("{n}枚",))
    say = catalogues("ja", japanese)
    assert [say.plural("{n} picture", "{n} pictures", n) for n in (1, 2)] == ["1枚", "2枚"]


def test_what_the_catalogue_lacks_is_said_in_english(say: Words) -> None:
    assert say("Nobody {verb} this.", verb="knows") == "Nobody knows this."
    assert say.plural("{n} card", "{n} cards", 2) == "2 cards"
    assert say("") == ""
    assert say("a plain sentence of an older row, with {braces}") == (
        "a plain sentence of an older row, with {braces}"
    )


def test_a_name_has_a_context_of_its_own(say: Words) -> None:
    assert say.in_context(NAME, "cancel") == "abbrechen"
    assert say.in_context(DESCRIPTION, "cancel") == "Brich ab"
    assert say.in_context(NAME, "sampler") is None
    assert say("cancel") == "cancel"


@pytest.mark.parametrize("language", ["en", "nl", "", "de-DE", "../de"])
def test_any_other_language_is_english(say: Words, language: str) -> None:
    assert words(language).language == "en"
    assert words(language)("next") == "next"


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "de"])
def test_a_language_without_a_catalogue_says_english(say: Words, language: str) -> None:
    assert words(language)("There is no {thing} “{name}”.", thing="a", name="b") == "There is no a “b”."


def test_places_and_times_are_said_as_each_language_does(say: Words) -> None:
    assert [in_line(say, n) for n in (1, 3)] == ["als Nächstes", "Platz 3"]
    assert [in_line(words("en"), n) for n in (1, 3)] == ["next", "3rd in line"]
    assert say(roughly(300)) == "etwa 5 min"
    assert isinstance(roughly(300), Text)


# Whose language -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        (discord.Locale.german, "de"),
        (discord.Locale.american_english, "en"),
        (discord.Locale.british_english, "en"),
        (discord.Locale.spain_spanish, "es"),
        (discord.Locale.latin_american_spanish, "es"),
        (discord.Locale.brazil_portuguese, "pt-BR"),
        (discord.Locale.japanese, "ja"),
        (discord.Locale.dutch, "en"),
        ("xx-YY", "en"),
        (None, "en"),
    ],
)
def test_discords_locales_have_languages(locale: discord.Locale | str | None, language: str) -> None:
    assert language_of(locale) == language


def asked(locale: str = "fr", guild_locale: str | None = "de", guild_id: int | None = 1) -> Any:
    return SimpleNamespace(locale=locale, guild_locale=guild_locale, guild_id=guild_id)


def test_a_card_speaks_the_servers_language_and_else_its_askers() -> None:
    nothing = Preferences()
    assert own_language(asked()) == "fr"
    assert card_language(asked(), nothing, ephemeral=False) == "de"
    assert card_language(asked(), nothing, ephemeral=True) == "fr"
    assert card_language(asked(guild_id=None, guild_locale=None), nothing, ephemeral=False) == "fr"
    preferred = Preferences(language="ja")
    assert card_language(asked(), preferred, ephemeral=False) == "ja"
    assert card_language(asked(), Preferences(language="tlh"), ephemeral=False) == "de"


# Commands -------------------------------------------------------------------------------------------------


async def test_commands_are_named_where_the_catalogue_has_a_name(say: Words) -> None:
    @app_commands.command(description="cancel")
    async def cancel(interaction: discord.Interaction, job: str) -> None:
        """Nobody calls it."""

    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    payload = await cancel.get_translated_payload(tree, CatalogueTranslator())
    assert payload["name_localizations"] == {"de": "abbrechen"}
    assert payload["description_localizations"] == {"de": "Brich ab"}
    assert "name_localizations" not in payload["options"][0]
