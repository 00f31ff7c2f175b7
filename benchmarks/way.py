"""The way from command to picture, measured on the stand-ins: `python -m benchmarks.way`.

Prints, with the machine's name for what it is worth (everything shares its cores, the stand-ins too):

- start        from the start of the process to connected with commands known
- memory       of the bot's process: idle, and the peak under the load below
- acknowledged from INTERACTION_CREATE to its acknowledgement, at 20 commands/s with 1 MiB pictures, and in a
               burst of 300 commands
- posted       from COMPLETED at the API to the finished picture in its message, two jobs in flight

Times that drift with the machine are given beside a floor measured in the same run: the acknowledgement of
single commands with nothing else to do.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil
from PIL import Image

from scripts.processes import Processes

RATE = 20.0  # commands/s
PICTURE_SIDE = 592  # pixels: noise of that size is a PNG of 1 MiB
WAIT_SECONDS = 300.0


class Bench:
    """A bot with both stand-ins, and a person who never tires."""

    def __init__(self, processes: Processes, session: aiohttp.ClientSession, folder: Path) -> None:
        self._processes = processes
        self._session = session
        self._folder = folder
        self.discord = self.api = ""
        self.bot = psutil.Process()
        self.start_seconds = 0.0
        self._who: dict[str, str] = {}

    async def start(self) -> None:
        self.discord = await self._processes.start_server("playground", "playground", "--port", "0")
        arguments = ("embedded", "--port", "0", "--admin", "--engine", "canned", "--data")
        self.api = await self._processes.start_server(
            "embedded",
            *arguments,
            str(self._folder / "embedded"),
            "--log-level",
            "warning",
            env={"SEGMIND_API_KEY": "local"},
        )
        began = time.monotonic()
        await self._processes.start_bot(
            {
                "DISCORD_TOKEN": "playground",
                "DISCORD_API_URL": f"{self.discord}/api/v10",
                "SEGMIND_API_KEY": "local",
                "SEGMIND_API_URL": self.api,
                "SEGMIND_UPLOAD_URL": self.api,
                "SEGMIND_HISTORY_URL": self.api,
                "JOBS_AT_ONCE": "100",
                "JOBS_PER_MEMBER": "0",
                "DATA_DIR": str(self._folder / "bot"),
                "LOG_LEVEL": "error",
            }
        )
        await self.get(f"{self.discord}/person/ready?timeout=30")
        self.start_seconds = time.monotonic() - began
        self.bot = psutil.Process(self._processes.pid("bot"))
        await self.post(f"{self.discord}/workshop/settings", {"rate_limits": False})
        world = await self.get(f"{self.discord}/person/world")
        self._who = {
            "user": next(each["id"] for each in world["users"] if each["role"] == "member"),
            "channel": next(each["id"] for each in world["channels"] if each["kind"] == "art"),
        }

    async def upload(self, picture: bytes) -> str:
        form = aiohttp.FormData()
        form.add_field("file", picture, filename="noise.png", content_type="image/png")
        async with self._session.post(f"{self.discord}/person/attachments", data=form) as answer:
            answer.raise_for_status()
            return str((await answer.json())["id"])

    async def command(self, image: str) -> str:
        options = {"image": image, "prompt": "noise size=1MiB"}
        body = {**self._who, "name": "img2img", "options": options}
        return str((await self.post(f"{self.discord}/person/commands", body))["interaction"])

    async def acknowledged(self, interaction: str) -> float:
        """Milliseconds. The stand-in measures it, from the sending of the interaction."""
        seen = await self.get(f"{self.discord}/person/interactions/{interaction}?wait=10")
        if seen["status"] != "acknowledged":
            raise SystemExit(f"not acknowledged: {seen}")
        return float(seen["acknowledged_ms"])

    async def all_posted(self, interactions: Sequence[str]) -> None:
        """Until the reply to each shows a picture."""
        query = f"channel={self._who['channel']}&user={self._who['user']}"
        wanted = {
            (await self.get(f"{self.discord}/person/interactions/{each}"))["message"] for each in interactions
        }
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            messages = await self.get(f"{self.discord}/person/messages?{query}")
            posted = {each["id"] for each in messages if each["attachment_files"]}
            if wanted <= posted:
                return
            await asyncio.sleep(0.5)
        raise SystemExit(f"{len(wanted - posted)} of {len(wanted)} pictures were not posted")

    async def posted_after(self) -> dict[str, float]:
        """For each job so far, by its seed: seconds from COMPLETED at the API to the posted picture."""
        traffic = await self.get(f"{self.discord}/workshop/traffic")
        requests = (await self.get(f"{self.api}/admin/requests"))["requests"]
        posted = {
            _seed_of(entry["json"]): entry["at"]
            for entry in traffic
            if entry["direction"] == "rest" and entry["files"] and entry["status"] == 200
        }
        completed = {str(each["body"]["seed"]): each["completed_at"] for each in requests}
        return {seed: posted[seed] - completed[seed] for seed in posted if seed in completed}

    async def get(self, url: str) -> Any:
        async with self._session.get(url) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, url: str, body: dict[str, Any]) -> Any:
        async with self._session.post(url, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()


def _seed_of(payload: Any) -> str:
    """The seed in the small print of a card."""
    found = re.search(r"seed (\d+)", str(payload))
    return found[1] if found else ""


def _milliseconds(values: Sequence[float]) -> str:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered):.1f} ms, p99 {p99:.1f} ms, max {ordered[-1]:.1f} ms"


def _noise() -> Path:
    pixels = np.random.default_rng(1).integers(0, 256, (PICTURE_SIDE, PICTURE_SIDE, 3), dtype=np.uint8)
    path = Path(tempfile.gettempdir()) / "repaint-noise.png"
    Image.fromarray(pixels).save(path)
    return path


async def measure(seconds: float, jobs: int, burst: int) -> None:
    picture = await asyncio.to_thread(lambda: _noise().read_bytes())
    with tempfile.TemporaryDirectory(prefix="repaint-bench-") as name:
        folder = Path(name)
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
            Processes(logs=folder) as processes,
        ):
            bench = Bench(processes, session, folder)
            await bench.start()
            print(f"start: {bench.start_seconds:.2f} s to connected and commands known")
            await asyncio.sleep(1)
            print(f"memory idle: {bench.bot.memory_info().rss / 2**20:.0f} MiB")
            await _delays(bench, picture, jobs)
            await _rate(bench, picture, seconds)
            if burst:
                await _burst(bench, picture, burst)


async def _delays(bench: Bench, picture: bytes, jobs: int) -> None:
    image = await bench.upload(picture)
    floor: list[float] = []
    turns = asyncio.Semaphore(2)
    dice = random.Random(1)

    async def one() -> None:
        async with turns:
            seconds = dice.lognormvariate(0.7, 0.4)  # around 2 s
            await bench.post(f"{bench.api}/admin/script", {"inference_seconds": seconds})
            interaction = await bench.command(image)
            floor.append(await bench.acknowledged(interaction))
            await bench.all_posted([interaction])

    await asyncio.gather(*(one() for _ in range(jobs)))
    delays = list((await bench.posted_after()).values())
    print(f"acknowledged, one at a time ({jobs}): {_milliseconds(floor)}")
    print(
        f"posted after COMPLETED, two in flight ({len(delays)}): mean {statistics.mean(delays):.2f} s, "
        f"max {max(delays):.2f} s"
    )


async def _rate(bench: Bench, picture: bytes, seconds: float) -> None:
    await bench.post(f"{bench.api}/admin/script", {"inference_seconds": 2.0})
    images = [await bench.upload(picture) for _ in range(int(seconds * RATE))]
    began = time.monotonic()
    interactions: list[str] = []
    peak = 0
    for number, image in enumerate(images):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        interactions.append(await bench.command(image))
        peak = max(peak, bench.bot.memory_info().rss)
    took = time.monotonic() - began
    times = [await bench.acknowledged(each) for each in interactions]
    posting = asyncio.create_task(bench.all_posted(interactions))
    while not posting.done():
        peak = max(peak, bench.bot.memory_info().rss)
        await asyncio.wait({posting}, timeout=0.05)
    await posting
    rate = len(times) / took
    print(f"acknowledged at {rate:.0f}/s with 1 MiB pictures ({len(times)}): {_milliseconds(times)}")
    print(f"memory peak meanwhile: {peak / 2**20:.0f} MiB, all posted after {time.monotonic() - began:.0f} s")


async def _burst(bench: Bench, picture: bytes, count: int) -> None:
    image = await bench.upload(picture)
    interactions = await asyncio.gather(*(bench.command(image) for _ in range(count)))
    times = [await bench.acknowledged(each) for each in interactions]
    print(f"acknowledged in a burst of {count}: {_milliseconds(times)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10, help="how long 20 commands/s come")
    parser.add_argument("--jobs", type=int, default=20, help="jobs whose delay is taken")
    parser.add_argument("--burst", type=int, default=300, help="commands in the burst")
    arguments = parser.parse_args()
    asyncio.run(measure(min(arguments.seconds, 60), min(arguments.jobs, 200), min(arguments.burst, 1000)))


if __name__ == "__main__":
    main()
