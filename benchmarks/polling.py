"""How soon a finished request is seen, and what that costs in polls: `python -m benchmarks.polling`.

Prints:

- simulated    the bot's own Poller by a clock that costs no time, against a loop that looks at once and then
               every second, as the vendor's SDK does. The budget is adjusted until both poll equally often.
- two          the same Poller with two requests in flight and the budget that it has
- real         the vendor's SDK and the bot's Poller side by side, on an embedded API that was just started,
               with the same inference times on both sides and that budget. The ratio comes with its standard
               error, for the means of some hundred delays are not exact. Where one side
               polled more often, the ratio at equal polls is reckoned: delays go with one over polls

Durations are lognormal, median 7 s, sigma 0.6, unless said otherwise; the Poller learns them from the jobs
that ended before. The delay is from COMPLETED at the API until it is seen, without reading the result.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import io
import math
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import segmind
from PIL import Image
from pydantic import SecretStr

from repaint.errors import RepaintError
from repaint.jobs import poller
from repaint.jobs.budget import LOOKS_PER_SECOND
from repaint.jobs.durations import ENOUGH, REMEMBERED, Durations
from repaint.jobs.poller import Poller
from repaint.models import MODEL, ApiState, Request, Status
from repaint.segmind.client import SegmindClient
from scripts.processes import Processes
from tests.unit.quick_time import Clock

MU, SIGMA = math.log(7.0), 0.6
IN_FLIGHT = 4  # what the Poller's own budget gives about one poll a second
AT_ONCE = 24  # real requests of each side
KEY = "local"
TARGET = 0.75


@dataclass
class Seen:
    """What came of many jobs: seconds from COMPLETED to seen, and polls of each."""

    delays: list[float] = field(default_factory=list)
    polls: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.delay:.3f} s after COMPLETED at {self.polls_each:.2f} polls a job ({len(self.delays)})"

    @property
    def delay(self) -> float:
        return statistics.fmean(self.delays)

    @property
    def polls_each(self) -> float:
        return statistics.fmean(self.polls)

    @property
    def spread(self) -> float:
        """The standard error of the delay, as a part of it."""
        return statistics.stdev(self.delays) / math.sqrt(len(self.delays)) / self.delay


def fixed(seconds: Sequence[float], interval: float = 1.0) -> Seen:
    """A loop that looks at once and then at fixed intervals until it sees the end."""
    looks = [math.ceil(each / interval) for each in seconds]
    return Seen(
        [look * interval - each for look, each in zip(looks, seconds, strict=True)],
        [look + 1 for look in looks],
    )


def lognormal(count: int, seed: int, mu: float = MU, sigma: float = SIGMA) -> list[float]:
    dice = random.Random(seed)
    return [dice.lognormvariate(mu, sigma) for _ in range(count)]


class _Api:
    """Ends each request after the seconds that were told, by a clock that costs no time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ends: dict[str, float] = {}
        self.polls: Counter[str] = Counter()

    async def status(self, request_id: str) -> Status:
        self.polls[request_id] += 1
        await asyncio.sleep(0)
        over = self._clock.now >= self.ends[request_id]
        return Status(request_id, ApiState.COMPLETED if over else ApiState.PROCESSING)


def simulate(seconds: Sequence[float], in_flight: int, looks_per_second: float) -> Seen:
    """The Poller with always `in_flight` jobs, whose durations are taken one after the other.

    The jobs from which it learns its first distribution are left out.
    """
    clock = Clock()
    api = _Api(clock)
    durations = Durations()
    result = Seen()
    left = iter(enumerate(seconds))
    ended = 0

    async def work() -> None:
        finished = asyncio.Event()

        def begin() -> None:
            number, took = next(left, (-1, 0.0))
            if number >= 0:
                api.ends[str(number)] = clock.now + took
                looks.watch(str(number), str(number), submitted_at=clock.now, work=1.0)

        def seen(job_id: str, status: Status) -> None:
            nonlocal ended
            if status.state is not ApiState.COMPLETED:
                return
            ended += 1
            took = seconds[int(job_id)]
            durations.learn(took, took, 1.0)
            if int(job_id) >= ENOUGH + in_flight:
                result.delays.append(clock.now - api.ends[job_id])
                result.polls.append(api.polls[job_id])
            begin()
            if ended == len(seconds):
                finished.set()

        looks = Poller(api, seen, _lost, durations=durations, looks_per_second=looks_per_second)
        for _ in range(in_flight):
            begin()
        running = asyncio.create_task(looks.run())
        await finished.wait()
        running.cancel()
        await asyncio.wait({running})

    with patch.object(poller, "time", clock):
        clock.run(work())
    return result


def equal_budget(seconds: Sequence[float], in_flight: int, polls_each: float) -> float:
    """The looks per second at which the Poller polls as often as is told."""
    low, high = 0.5 * in_flight, 2.0 * in_flight
    for _ in range(7):
        middle = (low + high) / 2
        if simulate(seconds, in_flight, middle).polls_each < polls_each:
            low = middle
        else:
            high = middle
    return low


