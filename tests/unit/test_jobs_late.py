"""Who waited for long is called to the picture, once, and only where that is wanted and seen by others."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from repaint.errors import DeliveryError
from repaint.jobs.late import LONG
from repaint.models import Job, JobState
from tests.unit.runner_house import RunnerHouse, a_job, house_of


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunnerHouse:
    return house_of(monkeypatch, tmp_path)


def _wanting(house: RunnerHouse, waited: float = LONG, **origin: Any) -> Job:
    """A job whose asker wants to be called and was waiting for so long when it began."""
    job = dataclasses.replace(a_job(), mention=True, created_at=house.clock.time() - waited)
    return dataclasses.replace(job, origin=dataclasses.replace(job.origin, **origin))


def _done(house: RunnerHouse, job: Job) -> Job:
    house.run(lambda: house.accept(job))
    return house.store.jobs[job.id]


def test_after_a_long_wait_the_asker_is_called_when_the_job_is_over(house: RunnerHouse) -> None:
    async def over() -> None:
        job = house.store.jobs["job1"]
        assert (job.state, job.mention) == (JobState.DONE, False)  # both are committed before it is sent
        assert job.ended_at is not None

    house.before["mention"] = over
    _done(house, _wanting(house))
    assert [job.id for job in house.mentioned] == ["job1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"waited": 0},
        {"ephemeral": True},
        {"guild_id": None},
    ],
)
def test_nobody_is_called_after_a_short_wait_or_in_private(
    house: RunnerHouse, changes: dict[str, Any]
) -> None:
    assert _done(house, _wanting(house, **changes)).state is JobState.DONE
    assert house.mentioned == []


def test_nobody_is_called_who_does_not_want_it(house: RunnerHouse) -> None:
    _done(house, dataclasses.replace(_wanting(house), mention=False))
    assert house.mentioned == []


def test_nobody_is_called_to_a_picture_that_came_directly(house: RunnerHouse) -> None:
    house.faults["deliver"] = [DeliveryError("gone")]
    _done(house, _wanting(house))
    assert len(house.direct) == 1
    assert house.mentioned == []


@pytest.mark.parametrize("error", [DeliveryError("no"), RuntimeError("unforeseen")])
def test_a_call_that_fails_is_not_repeated_and_the_job_stays_done(
    house: RunnerHouse, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    house.faults["mention"] = [error]
    assert _done(house, _wanting(house)).state is JobState.DONE
    assert house.calls.count("mention") == 1
    assert house.failed == []
    assert "is not called" in caplog.text


def test_a_call_that_takes_long_holds_nothing_up(house: RunnerHouse) -> None:
    async def story() -> None:
        held = asyncio.Event()

        async def hold() -> None:
            await held.wait()

        house.before["mention"] = hold
        await house.runner.accept(_wanting(house))
        await house.until(lambda: house.store.jobs.are_over("job1"))
        await house.until(lambda: "mention" in house.calls)
        assert not house.runner._own  # its room is free
        held.set()
        await house.until_idle()

    house.run(story)
    assert len(house.mentioned) == 1
