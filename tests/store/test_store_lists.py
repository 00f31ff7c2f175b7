"""Looking jobs up, and keeping house. On both databases."""

import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from repaint.models import Job, JobState
from repaint.store import keeping
from repaint.store.jobs import JobStore
from repaint.store.lists import Duration, Unfinished
from repaint.store.tables import jobs
from tests.store.stores import claim, open_store, over, queued, running, some_job


async def test_what_is_mine_comes_with_the_oldest_submit_first(store: JobStore, folder: Path) -> None:
    late = await running(store, "req-1", submitted_at=50.0)
    early = await running(store, "req-2", submitted_at=40.0, user=5, work=2.0)
    told = some_job()
    await store.add(told)
    await store.advance(told.id, JobState.RECEIVED, state=JobState.FAILED, failure="It failed.")
    await over(store, JobState.DONE, ended_at=1.0)
    assert await store.mine() == [
        Unfinished(early.id, JobState.RUNNING, "req-2", 40.0, True, 5, 2.0),
        Unfinished(late.id, JobState.RUNNING, "req-1", 50.0, True, 22, 1.0),
        Unfinished(told.id, JobState.FAILED, None, None, False, 22, 1.0),
    ]
    other = await open_store(store.database, folder)
    assert await other.mine() == []


async def test_which_requests_are_held(store: JobStore) -> None:
    await running(store, "req-1")
    await running(store, "req-2")
    asked = ["req-1", "req-2", *(f"other-{number}" for number in range(1200))]
    assert await store.held_request_ids(asked) == {"req-1", "req-2"}
    assert await store.held_request_ids([]) == set()


async def test_durations_are_those_of_finished_jobs_the_newest_last(store: JobStore) -> None:
    for moment in (3.0, 1.0, 2.0):
        await over(store, JobState.DONE, ended_at=moment, api_seconds=10 + moment, work_seconds=moment)
    await over(store, JobState.DONE, ended_at=4.0)
    await over(store, JobState.FAILED, ended_at=5.0, api_seconds=9.0)
    await over(store, JobState.DONE, ended_at=6.0, api_seconds=16.0)
    assert await store.durations(3) == [
        Duration(12.0, 2.0, 1.0),
        Duration(13.0, 3.0, 1.0),
        Duration(16.0, None, 1.0),
    ]


async def test_lists_come_newest_first_and_page_by_page(store: JobStore) -> None:
    mine = [some_job(user=7, guild=1 + number % 2) for number in range(6)]
    for job in mine:
        await store.add(job)
    await store.add(some_job(user=8, guild=3))
    newest = mine[::-1]
    assert await store.of_member(7) == newest
    assert await store.of_member(7, limit=2) == newest[:2]
    assert await store.of_member(7, limit=2, before=newest[1].created_at) == newest[2:4]
    assert await store.of_guild(1) == [job for job in newest if job.origin.guild_id == 1]
    assert await store.of_guild(99) == []


async def test_lists_tell_what_is_over(store: JobStore) -> None:
    ended = await over(store, JobState.DONE, ended_at=1.0)
    going = some_job()
    await store.add(going)
    assert await store.of_member(22, over=True) == [ended]
    assert await store.of_member(22, over=False) == [going]
    assert await store.of_guild(44, over=True) == [ended]


async def test_finished_jobs_are_counted_and_come_newest_first_by_pages(store: JobStore) -> None:
    done = [await over(store, JobState.DONE, ended_at=float(number)) for number in range(5)]
    await over(store, JobState.FAILED, ended_at=9.0)
    await running(store, "req-1")
    newest = done[::-1]
    assert await store.finished_of(22, limit=2, offset=0) == newest[:2]
    assert await store.finished_of(22, limit=2, offset=2) == newest[2:4]
    assert await store.finished_of(22, limit=2, offset=4) == newest[4:]
    assert await store.finished_of(7, limit=2, offset=0) == []
    assert [await store.count_finished(user) for user in (22, 7)] == [5, 0]
    assert await store.count_finished(22, at_most=3) == 3