def simulated(jobs: int) -> float:
    """Print the comparison by the quick clock; returns the budget for each request in flight."""
    seconds = lognormal(jobs, seed=1)
    loop = fixed(seconds)
    budget = equal_budget(seconds, IN_FLIGHT, loop.polls_each)
    learned = simulate(seconds, IN_FLIGHT, budget)
    print(f"simulated, every second:       {loop}")
    print(f"simulated, learned:            {learned}, budget {budget:.2f}/s for {IN_FLIGHT} in flight")
    print(f"                               {learned.delay / loop.delay:.2f} of the delay")
    for mu, sigma in ((MU, SIGMA), (0.7, 0.4)):
        two = simulate(lognormal(jobs // 4, 2, mu, sigma), 2, LOOKS_PER_SECOND)
        print(f"two in flight, median {math.exp(mu):3.1f} s:   {two}, budget {LOOKS_PER_SECOND:.0f}/s")
    return budget / IN_FLIGHT


# On a real server -------------------------------------------------------------------------------------


class _Server:
    """The embedded API, whose requests end when they are told to."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def end(self, request_id: str) -> None:
        await self.post("/admin/release", {"request_id": request_id})

    async def post(self, path: str, body: dict[str, Any]) -> None:
        async with self._session.post(self.url + path, json=body) as answer:
            answer.raise_for_status()

    async def result(self, seen: dict[str, float]) -> Seen:
        """What came of those requests that were seen at these moments (epoch seconds).

        Without the last ones: while fewer are in flight, the Poller has more polls for each.
        """
        async with self._session.get(f"{self.url}/admin/requests") as answer:
            answer.raise_for_status()
            rows = [each for each in (await answer.json())["requests"] if each["request_id"] in seen]
        del rows[-2 * AT_ONCE :]
        return Seen(
            [seen[each["request_id"]] - each["completed_at"] for each in rows],
            [each["polls"] for each in rows],
        )


async def real(jobs: int, budget: float) -> None:
    """Both sides at once, with `budget` looks per second for each of the bot's requests in flight."""
    seconds = lognormal(jobs, seed=3)
    with tempfile.TemporaryDirectory(prefix="repaint-bench-") as name:
        async with aiohttp.ClientSession() as session, Processes(logs=Path(name)) as processes:
            url = await processes.start_server(
                "embedded",
                *("embedded", "--port", "0", "--admin", "--engine", "canned", "--data", f"{name}/embedded"),
                *("--log-level", "warning"),
                env={"SEGMIND_API_KEY": KEY},
            )
            server = _Server(url, session)
            await server.post("/admin/script", {"inference_seconds": "manual"})
            sdk, ours = await asyncio.gather(
                _by_sdk(server, seconds), _by_poller(server, seconds, budget * AT_ONCE)
            )
    print(f"real, the vendor's SDK:        {sdk}")
    print(f"real, learned:                 {ours}, {AT_ONCE} in flight each")
    ratio, error = ours.delay / sdk.delay, math.hypot(ours.spread, sdk.spread)
    equal = ratio * ours.polls_each / sdk.polls_each
    print(f"                               {ratio:.3f} ± {ratio * error:.3f} of the delay (target: {TARGET})")
    print(f"                               {equal:.3f} ± {equal * error:.3f} at equal polls")


async def _by_sdk(server: _Server, seconds: Sequence[float]) -> Seen:
    client = segmind.SegmindClient(api_key=KEY, base_url=f"{server.url}/v1")
    image = _picture()
    seen: dict[str, float] = {}

    def wait(job: Any) -> None:
        read = job.result

        def result() -> Any:  # read as soon as the loop has seen COMPLETED
            seen[job.request_id] = time.time()
            return read()

        job.result = result
        job.wait()

    async def one(took: float) -> None:
        loop = asyncio.get_running_loop()
        job = await loop.run_in_executor(
            threads, lambda: client.submit_async(MODEL, prompt="a fox", image=image)
        )
        waiting = loop.run_in_executor(threads, wait, job)
        await asyncio.sleep(took)
        await server.end(job.request_id)
        await waiting

    with ThreadPoolExecutor(AT_ONCE) as threads:
        await _in_turn(seconds, one)
    client._client.close()
    return await server.result(seen)


async def _by_poller(server: _Server, seconds: Sequence[float], budget: float) -> Seen:
    durations = Durations()
    for each in lognormal(REMEMBERED, seed=4):  # jobs that ended before
        durations.learn(each, each, 1.0)
    image = _picture()
    moments: dict[str, float] = {}
    ended: dict[str, asyncio.Event] = {}

    def seen(job_id: str, status: Status) -> None:
        if status.state is ApiState.COMPLETED:
            moments[job_id] = time.time()
            ended[job_id].set()

    async with SegmindClient.open(
        SecretStr(KEY), api_url=server.url, upload_url=server.url, history_url=server.url
    ) as client:
        looks = Poller(client, seen, _lost, durations=durations, looks_per_second=budget)

        async def one(took: float) -> None:
            submitted = await client.submit(Request(prompt="a fox", seed=1), image)
            request_id = submitted.request_id
            ended[request_id] = asyncio.Event()
            looks.watch(request_id, request_id, submitted_at=time.time(), work=1.0)
            await asyncio.sleep(took)
            await server.end(request_id)
            await ended[request_id].wait()

        running = asyncio.create_task(looks.run())
        await _in_turn(seconds, one)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    return await server.result(moments)


async def _in_turn(seconds: Sequence[float], one: Callable[[float], Any]) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def next_one(took: float) -> None:
        async with turns:
            await one(took)

    async with asyncio.TaskGroup() as group:
        for took in seconds:
            group.create_task(next_one(took))


def _lost(job_id: str, error: RepaintError) -> None:
    raise SystemExit(f"{job_id} was lost: {error}")


def _picture() -> str:
    """Base64."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=3000, help="simulated jobs")
    parser.add_argument("--real", type=int, default=320, help="jobs of each side on a real server")
    arguments = parser.parse_args()
    budget = simulated(min(max(arguments.jobs, 400), 20_000))
    if arguments.real > 0:
        asyncio.run(real(min(max(arguments.real, 3 * AT_ONCE), 1000), budget))


if __name__ == "__main__":
    main()
