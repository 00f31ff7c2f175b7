"""/gallery: where a server's finished pictures can be shared."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import dataclasses
import logging

import discord
from discord import app_commands
from discord.ext import commands

from repaint.errors import RequestError
from repaint.models import GuildSettings
from repaint.text import text
from repaint.ui.attempts import FAULTS
from repaint.ui.client import RepaintBot
from repaint.ui.galleries import check_own, gallery_in, missing
from repaint.ui.interactions import acknowledge, origin_of
from repaint.ui.languages import own_words
from repaint.ui.notices import notice
from repaint.ui.reply import Known, Reply
from repaint.ui.shelf import answer
from repaint.ui.words import listed

log = logging.getLogger(__name__)

Interaction = discord.Interaction[RepaintBot]

ONLY_IN_SERVERS = text("Only a server that I am a member of can have a gallery.")


class ChannelPick(app_commands.Transformer):
    """A channel as the interaction brings it: the bot need not know it."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.forum]  # media channels are not in Discord's OpenAPI document

    async def transform(
        self, _: discord.Interaction, value: app_commands.AppCommandChannel, /
    ) -> app_commands.AppCommandChannel:
        return value


@app_commands.guild_install()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_guild=True)
class Gallery(
    commands.GroupCog, name="gallery", description="Where finished pictures can be shared on this server"
):
    """For staff: whoever has Manage Server, or whom the server's settings for this app allow it."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(name="set", description="Choose the channel where finished pictures can be shared")
    @app_commands.describe(channel="A text or forum channel; in a forum, tags named like a style are given")
    async def choose(
        self,
        interaction: Interaction,
        channel: app_commands.Transform[app_commands.AppCommandChannel, ChannelPick],
    ) -> None:
        """From then on, finished cards have a button Share."""
        guild, say = _guild(interaction), own_words(interaction)
        check_own(gallery_in(guild, channel.id), channel.id)
        sentence = say(
            "🖼️ Finished pictures can be shared to {channel} from now on: new ones have a button **Share**, "
            "for whoever asked for them.",
            channel=channel.mention,
        )
        await self._store(interaction, guild, channel.id, sentence)

    @app_commands.command(name="off", description="No longer let pictures be shared")
    async def off(self, interaction: Interaction) -> None:
        """What is shared stays where it is."""
        guild, say = _guild(interaction), own_words(interaction)
        sentence = say("Pictures can no longer be shared here. What is in the gallery stays there.")
        await self._store(interaction, guild, None, sentence)

    @app_commands.command(name="show", description="Which channel the gallery is")
    async def show(self, interaction: Interaction) -> None:
        """And what keeps the bot from posting there, if anything does."""
        guild, say = _guild(interaction), own_words(interaction)
        channel_id = self.bot.guild_settings.settings(guild.id).gallery_id
        if channel_id is None:
            sentence = say("This server has no gallery. `/gallery set` chooses one.")
        elif lacking := missing(gallery_in(guild, channel_id)):
            sentence = say(
                "The gallery is {channel}, but I cannot post there. I need: {permissions}.",
                channel=f"<#{channel_id}>",
                permissions=listed(lacking),
            )
        else:
            sentence = say("The gallery is {channel}.", channel=f"<#{channel_id}>")
        await interaction.response.send_message(view=notice(sentence), ephemeral=True)

    async def _store(
        self, interaction: Interaction, guild: discord.Guild, channel_id: int | None, sentence: str
    ) -> None:
        """Acknowledge, write down, say so."""
        try:
            made = await acknowledge(interaction, ephemeral=True)
        except FAULTS as error:
            log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
            return
        known = self.bot.guild_settings.settings(guild.id)
        settings: GuildSettings = dataclasses.replace(known, gallery_id=channel_id)
        await self.bot.guild_settings.set_settings(guild.id, settings)
        log.info("guild %d: gallery %s, by user %d", guild.id, channel_id, interaction.user.id)
        reply = Reply(self.bot, origin_of(interaction, made.message_id, ephemeral=True), Known())
        await answer(reply, lambda _: notice(sentence))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """A server that the bot left: nothing is kept of what was set there."""
        await self.bot.guild_settings.forget(guild.id)


def _guild(interaction: Interaction) -> discord.Guild:
    """The server as the gateway knows it. Raises RequestError."""
    guild = interaction.guild
    if guild is None or guild.me is None:
        raise RequestError(sentence=ONLY_IN_SERVERS)
    return guild


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Gallery(bot))
