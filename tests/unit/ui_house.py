"""A presenter whose replies note what they are told instead of asking Discord, by a quick clock."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from repaint.jobs.presenter import View
from repaint.models import ApiState, GuildSettings, Job, JobState, Origin
from repaint.ui import presenter, progress, reply
from repaint.ui.presenter import CardPresenter
from repaint.ui.reply import Build, Known, Reply
from tests.unit.jobs import make_job
from tests.unit.quick_time import Clock

Trouble = Callable[[], Awaitable[None]]
DISCORD_EPOCH = 1_420_070_400  # seconds
START = 1_800_000_000.0  # when the clock begins; snowflakes hold moments after Discord's own epoch


@dataclasses.dataclass
class Edit:
    at: float
    job: str
    text: str
    files: int


def job_id(number: int) -> str:
    return f"{number:010x}"


def snowflake(moment: float) -> int:
    return int((moment - DISCORD_EPOCH) * 1000) << 22


def asked_at(moment: float, **changes: Any) -> Origin:
    """The origin of a command that was given at this moment."""
    return dataclasses.replace(make_job().origin, interaction_id=snowflake(moment), **changes)


def make_card_job(state: JobState = JobState.RUNNING, number: int = 1, **changes: Any) -> Job:
    changes.setdefault("origin", asked_at(START))
    return make_job(**({"id": job_id(number), "state": state} | changes))


def failing(error: Exception) -> Trouble:
    async def fail() -> None:
        raise error

    return fail


def lasting(seconds: float) -> Trouble:
    async def last() -> None:
        await asyncio.sleep(seconds)

    return last


async def fine() -> None:
    """No trouble at all."""


class WallClock(Clock):
    """Its time of day is later than Discord's epoch; its loop's stays small, lest small steps get lost."""

    def time(self) -> float:
        return START + self.seconds

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return self.now - 1_000_000.0


class UiHouse:
    """The presenter with its desk; `jobs` is what the desk has, `extras` what else a card says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = WallClock()
        self.edits: list[Edit] = []
        self.private: list[str] = []
        self.troubles: list[Trouble] = []  # what the next edits meet
        self.private_trouble: Exception | None = None
        self.by_bot = False
        self.jobs: dict[str, Job] = {}
        self.extras: dict[str, Any] = {}
        self.views = 0
        self.view_troubles: list[Exception] = []
        self.withdrawals: list[str] = []
        house = self

        class NotingReply(Reply):
            @property
            def by_bot(self) -> bool:
                return house.by_bot or super().by_bot

            async def edit(
                self,
                build: Build,
                files: Sequence[tuple[Path, str]] = (),
                *,
                tries: int = 6,
            ) -> None:
                assert self.reachable
                view = build(not self.known.hides_prompt)
                if house.troubles:
                    try:
                        await house.troubles.pop(0)()
                    except KnownTrouble as trouble:
                        trouble.act(self.known)
                        raise trouble.error from None
                text = str(view.to_components())  # type: ignore[no-untyped-call]
                house.edits.append(Edit(house.seconds, _job_of(house, self), text, len(files)))

            async def replace_privately(self, sentence: str) -> None:
                if house.private_trouble:
                    raise house.private_trouble
                house.private.append(sentence)

        for module in (progress, reply):
            monkeypatch.setattr(module, "time", self.clock)
        monkeypatch.setattr(presenter, "Reply", NotingReply)
        self.online = asyncio.Event()
        self.online.set()
        self.gallery_id: int | None = None
        settings = SimpleNamespace(settings=lambda _: GuildSettings(gallery_id=house.gallery_id))
        self.presenter = CardPresenter(
            cast(Any, SimpleNamespace(online=self.online, guild_settings=settings))
        )

    @property
    def seconds(self) -> float:
        return round(self.clock.seconds, 3)

    async def view(self, job_id: str) -> View | None:
        self.views += 1
        if self.view_troubles:
            raise self.view_troubles.pop(0)
        job = self.jobs.get(job_id)
        return None if job is None else View(job, **({"expected": 7.5} | self.extras))

    async def withdrawn(self, job_id: str) -> None:
        self.withdrawals.append(job_id)

    def show(self, job: Job) -> None:
        """The desk has a job like this now, and says so."""
        self.jobs[job.id] = job
        self.presenter.show(job.id)

    def processing(self, number: int = 1, **changes: Any) -> Job:
        return make_card_job(
            number=number,
            api_state=ApiState.PROCESSING,
            submitted_at=self.clock.time(),
            processing_at=self.clock.time(),
            **changes,
        )

    def run(self, story: Callable[[], Awaitable[None]]) -> None:
        """Let the presenter run while the story goes on."""

        async def work() -> None:
            running = asyncio.create_task(self.presenter.run(self))
            await story()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

        self.clock.run(work())


class KnownTrouble(Exception):
    """A trouble by which something becomes known of a reply."""

    def __init__(self, act: Callable[[Known], None], error: Exception) -> None:
        super().__init__()
        self.act = act
        self.error = error


def _job_of(house: UiHouse, reply: Reply) -> str:
    """By the origin: a reply does not know its job."""
    origin = reply._origin
    return next((job.id for job in house.jobs.values() if job.origin is origin), "")


def http_error(
    status: int, code: int, kind: type[discord.HTTPException] = discord.HTTPException
) -> discord.HTTPException:
    response = cast(Any, SimpleNamespace(status=status, reason="no"))
    return kind(response, {"code": code, "message": "no"})
