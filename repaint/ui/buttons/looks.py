"""The button that shows a picture beside what it was made of."""

from __future__ import annotations

import logging

from repaint.jobs.tools import MESSAGE_BYTES
from repaint.models import Job
from repaint.ui import paint_form
from repaint.ui.alone import alone
from repaint.ui.attempts import FAULTS
from repaint.ui.authority import Verb, check
from repaint.ui.buttons.base import JOB, Interaction, JobButton, job_of
from repaint.ui.compared import compared_view
from repaint.ui.forms import Filled, form, open_form
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
        if len(job.outputs) == 1:
            with alone(interaction.user.id):
                await _show(interaction, job, 0)
            return
        say = own_words(interaction)
        pick = paint_form.pick_field(say, len(job.outputs))
        await open_form(interaction, form("compare", job.id, self.label(say), pick))


async def compared(interaction: Interaction, filled: Filled) -> None:
    """The form that picks one of several pictures. Raises RepaintError."""
    job = await job_of(interaction, filled.ref)
    check(interaction, job, Verb.COMPARE)
    with alone(interaction.user.id):
        await _show(interaction, job, paint_form.painted(filled).picked)


async def _show(interaction: Interaction, job: Job, output: int) -> None:
    """Acknowledge, and show it. Raises PictureError, StorageError, WorkerError, DeliveryError."""
    try:
        made = await acknowledge(interaction, ephemeral=True)
    except FAULTS as error:
        log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
        return
    reply = Reply(interaction.client, origin_of(interaction, made.message_id, ephemeral=True), Known())
    say = own_words(interaction)
    limit = min(interaction.filesize_limit, MESSAGE_BYTES // 2)
    with scratch() as folder:
        pictures = await interaction.client.runner.studio.compare(job, limit, folder, output=output)
        files = [(each.path, f"compare-{job.id}{each.path.suffix}") for each in pictures]
        addresses = [f"attachment://{name}" for _, name in files]
        await answer(
            reply,
            lambda with_prompt: compared_view(job, addresses, say, output=output, with_prompt=with_prompt),
            files,
        )
