"""Direct messages: to an asker whose reply cannot be reached any more, and to whoever runs the bot."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import discord
from discord import ui

from repaint.errors import DeliveryError, DeliveryTooLarge, PromptBlocked
from repaint.jobs.tools import DIRECT_BYTES
from repaint.models import Origin
from repaint.ui.attempts import FAULTS, LIMIT, UNKNOWN_MESSAGE, Verdict, final, insist, judge, told
from repaint.ui.languages import ENGLISH, IN_ENGLISH, Words, words
from repaint.ui.notices import notice

log = logging.getLogger(__name__)

TRIES = 6
LOOKED_THROUGH = 100  # messages in which an earlier attempt is looked for


def asked_in(origin: Origin, say: Words = IN_ENGLISH) -> str:
    """Where a picture belongs that is shown in a direct message."""
    if origin.guild_id is None:
        return say("-# My first reply cannot show it any more.")
    channel = f"<#{origin.channel_id}>"
    if origin.ephemeral:
        return say("-# Asked for in {channel}; that private reply had run out.", channel=channel)
    return say("-# Asked for in {channel}; I could not post it there.", channel=channel)


def _put(error: Exception) -> DeliveryError:
    status, code = told(error)
    return final(error, judge(status, code, by_bot=True, prompt_shown=False, has_files=False))


class DirectMessages:
    """Posts what must arrive once: a nonce keeps a repetition within some minutes from making a second."""

    def __init__(self, bot: discord.Client, language_of: Callable[[int], str] = lambda _: ENGLISH) -> None:
        self._bot = bot
        self._language_of = language_of  # a person's, by their id

    async def send(
        self, user_id: int, view: ui.LayoutView, nonce: str, files: Sequence[tuple[Path, str]] = ()
    ) -> None:
        """Post a view with its files (path, name).

        Raises DeliveryTooLarge, PromptBlocked, DeliveryPutOff, DeliveryError (this person takes none).
        """
        if large := [path.name for path, _ in files if path.stat().st_size > DIRECT_BYTES]:
            raise DeliveryTooLarge(f"{large} in a direct message")
        attempt = 0
        while True:
            try:
                async with asyncio.timeout(LIMIT):
                    channel = await self._bot.create_dm(discord.Object(user_id))
                    attachments = [discord.File(path, filename=name) for path, name in files]
                    await channel.send(view=view, files=attachments, nonce=nonce)
                return
            except FAULTS as error:
                problem = error
            status, code = told(problem)
            verdict = judge(status, code, by_bot=True, prompt_shown=True, has_files=bool(files))
            log.info("direct message %s: %s (%s)", nonce, verdict.value, problem)
            if verdict is Verdict.SMALLER:
                raise DeliveryTooLarge(str(problem)) from problem
            if verdict is Verdict.HIDE_PROMPT:
                raise PromptBlocked(str(problem)) from problem
            attempt += 1
            if verdict is not Verdict.AGAIN or attempt == TRIES:
                raise final(problem, verdict) from problem
            await asyncio.sleep(2.0**attempt)

    async def shows(self, user_id: int, name: str) -> bool:
        """Whether one of the last messages to this person holds a file of that name.

        Raises DeliveryPutOff, DeliveryError.
        """
        return bool(await self._with(user_id, name))

    async def remove(self, user_id: int, job_id: str) -> None:
        """Delete the card of a job, whose buttons name it, if it is among the last messages to this person.

        Raises DeliveryPutOff, DeliveryError.
        """
        for channel_id, message_id in await self._with(user_id, f":{job_id}"):
            try:
                await insist(lambda: self._bot.http.delete_message(channel_id, message_id))  # noqa: B023  # done before the next
            except FAULTS as error:
                if told(error)[1] != UNKNOWN_MESSAGE:
                    raise _put(error) from error

    async def _with(self, user_id: int, words: str) -> list[tuple[int, int]]:
        """Channel and id of the last messages to this person that hold these words."""
        try:
            async with asyncio.timeout(LIMIT):
                channel = await self._bot.create_dm(discord.Object(user_id))
                # As JSON, since discord.py's messages do not tell what a gallery holds.
                last = await self._bot.http.logs_from(channel.id, LOOKED_THROUGH)
        except FAULTS as error:
            raise _put(error) from error
        return [(channel.id, int(each["id"])) for each in last if words in json.dumps(each)]

    async def tell_operator(self, sentence: str) -> bool:
        """Tell whoever owns the application; False if that was not possible."""
        application = self._bot.application
        if application is None:
            return False
        owner = application.team.owner_id if application.team else application.owner.id
        if owner is None:
            return False
        nonce = hashlib.sha256(sentence.encode()).hexdigest()[:20]
        try:
            await self.send(owner, notice(words(self._language_of(owner))(sentence)), nonce)
        except DeliveryError as error:
            log.error("the operator could not be told “%s”: %s", sentence, error)
            return False
        return True
