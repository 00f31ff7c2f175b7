"""The gateway: sessions that outlive their connections, and the websocket they speak over.

Discord API docs, Gateway: opcodes, close codes, resuming.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
from aiohttp import web

from playground import payloads, strict_json
from playground.events import Signal
from playground.faults import Faults
from playground.places import APPLICATION_ID, GUILD_ID
from playground.sessions import SESSION_LIFE, Connection, Session
from playground.traffic import Traffic
from playground.world import World

HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 1, 2, 6, 7
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
"""Members, presences, message content: the application at the playground was not granted them."""

MAX_PAYLOAD = 4_096
"""Larger messages from a client are answered with close code 4002."""


class Gateway:
    """All sessions of the bot."""

    def __init__(self, world: World, traffic: Traffic, faults: Faults, token: str) -> None:
        self._world = world
        self._traffic = traffic
        self._faults = faults
        self._token = token
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self.signal = Signal()
        self.url = ""

    @property
    def connected(self) -> bool:
        """Whether some session got its READY and has a connection."""
        return any(session.connection for session in self._sessions.values())

    def dispatch(self, name: str, data: dict[str, Any], *, guild: str | None, intent: int = 0) -> None:
        """Send an event to each session that wants it: that of the guild's shard, or shard 0 without one."""
        for session in self._live():
            number, count = session.shard
            here = (int(guild or 0) >> 22) % count == number
            if here and session.intents & intent == intent:
                session.dispatch(name, data)

    def drop(self, code: int, *, forget: bool = False) -> None:
        """Close every connection; `forget`: the resume that follows is refused."""
        if forget:
            self._sessions.clear()
        for connection in list(self._connections):
            connection.stop(code)

    def reconnect(self) -> None:
        """Ask every client to reconnect (opcode 7)."""
        for connection in list(self._connections):
            connection.send(RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        """Opcode 9 to every client; what is not resumable is forgotten."""
        if not resumable:
            self._sessions.clear()
        for connection in list(self._connections):
            connection.send(INVALID_SESSION, resumable)

    def _live(self) -> list[Session]:
        now = time.monotonic()
        for session in list(self._sessions.values()):
            if session.connection is None and now - session.dropped_at > SESSION_LIFE:
                del self._sessions[session.id]
        return list(self._sessions.values())

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """GET /gateway: one connection from HELLO to its close."""
        socket = web.WebSocketResponse(max_msg_size=1 << 20, timeout=2.0)
        await socket.prepare(request)
        connection = Connection(socket, request.query.get("compress"), self._traffic)
        self._connections.add(connection)
        interval = self._world.settings.heartbeat_interval
        connection.send(HELLO, {"heartbeat_interval": interval, "_trace": []})
        try:
            await self._listen(connection, interval / 1000)
        finally:
            self._connections.discard(connection)
            session = connection.session
            if session is not None and session.connection is connection:
                session.connection = None
                session.dropped_at = time.monotonic()
                if socket.close_code in (1000, 1001) and not connection.stopping:
                    self._sessions.pop(session.id, None)  # the client ended it for good
            await connection.ended()
            self.signal.notify()
        return socket

    async def _listen(self, connection: Connection, interval: float) -> None:
        """Read until the client goes, or is silent for longer than two heartbeats."""
        while True:
            try:
                message = await connection.socket.receive(timeout=2 * interval + 5)
            except TimeoutError:
                await connection.socket.close(code=4009)
                return
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            code = self._receive(connection, message.data)
            if code:
                await connection.socket.close(code=code)
                return

    def _receive(self, connection: Connection, text: str) -> int:
        """Act on one message; answers the code to close with, or 0."""
        try:
            payload = strict_json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return 4002
        if len(text) > MAX_PAYLOAD or (op in (IDENTIFY, RESUME) and not isinstance(data, dict)):
            return 4002
        self._traffic.record("gateway_in", json=payload)
        if op == HEARTBEAT and not self._faults.silent_gateway:
            connection.send(HEARTBEAT_ACK)
        elif op == IDENTIFY:
            return self._identify(connection, data)
        elif op == RESUME:
            return self._resume(connection, data)
        elif op in (3, 4, 8):  # presence, voice and member requests are taken and have no effect here
            return 0 if connection.session else 4003
        return 0 if op == HEARTBEAT else 4001

    def _identify(self, connection: Connection, data: dict[str, Any]) -> int:
        if connection.session is not None:
            return 4005
        if str(data.get("token", "")).removeprefix("Bot ") != self._token:
            return 4004
        shard = data.get("shard") or [0, 1]
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            return 4010
        intents = data.get("intents")
        if not isinstance(intents, int):
            return 4013
        if intents & PRIVILEGED:
            return 4014
        session = Session(intents, (shard[0], shard[1]))
        for old in self._live():
            if old.connection is None and old.shard == session.shard:
                del self._sessions[old.id]
        self._sessions[session.id] = session
        self._attach(connection, session)
        mine = (int(GUILD_ID) >> 22) % shard[1] == shard[0]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": payloads.user_json(self._world.bot) | {"verified": True, "mfa_enabled": False},
                "guilds": [{"id": GUILD_ID, "unavailable": True}] if mine else [],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "session_type": "normal",
                "shard": list(session.shard),
                "application": {"id": APPLICATION_ID, "flags": 0},
                "private_channels": [],
                "_trace": [],
            },
        )
        if mine and intents & GUILDS:
            session.dispatch("GUILD_CREATE", payloads.guild_create_json(self._world))
        self.signal.notify()
        return 0

    def _resume(self, connection: Connection, data: dict[str, Any]) -> int:
        if str(data.get("token", "")).removeprefix("Bot ") != self._token:
            return 4004
        session = self._sessions.get(str(data.get("session_id")))
        seq = data.get("seq")
        if session is None or not isinstance(seq, int) or not session.can_resume(seq):
            connection.send(INVALID_SESSION, False)
            return 0
        missed = [text for number, text in session.events if number > seq]
        self._attach(connection, session)
        for text in missed:
            connection.send_text(text)
        session.dispatch("RESUMED", {"_trace": []})
        self.signal.notify()
        return 0

    def _attach(self, connection: Connection, session: Session) -> None:
        if session.connection is not None and session.connection is not connection:
            session.connection.stop(4000)
        session.connection = connection
        connection.session = session

    async def close(self) -> None:
        """End every connection, as a server that goes away does."""
        await asyncio.gather(*(c.socket.close(code=1001) for c in list(self._connections)))
