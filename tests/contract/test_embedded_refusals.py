"""Every row of the contract's error table, and the account's limits."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from tests.contract.embedded_server import KEY, MODEL, PICTURE, EmbeddedServer, StartEmbedded

BODY = {"prompt": "a", "image": PICTURE}


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"Authorization": f"Bearer {KEY}"}])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/v2/{MODEL}"),
        ("POST", f"/v1/{MODEL}"),
        ("GET", "/v2/requests/unknown/status"),
        ("GET", "/v2/requests/unknown"),
        ("POST", "/upload-asset"),
        ("GET", "/inference-request/request-history"),
        ("GET", "/inference-request/request-history/unknown"),
    ],
)
def test_401_without_the_right_key(
    image_api: EmbeddedServer, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = httpx.request(method, image_api.url + path, headers=headers, json=BODY)
    assert answer.status_code == 401
    assert "x-api-key" in answer.json()["error"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "Malformed request: the body is not valid JSON"),
        (b"\xff", "Malformed request: the body is not valid JSON"),
        (b'{"strength": NaN}', "Malformed request: the body is not valid JSON"),
        (b'{"strength": 1e999}', "Malformed request: the body is not valid JSON"),
        (b"[" * 100_000, "Malformed request: the body is not valid JSON"),
        (b"[]", "Malformed request: the body must be a JSON object"),
        (b'{"image": "aGVsbG8="}', "Missing required field: prompt"),
        (b'{"image": "aGVsbG8=", "prompt": " "}', "Missing required field: prompt"),
        (b'{"image": 5, "prompt": "a"}', "Missing required field: image"),
        (b'{"prompt": "a"}', "Missing required field: image"),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_400_for_what_is_malformed_or_missing(
    image_api: EmbeddedServer, version: str, content: bytes, sentence: str
) -> None:
    answer = image_api.http.post(
        f"/{version}/{MODEL}", content=content, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})


@pytest.mark.parametrize(
    "body", [{}, {"data_urls": []}, {"data_urls": "data:,"}, {"data_urls": ["http://x"]}, {"data_urls": [1]}]
)
def test_400_for_a_bad_upload(image_api: EmbeddedServer, body: dict[str, object]) -> None:
    answer = image_api.http.post("/upload-asset", json=body)
    assert (answer.status_code, "data_urls" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("path", [f"/v2/{MODEL}", f"/v1/{MODEL}", "/upload-asset"])
def test_406_for_a_wrong_content_type(image_api: EmbeddedServer, path: str) -> None:
    answer = image_api.http.post(path, content=json.dumps(BODY), headers={"Content-Type": "text/plain"})
    assert answer.status_code == 406
    assert "application/json" in answer.json()["error"]


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("model", "status"),
    [("sd9", 404), ("requests", 404), ("sd1.5-img2img", 410), ("sd3-large-img2img", 403)],
)
def test_a_model_may_be_unknown_retired_or_forbidden(
    image_api: EmbeddedServer, version: str, model: str, status: int
) -> None:
    answer = image_api.http.post(f"/{version}/{model}", json=BODY)
    assert answer.status_code == status
    assert "odel" in answer.json()["error"]


def test_404_for_an_unknown_request(image_api: EmbeddedServer) -> None:
    for answer in (image_api.status("unknown"), image_api.result("unknown")):
        assert (answer.status_code, answer.json()) == (404, {"error": "Request ID not found"})


def test_404_for_an_unknown_path(image_api: EmbeddedServer) -> None:
    answer = image_api.http.get("/v3/anything")
    assert (answer.status_code, answer.json()) == (404, {"error": "Not Found"})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", f"/v2/{MODEL}"), ("PUT", f"/v1/{MODEL}"), ("GET", "/upload-asset")]
)
def test_405_is_html(image_api: EmbeddedServer, method: str, path: str) -> None:
    answer = image_api.http.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"].startswith("text/html")
    assert "405 Method Not Allowed" in answer.text


def test_413_for_a_body_over_the_limit(image_api: EmbeddedServer) -> None:
    body = b" " * ((64 << 20) + 1)
    answer = image_api.http.post(f"/v2/{MODEL}", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (413, {"error": "The request body is too large"})


def test_429_says_when_the_minute_is_over_and_has_no_retry_after(image_api: EmbeddedServer) -> None:
    image_api.script(requests_per_minute=2)
    request_id = image_api.submit()
    image_api.submit()

    refused = image_api.http.post(f"/v2/{MODEL}", json=BODY)

    assert refused.status_code == 429
    assert "2 requests per minute" in refused.json()["error"]
    assert "retry-after" not in refused.headers
    reset = datetime.fromisoformat(refused.headers["x-rate-limit-reset-at-utc"])
    now = datetime.fromtimestamp(image_api.advance(0), UTC)
    assert 0 < (reset - now).total_seconds() <= 60
    assert image_api.status(request_id).status_code == 200
    assert image_api.http.post(f"/v1/{MODEL}", json=BODY).status_code == 429

    image_api.advance(60)

    assert image_api.http.post(f"/v2/{MODEL}", json=BODY).status_code == 200


def test_406_when_credits_run_out_names_balance_and_need(image_api: EmbeddedServer) -> None:
    image_api.script(credits=0.02)
    request_id = image_api.submit()
    assert image_api.finished(request_id)["metrics"]["remaining_credits"] == pytest.approx(0.0124)

    refused = image_api.http.post(f"/v2/{MODEL}", json=BODY | {"samples": 2})

    assert refused.status_code == 406
    assert refused.json()["error"] == (
        "Insufficient credits: your balance is $0.0124 and this request needs $0.0152"
    )
    image_api.script(credits=None)
    assert image_api.http.post(f"/v2/{MODEL}", json=BODY | {"samples": 2}).status_code == 200


def test_requests_in_flight_hold_their_credits_and_failed_ones_give_them_back(
    image_api: EmbeddedServer,
) -> None:
    image_api.script(credits=0.01, queue_seconds="manual", fail="Broken.")
    request_id = image_api.submit()
    assert image_api.http.post(f"/v2/{MODEL}", json=BODY).status_code == 406

    image_api.release(request_id)
    image_api.finished(request_id)

    assert image_api.http.post(f"/v2/{MODEL}", json=BODY).status_code == 200


def test_v1_names_the_remaining_credits(image_api: EmbeddedServer) -> None:
    image_api.script(credits=1)
    assert image_api.http.post(f"/v1/{MODEL}", json=BODY).headers["x-remaining-credits"] == "0.9924"


def test_the_limits_can_be_given_on_the_command_line(start_embedded: StartEmbedded) -> None:
    server = start_embedded("--requests-per-minute", "2", "--credits", "0.008")
    server.finished(server.submit())

    assert server.http.post(f"/v2/{MODEL}", json=BODY).status_code == 406
    assert server.http.post(f"/v2/{MODEL}", json=BODY).status_code == 429


def test_there_are_no_admin_routes_unless_asked_for(start_embedded: StartEmbedded) -> None:
    server = start_embedded(admin=False)
    for method, path in [("POST", "/admin/script"), ("POST", "/admin/clock"), ("GET", "/admin/requests")]:
        assert server.http.request(method, path).status_code == 404
