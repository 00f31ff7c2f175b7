"""Made-up jobs for tests."""

import dataclasses
from pathlib import Path
from typing import Any

from repaint.models import Attachment, Job, JobState, Origin, Picture, Request

ORIGIN = Origin(
    interaction_id=1_300_000_000_000_000_000,
    application_id=11,
    token="secret-token",
    user_id=22,
    channel_id=33,
    guild_id=44,
    message_id=55,
    filesize_limit=10 * 2**20,
    bot_can_edit=True,
)


def make_job(**changes: Any) -> Job:
    """A job as it was just accepted, with these fields changed."""
    job = Job(
        id="job1",
        state=JobState.RECEIVED,
        request=Request(prompt="a cat", seed=7),
        attachment=Attachment("https://cdn.discordapp.com/x.png", "x.png", 100),
        origin=ORIGIN,
        created_at=1000.0,
    )
    return dataclasses.replace(job, **changes)


def make_picture(name: str = "finished-0.png", size: int = 1000) -> Picture:
    return Picture(Path(name), "image/png", 64, 64, size)
