"""Names and descriptions of commands in the languages that Discord shows them in."""

from __future__ import annotations

import discord
from discord import app_commands

from repaint.ui.languages import ENGLISH, language_of, words

NAME, DESCRIPTION = "command name", "command description"
"""The contexts in the catalogues. A name may look like a word of a sentence, but has rules of its own."""
_NAMES = (
    app_commands.TranslationContextLocation.command_name,
    app_commands.TranslationContextLocation.group_name,
    app_commands.TranslationContextLocation.parameter_name,
)


class CatalogueTranslator(app_commands.Translator):
    """Asked by discord.py for each text of each command when the commands are registered."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text in a locale; None where Discord's is not spoken here, or the same."""
        language = language_of(locale)
        if language == ENGLISH:
            return None
        return words(language).in_context(context_of(context), string.message)


def context_of(context: app_commands.TranslationContextTypes) -> str:
    """The catalogue's context of a text of a command."""
    return NAME if context.location in _NAMES else DESCRIPTION
