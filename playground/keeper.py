"""Whoever keeps the bot's process, such as `scripts/run`: it takes orders and tells how the process is.

Both go line by line: orders over this process's standard output (``bot kill``), states over its standard
input (``bot running``, ``bot ended -9``).
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Callable
from typing import Any, Literal

from playground.errors import PersonError
from playground.events import Signal

ORDERS = ("kill", "stop", "start")
"""SIGKILL, SIGTERM, and a new process."""

MAX_LINE = 4_096

State = Literal["starting", "running", "ended", "unknown"]


class Keeper:
    """What is known of the bot's process. `write` takes an order; without it nobody keeps the process."""

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self._write = write
        self._state: State = "unknown"
        self._code: int | None = None
        self.signal = Signal()

    def json(self) -> dict[str, Any]:
        """`code` is the exit code of a process that has ended, negative for a signal."""
        return {"supervised": self._write is not None, "state": self._state, "code": self._code}

    def order(self, what: object) -> None:
        """Have the process killed, stopped or started. Raises PersonError where that makes no sense."""
        if what not in ORDERS:
            raise PersonError(f"do is one of {', '.join(ORDERS)}.")
        if self._write is None:
            raise PersonError("Nobody here keeps the bot's process: it was started by itself.", 409)
        if self._state == "unknown" or (what == "start") is not (self._state == "ended"):
            raise PersonError(f"The bot's process is {self._state}.", 409)
        try:
            self._write(f"bot {what}")
        except OSError:
            self.lost()
            raise PersonError("Whoever kept the bot's process is gone.", 409) from None
        if what == "start":
            self._be("starting")

    def hear(self, line: str) -> None:
        """Take a state. Lines that make no sense mean nothing."""
        if line == "bot running":
            self._be("starting")
        elif ended := re.fullmatch(r"bot ended (-?\d{1,10})", line):
            self._be("ended", int(ended[1]))

    def connected(self) -> None:
        """The bot is at the gateway, so its start is over. Who says so tells the others."""
        if self._state == "starting":
            self._state = "running"

    def lost(self) -> None:
        """Nobody keeps the process any longer."""
        self._write = None
        self._be("unknown")

    def _be(self, state: State, code: int | None = None) -> None:
        self._state, self._code = state, code
        self.signal.notify()


def listen(keeper: Keeper, descriptor: int) -> None:
    """Let the keeper hear the lines that come, and that no more will, until this process ends.

    A thread reads, because Windows has no other way for a pipe that was not made for it. It reads past
    Python's buffers: their lock, held by a thread that waits, would make the end of the process a crash.
    """
    loop = asyncio.get_running_loop()

    def tell(do: Callable[..., None], *arguments: str) -> None:
        try:
            loop.call_soon_threadsafe(do, *arguments)
        except RuntimeError:  # the loop is closed: this process is about to end
            return

    def read() -> None:
        rest = b""
        while chunk := _read(descriptor):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                tell(keeper.hear, line.decode("utf-8", "replace").strip())
            rest = rest[-MAX_LINE:]
        tell(keeper.lost)

    threading.Thread(target=read, name="keeper", daemon=True).start()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, MAX_LINE)
    except OSError:
        return b""
