"""The way from command to picture, measured on the stand-ins: `python -m benchmarks.way`.

Prints (everything shares the machine's cores, the stand-ins too):

- start        from the start of the process to connected with commands known
- memory       of the bot's process: idle, and the peak under the load below
- posted       from COMPLETED at the API to the finished picture in its message, two jobs in flight: the first
               ones, while fewer than 20 durations are known, and those after. Beside it what the looks alone
               cost, by simulation of such durations; the rest is the result, the download, the worker, the
               upload and the commits between them
- acknowledged from INTERACTION_CREATE to its acknowledgement: single commands, which are the floor; 20/s
               with 1 MiB pictures; a burst of 300

Each request ends when a time that was drawn for it is over: lognormal, --median seconds, --sigma. By --known
the durations of 200 such jobs are in the database at the start, so that none has to be measured for them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import math
import random
import re
import statistics
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.house import TOKEN, House, noise
from benchmarks.polling import lognormal, simulate
from repaint.jobs.budget import LOOKS_PER_SECOND
from repaint.jobs.durations import ENOUGH, REMEMBERED
from repaint.models import JobState
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.leases import Lease
from repaint.store.seal import Seal
from tests.unit.jobs import ORIGIN, make_job

RATE = 20.0  # commands/s
PICTURE_SIDE = 592  # pixels: noise of that size is a PNG of 1 MiB
PROMPT = "noise size=1MiB"
ALL_AT_ONCE = 100
DELAY_TARGET, MEMORY_TARGET, PEAK_TARGET = 0.25, 100, 150  # s, MiB, MiB
ACKNOWLEDGED_TARGET, BURST_TARGET, START_TARGET = 50, 1000, 1.5  # ms, ms, s


@dataclasses.dataclass(frozen=True)
class Length:
    """How long requests take: lognormal. `median` in seconds."""

    median: float
    sigma: float

    @property
    def parameters(self) -> tuple[float, float]:
        return math.log(self.median), self.sigma

    def drawn(self, count: int) -> list[float]:
        return lognormal(count, 2, *self.parameters)


async def remember(house: House, length: Length) -> None:
    """Put jobs that took such times into the bot's database."""
    folder = house.folder / "bot"
    async with Database.open(f"sqlite:///{folder / 'repaint.db'}") as database:
        store = JobStore(database, await Lease.take(database), Seal(TOKEN), folder / "jobs")
        for number, took in enumerate(length.drawn(REMEMBERED)):
            await store.add(
                make_job(
                    id=f"{number:010x}",
                    origin=dataclasses.replace(ORIGIN, interaction_id=number, token=""),
                    state=JobState.DONE,
                    api_seconds=took,
                    work_seconds=took,
                    ended_at=time.time(),
                )
            )


class Pace:
    """Lets each request that the API holds back end when its own time is over."""

    def __init__(self, house: House, length: Length) -> None:
        self._house = house
        self._dice = random.Random(1)
        self._length = length
        self._known: set[str] = set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                for each in (await self._house.api_saw())["requests"]:
                    if each["request_id"] not in self._known and each["completed_at"] is None:
                        self._known.add(each["request_id"])
                        seconds = self._dice.lognormvariate(*self._length.parameters)
                        group.create_task(self._end(each["request_id"], each["created_at"] + seconds))
                await asyncio.sleep(0.2)

    async def _end(self, request_id: str, moment: float) -> None:
        await asyncio.sleep(moment - time.time())
        await self._house.release(request_id)


def seed_of(payload: Any) -> str:
    """The seed in the small print of a card."""
    found = re.search(r"seed (\d+)", str(payload))
    return found[1] if found else ""


async def posted_after(house: House) -> list[float]:
    """For each job so far, in the order of submits: seconds from COMPLETED to the posted picture."""
    posted = {
        seed_of(entry["json"]): entry["at"]
        for entry in await house.traffic()
        if entry["direction"] == "rest" and entry["files"] and entry["status"] == 200
    }
    requests = (await house.api_saw())["requests"]
    ends = {str(each["body"]["seed"]): each["completed_at"] for each in requests}
    return [posted[seed] - ends[seed] for seed in ends if seed in posted]


def milliseconds(values: Sequence[float]) -> str:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered):.1f} ms, p99 {p99:.1f} ms, max {ordered[-1]:.1f} ms"


def seconds(values: Sequence[float]) -> str:
    error = statistics.stdev(values) / math.sqrt(len(values))
    return (
        f"mean {statistics.fmean(values):.3f} ± {error:.3f} s, median {statistics.median(values):.3f} s, "
        f"max {max(values):.2f} s ({len(values)})"
    )


