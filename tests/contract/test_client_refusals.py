"""The client when the embedded API refuses, fails or loses an answer."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from repaint import errors
from repaint.models import ApiState, Request
from repaint.segmind import SegmindClient
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide
from tests.contract.embedded_server import KEY, EmbeddedServer
from tests.contract.odd_server import IMAGE, REQUEST, client_of, ended, finished


@pytest.fixture
async def client(image_api: EmbeddedServer) -> AsyncIterator[SegmindClient]:
    async with client_of(image_api.url, KEY) as client:
        yield client


async def test_a_wrong_key_is_refused(image_api: EmbeddedServer, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"x")
    async with client_of(image_api.url, "another-key") as client:
        for call in (
            client.submit(REQUEST, IMAGE),
            client.run_sync(REQUEST, IMAGE),
            client.status("x"),
            client.result("x"),
            client.upload(tmp_path / "x.png", "image/png"),
            client.history(),
        ):
            with pytest.raises(errors.KeyRefused):
                await call


async def test_credits_that_do_not_suffice_are_told_from_other_rejections(
    client: SegmindClient, image_api: EmbeddedServer
) -> None:
    image_api.script(credits=0.001)
    with pytest.raises(errors.OutOfCredits):
        await client.submit(REQUEST, IMAGE)
    image_api.reset()
    with pytest.raises(errors.Rejected) as caught:
        await client.run_sync(Request("a fox", 7, strength=7), IMAGE)
    assert type(caught.value) is errors.Rejected


async def test_a_rate_limit_says_when_it_ends(client: SegmindClient, image_api: EmbeddedServer) -> None:
    now = image_api.advance(0)
    image_api.script(requests_per_minute=1)
    await client.submit(REQUEST, IMAGE)
    with pytest.raises(errors.RateLimited) as caught:
        await client.submit(REQUEST, IMAGE)
    assert caught.value.reset_at is not None
    assert now <= caught.value.reset_at <= now + 61


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.BadRequest),
        (401, errors.KeyRefused),
        (403, errors.ModelForbidden),
        (404, errors.NotFound),
        (405, errors.WrongMethod),
        (406, errors.Rejected),
        (410, errors.ModelRetired),
        (413, errors.ServerFault),
        (422, errors.InferenceFailed),
        (429, errors.RateLimited),
        (500, errors.ServerFault),
        (502, errors.SubmitUnknown),
        (504, errors.SubmitUnknown),
    ],
)
async def test_each_refusal_of_a_submit_has_its_error(
    client: SegmindClient, image_api: EmbeddedServer, status: int, error: type[errors.ServiceError]
) -> None:
    image_api.script(faults=[{"route": "submit", "status": status}])
    with pytest.raises(error) as caught:
        await client.submit(REQUEST, IMAGE)
    assert type(caught.value) is error
    assert caught.value.status == status


@pytest.mark.parametrize("status", [401, 403])
async def test_a_firewalls_page_is_a_refusal_of_that_request_alone(
    client: SegmindClient, image_api: EmbeddedServer, status: int
) -> None:
    page = "<html><title>Attention required</title>Sorry, you have been blocked</html>"
    fault = {"route": "submit", "status": status, "body": page, "content_type": "text/html"}
    image_api.script(faults=[fault])
    before = image_api.seen()["submits"]
    with pytest.raises(errors.Intercepted) as caught:
        await client.submit(Request("<script>alert(1)</script>", 7), IMAGE)
    assert caught.value.status == status
    assert image_api.seen()["submits"] == before
    await client.submit(REQUEST, IMAGE)


@pytest.mark.parametrize("status", [400, 403, 406])
async def test_a_submit_that_is_refused_for_its_content_is_told_from_other_refusals(
    client: SegmindClient, image_api: EmbeddedServer, status: int
) -> None:
    body = {"error": "The prompt violates our content policy"}
    image_api.script(faults=[{"route": "submit", "status": status, "body": body}])
    with pytest.raises(errors.ContentBlocked):
        await client.submit(REQUEST, IMAGE)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_firewalls_page_instead_of_a_look_at_what_is_paid_for_may_pass(
    client: SegmindClient, image_api: EmbeddedServer, status: int
) -> None:
    request_id = await finished(client)
    fault = {"route": "status", "status": status, "body": "<html>", "content_type": "text/html"}
    image_api.script(faults=[fault])
    with pytest.raises(errors.Intercepted) as caught:
        await client.status(request_id)
    assert isinstance(decide(Operation.STATUS, caught.value, 1000, 0.0, 0.5), Retry)
    assert (await client.status(request_id)).state is ApiState.COMPLETED


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, errors.RequestExpired),
        (422, errors.InferenceFailed),
        (429, errors.RateLimited),
        (500, errors.ServerFault),
        (502, errors.GatewayFault),
        (504, errors.GatewayFault),
    ],
)
async def test_each_refusal_of_a_poll_has_its_error_and_the_next_poll_is_answered(
    client: SegmindClient, image_api: EmbeddedServer, status: int, error: type[errors.ServiceError]
) -> None:
    request_id = await finished(client)
    image_api.script(faults=[{"route": "status", "status": status}])
    with pytest.raises(error) as caught:
        await client.status(request_id)
    assert type(caught.value) is error
    assert (await client.status(request_id)).state is ApiState.COMPLETED


@pytest.mark.parametrize("fault", [{"drop": "before"}, {"drop": "after"}, {"body": "<html>"}, {"body": {}}])
async def test_a_submit_whose_answer_is_lost_is_unknown_and_sent_once(
    client: SegmindClient, image_api: EmbeddedServer, fault: dict[str, Any]
) -> None:
    await client.history()  # the connection has been used: a silent repetition would be possible
    before = image_api.seen()["submits"]
    image_api.script(faults=[{"route": "submit", **fault}])
    with pytest.raises(errors.SubmitUnknown) as caught:
        await client.submit(REQUEST, IMAGE)
    assert isinstance(caught.value.__cause__, errors.ServiceError)
    assert image_api.seen()["submits"] - before == (1 if fault.get("drop") == "after" else 0)


async def test_a_lost_submit_is_found_in_the_history(
    client: SegmindClient, image_api: EmbeddedServer
) -> None:
    now = image_api.advance(0)
    image_api.script(faults=[{"route": "submit", "drop": "after"}])
    with pytest.raises(errors.SubmitUnknown):
        await client.submit(Request("a lost fox", 4711), IMAGE)

    day = dt.datetime.fromtimestamp(now, dt.UTC).date()
    rows = await client.history(1, 100, from_date=day, to_date=day + dt.timedelta(days=1))

    (row,) = [row for row in rows if row.body.get("seed") == 4711]
    assert row.body["prompt"] == "a lost fox"
    assert row.created_at is not None
    assert abs(row.created_at - now) < 60
    assert (await ended(client, row.request_id)).state is ApiState.COMPLETED
