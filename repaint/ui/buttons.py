"""The buttons on cards. Each knows its job by the `custom_id` alone, so it works after a restart, too.

Who may press is decided at each click by what the store and the interaction say then.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord
from discord import ui

from repaint.errors import RepaintError, RequestError
from repaint.jobs.presenter import Cancelled
from repaint.models import Job, JobState
from repaint.ui.attempts import FAULTS
from repaint.ui.interactions import acknowledge_press, check_permissions, origin_of, tell

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

Button: TypeAlias = ui.DynamicItem[ui.Button[Any]]

TOLD: dict[Cancelled, str] = {
    Cancelled.TOO_LATE: "It is too late to cancel: the picture is being posted already, or it is over.",
    Cancelled.UNKNOWN_JOB: "I no longer know this picture.",
}


class CancelButton(ui.DynamicItem[ui.Button[Any]], template=r"cancel:(?P<job>[0-9a-f]{10})"):
    """Ends a job, for whoever asked for it and for moderators."""

    def __init__(self, job_id: str) -> None:
        super().__init__(ui.Button(label="Cancel", custom_id=f"cancel:{job_id}"))
        self.job_id = job_id

    @classmethod
    async def from_custom_id(cls, _: Any, __: ui.Item[Any], match: re.Match[str], /) -> Self:
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await pressed(interaction, self._cancel)

    async def _cancel(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        if interaction.user.id != job.origin.user_id and not is_staff(interaction, job):
            raise RequestError(
                sentence="Only the person who asked for this picture or a moderator can cancel it."
            )
        outcome = await interaction.client.runner.cancel(job.id, by=interaction.user.id)
        log.info("job %s: cancelling by user %s: %s", job.id, interaction.user.id, outcome)
        if outcome in TOLD:  # else the card says it
            raise RequestError(sentence=TOLD[outcome])


class RetryButton(ui.DynamicItem[ui.Button[Any]], template=r"retry:(?P<job>[0-9a-f]{10})"):
    """Asks once more for what failed, with the same seed; the new job takes the message over.

    `twice`: nobody knows whether the failed one will be charged.
    """

    def __init__(self, job_id: str, *, twice: bool = False) -> None:
        label = "Retry (may be charged twice)" if twice else "Retry"
        style = discord.ButtonStyle.secondary if twice else discord.ButtonStyle.primary
        super().__init__(ui.Button(label=label, style=style, custom_id=f"retry:{job_id}"))
        self.job_id = job_id

    @classmethod
    async def from_custom_id(cls, _: Any, __: ui.Item[Any], match: re.Match[str], /) -> Self:
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await pressed(interaction, self._retry)

    async def _retry(self, interaction: Interaction) -> None:
        old = await job_of(interaction, self.job_id)
        if interaction.user.id != old.origin.user_id:
            raise RequestError(sentence="Only the person who asked for this picture can retry it.")
        if old.private_failure:
            raise RequestError(sentence=old.failure)
        runner = interaction.client.runner
        runner.check(interaction.user.id)
        check_permissions(interaction)
        if not await runner.retry(old.id, repeated(old, interaction)):
            raise RequestError(sentence="This picture is being tried again already.")


BUTTONS = (CancelButton, RetryButton)


def repeated(old: Job, interaction: Interaction) -> Job:
    """A job that asks for the same again, shown in the message that the button is on.

    A message that answers no interaction (a direct message of the bot's own accord) is reached by this
    interaction's token only as its `@original`, so its id is left out.
    """
    message = interaction.message
    answers = message is not None and message.interaction_metadata is not None
    return Job(
        id=secrets.token_hex(5),
        state=JobState.RECEIVED,
        request=old.request,
        attachment=old.attachment,
        origin=origin_of(
            interaction,
            message.id if message is not None and answers else None,
            ephemeral=message is not None and message.flags.ephemeral,
        ),
        created_at=time.time(),
        retry_of=old.id,
        prompt_hidden=old.prompt_hidden,
    )


def is_staff(interaction: Interaction, job: Job) -> bool:
    """Whether a moderator of the job's own server presses."""
    here = interaction.guild_id is not None and interaction.guild_id == job.origin.guild_id
    return here and interaction.permissions.manage_messages


async def job_of(interaction: Interaction, job_id: str) -> Job:
    """The job as it is now. Raises RequestError if it is unknown."""
    job: Job | None = await interaction.client.runner.store.get(job_id)
    if job is None:
        raise RequestError(sentence=TOLD[Cancelled.UNKNOWN_JOB])
    return job


async def pressed(interaction: Interaction, act: Callable[[Interaction], Awaitable[None]]) -> None:
    """Acknowledge a click, act, and tell whoever clicked what went wrong: for every button."""
    try:
        await acknowledge_press(interaction)
    except FAULTS as error:
        log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
        return
    try:
        await act(interaction)
    except RepaintError as error:
        log.info("interaction %s refused: %s", interaction.id, error)
        await tell(interaction, error)
    except Exception:
        log.exception("interaction %s failed", interaction.id)
        await tell(interaction, RepaintError())
