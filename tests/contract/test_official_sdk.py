"""The vendor's SDK, unchanged, against the embedded API."""

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import segmind
from segmind import InferenceFailed, InferenceTimeout, SegmindClient, SegmindError

from tests.contract.embedded_server import KEY, MODEL, PICTURE, EmbeddedServer

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def sdk(image_api: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[SegmindClient]:
    history = f"{image_api.url}/inference-request/request-history"
    monkeypatch.setattr(sys.modules["segmind.generations"], "REQUEST_HISTORY_URL", history)
    monkeypatch.setattr(sys.modules["segmind.files"].Files, "STORAGE_BASE_URL", image_api.url)
    client = SegmindClient(api_key=KEY, base_url=f"{image_api.url}/v1")
    yield client
    client._client.close()


def test_run_returns_the_finished_result(sdk: SegmindClient, image_api: EmbeddedServer) -> None:
    result = sdk.run(MODEL, prompt="a fox", image=PICTURE, seed=7)

    assert result["status"] == "COMPLETED"
    assert result["seed"] == "7"
    assert result["metrics"]["cost"] == 0.0076
    assert result["engine"] == "preview engine, not Stable Diffusion"
    assert result["images"][0]["url"] == result["output"]
    picture = httpx.get(result["output"])
    assert picture.content.startswith(PNG)
    assert str(len(picture.content)) == result["images"][0]["file_size"]


def test_run_sync_returns_the_raw_picture(sdk: SegmindClient) -> None:
    answer = sdk.run_sync(MODEL, prompt="a fox", image=PICTURE)

    assert answer.content.startswith(PNG)
    assert answer.headers["x-cost"] == "0.0076"
    assert answer.headers["x-engine"] == "preview engine, not Stable Diffusion"


def test_a_submitted_job_can_be_waited_for(sdk: SegmindClient, image_api: EmbeddedServer) -> None:
    image_api.script(inference_seconds="manual")
    job = sdk.submit_async(MODEL, prompt="a fox", image=PICTURE)
    assert job.status()["status"] in ("QUEUED", "PROCESSING")
    assert job.result()["output"] == ""

    image_api.release(job.request_id)

    assert job.wait(timeout=20, interval=0.01)["status"] == "COMPLETED"


def test_a_job_that_takes_too_long_times_out_and_can_be_taken_up_again(
    sdk: SegmindClient, image_api: EmbeddedServer
) -> None:
    image_api.script(queue_seconds="manual")
    job = sdk.submit_async(MODEL, prompt="a fox", image=PICTURE)
    with pytest.raises(InferenceTimeout):
        job.wait(timeout=0.0, interval=0.01)

    image_api.reset()

    assert job.wait(timeout=20, interval=0.01)["status"] == "COMPLETED"


def test_a_failed_job_raises_inference_failed_with_the_servers_sentence(
    sdk: SegmindClient, image_api: EmbeddedServer
) -> None:
    image_api.script(fail="The painter ran out of paint.")
    job = sdk.submit_async(MODEL, prompt="a fox", image=PICTURE)

    with pytest.raises(InferenceFailed) as failed:
        job.wait(timeout=20, interval=0.01)

    assert failed.value.detail == "The painter ran out of paint."
    assert failed.value.status_body["request_id"] == job.request_id
    assert job.result()["status"] == "FAILED"


def test_a_wrong_key_is_an_error_with_its_status(image_api: EmbeddedServer) -> None:
    client = SegmindClient(api_key="wrong", base_url=f"{image_api.url}/v1")
    with pytest.raises(SegmindError) as refused:
        client.run(MODEL, prompt="a fox", image=PICTURE)
    client._client.close()

    assert refused.value.status == 401


def test_uploaded_files_are_served_and_can_be_repainted(sdk: SegmindClient, tmp_path: Path) -> None:
    paths = [tmp_path / "one.png", tmp_path / "two.jpg"]
    for path in paths:
        path.write_bytes(f"bytes of {path.name}".encode())

    uploaded = sdk.files.upload(paths)

    assert uploaded["message"]
    one, two = (httpx.get(url) for url in uploaded["file_urls"])
    assert (one.content, one.headers["content-type"]) == (b"bytes of one.png", "image/png")
    assert (two.content, two.headers["content-type"]) == (b"bytes of two.jpg", "image/jpeg")
    assert sdk.run(MODEL, prompt="a fox", image=uploaded["file_urls"][0])["status"] == "COMPLETED"


def test_the_history_lists_a_request_with_its_inputs(sdk: SegmindClient, image_api: EmbeddedServer) -> None:
    job = sdk.submit_async(MODEL, prompt="a badger", image=PICTURE, seed=5)
    result = job.wait(timeout=20, interval=0.01)

    page = sdk.generations.history(per_page=100, model_name="sd3", status="COMPLETED")

    (row,) = [row for row in page["data"] if row["request_id"] == job.request_id]
    assert row["request_body"] == {"prompt": "a badger", "image": PICTURE, "seed": 5}
    assert row["generation_url"] == result["output"]
    assert sdk.generations.get(job.request_id) == row


def test_the_history_of_an_unknown_request_is_not_found(sdk: SegmindClient) -> None:
    with pytest.raises(SegmindError) as missing:
        sdk.generations.get("unknown")

    assert (missing.value.status, missing.value.detail) == (404, "Request ID not found")


def test_base64_is_asked_for_and_given(sdk: SegmindClient) -> None:
    result = sdk.run(MODEL, prompt="a fox", image=PICTURE, base64=True)
    assert base64.b64decode(result["output"]).startswith(PNG)

    answer = sdk.run_sync(MODEL, prompt="a fox", image=PICTURE, base64=True)
    assert base64.b64decode(answer.json()["image"]).startswith(PNG)


def test_the_sdk_is_the_one_the_contract_was_read_from() -> None:
    assert segmind.__version__ == "1.3.0"
