"""How a deleted job's card goes, from wherever its Delete was pressed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

import discord

from repaint.errors import DeliveryError, RequestError
from repaint.models import Job, Shown
from repaint.ui.attempts import FAULTS, UNKNOWN_MESSAGE, insist, odd_answers, told
from repaint.ui.authority import NOT_HERE
from repaint.ui.direct import DirectMessages
from repaint.ui.reply import Known, Reply

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)


def check_place(interaction: Interaction, job: Job) -> None:
    """Raise RequestError where the form was not opened from the job's card or from an answer about it.

    What is sent in names the job, and what goes is the message that it was sent in from: that must be no
    other card.
    """
    on = interaction.message
    is_own = interaction.guild_id is None and interaction.context.dm_channel  # a card that came directly
    if on is None or not (on.flags.ephemeral or is_own or _is_card(on, job)):
        raise RequestError(sentence=NOT_HERE)


async def remove_card(interaction: Interaction, job: Job) -> None:
    """Delete the card, and the answer about it that Delete was pressed on. Raises DeliveryError."""
    on, client = interaction.message, interaction.client
    if on is not None and (not on.flags.ephemeral or _is_card(on, job)):
        await _remove_original(interaction)
        return
    try:
        if job.shown is Shown.DIRECT:
            await DirectMessages(client).remove(job.origin.user_id, job.id)
        elif job.shown is not Shown.KEPT:
            await Reply(client, job.origin, Known()).remove()
    except DeliveryError:
        if not job.origin.ephemeral:  # else nobody but the asker sees it, and nobody can reach it any more
            raise
    try:
        with odd_answers():
            await interaction.delete_original_response()
    except FAULTS as error:
        log.info("the answer about job %s stays: %r", job.id, error)


def _is_card(message: discord.Message, job: Job) -> bool:
    answers = message.interaction_metadata
    return message.id == job.origin.message_id or (
        answers is not None and answers.id == job.origin.interaction_id
    )


async def _remove_original(interaction: Interaction) -> None:
    """The message that the button is on is this interaction's `@original`. Raises DeliveryError."""
    try:
        await insist(interaction.delete_original_response)
    except FAULTS as error:
        if told(error)[1] != UNKNOWN_MESSAGE:
            raise DeliveryError(str(error)) from error
