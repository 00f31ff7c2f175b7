"""The API's results: where the pictures are, in which form, and what else is told."""

import base64
import json
from typing import Any

import pytest

from repaint.errors import BadAnswer, ContentBlocked, InferenceFailed, NoAnswer, OutputUnavailable
from repaint.models import Output
from repaint.segmind import wire

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(60)
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(40)
AVIF = b"\x00\x00\x00\x1cftypavif" + bytes(40)
URL = "https://files.example/outputs/a.png"
OTHER = "https://files.example/outputs/b.png"
METRICS = {
    "cost": 0.0076,
    "remaining_credits": 9.9,
    "inference_time": 7.4,
    "queue_time": 0.2,
    "total_time": 7.7,
}


def body(**values: Any) -> bytes:
    return json.dumps(values).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def outputs(**values: Any) -> tuple[Output, ...]:
    return wire.result(body(status="COMPLETED", **values), "id").outputs


def test_a_result_as_third_parties_report_it() -> None:
    result = wire.result(
        body(
            status="COMPLETED",
            error=None,
            output=URL,
            images=[{"url": URL, "content_type": "image/png", "file_name": "a.png", "file_size": "12"}],
            seed="698845",
            metrics=METRICS,
        ),
        "id",
    )
    assert result.outputs == (Output(url=URL),)
    assert (result.request_id, result.seed, result.cost) == ("id", 698845, 0.0076)
    assert (result.queue_time, result.inference_time, result.engine) == (0.2, 7.4, None)


def test_images_come_before_image_url_and_that_before_output() -> None:
    assert outputs(images=[{"url": URL}, {"url": OTHER}], image_url="https://x/1", output="https://x/2") == (
        Output(url=URL),
        Output(url=OTHER),
    )
    assert outputs(images=[], image_url=URL, output=OTHER) == (Output(url=URL),)
    assert outputs(images=None, output=OTHER) == (Output(url=OTHER),)


@pytest.mark.parametrize(
    "output",
    [
        URL,
        [URL],
        {"url": URL},
        [{"url": URL}],
        {"image_url": URL},
        json.dumps([URL]),
        json.dumps({"url": URL}),
        f"  {URL}\n",
        [None, "", URL, 7],
    ],
)
def test_an_output_may_be_a_url_in_any_wrapping(output: object) -> None:
    assert outputs(output=output) == (Output(url=URL),)


@pytest.mark.parametrize("data", [PNG, JPEG, WEBP, AVIF])
def test_an_output_may_be_the_picture_itself(data: bytes) -> None:
    expected = (Output(data=data),)
    lines = "\n".join(b64(data)[i : i + 60] for i in range(0, len(b64(data)), 60))
    for form in (
        b64(data),
        b64(data).rstrip("="),
        lines,
        base64.urlsafe_b64encode(data).decode(),
        f"data:image/png;base64,{b64(data)}",
        f"DATA:image/png;charset=x;BASE64,{b64(data)}",
        [b64(data)],
        {"image": b64(data)},
        {"b64_json": b64(data)},
    ):
        assert outputs(output=form) == expected


def test_several_samples_stay_in_order() -> None:
    assert outputs(output=[URL, b64(PNG), OTHER]) == (Output(url=URL), Output(data=PNG), Output(url=OTHER))


@pytest.mark.parametrize(
    "output",
    [
        *("pending", "done", "/outputs/a.png", "data:,", "data:text/plain,hi", "%%%", "ftp://x/y"),
        *([], {}, 7, True, None, "", "[", "{}", [[[[[[[[URL]]]]]]]]),
    ],
)
def test_completed_without_a_picture_is_unavailable_for_now(output: object) -> None:
    with pytest.raises(OutputUnavailable) as caught:
        outputs(output=output)
    assert isinstance(caught.value.__cause__, NoAnswer)


@pytest.mark.parametrize("word", ["QUEUED", "PROCESSING"])
def test_a_result_that_is_not_ready_is_no_answer_yet(word: str) -> None:
    with pytest.raises(NoAnswer):
        wire.result(body(status=word, output="", images=[]), "id")


def test_a_failed_result_is_an_inference_failure() -> None:
    with pytest.raises(InferenceFailed, match="out of memory"):
        wire.result(body(status="FAILED", error="out of memory"), "id")
    with pytest.raises(ContentBlocked):
        wire.result(body(status="FAILED", error="NSFW content detected"), "id")


def test_a_picture_without_a_status_is_taken() -> None:
    assert wire.result(body(output=URL), "id").outputs == (Output(url=URL),)


def test_neither_status_nor_picture_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        wire.result(body(hello="world"), "id")


@pytest.mark.parametrize("seed", [None, "x", [1], {}, True, 1.5])
def test_a_seed_that_makes_no_sense_is_none(seed: object) -> None:
    assert wire.result(body(status="COMPLETED", output=URL, seed=seed), "id").seed is None


def test_a_server_that_is_not_the_real_one_may_say_so() -> None:
    assert wire.result(body(output=URL, engine="preview engine"), "id").engine == "preview engine"
    assert wire.result(body(output=URL, metrics={"engine": "canned"}), "id").engine == "canned"


# The synchronous call -------------------------------------------------------------------------------------


def test_the_synchronous_answer_is_the_picture_with_its_cost_in_headers() -> None:
    headers = {
        "content-type": "image/jpeg",
        "x-cost": "0.0076",
        "x-generation-time": "7.1",
        "x-request-id": "r1",
    }
    result = wire.sync_result(headers, JPEG)
    assert result.outputs == (Output(data=JPEG),)
    assert (result.request_id, result.cost, result.inference_time) == ("r1", 0.0076, 7.1)


def test_a_picture_is_known_by_its_bytes_whatever_the_content_type() -> None:
    assert wire.sync_result({"content-type": "application/json"}, PNG).outputs == (Output(data=PNG),)


@pytest.mark.parametrize("image", [b64(PNG), [b64(PNG)], f"data:image/png;base64,{b64(PNG)}"])
def test_the_synchronous_answer_may_be_json(image: object) -> None:
    answer = body(image=image, engine="preview")
    result = wire.sync_result({"content-type": "application/json"}, answer)
    assert (result.outputs, result.engine) == ((Output(data=PNG),), "preview")


@pytest.mark.parametrize("raw", [b"", b"<html>", b"{}", b"[]"])
def test_a_synchronous_answer_without_a_picture_is_a_bad_answer(raw: bytes) -> None:
    with pytest.raises(BadAnswer):
        wire.sync_result({"content-type": "text/html"}, raw)


def test_an_empty_picture_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        wire.sync_result({"content-type": "image/png"}, b"")


def test_not_more_outputs_are_read_than_make_sense() -> None:
    assert len(outputs(output=[URL] * 1000)) == wire.MAX_OUTPUTS
