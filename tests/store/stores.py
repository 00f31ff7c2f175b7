"""Databases and stores for tests, and made-up jobs for them."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import asyncpg

from repaint.models import ApiState, Job, JobState, Request
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.leases import Lease
from repaint.store.queue import ClaimLimits
from repaint.store.seal import Seal
from tests.unit.jobs import ORIGIN, make_job

NO_LIMITS = ClaimLimits()
numbers = itertools.count(1)


async def new_database(server: str) -> str:
    """The address of an empty database."""
    name = f"test{next(numbers)}"
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return f"{server}/{name}"


async def open_store(
    database: Database,
    folder: Path,
    secret: str = "bot token",  # noqa: S107  # made up
) -> JobStore:
    """What a process of its own would have."""
    return JobStore(database, await Lease.take(database), Seal(secret), folder)


def some_job(*, guild: int | None = 44, user: int = 22, work: float = 1.0, **changes: Any) -> Job:
    """A job of its own interaction, as it was just accepted, with these fields changed."""
    number = next(numbers)
    job = make_job(
        id=f"{number:010x}",
        created_at=1000.0 + number,
        request=Request(prompt="a cat", seed=7, steps=round(20 * work)),
        origin=dataclasses.replace(ORIGIN, interaction_id=number, guild_id=guild, user_id=user),
    )
    return dataclasses.replace(job, **changes)


async def queued(store: JobStore, *, guild: int | None = 44, user: int = 22, work: float = 1.0) -> Job:
    """A job that waits in the queue."""
    job = some_job(guild=guild, user=user, work=work)
    await store.add(job)
    waiting = await store.advance(job.id, JobState.RECEIVED, state=JobState.QUEUED, queued_at=job.created_at)
    assert waiting is not None
    return waiting


async def claim(store: JobStore, limits: ClaimLimits = NO_LIMITS, now: float = 5000.0) -> Job | None:
    return (await store.claim(limits, now)).job


async def running(store: JobStore, request_id: str, *, submitted_at: float = 4000.0, **whose: Any) -> Job:
    """A job that the API has. Nothing else may wait in the queue."""
    job = await queued(store, **whose)
    assert await claim(store) is not None
    await store.advance(job.id, JobState.QUEUED, state=JobState.SUBMITTING, submitted_at=submitted_at)
    found = await store.record_request(job.id, request_id, ApiState.QUEUED, submitted_at)
    assert found is not None
    return found


async def over(store: JobStore, state: JobState, ended_at: float, **fields: Any) -> Job:
    """A job that ended in this state."""
    job = some_job()
    await store.add(job)
    ended = await store.advance(job.id, JobState.RECEIVED, state=state, ended_at=ended_at, **fields)
    assert ended is not None
    return ended
