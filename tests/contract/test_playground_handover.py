"""The workshop's hand on the image API: the embedded one's admin routes, and nothing else of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from playground import handover
from playground.app import Running, start
from playground.guard import MAX_JSON_BYTES
from tests.contract.embedded_server import EmbeddedServer, StartEmbedded
from tests.contract.test_playground_guard import DEEP

Answer = tuple[int, dict[str, Any]]


async def call(running: Running, method: str, what: str, **more: Any) -> Answer:
    """The status and JSON of the answer to a request below /workshop/api."""
    url = f"{running.url}/workshop/api/{what}"
    async with aiohttp.ClientSession() as session, session.request(method, url, **more) as answer:
        assert answer.content_type == "application/json"
        return answer.status, await answer.json()


@pytest.fixture
async def running(image_api: EmbeddedServer) -> AsyncIterator[Running]:
    running = await start(api=image_api.url)
    yield running
    await running.stop()


async def test_the_script_is_read_changed_and_taken_back(running: Running, image_api: EmbeddedServer) -> None:
    wanted = {"queue_seconds": 2.5, "faults": [{"route": "status", "status": 502, "times": 3}]}
    status, script = await call(running, "POST", "script", json=wanted)
    assert (status, script["queue_seconds"], script["faults"][0]["times"]) == (200, 2.5, 3)
    assert (await call(running, "GET", "script"))[1] == script == image_api.http.get("/admin/script").json()
    status, script = await call(running, "DELETE", "script")
    assert (status, script["queue_seconds"], script["faults"]) == (200, 0, [])


async def test_requests_are_listed_released_and_the_clock_is_moved(
    running: Running, image_api: EmbeddedServer
) -> None:
    await call(running, "POST", "script", json={"queue_seconds": "manual"})
    request = image_api.submit()
    _, seen = await call(running, "GET", "requests")
    listed = {each["request_id"]: each["status"] for each in seen["requests"]}
    assert listed[request] == "QUEUED"
    assert await call(running, "POST", "release", json={"request_id": request}) == (
        200,
        {"released": [request]},
    )
    image_api.until(request, "COMPLETED")
    status, clock = await call(running, "POST", "clock", json={"advance": 5})
    assert status == 200
    assert clock["now"] > 1_700_000_000


async def test_what_the_image_api_refuses_is_refused_in_its_words(running: Running) -> None:
    status, answer = await call(running, "POST", "script", json={"queue_seconds": -1})
    assert status == 400
    assert "queue_seconds" in answer["error"]
    status, answer = await call(running, "POST", "release", json={"request_id": "nothing"})
    assert (status, answer["error"]) == (404, "No such request in flight")


@pytest.mark.parametrize(
    ("method", "what", "status"),
    [
        ("PUT", "script", 405),
        ("POST", "requests", 405),
        ("GET", "clock", 405),
        ("DELETE", "release", 405),
        ("GET", "nothing", 404),
        ("GET", "../../v2/requests/1", 404),
        ("GET", "script/../../health", 404),
        ("GET", "%2e%2e/health", 404),
        ("GET", "", 404),
    ],
)
async def test_nothing_else_is_handed_on(running: Running, method: str, what: str, status: int) -> None:
    assert (await call(running, method, what))[0] == status


async def test_what_is_handed_on_is_bounded_json(running: Running) -> None:
    for body, status in ((b"{", 400), (b"[]", 400), (DEEP.encode(), 400), (b" " * (MAX_JSON_BYTES + 1), 413)):
        assert (await call(running, "POST", "script", data=body))[0] == status


async def test_without_an_image_api_here_there_is_nothing_to_change() -> None:
    running = await start()
    try:
        status, answer = await call(running, "GET", "script")
        assert (status, answer["error"]) == (
            404,
            "There is no image API here that the workshop could change.",
        )
    finally:
        await running.stop()


async def test_an_image_api_that_is_gone_is_said_to_be(start_embedded: StartEmbedded) -> None:
    server = start_embedded()
    running = await start(api=server.url)
    try:
        assert (await call(running, "GET", "script"))[0] == 200
        server.kill()
        assert await call(running, "GET", "script") == (502, {"error": "The image API is not there."})
    finally:
        await running.stop()


# An image API that answers oddly --------------------------------------------------------------------------


async def silent(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def page(_request: web.Request) -> web.Response:
    return web.Response(text="<html>", content_type="text/html")


async def endless(_request: web.Request) -> web.Response:
    return web.Response(body=b" " * 2_000, content_type="application/json")


async def elsewhere(_request: web.Request) -> web.Response:
    return web.Response(status=302, text="{}", headers={"Location": "/admin/requests"})


@pytest.fixture
async def odd() -> AsyncIterator[Running]:
    """A playground beside a server each of whose routes is odd."""
    app = web.Application()
    app.add_routes(
        [
            web.get("/admin/script", silent),
            web.post("/admin/script", page),
            web.get("/admin/requests", endless),
            web.post("/admin/clock", elsewhere),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running = await start(api=f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield running
    await running.stop()
    await runner.cleanup()


async def test_odd_answers_are_no_odd_answers_here(odd: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "MAX_ANSWER", 1_000)
    assert await call(odd, "POST", "script") == (502, {"error": "The image API's answer is no JSON."})
    assert await call(odd, "GET", "requests") == (502, {"error": "The image API's answer is too long."})
    assert await call(odd, "POST", "clock", allow_redirects=False) == (302, {})


async def test_an_image_api_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, odd: Running
) -> None:
    monkeypatch.setattr(handover, "TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    assert (await call(odd, "GET", "script"))[0] == 504
