"""Writes to one job's reply: by the interaction's token while it lives, then by the bot's own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import discord
from discord import ui

from repaint.errors import DeliveryError, DeliveryTooLarge, PromptBlocked
from repaint.models import Origin
from repaint.ui.attempts import FAULTS, LIMIT, Verdict, final, insist, judge, odd_answers, told
from repaint.ui.notices import notice

log = logging.getLogger(__name__)

TOKEN_LIFETIME = 15 * 60.0  # seconds from the interaction's snowflake (Discord, interactions)
TOKEN_MARGIN = 30.0  # seconds before that from which the token is no longer relied on
PARTING = 13.5 * 60.0  # seconds after which a job is not expected to end while the token lives
LOOK_LIMIT = 5.0  # seconds for a look whether it is still there
TRIES = 6

Build = Callable[[bool], ui.LayoutView]  # with the prompt's text or without it


@dataclass(slots=True)
class Known:
    """What was found out about a reply and is not in its job."""

    hides_prompt: bool = False  # AutoMod does not let its text through
    token_dead: bool = False  # before its time
    gone: bool = False  # somebody deleted the message
    unclear: bool = False  # an edit was broken off and may still take effect


class Reply:
    """The message in which one job is shown, known by its origin alone."""

    def __init__(self, bot: discord.Client, origin: Origin, known: Known) -> None:
        self._bot = bot
        self._origin = origin
        self.known = known

    @property
    def by_bot(self) -> bool:
        """Whether edits go by the bot's own token, which is slower."""
        return self._token_is_over() and self._origin.bot_can_edit

    @property
    def reachable(self) -> bool:
        """Whether any token is left that may edit it."""
        return self._origin.bot_can_edit or not self._token_is_over()

    @property
    def parts_at(self) -> float | None:
        """When to say that it cannot be edited any longer (seconds since the epoch); None: it always can."""
        return None if self._origin.bot_can_edit else self._asked_at() + PARTING

    def _asked_at(self) -> float:
        return discord.utils.snowflake_time(self._origin.interaction_id).timestamp()

    def _token_is_over(self) -> bool:
        if self.known.token_dead or not self._origin.token:  # it cannot be read where the bot's was reset
            return True
        return time.time() - self._asked_at() >= TOKEN_LIFETIME - TOKEN_MARGIN

    async def edit(self, build: Build, files: Sequence[tuple[Path, str]] = (), *, tries: int = TRIES) -> None:
        """Make the reply show `build(…)` with exactly these files (path, name).

        Repeats what may be repeated. Raises DeliveryTooLarge, PromptBlocked, DeliveryPutOff, DeliveryError.
        """
        attempt = 0
        while True:
            by_bot = self.by_bot
            if not self.reachable:
                raise DeliveryError("the interaction's token is over, and no other reaches the reply")
            try:
                async with asyncio.timeout(LIMIT):
                    await self._edit_once(build(not self.known.hides_prompt), files, by_bot=by_bot)
                return
            except FAULTS as error:
                problem = error
            status, code = told(problem)
            verdict = judge(
                status,
                code,
                by_bot=by_bot,
                prompt_shown=not self.known.hides_prompt,
                has_files=bool(files),
            )
            log.info("edit of %s: %s (%s)", self._origin.message_id, verdict.value, problem)
            if verdict is Verdict.SMALLER:
                raise DeliveryTooLarge(str(problem)) from problem
            if verdict is Verdict.HIDE_PROMPT:
                self.known.hides_prompt = True
                if files:  # their metadata holds it, too
                    raise PromptBlocked(str(problem)) from problem
            elif verdict is Verdict.BY_BOT:
                self.known.token_dead = True
            elif verdict is Verdict.AGAIN and attempt + 1 < tries:
                attempt += 1
                await asyncio.sleep(2.0**attempt)
            else:
                self.known.gone = verdict is Verdict.GONE
                raise final(problem, verdict) from problem

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

    async def is_gone(self) -> bool:
        """Whether the message was surely deleted: asked by the interaction's token, which may read it."""
        if self._token_is_over() or self._origin.message_id is None or self._origin.ephemeral:
            return False
        try:
            async with asyncio.timeout(LOOK_LIMIT):
                with odd_answers():
                    await self._webhook().fetch_message(self._origin.message_id)
        except FAULTS as error:
            status, code = told(error)
            verdict = judge(status, code, by_bot=False, prompt_shown=False, has_files=False)
            return verdict is Verdict.GONE
        return False

    async def remove(self) -> None:
        """Delete the message, if it is still there. Raises DeliveryPutOff, DeliveryError."""
        while True:
            by_bot = self.by_bot
            if not self.reachable:
                raise DeliveryError("the interaction's token is over, and no other reaches the reply")
            try:
                await insist(lambda: self._remove_once(by_bot=by_bot))  # noqa: B023  # done before the next
                return
            except FAULTS as error:
                problem = error
            status, code = told(problem)
            verdict = judge(status, code, by_bot=by_bot, prompt_shown=False, has_files=False)
            if verdict is Verdict.GONE:
                return
            if verdict is not Verdict.BY_BOT:
                raise final(problem, verdict) from problem
            self.known.token_dead = True

    async def _remove_once(self, *, by_bot: bool) -> None:
        message_id = self._origin.message_id
        if not by_bot:
            await self._webhook().delete_message(message_id if message_id is not None else "@original")  # type: ignore[arg-type]
        elif message_id is None:
            raise DeliveryError("the reply's id was never told")
        else:
            channel = self._bot.get_partial_messageable(self._origin.channel_id)
            await channel.get_partial_message(message_id).delete()

    async def replace_privately(self, sentence: str) -> None:
        """Take the reply away and tell the asker alone.

        The first follow-up after a public defer would inherit its publicity, so the reply goes first.
        Raises DeliveryPutOff, DeliveryError.
        """
        webhook = self._webhook()
        try:
            try:
                await insist(lambda: webhook.delete_message("@original"))  # type: ignore[arg-type]
            except discord.NotFound:
                log.info("the reply %s is gone already", self._origin.message_id)
            await insist(lambda: webhook.send(view=notice(sentence), ephemeral=True))
        except FAULTS as error:
            status, code = told(error)
            verdict = judge(status, code, by_bot=False, prompt_shown=False, has_files=False)
            raise final(error, verdict) from error

    async def call(self, sentence: str, nonce: str) -> None:
        """Tell the asker something by name below the reply, in one attempt: rather not at all than twice.

        Raises DeliveryPutOff, DeliveryError.
        """
        origin, by_bot = self._origin, self.by_bot
        if not self.reachable:
            raise DeliveryError("the interaction's token is over, and no other reaches the channel")
        asker = discord.AllowedMentions(
            everyone=False, roles=False, replied_user=False, users=[discord.Object(origin.user_id)]
        )
        try:
            async with asyncio.timeout(LIMIT):
                if by_bot:
                    reference = None
                    if origin.message_id is not None:
                        reference = discord.MessageReference(
                            message_id=origin.message_id,
                            channel_id=origin.channel_id,
                            fail_if_not_exists=False,
                        )
                    channel = self._bot.get_partial_messageable(origin.channel_id)
                    await channel.send(sentence, reference=reference, nonce=nonce, allowed_mentions=asker)  # type: ignore[arg-type]
                else:
                    with odd_answers():
                        await self._webhook().send(sentence, allowed_mentions=asker)
        except FAULTS as error:
            status, code = told(error)
            verdict = judge(status, code, by_bot=by_bot, prompt_shown=False, has_files=False)
            raise final(error, verdict) from error

    def _webhook(self) -> discord.Webhook:
        webhook = discord.Webhook.partial(self._origin.application_id, self._origin.token, client=self._bot)
        webhook.type = discord.WebhookType.application  # what an interaction's is; only such can whisper
        return webhook
