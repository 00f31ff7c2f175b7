"""A gateway session, which outlives its connections, and one connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections import deque
from typing import Any

import aiohttp
from aiohttp import web

from playground import compression
from playground.traffic import Traffic

log = logging.getLogger(__name__)

DISPATCH = 0

REPLAY = 2_000
"""Events that a dropped session keeps for its resume."""

SESSION_LIFE = 180.0
"""Seconds that a dropped session waits for its resume."""

MAX_QUEUE = 10_000


class Session:
    """What IDENTIFY began: a sequence of events that a resume continues."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.seq = 0
        self.events: deque[tuple[int, str]] = deque(maxlen=REPLAY)
        self.connection: Connection | None = None
        self.dropped_at = 0.0

    def dispatch(self, name: str, data: dict[str, Any]) -> None:
        self.seq += 1
        text = json.dumps({"op": DISPATCH, "t": name, "s": self.seq, "d": data})
        self.events.append((self.seq, text))
        if self.connection is not None:
            self.connection.send_text(text)

    def can_resume(self, seq: int) -> bool:
        """Whether everything after `seq` is still here."""
        first = self.events[0][0] if self.events else self.seq + 1
        fresh = self.connection is not None or time.monotonic() - self.dropped_at < SESSION_LIFE
        return fresh and first - 1 <= seq <= self.seq


class Connection:
    """One websocket. What it is sent waits in a queue, so that a slow client holds up nobody else."""

    def __init__(self, socket: web.WebSocketResponse, compress: str | None, traffic: Traffic) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.stopping = False
        self._close_code = 4000
        self._compress = compression.stream(compress)
        self._traffic = traffic
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(MAX_QUEUE)
        self._writer = asyncio.create_task(self._write())

    def send(self, op: int, data: Any = None) -> None:
        self.send_text(json.dumps({"op": op, "t": None, "s": None, "d": data}))

    def send_text(self, text: str) -> None:
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            self.stop(4000)

    def stop(self, code: int) -> None:
        """Close after what is queued was sent."""
        self.stopping = True
        self._close_code = code
        if self._queue.full():
            self._writer.cancel()
        else:
            self._queue.put_nowait(None)

    async def _write(self) -> None:
        try:
            while (text := await self._queue.get()) is not None:
                self._traffic.record("gateway_out", json=json.loads(text))
                if self._compress is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._compress(text.encode()))
        except (aiohttp.ClientError, ConnectionError):
            log.debug("the client went away while it was sent something")
        finally:
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                await self.socket.close(code=self._close_code)

    async def ended(self) -> None:
        """Let go of the writer."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
