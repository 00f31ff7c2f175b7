"""The client and answers that are no good: unreadable, of another API, or without end."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from repaint import errors
from repaint.models import ApiState, Request
from repaint.segmind import SegmindClient
from repaint.segmind import client as client_module
from tests.contract.odd_server import OddServer, client_of, odd_server

REQUEST = Request(prompt="a fox", seed=7)
MIB = 1024 * 1024

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


@pytest.fixture
async def server() -> AsyncIterator[OddServer]:
    async with odd_server() as server:
        yield server


@pytest.fixture
async def client(server: OddServer) -> AsyncIterator[SegmindClient]:
    async with client_of(server.url) as client:
        yield client


@pytest.mark.parametrize(
    "answer",
    [
        OddServer.says(200, b"<html><title>Welcome</title></html>", {"Content-Type": "text/html"}),
        OddServer.says(200, b""),
        OddServer.says(204),
        OddServer.says(200, b"[]"),
        OddServer.says(200, {"status": "QUEUED"}),
        OddServer.says(200, {"request_id": "../../admin"}),
        OddServer.says(200, {"error": "something"}),
        OddServer.says(500, b"<html>oops</html>"),
        OddServer.says(502, {"error": "oops"}),
        OddServer.says(503, b"<html>"),
        OddServer.says(520),
    ],
)
@pytest.mark.parametrize("call", BILLED.values(), ids=BILLED)
async def test_a_submit_with_an_answer_that_says_nothing_is_unknown(
    server: OddServer,
    client: SegmindClient,
    call: Call,
    answer: Callable[[web.BaseRequest], Awaitable[web.Response]],
) -> None:
    server.answer = answer
    with pytest.raises(errors.SubmitUnknown) as caught:
        await call(client)
    assert isinstance(caught.value.__cause__, errors.BadAnswer | errors.ServerFault)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (402, errors.ServerFault),
        (408, errors.ServerFault),
        (413, errors.ServerFault),
        (302, errors.BadAnswer),
        (308, errors.BadAnswer),
    ],
)
async def test_a_submit_that_was_surely_refused_has_its_own_error(
    server: OddServer, client: SegmindClient, status: int, error: type[errors.ServiceError]
) -> None:
    server.answer = server.says(status, headers={"Location": "/elsewhere"})
    with pytest.raises(error) as caught:
        await client.submit(REQUEST, "i")
    assert type(caught.value) is error
    assert [seen.path for seen in server.seen] == ["/v2/sd3-med-img2img"]


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_any_success_with_an_id_is_a_submit(
    server: OddServer, client: SegmindClient, status: int
) -> None:
    server.answer = server.says(status, {"request_id": "r1", "status": "PROCESSING"})
    submitted = await client.submit(REQUEST, "i")
    assert (submitted.request_id, submitted.state) == ("r1", ApiState.PROCESSING)


@pytest.mark.parametrize("call", READS.values(), ids=READS)
async def test_a_page_in_place_of_an_answer_is_a_bad_answer(
    server: OddServer, client: SegmindClient, call: Call
) -> None:
    server.answer = server.says(200, b"<html><title>Welcome</title></html>", {"Content-Type": "text/html"})
    with pytest.raises(errors.BadAnswer, match="Welcome"):
        await call(client)


async def test_the_content_type_of_json_does_not_matter(server: OddServer, client: SegmindClient) -> None:
    server.answer = server.says(200, b'{"status": "QUEUED"}', {"Content-Type": "text/plain"})
    assert (await client.status("r1")).state is ApiState.QUEUED


async def test_a_failed_status_is_a_status_under_200_as_under_422(
    server: OddServer, client: SegmindClient
) -> None:
    for status in (200, 422):
        server.answer = server.says(status, {"status": "FAILED", "error": "no"})
        assert (await client.status("r1")).error == "no"


async def test_a_500_that_says_failed_is_still_a_fault_of_the_server(
    server: OddServer, client: SegmindClient
) -> None:
    server.answer = server.says(500, {"status": "FAILED", "error": "internal"})
    with pytest.raises(errors.ServerFault):
        await client.status("r1")


async def test_a_422_without_a_state_is_a_failure(server: OddServer, client: SegmindClient) -> None:
    server.answer = server.says(422, {"error": "NSFW content"})
    with pytest.raises(errors.ContentBlocked):
        await client.status("r1")


@pytest.mark.parametrize("request_id", ["", "..", "a/b", "a?b", "a#b", "a%2e", "a b", "ä"])
async def test_an_id_that_would_change_the_address_is_not_asked_for(
    server: OddServer, client: SegmindClient, request_id: str
) -> None:
    for call in (client.status, client.result):
        with pytest.raises(errors.BadAnswer):
            await call(request_id)
    assert server.seen == []


# Bodies without end ---------------------------------------------------------------------------------------


async def endless(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65536)


@pytest.mark.parametrize("call", [READS["status"], BILLED["submit"]], ids=["status", "submit"])
async def test_a_body_without_end_is_not_read_to_it(
    server: OddServer, client: SegmindClient, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LONGEST_RESULT", MIB)
    server.answer = endless
    with pytest.raises((errors.BadAnswer, errors.SubmitUnknown), match="more than 1048576 bytes"):
        await call(client)


async def test_an_error_page_without_end_is_cut(server: OddServer, client: SegmindClient) -> None:
    sent = 0

    async def endless_page(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(status=502)
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)
            sent += 65536

    server.answer = endless_page
    with pytest.raises(errors.GatewayFault) as caught:
        await client.result("r1")
    assert len(caught.value.detail) < 400
    assert sent < 32 * MIB  # what the buffers between take, not the 64 MiB that a result may have


async def test_a_body_that_unpacks_without_end_is_not_unpacked_to_it(
    server: OddServer, client: SegmindClient
) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        response = web.Response(body=b" " * (8 * MIB))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    server.answer = answer
    with pytest.raises(errors.BadAnswer, match="more than"):
        await client.status("r1")
