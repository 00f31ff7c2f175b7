"""A bot that is killed: whatever it had accepted is delivered once and paid once after the next start.

Each job is taken to one instant and held there; at the last one the process is killed, so that it leaves
every job where a kill at that very instant would have left it. `crashing_bot.py` does this.
"""

from __future__ import annotations

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
from tests.acceptance.lasting import DATABASES, FAILED, UNCLEAR, Scene

BEFORE_THE_SUBMIT = [
    Instant("repaint.jobs.intake:Intake.fetch before 1", role="member2"),
    Instant("repaint.jobs.intake:Intake._download after 1", role="moderator"),
    Instant("repaint.jobs.studio:Studio.normalise after 1", role="owner"),
    Instant(f"{CLIENT}.upload before 1"),
    Instant(f"{CLIENT}.upload after 1"),
]
AT_THE_SUBMIT = [
    Instant(f"{STORE}.advance before 1 state=submitting"),
    Instant(f"{STORE}.advance after 1 state=submitting", UNCLEAR),
    Instant(f"{CLIENT}.submit before 1", UNCLEAR),
    Instant(f"{CLIENT}.submit after 1"),
    Instant(f"{STORE}.record_request before 1"),
    Instant(f"{STORE}.record_request after 1"),
    Instant(f"{STORE}.advance after 1 state=unknown", fault={"route": "submit", "drop": "after"}),
    Instant(f"{STORE}.advance after 1 state=unknown", UNCLEAR, fault={"route": "submit", "drop": "before"}),
]
AFTER_THE_SUBMIT = [
    Instant(f"{CLIENT}.status before 2", script={"inference_seconds": 1.0}),
    Instant(f"{CLIENT}.status after 1"),
    Instant(f"{STORE}.advance after 1 api_state=COMPLETED"),
    Instant(f"{CLIENT}.result after 1"),
    Instant(f"{CLIENT}.download before 1"),
    Instant("repaint.segmind.transfer:save after 1"),  # all of it, under another name
    Instant(f"{STORE}.advance after 1 state=fetched"),
    Instant("repaint.jobs.studio:Studio.finish after 1"),
    Instant(f"{STORE}.advance after 1 state=delivering"),
    Instant(f"{CARDS}.deliver after 1"),
    Instant(f"{STORE}.advance after 1 state=done"),
]
ENDS = [
    Instant(f"{STORE}.advance after 1 state=failed", FAILED, fault=BROKEN),
    Instant(f"{CARDS}.fail before 1", FAILED, fault=BROKEN),
    Instant(f"{CARDS}.fail after 1", FAILED, fault=BROKEN),
    Instant("repaint.ui.direct:DirectMessages.send before 1", options=PRIVATELY),
    Instant("repaint.ui.direct:DirectMessages.send after 1", options=PRIVATELY),
]
AT_THE_CARD = [
    Instant("repaint.ui.reply:Reply.edit before 1", script=MANUAL),
    Instant("repaint.ui.reply:Reply._edit_once after 1", script=MANUAL),
    Instant("repaint.ui.reply:Reply.edit after 1", script=MANUAL),
]
# What is under way at Discord or at the API when the process ends, and takes effect there later.
SLOW = {"kind": "rest", "has_files": True, "delay": 2.5}  # seconds: the next process has tried by then
ON_THE_WIRE = [
    Instant(f"{CARDS}.deliver during 1 0.2", discord=SLOW),
    Instant("repaint.ui.direct:DirectMessages.send during 1 0.2", options=PRIVATELY, discord=SLOW),
    # Late, because the bot itself looks after jobs that nobody is at.
    Instant(f"{STORE}.add after 1"),
    Instant(f"{CLIENT}.submit during 1 0.2", UNCLEAR, fault={"route": "submit", "delay": 1.5}),
]


@pytest.mark.timeout(150)
@pytest.mark.parametrize("kind", DATABASES)
async def test_a_kill_at_any_instant_neither_loses_a_job_nor_pays_it_twice(
    tmp_path: Path, kind: str, small: bytes
) -> None:
    instants = [*BEFORE_THE_SUBMIT, *AT_THE_SUBMIT, *AFTER_THE_SUBMIT, *ENDS, *AT_THE_CARD, *ON_THE_WIRE]
    async with Scene.open(tmp_path, kind) as scene, Asker(scene.house.discord) as asker:
        await scene.start(*(instant.point for instant in instants))
        await bring(scene, asker, instants, await asker.upload(small))
        bot = await scene.start()
        rows = await scene.over()
        assert len(rows) == len(instants)
        assert surprises(await scene.judged(), instants) == []
        assert bot.stop() == 0
        no_traceback(bot.said())
