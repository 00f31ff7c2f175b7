"""The Discord client."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
from discord import ui
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from yarl import URL

from repaint.errors import ConfigError, RepaintError
from repaint.jobs.runner import Runner
from repaint.store.drafts import Drafts
from repaint.store.settings import Guilds, People
from repaint.store.styles import Styles
from repaint.text import text
from repaint.ui.buttons import BUTTONS, register_forms
from repaint.ui.forms import Forms
from repaint.ui.interactions import tell
from repaint.ui.presenter import CardPresenter
from repaint.ui.registration import register
from repaint.ui.translator import CatalogueTranslator
from repaint.ui.tree import RepaintTree

log = logging.getLogger(__name__)

OLD_BUTTON = text("This button is from an older version of me and does nothing any more.")


class RepaintBot(commands.AutoShardedBot):
    """Needs no privileged intent: what people give to commands comes with the commands."""

    runner: Runner  # set by whoever puts the parts together, before the start, as are the next ones
    presenter: CardPresenter
    people: People
    guild_settings: Guilds
    styles: Styles
    drafts: Drafts
    input_limit: int  # bytes of an attached picture

    def __init__(self, api_url: str, *, extensions: Sequence[str]) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # no voice here
        discord.http.Route.BASE = api_url  # read at each request
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=RepaintTree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )
        self._names = extensions
        self.forms = Forms()
        self._ids: list[re.Pattern[str]] = []  # of all buttons and menus
        self.command_ids: dict[str, int] = {}  # as Discord has them
        self.online = asyncio.Event()  # logged in: from here on requests can be made

    async def setup_hook(self) -> None:
        """After the login, before the gateway: nothing here waits for `on_ready`."""
        self.online.set()
        self.add_dynamic_items(*BUTTONS)
        register_forms(self.forms)
        await self.tree.set_translator(CatalogueTranslator())
        for name in self._names:
            await self.load_extension(name)
        if self.application_id is not None:
            self.command_ids = (await register(self.tree, self.application_id)).ids

    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        """Keep the address that `/gateway/bot` gave: discord.py takes its own default to identify again."""
        DiscordWebSocket.DEFAULT_GATEWAY = gateway
        await super().launch_shard(gateway, shard_id, initial=initial)

    def add_dynamic_items(self, *items: type[ui.DynamicItem[Any]]) -> None:
        """Called for all buttons and menus, so that it is known which ids are nobody's."""
        super().add_dynamic_items(*items)
        self._ids += [each.__discord_ui_compiled_template__ for each in items]

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Forms that were sent in, and what nobody answers any more; discord.py itself sees to all else."""
        kind = interaction.type
        data: Any = interaction.data or {}
        if kind is discord.InteractionType.modal_submit:
            await self.forms.sent_in(interaction)
        elif kind is discord.InteractionType.component:
            pressed = str(data.get("custom_id"))
            if not any(each.fullmatch(pressed) for each in self._ids):
                log.warning("interaction %s: %r is nobody's", interaction.id, pressed)
                await tell(interaction, RepaintError(sentence=OLD_BUTTON))

    async def on_connect(self) -> None:
        log.info("connected to Discord as %s", self.user)

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        log.exception("event %s failed", event_method)

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """Log in and stay connected.

        Raises ConfigError if Discord refuses the token or the application, RepaintError if it is not there.
        """
        try:
            await super().start(token, reconnect=reconnect)
        except discord.LoginFailure as error:
            raise ConfigError(sentence="DISCORD_TOKEN is wrong: Discord does not accept it.") from error
        except discord.ConnectionClosed as error:
            raise ConfigError(
                sentence=f"Discord's gateway does not take this bot (code {error.code}): see its page in the "
                "developer portal."
            ) from error
        except (aiohttp.ClientError, OSError, discord.DiscordServerError, discord.GatewayNotFound) as error:
            # Later ones discord.py waits out by itself. Some, such as a time-out, say nothing.
            why = str(error) or type(error).__name__
            raise RepaintError(
                why, sentence=f"Discord cannot be reached at {discord.http.Route.BASE}: {why}"
            ) from error
