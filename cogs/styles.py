"""/style: the styles that one can use, and keeping, sharing and deleting one's own and the server's."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import logging

import discord
from discord import app_commands
from discord.ext import commands

from repaint.errors import DatabaseAway, RequestError
from repaint.models import SCHEDULERS
from repaint.store.styles import Scope
from repaint.styles import BAD_NAME, MAX_TEMPLATE, Style, check, key_of
from repaint.text import text
from repaint.ui.asking import checked_sampler, checked_scheduler, matching_samplers
from repaint.ui.attempts import AUTOMOD, FAULTS, odd_answers
from repaint.ui.client import RepaintBot
from repaint.ui.held import soon
from repaint.ui.interactions import check_permissions
from repaint.ui.languages import card_language, own_words, words
from repaint.ui.notices import notice
from repaint.ui.privately import answer_privately
from repaint.ui.reply import Build
from repaint.ui.style_names import style_choices
from repaint.ui.style_rules import (
    NAME_SHOWN,
    check_free,
    check_not_built_in,
    is_staff,
    not_there,
    of_name,
    whose,
)
from repaint.ui.style_share import SaveStyleButton, shared_view
from repaint.ui.style_views import SHEET, style_view, styles_view
from repaint.ui.words import inert, is_blank

log = logging.getLogger(__name__)

Interaction = discord.Interaction[RepaintBot]
Choices = list[app_commands.Choice[str]]

CHOICES = 25  # in an autocompletion (Discord)
EMPTY = text(
    "`prompt` is empty. Please write what the style makes of a prompt, with {place} where the prompt goes.",
    place="{prompt}",
)
SEEN = text(
    "Whoever gets a picture in this style can read the style's texts: they are in the picture's metadata."
)
BLOCKED = text("This server's AutoMod does not let the words of this style through, so it was not posted.")


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class StyleCommands(
    commands.GroupCog, name="style", description="Styles: yours, this server's, and built-in ones"
):
    """The commands; what they show is in repaint.ui.style_views and style_share."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Called by discord.py."""
        self.bot.add_dynamic_items(SaveStyleButton)

    @app_commands.command(name="list", description="All styles that you can use here, with examples")
    async def list_styles(self, interaction: Interaction) -> None:
        """The built-in ones, one's own, the server's."""

        async def build() -> Build:
            own = await self.bot.styles.of(Scope.MEMBER, interaction.user.id)
            server = None
            if interaction.guild_id is not None:
                server = await self.bot.styles.of(Scope.GUILD, interaction.guild_id)
            say = own_words(interaction)
            return lambda with_texts: styles_view(say, own=own, server=server, with_texts=with_texts)

        await answer_privately(interaction, build, [(SHEET, SHEET.name)])

    @app_commands.command(name="save", description="Keep a style under a name")
    @app_commands.describe(
        name="What you choose it by; one of yours of that name is replaced",
        prompt="What it makes of a prompt: {prompt} is where the prompt goes",
        negative_prompt="What to keep out",
        strength="How far it may move away from the picture, 0–1",
        steps="How many steps the model takes, 1–100",
        guidance="How closely it follows the prompt, 1–20",
        sampler="The sampling method; type to find all 27",
        scheduler="The noise schedule",
        for_server="For everyone on this server; needs the permission Manage Server",
    )
    @app_commands.choices(scheduler=[app_commands.Choice(name=name, value=name) for name in SCHEDULERS])
    async def save(
        self,
        interaction: Interaction,
        name: app_commands.Range[str, 1, 40],
        prompt: app_commands.Range[str, 1, MAX_TEMPLATE],
        negative_prompt: app_commands.Range[str, 1, 1000] | None = None,
        strength: app_commands.Range[float, 0.0, 1.0] | None = None,
        steps: app_commands.Range[int, 1, 100] | None = None,
        guidance: app_commands.Range[float, 1.0, 20.0] | None = None,
        sampler: str | None = None,
        scheduler: str | None = None,
        for_server: bool = False,
    ) -> None:
        """What is wrong with it is said before anything is kept."""
        if is_blank(prompt):
            raise RequestError(sentence=EMPTY)
        if is_blank(name):
            raise RequestError(sentence=BAD_NAME)
        style = Style(
            name=" ".join(name.split()),
            template=prompt.strip(),
            negative_prompt=negative_prompt,
            strength=strength,
            steps=steps,
            guidance=guidance,
            sampler=None if sampler is None else checked_sampler(sampler),
            scheduler=None if scheduler is None else checked_scheduler(scheduler),
        )
        check(style)
        check_not_built_in(style.name)
        scope, owner = whose(interaction, for_server=for_server)

        async def build() -> Build:
            there = await self._found(scope, owner, style.name)
            await self.bot.styles.save(scope, owner, style)
            say = own_words(interaction)
            heading = say("💾 Saved for you.") if scope is Scope.MEMBER else say("💾 Saved for this server.")
            notes = [
                say("It takes the place of the one of this name.") if there not in (None, style) else "",
                say("Choose it with `style` in `/img2img`."),
                say(SEEN),
            ]
            return lambda _: style_view(say, heading, style, *notes)

        await answer_privately(interaction, build)

    @app_commands.command(
        name="share", description="Show one of your styles to others, or give it to this server"
    )
    @app_commands.describe(
        name="One of your styles",
        for_server="Make it a style of this server instead; needs the permission Manage Server",
    )
    async def share(
        self, interaction: Interaction, name: app_commands.Range[str, 1, 100], for_server: bool = False
    ) -> None:
        """Post it with a button by which others keep it, or make it the server's."""
        if for_server:
            await self._give_to_server(interaction, name)
        else:
            await self._show_to_others(interaction, name)

    async def _give_to_server(self, interaction: Interaction, name: str) -> None:
        scope, owner = whose(interaction, for_server=True)

        async def build() -> Build:
            style = await self._own(interaction, name)
            check_free(style, await self._found(scope, owner, style.name), scope)
            await self.bot.styles.save(scope, owner, style)
            say = own_words(interaction)
            heading = say("💾 Everyone on this server can use this style now.")
            return lambda _: style_view(say, heading, style, say(SEEN))

        await answer_privately(interaction, build)

    async def _show_to_others(self, interaction: Interaction, name: str) -> None:
        """Looked up before the first response, so that whatever is wrong is said to the asker alone."""
        check_permissions(interaction)
        style = await soon(self._own(interaction, name))
        preferences = self.bot.people.preferences(interaction.user.id)
        say = words(card_language(interaction, preferences, ephemeral=False))
        view = shared_view(say, interaction.user.id, style)
        view.stop()  # so that discord.py does not keep it: its button is known by its id
        try:
            with odd_answers():
                await interaction.response.send_message(view=view)
        except FAULTS as error:
            if isinstance(error, discord.HTTPException) and error.code in AUTOMOD:
                raise RequestError(sentence=BLOCKED) from error
            log.error("interaction %s got no answer: %r", interaction.id, error)

    @app_commands.command(name="delete", description="Delete one of your styles")
    @app_commands.describe(
        name="The style to delete",
        for_server="One of this server's instead; needs the permission Manage Server",
    )
    async def delete(
        self, interaction: Interaction, name: app_commands.Range[str, 1, 100], for_server: bool = False
    ) -> None:
        """Pictures that were made in it stay as they are."""
        scope, owner = whose(interaction, for_server=for_server)

        async def build() -> Build:
            if not await self.bot.styles.delete(scope, owner, name):
                raise RequestError(sentence=not_there(name, scope))
            say = own_words(interaction)
            told = notice(say("🗑️ The style “{name}” is deleted.", name=inert(name, NAME_SHOWN)))
            return lambda _: told

        await answer_privately(interaction, build)

    # Autocompletion -------------------------------------------------------------------------------------

    @save.autocomplete("name")
    async def complete_saved(self, interaction: Interaction, current: str) -> Choices:
        """Those that can be replaced."""
        return await self._choices(interaction, current, for_server=_is_for_server(interaction))

    @share.autocomplete("name")
    async def complete_own(self, interaction: Interaction, current: str) -> Choices:
        """One's own."""
        return await self._choices(interaction, current, for_server=False)

    @delete.autocomplete("name")
    async def complete_deletable(self, interaction: Interaction, current: str) -> Choices:
        """One's own, or the server's."""
        return await self._choices(interaction, current, for_server=_is_for_server(interaction))

    @save.autocomplete("sampler")
    async def complete_sampler(self, _: Interaction, current: str) -> Choices:
        """The samplers that contain what was typed."""
        return [app_commands.Choice(name=name, value=name) for name in matching_samplers(current)]

    # What they share ------------------------------------------------------------------------------------

    async def _choices(self, interaction: Interaction, typed: str, *, for_server: bool) -> Choices:
        """At most CHOICES names that contain what was typed, those that begin with it first."""
        if for_server and not is_staff(interaction):
            return []
        scope, owner = whose(interaction, for_server=for_server)
        try:
            styles = await self.bot.styles.of(scope, owner)
        except DatabaseAway as error:
            log.warning("no choices for interaction %s: %s", interaction.id, error)
            return []
        wanted = key_of(typed)
        found = [style.name for style in styles if wanted in key_of(style.name)]
        found.sort(key=lambda name: not key_of(name).startswith(wanted))
        return style_choices(found[:CHOICES])

    async def _found(self, scope: Scope, owner: int, name: str) -> Style | None:
        return of_name(await self.bot.styles.of(scope, owner), name)

    async def _own(self, interaction: Interaction, name: str) -> Style:
        """One of the asker's. Raises RequestError."""
        style = await self._found(Scope.MEMBER, interaction.user.id, name)
        if style is None:
            raise RequestError(sentence=not_there(name, Scope.MEMBER))
        return style


def _is_for_server(interaction: Interaction) -> bool:
    """Whether that option is chosen by now, while another is being typed."""
    return getattr(interaction.namespace, "for_server", None) is True


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(StyleCommands(bot))
