"""What 5,000 jobs in flight cost the bot's process: `python -m benchmarks.crowd`.

Prints, for a start with no jobs and for one with 5,000, each in a process of its own with the same run time:

- memory       RSS at the end, in MiB, and what the 5,000 add
- lag          how late a timer of 10 ms comes in the bot's event loop, which runs here beside `bot.serve`;
               the first seconds, in which jobs are taken up and the gateway connects, by themselves
- meanwhile    how many looks the API had, and how many edits of cards Discord

How the 5,000 get in flight: a person runs commands, which the bot's own client and command acknowledge.
Instead of going through the queue, each job's request is submitted with `SegmindClient` and its row written
with `JobStore` as RUNNING. So requests, replies, tokens and rows are real ones, all different; only no input
was downloaded. The API holds all of them back.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from pydantic import SecretStr

from benchmarks.house import KEY, TOKEN, House, noise
from repaint.config import Settings
from repaint.models import Job, JobState, Picture, Submitted
from repaint.segmind.client import SegmindClient
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.leases import Lease
from repaint.store.seal import Seal
from repaint.ui.client import RepaintBot

MEMORY_TARGET = 10.0  # MiB added
LAG_TARGET = 50.0  # ms, p99
TICK = 0.01  # seconds
STARTING = 4.0  # seconds
AT_ONCE = 16
PLACES = ("art", "staff", "age_restricted", "thread")  # the stand-in remembers 2,000 messages in each


class Filler:
    """Stands where the runner is: what is accepted is in flight at once."""

    def __init__(self, store: JobStore, client: SegmindClient, url: str, picture: Picture) -> None:
        self._store = store
        self._client = client
        self._url = url
        self._picture = picture
        self.count = 0

    def check(self, _user_id: int) -> None:
        """Everybody is welcome."""

    async def accept(self, job: Job) -> None:
        submitted: Submitted = await self._client.submit(job.request, self._url)
        now = time.time()
        running = dataclasses.replace(
            job,
            state=JobState.RUNNING,
            claimed=True,
            queued_at=now,
            place=float(self.count),
            input=self._picture,
            input_url=self._url,
            submitted_at=now,
            request_id=submitted.request_id,
            api_state=submitted.state,
        )
        await self._store.add(running)
        self.count += 1


async def fill(house: House, count: int) -> None:
    """That many jobs in the bot's database, which the API has."""
    folder = house.folder / "bot"
    image = noise(64)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(image)
        file.flush()
        async with contextlib.AsyncExitStack() as stack:
            database = await stack.enter_async_context(Database.open(f"sqlite:///{folder / 'repaint.db'}"))
            store = JobStore(database, await Lease.take(database), Seal(TOKEN), folder / "jobs")
            client = await stack.enter_async_context(
                SegmindClient.open(
                    SecretStr(KEY), api_url=house.api, upload_url=house.api, history_url=house.api
                )
            )
            url = await client.upload(Path(file.name), "image/png")
            bot = await stack.enter_async_context(
                RepaintBot(f"{house.discord}/api/v10", extensions=["cogs.img2img"])
            )
            bot.input_limit = 2**20
            filler = Filler(
                store, client, url, Picture(folder / "input.png", "image/png", 64, 64, len(image))
            )
            bot.runner = filler  # type: ignore[assignment]  # as much of one as a command needs
            connected = asyncio.create_task(bot.start(TOKEN))
            try:
                await house.get(f"{house.discord}/person/ready?timeout=30")
                await _ask(house, image, count)
                deadline = time.monotonic() + 30
                while filler.count < count and time.monotonic() < deadline:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            finally:
                connected.cancel()
                await asyncio.wait({connected})
            if filler.count < count:
                raise SystemExit(f"only {filler.count} of {count} are in flight")


async def _ask(house: House, image: bytes, count: int) -> None:
    upload = await house.upload(image)
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with turns:
            prompt = f"a fox in the snow, in the manner of an old woodcut, number {number}"
            place = PLACES[number % len(PLACES)]
            await house.acknowledged(await house.command(upload, prompt, "owner", place))

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


# In the bot's own process ---------------------------------------------------------------------------------


async def serve(seconds: float) -> dict[str, float]:
    """Run the bot for so long, with a ticker beside it."""
    from bot import serve as run_bot  # noqa: PLC0415  # a program, which only this process runs

    process = psutil.Process()
    bot = asyncio.create_task(run_bot(Settings.load()))
    began = time.monotonic()
    early: list[float] = []
    late: list[float] = []
    peak = 0
    while (now := time.monotonic()) < began + seconds and not bot.done():
        await asyncio.sleep(TICK)
        lag = 1000 * (time.monotonic() - now - TICK)
        (early if now - began < STARTING else late).append(lag)
        if len(late) % 10 == 0:
            peak = max(peak, process.memory_info().rss)
    if bot.done():
        bot.result()
    gc.collect()
    found = {
        "rss": process.memory_info().rss / 2**20,
        "peak": peak / 2**20,
        "early": max(early),
        "p50": statistics.median(late),
        "p99": sorted(late)[int(len(late) * 0.99)],
        "max": max(late),
    }
    bot.cancel()
    await asyncio.wait({bot})
    return found


async def start(house: House, seconds: float) -> dict[str, float]:
    """The same in a process of its own, on the database as it is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.crowd", "--serve", str(seconds)),
        env=os.environ | house.settings(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds + 40):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise SystemExit("the bot did not run")
    found: dict[str, float] = json.loads(output)
    return found


async def measure(count: int, seconds: float) -> None:
    async with House.open() as house:
        await house.script(inference_seconds="manual")
        empty = await start(house, seconds)
        print(f"no jobs:   {_spell(empty)}")
        began = time.monotonic()
        await fill(house, count)
        print(f"{count:,} in flight after {time.monotonic() - began:.0f} s")
        await house.delete(f"{house.discord}/workshop/traffic")
        crowd = await start(house, seconds)
        print(f"{count:,} jobs: {_spell(crowd)}")
        polls = sum(each["polls"] for each in (await house.api_saw())["requests"])
        print(f"meanwhile {polls} looks, {_edits(await house.traffic())} edits in {seconds:.0f} s")
        added = crowd["rss"] - empty["rss"]
        print(f"added {added:.1f} MiB (target: {MEMORY_TARGET:.0f}), {2**20 * added / count:.0f} bytes a job")
        print(f"lag p99 {crowd['p99']:.1f} ms (target: {LAG_TARGET:.0f})")


def _edits(traffic: Sequence[dict[str, Any]]) -> int:
    return sum(each["direction"] == "rest" and each["method"] == "PATCH" for each in traffic)


def _spell(found: dict[str, float]) -> str:
    return (
        f"{found['rss']:.1f} MiB (peak {found['peak']:.1f}); lag p50 {found['p50']:.1f} ms, "
        f"p99 {found['p99']:.1f} ms, max {found['max']:.1f} ms, at the start {found['early']:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=30, help="how long each bot runs")
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        print(json.dumps(asyncio.run(serve(arguments.serve))))
        return
    asyncio.run(measure(min(max(arguments.jobs, 10), 5000), min(max(arguments.seconds, 10.0), 60.0)))


if __name__ == "__main__":
    main()
