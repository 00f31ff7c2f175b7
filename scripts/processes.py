"""The processes that make up a running Repaint: started, watched, and ended in the right order."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

ROOT = Path(__file__).resolve().parent.parent
SECRETS = ("DISCORD_TOKEN", "SEGMIND_API_KEY", "DATABASE_URL")  # the bot's alone
START_SECONDS = 30.0  # for a stand-in to say where it listens
STOP_SECONDS = 15.0  # for a process to end by itself when told to; the bot's last work may take ten

T = TypeVar("T")

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class ProcessEnded(Exception):
    """A process ended that should have gone on. The message is for people; `code` is what to exit with."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message.strip())
        self.code = 2 if code == 2 else 1  # 2: a setting is wrong, so starting it again does not help


class Processes:
    """Runs programs of this project and ends them, the last one first.

    Each has a session of its own. Ctrl-C in the terminal therefore reaches only whoever holds this, so that
    the bot can end before its stand-ins do. If the holder is killed, Linux tells them to end. On Windows none
    of this holds: Ctrl-C reaches all at once, and `stop` ends a process without a chance to finish anything.

    What they log goes to the terminal, or to `logs/NAME.log` if a folder is given.
    """

    def __init__(self, logs: Path | None = None) -> None:
        self._logs = logs
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in reversed(list(self._running)):
            await self.stop(name)

    async def start_server(
        self, name: str, *arguments: str, env: dict[str, str] | None = None, told: bool = False
    ) -> str:
        """Start a stand-in (`python -m …`) and return its base address, which it prints first.

        One that is `told` things gets them from `tell`; what it prints after its address is in `lines`.
        """
        stdin = asyncio.subprocess.PIPE if told else asyncio.subprocess.DEVNULL
        process = await self._start(
            name, ("-m", *arguments), env or {}, stdin=stdin, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None  # noqa: S101  # asked for just above
        try:
            async with asyncio.timeout(START_SECONDS):
                line = (await process.stdout.readline()).decode()
                if not line:  # it has ended, or is about to
                    await process.wait()
        except TimeoutError:
            line = ""
        if " listening on " not in line:
            raise ProcessEnded(f"{name} did not start.\n{self.last_words(name)}")
        return line.rsplit(" ", 1)[1].strip()

    async def start_bot(self, env: dict[str, str]) -> None:
        """Start bot.py with these variables besides the ones that are set already."""
        await self._start("bot", ("bot.py",), env)

    async def tell(self, name: str, line: str) -> None:
        """Write a line to a stand-in that is told things; one that has ended does not hear it."""
        stdin = self._running[name].stdin
        assert stdin is not None  # noqa: S101  # asked for at its start
        with contextlib.suppress(ConnectionError):
            stdin.write(f"{line}\n".encode())
            await stdin.drain()

    async def lines(self, name: str) -> AsyncIterator[str]:
        """What a stand-in prints, line by line, until it ends."""
        stdout = self._running[name].stdout
        assert stdout is not None  # noqa: S101  # asked for at its start
        async for line in stdout:
            yield line.decode("utf-8", "replace").strip()

    def pid(self, name: str) -> int:
        """The id of a running process."""
        return self._running[name].pid

    def wait(self, name: str) -> Coroutine[Any, Any, int]:
        """The exit code of the process that has this name now, when it has ended."""
        return self._running[name].wait()

    async def during(self, work: Coroutine[Any, Any, T], *names: str, before: str) -> T:
        """What `work` returns. Raises ProcessEnded where one of these processes (of all) ends before.

        `before` completes the sentence "NAME ended before …".
        """

        async def ended() -> NoReturn:
            name = await self.any_ended(*names)
            code = await self.wait(name)
            raise ProcessEnded(f"{name} ended before {before}.\n{self.last_words(name)}", code)

        tasks = [asyncio.create_task(work), asyncio.create_task(ended())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in tasks if task.done()).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def any_ended(self, *names: str) -> str:
        """The name of the first of these processes, or of all, that ends."""
        waits = {
            asyncio.create_task(process.wait()): name
            for name, process in self._running.items()
            if not names or name in names
        }
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return waits[done.pop()]
        finally:
            for task in waits:
                task.cancel()

    async def stop(self, name: str) -> None:
        """Tell a process to end, and end it and its children if it does not."""
        process = self._running.get(name)
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            _kill(process)
            await process.wait()
        if self._running.get(name) is process:  # and not one of that name that was started meanwhile
            del self._running[name]

    def kill(self, name: str) -> None:
        """End a process and its children at once, without asking."""
        if name in self._running:
            _kill(self._running[name])

    def log(self, name: str) -> str:
        """What a process logged, if that went to a file."""
        if self._logs is None:
            return ""
        with contextlib.suppress(OSError):
            return (self._logs / f"{name}.log").read_text("utf-8", "replace")
        return ""

    def last_words(self, name: str, lines: int = 5) -> str:
        """The end of what a process logged, if that went to a file."""
        return "\n".join(self.log(name).splitlines()[-lines:])

    async def _start(
        self,
        name: str,
        arguments: tuple[str, ...],
        env: dict[str, str],
        *,
        stdin: int = asyncio.subprocess.DEVNULL,
        stdout: int | None = None,
    ) -> asyncio.subprocess.Process:
        kept = {key: value for key, value in os.environ.items() if name == "bot" or key not in SECRETS}
        with contextlib.ExitStack() as stack:
            stderr = None
            if self._logs is not None:
                stderr = stack.enter_context((self._logs / f"{name}.log").open("ab"))
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                cwd=ROOT,
                env={**kept, "PYTHONUNBUFFERED": "1", **env},
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,  # ignored on Windows
                preexec_fn=_end_with_parent if _libc is not None else None,
            )
        self._running[name] = process
        return process


def _end_with_parent() -> None:
    """In the new process: have Linux send it SIGTERM when its parent is gone (prctl(2), PR_SET_PDEATHSIG)."""
    assert _libc is not None  # noqa: S101  # only called where it is there
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill(process: asyncio.subprocess.Process) -> None:
    """End a process, and what it has started, without asking."""
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
