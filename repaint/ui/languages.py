"""Sentences in a person's language, from the gettext catalogues in `repaint/locales`.

A catalogue is read when its language is first spoken. What it lacks is said in English.
"""

from __future__ import annotations

import functools
import gettext
from pathlib import Path
from typing import Any

import discord

from repaint.models import Preferences
from repaint.text import Text, filled

LOCALES = Path(__file__).parents[1] / "locales"
DOMAIN = "repaint"
ENGLISH = "en"
LANGUAGES = {
    ENGLISH: "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "pt-BR": "Português (Brasil)",
    "ja": "日本語",
}
"""The languages that are spoken, each in its own name, by Discord's codes or their first part."""


class Words:
    """Says sentences in one language: `say("There is no {name}.", name=…)`."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, sentence: str, /, **values: Any) -> str:
        """A template with its values, or a `Text`, which has its own. What no catalogue has stays."""
        if isinstance(sentence, Text):
            return self._filled(self._found(sentence.template), dict(sentence.values))
        return self._filled(self._found(sentence), values)

    def plural(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """`one` or `many`, or whatever forms the language has, for `n`, which is a value of the template."""
        return self._filled(self._catalogue.ngettext(one, many, n), values | {"n": n})

    def in_context(self, context: str, sentence: str) -> str | None:
        """What a catalogue has for this under this context (gettext's msgctxt); None if nothing."""
        found = self._catalogue.pgettext(context, sentence)
        return None if found == sentence else found

    def _found(self, template: str) -> str:
        return self._catalogue.gettext(template) if template else ""

    def _filled(self, template: str, values: dict[str, Any]) -> str:
        spoken = {name: self(value) if isinstance(value, Text) else value for name, value in values.items()}
        return filled(template, spoken)


@functools.cache
def words(language: str) -> Words:
    """What says sentences in a language, one of LANGUAGES; in English for any other."""
    if language not in LANGUAGES or language == ENGLISH:
        return Words(ENGLISH, gettext.NullTranslations())
    name = language.replace("-", "_")
    return Words(language, gettext.translation(DOMAIN, str(LOCALES), languages=[name], fallback=True))


IN_ENGLISH = words(ENGLISH)
"""Says sentences as they are in the source."""


def language_of(locale: discord.Locale | str | None) -> str:
    """The language of one of Discord's locales, one of LANGUAGES; English where it is not spoken here."""
    code = str(locale or ENGLISH)
    if code in LANGUAGES:
        return code
    main = code.partition("-")[0]
    return main if main in LANGUAGES else ENGLISH


def own_language(interaction: discord.Interaction[Any]) -> str:
    """For what only this person sees: the language of their Discord."""
    return language_of(interaction.locale)


def card_language(interaction: discord.Interaction[Any], preferences: Preferences, *, ephemeral: bool) -> str:
    """For a card: what the asker prefers; else the server's language, if its members see it."""
    if preferences.language in LANGUAGES:
        return preferences.language
    if ephemeral or interaction.guild_id is None:
        return own_language(interaction)
    return language_of(interaction.guild_locale)


def own_words(interaction: discord.Interaction[Any]) -> Words:
    """Says sentences that only this person sees."""
    return words(own_language(interaction))
