"""Bots that are killed at random instants, many times, while jobs keep coming and the API has its faults.

TORTURE_KILLS says how many times (8), TORTURE_SEED repeats a run as far as two processes can be repeated.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.asker import Asker
from tests.acceptance.house import Program, no_traceback
from tests.acceptance.lasting import DATABASES, LEASE, Scene

KILLS = int(os.environ.get("TORTURE_KILLS", "8"))
JOBS_A_KILL = 5
SECONDS = 60.0 + 6 * KILLS
FAULTS: list[dict[str, Any]] = [
    {"route": "submit", "drop": "before"},
    {"route": "submit", "drop": "after"},
    {"route": "submit", "status": 429},
    {"route": "submit", "status": 502},
    {"route": "submit", "delay": 0.8},
    {"route": "upload", "drop": "before"},
    {"route": "upload", "delay": 0.5},
    {"route": "status", "status": 502},
    {"route": "status", "drop": "after", "times": 2},
    {"route": "result", "drop": "before"},
    {"route": "result", "delay": 0.5},
    {"route": "output", "drop": "before"},
    {"route": "output", "delay": 0.5},
    {"route": "history", "status": 502},
    {"route": "history", "drop": "after"},
]


class Torture:
    """Everything that goes on at the same time, drawn with one seed."""

    def __init__(self, scene: Scene, asker: Asker, dice: random.Random, names: tuple[str, ...]) -> None:
        self._scene = scene
        self._asker = asker
        self._dice = dice
        self._names = names
        self.bots: dict[str, Program] = {}
        self.asked: dict[str, float] = {}  # the moment at which each interaction was begun
        self.violence: list[float] = []  # the moments of kills and stops
        self._up = asyncio.Event()  # some bot is there

    async def run(self, picture: str) -> None:
        for name in self._names:
            await self._start(name)
        async with asyncio.TaskGroup() as group:
            jobs = group.create_task(self._ask(picture))
            faults = group.create_task(self._spoil())
            for _ in range(KILLS):
                await asyncio.sleep(self._dice.uniform(0.1, 1.6))  # this is the random instant
                await self._hurt(self._dice.choice(self._names))
            await jobs
            faults.cancel()
        self._scene.house.script(faults=[], inference_seconds=0)

    async def _start(self, name: str) -> None:
        self.bots[name] = await self._scene.start(data=name, API_BREAKER_SECONDS="0.5")
        self._up.set()

    async def _hurt(self, name: str) -> None:
        """Kill a bot and start it anew; where there is another one, perhaps stop it past its lease."""
        bot = self.bots[name]
        self.violence.append(time.time())
        if len(self._names) > 1 and self._dice.random() < 0.3:
            bot.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(self._dice.uniform(0.5, 2 * LEASE))  # so long it stands still
            bot.process.send_signal(signal.SIGCONT)
            self.violence.append(time.time())
            return
        if len(self._names) == 1:
            self._up.clear()
        bot.kill()
        await self._start(name)

    async def _ask(self, picture: str) -> None:
        for number in range(KILLS * JOBS_A_KILL):
            await asyncio.sleep(self._dice.uniform(0.0, 0.35))  # people come when they come,
            await self._up.wait()  # and where there is a bot
            privately = {"private": True, "age": 880} if self._dice.random() < 0.1 else {}
            began = time.time()
            interaction = await self._asker.ask(picture, f"job {number:03}", **privately)
            self.asked[interaction] = began

    async def _spoil(self) -> None:
        """Now and then, a fault or two and another pace."""
        while True:
            pace = self._dice.choice([0, 0, 0.3, 1.0])
            faults = [self._dice.choice(FAULTS) for _ in range(self._dice.choice([0, 1, 2]))]
            self._scene.house.script(faults=faults, inference_seconds=pace, history_body_seconds=1.0)
            await asyncio.sleep(self._dice.uniform(0.2, 0.8))

    async def lost_acknowledgements(self) -> list[str]:
        """Commands that were acknowledged and have no job, although nothing fell in between."""
        accepted = {row.interaction_id for row in await self._scene.rows()}
        lost = []
        for interaction, began in self.asked.items():
            seen = await self._asker.acknowledged(interaction)
            excused = any(began - 0.5 < moment < began + 4 for moment in self.violence)
            if seen["status"] == "acknowledged" and int(interaction) not in accepted and not excused:
                lost.append(interaction)
        return lost


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("kind", DATABASES)
async def test_whatever_the_instant_no_job_is_lost_and_none_is_billed_twice(
    tmp_path: Path, kind: str, small: bytes
) -> None:
    seed = int(os.environ.get("TORTURE_SEED") or random.SystemRandom().randrange(2**32))
    names = ("bot",) if kind == "sqlite" else ("first", "second")
    async with Scene.open(tmp_path, kind) as scene, Asker(scene.house.discord) as asker:
        torture = Torture(scene, asker, random.Random(seed), names)
        picture = await asker.upload(small)
        async with asyncio.timeout(SECONDS):
            await torture.run(picture)
        rows = await scene.over()
        fates = await scene.fates()
        figures = (
            f"TORTURE_SEED={seed}: {len(torture.violence)} blows, {len(torture.asked)} commands, "
            f"{len(rows)} jobs, {scene.house.api_saw()['submits']} submits, "
            f"{sum(fate.bills for fate in fates)} bills, "
            f"ended as {dict(Counter(fate.end for fate in fates))}"
        )
        print(figures)  # noqa: T201  # shown where it fails
        await scene.judged(figures)
        assert await torture.lost_acknowledgements() == [], figures
        assert len(rows) >= len(torture.asked) - 2 * len(torture.violence), figures
        await asker.until_done(await asker.ask(picture, "the next one"))
        for bot in torture.bots.values():
            assert await asyncio.to_thread(bot.stop) == 0, figures
            no_traceback(bot.said())
