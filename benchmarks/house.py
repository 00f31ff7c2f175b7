"""The bot with both stand-ins beside it, as processes, and a person who never tires."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import numpy as np
import psutil
from PIL import Image

from scripts.processes import Processes
from tests import postgres

KEY = "local"
TOKEN = "playground"  # noqa: S105  # the stand-in's
WAIT_SECONDS = 300.0


class House:
    """`discord` and `api` are the stand-ins' addresses. The bot is started by `start_bot`."""

    def __init__(self, processes: Processes, session: aiohttp.ClientSession, folder: Path) -> None:
        self.processes = processes
        self.folder = folder
        self._session = session
        self.discord = self.api = ""
        self._who: dict[str, str] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls) -> AsyncIterator[House]:
        """Both stand-ins, which know no rate limits; whatever runs is ended at the end."""
        with tempfile.TemporaryDirectory(prefix="repaint-bench-") as name:
            folder = Path(name)
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=120)
                ) as session,
                Processes(logs=folder) as processes,
            ):
                house = cls(processes, session, folder)
                await house._start()
                yield house

    async def _start(self) -> None:
        self.discord = await self.processes.start_server("playground", "playground", "--port", "0")
        self.api = await self.processes.start_server(
            "embedded",
            *("embedded", "--port", "0", "--admin", "--engine", "canned"),
            *("--data", str(self.folder / "embedded"), "--log-level", "warning"),
            env={"SEGMIND_API_KEY": KEY},
        )
        await self.post(f"{self.discord}/workshop/settings", {"rate_limits": False})

    def settings(self, **more: str) -> dict[str, str]:
        """The bot's environment: no limits of its own."""
        return {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_URL": f"{self.discord}/api/v10",
            "SEGMIND_API_KEY": KEY,
            "SEGMIND_API_URL": self.api,
            "SEGMIND_UPLOAD_URL": self.api,
            "SEGMIND_HISTORY_URL": self.api,
            "SEGMIND_REQUESTS_PER_MINUTE": "0",
            "JOBS_AT_ONCE": "0",
            "JOBS_AT_ONCE_PER_MEMBER": "0",
            "JOBS_AT_ONCE_PER_SERVER": "0",
            "JOBS_PER_MEMBER": "0",
            "DATABASE_URL": "",
            "DATA_DIR": str(self.folder / "bot"),
            "LOG_LEVEL": "error",
        } | more

    async def start_bot(self, **more: str) -> float:
        """Seconds from the start of the process to connected and commands known."""
        began = time.monotonic()
        await self.processes.start_bot(self.settings(**more))
        await self.get(f"{self.discord}/person/ready?timeout=30")
        return time.monotonic() - began

    @property
    def bot(self) -> psutil.Process:
        return psutil.Process(self.processes.pid("bot"))

    async def kill_bot(self) -> None:
        """kill -9."""
        os.kill(self.processes.pid("bot"), signal.SIGKILL)
        await self.processes.wait("bot")
        await self.processes.stop("bot")

    # A person ---------------------------------------------------------------------------------------------

    async def upload(self, picture: bytes) -> str:
        form = aiohttp.FormData()
        form.add_field("file", picture, filename="noise.png", content_type="image/png")
        async with self._session.post(f"{self.discord}/person/attachments", data=form) as answer:
            answer.raise_for_status()
            return str((await answer.json())["id"])

    async def command(self, image: str, prompt: str, user: str = "member", channel: str = "art") -> str:
        """The interaction's id."""
        options = {"image": image, "prompt": prompt}
        body = {"user": user, "channel": channel, "name": "img2img", "options": options}
        return str((await self.post(f"{self.discord}/person/commands", body))["interaction"])

    async def acknowledged(self, interaction: str) -> float:
        """Milliseconds. The stand-in measures it, from the sending of the interaction."""
        seen = await self.get(f"{self.discord}/person/interactions/{interaction}?wait=10")
        if seen["status"] != "acknowledged":
            raise SystemExit(f"not acknowledged: {seen}")
        return float(seen["acknowledged_ms"])

    async def all_posted(self, interactions: Collection[str]) -> None:
        """Until the reply to each shows a picture."""
        wanted = {
            (await self.get(f"{self.discord}/person/interactions/{each}"))["message"] for each in interactions
        }
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            posted = {each["id"] for each in await self.messages() if each["attachment_files"]}
            if wanted <= posted:
                return
            await asyncio.sleep(0.5)
        raise SystemExit(f"{len(wanted - posted)} of {len(wanted)} pictures were not posted")

    async def messages(self, channel: str = "art") -> Any:
        return await self.get(f"{self.discord}/person/messages?channel={channel}&user=member")

    # The API's own word -----------------------------------------------------------------------------------

    async def script(self, **script: Any) -> None:
        await self.post(f"{self.api}/admin/script", script)

    async def release(self, request_id: str | None = None) -> None:
        await self.post(f"{self.api}/admin/release", {"request_id": request_id} if request_id else {})

    async def api_saw(self) -> Any:
        """Its counts, and every request, oldest first."""
        return await self.get(f"{self.api}/admin/requests")

    async def traffic(self) -> Any:
        """What the bot and the stand-in for Discord said to each other, the last 5,000 of it."""
        return await self.get(f"{self.discord}/workshop/traffic")

    async def delete(self, url: str) -> None:
        async with self._session.delete(url) as answer:
            answer.raise_for_status()

    async def get(self, url: str) -> Any:
        async with self._session.get(url) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, url: str, body: dict[str, Any]) -> Any:
        async with self._session.post(url, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """The address of an empty database whose commits reach the disk.

    SIGTERM ends this process as an exit does from here on: the server is nobody's child and would stay.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if postgres.binaries() is None:
        raise SystemExit("PostgreSQL is not installed here")
    with postgres.server("fsync=on", "full_page_writes=on") as url:
        yield url


async def query(url: str, sql: str) -> Sequence[Any]:
    """Rows of a PostgreSQL database."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


def noise(side: int) -> bytes:
    """A PNG that cannot be compressed: 592 pixels make 1 MiB."""
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)
    with tempfile.TemporaryFile() as file:
        Image.fromarray(pixels).save(file, "PNG")
        file.seek(0)
        return file.read()
