"""The client's two free looks: at the account's balance, and whether the API is there at all."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from repaint import errors
from repaint.segmind import SegmindClient, Timeouts
from tests.contract.embedded_server import KEY, EmbeddedServer
from tests.contract.odd_server import OddServer, client_of, finished, odd_server


@pytest.fixture
async def client(image_api: EmbeddedServer) -> AsyncIterator[SegmindClient]:
    async with client_of(image_api.url, KEY) as client:
        yield client


@pytest.fixture
async def server() -> AsyncIterator[OddServer]:
    async with odd_server() as server:
        yield server


# The balance ----------------------------------------------------------------------------------------------


async def test_the_balance_falls_by_what_is_billed(client: SegmindClient, image_api: EmbeddedServer) -> None:
    image_api.script(credits=0.02)
    before = await client.credits()
    await finished(client)
    assert [before, await client.credits()] == pytest.approx([0.02, 0.0124])


async def test_an_account_without_a_limit_has_a_balance_too(client: SegmindClient) -> None:
    assert await client.credits() > 1000


async def test_an_overdrawn_balance_is_below_zero(client: SegmindClient, image_api: EmbeddedServer) -> None:
    image_api.script(credits=-0.5)
    assert await client.credits() == -0.5


async def test_a_wrong_key_has_no_balance(image_api: EmbeddedServer) -> None:
    async with client_of(image_api.url, "another-key") as client:
        with pytest.raises(errors.KeyRefused):
            await client.credits()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 404}, errors.NotFound),
        ({"status": 403}, errors.ModelForbidden),
        ({"status": 502}, errors.GatewayFault),
        ({"status": 429}, errors.RateLimited),
        ({"drop": "before", "times": 2}, errors.NoAnswer),
        ({"body": {"credits": 1}}, errors.BadAnswer),
        ({"body": "<p>Welcome</p>", "content_type": "text/html"}, errors.BadAnswer),
    ],
    ids=str,
)
async def test_what_stands_in_the_way_of_the_balance_is_told(
    client: SegmindClient,
    image_api: EmbeddedServer,
    fault: dict[str, Any],
    error: type[errors.ServiceError],
) -> None:
    image_api.script(faults=[{"route": "credits", **fault}])
    with pytest.raises(error) as caught:
        await client.credits()
    assert type(caught.value) is error
    assert await client.credits() > 0


# Whether it is there --------------------------------------------------------------------------------------


async def test_the_api_is_alive_and_this_costs_nothing(
    client: SegmindClient, image_api: EmbeddedServer
) -> None:
    before = image_api.seen()
    await client.alive()
    assert image_api.seen() == before


async def test_only_an_id_that_no_request_has_is_looked_at(server: OddServer) -> None:
    async with client_of(server.url) as client:
        await client.alive()
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/v2/requests/00000000-0000-0000-0000-000000000000/status")


@pytest.mark.parametrize(
    "answer",
    [
        OddServer.says(200, {"status": "QUEUED"}),
        OddServer.says(200, b"<html>Welcome</html>"),
        OddServer.says(302, headers={"Location": "/elsewhere"}),
        *(OddServer.says(status, {"error": "no"}) for status in (400, 401, 403, 404, 405, 406, 422)),
        OddServer.says(429, headers={"x-rate-limit-reset-at-utc": "2027-01-15T08:00:00Z"}),
    ],
)
async def test_any_answer_of_the_api_is_a_sign_of_life(server: OddServer, answer: Any) -> None:
    server.answer = answer
    async with client_of(server.url) as client:
        await client.alive()
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (OddServer.says(429), errors.RateLimited),
        (OddServer.says(500, {"error": "Internal Server Error"}), errors.ServerFault),
        (OddServer.says(500, b"<html>oops</html>"), errors.GatewayFault),
        (OddServer.says(502), errors.GatewayFault),
        (OddServer.says(503), errors.GatewayFault),
        (OddServer.says(520), errors.ServerFault),
    ],
)
async def test_a_fault_is_none(server: OddServer, answer: Any, error: type[errors.ServiceError]) -> None:
    server.answer = answer
    async with client_of(server.url) as client:
        with pytest.raises(error):
            await client.alive()


async def test_nor_is_silence(client: SegmindClient, image_api: EmbeddedServer) -> None:
    image_api.script(faults=[{"route": "status", "drop": "before", "times": 2}])
    with pytest.raises(errors.NoAnswer):
        await client.alive()
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with client_of(address, timeouts=Timeouts(status=5)) as nowhere:
            with pytest.raises(errors.NotReached):
                await nowhere.alive()
