"""What tests of killed and stopped bots share: the database that outlives them, and who judges their jobs.

The judges are the API's own count of requests and bills, every message that Discord has or ever had, and the
rows of the database.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from repaint.errors import SubmitUnknown
from tests import postgres
from tests.acceptance.asker import Message, shown
from tests.acceptance.house import House, Program
from tests.person import Person, custom_ids
from tests.store.stores import new_database

DONE, UNCLEAR, FAILED = "done", "unclear", "failed"
DATABASES = ("sqlite", "postgresql")
WORKING = ("Queued", "Processing", "Checking")  # what a card says while more is to come
LEASE = 2.0  # seconds, in place of the bot's 30
PATIENCE = 40.0  # seconds until every job is over
_open = contextlib.ExitStack()
atexit.register(_open.close)


@functools.cache
def _postgres() -> str:
    """One server for all tests of this kind, without a database's name."""
    return _open.enter_context(postgres.server()).rpartition("/")[0]


def postgres_server() -> str:
    """Its address. Skips the test where there are no binaries, or fails it where they must be there."""
    if postgres.binaries() is None:
        reason = "PostgreSQL's initdb is not on this machine"
        if postgres.NEEDED:
            pytest.fail(reason)
        pytest.skip(reason)
    return _postgres()


@dataclass(frozen=True)
class Row:
    """A job as the database has it."""

    id: str
    state: str
    prompt: str  # as it is searched: without upper case
    interaction_id: int
    message_id: int | None
    request_id: str | None
    owner: str | None
    ended_at: float | None
    claimed: bool


COLUMNS = ", ".join(Row.__dataclass_fields__)


