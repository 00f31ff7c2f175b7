"""The routes that clients of Segmind's API use."""

import asyncio
import uuid
from typing import Any

from aiohttp import web

from embedded import answers, strict_json
from embedded.errors import ApiError, PaintingFailed
from embedded.faults import fault_shape
from embedded.files import content_type, read_data_url
from embedded.parameters import parse, price, require
from embedded.service import SERVICE, Service, base_url
from embedded.state import Request

MODEL = "sd3-med-img2img"
RETIRED_MODEL = "sd1.5-img2img"
"""Answers 410, as a model that Segmind has retired does."""
FORBIDDEN_MODEL = "sd3-large-img2img"
"""Answers 403, as a model that an account may not use does."""

LANDING = f"""Repaint's embedded image API

This server speaks the contract of Segmind's API for {MODEL}, on this machine, without an account.
It paints with a {answers.ENGINE}: pictures are restyled by filters.

POST /v2/{MODEL}                 submit; poll GET /v2/requests/ID/status, fetch GET /v2/requests/ID
POST /v1/{MODEL}                 the same, waiting for the picture
POST /upload-asset                       upload an input
GET  /inference-request/request-history  what became of your requests
GET  /v1/get-user-credits                what the account can still spend
GET  /health

The key goes into the x-api-key header; it is SEGMIND_API_KEY of the server's environment, or "local".
"""


async def landing(_: web.Request) -> web.Response:
    """GET / : what this is."""
    return web.Response(text=LANDING)


async def health(http: web.Request) -> web.Response:
    """GET /health"""
    kind = http.app[SERVICE].lives.engine_kind
    return web.json_response({"status": "ok", "engine": answers.ENGINE, "kind": kind})


async def submit(http: web.Request) -> web.Response:
    """POST /v2/{model} : accept a request and answer at once."""
    request_id, _ = await _accept(http)
    return web.json_response(answers.submitted(request_id, base_url(http)))


async def status(http: web.Request) -> web.Response:
    """GET /v2/requests/{request_id}/status"""
    service, request = _known(http)
    service.polls[request.id] += 1
    code, body = answers.status(service, request)
    return web.json_response(body, status=code)


async def result(http: web.Request) -> web.Response:
    """GET /v2/requests/{request_id}"""
    service, request = _known(http)
    service.result_reads[request.id] += 1
    code, body = await answers.result(service, request, base_url(http), shape=fault_shape(http))
    return web.json_response(body, status=code)


async def generate(http: web.Request) -> web.Response:
    """POST /v1/{model} : the same request, answered with the picture's raw bytes when it is there.

    `base64: true` gives JSON: `{"image": base64 or a list of it}`. Without it only the first sample fits into
    the answer. Bad values are refused at once (406), a failed request is 422; the contract leaves both open.
    """
    request_id, body = await _accept(http, strict=True)
    service = http.app[SERVICE]
    await service.lives.ended(request_id)
    request = service.state.request(request_id)
    if request is None or request.ended_at is None:
        raise ApiError(500, "The server is shutting down")
    if request.status == "FAILED":
        code, failure = answers.status(service, request)
        return web.json_response(failure, status=code)
    engine = answers.engine(service, parse(body))
    headers = {
        "x-cost": f"{request.cost:.4f}",
        "x-generation-time": f"{request.ended_at - request.created_at:.3f}",
        "x-request-id": request.id,
        "x-engine": engine,
    }
    if (remaining := service.remaining_credits()) is not None:
        headers["x-remaining-credits"] = f"{remaining:.4f}"
    outputs = service.state.outputs(request.id)
    if body.get("base64"):
        images = await answers.encoded(service, outputs)
        return web.json_response({"image": answers.one_or_all(images), "engine": engine}, headers=headers)
    picture = await service.files.read(outputs[0].name)
    return web.Response(body=picture, content_type="image/png", headers=headers)


async def upload_asset(http: web.Request) -> web.Response:
    """POST /upload-asset : `{"data_urls": [data URL, …]}` → `{"file_urls": [URL, …], "message"}` (SDK).

    The content type of a data URL decides what its file is served as; raster pictures only.
    """
    service = http.app[SERVICE]
    _, body = await _json_object(http)
    urls = body.get("data_urls")
    if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
        raise ApiError(400, "Missing required field: data_urls")
    try:
        parts = await asyncio.to_thread(lambda: [read_data_url(url) for url in urls])
    except ValueError as error:
        raise ApiError(400, f"Invalid data_urls: {error}") from error
    names = []
    for kind, data in parts:
        file = await service.files.write(data, kind)
        service.state.add_asset(file)
        names.append(file.name)
    file_urls = [f"{base_url(http)}/assets/{name}" for name in names]
    return web.json_response({"file_urls": file_urls, "message": "Files uploaded successfully"})


async def stored_file(http: web.Request) -> web.StreamResponse:
    """GET /outputs/{name} and /assets/{name} : public, since the name cannot be guessed."""
    path = http.app[SERVICE].files.find(http.match_info["name"])
    if path is None:
        raise ApiError(404, "File not found")
    headers = {
        "Content-Type": content_type(path.name),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=604800, immutable",
    }
    return web.FileResponse(path, headers=headers)


async def _accept(http: web.Request, *, strict: bool = False) -> tuple[str, dict[str, Any]]:
    """Check a request to a model, write it down and set it to work. `strict`: bad values are refused too.

    Returns its id and body. Raises ApiError.
    """
    service = http.app[SERVICE]
    model = http.match_info["model"]
    _check_model(model)
    service.rate.take()
    text, body = await _json_object(http)
    require(body)
    if strict:
        try:
            parse(body)
        except PaintingFailed as error:
            raise ApiError(406, str(error)) from error
    cost = price(body)
    service.credits.check(cost, service.state.total("spent"), service.state.reserved())
    request_id = str(uuid.uuid4())
    service.state.submit(request_id, model, text, cost, service.clock.now())
    service.lives.begin(request_id)
    return request_id, body


def _check_model(model: str) -> None:
    if model == RETIRED_MODEL:
        raise ApiError(410, f"Model {model} has been retired")
    if model == FORBIDDEN_MODEL:
        raise ApiError(403, f"Model {model} is not allowed for this account")
    if model != MODEL:
        raise ApiError(404, "Model not found")


async def _json_object(http: web.Request) -> tuple[str, dict[str, Any]]:
    """Return the body as text and parsed. Raises ApiError 406 for another content type, 400 for bad JSON."""
    if http.content_type != "application/json":
        raise ApiError(406, "Not acceptable: the content type must be application/json")
    try:
        text = (await http.read()).decode()
        body = strict_json.loads(text)
    except ValueError as error:
        raise ApiError(400, "Malformed request: the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "Malformed request: the body must be a JSON object")
    return text, body


def _known(http: web.Request) -> tuple[Service, Request]:
    """Return the request of the path. Raises ApiError 404 if it is unknown or an hour old."""
    service = http.app[SERVICE]
    request = service.state.request(http.match_info["request_id"])
    if request is None or service.clock.now() >= request.created_at + answers.RESULT_SECONDS:
        raise ApiError(404, "Request ID not found")
    return service, request
