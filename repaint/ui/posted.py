"""A posted message whose picture somebody wants to repaint: whose it is, and where it may be repainted."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from repaint.models import Credit, Job
from repaint.ui.attempts import FAULTS
from repaint.ui.found import Found, is_forward, job_of
from repaint.ui.held import soon

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

ASK_LIMIT = 1.0  # seconds for a question to Discord before the first response
IS_EPHEMERAL = 1 << 6  # of a message's flags
Place = tuple[int, int]  # a channel and a message of it


@dataclass(frozen=True, slots=True)
class Posted:
    """What is known of the message and its pictures.

    `source`: the message that this one forwards, whose author is not told in it.
    """

    pictures: tuple[Found, ...]
    credit: Credit
    owners: tuple[int, ...]
    channel_id: int | None  # where it is,
    public: bool  # and whether all see it who see that channel
    age_restricted: bool
    source: Place | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Posted:
        """From what `dataclasses.asdict` made of it, and JSON of that."""
        source = document["source"]
        return cls(
            pictures=tuple(Found(**each) for each in document["pictures"]),
            credit=Credit(**document["credit"]),
            owners=tuple(document["owners"]),
            channel_id=document["channel_id"],
            public=document["public"],
            age_restricted=document["age_restricted"],
            source=(source[0], source[1]) if source else None,
        )


async def look_at(
    interaction: Interaction, message: Mapping[str, Any], pictures: Iterable[Found], *, age_restricted: bool
) -> Posted:
    """Whose pictures these are. Raises DatabaseAway.

    In a forward the author is unknown, and whoever forwards is an owner, too. Of a picture that the bot made
    it is whoever asked for it, and all whose pictures went into it, whoever posts it now.
    """
    pictures = tuple(pictures)
    author, asker = _author(interaction, message), _asker(message)
    forwarded = is_forward(message)
    url = link(interaction, str(message.get("id")))
    credit = Credit(None if forwarded else author or asker, url)
    owners = [each for each in (author, asker) if each is not None]
    for job in await _jobs(interaction, pictures):
        owners += _people(job)
        age_restricted = age_restricted or job.origin.age_restricted
        if author is None and not forwarded:  # one of the bot's own messages
            credit = job.credit or Credit(job.origin.user_id, url)
    return Posted(
        pictures=pictures,
        credit=credit,
        owners=tuple(dict.fromkeys(owners)),
        channel_id=interaction.channel_id,
        public=not int(message.get("flags") or 0) & IS_EPHEMERAL,
        age_restricted=age_restricted,
        source=_source(message) if forwarded else None,
    )


async def with_source(interaction: Interaction, posted: Posted) -> Posted:
    """With the author of the forwarded message among its owners, where the bot may read it in time.

    Nobody is told who that is: Discord hides it, and the source may be a place that others do not see.
    """
    if posted.source is None:
        return posted
    channel, message = posted.source
    if not interaction.is_guild_integration() and interaction.client.get_channel(channel) is None:
        return posted
    try:
        async with asyncio.timeout(ASK_LIMIT):
            found: Mapping[str, Any] = await interaction.client.http.get_message(channel, message)
    except FAULTS as error:  # TimeoutError is an OSError
        log.info("the author of a forwarded message stays unknown: %r", error)
        return posted
    author, asker = _author(interaction, found), _asker(found)
    owners = [each for each in (author, asker) if each is not None]
    return dataclasses.replace(posted, owners=tuple(dict.fromkeys((*posted.owners, *owners))))


def link(interaction: Interaction, message_id: str) -> str:
    """The address of a message in the channel where somebody acts."""
    return (
        f"https://discord.com/channels/{interaction.guild_id or '@me'}/{interaction.channel_id}/{message_id}"
    )


def _author(interaction: Interaction, message: Mapping[str, Any]) -> int | None:
    """The person (or bot) who posted it; None for this bot itself, and for a webhook, which is nobody."""
    author = _id((message.get("author") or {}).get("id"))
    mine = (interaction.application_id, interaction.client.user.id if interaction.client.user else None)
    if author in mine or author == _id(message.get("webhook_id")):
        return None
    return author


def _asker(message: Mapping[str, Any]) -> int | None:
    """Who gave the command that a message answers."""
    return _id(((message.get("interaction_metadata") or {}).get("user") or {}).get("id"))


def _source(message: Mapping[str, Any]) -> Place | None:
    reference = message.get("message_reference") or {}
    channel, number = _id(reference.get("channel_id")), _id(reference.get("message_id"))
    return (channel, number) if channel and number else None


async def _jobs(interaction: Interaction, pictures: Iterable[Found]) -> list[Job]:
    """The jobs that made these pictures, as far as they are known."""
    ids = dict.fromkeys(job_id for each in pictures if (job_id := job_of(each.filename)))
    store = interaction.client.runner.store
    jobs = await soon(asyncio.gather(*(store.get(each) for each in ids)))
    return [job for job in jobs if job is not None]


def _people(job: Job) -> list[int]:
    credited = [job.credit.author_id] if job.credit and job.credit.author_id else []
    return [job.origin.user_id, *credited, *job.owners]


def _id(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() else None
