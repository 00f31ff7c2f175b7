"""The key goes to the configured hosts alone: not along a redirect, not to a named URL, not into a text."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from repaint import errors
from repaint.models import Output, Request
from repaint.segmind import SegmindClient, Timeouts
from tests.contract.odd_server import KEY, OddServer, client_of, odd_server, raw_server, read_request

REQUEST = Request(prompt="a fox", seed=7)
LIMIT = 1024 * 1024


@pytest.fixture
async def api() -> AsyncIterator[OddServer]:
    async with odd_server() as server:
        yield server


@pytest.fixture
async def stranger() -> AsyncIterator[OddServer]:
    """Another host, which would take whatever it is given."""
    async with odd_server() as server:
        server.url = server.url.replace("127.0.0.1", "localhost")
        server.answer = server.says(
            200, {"request_id": "r2", "status": "COMPLETED", "output": "x", "data": []}
        )
        yield server


@pytest.fixture
async def client(api: OddServer) -> AsyncIterator[SegmindClient]:
    """It may download from anywhere, so that only the rule about the key keeps it."""
    async with aiohttp.ClientSession() as session, aiohttp.ClientSession() as downloads:
        yield SegmindClient(
            SecretStr(KEY),
            session=session,
            downloads=downloads,
            api_url=api.url,
            upload_url=api.url,
            history_url=api.url,
        )


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "input.png"
    path.write_bytes(b"x")
    return path


async def everything(client: SegmindClient, picture: Path) -> list[Exception]:
    """Each call that carries the key once. Returns what they raised."""
    results = await asyncio.gather(
        client.submit(REQUEST, "i"),
        client.run_sync(REQUEST, "i"),
        client.status("r1"),
        client.result("r1"),
        client.upload(picture, "image/png"),
        client.history(),
        client.credits(),
        return_exceptions=True,
    )
    return [result for result in results if isinstance(result, Exception)]


async def test_every_call_sends_the_key_to_the_configured_host(
    api: OddServer, client: SegmindClient, picture: Path
) -> None:
    await everything(client, picture)
    assert sorted(seen.path for seen in api.seen) == [
        "/inference-request/request-history",
        "/upload-asset",
        "/v1/get-user-credits",
        "/v1/sd3-med-img2img",
        "/v2/requests/r1",
        "/v2/requests/r1/status",
        "/v2/sd3-med-img2img",
    ]
    assert {seen.headers.get("x-api-key") for seen in api.seen} == {KEY}
    assert {seen.headers["User-Agent"] for seen in api.seen} == {"Repaint/0.1 (Discord bot)"}
    assert all("authorization" not in seen.headers for seen in api.seen)
    posts = [seen for seen in api.seen if seen.method == "POST"]
    assert {seen.headers["Content-Type"] for seen in posts} == {"application/json"}
    assert all("Content-Length" in seen.headers for seen in posts)


async def test_each_kind_of_call_goes_to_its_own_host(picture: Path) -> None:
    async with odd_server() as api, odd_server() as uploads, odd_server() as history:
        async with SegmindClient.open(
            SecretStr(KEY), api_url=api.url, upload_url=uploads.url, history_url=history.url
        ) as client:
            await everything(client, picture)
        assert len(api.seen) == 5
        assert [seen.path for seen in uploads.seen] == ["/upload-asset"]
        assert [seen.path for seen in history.seen] == ["/inference-request/request-history"]


async def test_a_base_with_a_path_is_kept(api: OddServer) -> None:
    async with client_of(f"{api.url}/proxy") as client:
        with pytest.raises(errors.RequestExpired):
            await client.status("r1")
    assert [seen.path for seen in api.seen] == ["/proxy/v2/requests/r1/status"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_with_the_key(
    api: OddServer, stranger: OddServer, client: SegmindClient, picture: Path, status: int
) -> None:
    api.answer = api.says(status, headers={"Location": f"{stranger.url}/steal"})
    raised = await everything(client, picture)
    assert [type(error) for error in raised] == [errors.BadAnswer] * 7
    assert stranger.seen == []


async def test_addresses_in_a_submits_answer_are_not_followed(
    api: OddServer, stranger: OddServer, client: SegmindClient
) -> None:
    api.answer = api.says(
        200,
        {
            "request_id": "r1",
            "status": "QUEUED",
            "poll_url": f"{stranger.url}/steal",
            "status_url": f"{stranger.url}/steal",
            "response_url": f"{stranger.url}/steal",
        },
    )
    submitted = await client.submit(REQUEST, "i")
    await client.status(submitted.request_id)
    assert stranger.seen == []
    assert [seen.path for seen in api.seen][1:] == ["/v2/requests/r1/status"]


async def test_an_outputs_host_gets_no_key(
    api: OddServer, stranger: OddServer, client: SegmindClient, tmp_path: Path
) -> None:
    stranger.answer = stranger.says(200, b"picture")
    await client.download(Output(url=f"{stranger.url}/a.png"), tmp_path / "a.png", LIMIT)
    api.answer = api.says(302, headers={"Location": f"{stranger.url}/b.png"})
    await client.download(Output(url=f"{api.url}/b.png"), tmp_path / "b.png", LIMIT)
    assert [seen.path for seen in stranger.seen] == ["/a.png", "/b.png"]
    for seen in [*api.seen, *stranger.seen]:
        assert KEY not in str(seen)


async def test_cookies_are_not_kept(api: OddServer) -> None:
    api.answer = api.says(404, headers={"Set-Cookie": "session=1; Path=/"})
    async with client_of(api.url.replace("127.0.0.1", "localhost")) as client:
        for _ in range(2):
            with pytest.raises(errors.RequestExpired):
                await client.status("r1")
    assert all("cookie" not in seen.headers for seen in api.seen)


def everything_said(error: BaseException | None) -> str:
    """An error with all its causes and contexts, as text, as repr, and with its fields."""
    said = ""
    while error is not None:
        said += "".join(traceback.format_exception(error)) + repr(error) + str(vars(error)) + str(error.args)
        said += "".join(repr(note) for note in getattr(error, "__notes__", []))
        if error.__context__ is not None and error.__context__ is not error.__cause__:
            said += everything_said(error.__context__)
        error = error.__cause__
    return said


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"220 no http\r\n\r\n")
    await writer.drain()


async def test_no_error_log_line_or_repr_holds_the_key(
    api: OddServer, client: SegmindClient, picture: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def echo(request: web.BaseRequest) -> web.Response:
        return web.json_response({"error": f"bad key {request.headers['x-api-key']}"}, status=401)

    async def echo_as_state(request: web.BaseRequest) -> web.Response:
        said = f"bad key {request.headers['x-api-key']}"
        return web.json_response({"status": "FAILED", "error": said}, status=422)

    raised: list[Exception] = []
    for answer in (echo, echo_as_state, api.says(302, headers={"Location": "/x"}), api.says(500)):
        api.answer = answer
        raised += await everything(client, picture)
    calls = ("submit", "sync", "status", "result", "upload", "history", "credits")
    quick = Timeouts(**dict.fromkeys(calls, 0.05))
    async with raw_server(garbage) as url, client_of(url, timeouts=quick) as other:
        raised += await everything(other, picture)
    async with client_of("http://127.0.0.1:9", timeouts=quick) as other:
        raised += await everything(other, picture)

    assert len(raised) == 41  # seven calls in six situations, but for the FAILED status, which is none
    for error in raised:
        assert isinstance(error, errors.ServiceError)
        assert KEY not in everything_said(error)
    api.answer = echo_as_state
    assert KEY not in (await client.status("r1")).error
    assert KEY not in repr(client) + str(client) + str(vars(client)) + caplog.text


@pytest.mark.parametrize("key", ["", " ", "a b", "a\r\nHost: x", "schlüssel", "a\x00", "key\n"])
async def test_a_key_that_cannot_be_one_is_an_error_of_the_settings(key: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(errors.ConfigError) as caught:
            SegmindClient(SecretStr(key), session=session, downloads=session)
    assert "SEGMIND_API_KEY" in caught.value.sentence
