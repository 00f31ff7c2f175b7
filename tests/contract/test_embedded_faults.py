"""What can be made to go wrong on the wire."""

import base64
from typing import Any

import httpx
import pytest

from tests.contract.embedded_server import MODEL, PICTURE, EmbeddedServer

BODY = {"prompt": "a", "image": PICTURE}


UPLOAD = {"data_urls": ["data:image/png;base64,aGVsbG8="]}
CUT = (httpx.RemoteProtocolError, httpx.ReadError)
CALLS: dict[str, tuple[str, str, object]] = {
    "submit": ("POST", f"/v2/{MODEL}", BODY),
    "status": ("GET", "/v2/requests/unknown/status", None),
    "result": ("GET", "/v2/requests/unknown", None),
    "upload": ("POST", "/upload-asset", UPLOAD),
    "history": ("GET", "/inference-request/request-history", None),
    "credits": ("GET", "/v1/get-user-credits", None),
    "output": ("GET", "/outputs/unknown.png", None),
    "v1": ("POST", f"/v1/{MODEL}", BODY),
}
"""A request to each of the routes that a fault can name."""


def call(server: EmbeddedServer, route: str) -> httpx.Response:
    method, path, body = CALLS[route]
    return server.http.request(method, path, json=body)


@pytest.mark.parametrize("route", CALLS)
def test_any_route_can_answer_anything_as_often_as_told(image_api: EmbeddedServer, route: str) -> None:
    usual = call(image_api, route).status_code
    image_api.script(
        faults=[
            {
                "route": route,
                "times": 2,
                "status": 500,
                "body": {"error": "Oh."},
                "headers": {"x-odd": "yes"},
            },
            {"route": route, "body": "<p>fine</p>", "content_type": "text/html"},
        ]
    )

    first, second, third, fourth = (call(image_api, route) for _ in range(4))

    for answer in (first, second):
        assert (answer.status_code, answer.json(), answer.headers["x-odd"]) == (500, {"error": "Oh."}, "yes")
    assert (third.status_code, third.text) == (200, "<p>fine</p>")
    assert third.headers["content-type"] == "text/html"
    assert fourth.status_code == usual


def test_a_fault_that_lasts_is_ended_by_another_script(image_api: EmbeddedServer) -> None:
    image_api.script(faults=[{"route": "submit", "times": -1, "status": 503}])
    assert [call(image_api, "submit").status_code for _ in range(3)] == [503] * 3

    image_api.script(faults=[])

    assert call(image_api, "submit").status_code == 200


def test_a_status_alone_is_answered_as_the_contract_describes_it(image_api: EmbeddedServer) -> None:
    image_api.script(faults=[{"route": "status", "status": status} for status in (500, 502, 504, 429)])

    plain, bad_gateway, gateway_timeout, limited = (call(image_api, "status") for _ in range(4))

    assert plain.json() == {"error": "Internal Server Error"}
    assert "<h1>502 Bad Gateway</h1>" in bad_gateway.text
    assert gateway_timeout.headers["content-type"].startswith("text/html")
    assert "x-rate-limit-reset-at-utc" in limited.headers


@pytest.mark.parametrize("route", CALLS)
def test_a_connection_can_be_cut_before_anything_is_done(image_api: EmbeddedServer, route: str) -> None:
    before = image_api.seen()
    image_api.script(faults=[{"route": route, "drop": "before"}])

    with pytest.raises(CUT):
        call(image_api, route)

    after = image_api.seen()
    assert (after["submits"], after["uploads"]) == (before["submits"], before["uploads"])


@pytest.mark.parametrize("route", ["submit", "v1"])
def test_a_submit_can_be_accepted_and_its_answer_lost(image_api: EmbeddedServer, route: str) -> None:
    before = image_api.seen()["submits"]
    image_api.script(faults=[{"route": route, "drop": "after"}])

    with pytest.raises(CUT):
        call(image_api, route)

    seen = image_api.seen()
    assert seen["submits"] == before + 1
    rows = image_api.http.get("/inference-request/request-history").json()["data"]
    assert rows[0]["request_id"] == seen["requests"][-1]["request_id"]
    assert image_api.finished(rows[0]["request_id"])["status"] == "COMPLETED"


