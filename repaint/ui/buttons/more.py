"""Buttons that ask for another picture like this one, in a message of its own."""

from __future__ import annotations

import dataclasses
import secrets
from typing import Any

import discord

from repaint.errors import RequestError
from repaint.models import SEED_LIMIT, Job, Request, Taken
from repaint.text import text
from repaint.ui.asking import Wish, ask
from repaint.ui.authority import Verb, check
from repaint.ui.buttons.base import JOB, Interaction, JobButton, job_of
from repaint.ui.languages import Words

STEP = 0.1  # by which Softer and Stronger change the strength
WEAKEST, STRONGEST = text("It cannot be any softer."), text("It cannot be any stronger.")


class AgainButton(JobButton, template=rf"again:{JOB}"):
    """The same with a new seed."""

    verb = "again"
    costs = True
    emoji = "🔁"
    style = discord.ButtonStyle.primary

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Again")

    async def act(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.AGAIN)
        await ask(interaction, wish_like(job, interaction, request=self.changed(job.request)))

    def changed(self, request: Request) -> Request:
        """What is asked for instead. Raises RequestError."""
        return dataclasses.replace(request, seed=secrets.randbelow(SEED_LIMIT))


class SofterButton(AgainButton, template=rf"softer:{JOB}"):
    """Nearer to the original, with the same seed."""

    verb = "softer"
    emoji = "➖"
    style = discord.ButtonStyle.secondary

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Softer")

    def changed(self, request: Request) -> Request:
        if request.strength <= 0:
            raise RequestError(sentence=WEAKEST)
        return dataclasses.replace(request, strength=softer(request.strength))


class StrongerButton(AgainButton, template=rf"stronger:{JOB}"):
    """Further away from the original, with the same seed."""

    verb = "stronger"
    emoji = "➕"
    style = discord.ButtonStyle.secondary

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Stronger")

    def changed(self, request: Request) -> Request:
        if request.strength >= 1:
            raise RequestError(sentence=STRONGEST)
        return dataclasses.replace(request, strength=stronger(request.strength))


def softer(strength: float) -> float:
    """One step nearer to the original, at least 0."""
    return max(0.0, round(strength - STEP, 4))


def stronger(strength: float) -> float:
    """One step away from the original, at most 1."""
    return min(1.0, round(strength + STEP, 4))


def wish_like(job: Job, interaction: Interaction, **changes: Any) -> Wish:
    """A wish for what a job was, from the same input; a private card makes private ones."""
    wish = Wish(
        picture=job.attachment,
        prompt=job.said,
        style=job.style,
        takes=Taken(job.id),
        credit=job.credit,
        parent=job.id,
        owners=owners_of(job),
        input_public=job.input_public and is_at_home(interaction, job),
        age_restricted=job.origin.age_restricted,
        private=True if is_on_private(interaction) else None,
        spoiler=job.spoiler,
        prompt_hidden=job.prompt_hidden,
    )
    return dataclasses.replace(wish, **changes)


def owners_of(job: Job) -> tuple[int, ...]:
    """Whose pictures are in what is made of a job: its asker's, and all that it came from itself."""
    credited = (job.credit.author_id,) if job.credit and job.credit.author_id else ()
    return tuple(dict.fromkeys((*job.owners, *credited, job.origin.user_id)))


def is_at_home(interaction: Interaction, job: Job) -> bool:
    """Whether this happens where the job was asked for: what people saw there, others elsewhere did not."""
    origin = job.origin
    return (interaction.guild_id, interaction.channel_id) == (origin.guild_id, origin.channel_id)


def is_on_private(interaction: Interaction) -> bool:
    """Whether the message that is clicked is for one person alone."""
    return interaction.message is not None and interaction.message.flags.ephemeral
