"""Jobs whose input is another job's picture: its input once more, or its result."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from repaint.errors import WorkerError
from repaint.models import Job, JobState, Taken
from tests.unit.runner_house import ATTACHED, RESULT, RunnerHouse, a_job, house_of


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunnerHouse:
    return house_of(monkeypatch, tmp_path)


def _taking(output: int | None) -> Job:
    """A second job, which takes a picture of the first."""
    return dataclasses.replace(a_job(2), takes=Taken("job1", output))


def _input_of(house: RunnerHouse, job_id: str) -> bytes:
    kept = house.store.jobs[job_id].input
    assert kept is not None
    return kept.path.read_bytes()


@pytest.mark.parametrize(("output", "content"), [(None, ATTACHED), (0, RESULT)])
def test_another_jobs_picture_is_taken_without_asking_discord_for_it(
    house: RunnerHouse, output: int | None, content: bytes
) -> None:
    async def story() -> None:
        await house.accept(a_job(1))
        await house.accept(_taking(output))

    house.run(story)
    assert house.calls.count("fetch") == 1
    assert _input_of(house, "job2") == content
    assert house.store.jobs["job2"].state is JobState.DONE


@pytest.mark.parametrize("output", [None, 0])
def test_where_that_picture_is_gone_the_attachment_is_fetched(house: RunnerHouse, output: int | None) -> None:
    async def story() -> None:
        await house.accept(a_job(1))
        for path in (house.folder / "job1").iterdir():
            path.unlink()
        await house.accept(_taking(output))

    house.run(story)
    assert house.calls.count("fetch") == 2
    assert house.store.jobs["job2"].state is JobState.DONE


def test_a_result_that_there_never_was_is_not_taken_for_another(house: RunnerHouse) -> None:
    async def story() -> None:
        await house.accept(a_job(1))
        await house.accept(_taking(3))

    house.run(story)
    assert house.calls.count("fetch") == 2


def test_the_pictures_of_a_deleted_job_are_not_taken_any_more(house: RunnerHouse) -> None:
    async def story() -> None:
        await house.accept(a_job(1))
        house.store.jobs["job1"] = dataclasses.replace(house.store.jobs["job1"], deleted_by=22)
        await house.accept(_taking(None))

    house.run(story)
    assert house.calls.count("fetch") == 2


def test_a_worker_that_fails_does_not_put_another_picture_in_the_place(house: RunnerHouse) -> None:
    async def story() -> None:
        await house.accept(a_job(1))
        house.faults["normalise"] = [WorkerError()]
        await house.accept(_taking(0))

    house.run(story)
    assert house.calls.count("fetch") == 1
    assert house.store.jobs["job2"].state is JobState.FAILED


def test_the_price_of_what_comes_is_learned_from_what_was_paid(house: RunnerHouse) -> None:
    house.run(lambda: house.accept(a_job(1)))
    assert house.runner._tools.prices.expected(4) == pytest.approx(0.04)
