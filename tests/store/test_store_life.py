"""The steps of a job's life, and who may take them. On both databases."""

import asyncio
import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa

from repaint.errors import AlreadyAccepted
from repaint.models import ApiState, Job, JobState
from repaint.store import keeping
from repaint.store.jobs import JobStore
from repaint.store.tables import jobs
from tests.store.stores import claim, open_store, over, queued, running, some_job


async def test_a_job_is_accepted_once_for_each_interaction(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    with pytest.raises(AlreadyAccepted):
        await store.add(dataclasses.replace(some_job(), origin=job.origin))
    assert await store.get(job.id) == job
    assert await store.get("0000000000") is None


async def test_a_step_happens_from_the_expected_states_only(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    assert await store.advance(job.id, JobState.QUEUED, note="no") is None
    assert await store.advance("0000000000", JobState.RECEIVED, note="no") is None
    after = await store.advance(job.id, JobState.QUEUED, JobState.RECEIVED, note="yes")
    assert after == dataclasses.replace(job, note="yes")
    assert await store.get(job.id) == after


async def test_a_step_may_be_repeated_when_its_outcome_was_open(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    for _ in range(2):
        after = await store.advance(
            job.id, JobState.RECEIVED, JobState.FAILED, state=JobState.FAILED, failure="no"
        )
        assert after is not None
        assert after.state is JobState.FAILED


async def test_a_job_that_is_over_changes_no_more(store: JobStore) -> None:
    job = await over(store, JobState.DONE, ended_at=2000.0)
    assert await store.advance(job.id, JobState.DONE, note="late") is None
    assert await store.end_cancelled(job.id, 5, [JobState.DONE]) is None


async def test_only_one_of_two_steps_at_once_happens(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    steps = [store.advance(job.id, JobState.RECEIVED, state=JobState.FAILED) for _ in range(10)]
    done = [after for after in await asyncio.gather(*steps) if after is not None]
    assert len(done) == 1


async def test_who_lost_a_job_can_change_nothing_but_record_its_request(
    store: JobStore, folder: Path
) -> None:
    job = await queued(store)
    await claim(store)
    await store.advance(job.id, JobState.QUEUED, state=JobState.SUBMITTING, submitted_at=1.0)
    await store.lease.release()
    winner = await open_store(store.database, folder)
    assert await winner.take_over(everything=False) == 1
    assert await store.advance(job.id, JobState.SUBMITTING, state=JobState.FAILED) is None
    assert (
        await winner.advance(job.id, JobState.SUBMITTING, state=JobState.UNKNOWN, unknown_at=2.0) is not None
    )

    found = await store.record_request(job.id, "req-1", ApiState.QUEUED, 1.5)
    assert found is not None
    assert (found.state, found.request_id, found.submitted_at) == (JobState.RUNNING, "req-1", 1.5)
    assert await store.advance(job.id, JobState.RUNNING, note="mine again") is not None
    assert await winner.advance(job.id, JobState.RUNNING, note="no longer") is None


async def test_a_late_answer_revives_a_job_that_was_given_up(store: JobStore) -> None:
    job = await over(store, JobState.UNKNOWN, ended_at=2000.0)
    found = await store.record_request(job.id, "req-1", ApiState.PROCESSING, 1500.0)
    assert found is not None
    assert (found.state, found.ended_at, found.claimed) == (JobState.RUNNING, None, True)
    assert found.origin.token == job.origin.token


async def test_a_request_is_recorded_once_and_may_be_recorded_again(store: JobStore) -> None:
    job = await running(store, "req-1")
    assert await store.record_request(job.id, "req-2", ApiState.QUEUED, 1.0) is None
    assert await store.record_request(job.id, "req-1", ApiState.QUEUED, 1.0) == job
    assert await store.get(job.id) == job
    assert await store.record_request("0000000000", "req-3", ApiState.QUEUED, 1.0) is None


async def test_a_request_belongs_to_one_job(store: JobStore) -> None:
    await running(store, "req-1")
    job = some_job()
    await store.add(job)
    assert await store.record_request(job.id, "req-1", ApiState.QUEUED, 1.0) is None
    assert await store.get(job.id) == job


async def test_a_cancelled_job_keeps_its_request_in_mind(store: JobStore) -> None:
    job = await queued(store)
    await claim(store)
    await store.advance(job.id, JobState.QUEUED, state=JobState.SUBMITTING, submitted_at=1.0)
    await store.end_cancelled(job.id, 5, [JobState.SUBMITTING])
    assert await store.record_request(job.id, "req-1", ApiState.QUEUED, 1.5) is None
    found = await store.get(job.id)
    assert found is not None
    assert (found.state, found.request_id, found.ended_at) == (JobState.CANCELLED, "req-1", None)
    assert found.claimed, "the API works on"


async def test_anybody_may_cancel_and_then_has_to_tell(store: JobStore, folder: Path) -> None:
    job = await queued(store)
    other = await open_store(store.database, folder)
    assert await other.end_cancelled(job.id, 5, [JobState.RUNNING]) is None
    cancelled = await other.end_cancelled(job.id, 5, [JobState.QUEUED])
    assert cancelled is not None
    assert (cancelled.state, cancelled.cancelled_by, cancelled.ended_at) == (JobState.CANCELLED, 5, None)
    assert await store.advance(job.id, JobState.CANCELLED, ended_at=2.0) is None
    assert await other.advance(job.id, JobState.CANCELLED, ended_at=2.0) is not None


async def taking_room(store: JobStore, state: JobState) -> Job:
    """A job in this state that took up room at the API."""
    job = await queued(store)
    await claim(store)
    if state is not JobState.QUEUED:
        after = await store.advance(job.id, JobState.QUEUED, state=state)
        assert after is not None
        assert after.claimed
        return after
    return job


@pytest.mark.parametrize("state", [JobState.SUBMITTING, JobState.RUNNING, JobState.UNKNOWN])
async def test_the_room_of_a_cancelled_job_is_taken_until_the_api_is_through(
    store: JobStore, state: JobState
) -> None:
    job = await taking_room(store, state)
    cancelled = await store.end_cancelled(job.id, 5, [state])
    assert cancelled is not None
    assert cancelled.claimed
    ended = await store.advance(job.id, JobState.CANCELLED, ended_at=3.0)
    assert ended is not None
    assert ended.claimed
    await store.release(job.id)
    found = await store.get(job.id)
    assert found is not None
    assert not found.claimed


async def test_a_job_cancelled_before_it_was_sent_leaves_its_room(store: JobStore) -> None:
    job = await taking_room(store, JobState.QUEUED)
    cancelled = await store.end_cancelled(job.id, 5, [JobState.QUEUED])
    assert cancelled is not None
    assert not cancelled.claimed


@pytest.mark.parametrize("end", [JobState.FETCHED, JobState.DONE, JobState.FAILED])
async def test_room_is_left_when_the_api_is_through(store: JobStore, end: JobState) -> None:
    job = await taking_room(store, JobState.RUNNING)
    after = await store.advance(job.id, JobState.RUNNING, state=end)
    assert after is not None
    assert not after.claimed


async def test_a_lost_submit_takes_room_until_it_is_given_up(store: JobStore) -> None:
    job = await taking_room(store, JobState.UNKNOWN)
    ended = await store.advance(job.id, JobState.UNKNOWN, ended_at=3.0)
    assert ended is not None
    assert not ended.claimed


async def test_a_job_is_repeated_once(store: JobStore) -> None:
    old = await over(store, JobState.FAILED, ended_at=2000.0)
    new = some_job(retry_of=old.id)
    assert await store.retry(old.id, new)
    found = await store.get(old.id)
    assert found is not None
    assert found.retried_as == new.id
    assert await store.get(new.id) == new
    assert not await store.retry(old.id, some_job())


@pytest.mark.parametrize("state", [JobState.DONE, JobState.RECEIVED])
async def test_what_went_well_or_is_under_way_is_not_repeated(store: JobStore, state: JobState) -> None:
    job = some_job()
    await store.add(job)
    if state is JobState.DONE:
        await store.advance(job.id, JobState.RECEIVED, state=state, ended_at=1.0)
    new = some_job()
    assert not await store.retry(job.id, new)
    assert not await store.retry("0000000000", new)
    assert await store.get(new.id) is None


async def test_a_failed_job_is_not_repeated_before_it_was_told(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    await store.advance(job.id, JobState.RECEIVED, state=JobState.FAILED)
    assert not await store.retry(job.id, some_job())


async def test_a_retry_whose_interaction_has_a_job_changes_nothing(store: JobStore) -> None:
    old = await over(store, JobState.FAILED, ended_at=2000.0)
    with pytest.raises(AlreadyAccepted):
        await store.retry(old.id, dataclasses.replace(some_job(), origin=old.origin))
    assert await store.get(old.id) == old


async def test_a_cancelled_waiter_tears_no_step(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    for number in range(20):
        task = asyncio.ensure_future(store.advance(job.id, JobState.RECEIVED, note=str(number)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert await store.advance(job.id, JobState.RECEIVED, note="the last") is not None
    rows = await store.database.read(lambda c: c.execute(sa.select(jobs.c.id)).all())
    assert len(rows) == 1


async def test_a_step_that_has_begun_is_brought_to_its_end(store: JobStore) -> None:
    loop = asyncio.get_running_loop()
    begun = asyncio.Event()

    def step(c: sa.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        keeping.set_fact(c, "step", "done")

    task = asyncio.ensure_future(store.database.write(step))
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    async with asyncio.timeout(10):
        while await store.fact("step") != "done":  # noqa: ASYNC110  # nobody waits for it any more
            await asyncio.sleep(0.01)
