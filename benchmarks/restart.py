"""Thousands of jobs in flight, and kill -9: `python -m benchmarks.restart`, with --postgres on PostgreSQL.

People run 2,000 commands, the API holds every request back, and the bot is killed. Before it is started
again, the world ages until the first request is --away seconds old: the API's clock is moved, and so are the
moments of the submits in the database. Then the API is done with all of them. Prints:

- taken up     from READY, which the bot's log tells as "connected", to "N jobs are taken up", after which all
               are scheduled; that line comes first if the time is negative. Both by the log's own clock
- polled       whether the oldest were looked at first: of the requests that the API has seen a look at since
               the start, how many are among as many oldest ones, at several moments
- posted       how many pictures were posted, and how long that took; how many jobs the database does not have
               as done; how many requests the API billed

On PostgreSQL a dead process's jobs are taken over when its lease has run out, so the start waits for that.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import re
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.house import House, noise, postgres_server, query
from repaint.store.leases import LEASE_SECONDS

AT_ONCE = 16  # commands that wait for their acknowledgement
BEHIND = 100  # commands that are not at the API yet: this is no benchmark of a rush
SUBMIT_LIMIT = 240.0  # seconds
POST_LIMIT = 400.0
TARGET = 1.0  # seconds
LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \w+ +\S+: (.*)$", re.MULTILINE)
TAKEN_UP = "jobs are taken up"
DONE = "SELECT count(*) AS n FROM jobs WHERE state = 'done'"
IN_FLIGHT = "SELECT count(*) AS n FROM jobs WHERE state = 'running'"


class Rows:
    """The bot's database, seen from beside it."""

    def __init__(self, folder: Path, postgres_url: str) -> None:
        self._file = folder / "bot" / "repaint.db"
        self._url = postgres_url

    async def value(self, sql: str) -> int:
        if self._url:
            return int((await query(self._url, sql))[0]["n"])
        with contextlib.closing(sqlite3.connect(self._file)) as database:
            return int(database.execute(sql).fetchone()[0])

    async def age(self, seconds: float) -> None:
        sql = f"UPDATE jobs SET submitted_at = submitted_at - {float(seconds)}"  # noqa: S608  # a number
        if self._url:
            await query(self._url, sql)
            return
        with contextlib.closing(sqlite3.connect(self._file)) as database:
            database.execute(sql)
            database.commit()


async def ask(house: House, rows: Rows, jobs: int) -> None:
    """Commands of all people in several channels, as fast as the bot gets them to the API."""
    world = await house.get(f"{house.discord}/person/world")
    people = [each["id"] for each in world["users"]]
    places = [
        (user, channel["id"])
        for user in people
        for channel in world["channels"]
        if channel["kind"] in ("art", "dm") and user in channel["visible_to"]
    ]
    image = await house.upload(noise(64))
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with turns:
            user, channel = places[number % len(places)]
            interaction = await house.command(image, f"fox {number}", user, channel)
            await house.acknowledged(interaction)

    for start in range(0, jobs, BEHIND):
        async with asyncio.TaskGroup() as group:
            for number in range(start, min(start + BEHIND, jobs)):
                group.create_task(one(number))
        await until(rows, IN_FLIGHT, start, SUBMIT_LIMIT)


async def until(rows: Rows, sql: str, count: int, limit: float) -> int:
    """Wait until the database counts so many; how many there are at the end of the time."""
    deadline = time.monotonic() + limit
    while (found := await rows.value(sql)) < count and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.5)
    return found


def moments(log: str) -> dict[str, float]:
    """When the bot said the first lines of interest (epoch seconds)."""
    found: dict[str, float] = {}
    for stamp, text in LINE.findall(log):
        moment = dt.datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S,%f").timestamp()  # noqa: DTZ007  # local time
        for name, words in (("taken up", TAKEN_UP), ("ready", "connected to Discord")):
            if words in text:
                found.setdefault(name, moment)
    return found


def said_of(log: str) -> list[str]:
    """How many jobs were taken up: more than one line, if not all were at once."""
    return [text for _, text in LINE.findall(log) if TAKEN_UP in text]


