"""Buttons that end a job, begin it anew in its own message, or take it away."""

from __future__ import annotations

import dataclasses
import logging
import secrets
import time
from typing import Any

import discord
from discord import ui

from repaint.errors import DatabaseAway, DeliveryError, RequestError
from repaint.jobs.presenter import Cancelled
from repaint.models import Job, JobState
from repaint.text import Text, text
from repaint.ui.asking import check_owners
from repaint.ui.authority import UNKNOWN, Verb, check
from repaint.ui.buttons.base import JOB, Interaction, JobButton, acknowledged, job_of
from repaint.ui.forms import Filled, form, open_form
from repaint.ui.interactions import check_permissions, origin_of
from repaint.ui.languages import Words, own_words
from repaint.ui.removal import check_place, remove_card
from repaint.ui.sharing import take_back_of

log = logging.getLogger(__name__)

TOLD: dict[Cancelled, Text] = {
    Cancelled.TOO_LATE: text("It is too late to cancel: the picture is being posted already, or it is over."),
    Cancelled.UNKNOWN_JOB: UNKNOWN,
}
STAYS = text(
    "The pictures are deleted here, but Discord did not let me delete the message. Please delete it."
)
ALREADY = text("This picture is being tried again already.")


class CancelButton(JobButton, template=rf"cancel:{JOB}"):
    """Ends a job, for whoever asked for it and for moderators."""

    verb = "cancel"

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Cancel")

    async def act(self, interaction: Interaction) -> None:
        if not await acknowledged(interaction):
            return
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.CANCEL)
        outcome = await interaction.client.runner.cancel(job.id, by=interaction.user.id)
        log.info("job %s: cancelling by user %s: %s", job.id, interaction.user.id, outcome)
        if outcome in TOLD:  # else the card says it
            raise RequestError(sentence=TOLD[outcome])


class RetryButton(JobButton, template=rf"retry:{JOB}"):
    """Asks once more for what failed, with the same seed; the new job takes the message over."""

    verb = "retry"
    emoji = "🔁"
    style = discord.ButtonStyle.primary

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Retry")

    async def act(self, interaction: Interaction) -> None:
        if not await acknowledged(interaction):
            return
        old = await job_of(interaction, self.job_id)
        check(interaction, old, Verb.RETRY)
        if old.private_failure:
            raise RequestError(sentence=old.failure)
        check_owners(interaction.client.people, interaction.user.id, old.owners)
        runner = interaction.client.runner
        runner.check(interaction.user.id)
        check_permissions(interaction)
        if not await runner.retry(old.id, repeated(old, interaction)):
            raise RequestError(sentence=ALREADY)


class RetryAnywayButton(RetryButton, template=rf"retry:{JOB}"):
    """The same where nobody knows whether the failed one will be charged."""

    style = discord.ButtonStyle.secondary

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Retry (may be charged twice)")


class DeleteButton(JobButton, template=rf"delete:{JOB}"):
    """Takes away a picture, or what came of it, for its asker and for moderators, after a question."""

    verb = "delete"
    emoji = "🗑️"
    style = discord.ButtonStyle.danger

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Delete")

    async def act(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.DELETE)
        say = own_words(interaction)
        question = say(
            "The message, its pictures and its prompt go for everybody, also from `/jobs history` and the "
            "gallery. What others made from it stays."
        )
        item: ui.TextDisplay[Any] = ui.TextDisplay(question)
        await open_form(interaction, form("delete", job.id, say("Delete this picture?"), item))


async def deleted(interaction: Interaction, filled: Filled) -> None:
    """The form of Delete: the row first, so that a repetition finds it done. Raises RepaintError."""
    job = await job_of(interaction, filled.ref)
    check(interaction, job, Verb.DELETE)
    check_place(interaction, job)
    if not await acknowledged(interaction):
        return
    if not await interaction.client.runner.delete(job.id, by=interaction.user.id):
        raise RequestError(sentence=UNKNOWN)
    try:
        await remove_card(interaction, job)
    except DeliveryError as error:
        log.warning("the message of job %s stays: %r", job.id, error)
        raise RequestError(sentence=STAYS) from error
    finally:
        await _take_back(interaction, job)


async def _take_back(interaction: Interaction, job: Job) -> None:
    """What was shared of a deleted job goes as well."""
    try:
        now = await interaction.client.runner.store.get(job.id)  # it may have been shared a moment before
    except DatabaseAway as error:
        log.warning("job %s: not looked whether it was shared: %s", job.id, error)
        now = job
    place = job.origin.guild_id
    guild = interaction.client.get_guild(place) if place is not None else None
    await take_back_of(interaction.client, guild, now or job)


def repeated(old: Job, interaction: Interaction) -> Job:
    """A job that asks for the same again, shown in the message that the button is on.

    A message that answers no interaction (a direct message of the bot's own accord) is reached by this
    interaction's token only as its `@original`, so its id is left out.
    """
    message = interaction.message
    answers = message is not None and message.interaction_metadata is not None
    origin = origin_of(
        interaction,
        message.id if message is not None and answers else None,
        ephemeral=message is not None and message.flags.ephemeral,
    )
    kept = {name: getattr(old, name) for name in ASKED}
    return Job(
        id=secrets.token_hex(5),
        state=JobState.RECEIVED,
        origin=dataclasses.replace(origin, age_restricted=origin.age_restricted or old.origin.age_restricted),
        created_at=time.time(),
        retry_of=old.id,
        **kept,
    )


ASKED = (
    "request",
    "attachment",
    "parent",
    "takes",
    "input_public",
    "credit",
    "owners",
    "typed",
    "style",
    "spoiler",
    "language",
    "own_language",
    "mention",
    "prompt_hidden",
)
"""What a repetition keeps of a job: all that was asked for, and nothing of how it went."""
