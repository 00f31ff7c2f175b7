"""The button that shows a finished picture to a whole server, in the channel that its staff chose."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from pathlib import Path

from repaint.errors import PictureError, RequestError
from repaint.models import Attachment, Job
from repaint.text import text
from repaint.ui.attempts import FAULTS
from repaint.ui.authority import Verb, check
from repaint.ui.buttons.base import JOB, Interaction, JobButton, job_of
from repaint.ui.buttons.forms import shown_at
from repaint.ui.buttons.more import owners_of
from repaint.ui.galleries import NOT_WANTED, gallery_for
from repaint.ui.interactions import acknowledge, origin_of
from repaint.ui.languages import Words, own_words
from repaint.ui.notices import notice
from repaint.ui.reply import Known, Reply
from repaint.ui.sharing import already, is_link, share
from repaint.ui.shelf import answer, scratch

log = logging.getLogger(__name__)

NOT_KEPT = text("This picture is no longer kept, so I cannot share it. `/jobs show` tells more.")


class ShareButton(JobButton, template=rf"share:{JOB}"):
    """Posts the picture in the server's gallery, once, for whoever asked for it."""

    verb = "share"
    costs = True
    emoji = "🖼️"

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Share")

    async def act(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.SHARE)
        if is_link(job.shared):
            raise already(job.shared)
        gallery = gallery_for(interaction, job)
        people = interaction.client.people
        if any(people.has_opted_out(each) for each in owners_of(job) if each != interaction.user.id):
            raise RequestError(sentence=NOT_WANTED)
        try:
            made = await acknowledge(interaction, ephemeral=True)
        except FAULTS as error:
            log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
            return
        reply = Reply(interaction.client, origin_of(interaction, made.message_id, ephemeral=True), Known())
        with scratch() as folder:
            link = await share(interaction.client, await _there(interaction, job, folder), gallery, folder)
        say = own_words(interaction)
        await answer(reply, lambda _: notice(say("🖼️ **Shared:** {link}", link=link)))


async def _there(interaction: Interaction, job: Job, folder: Path) -> Job:
    """The job with its pictures on this machine: those that are not kept here are fetched from the card.

    Raises RequestError, StorageError.
    """
    outputs = []
    for n, picture in enumerate(job.outputs, start=1):
        if not await asyncio.to_thread(picture.path.is_file):
            name = f"repaint-{job.id}-{n}{picture.path.suffix}"
            url = shown_at(interaction.message, name)
            if not url:
                raise RequestError(sentence=NOT_KEPT)
            target = folder / "fetched" / name  # smaller forms of it go beside that folder
            await asyncio.to_thread(target.parent.mkdir, exist_ok=True)
            try:
                await interaction.client.runner.fetch(Attachment(url, name, 0), target)
            except PictureError as error:
                raise RequestError(str(error), sentence=NOT_KEPT) from error
            size = (await asyncio.to_thread(target.stat)).st_size
            picture = dataclasses.replace(picture, path=target, size=size)  # noqa: PLW2901
        outputs.append(picture)
    return dataclasses.replace(job, outputs=tuple(outputs))
