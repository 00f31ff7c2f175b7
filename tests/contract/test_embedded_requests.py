"""The life of a request as a client sees it: submit, status, result, output."""

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.contract.embedded_server import MODEL, PICTURE, EmbeddedServer, StartEmbedded

ENGINE = "preview engine, not Stable Diffusion"


def test_a_submit_answers_with_addresses_under_the_host_that_was_asked(image_api: EmbeddedServer) -> None:
    answer = image_api.http.post(
        f"/v2/{MODEL}", json={"prompt": "a", "image": PICTURE}, headers={"Host": "localhost:81"}
    ).json()

    request_id = answer["request_id"]
    assert answer == {
        "request_id": request_id,
        "status": "QUEUED",
        "poll_url": f"http://localhost:81/v1/requests/{request_id}",
        "status_url": f"http://localhost:81/v2/requests/{request_id}/status",
        "response_url": f"http://localhost:81/v2/requests/{request_id}",
    }
    assert image_api.http.get(f"/v1/requests/{request_id}").status_code == 200


def test_a_request_is_queued_then_processing_then_completed(image_api: EmbeddedServer) -> None:
    image_api.script(queue_seconds="manual", inference_seconds="manual")
    request_id = image_api.submit()
    assert image_api.status(request_id).json()["status"] == "QUEUED"
    assert image_api.result(request_id).json() | {"metrics": None} == {
        "status": "PROCESSING",
        "request_id": request_id,
        "error": None,
        "output": "",
        "images": [],
        "seed": None,
        "engine": ENGINE,
        "metrics": None,
    }

    image_api.release(request_id)
    assert image_api.until(request_id, "PROCESSING", "COMPLETED")["status"] == "PROCESSING"

    image_api.release(request_id)
    metrics = image_api.until(request_id, "COMPLETED")["metrics"]
    assert metrics.keys() == {"cost", "remaining_credits", "queue_time", "inference_time", "total_time"}
    assert metrics["cost"] == 0.0076
    assert metrics["total_time"] == pytest.approx(
        metrics["queue_time"] + metrics["inference_time"], abs=0.003
    )


def test_a_release_before_its_time_is_not_lost(image_api: EmbeddedServer) -> None:
    image_api.script(inference_seconds="manual")
    request_id = image_api.submit()

    image_api.release(request_id)

    assert image_api.finished(request_id)["status"] == "COMPLETED"


def test_one_release_is_for_one_phase_of_one_request(image_api: EmbeddedServer) -> None:
    image_api.script(queue_seconds="manual", inference_seconds="manual")
    first, second = image_api.submit(), image_api.submit()

    image_api.release(first)
    image_api.until(first, "PROCESSING")

    assert image_api.status(second).json()["status"] == "QUEUED"
    assert set(image_api.release()) == {first, second}
    assert image_api.until(first, "COMPLETED")
    assert image_api.until(second, "PROCESSING")


def test_a_scripted_duration_goes_by_the_servers_clock(image_api: EmbeddedServer) -> None:
    image_api.script(queue_seconds=600, inference_seconds=1200)
    request_id = image_api.submit()
    image_api.advance(599)
    assert image_api.status(request_id).json()["status"] == "QUEUED"
    image_api.advance(2)
    image_api.until(request_id, "PROCESSING")
    image_api.advance(1201)

    metrics = image_api.until(request_id, "COMPLETED")["metrics"]

    assert metrics["queue_time"] == pytest.approx(601, abs=20)
    assert metrics["inference_time"] == pytest.approx(1201, abs=20)


def test_long_durations_do_not_make_requests_wait_for_each_other(image_api: EmbeddedServer) -> None:
    image_api.script(inference_seconds="manual")
    requests = [image_api.submit() for _ in range(5)]

    for request_id in requests:
        image_api.until(request_id, "PROCESSING")