async def test_lists_read_only_what_they_show(store: JobStore) -> None:
    """By the plans: those of a database that has no statistics yet, and where no table is too small."""
    asked: list[tuple[str, Any]] = []

    def note(c: sa.Connection, _: Any, statement: str, parameters: Any, *__: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        await store.of_guild(44, over=False)
        await store.of_member(22, over=False)
        await store.finished_of(22, limit=4)
        await store.count_finished(22)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    used = [await store.database.read(_plan, *each) for each in asked if " jobs" in each[0]]
    assert [
        name in plan
        for plan, name in zip(
            used,
            (
                "jobs_unfinished_of_guild",
                "jobs_unfinished",  # PostgreSQL has the choice between two that are as good
                "jobs_finished_of_member",
                "jobs_finished_of_member",
            ),
            strict=True,
        )
    ] == [True] * 4, used
    if not store.is_shared:
        assert "jobs_unfinished_by_age_of_member" in used[1]


def _plan(c: sa.Connection, statement: str, parameters: Any) -> str:
    if c.dialect.name == "postgresql":
        c.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(row[-1] for row in c.exec_driver_sql(f"EXPLAIN {statement}", parameters))
    return "\n".join(row[-1] for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))


async def test_facts_are_remembered_and_forgotten(store: JobStore) -> None:
    assert await store.fact("told") is None
    for value in ({"sentence": "No credits.", "at": 5.0}, [1, "two"], True):
        await store.set_fact("told", value)
        assert await store.fact("told") == value
    await store.set_fact("told", None)
    assert await store.fact("told") is None


async def test_the_jobs_of_a_process_that_is_gone_are_taken_over(store: JobStore, folder: Path) -> None:
    await running(store, "req-1")
    claimed = await queued(store)
    await claim(store)
    other = await open_store(store.database, folder)
    if store.is_shared:
        assert await other.take_over(everything=False) == 0, "it is still there"
    await store.lease.release()
    assert await other.take_over(everything=False) == 2
    assert await other.take_over(everything=False) == 0
    assert [each.id for each in await other.mine()][1:] == [claimed.id]
    again = await claim(other)
    assert again is not None
    assert again.id == claimed.id, "it waits in the queue again"
    assert await store.mine() == []


@pytest.mark.parametrize("everything", [True, False])
async def test_a_take_over_of_many(store: JobStore, folder: Path, everything: bool) -> None:
    count = 2 * keeping.BATCH + 5
    for _ in range(count):
        await store.add(some_job())
    await store.lease.release()
    other = await open_store(store.database, folder)
    assert await other.take_over(everything=everything) == count
    assert len(await other.mine()) == count


async def test_the_room_of_a_cancelled_job_is_free_when_its_process_is_gone(
    store: JobStore, folder: Path
) -> None:
    job = await running(store, "req-1")
    await store.end_cancelled(job.id, 1, [JobState.RUNNING])
    ended = await store.advance(job.id, JobState.CANCELLED, ended_at=2.0)
    assert ended is not None
    assert ended.claimed
    await store.lease.release()
    other = await open_store(store.database, folder)
    assert await other.take_over(everything=True) == 0
    found = await other.get(job.id)
    assert found is not None
    assert not found.claimed


async def left(store: JobStore) -> set[str]:
    return set(await store.database.read(lambda c: c.scalars(sa.select(jobs.c.id)).all()))


async def test_folders_go_before_rows(store: JobStore) -> None:
    ancient = await over(store, JobState.DONE, ended_at=10.0)
    old = await over(store, JobState.FAILED, ended_at=20.0)
    new = await over(store, JobState.DONE, ended_at=30.0)
    going = some_job()
    await store.add(going)
    everyone = {job.id for job in (ancient, old, new, going)}

    gone = await store.sweep(rows_before=15.0, pictures_before=25.0)
    assert gone == [ancient.id, old.id]
    assert await store.sweep(rows_before=15.0, pictures_before=25.0) == gone, "until it is told"
    assert await left(store) == everyone
    await store.folders_gone(gone)
    assert await store.sweep(rows_before=15.0, pictures_before=25.0) == []
    assert await left(store) == everyone - {ancient.id}


async def test_a_revived_job_is_not_swept(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    assert await store.sweep(rows_before=1e12, pictures_before=1e12) == []
    assert await left(store) == {job.id}


async def test_dead_tokens_are_cleared(store: JobStore) -> None:
    async def token(age: float) -> str:
        job: Job = some_job(created_at=time.time() - age)
        await store.add(job)
        await store.sweep(0.0, 0.0)
        found = await store.get(job.id)
        assert found is not None
        return found.origin.token

    assert await token(age=15 * 60) == "secret-token"
    assert await token(age=17 * 60) == ""


async def test_which_ids_belong_to_a_job(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    assert await store.known([job.id, *(f"{number:010x}" for number in range(1, 1200))]) == {job.id}
    assert await store.known([]) == set()
