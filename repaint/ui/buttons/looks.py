"""The button that shows a picture beside what it was made of."""

from __future__ import annotations

import logging

from repaint.jobs.tools import MESSAGE_BYTES
from repaint.models import Job
from repaint.ui.attempts import FAULTS
from repaint.ui.authority import Verb, check
from repaint.ui.buttons.base import JOB, Interaction, JobButton, job_of
from repaint.ui.compared import compared_view
from repaint.ui.interactions import acknowledge, origin_of
from repaint.ui.languages import Words, own_words
from repaint.ui.reply import Known, Reply
from repaint.ui.shelf import answer, scratch

log = logging.getLogger(__name__)


class CompareButton(JobButton, template=rf"compare:{JOB}"):
    """Before and after, side by side and as a short animation, for whoever presses."""

    verb = "compare"
    costs = True
    emoji = "🔀"

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Compare")

    async def act(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.COMPARE)
        try:
            made = await acknowledge(interaction, ephemeral=True)
        except FAULTS as error:
            log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
            return
        reply = Reply(interaction.client, origin_of(interaction, made.message_id, ephemeral=True), Known())
        await _show(interaction, reply, job)


async def _show(interaction: Interaction, reply: Reply, job: Job) -> None:
    """Raises PictureError, StorageError, WorkerError, DeliveryError."""
    say = own_words(interaction)
    limit = min(interaction.filesize_limit, MESSAGE_BYTES // 2)
    with scratch() as folder:
        pictures = await interaction.client.runner.studio.compare(job, limit, folder)
        files = [(each.path, f"compare-{job.id}{each.path.suffix}") for each in pictures]
        addresses = [f"attachment://{name}" for _, name in files]
        await answer(
            reply, lambda with_prompt: compared_view(job, addresses, say, with_prompt=with_prompt), files
        )
