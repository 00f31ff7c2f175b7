"""/reproduce: read from a picture how it was made, and repaint with the same values."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import logging

import discord
from discord import app_commands, ui
from discord.ext import commands

from repaint.errors import RequestError
from repaint.models import Attachment
from repaint.text import text
from repaint.ui.again_form import ReopenButton
from repaint.ui.alone import alone
from repaint.ui.asking import check_not_empty, check_size
from repaint.ui.attempts import FAULTS
from repaint.ui.client import RepaintBot
from repaint.ui.interactions import acknowledge, origin_of
from repaint.ui.languages import own_words
from repaint.ui.recipe_view import recipe_view
from repaint.ui.reply import Known, Reply
from repaint.ui.reproducing import RecipeButton, keep, presentable, register_form
from repaint.ui.shelf import answer, scratch

log = logging.getLogger(__name__)

Interaction = discord.Interaction[RepaintBot]

NOTHING_TOLD = text(
    "This file does not tell how the picture was made. I can read that from the pictures that I post, and "
    "from PNG, JPEG and WebP files as the Stable Diffusion web UI (AUTOMATIC1111, Forge) and ComfyUI save "
    "them. Discord removes it from some pictures, and previews, screenshots and edited copies do not have "
    "it: please attach the file itself."
)


class Reproduce(commands.Cog):
    """The command; its button and its form are in repaint.ui.reproducing."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(name="reproduce", description="Read how a picture was made, and repaint like that")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(image="A picture of mine, or a file of the Stable Diffusion web UI or ComfyUI")
    async def reproduce(self, interaction: Interaction, image: discord.Attachment) -> None:
        """What was found is for the asker alone."""
        check_not_empty(size=image.size, width=None, height=None)
        check_size(image.size, self.bot.input_limit)
        with alone(interaction.user.id):
            await self._read(interaction, Attachment(image.url, image.filename, image.size))

    async def _read(self, interaction: Interaction, picture: Attachment) -> None:
        try:
            made = await acknowledge(interaction, ephemeral=True)
        except FAULTS as error:
            log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
            return
        reply = Reply(self.bot, origin_of(interaction, made.message_id, ephemeral=True), Known())
        with scratch() as folder:
            path = folder / "picture"
            await self.bot.runner.fetch(picture, path)
            found = await self.bot.runner.studio.recipe(path)
        if found is None:
            raise RequestError(sentence=NOTHING_TOLD)
        recipe, say = presentable(found), own_words(interaction)
        draft_id = await keep(interaction, recipe, picture)

        def build(with_prompts: bool) -> ui.LayoutView:
            row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
            row.add_item(RecipeButton(draft_id, say))
            return recipe_view(recipe, picture.filename, row, say, with_prompts=with_prompts)

        await answer(reply, build)


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    bot.add_dynamic_items(RecipeButton, ReopenButton)
    register_form(bot.forms)
    await bot.add_cog(Reproduce(bot))
