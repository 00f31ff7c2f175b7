"""Writes to one job's reply: by the interaction's token while it lives, then by the bot's own."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import aiohttp
import discord
from discord import ui

from repaint.errors import DeliveryError, DeliveryTooLarge, PromptBlocked
from repaint.models import Origin
from repaint.ui.cards import notice

log = logging.getLogger(__name__)

TOKEN_LIFETIME = 15 * 60.0  # seconds from the interaction's snowflake (Discord, interactions)
TOKEN_MARGIN = 30.0  # seconds before that from which the token is no longer relied on
TRIES = 6
PRIVATE_TRIES = 4
LIMIT = 60.0  # seconds for one request; discord.py would wait for five minutes

# Discord's JSON error codes (developer docs, opcodes and status codes).
UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10008, 10003, 10015, 10062
TOO_LARGE = (40005, 413)
INVALID_TOKEN = 50027
AUTOMOD = (200000, 200001)
ALREADY_ACKNOWLEDGED = 40060

FAULTS = (discord.HTTPException, aiohttp.ClientError, OSError)  # what a request to Discord may end in

Build = Callable[[bool], ui.LayoutView]  # with the prompt's text or without it


class Verdict(enum.Enum):
    """What to do after an attempt that failed."""

    AGAIN = "again"
    BY_BOT = "by the bot's token"
    SMALLER = "with smaller files"
    HIDE_PROMPT = "without the prompt's text"
    GIVE_UP = "give up"


def judge(status: int | None, code: int, *, by_bot: bool, prompt_shown: bool, has_files: bool) -> Verdict:
    """Pure: what an answer of Discord's means for an edit. `status` None: no answer at all."""
    if status is None or status >= 500 or status == 429:
        return Verdict.AGAIN
    if code in AUTOMOD:
        return Verdict.HIDE_PROMPT if prompt_shown else Verdict.GIVE_UP
    if has_files and (code in TOO_LARGE or status == 413):
        return Verdict.SMALLER
    if not by_bot and (code in (INVALID_TOKEN, UNKNOWN_WEBHOOK) or status == 401):
        return Verdict.BY_BOT
    return Verdict.GIVE_UP


def _told(error: Exception) -> tuple[int | None, int]:
    """HTTP status and Discord's code; (None, 0) where there was no answer."""
    return (error.status, error.code) if isinstance(error, discord.HTTPException) else (None, 0)


class Reply:
    """The message in which one job is shown, known by its origin alone."""

    def __init__(self, bot: discord.Client, origin: Origin) -> None:
        self._bot = bot
        self._origin = origin
        self._token_dead = False
        self.shows_prompt = True

    @property
    def by_bot(self) -> bool:
        """Whether edits go by the bot's own token, which is slower."""
        return not self._token_lives()

    def _token_lives(self) -> bool:
        if self._token_dead:
            return False
        age = time.time() - discord.utils.snowflake_time(self._origin.interaction_id).timestamp()
        return age < TOKEN_LIFETIME - TOKEN_MARGIN or not self._origin.bot_can_edit

    async def edit(self, build: Build, files: Sequence[tuple[Path, str]] = (), *, tries: int = TRIES) -> None:
        """Make the reply show `build(…)` with exactly these files (path, name).

        Repeats what may be repeated. Raises DeliveryTooLarge, PromptBlocked and DeliveryError.
        """
        attempt = 0
        while True:
            by_bot = self.by_bot
            try:
                async with asyncio.timeout(LIMIT):
                    await self._edit_once(build(self.shows_prompt), files, by_bot=by_bot)
                return
            except FAULTS as error:
                problem = error
            status, code = _told(problem)
            verdict = judge(
                status,
                code,
                by_bot=by_bot,
                prompt_shown=self.shows_prompt,
                has_files=bool(files),
            )
            log.info("edit of %s: %s (%s)", self._origin.message_id, verdict.value, problem)
            if verdict is Verdict.SMALLER:
                raise DeliveryTooLarge(str(problem)) from problem
            if verdict is Verdict.HIDE_PROMPT:
                self.shows_prompt = False
                if files:  # their metadata holds it, too
                    raise PromptBlocked(str(problem)) from problem
            elif verdict is Verdict.BY_BOT and self._origin.bot_can_edit:
                self._token_dead = True
            elif verdict is Verdict.AGAIN and attempt + 1 < tries:
                attempt += 1
                await asyncio.sleep(2.0**attempt)
            else:
                raise DeliveryError(str(problem)) from problem

    async def _edit_once(
        self, view: ui.LayoutView, files: Sequence[tuple[Path, str]], *, by_bot: bool
    ) -> None:
        attachments = [discord.File(path, filename=name) for path, name in files]  # read once, so made anew
        message_id = self._origin.message_id
        if not by_bot:
            target = message_id if message_id is not None else "@original"
            with odd_answers():
                await self._webhook().edit_message(target, view=view, attachments=attachments)  # type: ignore[arg-type]
        elif message_id is None:
            raise DeliveryError("the reply's id was never told")
        else:
            channel = self._bot.get_partial_messageable(self._origin.channel_id)
            await channel.get_partial_message(message_id).edit(
                view=view,
                attachments=attachments,
                allowed_mentions=discord.AllowedMentions.none(),  # the client's are not used here
            )

    async def replace_privately(self, sentence: str) -> None:
        """Take the public reply away and tell the asker alone.

        The first follow-up after a public defer would inherit its publicity, so the reply goes first.
        Raises DeliveryError.
        """
        webhook = self._webhook()
        try:
            try:
                await _insist(lambda: webhook.delete_message("@original"))  # type: ignore[arg-type]
            except discord.NotFound:
                log.info("the reply %s is gone already", self._origin.message_id)
            await _insist(lambda: webhook.send(view=notice(sentence), ephemeral=True))
        except FAULTS as error:
            raise DeliveryError(str(error)) from error

    def _webhook(self) -> discord.Webhook:
        webhook = discord.Webhook.partial(self._origin.application_id, self._origin.token, client=self._bot)
        webhook.type = discord.WebhookType.application  # what an interaction's is; only such can whisper
        return webhook


async def _insist(call: Callable[[], Awaitable[object]]) -> None:
    """Repeat a call whose answer is lost or a fault of Discord's: better told twice than not at all."""
    for attempt in range(1, PRIVATE_TRIES + 1):
        try:
            async with asyncio.timeout(LIMIT):
                with odd_answers():
                    await call()
            return
        except FAULTS as error:
            status, _ = _told(error)
            passing = status is None or status >= 500 or status == 429
            if not passing or attempt == PRIVATE_TRIES:
                raise
            log.info("again: %s", error)
        await asyncio.sleep(attempt)


@contextlib.contextmanager
def odd_answers() -> Iterator[None]:
    """For requests by an interaction's token.

    discord.py 2.7.1's webhooks take each 429 with a Via header for JSON: a proxy's page is a TypeError.
    """
    try:
        yield
    except TypeError as error:
        raise aiohttp.ClientPayloadError(f"an answer that is not Discord's: {error}") from error
