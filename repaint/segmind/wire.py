"""The API's JSON in both directions. Pure: request → body, body → models.

Facts and their sources: S Segmind's page of the model, D its docs, K its SDK's source, T third parties,
I inferred. Where a form is T or I, every plausible one is read; the rest is BadAnswer.
"""

import binascii
import dataclasses
import json
import re
from collections.abc import Mapping

from repaint.errors import BadAnswer, NoAnswer, OutputUnavailable
from repaint.models import ApiState, HistoryRow, Output, Request, Result, Status, Submitted
from repaint.segmind import fields
from repaint.segmind.refusals import failed, said

REQUEST_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:~-]{0,199}")
WEB = ("http://", "https://")
MAX_OUTPUTS = 10  # we ask for 4 at most
MAX_DEPTH = 5
ENVELOPES = ("data", "requests", "results", "items", "rows", "history")  # I: the history's list key
CREATED = ("created_at", "model_created", "createdAt", "model_created_at", "timestamp", "created")  # I


def parameters(request: Request, image: str) -> dict[str, object]:
    """The body of a submit: flat, every parameter said, so that no default of the server matters (S).

    `image` is a URL or bare base64; a data URI is unproven.
    """
    return {
        "image": image,
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "seed": request.seed,
        "samples": request.samples,
        "strength": request.strength,
        "sampler": request.sampler,
        "scheduler": request.scheduler,
        "base64": False,
    }


def submitted(body: bytes) -> Submitted:
    """The answer to a submit (D, K). Raises BadAnswer without a usable id; the state is QUEUED if unsaid.

    The URLs in it are not read: the key goes only where the settings say.
    """
    answer = _object(body)
    request_id = fields.text(answer.get("request_id"))
    if not REQUEST_ID.fullmatch(request_id):
        raise BadAnswer(f"no usable request_id: {fields.one_line(body)}")
    return Submitted(request_id, _state(answer.get("status")) or ApiState.QUEUED)


def status(body: bytes, request_id: str) -> Status:
    """One status answer; FAILED is one too, though it comes as HTTP 422 (S, D, K).

    A word that is none of the four is BadAnswer. It says nothing about the end, so asking again is right.
    """
    answer = _object(body)
    state = _state(answer.get("status"))
    if state is None:
        raise BadAnswer(f"unknown status: {fields.one_line(body)}")
    metrics = _metrics(answer)
    return Status(
        request_id,
        state,
        error=_complaint(answer) if state is ApiState.FAILED else "",
        queue_time=fields.number(metrics.get("queue_time")),
        inference_time=fields.number(metrics.get("inference_time")),
    )


def has_state(body: bytes) -> bool:
    """Whether a body, whatever its HTTP status, tells the state of a request."""
    try:
        return _state(_object(body).get("status")) is not None
    except BadAnswer:
        return False


def result(body: bytes, request_id: str) -> Result:
    """A COMPLETED request with at least one output (T; which field holds them: T, I).

    Raises InferenceFailed or ContentBlocked (it FAILED), NoAnswer (not ready yet), OutputUnavailable
    (COMPLETED without a picture), BadAnswer.
    """
    answer = _object(body)
    state = _state(answer.get("status"))
    if state is ApiState.FAILED:
        raise failed(_complaint(answer))
    if state in (ApiState.QUEUED, ApiState.PROCESSING):
        raise NoAnswer(f"the result is not ready: {state}")
    outputs = _outputs_of(answer)
    if not outputs and state is None:
        raise BadAnswer(f"neither a status nor a picture: {fields.one_line(body)}")
    if not outputs:
        missing = f"COMPLETED without a picture: {fields.one_line(body)}"
        raise OutputUnavailable(missing) from NoAnswer(missing)
    metrics = _metrics(answer)
    return Result(
        request_id,
        outputs,
        seed=fields.integer(answer.get("seed")),
        cost=fields.number(metrics.get("cost")),
        queue_time=fields.number(metrics.get("queue_time")),
        inference_time=fields.number(metrics.get("inference_time")),
        engine=_engine(answer.get("engine") or metrics.get("engine")),
    )


def sync_result(headers: Mapping[str, str], body: bytes) -> Result:
    """The answer of the synchronous v1 call: the picture itself (T), or JSON with `image` (I).

    `headers` as in `refusal`. Raises BadAnswer, InferenceFailed, ContentBlocked.
    """
    answer: dict[str, object] = {}
    if is_picture(body) or headers.get("content-type", "").lower().startswith("image/"):
        outputs: tuple[Output, ...] = (Output(data=body),) if body else ()
    else:
        answer = _object(body)
        if _state(answer.get("status")) is ApiState.FAILED:
            raise failed(_complaint(answer))
        outputs = _outputs_of(answer)
    if not outputs:
        raise BadAnswer(f"no picture: {fields.one_line(body)}")
    return Result(
        headers.get("x-request-id", ""),
        outputs,
        seed=fields.integer(answer.get("seed")),
        cost=fields.number(headers.get("x-cost")),
        inference_time=fields.number(headers.get("x-generation-time")),
        engine=_engine(headers.get("x-engine") or answer.get("engine")),
    )


