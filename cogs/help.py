"""/help: a short tour of all that one can do, for the asker's eyes alone."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import discord
from discord import app_commands
from discord.ext import commands

from repaint.ui.client import RepaintBot
from repaint.ui.help_view import HelpButton, Speaker, help_view, pictures_of
from repaint.ui.languages import own_words
from repaint.ui.privately import answer_privately
from repaint.ui.reply import Build

Interaction = discord.Interaction[RepaintBot]


class Help(commands.Cog):
    """The command; what it shows is in repaint.ui.help_view."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(name="help", description="A short tour: what I can do for your pictures")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: Interaction) -> None:
        """Its first page."""

        async def build() -> Build:
            speaker = Speaker(own_words(interaction), self.bot.command_ids)
            return lambda _: help_view(speaker)

        await answer_privately(interaction, build, pictures_of(0))


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    bot.add_dynamic_items(HelpButton)
    await bot.add_cog(Help(bot))
