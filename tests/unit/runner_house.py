"""A runner with made-up neighbours, by a quick clock."""

# ruff: noqa: ASYNC240  # the files here hold a few bytes

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from repaint.jobs import (
    account,
    breaker,
    course,
    deliverer,
    ending,
    fetcher,
    keeper,
    late,
    poller,
    preparer,
    reconciler,
    repeat,
    submitter,
)
from repaint.jobs.durations import Durations
from repaint.jobs.intake import Intake
from repaint.jobs.runner import Runner
from repaint.jobs.studio import Studio
from repaint.jobs.tools import Limits, Tools
from repaint.models import (
    ApiState,
    Attachment,
    HistoryRow,
    Job,
    JobState,
    Output,
    Picture,
    Request,
    Result,
    Status,
    Submitted,
)
from repaint.segmind.client import SegmindClient
from repaint.store.jobs import JobStore
from repaint.store.queue import ClaimLimits
from tests.unit.jobs import make_job
from tests.unit.memory_store import MemoryStore
from tests.unit.quick_time import Clock

ATTACHED = b"an attached picture"
RESULT = b"a repainted picture"
TIMED = (
    *(account, breaker, course, deliverer, ending, fetcher, keeper, late),
    *(poller, preparer, reconciler, repeat, submitter),
)


def a_job(number: int = 1, samples: int = 1, user_id: int = 22) -> Job:
    """A job as a command makes it; `number` is its seed."""
    job = make_job(id=f"job{number}", request=Request(prompt="a cat", seed=number, samples=samples))
    origin = dataclasses.replace(job.origin, interaction_id=number, user_id=user_id)
    return dataclasses.replace(job, origin=origin)


