"""HTTP status → error."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint import errors
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import failed, refusal
from repaint.segmind.refusals import said as said_in

NOW = 1_800_000_000.0


def refused(
    status: int,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    operation: Operation = Operation.SUBMIT,
) -> errors.ServiceError:
    return refusal(operation, status, headers or {}, body, NOW)


def said(text: str) -> bytes:
    return json.dumps({"error": text}).encode()


@pytest.mark.parametrize("operation", [Operation.STATUS, Operation.RESULT])
def test_404_of_a_request_means_that_it_expired(operation: Operation) -> None:
    error = refused(404, said("Request ID not found"), operation=operation)
    assert type(error) is errors.RequestExpired
    assert "Request ID not found" in error.detail


@pytest.mark.parametrize("operation", [Operation.SUBMIT, Operation.SYNC, Operation.HISTORY])
def test_404_elsewhere_means_not_found(operation: Operation) -> None:
    assert type(refused(404, operation=operation)) is errors.NotFound


@pytest.mark.parametrize(
    "text",
    ["Insufficient credits: balance 0.002, need 0.0076", "insufficient credit", "Your BALANCE is too low"],
)
def test_406_about_credits_means_that_they_are_used_up(text: str) -> None:
    assert type(refused(406, said(text))) is errors.OutOfCredits


@pytest.mark.parametrize("text", ["Not acceptable: content type", "strength must be below 1", "accredited"])
def test_406_about_anything_else_is_a_rejection(text: str) -> None:
    assert type(refused(406, said(text))) is errors.Rejected


@pytest.mark.parametrize(
    "text",
    [
        "Content blocked: the request was flagged by the content filter.",
        "NSFW content detected",
        "The prompt violates our content policy",
        "Blocked by content moderation",
        "rejected by the safety checker",
        "Your request was rejected as a result of our safety system",
        "This violates the usage policies",
        "inappropriate image",
    ],
)
def test_a_content_block_is_told_from_the_words_of_a_failed_request(text: str) -> None:
    assert type(failed(text)) is errors.ContentBlocked
    assert type(refused(422, said(text))) is errors.ContentBlocked


@pytest.mark.parametrize("operation", [Operation.SUBMIT, Operation.SYNC])
@pytest.mark.parametrize("status", [400, 403, 406])
def test_a_submit_may_be_refused_for_its_content_at_once(status: int, operation: Operation) -> None:
    error = refused(status, said("Your prompt was flagged by our safety system"), operation=operation)
    assert type(error) is errors.ContentBlocked
    assert error.status == status


@pytest.mark.parametrize("operation", [Operation.STATUS, Operation.RESULT, Operation.CREDITS])
def test_no_look_at_anything_is_refused_for_its_content(operation: Operation) -> None:
    assert type(refused(403, said("blocked by policy"), operation=operation)) is errors.ModelForbidden


def test_used_up_credits_are_no_question_of_content() -> None:
    text = "Insufficient credits; see the usage policy for what is blocked by our content rules"
    assert type(refused(406, said(text))) is errors.OutOfCredits


@pytest.mark.parametrize("operation", [each for each in Operation if each is not Operation.DOWNLOAD])
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "body",
    [
        b"<html><title>Access denied</title>This request was blocked by our content policy</html>",
        b"error code: 1020",
        b'"Forbidden"',
        b"[]",
        b"null",
        b"",
    ],
)
def test_a_refusal_that_is_not_the_apis_own_says_nothing_of_key_and_model(
    status: int, body: bytes, operation: Operation
) -> None:
    error = refused(status, body, operation=operation)
    assert type(error) is errors.Intercepted
    assert error.status == status


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CUDA out of memory",
        "failed to load model.safetensors",
        "the content could not be decoded",
        "unsupported content type",
        "Invalid value for strength: it must be a number from 0 to 1.",
        "thread blocked",
    ],
)
def test_other_failures_are_no_content_blocks(text: str) -> None:
    assert type(failed(text)) is errors.InferenceFailed


@pytest.mark.parametrize(
    ("headers", "reset"),
    [
        ({}, None),
        ({"x-rate-limit-reset-at-utc": str(NOW + 30)}, NOW + 30),
        ({"x-rate-limit-reset-at-utc": f"{(NOW + 30) * 1000:.0f}"}, NOW + 30),
        ({"x-rate-limit-reset-at-utc": "2027-01-15T08:00:30"}, NOW + 30),
        ({"x-rate-limit-reset-at-utc": "Fri, 15 Jan 2027 08:00:30 GMT"}, NOW + 30),
        ({"x-rate-limit-reset-at-utc": "soon"}, None),
        ({"retry-after": "12"}, NOW + 12),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, NOW + 30),
        ({"x-rate-limit-reset-at-utc": "soon", "retry-after": "12"}, NOW + 12),
    ],
)
def test_429_carries_the_announced_end_in_whatever_form(headers: dict[str, str], reset: float | None) -> None:
    error = refused(429, said("Rate limit exceeded"), headers)
    assert isinstance(error, errors.RateLimited)
    assert error.reset_at == reset


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateways_page_is_a_gateway_fault_with_its_words_in_the_detail(status: int) -> None:
    error = refused(status, b"<html><head><title>Bad Gateway</title></head></html>")
    assert type(error) is errors.GatewayFault
    assert error.status == status
    assert error.detail == f"submit: HTTP {status}: Bad Gateway"


@pytest.mark.parametrize("status", [402, 408, 413, 418, 451, 501, 520, 599])
def test_an_undocumented_code_is_a_server_fault_that_keeps_it(status: int) -> None:
    error = refused(status)
    assert type(error) is errors.ServerFault
    assert error.status == status


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_is_a_bad_answer(status: int) -> None:
    error = refused(status, headers={"location": "http://elsewhere.example/"})
    assert type(error) is errors.BadAnswer
    assert error.status == status


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": "plain"}', "plain"),
        (b'{"error": {"message": "nested"}}', "nested"),
        (b'{"message": "other key"}', "other key"),
        (b'{"detail": [{"loc": ["seed"], "msg": "not an integer"}]}', "not an integer"),
        (b'{"error": null}', "null"),
        (b"plain text", "plain text"),
        (b'"only a string"', "only a string"),
        (b"", ""),
        (b"null", ""),
        (b'{"error": "two\\nlines\\u0007"}', "two lines"),
    ],
)
def test_the_words_of_an_error_are_found(body: bytes, words: str) -> None:
    detail = refused(400, body).detail
    assert detail.startswith("submit: HTTP 400: ")
    assert words in detail


def test_a_long_body_is_cut_in_the_detail() -> None:
    assert len(refused(500, said("x" * 100_000)).detail) < 400


@given(st.sampled_from(Operation), st.integers(300, 599), st.binary(max_size=200), st.text(max_size=40))
def test_every_refusal_is_an_error_in_one_line(
    operation: Operation, status: int, body: bytes, header: str
) -> None:
    error = refusal(operation, status, {"x-rate-limit-reset-at-utc": header}, body, NOW)
    assert error.status == status
    assert error.detail.isprintable()


def test_a_deeply_nested_error_does_no_harm() -> None:
    deep = b'{"error": ' * 900 + b"1" + b"}" * 900
    assert type(refused(400, deep)) is errors.BadRequest
    value: object = 1
    for _ in range(100_000):
        value = [value]
    assert said_in(value) == ""
