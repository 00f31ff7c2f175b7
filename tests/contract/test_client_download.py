"""Fetching outputs: whole or not at all, bounded, and from where it may."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr

from repaint import errors
from repaint.models import Output
from repaint.segmind import Operation, Retry, SegmindClient, Timeouts, decide, net, transfer
from tests.contract.odd_server import KEY, OddServer, client_of, names, odd_server, raw_server, read_request

LIMIT = 1024 * 1024
PICTURE = b"\x89PNG" + bytes(300_000)


@pytest.fixture
async def server() -> AsyncIterator[OddServer]:
    async with odd_server() as server:
        server.answer = server.says(200, PICTURE)
        yield server


@pytest.fixture
async def client(server: OddServer) -> AsyncIterator[SegmindClient]:
    async with client_of(server.url) as client:
        yield client


def passing(error: errors.OutputUnavailable) -> bool:
    return isinstance(decide(Operation.DOWNLOAD, error, 1, 0.0, 0.5), Retry)


async def refused(
    client: SegmindClient, url: str, target: Path, limit: int = LIMIT
) -> errors.OutputUnavailable:
    """Download what cannot be had, and see that nothing is left of it."""
    with pytest.raises(errors.OutputUnavailable) as caught:
        await client.download(Output(url=url), target, limit)
    assert names(target.parent) == []
    return caught.value


async def test_an_output_is_streamed_to_the_file(
    server: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    size = await client.download(Output(url=f"{server.url}/a.png"), tmp_path / "a.png", LIMIT)
    assert size == len(PICTURE)
    assert (tmp_path / "a.png").read_bytes() == PICTURE
    assert names(tmp_path) == ["a.png"]


async def test_an_output_that_came_inline_is_written_to_the_file(
    client: SegmindClient, tmp_path: Path
) -> None:
    assert await client.download(Output(data=PICTURE), tmp_path / "a.png", LIMIT) == len(PICTURE)
    assert (tmp_path / "a.png").read_bytes() == PICTURE
    with pytest.raises(errors.OutputUnavailable):
        await client.download(Output(data=PICTURE), tmp_path / "b.png", len(PICTURE) - 1)
    assert names(tmp_path) == ["a.png"]


async def test_a_download_replaces_an_older_file_and_what_a_crash_left(
    server: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"old")
    (tmp_path / "a.png.part").write_bytes(b"left" * 1_000_000)
    await client.download(Output(url=f"{server.url}/a.png"), tmp_path / "a.png", LIMIT)
    assert (tmp_path / "a.png").read_bytes() == PICTURE
    assert names(tmp_path) == ["a.png"]


async def test_exactly_the_limit_is_allowed_and_one_byte_more_is_not(
    server: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    url = f"{server.url}/a.png"
    error = await refused(client, url, tmp_path / "a.png", len(PICTURE) - 1)
    assert not passing(error)
    assert await client.download(Output(url=url), tmp_path / "a.png", len(PICTURE)) == len(PICTURE)


async def test_a_body_without_end_stops_at_the_limit(
    server: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    server.answer = endless
    assert not passing(await refused(client, f"{server.url}/a.png", tmp_path / "a.png"))


async def test_an_announced_length_over_the_limit_is_believed(tmp_path: Path) -> None:
    async def announce(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n")
        await writer.drain()
        await asyncio.Event().wait()

    async with raw_server(announce) as url, client_of(url) as client:
        assert not passing(await refused(client, f"{url}/a.png", tmp_path / "a.png"))


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def stuck(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
    await writer.drain()
    await asyncio.Event().wait()


@pytest.mark.parametrize("talk", [cut, stuck])
async def test_a_cut_or_stuck_download_leaves_nothing_and_may_pass(
    tmp_path: Path, talk: Callable[..., Awaitable[None]]
) -> None:
    async with raw_server(talk) as url, client_of(url, timeouts=Timeouts(download=0.5)) as client:
        assert passing(await refused(client, f"{url}/a.png", tmp_path / "a.png"))


@pytest.mark.parametrize(
    ("status", "may_pass"), [(403, False), (404, False), (410, False), (500, True), (503, True)]
)
async def test_a_refused_download_says_whether_it_may_pass(
    server: OddServer, client: SegmindClient, tmp_path: Path, status: int, may_pass: bool
) -> None:
    server.answer = server.says(status, b"<Error>AccessDenied</Error>")
    error = await refused(client, f"{server.url}/a.png", tmp_path / "a.png")
    assert error.status == status
    assert passing(error) is may_pass


async def test_an_empty_output_is_no_output(server: OddServer, client: SegmindClient, tmp_path: Path) -> None:
    server.answer = server.says(200, b"")
    assert passing(await refused(client, f"{server.url}/a.png", tmp_path / "a.png"))


async def test_three_redirects_are_followed_and_a_fourth_is_not(
    server: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    async def countdown(request: web.BaseRequest) -> web.Response:
        left = int(request.path.strip("/"))
        if left == 0:
            return web.Response(body=PICTURE)
        return web.Response(status=302, headers={"Location": f"/{left - 1}"})

    server.answer = countdown
    await refused(client, f"{server.url}/4", tmp_path / "a.png")
    server.seen.clear()
    assert await client.download(Output(url=f"{server.url}/3"), tmp_path / "a.png", LIMIT) == len(PICTURE)
    assert [seen.path for seen in server.seen] == ["/3", "/2", "/1", "/0"]


@pytest.mark.parametrize("location", ["ftp://x/y", "file:///etc/passwd", "http://[::1", "http://u:p@h/x", ""])
async def test_a_redirect_to_no_web_address_is_refused(
    server: OddServer, client: SegmindClient, tmp_path: Path, location: str
) -> None:
    server.answer = server.says(302, headers={"Location": location})
    await refused(client, f"{server.url}/a.png", tmp_path / "a.png")
    assert len(server.seen) == 1


# Where from -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "127.1", "2130706433", "0x7f.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"],  # noqa: S104  addresses to refuse
)
async def test_another_private_host_is_not_asked_though_the_api_is_private(
    server: OddServer, client: SegmindClient, tmp_path: Path, host: str
) -> None:
    port = server.url.rpartition(":")[2]
    error = await refused(client, f"http://{host}:{port}/a.png", tmp_path / "a.png")
    assert not passing(error)
    server.answer = server.says(302, headers={"Location": f"http://{host}:{port}/a.png"})
    await refused(client, f"{server.url}/b.png", tmp_path / "a.png")
    assert [seen.path for seen in server.seen] == ["/b.png"]


async def test_another_name_of_this_machine_is_asked_where_the_api_is_on_it(
    server: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    server.answer = server.says(200, PICTURE)
    url = server.url.replace("127.0.0.1", "localhost")
    assert await client.download(Output(url=f"{url}/a.png"), tmp_path / "a.png", LIMIT) == len(PICTURE)


class Names(AbstractResolver):
    """A name server of one's own."""

    def __init__(self, **names: str) -> None:
        self.names = names

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        found = self.names[host.partition(".")[0]]
        kind = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [{"hostname": host, "host": found, "port": port, "family": kind, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


async def test_a_name_that_leads_to_a_private_address_is_refused(server: OddServer, tmp_path: Path) -> None:
    names = Names(inside="127.0.0.1", meta="169.254.169.254", six="fd00::1")
    connector = aiohttp.TCPConnector(resolver=names, socket_factory=net.public_socket)
    async with aiohttp.ClientSession() as session, aiohttp.ClientSession(connector=connector) as downloads:
        client = SegmindClient(SecretStr(KEY), session=session, downloads=downloads)
        port = server.url.rpartition(":")[2]
        for name in names.names:
            error = await refused(client, f"http://{name}.example:{port}/a.png", tmp_path / "a.png")
            assert "not public" in error.detail
    assert server.seen == []


async def test_a_public_apis_outputs_are_not_fetched_from_inside(server: OddServer, tmp_path: Path) -> None:
    async with SegmindClient.open(SecretStr(KEY)) as client:
        await refused(client, f"{server.url}/a.png", tmp_path / "a.png")
    assert server.seen == []


# The disk -------------------------------------------------------------------------------------------------


async def test_a_full_disk_is_a_storage_error_and_leaves_nothing(
    server: OddServer, client: SegmindClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = transfer.on_disk

    async def full(function: Callable[..., object], *args: object, **kwargs: object) -> object:
        def fails(*_: object, **__: object) -> object:
            raise OSError(errno.ENOSPC, "No space left on device")

        return await real(
            fails if function.__name__ in ("write", "write_bytes") else function, *args, **kwargs
        )

    monkeypatch.setattr(transfer, "on_disk", full)
    for output in (Output(url=f"{server.url}/a.png"), Output(data=PICTURE)):
        with pytest.raises(errors.StorageError, match="No space left"):
            await client.download(output, tmp_path / "a.png", LIMIT)
        assert names(tmp_path) == []


async def test_a_missing_folder_is_a_storage_error(
    client: SegmindClient, server: OddServer, tmp_path: Path
) -> None:
    for output in (Output(url=f"{server.url}/a.png"), Output(data=PICTURE)):
        with pytest.raises(errors.StorageError):
            await client.download(output, tmp_path / "missing" / "a.png", LIMIT)


async def test_a_cancelled_download_leaves_nothing(
    server: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    started = asyncio.Event()

    async def hang(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * 1000)
        started.set()
        await asyncio.Event().wait()
        return response

    server.answer = hang
    download = asyncio.create_task(
        client.download(Output(url=f"{server.url}/a.png"), tmp_path / "a.png", LIMIT)
    )
    await started.wait()
    while not names(tmp_path):  # noqa: ASYNC110  a file gives no sign
        await asyncio.sleep(0)
    download.cancel()
    with pytest.raises(asyncio.CancelledError):
        await download
    assert names(tmp_path) == []
