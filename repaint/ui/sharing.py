"""Posts a finished picture in its server's gallery, once: claimed in the database, posted, written down.

A claim that nobody took back (the process ended, or Discord gave no clear answer) stays. Whoever comes next
looks first whether the picture arrived.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from repaint.errors import DatabaseAway, DeliveryError, OutputUnavailable, RepaintError, RequestError
from repaint.jobs.tools import MESSAGE_BYTES
from repaint.models import Job, JobState, Picture
from repaint.text import text
from repaint.ui.attempts import AUTOMOD, FAULTS, LIMIT, Verdict, judge, told
from repaint.ui.authority import UNKNOWN
from repaint.ui.galleries import Gallery, gallery_in, tags_for
from repaint.ui.languages import language_of, words
from repaint.ui.shared_view import shared_view, title

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

log = logging.getLogger(__name__)

SIZES = 4  # how often the pictures are made smaller
STALE = 5 * 60.0  # seconds after which a claim of another process is surely left behind
MARGIN = 60.0  # seconds between this machine's clock and Discord's
LOOKED_THROUGH = 50  # messages or posts in which an earlier attempt is looked for
CLAIM = re.compile(r"sharing:(?P<first>\d+):(?P<last>\d+)")
LINK = re.compile(r"https://discord\.com/channels/(?P<guild>\d+)/(?P<channel>\d+)/(?P<message>\d+)")
_under_way: set[str] = set()  # the jobs that this process is sharing

ONE_MOMENT = text("One moment: this picture is being shared already.")
UNCLEAR = text(
    "Discord did not answer, so I do not know whether the picture is in the gallery. "
    "Please press Share once more: I look there first."
)
REFUSED = text(
    "Discord did not let me post in the gallery. Please ask this server's staff whether I may still post "
    "pictures there, or try again later."
)
BLOCKED = text(
    "This server's AutoMod does not let the words of this picture into the gallery, so I did not share it."
)
TOO_LARGE = text("The picture is too large for this server's gallery, even when it is compressed.")
NOT_LOOKED = text(
    "An earlier attempt to share this picture had no clear end, and I cannot look into the gallery at the "
    "moment. Please try again later."
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody is at it since `first`; `last` is the newest attempt (seconds since the epoch)."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"sharing:{self.first}:{self.last}"

    @classmethod
    def of(cls, shared: str) -> Claim | None:
        """What `Job.shared` says, if it is a claim."""
        found = CLAIM.fullmatch(shared)
        return cls(int(found["first"]), int(found["last"])) if found else None


def is_link(shared: str) -> bool:
    """Whether `Job.shared` is the address of a message."""
    return LINK.fullmatch(shared) is not None


def already(link: str) -> RequestError:
    """What is said where it was shared before."""
    return RequestError(sentence=text("This picture is shared already: {link}", link=link))


async def share(bot: RepaintBot, job: Job, gallery: Gallery, folder: Path) -> str:
    """Post a job's pictures there, unless they are there. The message's address. Raises RepaintError.

    `folder` is for smaller forms of the pictures.
    """
    if job.id in _under_way:
        raise RequestError(sentence=ONE_MOMENT)
    _under_way.add(job.id)
    try:
        claim, earlier = await _claimed(bot, job)
        link = await _found_after(bot, job, gallery, claim, earlier) if earlier else ""
        if not link:
            link = await _posted(bot, job, gallery, claim, folder)
        await _write_down(bot, job, gallery.guild, claim, link)
        return link
    finally:
        _under_way.discard(job.id)


async def _claimed(bot: RepaintBot, job: Job) -> tuple[Claim, Claim | None]:
    """Our claim, and the one that was left behind where there was one. Raises RequestError, DatabaseAway."""
    store, now = bot.runner.store, int(time.time())
    claim = Claim(now, now)
    if await store.set_shared(job.id, str(claim), before=""):
        return claim, None
    known = await store.get(job.id)
    if known is None or known.state is not JobState.DONE:
        raise RequestError(sentence=UNKNOWN)
    if is_link(known.shared):
        raise already(known.shared)
    earlier = Claim.of(known.shared)
    if earlier is None or (store.is_shared and now - earlier.last < STALE):
        raise RequestError(sentence=ONE_MOMENT)
    claim = Claim(earlier.first, max(now, earlier.last + 1))
    if not await store.set_shared(job.id, str(claim), before=known.shared):
        raise RequestError(sentence=ONE_MOMENT)
    return claim, earlier


async def _found_after(bot: RepaintBot, job: Job, gallery: Gallery, claim: Claim, earlier: Claim) -> str:
    """The address of what an earlier attempt posted; empty where it did not. Raises RepaintError."""
    try:
        return await find(bot, job.id, gallery, since=claim.first)
    except FAULTS as error:
        log.warning("job %s: the gallery cannot be looked through: %r", job.id, error)
        await bot.runner.store.set_shared(job.id, str(earlier), before=str(claim))
        raise RepaintError(str(error), sentence=NOT_LOOKED) from error


async def _posted(bot: RepaintBot, job: Job, gallery: Gallery, claim: Claim, folder: Path) -> str:
    """The address of the new message. The claim is taken back where there surely is none."""
    try:
        return await _fitted(bot, job, gallery, folder)
    except _Unclear as error:  # whoever presses next looks for it at once
        await bot.runner.store.set_shared(job.id, str(Claim(claim.first, 0)), before=str(claim))
        raise RepaintError(str(error), sentence=UNCLEAR) from error
    except RepaintError:
        await bot.runner.store.set_shared(job.id, "", before=str(claim))
        raise


async def _write_down(bot: RepaintBot, job: Job, guild: discord.Guild, claim: Claim, link: str) -> None:
    """Raises RequestError where the job was deleted meanwhile: then the message goes, too."""
    try:
        is_written = await bot.runner.store.set_shared(job.id, link, before=str(claim))
    except DatabaseAway as error:  # the claim stays, so the next one finds it
        log.warning("job %s is shared to %s, which is not written down: %s", job.id, link, error)
        return
    if not is_written:
        await take_back(bot, guild, link)
        raise RequestError(sentence=UNKNOWN)
    log.info("job %s shared to %s", job.id, link)


# Posting --------------------------------------------------------------------------------------------------


class _Unclear(RepaintError):
    """Whether the message was posted is open."""


async def _fitted(bot: RepaintBot, job: Job, gallery: Gallery, folder: Path) -> str:
    """Post it, with smaller pictures where Discord takes none of this size. Raises RepaintError."""
    say = words(language_of(gallery.guild.preferred_locale))
    limit = min(gallery.guild.filesize_limit, MESSAGE_BYTES // len(job.outputs))
    for _ in range(SIZES):
        try:
            pictures, _change = await bot.runner.studio.refit(job, limit, folder)
        except (OutputUnavailable, DeliveryError) as error:
            raise RepaintError(str(error), sentence=TOO_LARGE) from error
        names = [f"repaint-{job.id}-{n}{each.path.suffix}" for n, each in enumerate(pictures, start=1)]
        view = shared_view(job, [f"attachment://{name}" for name in names], say)
        try:
            async with asyncio.timeout(LIMIT):
                return await _post(gallery, job, view, title(job, say), _files(pictures, names))
        except FAULTS as error:
            status, code = told(error)
            verdict = judge(status, code, by_bot=True, prompt_shown=True, has_files=True)
            log.warning("job %s: not shared: %s (%s)", job.id, verdict.value, error)
            if verdict is Verdict.AGAIN:
                raise _Unclear(str(error)) from error
            if verdict is not Verdict.SMALLER:
                raise RepaintError(str(error), sentence=BLOCKED if code in AUTOMOD else REFUSED) from error
            limit = min(limit, max(each.size for each in pictures)) // 2
    raise RepaintError("too large in every size", sentence=TOO_LARGE)


async def _post(
    gallery: Gallery, job: Job, view: discord.ui.LayoutView, name: str, files: list[discord.File]
) -> str:
    """Raises FAULTS. A text channel takes a repetition within some minutes for the same message."""
    nobody = discord.AllowedMentions.none()
    if isinstance(gallery, discord.TextChannel):
        message = await gallery.send(view=view, files=files, nonce=job.id, allowed_mentions=nobody)
        return message.jump_url
    made = await gallery.create_thread(
        name=name,
        view=view,
        files=files,
        applied_tags=tags_for(gallery, job.style),
        allowed_mentions=nobody,
    )
    return made.message.jump_url


def _files(pictures: Sequence[Picture], names: Sequence[str]) -> list[discord.File]:
    return [discord.File(each.path, filename=name) for each, name in zip(pictures, names, strict=True)]


# What is posted already -----------------------------------------------------------------------------------


async def find(bot: RepaintBot, job_id: str, gallery: Gallery, *, since: float) -> str:
    """The address of our message there with this job's picture, not older than that; empty if there is none.

    Raises discord.HTTPException, aiohttp.ClientError or OSError.
    """
    sought = f"repaint-{job_id}-1."
    oldest = int((since - MARGIN - discord.utils.DISCORD_EPOCH / 1000) * 1000) << 22
    async with asyncio.timeout(LIMIT):
        if isinstance(gallery, discord.TextChannel):
            # As JSON, since discord.py's messages do not tell what a gallery holds.
            for message in await bot.http.logs_from(gallery.id, LOOKED_THROUGH, after=oldest):
                if sought in json.dumps(message):
                    return _link(gallery.guild, gallery.id, int(message["id"]))
            return ""
        own = [each.id for each in gallery.threads if each.owner_id == gallery.guild.me.id]
        for post_id in sorted((each for each in own if each >= oldest), reverse=True)[:LOOKED_THROUGH]:
            try:
                message = await bot.http.get_message(post_id, post_id)  # a post and its first message: one id
            except discord.NotFound:
                continue
            if sought in json.dumps(message):
                return _link(gallery.guild, post_id, post_id)
    return ""


def _link(guild: discord.Guild, channel_id: int, message_id: int) -> str:
    return f"https://discord.com/channels/{guild.id}/{channel_id}/{message_id}"


async def take_back(bot: RepaintBot, guild: discord.Guild | None, shared: str) -> None:
    """Delete the message at an address, and its post in a forum, where the bot may. Never raises FAULTS."""
    found = LINK.fullmatch(shared)
    if found is None:
        return
    channel_id, message_id = int(found["channel"]), int(found["message"])
    post = guild.get_thread(channel_id) if guild is not None else None
    try:
        async with asyncio.timeout(LIMIT):
            await bot.get_partial_messageable(channel_id).get_partial_message(message_id).delete()
            if post is not None and post.parent and post.permissions_for(post.guild.me).manage_threads:
                await post.delete()
    except discord.NotFound:
        log.info("what was shared at %s is gone already", shared)
    except FAULTS as error:
        log.warning("what was shared at %s stays: %r", shared, error)


async def take_back_of(bot: RepaintBot, guild: discord.Guild | None, job: Job) -> None:
    """The same for a job that was deleted, also where its claim had no clear end. Never raises FAULTS."""
    shared = job.shared
    if (claim := Claim.of(shared)) is not None and guild is not None:
        channel_id = bot.guild_settings.settings(guild.id).gallery_id
        gallery = gallery_in(guild, channel_id) if channel_id is not None else None
        try:
            shared = await find(bot, job.id, gallery, since=claim.first) if gallery is not None else ""
        except FAULTS as error:
            log.warning("job %s: the gallery cannot be looked through: %r", job.id, error)
    await take_back(bot, guild, shared)
