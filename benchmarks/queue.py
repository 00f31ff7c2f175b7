"""What the durable queue costs, on both databases: `python -m benchmarks.queue`.

Prints for 20,000 waiting jobs beside 200,000 that are over, in three shapes:

- spread       2,500 servers, eight waiting jobs each
- one server   all of one server, of 2,000 members
- held back    all of one server, and the one member in front, who has 19,000 of them, is at the limit of one
- claim        one `JobStore.claim`, with its commit
- position     one `JobStore.position`, which reads
- advance      CPU time of this process for one `JobStore.advance` (the server's is not in it)
- life         jobs a second through all the writes of a job's life, from acceptance to DONE, 20 at a time

Commits reach the disk: SQLite as the bot has it (synchronous=FULL), PostgreSQL with fsync. So the times are
the disk's too: a plain write with fsync is measured beside them. Where PostgreSQL is not installed, it is
left out.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.house import postgres_server
from repaint.models import ApiState, Job, JobState, Picture, Request, Shown
from repaint.store import queue
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.leases import Lease
from repaint.store.queue import ClaimLimits
from repaint.store.rows import Rows
from repaint.store.seal import Seal
from repaint.store.tables import jobs
from tests import postgres
from tests.unit.jobs import ORIGIN, make_job

CLAIM_TARGET = 5.0  # ms
BATCH = 2000  # rows an INSERT
AT_ONCE = 20  # lives
SECRET = "playground"  # noqa: S105  # made up
FRONT = 1_000_000  # the member in front

Whose = tuple[int, int]  # server and member
numbers = itertools.count(1)


def spread(number: int) -> Whose:
    return 1 + number % 2500, 1 + number


def one_server(number: int) -> Whose:
    return 1, 1 + number % 2000


def held_back(number: int) -> Whose:
    return 1, 1 + number if number % 20 == 19 else FRONT


SHAPES: dict[str, Callable[[int], Whose]] = {
    "spread": spread,
    "one server": one_server,
    "held back": held_back,
}


def a_job(whose: Whose, **fields: Any) -> Job:
    """A job as large as real ones are."""
    number = next(numbers)
    guild, member = whose
    origin = dataclasses.replace(
        ORIGIN, interaction_id=number, guild_id=guild, user_id=member, token="t" * 200
    )
    job = make_job(
        id=f"{number:010x}",
        request=Request(prompt="a fox in the snow, in the manner of an old woodcut, " * 3, seed=number),
        origin=origin,
        created_at=1.7e9 + number / 100,
        input=Picture(Path(f"{number:010x}/input.png"), "image/png", 1024, 1024, 1_500_000),
    )
    return dataclasses.replace(job, **fields)


def an_old_job() -> Job:
    """One that was posted, some day."""
    ended = 1.7e9 + next(numbers) / 100
    picture = Picture(Path("finished-1.png"), "image/png", 1024, 1024, 1_500_000)
    return a_job(
        (random.randrange(2500), random.randrange(20_000)),
        state=JobState.DONE,
        submitted_at=ended - 9,
        ended_at=ended,
        request_id=f"request-{ended}",
        place=1.0,
        outputs=(picture,),
        api_seconds=7.0,
        work_seconds=6.5,
        shown=Shown.REPLY,
    )


def fill(c: sa.Connection, rows: Rows, owner: str, made: Sequence[Job]) -> None:
    """Write many jobs as they are."""
    c.execute(
        sa.insert(jobs),
        [
            rows.values(job)
            | {
                "owner": owner if job.ended_at is None else None,
                "token": rows.sealed(job) if job.ended_at is None else None,
                "has_folder": job.ended_at is None,
            }
            for job in made
        ],
    )


def waiting(shape: Callable[[int], Whose], count: int) -> Iterator[Job]:
    """Each member's jobs stand one after the other, as the queue would have placed them."""
    have: dict[Whose, int] = {}
    for number in range(count):
        whose = shape(number)
        have[whose] = have.get(whose, 0) + 1
        yield a_job(whose, state=JobState.QUEUED, queued_at=1.7e9, place=float(have[whose]))


def announce(c: sa.Connection, fair_keys: Sequence[int]) -> None:
    queue.announce(c, *fair_keys)


def forget(c: sa.Connection) -> None:
    c.execute(sa.text("DELETE FROM jobs WHERE ended_at IS NULL"))
    c.execute(sa.text("DELETE FROM turns"))