def uploaded(body: bytes) -> str:
    """The URL of an uploaded file, from `file_urls` (K) or `urls` (D). Raises BadAnswer."""
    answer = _object(body)
    for name in ("file_urls", "urls"):
        urls = answer.get(name)
        if isinstance(urls, list) and urls and isinstance(urls[0], str) and urls[0].startswith(WEB):
            return urls[0]
    raise BadAnswer(f"no URL of the upload: {fields.one_line(body)}")


def history(body: bytes) -> list[HistoryRow]:
    """The rows of one page of the request history (K), from under whatever key they stand (I).

    Rows without a request_id are left out. Several rows may be of one request, one for each output (K).
    """
    rows = _rows(fields.load(body))
    if rows is None:
        raise BadAnswer(f"no rows: {fields.one_line(body)}")
    return [_row(row) for row in rows if isinstance(row, dict) and fields.text(row.get("request_id"))]


def credits_left(body: bytes) -> float:
    """The balance in USD from `{"credits": 0.0, "free-credits": 0.0184921035}` (D): the sum of both.

    An account may be overdrawn. Raises BadAnswer where one is missing or no amount.
    """
    answer = _object(body)
    bought, given = (_amount(answer.get(name)) for name in ("credits", "free-credits"))
    if bought is None or given is None:
        raise BadAnswer(f"no balance: {fields.one_line(body)}")
    return bought + given


def is_picture(data: bytes) -> bool:
    """Whether bytes begin like a PNG, JPEG, GIF, WebP, AVIF or HEIC file."""
    return data.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")) or data[4:8] == b"ftyp"


# Details --------------------------------------------------------------------------------------------------


def _object(body: bytes) -> dict[str, object]:
    answer = fields.load(body)
    if not isinstance(answer, dict):
        raise BadAnswer(f"not a JSON object: {fields.one_line(body)}")
    return answer


def _state(word: object) -> ApiState | None:
    try:
        return ApiState(fields.text(word).upper())
    except ValueError:
        return None


def _metrics(answer: Mapping[str, object]) -> Mapping[str, object]:
    metrics = answer.get("metrics")
    return metrics if isinstance(metrics, dict) else {}


def _amount(value: object) -> float | None:
    if isinstance(value, int | float) and value < 0:
        owed = fields.number(-value)
        return None if owed is None else -owed
    return fields.number(value)


def _complaint(answer: Mapping[str, object]) -> str:
    return said(fields.first(answer, ("error", "message", "detail")))


def _engine(value: object) -> str | None:
    return fields.one_line(fields.text(value), 160) or None


def _outputs_of(answer: Mapping[str, object]) -> tuple[Output, ...]:
    for name in ("images", "image_url", "output", "image"):
        found = _outputs(answer.get(name))
        if found:
            return tuple(found[:MAX_OUTPUTS])
    return ()


def _outputs(value: object, depth: int = 0) -> list[Output]:
    """The pictures in a value: a URL, data URI, bare base64, JSON in a string, a list or object of these."""
    if depth > MAX_DEPTH:
        return []
    if isinstance(value, str):
        return _output(value.strip(), depth)
    if isinstance(value, list):
        return [output for item in value for output in _outputs(item, depth + 1)]
    if isinstance(value, dict):
        inside = (_outputs(value.get(name), depth + 1) for name in ("url", "image_url", "image", "b64_json"))
        found = next((found for found in inside if found), [])
        seed = fields.integer(value.get("seed"))
        return [dataclasses.replace(output, seed=seed) for output in found]
    return []


def _output(value: str, depth: int) -> list[Output]:
    if value.lower().startswith(WEB):
        return [Output(url=value)]
    if value[:5].lower() == "data:":
        kind, _, content = value.partition(",")
        data = _decoded(content) if kind.lower().endswith(";base64") else b""
        return [Output(data=data)] if data else []
    if value.startswith(("[", "{")):
        try:
            return _outputs(json.loads(value), depth + 1)
        except (ValueError, RecursionError):
            return []
    data = _decoded(value)
    return [Output(data=data)] if is_picture(data) else []  # "pending" is valid base64 as well


def _decoded(content: str) -> bytes:
    """The bytes of base64, also of the URL-safe kind or without padding; empty if it is none."""
    compact = "".join(content.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return binascii.a2b_base64(compact + "=" * (-len(compact) % 4), strict_mode=True)
    except ValueError:
        return b""


def _rows(value: object, depth: int = 0) -> list[object] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or depth > 1:
        return None
    known = [value[name] for name in ENVELOPES if name in value]
    for inside in [*known, *value.values()]:
        rows = _rows(inside, depth + 1)
        if rows is not None:
            return rows
    return None


def _row(row: Mapping[str, object]) -> HistoryRow:
    body = row.get("request_body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            body = None
    return HistoryRow(
        fields.text(row.get("request_id")),
        fields.text(fields.first(row, ("model_status", "status"))).upper(),
        body if isinstance(body, dict) else {},  # it may arrive late
        created_at=fields.moment(fields.first(row, CREATED)),
        cost=fields.number(row.get("credits_deduction")),
    )
