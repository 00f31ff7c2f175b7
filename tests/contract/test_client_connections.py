"""The client without an answer: no connection, a lost one, a slow one, and a call that is cancelled."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr

from repaint import errors
from repaint.models import ApiState, Request
from repaint.segmind import SegmindClient, Timeouts
from tests.contract.odd_server import KEY, OddServer, client_of, odd_server, raw_server, read_request

REQUEST = Request(prompt="a fox", seed=7)

Call = Callable[[SegmindClient], Awaitable[object]]
READS: dict[str, Call] = {
    "status": lambda client: client.status("r1"),
    "result": lambda client: client.result("r1"),
    "history": lambda client: client.history(),
    "credits": lambda client: client.credits(),
}
BILLED: dict[str, Call] = {
    "submit": lambda client: client.submit(REQUEST, "https://x.example/a.png"),
    "sync": lambda client: client.run_sync(REQUEST, "https://x.example/a.png"),
}
EVERY = READS | BILLED


@pytest.fixture
async def server() -> AsyncIterator[OddServer]:
    async with odd_server() as server:
        yield server


@pytest.fixture
async def client(server: OddServer) -> AsyncIterator[SegmindClient]:
    async with client_of(server.url) as client:
        yield client


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# The connection was never made ----------------------------------------------------------------------------


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
async def test_a_refused_connection_is_not_reached(call: Call) -> None:
    async with client_of(f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(errors.NotReached):
            await call(client)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
async def test_a_server_that_speaks_no_tls_is_not_reached(server: OddServer, call: Call) -> None:
    async with client_of(server.url.replace("http:", "https:")) as client:
        with pytest.raises(errors.NotReached):
            await call(client)
    assert server.seen == []


class Nowhere(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        raise OSError(None, "Name or service not known")

    async def close(self) -> None:
        pass


async def test_an_unknown_name_is_not_reached() -> None:
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Nowhere())) as session,
        aiohttp.ClientSession() as downloads,
    ):
        client = SegmindClient(
            SecretStr(KEY), session=session, downloads=downloads, api_url="http://api.invalid"
        )
        with pytest.raises(errors.NotReached):
            await client.submit(REQUEST, "i")


async def test_a_submit_that_never_got_a_connection_in_time_is_not_reached(server: OddServer) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.json_response({"status": "QUEUED"})

    server.answer = hang
    timeouts = Timeouts(connect=0.05, status=30, submit=30)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session,
        aiohttp.ClientSession() as downloads,
    ):
        client = SegmindClient(
            SecretStr(KEY), session=session, downloads=downloads, api_url=server.url, timeouts=timeouts
        )
        poll = asyncio.create_task(client.status("r1"))
        await arrived.wait()
        with pytest.raises(errors.NotReached):
            await client.submit(REQUEST, "i")
        go_on.set()
        assert (await poll).state is ApiState.QUEUED
    assert [seen.method for seen in server.seen] == ["GET"]


# The answer is lost ---------------------------------------------------------------------------------------


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await asyncio.Event().wait()


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    linger = struct.pack("ii", 1, 0)  # closing sends a reset
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def cut_in_the_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    await writer.drain()


async def cut_in_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"request_id": "r1", "status"')
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def stuck_in_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"request_id": "r1", "status"')
    await writer.drain()
    await asyncio.Event().wait()


async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"220 smtp.example ESMTP\r\n\r\n")
    await writer.drain()


async def broken_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")
    await writer.drain()


async def broken_gzip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!")
    await writer.drain()


LOSSES = [
    silence,
    cut,
    reset,
    cut_in_the_head,
    cut_in_the_body,
    stuck_in_the_body,
    no_http,
    broken_chunks,
    broken_gzip,
]


@pytest.mark.parametrize("talk", LOSSES)
@pytest.mark.parametrize("operation", READS)
async def test_a_read_without_an_answer_is_no_answer(
    operation: str, talk: Callable[..., Awaitable[None]]
) -> None:
    timeouts = Timeouts(**{operation: 0.5})  # the others are longer than this test may take
    async with raw_server(talk) as url, client_of(url, timeouts=timeouts) as client:
        with pytest.raises(errors.NoAnswer) as caught:
            await READS[operation](client)
        assert type(caught.value) is errors.NoAnswer


@pytest.mark.parametrize("talk", LOSSES)
@pytest.mark.parametrize("operation", BILLED)
async def test_a_submit_without_an_answer_is_unknown(
    operation: str, talk: Callable[..., Awaitable[None]]
) -> None:
    timeouts = Timeouts(**{operation: 0.5})
    async with raw_server(talk) as url, client_of(url, timeouts=timeouts) as client:
        with pytest.raises(errors.SubmitUnknown) as caught:
            await BILLED[operation](client)
        assert isinstance(caught.value.__cause__, errors.NoAnswer)


@pytest.mark.parametrize("talk", [silence, cut, reset])
async def test_an_upload_without_an_answer_is_no_answer(
    tmp_path: Path, talk: Callable[..., Awaitable[None]]
) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x" * 1_000_000)
    async with raw_server(talk) as url, client_of(url, timeouts=Timeouts(upload=0.8)) as client:
        with pytest.raises(errors.NoAnswer):
            await client.upload(picture, "image/png")


async def test_a_submit_on_a_kept_connection_that_the_server_closes_is_not_sent_twice() -> None:
    heads: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_request(reader))
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"status": "QUEUED"}')
        await writer.drain()
        heads.append(await read_request(reader))  # and closes without an answer

    async with raw_server(once) as url, client_of(url) as client:
        await client.status("r1")
        with pytest.raises(errors.SubmitUnknown):
            await client.submit(REQUEST, "i")
    assert [head.split()[0] for head in heads] == [b"GET", b"POST"]


# Cancelled ------------------------------------------------------------------------------------------------


async def test_a_cancelled_call_ends_as_cancelled(server: OddServer, client: SegmindClient) -> None:
    arrived = asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    server.answer = hang
    call = asyncio.create_task(client.submit(REQUEST, "i"))
    await arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
