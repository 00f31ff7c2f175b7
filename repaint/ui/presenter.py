"""The `Presenter` of `repaint.jobs`: cards in Discord while a job is under way, and how each end is told."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repaint.errors import DeliveryError, DeliveryPutOff, DeliveryTooLarge, PromptBlocked
from repaint.jobs.presenter import Desk
from repaint.models import Job, Picture
from repaint.ui.cards import cancelled_card, done_card, failed_card
from repaint.ui.direct import DirectMessages, asked_in
from repaint.ui.languages import ENGLISH, words
from repaint.ui.notices import notice
from repaint.ui.progress import Progress
from repaint.ui.reply import Build, Known, Reply
from repaint.ui.shared_view import card_link

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

log = logging.getLogger(__name__)

REPEAT_AFTER = 3.0  # seconds after which an end is repeated that an older edit may have overtaken
REMEMBERED = 1000  # replies of which something out of the ordinary is known


class CardPresenter:
    """Shows jobs as cards."""

    def __init__(self, bot: RepaintBot) -> None:
        self._bot = bot
        self._direct = DirectMessages(bot, self._preferred)
        self._known: dict[str, Known] = {}
        self._progress = Progress(self._reply_to, self._remember)

    async def run(self, desk: Desk) -> None:
        """Edit what is due as `desk` has it then, until cancelled."""
        await self._bot.online.wait()
        await self._progress.run(desk)

    def show(self, job_id: str) -> None:
        """Soon show a job as it is then."""
        self._progress.show(job_id)

    def forget(self, job_id: str) -> None:
        """Show nothing more of a job by itself."""
        self._progress.forget(job_id)

    async def is_gone(self, job: Job) -> bool:
        """Whether the reply was surely deleted."""
        await self._bot.online.wait()
        return await self._reply_to(job).is_gone()

    async def deliver(self, job: Job) -> None:
        """Show the pictures. Raises DeliveryTooLarge, PromptBlocked, DeliveryPutOff, DeliveryError."""
        reply = await self._settled(job)
        if reply.known.hides_prompt and not job.prompt_hidden:  # AutoMod met it on an earlier card
            raise PromptBlocked("met before")
        files, shown = _files(job)
        shareable = self._has_gallery(job.origin.guild_id)
        await self._finally(
            job,
            reply,
            lambda with_prompt: done_card(job, shown, with_prompt=with_prompt, shareable=shareable),
            files,
        )

    async def mention(self, job: Job) -> None:
        """Call the asker by name, below the card. Raises DeliveryPutOff, DeliveryError."""
        await self._bot.online.wait()
        say, link = words(job.language), card_link(job)
        asker = f"<@{job.origin.user_id}>"
        sentence = say("{asker} your picture is ready: {link}", asker=asker, link=link)
        if not link:
            sentence = say("{asker} your picture is ready.", asker=asker)
        await self._reply_to(job).call(sentence, f"late-{job.id}")

    async def deliver_directly(self, job: Job, *, again: bool = False) -> None:
        """Send the pictures to the asker; see `Presenter`. Raises as `deliver` does."""
        await self._bot.online.wait()
        files, shown = _files(job)
        if again and await self._direct.shows(job.origin.user_id, files[0][1]):
            return
        job, where = _for_its_asker(job)
        card = done_card(job, shown, with_prompt=not job.prompt_hidden, where=where)
        await self._direct.send(job.origin.user_id, card, job.id, files)

    async def fail(self, job: Job, sentence: str) -> None:
        """Say on the card why there will be no picture. Raises DeliveryPutOff, DeliveryError."""
        reply = await self._settled(job)
        await self._finally(
            job, reply, lambda with_prompt: failed_card(job, sentence, with_prompt=with_prompt)
        )

    async def cancelled(self, job: Job) -> None:
        """Say on the card that it was cancelled. Raises DeliveryPutOff, DeliveryError."""
        reply = await self._settled(job)
        await self._finally(job, reply, lambda with_prompt: cancelled_card(job, with_prompt=with_prompt))

    async def tell_directly(self, job: Job, sentence: str) -> None:
        """Tell the asker why there will be no picture. Raises DeliveryPutOff, DeliveryError."""
        await self._bot.online.wait()
        job, where = _for_its_asker(job)
        card = failed_card(job, sentence, with_prompt=not job.prompt_hidden, where=where)
        await self._direct.send(job.origin.user_id, card, f"end-{job.id}")

    async def refuse(self, job: Job, sentence: str) -> None:
        """Tell the asker alone; if that cannot be done, the card says it without the prompt.

        Raises DeliveryPutOff, DeliveryError.
        """
        reply = await self._settled(job)
        told = words(job.own_language)(sentence)
        if job.origin.ephemeral:
            await self._finally(job, reply, lambda _: notice(told))
            return
        try:
            await reply.replace_privately(told)
            self._known.pop(job.id, None)
        except DeliveryPutOff:
            raise
        except DeliveryError as problem:
            log.warning("job %s: not told privately, so on the card: %s", job.id, problem)
            await self._finally(job, reply, lambda _: failed_card(job, sentence, with_prompt=False))

    async def tell_operator(self, sentence: str) -> bool:
        """Tell whoever owns the application; False if that was not possible."""
        await self._bot.online.wait()
        return await self._direct.tell_operator(sentence)

    async def _settled(self, job: Job) -> Reply:
        """The reply of a job that no progress is written to from here on."""
        await self._bot.online.wait()
        unclear = await self._progress.settle(job.id)
        reply = self._reply_to(job)
        reply.known.unclear = reply.known.unclear or unclear
        return reply

    async def _finally(
        self, job: Job, reply: Reply, card: Build, files: Sequence[tuple[Path, str]] = ()
    ) -> None:
        """The last edit. Where an older one may still land behind it, it is made once more."""
        try:
            await reply.edit(card, files)
        except (DeliveryPutOff, DeliveryTooLarge, PromptBlocked):  # there will be another attempt
            self._remember(job, reply)
            raise
        self._known.pop(job.id, None)
        if not reply.known.unclear:
            return
        await asyncio.sleep(REPEAT_AFTER)
        try:
            await reply.edit(card, files)
        except DeliveryError as error:
            log.warning("job %s: its end is shown, the repetition failed: %s", job.id, error)

    def _has_gallery(self, guild_id: int | None) -> bool:
        return guild_id is not None and self._bot.guild_settings.settings(guild_id).gallery_id is not None

    def _preferred(self, user_id: int) -> str:
        return self._bot.people.preferences(user_id).language or ENGLISH

    def _reply_to(self, job: Job) -> Reply:
        known = self._known.get(job.id) or Known(hides_prompt=job.prompt_hidden)
        return Reply(self._bot, job.origin, known)

    def _remember(self, job: Job, reply: Reply) -> None:
        """Keep what is out of the ordinary with a reply, which few are."""
        if reply.known == Known(hides_prompt=job.prompt_hidden):
            return
        self._known[job.id] = reply.known
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]


def _for_its_asker(job: Job) -> tuple[Job, str]:
    """As it is shown to its asker alone, and where it belongs."""
    return dataclasses.replace(job, language=job.own_language), asked_in(job.origin, words(job.own_language))


def _files(job: Job) -> tuple[list[tuple[Path, str]], list[tuple[str, Picture]]]:
    """What is uploaded (path, name), and what a card shows of it (address, picture)."""
    names = [f"repaint-{job.id}-{n}{picture.path.suffix}" for n, picture in enumerate(job.outputs, start=1)]
    files = [(picture.path, name) for picture, name in zip(job.outputs, names, strict=True)]
    return files, [
        (f"attachment://{name}", picture) for name, picture in zip(names, job.outputs, strict=True)
    ]