async def measure(load: float, jobs: int, burst: int, length: Length, *, known: bool) -> None:
    picture = await asyncio.to_thread(noise, PICTURE_SIDE)
    async with House.open() as house:
        if known:
            await remember(house, length)
        took = await house.start_bot(JOBS_AT_ONCE=str(ALL_AT_ONCE))
        print(f"start: {took:.2f} s to connected and commands known (target: {START_TARGET} s)")
        await asyncio.sleep(1)
        idle = house.bot.memory_info().rss / 2**20
        print(f"memory idle: {idle:.0f} MiB (target: {MEMORY_TARGET})")
        if jobs:
            await _delays(house, picture, jobs, length, first=0 if known else ENOUGH + 2)
        if load:
            await _rate(house, picture, load)
        if burst:
            await _burst(house, picture, burst)


async def _delays(house: House, picture: bytes, jobs: int, length: Length, *, first: int) -> None:
    """`first`: those of which the last were submitted before enough were known."""
    image = await house.upload(picture)
    floor: list[float] = []
    turns = asyncio.Semaphore(2)

    async def one() -> None:
        async with turns:
            interaction = await house.command(image, PROMPT)
            floor.append(await house.acknowledged(interaction))
            await house.all_posted([interaction])

    await house.script(inference_seconds="manual")
    pace = asyncio.create_task(Pace(house, length).run())
    await asyncio.gather(*(one() for _ in range(first + jobs)))
    pace.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await pace
    await house.script(inference_seconds=0.0)
    delays = await posted_after(house)
    looks = await asyncio.to_thread(simulate, length.drawn(2000), 2, LOOKS_PER_SECOND)
    print(f"acknowledged, one at a time ({len(floor)}): {milliseconds(floor)}")
    print(f"posted after COMPLETED, two in flight of about {length.median:.1f} s (sigma {length.sigma})")
    if first:
        print(f"  nothing learned: {seconds(delays[:first])}")
    print(f"  learned:         {seconds(delays[first:])} (target: mean {DELAY_TARGET} s)")
    print(f"  the looks alone: mean {looks.delay:.3f} s at {LOOKS_PER_SECOND:.0f}/s, simulated")


async def _rate(house: House, picture: bytes, load: float) -> None:
    await house.script(inference_seconds=2.0)
    images = [await house.upload(picture) for _ in range(int(load * RATE))]
    bot = house.bot
    began = time.monotonic()
    interactions: list[str] = []
    peak = 0
    for number, image in enumerate(images):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        interactions.append(await house.command(image, PROMPT))
        peak = max(peak, bot.memory_info().rss)
    took = time.monotonic() - began
    times = [await house.acknowledged(each) for each in interactions]
    posting = asyncio.create_task(house.all_posted(interactions))
    while not posting.done():
        peak = max(peak, bot.memory_info().rss)
        await asyncio.wait({posting}, timeout=0.05)
    await posting
    print(
        f"acknowledged at {len(times) / took:.0f}/s with 1 MiB pictures ({len(times)}): "
        f"{milliseconds(times)} (target: p99 {ACKNOWLEDGED_TARGET} ms)"
    )
    print(
        f"memory peak meanwhile, {ALL_AT_ONCE} at once: {peak / 2**20:.0f} MiB (target: {PEAK_TARGET}), "
        f"all posted after {time.monotonic() - began:.0f} s"
    )


async def _burst(house: House, picture: bytes, count: int) -> None:
    image = await house.upload(picture)
    interactions = await asyncio.gather(*(house.command(image, PROMPT) for _ in range(count)))
    times = [await house.acknowledged(each) for each in interactions]
    print(f"acknowledged in a burst of {count}: {milliseconds(times)} (target: {BURST_TARGET} ms)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=8, help="how long 20 commands/s come; 0: not at all")
    parser.add_argument("--jobs", type=int, default=40, help="jobs whose delay is taken; 0: none")
    parser.add_argument("--median", type=float, default=2.0, help="seconds that a request takes")
    parser.add_argument("--sigma", type=float, default=0.4, help="how much that differs")
    parser.add_argument("--known", action="store_true", help="durations are learned before the start")
    parser.add_argument("--burst", type=int, default=300, help="commands in the burst")
    given = parser.parse_args()
    jobs = 0 if given.jobs <= 0 else min(max(given.jobs, 5), 300)
    length = Length(min(max(given.median, 0.5), 20.0), min(max(given.sigma, 0.0), 1.0))
    asyncio.run(measure(min(given.seconds, 60), jobs, min(given.burst, 1000), length, known=given.known))


if __name__ == "__main__":
    main()