def test_a_failed_request_is_a_422_that_carries_its_body(image_api: EmbeddedServer) -> None:
    image_api.script(fail="The painter ran out of paint.")
    request_id = image_api.submit()
    image_api.finished(request_id)

    for answer in (image_api.status(request_id), image_api.result(request_id)):
        assert answer.status_code == 422
        body = answer.json()
        assert body["metrics"]["cost"] == 0
        assert (body["status"], body["error"]) == ("FAILED", "The painter ran out of paint.")
        assert body["request_id"] == request_id


@pytest.mark.parametrize("prompt", ["some NUDE figure", "nsfw", "(porn:1.2)"])
def test_a_blocked_word_fails_the_request_as_content(image_api: EmbeddedServer, prompt: str) -> None:
    body = image_api.finished(image_api.submit(prompt=prompt))
    assert "content filter" in body["error"]


@pytest.mark.parametrize("prompt", ["denuded hills", "a category of gorena plants", "pornic harbour"])
def test_a_word_that_only_contains_a_blocked_one_is_painted(image_api: EmbeddedServer, prompt: str) -> None:
    assert image_api.finished(image_api.submit(prompt=prompt))["status"] == "COMPLETED"


def test_a_scripted_block_fails_any_prompt(image_api: EmbeddedServer) -> None:
    image_api.script(block=True)
    assert "content filter" in image_api.finished(image_api.submit(prompt="a kitten"))["error"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strength", 7),
        ("guidance_scale", 0.5),
        ("num_inference_steps", 0),
        ("num_inference_steps", 2.5),
        ("samples", 99),
        ("seed", "lucky"),
        ("sampler", "euler_q"),
        ("scheduler", "eventually"),
        ("base64", "yes"),
        ("negative_prompt", ["ugly"]),
    ],
)
def test_a_bad_value_is_accepted_and_fails_later_unbilled(
    image_api: EmbeddedServer, name: str, value: Any
) -> None:
    before = image_api.seen()["billed"]

    body = image_api.finished(image_api.submit(**{name: value}))

    assert body["status"] == "FAILED"
    assert name in body["error"]
    assert image_api.seen()["billed"] == before


def test_several_samples_are_several_pictures_of_consecutive_seeds(image_api: EmbeddedServer) -> None:
    request_id = image_api.submit(samples=3, seed=40)
    image_api.finished(request_id)
    result = image_api.result(request_id).json()

    pictures = [httpx.get(image["url"]).content for image in result["images"]]

    assert result["output"] == [image["url"] for image in result["images"]]
    assert result["seed"] == "40"
    assert [image["seed"] for image in result["images"]] == ["40", "41", "42"]
    assert result["metrics"]["cost"] == pytest.approx(3 * 0.0076)
    for seed, picture in zip((40, 41, 42), pictures, strict=True):
        alone = image_api.http.post(f"/v1/{MODEL}", json={"prompt": "x", "image": PICTURE, "seed": seed})
        assert alone.content == picture


def test_the_seed_after_the_largest_is_zero(image_api: EmbeddedServer) -> None:
    request_id = image_api.submit(samples=2, seed=2**64 - 1)
    image_api.finished(request_id)

    images = image_api.result(request_id).json()["images"]

    assert [image["seed"] for image in images] == [str(2**64 - 1), "0"]


def test_v1_gives_all_samples_as_base64(image_api: EmbeddedServer) -> None:
    answer = image_api.http.post(
        f"/v1/{MODEL}", json={"prompt": "x", "image": PICTURE, "samples": 2, "base64": True}
    )

    assert [base64.b64decode(text)[:4] for text in answer.json()["image"]] == [b"\x89PNG"] * 2
    assert float(answer.headers["x-cost"]) == pytest.approx(0.0152)
    assert float(answer.headers["x-generation-time"]) >= 0
    assert image_api.http.get(f"/v2/requests/{answer.headers['x-request-id']}/status").status_code == 200


def test_v1_refuses_a_bad_value_and_answers_a_failure_with_422(image_api: EmbeddedServer) -> None:
    refused = image_api.http.post(f"/v1/{MODEL}", json={"prompt": "x", "image": PICTURE, "strength": 7})
    failed = image_api.http.post(f"/v1/{MODEL}", json={"prompt": "nsfw", "image": PICTURE})

    assert (refused.status_code, "strength" in refused.json()["error"]) == (406, True)
    assert (failed.status_code, failed.json()["status"]) == (422, "FAILED")


