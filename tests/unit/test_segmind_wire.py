"""The API's JSON in both directions."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.errors import BadAnswer, ServiceError
from repaint.models import ApiState, Request
from repaint.segmind import wire

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
URL = "https://files.example/outputs/a.png"
METRICS = {
    "cost": 0.0076,
    "remaining_credits": 9.9,
    "inference_time": 7.4,
    "queue_time": 0.2,
    "total_time": 7.7,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def body(**values: Any) -> bytes:
    return json.dumps(values).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def assert_ours(read: Callable[[bytes], object], raw: bytes) -> None:
    """It reads, or says in one line of its own why not."""
    said = "fine"
    try:
        read(raw)
    except ServiceError as error:
        said = error.detail
    assert said
    assert said.isprintable()


# Requests -------------------------------------------------------------------------------------------------


def test_every_parameter_is_said_and_the_body_is_flat() -> None:
    request = Request(
        prompt="a fox",
        seed=7,
        negative_prompt="blur",
        strength=0.5,
        steps=30,
        guidance=6.5,
        samples=2,
        sampler="euler",
        scheduler="karras",
    )
    assert wire.parameters(request, "https://x/y.png") == {
        "image": "https://x/y.png",
        "prompt": "a fox",
        "negative_prompt": "blur",
        "num_inference_steps": 30,
        "guidance_scale": 6.5,
        "seed": 7,
        "samples": 2,
        "strength": 0.5,
        "sampler": "euler",
        "scheduler": "karras",
        "base64": False,
    }


def test_the_defaults_are_the_apis_own() -> None:
    said = wire.parameters(Request(prompt="a", seed=698845), "i")
    assert said == {
        "image": "i",
        "prompt": "a",
        "negative_prompt": "low quality,less details",
        "num_inference_steps": 20,
        "guidance_scale": 5,
        "seed": 698845,
        "samples": 1,
        "strength": 0.7,
        "sampler": "dpmpp_2m",
        "scheduler": "sgm_uniform",
        "base64": False,
    }


# Submitted ------------------------------------------------------------------------------------------------


def test_a_submits_answer_gives_the_id_and_the_state() -> None:
    answer = wire.submitted(
        body(
            request_id="3f2b-1",
            status="QUEUED",
            poll_url="https://x/v1/requests/3f2b-1",
            status_url="https://evil.example/steal",
        )
    )
    assert (answer.request_id, answer.state) == ("3f2b-1", ApiState.QUEUED)


@pytest.mark.parametrize("word", [None, "", "ACCEPTED", 7])
def test_an_id_without_a_known_state_is_queued(word: object) -> None:
    assert wire.submitted(body(request_id="a", status=word)).state is ApiState.QUEUED


def test_an_id_may_be_a_number() -> None:
    assert wire.submitted(body(request_id=123)).request_id == "123"


@pytest.mark.parametrize(
    "request_id",
    [None, "", "a/b", "../x", "..", ".", "a?b", "a#b", "a b", "a%2Fb", "ä", "x" * 201, {}, True, "a\nb"],
)
def test_an_id_that_would_change_a_path_is_a_bad_answer(request_id: object) -> None:
    with pytest.raises(BadAnswer):
        wire.submitted(body(request_id=request_id))


# Status ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["QUEUED", "PROCESSING", "COMPLETED", "queued", " Processing "])
def test_the_four_words_are_states(word: str) -> None:
    assert wire.status(body(status=word), "id").state == word.strip().upper()


def test_a_failed_request_is_a_status_with_the_apis_words() -> None:
    status = wire.status(body(status="FAILED", error="CUDA\nout of memory", metrics=METRICS), "id")
    assert (status.state, status.error) == (ApiState.FAILED, "CUDA out of memory")
    assert (status.queue_time, status.inference_time) == (0.2, 7.4)


@pytest.mark.parametrize("error", [{"message": "inner"}, {"error": {"detail": "inner"}}, ["inner"]])
def test_a_failures_words_may_stand_inside(error: object) -> None:
    assert "inner" in wire.status(body(status="FAILED", error=error), "id").error


@pytest.mark.parametrize("metrics", [None, {}, [], "x", {"queue_time": "soon", "inference_time": None}])
def test_metrics_may_be_missing_or_of_another_type(metrics: object) -> None:
    status = wire.status(body(status="PROCESSING", metrics=metrics), "id")
    assert (status.queue_time, status.inference_time) == (None, None)


def test_metrics_may_be_strings() -> None:
    status = wire.status(body(status="COMPLETED", metrics={"queue_time": "0.2", "inference_time": "7"}), "id")
    assert (status.queue_time, status.inference_time) == (0.2, 7.0)


@pytest.mark.parametrize("word", ["STARTING", "CANCELLED", "", None, 1, {}])
def test_an_unknown_word_is_a_bad_answer(word: object) -> None:
    with pytest.raises(BadAnswer):
        wire.status(body(status=word), "id")
    assert not wire.has_state(body(status=word))


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'"QUEUED"', b"null", b""])
def test_what_is_no_object_has_no_state(raw: bytes) -> None:
    with pytest.raises(BadAnswer):
        wire.status(raw, "id")
    assert not wire.has_state(raw)


# Uploads and history --------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [{"file_urls": [URL], "message": "ok"}, {"urls": [URL]}])
def test_an_uploads_url_stands_under_either_name(answer: dict[str, object]) -> None:
    assert wire.uploaded(body(**answer)) == URL


@pytest.mark.parametrize("answer", [{}, {"urls": []}, {"urls": [None]}, {"urls": URL}, {"file_urls": ["/x"]}])
def test_an_upload_without_a_url_is_a_bad_answer(answer: dict[str, object]) -> None:
    with pytest.raises(BadAnswer):
        wire.uploaded(body(**answer))


ROW = {
    "request_id": "r1",
    "model_status": "completed",
    "credits_deduction": "0.0076",
    "request_body": {"prompt": "a fox", "seed": 7},
    "created_at": "2027-01-15T08:00:00Z",
}


@pytest.mark.parametrize(
    "envelope",
    [
        [ROW],
        {"data": [ROW], "page": 1},
        {"requests": [ROW]},
        {"anything": [ROW], "total": 1},
        {"data": {"rows": [ROW], "total": 1}},
        {"page": 1, "meta": {"n": 1}, "results": [ROW]},
    ],
)
def test_the_history_is_found_under_whatever_key(envelope: object) -> None:
    (row,) = wire.history(json.dumps(envelope).encode())
    assert (row.request_id, row.status, row.cost) == ("r1", "COMPLETED", 0.0076)
    assert row.body == {"prompt": "a fox", "seed": 7}
    assert row.created_at == 1_800_000_000


def test_an_inputs_body_may_be_a_string_or_late() -> None:
    rows = [ROW | {"request_body": '{"seed": 7}'}, ROW | {"request_body": None}, ROW | {"request_body": "{"}]
    assert [row.body for row in wire.history(json.dumps(rows).encode())] == [{"seed": 7}, {}, {}]


def test_rows_without_an_id_are_left_out() -> None:
    rows = [{"model_status": "FAILED"}, "x", None, ROW]
    assert [row.request_id for row in wire.history(json.dumps(rows).encode())] == ["r1"]


@pytest.mark.parametrize("raw", [b"[]", b'{"data": []}', b'{"data": null, "requests": []}'])
def test_an_empty_history_is_empty(raw: bytes) -> None:
    assert wire.history(raw) == []


@pytest.mark.parametrize("raw", [b"{}", b'{"error": "no"}', b"7", b"<html>", b'{"data": null}'])
def test_no_rows_at_all_are_a_bad_answer(raw: bytes) -> None:
    with pytest.raises(BadAnswer):
        wire.history(raw)


# The balance ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bought", "given_free", "together"),
    [(0.0, 0.0184921035, 0.0184921035), (9.5, 0, 9.5), ("1.25", "0.5", 1.75), (-0.02, 0.01, -0.01)],
)
def test_a_balance_is_what_was_bought_and_what_was_given(
    bought: object, given_free: object, together: float
) -> None:
    answer = {"credits": bought, "free-credits": given_free, "currency": "USD"}
    assert wire.credits_left(json.dumps(answer).encode()) == pytest.approx(together)


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"7",
        b"{}",
        b'{"credits": 1}',
        b'{"free-credits": 1}',
        b'{"credits": null, "free-credits": 1}',
        b'{"credits": "many", "free-credits": 1}',
        b'{"credits": true, "free-credits": 1}',
        b'{"credits": NaN, "free-credits": 1}',
        b'{"credits": -Infinity, "free-credits": 1}',
        b'{"credits": [1], "free-credits": 1}',
        b"<html>",
    ],
)
def test_no_balance_is_a_bad_answer(raw: bytes) -> None:
    with pytest.raises(BadAnswer):
        wire.credits_left(raw)


# Whatever comes -------------------------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.sampled_from(
            ["status", "request_id", "output", "images", "image_url", "image", "seed", "metrics", "error",
             "credits", "free-credits", "engine", "data", "file_urls", "urls", "model_status",
             "request_body", "created_at"]
        ),
        json_values | st.sampled_from(["COMPLETED", "FAILED", URL, b64(PNG)]),
    )
    | json_values
)  # fmt: skip
def test_no_json_breaks_the_readers_except_with_our_own_errors(value: object) -> None:
    raw = json.dumps(value).encode()
    for read in (
        wire.submitted,
        lambda raw: wire.status(raw, "id"),
        lambda raw: wire.result(raw, "id"),
        lambda raw: wire.sync_result({}, raw),
        wire.uploaded,
        wire.history,
        wire.credits_left,
        wire.has_state,
    ):
        assert_ours(read, raw)


@given(st.binary(max_size=100))
def test_no_bytes_break_the_readers_except_with_our_own_errors(raw: bytes) -> None:
    for read in (
        wire.submitted,
        lambda raw: wire.result(raw, "id"),
        wire.uploaded,
        wire.history,
        wire.credits_left,
    ):
        assert_ours(read, raw)


@pytest.mark.parametrize("opening", [b'{"output": ' * 800 + b"1" + b"}" * 800, b"[" * 900 + b"]" * 900])
def test_deep_nesting_does_no_harm(opening: bytes) -> None:
    for read in (lambda raw: wire.result(raw, "id"), wire.history):
        assert_ours(read, opening)