def in_order(before: dict[str, int], requests: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """How many were looked at since, and how many of these are among as many oldest."""
    new = [each["polls"] > before[each["request_id"]] for each in requests]
    return sum(new), sum(new[: sum(new)])


async def measure(jobs: int, away: float, postgres_url: str) -> None:
    async with House.open() as house:
        rows = Rows(house.folder, postgres_url)
        settings = {"LOG_LEVEL": "info", "DATABASE_URL": postgres_url}
        await house.script(inference_seconds="manual")
        await house.start_bot(**settings)
        began = time.monotonic()
        await ask(house, rows, jobs)
        found = await until(rows, IN_FLIGHT, jobs, SUBMIT_LIMIT)
        print(f"  {found} in flight after {time.monotonic() - began:.0f} s of commands")
        await house.kill_bot()
        log = (house.folder / "bot.log").rename(house.folder / "killed.log")
        if found < jobs:
            troubles = [line for line in log.read_text().splitlines() if " INFO " not in line]
            print(f"  {jobs - found} are not; the bot's log says", *troubles[:10], sep="\n    ")
        if postgres_url:
            await asyncio.sleep(LEASE_SECONDS + 1)
        if (older := away - (time.monotonic() - began)) > 0:
            await rows.age(older)
            await house.post(f"{house.api}/admin/clock", {"advance": older})
        seen = await house.api_saw()
        before = {each["request_id"]: each["polls"] for each in seen["requests"]}

        started = time.time()
        took = await house.start_bot(**settings)
        await asyncio.sleep(2)
        said = moments(house.processes.log("bot"))
        if not {"taken up", "ready"} <= said.keys():
            raise SystemExit(f"the bot did not say so:\n{house.processes.last_words('bot', 20)}")
        print(f"  {said['taken up'] - said['ready']:+.2f} s from READY to taken up (target: {TARGET:.0f} s);")
        print(
            f"  after the start of the process: taken up {said['taken up'] - started:.2f} s, connected "
            f"{said['ready'] - started:.2f} s, commands known {took:.2f} s"
        )
        print(f"  the log: {', '.join(said_of(house.processes.log('bot')))}")
        for _ in range(3):
            looked, oldest = in_order(before, (await house.api_saw())["requests"])
            print(f"  of the first {looked} that were looked at, {oldest} are the {looked} oldest")
            await asyncio.sleep(2)
        await house.release()
        began = time.monotonic()
        done = await until(rows, DONE, jobs, POST_LIMIT)
        print(f"  {done} of {jobs} done {time.monotonic() - began:.0f} s after the API was")
        seen = await house.api_saw()
        posted = await _posted(house)
        left = await rows.value("SELECT count(*) AS n FROM jobs WHERE state <> 'done'")
        print(
            f"  posted {posted}, lost {jobs - posted}, not done {left}; "
            f"the API took {seen['submits']}, billed {seen['billed']}, so twice {seen['billed'] - jobs}"
        )


async def _posted(house: House) -> int:
    """Messages with a picture, everywhere. Their owner sees each; the stand-in has 2,000 a channel."""
    world = await house.get(f"{house.discord}/person/world")
    found = set()
    for channel in world["channels"]:
        if channel["visible_to"]:
            query_ = f"channel={channel['id']}&user={channel['visible_to'][0]}"
            messages = await house.get(f"{house.discord}/person/messages?{query_}")
            found |= {each["id"] for each in messages if each["attachment_files"]}
    return len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--away", type=float, default=3300.0, help="seconds of the API's 3600 (default 3300)")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    arguments = parser.parse_args()
    jobs, away = min(max(arguments.jobs, 50), 3900), min(max(arguments.away, 0.0), 3400.0)
    print("PostgreSQL" if arguments.postgres else "SQLite")
    with postgres_server() if arguments.postgres else contextlib.nullcontext("") as url:
        asyncio.run(measure(jobs, away, url))


if __name__ == "__main__":
    main()
