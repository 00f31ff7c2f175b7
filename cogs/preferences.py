"""/preferences: what somebody usually wants, for their eyes alone."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import dataclasses
import logging
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from repaint.models import Preferences, Request
from repaint.ui.asking import found_style
from repaint.ui.client import RepaintBot
from repaint.ui.languages import LANGUAGES, Words, own_words
from repaint.ui.notices import notice
from repaint.ui.privately import answer_privately
from repaint.ui.reply import Build
from repaint.ui.style_names import offered_styles, style_choices
from repaint.ui.words import inert, number

log = logging.getLogger(__name__)

Interaction = discord.Interaction[RepaintBot]

CHOICES = 25  # in an autocompletion (Discord)
EVERYTHING = "everything"
USUAL = Preferences()
USUAL_STRENGTH = Request("", 0).strength


class PreferenceCommands(commands.Cog):
    """The command."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(
        name="preferences", description="What you usually want; without options: what is set"
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        strength="How far your pictures may move away from the original, 0–1",
        style="The style that you get where you choose none",
        private="Whether only you see the replies",
        language="The language of your cards",
        mention="Whether you get one reply with a mention where a picture took long",
        reset="Back to what is usual, before the other options are set",
    )
    @app_commands.choices(
        language=[app_commands.Choice(name=name, value=code) for code, name in LANGUAGES.items()],
        reset=[
            app_commands.Choice(name=app_commands.locale_str("Everything"), value=EVERYTHING),
            app_commands.Choice(name=app_commands.locale_str("Strength"), value="strength"),
            app_commands.Choice(name=app_commands.locale_str("Style"), value="style"),
            app_commands.Choice(name=app_commands.locale_str("Private replies"), value="private"),
            app_commands.Choice(name=app_commands.locale_str("Language"), value="language"),
            app_commands.Choice(name=app_commands.locale_str("Mention"), value="mention"),
        ],
    )
    async def preferences(
        self,
        interaction: Interaction,
        strength: app_commands.Range[float, 0.0, 1.0] | None = None,
        style: app_commands.Range[str, 1, 100] | None = None,
        private: bool | None = None,
        language: str | None = None,
        mention: bool | None = None,
        reset: str | None = None,
    ) -> None:
        """Set what is given, and show all of it."""
        given = {
            "strength": strength,
            "private": private,
            "language": language if language in LANGUAGES else None,
            "mention": mention,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}

        async def act() -> Build:
            say, people = own_words(interaction), self.bot.people
            if style is not None:
                found = await found_style(self.bot.styles, style, interaction, is_chosen=True)
                changes["style"] = found.name if found is not None else None
            after = people.preferences(interaction.user.id)
            is_changed = bool(changes) or reset is not None
            if is_changed:
                after = await people.change_preferences(
                    interaction.user.id, lambda before: dataclasses.replace(without(before, reset), **changes)
                )
                log.info("user %s set preferences: %s, reset %s", interaction.user.id, [*changes], reset)
            return lambda _: preferences_view(say, after, is_changed=is_changed)

        await answer_privately(interaction, act)

    @preferences.autocomplete("style")
    async def complete_style(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """One's own, the server's and the built-in ones that contain what was typed."""
        wanted = current.strip().casefold()
        names = [name for name in await offered_styles(interaction) if wanted in name.casefold()]
        names.sort(key=lambda name: not name.casefold().startswith(wanted))
        return style_choices(names[:CHOICES])


def without(preferences: Preferences, reset: str | None) -> Preferences:
    """With one of them, or everything, as it is usual."""
    if reset is None:
        return preferences
    if reset == EVERYTHING:
        return USUAL
    return dataclasses.replace(preferences, **{reset: getattr(USUAL, reset)})


def preferences_view(say: Words, preferences: Preferences, *, is_changed: bool) -> ui.LayoutView:
    """All of them in sentences."""
    strength, style, language = preferences.strength, preferences.style, preferences.language
    lines = [
        f"**{say('Your preferences are saved.') if is_changed else say('Your preferences')}**",
        say("Strength: {value}", value=_bold(number(strength)))
        if strength is not None
        else say("Strength: {value} (as usual)", value=number(USUAL_STRENGTH)),
        say("Style: {value}", value=_bold(inert(style, 40))) if style else say("Style: none"),
        say("Replies: only you see them") if preferences.private else say("Replies: everyone sees them"),
        say("Language of your cards: {value}", value=_bold(LANGUAGES[language]))
        if language in LANGUAGES
        else say("Language of your cards: the server's, or your Discord's where only you see them"),
        say("Where a picture took long: one reply that mentions you")
        if preferences.mention
        else say("Where a picture took long: no mention"),
        "-# "
        + say(
            "What you choose in a command goes before this, and a style's values before the strength here."
        ),
    ]
    if not is_changed:
        lines.append("-# " + say("`/preferences` with an option changes it; `reset` takes it back."))
    return notice("\n".join(lines))


def _bold(value: str) -> str:
    return f"**{value}**"


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(PreferenceCommands(bot))
