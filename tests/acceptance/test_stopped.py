"""A bot that is stopped (SIGSTOP) and goes on later, perhaps after another one has taken over its jobs."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.acceptance.asker import Asker
from tests.acceptance.house import no_traceback
from tests.acceptance.instants import (
    BROKEN,
    CARDS,
    CLIENT,
    MANUAL,
    PRIVATELY,
    STORE,
    Instant,
    bring,
    surprises,
)
from tests.acceptance.lasting import FAILED, UNCLEAR, Scene

INSTANTS = [
    Instant("repaint.jobs.intake:Intake._download after 1", role="member2"),
    Instant(f"{CLIENT}.upload before 1"),
    Instant(f"{STORE}.advance before 1 state=submitting"),
    Instant(f"{STORE}.advance after 1 state=submitting", UNCLEAR),
    Instant(f"{CLIENT}.submit after 1"),
    Instant(f"{STORE}.record_request before 1"),
    Instant(f"{STORE}.record_request after 1"),
    Instant(f"{CLIENT}.status before 1"),
    Instant(f"{CLIENT}.status after 1"),
    Instant(f"{CLIENT}.result after 1"),
    Instant(f"{CLIENT}.download before 1"),
    Instant("repaint.segmind.transfer:save after 1"),
    Instant(f"{STORE}.advance after 1 state=fetched"),
    Instant(f"{STORE}.advance after 1 state=delivering"),
    Instant(f"{CARDS}.deliver before 1"),
    Instant(f"{CARDS}.deliver after 1"),
    Instant(f"{STORE}.advance after 1 state=failed", FAILED, fault=BROKEN),
    Instant(f"{CARDS}.fail before 1", FAILED, fault=BROKEN),
    Instant(f"{CARDS}.fail after 1", FAILED, fault=BROKEN),
    Instant("repaint.ui.direct:DirectMessages.send before 1", options=PRIVATELY),
    Instant("repaint.ui.direct:DirectMessages.send after 1", options=PRIVATELY),
    Instant(f"{STORE}.get after 1 in=view", script=MANUAL),  # its card is about to be edited
    Instant("repaint.ui.reply:Reply.edit after 1", script=MANUAL),
    # Late, because the bot itself looks after jobs that nobody is at. This job's alone: an earlier one's edit
    # may have met the instant before, so that this would be the next one's.
    Instant(f"{STORE}.add after 1 prompt=23"),
]
MOMENTS = {  # when it goes on, and where it stood last: these two cannot be held, nothing else would go on
    "while the other is at them": Instant(f"{STORE}.claim after 1"),
    "after the other has done them": Instant(
        # This job's alone: the bot brings the one before it on by itself after a while.
        f"{CLIENT}.submit before 1 prompt={len(INSTANTS)}",
        UNCLEAR,
    ),
}


@pytest.mark.timeout(150)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_bot_that_was_stopped_past_its_lease_does_nothing_twice(
    tmp_path: Path, moment: str, small: bytes
) -> None:
    async with Scene.open(tmp_path, "postgresql") as scene, Asker(scene.house.discord) as asker:
        instants = [*INSTANTS, MOMENTS[moment]]
        picture = await asker.upload(small)
        first = await scene.start(*(instant.point for instant in instants), data="first", number="STOP")
        await bring(scene, asker, instants, picture)
        second = await scene.start(data="second")
        await scene.logged(second, "are taken up")
        if moment == "after the other has done them":
            await scene.over()
            await asker.until_done(await asker.ask(picture, "only the second can take it"))
        first.process.send_signal(signal.SIGCONT)
        await scene.logged(first, "another process may have this one's jobs by now")
        for number in range(3):
            await asker.until_done(await asker.ask(picture, f"whoever takes it: {number}"))
        await scene.over()
        fates = await scene.judged()
        assert surprises(fates[: len(instants)], instants) == []
        assert await asyncio.to_thread(second.stop) == 0
        await asker.until_done(await asker.ask(picture, "only the first is left"))
        await scene.over()
        await scene.judged()
        assert await asyncio.to_thread(first.stop) == 0
        for bot in (first, second):
            no_traceback(bot.said())


async def no_second_bot_starts(scene: Scene) -> None:
    """Neither with the same folder nor with the same file from another one."""
    file = scene.house.folder / "bot" / "repaint.db"
    for data, settings in (("bot", {}), ("another", {"DATABASE_URL": f"sqlite:///{file}"})):
        second = scene.house.start_bot(data=data, PYTHONWARNINGS="ignore", **settings)
        assert await asyncio.to_thread(second.process.wait, 20) == 2
        [sentence] = second.said().splitlines()
        assert sentence.startswith("Another bot is running")


async def test_a_bot_with_a_file_of_its_own_goes_on_where_it_was_stopped(
    tmp_path: Path, small: bytes
) -> None:
    points = [
        Instant("repaint.jobs.intake:Intake._download after 1", role="member2"),
        Instant(f"{CLIENT}.submit before 1"),
        Instant(f"{STORE}.record_request before 1"),
        Instant(f"{CLIENT}.download before 1"),
        Instant(f"{STORE}.advance after 1 state=delivering"),
        Instant("repaint.ui.reply:Reply.edit before 1", script=MANUAL),
        # This job's alone: the one before it goes on to its own submit.
        Instant(f"{CLIENT}.submit after 1 prompt=06"),
    ]
    async with Scene.open(tmp_path, "sqlite") as scene, Asker(scene.house.discord) as asker:
        picture = await asker.upload(small)
        bot = await scene.start(*(instant.point for instant in points), number="STOP")
        await bring(scene, asker, points, picture)
        await no_second_bot_starts(scene)
        bot.process.send_signal(signal.SIGCONT)
        await scene.over()
        fates = await scene.judged()
        assert surprises(fates, points) == []
        await asker.until_done(await asker.ask(picture, "the next one"))
        assert await asyncio.to_thread(bot.stop) == 0
        no_traceback(bot.said())
