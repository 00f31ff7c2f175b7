"""/privacy: whether others may repaint one's pictures, and what is kept about one."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import logging

import discord
from discord import app_commands, ui
from discord.ext import commands

from repaint.ui.client import RepaintBot
from repaint.ui.languages import Words, own_words
from repaint.ui.notices import notice
from repaint.ui.privately import answer_privately
from repaint.ui.reply import Build
from repaint.ui.words import number

log = logging.getLogger(__name__)

Interaction = discord.Interaction[RepaintBot]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class PrivacyCommands(
    commands.GroupCog, name="privacy", description="Your pictures and what is kept about you"
):
    """The commands. All answers are for the asker's eyes alone."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(name="opt-out", description="Keep others from repainting your pictures")
    async def opt_out(self, interaction: Interaction) -> None:
        """From now on; what is under way goes on."""
        await self._set(interaction, opted_out=True)

    @app_commands.command(name="opt-in", description="Let others repaint your pictures again")
    async def opt_in(self, interaction: Interaction) -> None:
        """As it is at first."""
        await self._set(interaction, opted_out=False)

    @app_commands.command(name="status", description="Whether others may, and what is kept about you")
    async def status(self, interaction: Interaction) -> None:
        """Changes nothing."""

        async def act() -> Build:
            return self._shown(interaction)

        await answer_privately(interaction, act)

    async def _set(self, interaction: Interaction, *, opted_out: bool) -> None:
        async def act() -> Build:
            await self.bot.people.set_opted_out(interaction.user.id, opted_out)
            log.info("user %s opted %s", interaction.user.id, "out" if opted_out else "in")
            return self._shown(interaction)

        await answer_privately(interaction, act)

    def _shown(self, interaction: Interaction) -> Build:
        limits = self.bot.runner.limits
        view = privacy_view(
            own_words(interaction),
            opted_out=self.bot.people.has_opted_out(interaction.user.id),
            jobs_days=limits.keep_jobs_days,
            pictures_days=limits.keep_pictures_days,
        )
        return lambda _: view


def privacy_view(say: Words, *, opted_out: bool, jobs_days: float, pictures_days: float) -> ui.LayoutView:
    """Whether others may, and what is kept, in two sentences."""
    if opted_out:
        may = say(
            "🔒 **Nobody else can repaint your pictures with me**: not those that you post, and not those "
            "that I made for you. `/privacy opt-in` allows it again."
        )
    else:
        may = say(
            "🔓 **Others can repaint pictures that you post, and those that I made for you, where they see "
            "them.** `/privacy opt-out` keeps them from it."
        )
    kept = say(
        "What you ask me for I keep with its prompt and values for {jobs_days}, and its pictures for "
        "{pictures_days}; “Delete” on a picture takes them away at once.",
        jobs_days=_days(say, jobs_days),
        pictures_days=_days(say, pictures_days),
    )
    set_by_you = say(
        "Your preferences, your styles and this choice I keep under your Discord id until you change or "
        "delete them."
    )
    return notice(f"{may}\n{kept} {set_by_you}")


def _days(say: Words, days: float) -> str:
    if days == int(days):
        return say.plural("{n} day", "{n} days", int(days))
    return say("{n} days", n=number(days))


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(PrivacyCommands(bot))
