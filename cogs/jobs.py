"""/jobs: what is under way, one job with all that is known of it, cancelling, and the finished pictures.

All answers are for the asker's eyes alone. People see their own jobs; staff also those of the channels of
this server in which they are staff, except what only its asker saw there.
"""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import discord
from discord import app_commands, ui
from discord.ext import commands

from repaint.errors import RepaintError, RequestError
from repaint.jobs.presenter import Cancelled, View
from repaint.jobs.runner import CANCELLABLE
from repaint.models import Job, JobState
from repaint.text import text
from repaint.ui.alone import alone
from repaint.ui.attempts import FAULTS
from repaint.ui.buttons import TOLD
from repaint.ui.buttons.base import SETTLE_LIMIT
from repaint.ui.client import RepaintBot
from repaint.ui.history import PAGES, PageButton, show_history
from repaint.ui.interactions import acknowledge, origin_of
from repaint.ui.languages import own_words
from repaint.ui.lists import (
    AT_MOST,
    choice_name,
    job_view,
    may_read,
    unfinished_view,
)
from repaint.ui.notices import DROPPED, notice
from repaint.ui.reply import Known, Reply
from repaint.ui.rows import of_shown, rows
from repaint.ui.shelf import Shelf, answer
from repaint.ui.staff import moderates, moderates_somewhere

log = logging.getLogger(__name__)

Interaction = discord.Interaction[RepaintBot]
Lister = Callable[..., Awaitable[list[Job]]]