class RunnerHouse:
    """The runner's neighbours all in one. What `faults[call]` holds is raised instead of an answer."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        folder: Path,
        *,
        jobs_at_once: int = 8,
        jobs_per_member: int = 0,
    ) -> None:
        self.clock = Clock()
        self.folder = folder
        folder.mkdir()
        for module in TIMED:
            if hasattr(module, "time"):
                monkeypatch.setattr(module, "time", self.clock)
            if hasattr(module, "random"):
                monkeypatch.setattr(module, "random", lambda: 0.5)
        self.faults: dict[str, list[BaseException | None]] = {}
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}  # done before a call's answer
        self.calls: list[str] = []
        self.submits: list[tuple[float, Request, str]] = []
        self.state = ApiState.COMPLETED
        self.error = ""
        self.outputs: tuple[Output, ...] = (Output(url="https://example.com/1.png"),)
        self.rows: list[HistoryRow] = []  # what the request history holds
        self.balance = 10.0
        self.gone = False  # the reply was deleted
        self.limits_asked: list[int] = []
        self.shown: list[Job] = []
        self.delivered: list[Job] = []
        self.direct: list[Job] = []  # delivered by direct message
        self.failed: list[tuple[Job, str]] = []
        self.refused: list[tuple[Job, str]] = []
        self.cancelled_cards: list[Job] = []
        self.told_directly: list[tuple[Job, str]] = []
        self.operator: list[str] = []
        self.mentioned: list[Job] = []
        self.changed = asyncio.Event()
        self.store = MemoryStore(folder)
        self.durations = Durations()
        self.limits = Limits(
            claims=ClaimLimits(at_once=jobs_at_once, per_guild=0, per_member=0, per_minute=0),
            jobs_per_member=jobs_per_member,
        )
        self.start()

    def start(self) -> None:
        """A new process: nothing is left of the last one but the store and the pictures."""
        self.runner = Runner(
            Tools(
                store=cast(JobStore, self.store),
                client=cast(SegmindClient, self),
                intake=cast(Intake, self),
                studio=cast(Studio, self),
                presenter=self,
                durations=self.durations,
                folder=self.folder,
                limits=self.limits,
            )
        )

    def run(self, story: Callable[[], Awaitable[None]]) -> None:
        """Let the runner run while the story goes on."""

        async def work() -> None:
            async with self.running():
                await story()

        self.clock.run(work())

    @contextlib.asynccontextmanager
    async def running(self) -> Any:
        """The runner runs inside; at the end it is broken off, as by a kill."""
        self.changed = asyncio.Event()
        await self.runner.open()
        running = asyncio.create_task(self.runner.run())
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

    async def accept(self, *jobs: Job) -> None:
        """Take jobs in and wait until every one is over."""
        for job in jobs:
            await self.runner.accept(job)
        await self.until_over(*(job.id for job in jobs))

    async def until_over(self, *job_ids: str) -> None:
        await self.until(lambda: self.store.jobs.are_over(*job_ids))
        await self.until_idle()

    async def until(self, check: Callable[[], bool]) -> None:
        """Look ever less often: by the quick clock it costs nothing, but a look does."""
        pause = 0.02
        while not check():
            await asyncio.sleep(pause)
            pause = min(1.02 * pause, 10)

    async def until_idle(self) -> None:
        """Until every stage that was begun has ended."""
        while tasks := list(self.runner._course._stages._tasks):
            await asyncio.wait(tasks)

    @property
    def ends(self) -> list[Job]:
        return self.delivered + self.direct + [job for job, _ in self.failed + self.refused]

    async def _call(self, name: str) -> None:
        self.calls.append(name)
        if act := self.before.get(name):
            await act()
        if faults := self.faults.get(name):
            fault = faults.pop(0)
            if fault is not None:
                raise fault

    # The image API

    async def upload(self, path: Path, media_type: str) -> str:
        assert path.exists()
        await self._call("upload")
        return f"https://example.com/{path.parent.name}.{media_type.partition('/')[2]}"

    async def submit(self, request: Request, image: str, *, may_send: Callable[[], bool]) -> Submitted:
        assert may_send()
        self.submits.append((self.clock.now, request, image))
        await self._call("submit")
        return Submitted(f"request-{request.seed}", ApiState.QUEUED)

    async def status(self, request_id: str) -> Status:
        await self._call("status")
        return Status(request_id, self.state, self.error)

    async def result(self, request_id: str) -> Result:
        await self._call("result")
        return Result(
            request_id, self.outputs, cost=0.01, inference_time=3.0, queue_time=1.0, engine="preview"
        )

    async def download(self, output: Output, target: Path, limit: int) -> int:
        assert output in self.outputs
        assert limit > 0
        await self._call("download")
        return target.write_bytes(RESULT)

    async def history(self, page: int = 1, *_: object, **__: object) -> list[HistoryRow]:
        await self._call("history")
        return self.rows if page == 1 else []

    async def credits(self) -> float:
        await self._call("credits")
        return self.balance

    async def alive(self) -> None:
        await self._call("alive")

    # The intake and the studio

    async def fetch(self, attachment: Attachment, target: Path) -> None:
        assert attachment.url
        await self._call("fetch")
        target.write_bytes(ATTACHED)

    async def normalise(self, source: Path, target: Path) -> Picture:
        content = source.read_bytes()
        assert content in (ATTACHED, RESULT)
        await self._call("normalise")
        path = target.with_suffix(".png")
        path.write_bytes(content)
        return Picture(path, "image/png", 64, 64, len(content))

    async def finish(self, job: Job, limit: int) -> tuple[tuple[Picture, ...], str]:
        assert all(path.read_bytes() == RESULT for path in job.results)
        assert job.engine == "preview"
        self.limits_asked.append(limit)
        await self._call("finish")
        return tuple(Picture(path, "image/png", 64, 64, min(limit, 4000)) for path in job.results), "smaller"

    # The presenter

    def show(self, job_id: str) -> None:
        self.shown.append(self.store.jobs[job_id])

    def forget(self, job_id: str) -> None:
        assert job_id

    async def is_gone(self, job: Job) -> bool:
        await self._call("is_gone")
        return self.gone

    async def deliver(self, job: Job) -> None:
        await self._call("deliver")
        self.delivered.append(job)

    async def deliver_directly(self, job: Job, *, again: bool = False) -> None:
        await self._call("deliver_directly")
        self.direct.append(job)

    async def fail(self, job: Job, sentence: str) -> None:
        await self._call("fail")
        self.failed.append((job, sentence))

    async def refuse(self, job: Job, sentence: str) -> None:
        await self._call("refuse")
        self.refused.append((job, sentence))

    async def cancelled(self, job: Job) -> None:
        await self._call("cancelled")
        self.cancelled_cards.append(job)

    async def tell_directly(self, job: Job, sentence: str) -> None:
        await self._call("tell_directly")
        self.told_directly.append((job, sentence))

    async def mention(self, job: Job) -> None:
        await self._call("mention")
        self.mentioned.append(job)

    async def tell_operator(self, sentence: str) -> bool:
        await self._call("tell_operator")
        self.operator.append(sentence)
        return True


def house_of(monkeypatch: pytest.MonkeyPatch, folder: Path, **options: Any) -> RunnerHouse:
    return RunnerHouse(monkeypatch, folder / "pictures", **options)


def states(house: RunnerHouse, job_id: str) -> list[JobState]:
    """Every state that was committed for a job, in order."""
    return [state for each, state in house.store.history if each == job_id]
