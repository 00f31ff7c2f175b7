"""Who may do what with a finished or failed job. Asked at each click, and again when a form is sent in.

Ids in buttons and forms can be made up by whoever sends them, so nothing is taken for granted.
"""

from __future__ import annotations

import enum
from typing import Any

import discord

from repaint.errors import RequestError
from repaint.models import Job, JobState, Shown
from repaint.text import text
from repaint.ui.staff import moderates

UNKNOWN = text("I no longer know this picture.")
NOT_HERE = text("That picture belongs to another place, or it is not for you.")
INPUT_UNSEEN = text(
    "The original of this picture was never posted, so only the person who asked for it can do this."
)
CONTINUE_INSTEAD = text(
    "The original of this picture was never posted, so only the person who asked for it can do this. "
    "“Continue” works from the result."
)
NOT_FINISHED = text("This picture is not finished.")
BEING_POSTED = text("This picture is just being posted. Please press again in a moment.")
PROMPT_HIDDEN = text("The prompt of this picture is hidden, so only the person who asked for it can do this.")


class Verb(enum.Enum):
    """What can be done with a job."""

    CANCEL = "cancel"
    RETRY = "retry"
    DELETE = "delete"
    SHARE = "share"
    AGAIN = "again"  # and Softer, Stronger, Adjust: with the same input
    COMPARE = "compare"  # shows the input
    CONTINUE = "continue"  # from the result
    SEED = "seed"  # the settings alone


STAFF_TOO = {
    Verb.CANCEL: text("Only the person who asked for this picture or a moderator can cancel it."),
    Verb.DELETE: text("Only the person who asked for this picture or a moderator can delete it."),
}
ASKER_ALONE = {
    Verb.RETRY: text("Only the person who asked for this picture can retry it."),
    Verb.SHARE: text("Only the person who asked for this picture can share it."),
}
OF_THE_INPUT = (Verb.AGAIN, Verb.COMPARE)
OF_FINISHED = (Verb.SHARE, Verb.COMPARE, Verb.CONTINUE)
WITH_PROMPT = (Verb.AGAIN, Verb.CONTINUE, Verb.SEED)


def check(interaction: discord.Interaction[Any], job: Job, verb: Verb) -> None:
    """Raise RequestError where this person may not do this with this job here."""
    if job.deleted_by is not None:
        raise RequestError(sentence=UNKNOWN)
    if interaction.user.id != job.origin.user_id:
        _check_other(interaction, job, verb)
    if verb in OF_FINISHED and (job.state is not JobState.DONE or not job.outputs):
        # The card has its buttons a moment before that is written down: after a crash, seconds before.
        is_posted = job.state is JobState.DELIVERING
        raise RequestError(sentence=BEING_POSTED if is_posted else NOT_FINISHED)


def may(interaction: discord.Interaction[Any], job: Job, verb: Verb) -> bool:
    """Whether `check` lets it pass."""
    try:
        check(interaction, job, verb)
    except RequestError:
        return False
    return True


def _check_other(interaction: discord.Interaction[Any], job: Job, verb: Verb) -> None:
    """For somebody else than who asked for it."""
    if verb in STAFF_TOO:
        if not is_staff_for(interaction, job):
            raise RequestError(sentence=STAFF_TOO[verb])
        return
    if verb in ASKER_ALONE:
        raise RequestError(sentence=ASKER_ALONE[verb])
    if not _sees(interaction, job) or (verb in OF_FINISHED and job.shown is not Shown.REPLY):
        raise RequestError(sentence=NOT_HERE)
    if verb in OF_THE_INPUT and not job.input_public:
        is_about_result = verb is Verb.AGAIN and job.state is JobState.DONE
        raise RequestError(sentence=CONTINUE_INSTEAD if is_about_result else INPUT_UNSEEN)
    if verb in WITH_PROMPT and job.prompt_hidden:
        raise RequestError(sentence=PROMPT_HIDDEN)


def is_staff_for(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Whether a moderator of the job's own channel acts: by the interaction where it is that channel's."""
    origin = job.origin
    if origin.guild_id is None or interaction.guild_id != origin.guild_id:
        return False
    if interaction.channel_id == origin.channel_id and interaction.permissions.manage_messages:
        return True
    return moderates(interaction, guild_id=origin.guild_id, channel_id=origin.channel_id)


def _sees(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Whether the job's card is public, and in the channel where this happens."""
    origin = job.origin
    here = (interaction.guild_id, interaction.channel_id) == (origin.guild_id, origin.channel_id)
    return here and not origin.ephemeral and not job.private_failure