UNKNOWN = text(
    "I know no such picture (any more). Please pick one from the list that appears while you type."
)
NO_STAFF = text(
    "Only moderators (permission Manage Messages) can list everyone's pictures, and only in a server."
)
CANCELLED = {
    Cancelled.GONE: text("🚫 **Cancelled.** The image service did not have it yet, so it costs nothing."),
    Cancelled.DROPPED: text("🚫 **Cancelled.** {what_follows}", what_follows=DROPPED),
    Cancelled.TOO_LATE: TOLD[Cancelled.TOO_LATE],
    Cancelled.UNKNOWN_JOB: UNKNOWN,
}
SHOWING = (JobState.FETCHED, JobState.DELIVERING)
BATCH = 100  # jobs that are read at once
WALKED = 2000  # jobs that are read at most for one answer
CHOICES = 25  # in an autocompletion (Discord)


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Jobs(commands.GroupCog, name="jobs", description="Your pictures: under way and finished"):
    """The commands; what they show is in repaint.ui.lists."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(name="list", description="What is under way")
    @app_commands.describe(everyone="For moderators: the pictures of everyone on this server")
    async def list_unfinished(self, interaction: Interaction, everyone: bool = False) -> None:
        """The asker's unfinished jobs, or the server's, oldest first."""
        store, viewer, say = self.bot.runner.store, interaction.user.id, own_words(interaction)
        of_whom: Lister = partial(store.of_member, viewer)
        if everyone:
            if interaction.guild_id is None or not moderates_somewhere(interaction):
                raise RequestError(sentence=NO_STAFF)
            of_whom = partial(store.of_guild, interaction.guild_id)
        reply = await self._acknowledged(interaction)
        if reply is None:
            return
        jobs = [job for job in await walked(of_whom) if may_see(interaction, job)][::-1]
        if not jobs:
            await answer(reply, lambda _: notice(say("Nothing is under way.")))
            return
        views = [await self._view(job) for job in jobs[:AT_MOST]]
        more = max(0, len(jobs) - AT_MOST)
        await answer(
            reply,
            lambda with_prompts: unfinished_view(
                views, more, viewer=viewer, with_prompts=with_prompts, say=say
            ),
        )

    @app_commands.command(name="show", description="All about one picture")
    @app_commands.describe(job="Type a part of its prompt, and pick it from the list")
    async def show(self, interaction: Interaction, job: str) -> None:
        """All that is known of a job, with its pictures as they are kept."""
        with alone(interaction.user.id):
            await self._show(interaction, job)

    async def _show(self, interaction: Interaction, job: str) -> None:
        reply = await self._acknowledged(interaction)
        if reply is None:
            return
        found = await self._find(interaction, job)
        shown = await self._view(found)
        viewer, say = interaction.user.id, own_words(interaction)
        guild_id = found.origin.guild_id
        has_gallery = guild_id is not None and self.bot.guild_settings.settings(guild_id).gallery_id
        shareable = bool(has_gallery) and guild_id == interaction.guild_id

        def build(pictures: Sequence[str], note: str, with_prompt: bool) -> ui.LayoutView:
            return job_view(
                shown,
                pictures,
                viewer=viewer,
                note=note,
                with_prompt=with_prompt,
                say=say,
                rows=rows(of_shown(found, say, viewer=viewer, shareable=shareable, is_kept=bool(pictures))),
            )

        if found.state is JobState.DONE:
            await self._shelf.show(reply, found, build, file_limit=interaction.filesize_limit)
        else:
            await answer(reply, partial(build, (), ""))

    @app_commands.command(name="cancel", description="Cancel a picture that is under way")
    @app_commands.describe(job="Type a part of its prompt, and pick it from the list")
    async def cancel(self, interaction: Interaction, job: str) -> None:
        """For the author and for moderators of the job's channel."""
        reply = await self._acknowledged(interaction)
        if reply is None:
            return
        found = await self._find(interaction, job)
        outcome = await self.bot.runner.cancel(found.id, by=interaction.user.id)
        log.info("job %s: cancelling by user %s: %s", found.id, interaction.user.id, outcome)
        await answer(reply, lambda _: notice(own_words(interaction)(CANCELLED[outcome])))

    @app_commands.command(name="history", description="Your finished pictures, newest first")
    @app_commands.describe(page="Page 1 has the newest", search="Only those with this in their prompt")
    async def history(
        self,
        interaction: Interaction,
        page: app_commands.Range[int, 1, PAGES] = 1,
        search: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """A page of finished jobs with small previews, and buttons to the other pages."""
        with alone(interaction.user.id):
            reply = await self._acknowledged(interaction)
            if reply is not None:
                await show_history(interaction, reply, page, search or "")

    @show.autocomplete("job")
    async def complete_any(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The asker's own, newest first; then, for staff, those of their channels."""
        return await self._choices(interaction, current, over=None)

    @cancel.autocomplete("job")
    async def complete_unfinished(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Those that can still be cancelled."""
        return await self._choices(interaction, current, over=False)

    # What they share ------------------------------------------------------------------------------------

    async def _acknowledged(self, interaction: Interaction) -> Reply | None:
        """The reply, to be edited; None if Discord did not take the acknowledgement."""
        try:
            made = await acknowledge(interaction, ephemeral=True)
        except FAULTS as error:
            log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
            return None
        return Reply(self.bot, origin_of(interaction, made.message_id, ephemeral=True), Known())

    async def _find(self, interaction: Interaction, typed: str) -> Job:
        """Raises RequestError, which is the same for a job that there is not and for somebody else's."""
        job_id = typed.strip().casefold()
        job: Job | None = None
        if re.fullmatch("[0-9a-f]{10}", job_id):
            runner = self.bot.runner
            job = await runner.store.get(job_id)
            if job is not None and job.ended_at is None and (job.state.is_end or job.state in SHOWING):
                await runner.settle(job_id, SETTLE_LIMIT)  # its card shows the end a moment before
                job = await runner.store.get(job_id)
        if job is None or not may_see(interaction, job):
            raise RequestError(sentence=UNKNOWN)
        return job

    async def _view(self, job: Job) -> View:
        """With what the queue tells, where this process has the job."""
        return await self.bot.runner.view(job.id) or View(job, expected=0.0)

    @property
    def _shelf(self) -> Shelf:
        runner = self.bot.runner
        return Shelf(runner.studio, keep_days=runner.limits.keep_pictures_days)

    async def _choices(
        self, interaction: Interaction, typed: str, *, over: bool | None
    ) -> list[app_commands.Choice[str]]:
        """At most CHOICES of the last BATCH jobs whose prompt holds what was typed, or whose id begins so."""
        store, viewer, wanted = self.bot.runner.store, interaction.user.id, typed.strip().casefold()
        say = own_words(interaction)
        try:
            jobs = await store.of_member(viewer, over=over, limit=BATCH)
            if interaction.guild_id is not None and moderates_somewhere(interaction):
                of_all = await store.of_guild(interaction.guild_id, over=over, limit=BATCH)
                jobs = [*jobs, *(job for job in of_all if job.origin.user_id != viewer)]
        except RepaintError as error:
            log.warning("no choices for interaction %s: %s", interaction.id, error)
            return []
        fitting = [
            job
            for job in jobs
            if may_see(interaction, job)
            and (over is None or job.state in CANCELLABLE)
            and (
                job.id.startswith(wanted)
                or (may_read(job, viewer) and wanted in f"{job.said}\n{job.request.prompt}".casefold())
            )
        ]
        return [
            app_commands.Choice(name=choice_name(job, viewer, say), value=job.id) for job in fitting[:CHOICES]
        ]


def may_see(interaction: Interaction, job: Job) -> bool:
    """Whether it is the asker's own, or one that everybody in its channel could see, for that one's staff."""
    origin = job.origin
    if job.deleted_by is not None:
        return False
    if origin.user_id == interaction.user.id:
        return True
    if origin.ephemeral or job.private_failure:
        return False
    return moderates(interaction, guild_id=origin.guild_id, channel_id=origin.channel_id)


async def walked(fetch: Lister) -> list[Job]:
    """All unfinished jobs of a list of the store's, newest first, up to WALKED."""
    jobs: list[Job] = []
    while len(jobs) < WALKED:
        batch = await fetch(over=False, limit=BATCH, before=jobs[-1].created_at if jobs else None)
        jobs += batch
        if len(batch) < BATCH:
            break
    return jobs


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    bot.add_dynamic_items(PageButton)
    await bot.add_cog(Jobs(bot))
