"""The JSON of the v2 API's answers, from what the state holds."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from embedded.parameters import Parameters, parse
from embedded.preview.words import plan
from embedded.script import Shape
from embedded.service import Service
from embedded.state import Request, StoredFile

ENGINE = "preview engine, not Stable Diffusion"
"""In every result: what really painted the picture. The canned engine says so too: clients test with it."""
UNKNOWN_PROMPT = (
    f"{ENGINE}; it knows no word of this prompt (try watercolor, comic, pencil, stained glass, winter, night)"
)
"""Said instead where the preview engine understood nothing. ASCII, since it is a header's value too."""
RESULT_SECONDS = 3600.0
"""How long a request can be asked for, from its submission (model's API page: results are kept 1 hour)."""


def engine(service: Service, parameters: Parameters) -> str:
    """Return what painted a request, and whether it knew what to do with the prompt."""
    if service.lives.engine_kind == "canned":
        return ENGINE
    understood = plan(parameters.prompt, parameters.negative_prompt).understood
    return ENGINE if understood else UNKNOWN_PROMPT


def submitted(request_id: str, base: str) -> dict[str, Any]:
    """Return the answer to a submit. `base` is the server's own address as the client named it."""
    return {
        "request_id": request_id,
        "status": "QUEUED",
        "poll_url": f"{base}/v1/requests/{request_id}",
        "status_url": f"{base}/v2/requests/{request_id}/status",
        "response_url": f"{base}/v2/requests/{request_id}",
    }


def metrics(service: Service, request: Request) -> dict[str, Any]:
    """Return the metrics so far: seconds and USD. `remaining_credits` is null when credits have no limit."""
    now = service.clock.now()
    ended = request.ended_at if request.ended_at is not None else now
    started = request.started_at if request.started_at is not None else ended
    return {
        "cost": round(request.cost, 6),
        "remaining_credits": service.remaining_credits(),
        "queue_time": round(started - request.created_at, 3),
        "inference_time": round(ended - started, 3),
        "total_time": round(ended - request.created_at, 3),
    }


def status(service: Service, request: Request) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and body of a status read: FAILED is 422 (Segmind's docs and SDK)."""
    body: dict[str, Any] = {"status": request.status, "request_id": request.id}
    if request.status == "FAILED":
        body["error"] = request.error
    body["metrics"] = metrics(service, request)
    return (422 if request.status == "FAILED" else 200), body


async def result(
    service: Service, request: Request, base: str, *, shape: Shape | None
) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and body of a result read.

    Before the end it is 200 with PROCESSING and an empty output; FAILED is 422. `shape` is one of the odd
    forms that third parties report; without it one sample is `output: URL`, several are a list, and a
    request with `base64` gets bare base64 there and leaves `images` empty. Each image bears its own seed.
    """
    if request.status == "FAILED":
        return status(service, request)
    body: dict[str, Any] = {
        "status": "COMPLETED" if request.status == "COMPLETED" else "PROCESSING",
        "request_id": request.id,
        "error": None,
        "output": "",
        "images": [],
        "seed": request.seed,
        "engine": ENGINE,
        "metrics": metrics(service, request),
    }
    if request.status == "COMPLETED":
        parameters = parse(json.loads(service.state.body(request.id)))
        outputs = service.state.outputs(request.id)
        body["engine"] = engine(service, parameters)
        shape = shape or ("base64" if parameters.base64 else None)
        body |= await _pictures(service, outputs, parameters.seeds, base, shape)
    return 200, body


async def _pictures(
    service: Service, outputs: Sequence[StoredFile], seeds: Sequence[int], base: str, shape: Shape | None
) -> dict[str, Any]:
    urls = [output_url(base, file.name) for file in outputs]
    images = [
        {
            "url": url,
            "content_type": "image/png",
            "file_name": file.name,
            "file_size": str(file.size),
            "seed": str(seed),
        }
        for url, file, seed in zip(urls, outputs, seeds, strict=True)
    ]
    match shape:
        case "empty":
            return {}
        case "image_url":
            return {"image_url": one_or_all(urls)}
        case "images_only":
            return {"images": images}
        case "list":
            return {"output": urls}
        case "base64" | "data_uri":
            prefix = "data:image/png;base64," if shape == "data_uri" else ""
            return {"output": one_or_all([prefix + text for text in await encoded(service, outputs)])}
        case None:
            return {"output": one_or_all(urls), "images": images}


async def encoded(service: Service, outputs: Sequence[StoredFile]) -> list[str]:
    """Return the outputs' bytes as base64. Raises FileNotFoundError."""
    return [base64.b64encode(await service.files.read(file.name)).decode() for file in outputs]


def output_url(base: str, name: str) -> str:
    """Return the public URL of an output."""
    return f"{base}/outputs/{name}"


def one_or_all(values: list[str]) -> str | list[str]:
    """Return a lone value bare, several as a list."""
    return values[0] if len(values) == 1 else values