class Scene:
    """A house whose bots may be killed: each new one finds the same database. Close it at the end."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """`url` is the database's; empty for the bot's own SQLite file."""
        self.house = House(folder)
        self._url = url

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, folder: Path, kind: str) -> AsyncIterator[Scene]:
        """`kind` is one of DATABASES."""
        scene = cls(folder, "" if kind == "sqlite" else await new_database(postgres_server()))
        try:
            yield scene
        finally:
            scene.house.close()

    async def start(self, *points: str, data: str = "bot", number: str = "KILL", **env: str) -> Program:
        """A bot that is connected, to be killed (or stopped) where it meets the last of these points."""
        if self._url:
            env = {"DATABASE_URL": self._url, "LEASE_SECONDS": str(LEASE)} | env
        settings = {"JOBS_AT_ONCE": "0", "SUBMIT_RECONCILE_SECONDS": "3"} | env
        bot = self.house.start_bot(data=data, crash_at="; ".join(points), crash_signal=number, **settings)
        await self.logged(bot, "connected to Discord")
        return bot

    async def logged(self, bot: Program, words: str, times: int = 1) -> None:
        """Wait until this bot's log has these words so many times since it was started."""
        try:
            async with asyncio.timeout(PATIENCE):
                while bot.said().count(words) < times:  # a file sends no event
                    assert bot.process.poll() is None, self.house.logs()
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"{bot.name} did not say {words!r}\n{self.house.logs()}")

    # The database ---------------------------------------------------------------------------------------

    async def rows(self) -> list[Row]:
        """All jobs, the oldest first."""
        query = f"SELECT {COLUMNS} FROM jobs ORDER BY created_at"  # noqa: S608  # our own words
        if not self._url:
            with contextlib.closing(sqlite3.connect(self.house.folder / "bot" / "repaint.db")) as database:
                return [Row(*row) for row in database.execute(query)]
        connection = await asyncpg.connect(self._url)
        try:
            return [Row(*row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def over(self) -> list[Row]:
        """All jobs, when each of them is over."""
        try:
            async with asyncio.timeout(PATIENCE):
                while await self._unfinished():  # noqa: ASYNC110  # rows send no event
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"these jobs are stuck: {await self._unfinished()}\n{self.house.logs()}")
        return await self.rows()

    async def _unfinished(self) -> list[Row]:
        return [row for row in await self.rows() if row.ended_at is None]

    # Judging --------------------------------------------------------------------------------------------

    async def judged(self, figures: str = "") -> list[Fate]:
        """What became of every accepted job, if nothing happened that must not; they are over."""
        fates = await self.fates()
        complaints = {fate.row.prompt: found for fate in fates if (found := list(fate.faults()))}
        assert complaints == {}, f"{complaints} {figures} {self.house.logs()}"
        saw = self.house.api_saw()
        assert saw["submits"] == sum(len(fate.requests) for fate in fates), figures
        assert saw["billed"] == sum(fate.row.state == "done" for fate in fates), figures
        return fates

    async def fates(self) -> list[Fate]:
        """What became of every accepted job."""
        history = await self._history()
        asked = self.house.api_saw()["requests"]
        requests = defaultdict(list)
        for request in asked:
            requests[request["body"]["prompt"].casefold()].append(request)
        found = []
        for row in await self.rows():
            name = f"repaint-{row.id}-"
            showing = [
                message
                for message in history.ever
                if any(file["filename"].startswith(name) for file in message["attachment_files"])
            ]
            found.append(
                Fate(
                    row=row,
                    requests=requests[row.prompt],
                    ever_on={message["id"] for message in showing},
                    now_on=[
                        message
                        for message in history.now.values()
                        if any(file["filename"].startswith(name) for file in message["attachment_files"])
                    ],
                    reply=history.now.get(str(row.message_id)),
                    messages=list(history.now.values()),
                )
            )
        return found

    async def _history(self) -> History:
        """Every message of every channel, direct ones too: as it is, and as it ever was."""
        history = History()
        async with Person(self.house.discord) as person:
            last = (await person.world())["last_event"]
            async with asyncio.timeout(PATIENCE), contextlib.aclosing(person.events(since=0)) as events:
                async for event in events:
                    history.add(event.name, event.data)
                    if event.seq >= last:
                        break
        return history


@dataclass
class History:
    """What was seen in all channels."""

    now: dict[str, Message] = field(default_factory=dict)
    ever: list[Message] = field(default_factory=list)

    def add(self, name: str, data: dict[str, Any]) -> None:
        if name in ("message_create", "message_update"):
            self.now[data["id"]] = data
            self.ever.append(data)
        elif name == "message_delete":
            self.now.pop(data["id"], None)


@dataclass(frozen=True)
class Fate:
    """What became of one job: its row, what the API has of it, where its picture is and ever was."""

    row: Row
    requests: Sequence[dict[str, Any]]
    ever_on: set[str]
    now_on: Sequence[Message]
    reply: Message | None
    messages: Sequence[Message]

    @property
    def bills(self) -> int:
        return sum(request["cost"] > 0 for request in self.requests)

    @property
    def told(self) -> str:
        """What the reply says of its state; empty where it is gone."""
        return "" if self.reply is None else shown(self.reply)

    def faults(self) -> Iterator[str]:
        """What must never be, whatever happened: the reasons to complain of this job."""
        if self.row.ended_at is None:
            yield "it is not over"
        if len(self.requests) > 1:
            yield f"it was sent {len(self.requests)} times and billed {self.bills} times"
        if any(word in self.told.split() for word in WORKING):
            yield f"its card still works: {self.told}"
        if self.row.state == "done":
            yield from self._faults_of_delivery()
        elif self.ever_on:
            yield f"it was shown, and yet it is {self.row.state}"
        elif self.row.state not in ("failed", "unknown"):
            yield f"it ended as {self.row.state}"
        elif self.bills:
            yield f"it is paid for, and yet it is {self.row.state}: {self.told}"
        elif not self._was_told():
            yield f"nobody was told: {self.told!r}"

    def _was_told(self) -> bool:
        """Whether the reply, or a direct message in its place, says that there will be no picture."""
        button = f"retry:{self.row.id}"
        return "Failed" in self.told or any(button in custom_ids(each) for each in self.messages)

    def _faults_of_delivery(self) -> Iterator[str]:
        if self.bills != 1:
            yield f"it is done with {self.bills} bills"
        if len(self.ever_on) != 1 or len(self.now_on) != 1:
            yield f"its picture was on the messages {self.ever_on} and is on {len(self.now_on)}"
        elif "Done" not in shown(self.now_on[0]):
            yield f"its picture stands under {shown(self.now_on[0])!r}"

    @property
    def end(self) -> str:
        """DONE, FAILED, or UNCLEAR: the API never had it, and the person heard that nobody can tell."""
        if self.row.state == "unknown" and not self.requests and SubmitUnknown.sentence in self.told:
            return UNCLEAR
        return self.row.state
