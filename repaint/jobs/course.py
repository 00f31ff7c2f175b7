"""The course of a job: which part brings it from each state to the next.

RECEIVED               preparer     fetch and normalise the input
QUEUED                 submitter    claims it when it is its turn, uploads the input, POSTs
SUBMITTING             nobody       found so later, it becomes UNKNOWN
UNKNOWN                search       looks for it in the request history
RUNNING                poller       looks until the API says COMPLETED or FAILED; then the fetcher
FETCHED, DELIVERING    deliverer    hands the pictures to the presenter
FAILED, CANCELLED      ending       tells it, if that did not happen yet

Any stage can be begun from what the store has, so a start and a repetition need nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Collection, Iterable

from repaint.errors import OutOfCredits, RepaintError, ServiceError, SubmitUnknown
from repaint.jobs.account import Account
from repaint.jobs.breaker import Breaker
from repaint.jobs.deliverer import NEARLY_DONE, Deliverer
from repaint.jobs.ending import NOT_ENDED, Ending
from repaint.jobs.fetcher import Fetcher
from repaint.jobs.late import call_asker
from repaint.jobs.looks import Looks
from repaint.jobs.poller import LIFETIME, Poller
from repaint.jobs.preparer import Preparer
from repaint.jobs.repeat import through_storage
from repaint.jobs.search import Search
from repaint.jobs.stages import Stages
from repaint.jobs.submitter import Submitter
from repaint.jobs.tidy import tidy
from repaint.jobs.tools import Tools
from repaint.models import ApiState, Job, JobState, Status
from repaint.segmind.refusals import failed
from repaint.text import text

log = logging.getLogger(__name__)

TOO_DEAR = text(
    "This bot's credits at the image service do not suffice for this. "
    "Fewer pictures or steps may still work; otherwise please tell the person who runs the bot."
)
UNSENT = (JobState.RECEIVED, JobState.QUEUED)
LONG_WAIT = 0.05  # seconds in the queue after which it is looked whether anybody still wants the picture


class Course:
    """Moves jobs on. `over` is called with the id of each job that is over, or another process's by now;
    `withdrawn` with one whose reply was deleted before it was submitted."""

    def __init__(
        self,
        tools: Tools,
        breaker: Breaker,
        account: Account,
        over: Callable[[str], None],
        withdrawn: Callable[[str], Awaitable[None]],
    ) -> None:
        self._tools = tools
        self._store = tools.store
        self._presenter = tools.presenter
        self._account = account
        self._over = over
        self._withdrawn = withdrawn
        self._preparer = Preparer(tools)
        self.submitter = Submitter(tools, breaker, account, begin=self.begin)
        self._poller = Poller(Looks(tools.client, breaker), self._seen, self._lost, durations=tools.durations)
        self._fetcher = Fetcher(tools)
        self._deliverer = Deliverer(tools)
        self._ending = Ending(tools)
        self._search = Search(tools, again=self.begin_again, given_up=self._give_up)
        self._stages = Stages(self._fail, self._again)
        self._api_states: dict[str, ApiState] = {}  # as committed, lest each poll writes

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for part in (self.submitter, self._poller, self._search):
                group.create_task(part.run())

    async def finish(self, job_ids: Iterable[str], seconds: float | None = None) -> None:
        """Wait for the stages of these jobs, at most so many seconds."""
        await self._stages.finish(job_ids, seconds)

    async def stop(self, seconds: float | None = None) -> None:
        """Break all stages off, but store the answer to each POST in hand: it may be paid for."""
        await self._stages.stop()
        await self.submitter.finish(seconds)

    def reopen(self) -> None:
        """Begin stages again after `stop`."""
        self._stages.reopen()

    def begin(self, job: Job) -> None:
        """Bring a job on from the state that it is in."""
        self._stages.begin(job.id, self._on(job))

    def begin_again(self, job_id: str) -> None:
        """Bring a job on from wherever the store has it."""
        self._stages.begin(job_id, self._again(job_id))

    def watch(self, job_id: str, request_id: str, submitted_at: float | None, work: float) -> None:
        """Poll for a request that the API has."""
        self._poller.watch(job_id, request_id, submitted_at=submitted_at or time.time(), work=work)

    def cares_for(self, job_id: str) -> bool:
        """Whether any part is at a job; one that waits for its turn needs none."""
        return self._stages.count(job_id) > 0 or job_id in self._poller or job_id in self._search

    def let_go(self, job_id: str) -> None:
        """No part looks after a job any more."""
        self._poller.forget(job_id)
        self._search.forget(job_id)
        self._api_states.pop(job_id, None)
        self._presenter.forget(job_id)
        self._over(job_id)

    async def _again(self, job_id: str) -> None:
        """Bring a job on from wherever the store has it, unless another stage is at it by now."""
        job = await self._store.get(job_id)
        if job is None or job.ended_at is not None:
            await self._drop(job_id)
        elif self._stages.count(job_id) < 2:
            await self._on(job)

    async def _on(self, job: Job) -> None:
        if job.ended_at is not None:
            return
        match job.state:
            case JobState.RECEIVED:
                await self._prepare(job)
            case JobState.QUEUED:
                if job.claimed:
                    await self._submit(job)
                else:
                    self._presenter.show(job.id)
                    self.submitter.wake()
            case JobState.SUBMITTING:
                await self._look_for(job, SubmitUnknown("found in the middle of a submit"))
            case JobState.UNKNOWN if not job.failure:
                await self._search.begin(job)
            case JobState.RUNNING if job.request_id is not None:
                self.watch(job.id, job.request_id, job.submitted_at, job.request.work)
                self._presenter.show(job.id)
            case JobState.FETCHED | JobState.DELIVERING:
                await self._deliver(job)
            case _:
                await self._tell(job)

    async def _prepare(self, job: Job) -> None:
        queued = await self._preparer.prepare(job)  # a picture that is refused leaves no card
        if queued is None:
            return
        self._account.check()  # those that wait fail with it, so this one too
        await self._on(queued)

    async def _submit(self, job: Job) -> None:
        if job.input is None or not job.input.path.exists():  # another machine had it
            await self._store.advance(job.id, JobState.QUEUED, state=JobState.RECEIVED, claimed=False)
            await self._again(job.id)
            return
        waited = time.time() - (job.queued_at or time.time())
        if waited >= LONG_WAIT and await self._presenter.is_gone(job):
            await self._withdrawn(job.id)
            return
        try:
            running = await self.submitter.submit(job)
        except SubmitUnknown as error:
            await self._look_for(job, error)
            return
        except ServiceError as error:
            self._stages.begin(job.id, self._out_of_service(error, job.origin.user_id))
            if isinstance(error, OutOfCredits) and job.request.work > 1:  # less may still be paid
                raise OutOfCredits(error.detail, sentence=TOO_DEAR) from error
            raise
        except RepaintError:
            raise
        except Exception as error:
            now = await self._store.get(job.id)
            if now is None or now.state is not JobState.SUBMITTING:
                raise
            log.exception("job %s: unforeseen in its submit", job.id)
            await self._look_for(job, SubmitUnknown(repr(error)))
            return
        if running is not None:
            log.info("job %s is request %s", job.id, running.request_id)
            await self._on(running)
        else:
            await self._leave_to_the_api(job.id)

    async def _leave_to_the_api(self, job_id: str) -> None:
        """A job that was cancelled during its submit takes up room for as long as the API works on it."""
        job = await self._store.get(job_id)
        if job is None or job.state is not JobState.CANCELLED:
            return
        if job.request_id is not None:
            self.watch(job.id, job.request_id, job.submitted_at, job.request.work)
        else:
            await self._drop(job_id)

    async def _out_of_service(self, error: ServiceError, user_id: int) -> None:
        """A submit was refused. If the account is why, those who wait in vain learn it, and the operator."""
        most = await self._account.met(error, user_id)
        for one in await self._store.mine() if most < math.inf else []:
            if one.state in UNSENT and one.work > most:
                self._stages.begin(one.id, self._fail(one.id, type(error)(error.detail), UNSENT))
        if self._account.is_to_be_told:
            advice = self._account.advice
            await self._account.told()  # before it is done: two jobs may meet it at the same moment
            await self._presenter.tell_operator(advice)

    async def _look_for(self, job: Job, error: SubmitUnknown) -> None:
        """The answer to a submit is lost. It is never repeated; perhaps the history knows the request."""
        unknown = await self._store.advance(
            job.id, JobState.SUBMITTING, state=JobState.UNKNOWN, unknown_at=time.time(), note=""
        )
        self.submitter.wake()
        if unknown is None:
            await self._leave_to_the_api(job.id)
            return
        log.warning("job %s is looked for: %s", job.id, error)
        await self._search.begin(unknown)

    def _give_up(self, job_id: str) -> None:
        unknown = SubmitUnknown("not in the request history")
        self._stages.begin(job_id, self._fail(job_id, unknown, (JobState.UNKNOWN,)))

    def _seen(self, job_id: str, status: Status) -> None:
        if status.state is ApiState.COMPLETED:
            self._stages.begin(job_id, self._fetch(job_id, status))
        elif status.state is ApiState.FAILED:
            self._stages.begin(job_id, self._fail(job_id, failed(status.error)))
        elif self._api_states.get(job_id) is not status.state:
            self._api_states[job_id] = status.state
            self._stages.begin(job_id, self._show_state(job_id, status.state))

    def _lost(self, job_id: str, error: RepaintError) -> None:
        self._stages.begin(job_id, self._fail(job_id, error))

    async def _show_state(self, job_id: str, state: ApiState) -> None:
        changes = {"processing_at": time.time()} if state is ApiState.PROCESSING else {}
        if await self._store.advance(job_id, JobState.RUNNING, api_state=state, **changes):
            self._presenter.show(job_id)

    async def _fetch(self, job_id: str, status: Status) -> None:
        self._api_states.pop(job_id, None)
        job = await self._store.advance(job_id, JobState.RUNNING, api_state=ApiState.COMPLETED)
        if job is None:
            await self._drop(job_id)
            return
        until = (job.submitted_at or job.created_at) + LIFETIME
        fetched = await through_storage(lambda: self._fetcher.fetch(job, status), until=until)
        self.submitter.wake()
        if fetched is None:
            await self._drop(job_id)
        else:
            await self._deliver(fetched)

    async def _deliver(self, job: Job) -> None:
        if not all(path.exists() for path in job.results):  # another machine had them
            running = await self._store.advance(job.id, *NEARLY_DONE, state=JobState.RUNNING, results=())
            if running is not None:
                await self._on(running)
            return
        done = await through_storage(lambda: self._deliver_as_it_is(job.id), until=time.time() + LIFETIME)
        if done is not None:
            await self._forget(done)
            await call_asker(self._tools, done)

    async def _deliver_as_it_is(self, job_id: str) -> Job | None:
        job = await self._store.get(job_id)
        return await self._deliverer.deliver(job) if job is not None and job.state in NEARLY_DONE else None

    # Ends -----------------------------------------------------------------------------------------------

    async def _fail(
        self, job_id: str, error: RepaintError, from_states: Collection[JobState] = NOT_ENDED
    ) -> None:
        over = await self._ending.fail(job_id, error, from_states)
        self.submitter.wake()
        if over is not None:
            await self._forget(over)
        else:
            await self._drop(job_id)

    async def _drop(self, job_id: str) -> None:
        """What the API had to say of a job came too late for it: a cancelled one leaves its room there."""
        job = await self._store.get(job_id)
        if job is not None and job.state is JobState.CANCELLED:
            await self._store.release(job_id)
            self.submitter.wake()
        if job is None or job.ended_at is not None:
            self.let_go(job_id)
        if job is not None and job.ended_at is not None:
            tidy(self._tools.folder, job)

    async def _tell(self, job: Job) -> None:
        self.submitter.wake()
        over = await self._ending.tell(job)
        if over is not None:
            await self._forget(over)

    async def _forget(self, job: Job) -> None:
        if job.state is JobState.CANCELLED and job.unknown_at is not None and job.request_id is None:
            await self._store.release(job.id)  # nobody looks for it any more
            self.submitter.wake()
        elif job.state is JobState.CANCELLED and job.claimed:
            self._presenter.forget(job.id)  # it takes up room at the API still
            tidy(self._tools.folder, job)
            return
        self.let_go(job.id)
        tidy(self._tools.folder, job)