def test_an_answer_can_be_late(image_api: EmbeddedServer) -> None:
    image_api.script(faults=[{"route": "status", "delay": 3600}])
    with pytest.raises(httpx.ReadTimeout):
        image_api.http.get("/v2/requests/unknown/status", timeout=0.2)

    assert image_api.http.get("/v2/requests/unknown/status").status_code == 404
    image_api.advance(3600)  # so that the late answer does not hold up the end


PNG = b"\x89PNG"


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("shape", ["list", "data_uri", "base64", "image_url", "images_only", "empty"])
def test_a_result_can_come_in_every_odd_shape(image_api: EmbeddedServer, shape: str, samples: int) -> None:
    request_id = image_api.submit(samples=samples)
    image_api.finished(request_id)
    usual = image_api.result(request_id).json()
    urls = [image["url"] for image in usual["images"]]
    image_api.script(faults=[{"route": "result", "shape": shape}])

    odd = image_api.result(request_id).json()

    lone_or_all: Any = urls[0] if samples == 1 else urls
    match shape:
        case "list":
            assert (odd["output"], odd["images"]) == (urls, [])
        case "image_url":
            assert (odd["image_url"], odd["output"], odd["images"]) == (lone_or_all, "", [])
        case "images_only":
            assert (odd["output"], odd["images"]) == ("", usual["images"])
        case "empty":
            assert (odd["status"], odd["output"], odd["images"]) == ("COMPLETED", "", [])
        case _:
            texts = [odd["output"]] if samples == 1 else odd["output"]
            prefix = "data:image/png;base64," if shape == "data_uri" else ""
            assert len(texts) == samples
            for text in texts:
                assert base64.b64decode(text.removeprefix(prefix)).startswith(PNG)
    assert image_api.result(request_id).json() == usual


def test_the_history_can_be_a_bare_list(image_api: EmbeddedServer) -> None:
    request_id = image_api.submit()
    image_api.script(faults=[{"route": "history", "shape": "list"}])
    rows = image_api.http.get("/inference-request/request-history").json()
    assert rows[0]["request_id"] == request_id


def test_a_history_rows_inputs_can_arrive_late(image_api: EmbeddedServer) -> None:
    image_api.script(history_body_seconds=30)
    request_id = image_api.submit(seed=3)
    path = f"/inference-request/request-history/{request_id}"
    assert image_api.http.get(path).json()["request_body"] is None

    image_api.advance(30)

    assert image_api.http.get(path).json()["request_body"]["seed"] == 3


def test_a_script_merges_over_the_running_one_and_a_bad_one_changes_nothing(
    image_api: EmbeddedServer,
) -> None:
    image_api.script(queue_seconds=5)
    image_api.script(block=True)
    for bad in ({"block": False, "pause": 1}, {"queue_seconds": -1}, {"faults": [{"route": "home"}]}):
        answer = image_api.http.post("/admin/script", json=bad)
        assert answer.status_code == 400
        assert answer.json()["error"]

    running = image_api.http.get("/admin/script").json()

    assert (running["queue_seconds"], running["block"]) == (5, True)


@pytest.mark.parametrize("advance", [-1, "soon", None, True, 1e30])
def test_the_clock_only_goes_forward(image_api: EmbeddedServer, advance: object) -> None:
    assert image_api.http.post("/admin/clock", json={"advance": advance}).status_code == 400


def test_the_admin_routes_refuse_what_a_web_page_could_send(image_api: EmbeddedServer) -> None:
    answer = image_api.http.post(
        "/admin/clock", content='{"advance": 9}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 400


def test_only_a_request_in_flight_can_be_released(image_api: EmbeddedServer) -> None:
    request_id = image_api.submit()
    image_api.finished(request_id)
    assert image_api.http.post("/admin/release", json={"request_id": request_id}).status_code == 404
    assert image_api.http.post("/admin/release", json={}).json() == {"released": []}


def test_the_admin_sees_requests_with_their_polls_and_a_cut_image(image_api: EmbeddedServer) -> None:
    request_id = image_api.submit(image="A" * 4000, seed=9)
    image_api.finished(request_id)
    image_api.result(request_id)

    (seen,) = [row for row in image_api.seen()["requests"] if row["request_id"] == request_id]

    assert seen["body"]["image"] == "A" * 80 + "… (4000 characters)"
    assert (seen["body"]["seed"], seen["status"], seen["cost"]) == (9, "COMPLETED", 0.0076)
    assert seen["polls"] >= 1
    assert seen["result_reads"] == 1
    assert seen["completed_at"] >= seen["created_at"]