class Bench:
    """A store with many rows."""

    def __init__(self, store: JobStore, folder: Path) -> None:
        self.store = store
        self._rows = Rows(Seal(SECRET), folder)

    async def write(self, made: Iterator[Job]) -> None:
        while batch := list(itertools.islice(made, BATCH)):
            await self.store.database.write(fill, self._rows, self.store.lease.id, batch)

    async def shape(self, name: str, count: int) -> None:
        """Only these jobs wait."""
        await self.store.database.write(forget)
        made = list(waiting(SHAPES[name], count))
        await self.write(iter(made))
        keys = sorted({job.origin.fair_key for job in made})
        await self.store.database.write(announce, keys)
        if self.store.is_shared:  # PostgreSQL does so by itself some minutes after such a change
            await self.store.database.write(_analyze)

    async def claims(self, limits: ClaimLimits, count: int) -> tuple[list[float], list[Job]]:
        """Milliseconds of each claim, and what was claimed."""
        times, claimed = [], []
        for _ in range(count):
            began = time.perf_counter()
            claim = await self.store.claim(limits, time.time())
            times.append(1000 * (time.perf_counter() - began))
            if claim.job is None:
                raise SystemExit("nothing could be claimed")
            claimed.append(claim.job)
        return times, claimed

    async def positions(self, asked: Sequence[Job]) -> list[float]:
        times = []
        for job in asked:
            began = time.perf_counter()
            await self.store.position(job)
            times.append(1000 * (time.perf_counter() - began))
        return times

    async def advances(self, claimed: Sequence[Job]) -> tuple[float, float]:
        """Milliseconds of CPU and by the clock for one."""
        began, cpu = time.perf_counter(), time.process_time()
        for job in claimed:
            await self.store.advance(job.id, JobState.QUEUED, state=JobState.SUBMITTING, submitted_at=1.7e9)
        each = 1000 / len(claimed)
        return (time.process_time() - cpu) * each, (time.perf_counter() - began) * each

    async def lives(self, count: int) -> float:
        """Jobs a second."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with turns:
                await self.live(number)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(one(number))
        return count / (time.perf_counter() - began)

    async def live(self, number: int) -> None:
        """All writes of a life, as the stages make them. A claim may take another's job: all get one."""
        store, new = self.store, a_job((number % 50, number))
        await store.add(dataclasses.replace(new, input=None))
        await store.advance(
            new.id, JobState.RECEIVED, state=JobState.QUEUED, queued_at=time.time(), input=new.input
        )
        job = (await store.claim(ClaimLimits(), time.time())).job
        assert job is not None  # as many claims as jobs
        now = time.time()
        await store.advance(
            job.id, JobState.QUEUED, state=JobState.SUBMITTING, submitted_at=now, input_url="https://x/y.png"
        )
        await store.record_request(job.id, f"life-{job.id}", ApiState.QUEUED, now)
        await store.advance(job.id, JobState.RUNNING, api_state=ApiState.PROCESSING, processing_at=now)
        await store.advance(job.id, JobState.RUNNING, api_state=ApiState.COMPLETED)
        picture = Picture(Path(f"{job.id}/finished-1.png"), "image/png", 1024, 1024, 1_500_000)
        await store.advance(
            job.id, JobState.RUNNING, state=JobState.FETCHED, results=(picture.path,), seeds=(7,), took=7.0
        )
        await store.advance(job.id, JobState.FETCHED, state=JobState.DELIVERING, outputs=(picture,))
        done = await store.advance(
            job.id, JobState.DELIVERING, state=JobState.DONE, shown=Shown.REPLY, ended_at=time.time()
        )
        assert done is not None


def _analyze(c: sa.Connection) -> None:
    c.execute(sa.text("ANALYZE jobs"))
    c.execute(sa.text("ANALYZE turns"))


def spell(times: Sequence[float]) -> str:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered):5.2f} ms, p99 {p99:5.2f} ms, max {ordered[-1]:6.2f} ms"


def fsync_ms(folder: Path, count: int = 100) -> list[float]:
    """A write of a page and its fsync, in a file beside the database."""
    times = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            times.append(1000 * (time.perf_counter() - began))
    return times


@contextlib.asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Bench]:
    async with Database.open(url) as database:
        store = JobStore(database, await Lease.take(database), Seal(SECRET), folder)
        yield Bench(store, folder)


async def measure(url: str, folder: Path, count: int, old: int, tries: int) -> None:
    async with opened(url, folder) as bench:
        began = time.monotonic()
        await bench.write(an_old_job() for _ in range(old))
        print(f"  {old:,} old rows were written in {time.monotonic() - began:.0f} s")
        for name in SHAPES:
            await bench.shape(name, count)
            limits = ClaimLimits()
            if name == "held back":
                limits = ClaimLimits(per_member=1)
                await bench.claims(limits, 1)  # the one in front
            times, claimed = await bench.claims(limits, tries)
            print(f"  claim, {name:11} {spell(times)}   (target: {CLAIM_TARGET:.0f} ms)")
            asked = random.Random(1).sample(list(claimed), min(20, tries))
            behind = await bench.store.of_guild(claimed[-1].origin.guild_id or 0, over=False, limit=20)
            times = await bench.positions([job for job in behind if not job.claimed] or asked)
            print(f"  position, {name:8} {spell(times)}")
        cpu, clock = await bench.advances(claimed)
        print(f"  advance            {cpu:.2f} ms CPU, {clock:.2f} ms by the clock")
        await bench.store.database.write(forget)
        rate = await bench.lives(tries)
        print(f"  life               {rate:.0f} jobs/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--waiting", type=int, default=20_000)
    parser.add_argument("--old", type=int, default=200_000, help="rows of jobs that are over")
    parser.add_argument("--tries", type=int, default=500, help="claims of each shape, and whole lives")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    count, old = min(max(arguments.waiting, 4000), 100_000), min(max(arguments.old, 0), 1_000_000)
    tries = min(max(arguments.tries, 100), count // 40)
    with tempfile.TemporaryDirectory(prefix="repaint-bench-") as name:
        folder = Path(name)
        print(f"a page written with fsync: {spell(fsync_ms(folder))}")
        if arguments.only != "postgresql":
            print("SQLite")
            asyncio.run(measure(f"sqlite:///{folder / 'repaint.db'}", folder, count, old, tries))
        if arguments.only == "sqlite":
            return
        if postgres.binaries() is None:
            print("PostgreSQL is not installed here")
            return
        print("PostgreSQL")
        with postgres_server() as url:
            asyncio.run(measure(url, folder, count, old, tries))


if __name__ == "__main__":
    main()
