"""Servers for answers that the embedded API cannot give, and what tests do with a client of any server."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import RawTestServer
from pydantic import SecretStr

from repaint.models import ApiState, Request, Status
from repaint.segmind import SegmindClient, Timeouts

KEY = "SG_0123456789abcdef"
REQUEST = Request(prompt="a fox in the snow", seed=7)
IMAGE = "aGVsbG8="
"""Any base64: the canned engine does not look at its input."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class OddServer:
    """Answers every request as `answer` says, and remembers them all."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Seen] = []
        self.answer: Answer = self.says(404)

    @staticmethod
    def says(
        status: int, body: bytes | Mapping[str, Any] = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        async def answer(_: web.BaseRequest) -> web.Response:
            if isinstance(body, bytes):
                return web.Response(status=status, body=body, headers=headers)
            return web.json_response(body, status=status, headers=headers)

        return answer

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.seen.append(
            Seen(request.method, request.path, dict(request.query), request.headers.copy(), body)
        )
        return await self.answer(request)


@contextlib.asynccontextmanager
async def odd_server() -> AsyncIterator[OddServer]:
    server = OddServer()
    async with RawTestServer(server.handle, host="127.0.0.1") as running:
        server.url = f"http://127.0.0.1:{running.port}"
        yield server


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[str]:
    """A server of bytes: `talk` holds each connection's conversation, which ends when it returns."""
    talks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went first, or the test
        finally:
            talks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request's head, its body read and dropped."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
    return head


@contextlib.asynccontextmanager
async def client_of(
    url: str, key: str = KEY, timeouts: Timeouts | None = None
) -> AsyncIterator[SegmindClient]:
    """A client for whom one server is everything."""
    async with SegmindClient.open(
        SecretStr(key), api_url=url, upload_url=url, history_url=url, timeouts=timeouts
    ) as client:
        yield client


async def ended(client: SegmindClient, request_id: str) -> Status:
    """Poll until a request is COMPLETED or FAILED."""
    while (status := await client.status(request_id)).state in (ApiState.QUEUED, ApiState.PROCESSING):
        pass
    return status


async def finished(client: SegmindClient, request: Request = REQUEST, image: str = IMAGE) -> str:
    """Submit a request, poll until it is COMPLETED, and return its id."""
    submitted = await client.submit(request, image)
    assert (await ended(client, submitted.request_id)).state is ApiState.COMPLETED
    return submitted.request_id


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())
