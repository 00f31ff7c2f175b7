"""What commands, buttons and the start of the process have to do with jobs; see `course` for their way.

A process owns the unfinished jobs whose rows bear its lease. It takes over what a dead one left, and starts
over itself where it was away so long that another one may have done so.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections import Counter
from pathlib import Path

from repaint.errors import AlreadyAccepted, DatabaseAway, LeaseLost, Stopped, TooManyJobs
from repaint.jobs.account import Account
from repaint.jobs.breaker import Breaker
from repaint.jobs.course import Course
from repaint.jobs.deliverer import NEARLY_DONE
from repaint.jobs.desk import Outlook
from repaint.jobs.keeper import Keeper
from repaint.jobs.presenter import Cancelled, View
from repaint.jobs.tools import Tools
from repaint.models import Attachment, Job, JobState

log = logging.getLogger(__name__)

LAST_WORK = 8.0  # seconds at the end for uploads and answers in hand,
ANSWERS = 2.0  # of which these are for the answers to submits
ACCEPT_TRIES = 3
CANCELLABLE = (
    JobState.RECEIVED,
    JobState.QUEUED,
    JobState.SUBMITTING,
    JobState.UNKNOWN,
    JobState.RUNNING,
    JobState.FETCHED,
)


class Runner:
    """All jobs of this process."""

    def __init__(self, tools: Tools) -> None:
        self.store = tools.store
        self.studio = tools.studio
        self.limits = tools.limits
        self._tools = tools
        self._presenter = tools.presenter
        self._own: dict[str, int] = {}  # the unfinished jobs that this process cares for: whose they are
        self._members: Counter[int] = Counter()  # how many each member has of them
        self._uncared: set[str] = set()  # those of them that nothing was done about at the last look,
        self._strange: set[str] = set()  # and those that the database did not know as ours and unfinished
        self._breaker = Breaker(tools.limits.breaker_seconds)
        self._account = Account(tools.client, tools.store, cleared=self._wake)
        self._course = Course(
            tools, self._breaker, self._account, over=self._disown, withdrawn=self.withdrawn
        )
        self._keeper = Keeper(tools, self._take_up)
        self._desk = Outlook(tools, lambda: self._course.submitter.busy, self._own.__contains__)
        self._closed = False

    # Life of the runner ---------------------------------------------------------------------------------

    async def open(self) -> None:
        """Begin to own jobs, before the first command can come. Raises StorageError."""
        self._tools.durations.fill(await self.store.durations())
        await self._account.load()
        await self.store.take_over(everything=not self.store.is_shared)
        await self._take_up(at_start=True)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    for part in (
                        self._course.run(),
                        self._breaker.run(self._tools.client.alive),
                        self._account.run(),
                        self._keeper.run(),
                    ):
                        group.create_task(part)
            except* LeaseLost as lost:
                log.warning("another process may have this one's jobs by now: %r", lost)
            await self._start_over()

    async def _start_over(self) -> None:
        """Drop all that this process was at, and begin as one that was just started."""
        await self._course.stop()
        for job_id in list(self._own):
            self._course.let_go(job_id)
        while True:
            try:
                self.store.lease = await self.store.lease.anew()
                await self.store.take_over(everything=False)
                self._course.reopen()
                await self._take_up(at_start=True)
                return
            except DatabaseAway as error:
                log.warning("no new lease: %s", error)
                await asyncio.sleep(5)

    async def _take_up(self, *, at_start: bool = False) -> None:
        """Begin to care for those unfinished jobs of ours that no part of this process cares for.

        At the start these are all; later, those of a process that died, and any whose last commit had an
        open outcome.
        """
        begun = 0
        uncared, strange = self._uncared, self._strange
        self._uncared = set()
        mine = await self.store.mine()
        # Over by a commit whose answer was lost, or by another process: twice, lest it is just accepted.
        self._strange = {
            each for each in self._own.keys() - {one.id for one in mine} if not self._course.cares_for(each)
        }
        for job_id in strange & self._strange:
            self._course.let_go(job_id)
        for one in mine:
            waits = one.state is JobState.QUEUED and not one.claimed
            if one.id in self._own and (waits or self._course.cares_for(one.id)):
                continue
            if one.id in self._own and one.id not in uncared:  # perhaps just between two parts
                self._uncared.add(one.id)
                continue
            begun += 1
            self._own_it(one.id, one.user_id)
            if waits:
                self._presenter.show(one.id)
            elif at_start and one.state is JobState.RUNNING and one.request_id:  # thousands, perhaps
                self._course.watch(one.id, one.request_id, one.submitted_at, one.work)
                self._presenter.show(one.id)
            else:
                self._course.begin_again(one.id)
        if begun:
            log.info("%d jobs are taken up", begun)
        self._course.submitter.wake()

    async def close(self) -> None:
        """Take no more jobs, finish the uploads and the answers in hand, leave the rest to the next start."""
        self._closed = True
        end = time.monotonic() + LAST_WORK
        try:
            async with asyncio.timeout(LAST_WORK):
                near = [
                    one.id
                    for one in await self.store.mine()
                    if one.state in (*NEARLY_DONE, JobState.SUBMITTING) or one.state.is_end
                ]
                await self._course.finish(near, end - ANSWERS - time.monotonic())
        except (TimeoutError, DatabaseAway) as error:
            log.warning("what was in hand could not be finished: %r", error)
        await self._course.stop(max(1.0, end - time.monotonic()))
        try:
            async with asyncio.timeout(1):
                left = len(await self.store.mine())
                log.info("%d unfinished jobs are kept and go on at the next start", left)
                await self.store.lease.release()
        except (TimeoutError, DatabaseAway) as error:
            log.warning("the database is not there to leave it in order: %r; the next start does", error)

    # For commands and buttons ---------------------------------------------------------------------------

    def check(self, user_id: int) -> None:
        """Raise Stopped, TooManyJobs or the account's trouble where no job of this member's is accepted.

        It asks nobody: the acknowledgement comes before the database.
        """
        if self._closed:
            raise Stopped
        self._account.check()
        self._check_room(user_id)

    def _check_room(self, user_id: int) -> None:
        limit = self.limits.jobs_per_member
        if limit and self._members[user_id] >= limit:
            raise TooManyJobs(f"user {user_id} has {limit}")

    async def accept(self, job: Job) -> None:
        """Commit a job: from here on it ends in a delivery or in a sentence.

        Raises StorageError, AlreadyAccepted, and TooManyJobs: many commands may have passed `check` at once.
        """
        self._check_room(job.origin.user_id)
        self._own_it(job.id, job.origin.user_id)
        try:
            await self._add(job)
        except BaseException:
            self._disown(job.id)
            raise
        self._begin(job)

    async def _add(self, job: Job) -> None:
        for attempt in range(1, ACCEPT_TRIES + 1):
            try:
                await self.store.add(job)
                return
            except AlreadyAccepted:
                if await self.store.get(job.id) is None:  # else an earlier try took effect after all
                    raise
                return
            except DatabaseAway as error:
                if attempt == ACCEPT_TRIES:
                    raise
                log.warning("job %s: accepted again: %s", job.id, error)
                await asyncio.sleep(attempt / 2)

    async def retry(self, old_id: str, job: Job) -> bool:
        """Accept `job` in place of an old one that failed; False if that was done already, or is not over."""
        await self._course.finish([old_id], 3.0)  # its card may show Retry a moment before it is over
        self._check_room(job.origin.user_id)
        self._own_it(job.id, job.origin.user_id)
        try:
            is_taken = await self.store.retry(old_id, job)
        except BaseException:
            self._disown(job.id)
            raise
        if not is_taken:
            self._disown(job.id)
            return False
        self._begin(job)
        return True

    def _begin(self, job: Job) -> None:
        log.info("job %s accepted from user %s", job.id, job.origin.user_id)
        self._own_it(job.id, job.origin.user_id)
        self._course.begin(job)

    async def settle(self, job_id: str, seconds: float) -> None:
        """Wait for what this process has in hand for a job, at most so long."""
        await self._course.finish([job_id], seconds)

    async def cancel(self, job_id: str, *, by: int) -> Cancelled:
        """End a job that is not posted yet. What the API has cannot be stopped: its result is dropped."""
        job = await self.store.end_cancelled(job_id, by, CANCELLABLE)
        if job is None:
            known = await self.store.get(job_id)
            return Cancelled.UNKNOWN_JOB if known is None else Cancelled.TOO_LATE
        log.info("job %s cancelled by user %d", job_id, by)
        self._course.begin(job)
        return Cancelled.DROPPED if job.submitted_at else Cancelled.GONE

    async def delete(self, job_id: str, *, by: int) -> bool:
        """Take away pictures and prompt of a job that is over; False if that is done, or it is not over."""
        await self._course.finish([job_id], 3.0)  # its card may show the end a moment before it is over
        gone = await self.store.delete_pictures(job_id, by)
        for job in gone:
            log.info("job %s deleted by user %d", job.id, by)
            await asyncio.to_thread(shutil.rmtree, self._tools.folder / job.id, ignore_errors=True)
        return bool(gone)

    async def fetch(self, attachment: Attachment, target: Path) -> None:
        """Bring a picture here that is only looked at. Raises PictureError, StorageError."""
        await self._tools.intake.fetch(attachment, target)

    # The presenter's desk -------------------------------------------------------------------------------

    async def view(self, job_id: str) -> View | None:
        """What a card says; see `Outlook`."""
        return await self._desk.view(job_id)

    async def withdrawn(self, job_id: str) -> None:
        """The reply was deleted: nothing is spent on a picture that nobody wants any more."""
        job = await self.store.get(job_id)
        if job is not None and job.state in (JobState.RECEIVED, JobState.QUEUED):
            await self.cancel(job_id, by=0)

    # Ownership ------------------------------------------------------------------------------------------

    def _own_it(self, job_id: str, user_id: int) -> None:
        if job_id not in self._own:
            self._own[job_id] = user_id
            self._members[user_id] += 1

    def _disown(self, job_id: str) -> None:
        if (user_id := self._own.pop(job_id, None)) is not None:
            self._members[user_id] -= 1
            if not self._members[user_id]:
                del self._members[user_id]

    def _wake(self) -> None:
        self._course.submitter.wake()
