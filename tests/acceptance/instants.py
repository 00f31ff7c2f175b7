"""Instants at which a bot is killed or stopped, and how a job is taken to each of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tests.acceptance.asker import Asker
from tests.acceptance.house import Program, until
from tests.acceptance.lasting import DONE, Fate, Scene

STORE = "repaint.store.jobs:JobStore"
CLIENT = "repaint.segmind.client:SegmindClient"
CARDS = "repaint.ui.presenter:CardPresenter"
BROKEN = {"route": "submit", "status": 500}  # surely not accepted, and the person is told
MANUAL = {"inference_seconds": "manual"}  # the API keeps it until the bot is gone
PRIVATELY = {"private": True, "age": 880}  # its token is over, so that the picture goes directly
GONE = os.WEXITED | os.WSTOPPED | os.WNOWAIT  # killed or stopped; whoever waits for it still learns it
LATE = 4.0  # seconds after which the history has a request's body
SECONDS = 25.0  # until a job is at its instant


@dataclass(frozen=True)
class Instant:
    """Where a job is held, how it must end after the next start, and what brings it there."""

    point: str
    end: str = DONE
    fault: dict[str, Any] = field(default_factory=dict)  # at the API
    script: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)  # of the command
    discord: dict[str, Any] = field(default_factory=dict)  # a fault there
    role: str = "member"  # who asks: an input that is held keeps the next one of the same member waiting

    @property
    def is_at_the_card(self) -> bool:
        """Whether it is beside the job's own way: an edit of its card, or the look that comes before one."""
        return ":Reply." in self.point or " in=view" in self.point


async def bring(scene: Scene, asker: Asker, instants: Sequence[Instant], picture: str) -> None:
    """Ask for a job for each instant, one after another as they get there, until the bot is gone."""
    bot = scene.house.bot
    assert bot is not None
    for number, instant in enumerate(instants):
        scene.house.script(
            **{"inference_seconds": 0, "history_body_seconds": LATE} | instant.script,
            faults=[instant.fault] if instant.fault else [],
        )
        if instant.discord:
            scene.house.fault(**instant.discord)
        prompt = f"{number:02} {instant.point}"
        interaction = await asker.person.command(
            instant.role, asker.channel, "img2img", image=picture, prompt=prompt, **instant.options
        )
        try:
            async with asyncio.timeout(SECONDS):
                await _met(scene, bot, instant, prompt, is_last=number + 1 == len(instants))
        except TimeoutError:
            pytest.fail(f"job {prompt!r} did not get to its instant\n{scene.house.logs()}")
        assert (await asker.acknowledged(interaction))["status"] == "acknowledged"
    scene.house.script(inference_seconds=0, faults=[])


async def _met(scene: Scene, bot: Program, instant: Instant, prompt: str, *, is_last: bool) -> None:
    """Wait until a job is held at its instant, or, at the last one, until the bot is gone."""
    if is_last:
        await asyncio.to_thread(os.waitid, os.P_PID, bot.process.pid, GONE)
        return
    line = await asyncio.to_thread(bot.output.readline)
    assert line == f"held {instant.point}\n", f"{line!r} {scene.house.logs()}"
    if instant.is_at_the_card:  # its job goes on: its submit is not to be taken for a later one's
        await until(partial(scene.house.accepted, prompt), SECONDS)


def surprises(fates: Sequence[Fate], instants: Sequence[Instant]) -> list[str]:
    """The jobs that ended otherwise than their instants let expect."""
    return [
        f"{fate.row.prompt}: {fate.row.state}, {len(fate.requests)} requests, {fate.told}"
        for fate, instant in zip(fates, instants, strict=True)
        if fate.end != instant.end
    ]
