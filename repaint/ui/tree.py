"""The command tree: one place where errors of commands end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from repaint.errors import RepaintError
from repaint.text import text
from repaint.ui.interactions import tell, unforeseen

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

log = logging.getLogger(__name__)


class RepaintTree(app_commands.CommandTree["RepaintBot"]):
    """Tells people what went wrong, and the log the rest."""

    async def on_error(
        self, interaction: discord.Interaction[RepaintBot], error: app_commands.AppCommandError, /
    ) -> None:
        cause = error.__cause__ if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, RepaintError):
            log.info("interaction %s refused: %s", interaction.id, cause)
            await tell(interaction, cause)
        elif isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
            log.warning("interaction %s: %s", interaction.id, error)
            await tell(
                interaction,
                RepaintError(
                    sentence=text("This command has changed. Please reload Discord (Ctrl+R) and try again.")
                ),
            )
        else:
            await unforeseen(interaction, error)
