"""A runner with made-up neighbours, by a quick clock."""

# ruff: noqa: ASYNC240  # the files here hold a few bytes

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from repaint.errors import RepaintError
from repaint.jobs import poller, repeat, runner, submitter
from repaint.jobs.book import Book
from repaint.jobs.durations import Durations
from repaint.jobs.intake import Intake
from repaint.jobs.runner import Limits, Runner
from repaint.jobs.studio import Studio
from repaint.models import ApiState, Attachment, Job, Output, Picture, Request, Result, Status, Submitted
from repaint.segmind.client import SegmindClient
from tests.unit.quick_time import Clock

ATTACHED = b"an attached picture"
RESULT = b"a repainted picture"


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
        for module in (runner, submitter, poller, repeat):
            monkeypatch.setattr(module, "time", self.clock)
        for module in (submitter, poller, repeat):
            monkeypatch.setattr(module, "random", lambda: 0.5)
        self.faults: dict[str, list[BaseException | None]] = {}
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}  # done before a call's answer
        self.calls: list[str] = []
        self.submits: list[tuple[float, Request, str]] = []
        self.state = ApiState.COMPLETED
        self.error = ""
        self.outputs: tuple[Output, ...] = (Output(url="https://example.com/1.png"),)
        self.limits_asked: list[int] = []
        self.shown: list[Job] = []
        self.delivered: list[Job] = []
        self.failed: list[tuple[Job, RepaintError]] = []
        self.refused: list[tuple[Job, RepaintError]] = []
        self.ended = asyncio.Event()
        self.book = Book()
        self.durations = Durations()
        self.runner = Runner(
            book=self.book,
            client=cast(SegmindClient, self),
            intake=cast(Intake, self),
            studio=cast(Studio, self),
            presenter=self,
            durations=self.durations,
            folder=folder,
            limits=Limits(jobs_at_once=jobs_at_once, jobs_per_member=jobs_per_member),
        )

    def run(self, story: Callable[[], Awaitable[None]]) -> None:
        """Let the runner run while the story goes on."""

        async def work() -> None:
            running = asyncio.create_task(self.runner.run())
            try:
                await story()
            finally:
                running.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await running

        self.clock.run(work())

    async def accept(self, *jobs: Job) -> None:
        """Take jobs in and wait until every one has ended."""
        for job in jobs:
            await self.runner.accept(job)
        await self.until(lambda: len(self.ends) >= len(jobs))
        await self.until_idle()

    async def until(self, check: Callable[[], bool]) -> None:
        while not check():
            self.ended.clear()
            await self.ended.wait()

    async def until_idle(self) -> None:
        """Until every stage that was begun has ended."""
        while self.runner._tasks:
            await asyncio.wait(self.runner._tasks)

    @property
    def ends(self) -> list[Job]:
        return self.delivered + [job for job, _ in self.failed + self.refused]

    async def _call(self, name: str) -> None:
        self.calls.append(name)
        self.ended.set()
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

    async def submit(self, request: Request, image: str) -> Submitted:
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

    # The intake and the studio

    async def fetch(self, attachment: Attachment, target: Path) -> None:
        assert attachment.url
        await self._call("fetch")
        target.write_bytes(ATTACHED)

    async def normalise(self, source: Path, target: Path) -> Picture:
        assert source.read_bytes() == ATTACHED
        await self._call("normalise")
        path = target.with_suffix(".png")
        path.write_bytes(ATTACHED)
        return Picture(path, "image/png", 64, 64, len(ATTACHED))

    async def finish(self, job: Job, limit: int) -> tuple[tuple[Picture, ...], str]:
        assert all(path.read_bytes() == RESULT for path in job.results)
        assert job.engine == "preview"
        self.limits_asked.append(limit)
        await self._call("finish")
        return tuple(Picture(path, "image/png", 64, 64, min(limit, 4000)) for path in job.results), "smaller"

    # The presenter

    def show(self, job: Job) -> None:
        self.shown.append(job)

    async def deliver(self, job: Job) -> None:
        await self._call("deliver")
        self.delivered.append(job)
        self.ended.set()

    async def fail(self, job: Job, error: RepaintError) -> None:
        await self._call("fail")
        self.failed.append((job, error))
        self.ended.set()

    async def refuse(self, job: Job, error: RepaintError) -> None:
        await self._call("refuse")
        self.refused.append((job, error))
        self.ended.set()


def house_of(monkeypatch: pytest.MonkeyPatch, folder: Path, **options: Any) -> RunnerHouse:
    return RunnerHouse(monkeypatch, folder / "pictures", **options)
