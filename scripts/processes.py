"""The processes that make up a running Repaint: started, watched, and ended in the right order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0  # for a stand-in to say where it listens
STOP_SECONDS = 12.0  # for a process to end by itself when told to


class ProcessEnded(Exception):
    """A process ended that should have gone on. The message is for people."""


class Processes:
    """Runs programs of this project, each in a session of its own, and ends them, the last one first.

    Ctrl-C in the terminal therefore reaches only whoever holds this, so that the bot can end before its
    stand-ins do. What they log goes to the terminal, or to `logs/NAME.log` if a folder is given.
    """

    def __init__(self, logs: Path | None = None) -> None:
        self._logs = logs
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in reversed(list(self._running)):
            await self.stop(name)

    async def start_server(self, name: str, *arguments: str, env: dict[str, str] | None = None) -> str:
        """Start a stand-in (`python -m …`) and return its base address, which it prints first."""
        process = await self._start(name, ("-m", *arguments), env or {}, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None  # noqa: S101  # asked for just above
        try:
            async with asyncio.timeout(START_SECONDS):
                line = (await process.stdout.readline()).decode()
        except TimeoutError:
            line = ""
        if " listening on " not in line:
            raise ProcessEnded(f"{name} did not start. {self.last_words(name)}")
        return line.rsplit(" ", 1)[1].strip()

    async def start_bot(self, env: dict[str, str]) -> None:
        """Start bot.py with these variables besides the ones that are set already."""
        await self._start("bot", ("bot.py",), env, stdout=None)

    def pid(self, name: str) -> int:
        """The id of a running process."""
        return self._running[name].pid

    async def wait(self, name: str) -> int:
        """The exit code of a process, when it has ended."""
        return await self._running[name].wait()

    async def any_ended(self) -> str:
        """The name of the first process that ends."""
        waits = {asyncio.create_task(process.wait()): name for name, process in self._running.items()}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return waits[done.pop()]
        finally:
            for task in waits:
                task.cancel()

    async def stop(self, name: str) -> None:
        """Tell a process to end, and end it if it does not."""
        process = self._running.pop(name)
        if process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def last_words(self, name: str, lines: int = 5) -> str:
        """The end of what a process logged, if that went to a file."""
        if self._logs is None:
            return ""
        with contextlib.suppress(OSError):
            return "\n".join((self._logs / f"{name}.log").read_text("utf-8", "replace").splitlines()[-lines:])
        return ""

    async def _start(
        self, name: str, arguments: tuple[str, ...], env: dict[str, str], *, stdout: int | None
    ) -> asyncio.subprocess.Process:
        with contextlib.ExitStack() as stack:
            stderr = None
            if self._logs is not None:
                stderr = stack.enter_context((self._logs / f"{name}.log").open("ab"))
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,  # ignored on Windows
            )
        self._running[name] = process
        return process
