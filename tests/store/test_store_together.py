"""Several processes on one PostgreSQL database, claiming and taking over at the same time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from repaint.models import Job, JobState
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.queue import ClaimLimits
from tests.store.stores import claim, open_store, queued, some_job


@pytest.fixture
async def stores(postgres_url: str, folder: Path) -> AsyncIterator[list[JobStore]]:
    """Each with connections and a lease of its own."""
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await open_store(await stack.enter_async_context(Database.open(postgres_url)), folder)
            for _ in range(3)
        ]


async def all_claims(store: JobStore, limits: ClaimLimits) -> list[Job]:
    found: list[Job] = []
    while (job := await claim(store, limits)) is not None:
        found.append(job)
    return found


async def test_no_job_is_claimed_twice(stores: list[JobStore]) -> None:
    waiting = [await queued(store, guild=number % 5) for number in range(20) for store in stores]
    claims = await asyncio.gather(*(all_claims(store, ClaimLimits()) for store in stores for _ in range(3)))
    ids = [job.id for found in claims for job in found]
    assert sorted(ids) == sorted(job.id for job in waiting)


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (ClaimLimits(at_once=7), 7),
        (ClaimLimits(per_guild=3), 6),
        (ClaimLimits(per_member=2), 8),
        (ClaimLimits(per_minute=5), 5),
    ],
)
async def test_limits_are_exact_over_all(stores: list[JobStore], limits: ClaimLimits, most: int) -> None:
    for store in stores:
        for number in range(16):
            await queued(store, guild=1 + number % 2, user=1 + number % 4)
    claims = await asyncio.gather(*(all_claims(store, limits) for store in stores for _ in range(3)))
    assert sum(map(len, claims)) == most


async def test_jobs_may_come_go_and_be_claimed_all_at_once(stores: list[JobStore]) -> None:
    """Nothing is lost or waits for ever, and no two transactions block each other for good."""

    async def member(store: JobStore, user: int) -> None:
        for number in range(10):
            job = await queued(store, guild=user % 3, user=user)
            if number % 3 == 0:
                await store.end_cancelled(job.id, user, [JobState.QUEUED])

    async def worker(store: JobStore, stop: asyncio.Event) -> int:
        count = 0
        while True:
            stopping = stop.is_set()
            job = await claim(store)
            if job is not None:
                done = await store.advance(job.id, JobState.QUEUED, state=JobState.DONE, ended_at=1.0)
                count += done is not None
            elif stopping:
                return count
            else:
                await asyncio.sleep(0)

    stop = asyncio.Event()
    workers = [asyncio.ensure_future(worker(store, stop)) for store in stores for _ in range(2)]
    await asyncio.gather(*(member(stores[user % 3], user) for user in range(9)))
    stop.set()
    done = sum(await asyncio.gather(*workers))
    assert await claim(stores[0]) is None
    jobs = [job for user in range(9) for job in await stores[0].of_member(user)]
    assert len(jobs) == 90
    assert sum(job.state is JobState.DONE for job in jobs) == done
    assert all(job.state in (JobState.DONE, JobState.CANCELLED) for job in jobs)


async def test_two_that_take_over_share_the_jobs(stores: list[JobStore]) -> None:
    for _ in range(250):
        await stores[0].add(some_job())
    await stores[0].lease.release()
    taken = await asyncio.gather(*(store.take_over(everything=False) for store in stores[1:]))
    assert sum(taken) == 250
    assert [len(await store.mine()) for store in stores] == [0, *taken]
