"""`scripts/run` with no Discord: a page in its place, and the bot as that page orders it, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from pathlib import Path

import aiohttp

from scripts import hints
from scripts.browser import open_page
from scripts.processes import Processes
from scripts.stand_ins import bot_at, say_who_paints, start_embedded

READY_SECONDS = 60.0  # for the bot to come to the stand-in

# The preview engine is done in a blink. At the real service people wait, and there is much to see and to try
# while they do: the queue, the bar, Cancel, a bot that is killed. The workshop can change it.
PACE = {"queue_seconds": 1, "inference_seconds": 4}


async def serve_page(*, real_api: bool, opens: bool) -> int:
    """Run until it is cancelled. Raises ProcessEnded where a stand-in ends, or the bot before it is there."""
    api_url = os.environ.get("SEGMIND_API_URL")
    print("No Discord needed: a page in your browser takes its place.", flush=True)
    say_who_paints(api_url, real_api=real_api)
    with tempfile.TemporaryDirectory(prefix="repaint-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        async with Processes(logs=work) as processes:
            settings, more = {}, []
            if not real_api:
                settings = await start_embedded(processes, work / "embedded", "--admin")
                more = ["--api", settings["SEGMIND_API_URL"]]
                await _set_pace(settings["SEGMIND_API_URL"])
            base = await processes.start_server(
                "playground", "playground", "--supervised", "--or-free-port", *more, told=True
            )
            keeper = BotKeeper(processes, settings | bot_at(base, work / "bot"))
            await keeper.start()
            await processes.during(_bot_there(base), before="it was there")
            print(f"Open {base} in a browser.", flush=True)
            print(f"Ctrl-C stops it. The logs are in {work} until then.", flush=True)
            if opens:
                open_page(base)
            stand_ins = ("playground",) if real_api else ("playground", "embedded")
            try:
                await processes.during(keeper.run(), *stand_ins, before="it was told to")
            except asyncio.CancelledError:
                print("Stopping …", flush=True)
                if real_api and (hint := hints.operator_hint(processes.log("bot"), api_url)):
                    print(hint, file=sys.stderr)
                raise
    return 0


async def _set_pace(api: str) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{api}/admin/script", json=PACE) as answer:
        answer.raise_for_status()


async def _bot_there(base: str) -> None:
    """Wait until the bot has come and has its commands, or for so long that one may just as well look."""
    address = f"{base}/person/ready?timeout={READY_SECONDS}"
    with contextlib.suppress(aiohttp.ClientError):  # whoever waits for the stand-in's end says so
        async with aiohttp.ClientSession() as session, session.get(address):
            return


class BotKeeper:
    """Keeps the bot as the page orders it: killed, stopped, started again.

    An end that was not ordered is told, on the page and here, and the page can start it again.
    """

    def __init__(self, processes: Processes, env: dict[str, str]) -> None:
        self._processes = processes
        self._env = env
        self._is_end_ordered = False
        self._start = asyncio.Event()
        self._end: asyncio.Future[int]

    async def start(self) -> None:
        """Start the bot's process and say so."""
        self._is_end_ordered = False
        await self._processes.start_bot(self._env)
        self._end = asyncio.ensure_future(self._processes.wait("bot"))
        await self._processes.tell("playground", "bot running")

    async def run(self) -> None:
        """Obey until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._obey(group))
            group.create_task(self._keep())

    async def _obey(self, group: asyncio.TaskGroup) -> None:
        async for order in self._processes.lines("playground"):
            match order:
                case "bot kill":
                    self._is_end_ordered = True
                    self._processes.kill("bot")
                case "bot stop":
                    self._is_end_ordered = True
                    group.create_task(self._processes.stop("bot"))
                case "bot start":
                    self._start.set()

    async def _keep(self) -> None:
        while True:
            code = await self._end
            if not self._is_end_ordered:
                words = self._processes.last_words("bot")
                print(f"bot ended {_how(code)}. The page can start it again.\n{words}", file=sys.stderr)
            self._start.clear()
            await self._processes.tell("playground", f"bot ended {code}")
            await self._start.wait()
            await self.start()


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"