@pytest.mark.parametrize(
    "image",
    [PICTURE, "aGVs\nbG8", "data:image/png;base64,aGVsbG8=", "DATA:image/jpeg;name=x;base64,aGVsbG8="],
)
def test_an_image_may_be_base64_or_a_data_url(image_api: EmbeddedServer, image: str) -> None:
    assert image_api.finished(image_api.submit(image=image))["status"] == "COMPLETED"


@pytest.mark.parametrize(
    "image", ["not a picture!", "data:image/png,plain", "http://127.0.0.1:1/x.png", "https://[/", "a"]
)
def test_an_image_that_cannot_be_loaded_fails_the_request(image_api: EmbeddedServer, image: str) -> None:
    body = image_api.finished(image_api.submit(image=image))
    assert body["error"].startswith("Could not load image")


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/there.png" else 404)
        self.end_headers()
        self.wfile.write(b"picture")

    def log_message(self, *_: object) -> None:
        pass


def test_an_image_may_be_anywhere_on_the_web_where_that_is_allowed(start_embedded: StartEmbedded) -> None:
    image_api = start_embedded("--fetch-urls")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pictures) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        base = f"http://127.0.0.1:{web.server_port}"
        there = image_api.finished(image_api.submit(image=f"{base}/there.png"))
        missing = image_api.finished(image_api.submit(image=f"{base}/missing.png"))
        web.shutdown()
        thread.join()

    assert there["status"] == "COMPLETED"
    assert missing["error"] == "Could not load image: its URL answered 404."


def test_an_uploaded_image_and_an_earlier_output_are_taken_from_disk_under_any_host(
    image_api: EmbeddedServer,
) -> None:
    upload = image_api.http.post("/upload-asset", json={"data_urls": ["data:image/png;base64,aGVsbG8="]})
    (url,) = upload.json()["file_urls"]
    first = image_api.submit(image=url.replace(image_api.url, "https://moved.invalid"))
    image_api.finished(first)

    output = image_api.result(first).json()["output"]
    again = image_api.submit(image=output.replace(image_api.url, "https://moved.invalid"))

    assert image_api.finished(again)["status"] == "COMPLETED"


def test_a_request_is_gone_an_hour_after_its_submission_but_its_picture_stays_a_week(
    image_api: EmbeddedServer,
) -> None:
    request_id = image_api.submit()
    image_api.finished(request_id)
    output = image_api.result(request_id).json()["output"]

    image_api.advance(3500)
    assert image_api.result(request_id).status_code == 200
    image_api.advance(100)
    for answer in (image_api.status(request_id), image_api.result(request_id)):
        assert answer.status_code == 404
        assert answer.json() == {"error": "Request ID not found"}
    assert httpx.get(output).status_code == 200
    image_api.advance(7 * 86_400)
    assert httpx.get(output).status_code == 404


def test_files_are_public_and_unknown_ones_not_found(image_api: EmbeddedServer) -> None:
    for path in ("/outputs/unknown.png", "/assets/..%2f..%2fembedded.sqlite3"):
        answer = httpx.get(image_api.url + path)
        assert (answer.status_code, answer.json()) == (404, {"error": "File not found"})


def test_an_upload_that_a_browser_could_run_is_served_as_bytes(image_api: EmbeddedServer) -> None:
    page = "data:text/html;base64," + base64.b64encode(b"<script>alert(1)</script>").decode()
    (url,) = image_api.http.post("/upload-asset", json={"data_urls": [page]}).json()["file_urls"]

    answer = httpx.get(url)

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_server_says_what_it_is(image_api: EmbeddedServer) -> None:
    assert ENGINE in httpx.get(image_api.url).text
    assert httpx.get(f"{image_api.url}/health").json() == {"status": "ok", "engine": ENGINE, "kind": "canned"}
