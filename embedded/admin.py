"""The admin routes, for tests and benchmarks: the script, the clock, releases, what the server has seen.

They exist only with `--admin` and need no key, so they are for servers that only this machine can reach.
"""

import json
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from embedded import strict_json
from embedded.errors import ApiError
from embedded.service import SERVICE
from embedded.state import Request

FOR_EVER = 100 * 365 * 86_400
"""Seconds that the clock can be moved, all together: dates must stay dates."""
SHOWN_CHARACTERS = 80
"""A longer `image` is cut in /admin/requests: it may be a whole picture in base64."""


async def read_script(http: web.Request) -> web.Response:
    """GET /admin/script : the running script, faults as they were given."""
    return web.json_response(http.app[SERVICE].control.script.model_dump())


async def change_script(http: web.Request) -> web.Response:
    """POST /admin/script : what is given replaces what runs (see `embedded.script.Script`)."""
    service = http.app[SERVICE]
    try:
        given = service.control.merge(await _json_object(http))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'script'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ApiError(400, problems) from error
    if "credits" in given.model_fields_set:
        service.credits.set_remaining(given.credits, service.state.total("spent"))
    if "requests_per_minute" in given.model_fields_set:
        service.rate.limit = given.requests_per_minute
    return await read_script(http)


async def reset_script(http: web.Request) -> web.Response:
    """DELETE /admin/script : no script, and the limits of the command line."""
    service = http.app[SERVICE]
    service.control.reset()
    service.credits.reset()
    service.rate.reset()
    return await read_script(http)


async def move_clock(http: web.Request) -> web.Response:
    """POST /admin/clock `{"advance": seconds}` → `{"now": unix seconds}`. Only forward; it is kept."""
    service = http.app[SERVICE]
    seconds = (await _json_object(http)).get("advance")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise ApiError(400, "advance must be a number of seconds, at least 0")
    if service.clock.offset + seconds > FOR_EVER:
        raise ApiError(400, f"The clock can be moved {FOR_EVER} seconds all together")
    service.state.move_clock(seconds)
    service.clock.advance(seconds)
    return web.json_response({"now": service.clock.now()})


async def release(http: web.Request) -> web.Response:
    """POST /admin/release `{"request_id"?}` → `{"released": [id, …]}`; without an id: all in flight.

    Each passes one phase that is "manual": the one it is in, or the next that it comes to.
    """
    service = http.app[SERVICE]
    in_flight = service.state.in_flight()
    request_id = (await _json_object(http)).get("request_id")
    if request_id is not None and request_id not in in_flight:
        raise ApiError(404, "No such request in flight")
    released = in_flight if request_id is None else [str(request_id)]
    service.control.release(released)
    return web.json_response({"released": released})


async def requests(http: web.Request) -> web.Response:
    """GET /admin/requests : every request, oldest first, and how many were submitted, billed and uploaded.

    Polls and result reads are counted since the start; all else survives a restart.
    """
    service = http.app[SERVICE]

    def shown(request: Request, text: str) -> dict[str, Any]:
        body = json.loads(text)
        if len(body["image"]) > SHOWN_CHARACTERS:
            body["image"] = f"{body['image'][:SHOWN_CHARACTERS]}… ({len(body['image'])} characters)"
        return {
            "request_id": request.id,
            "status": request.status,
            "model": request.model,
            "created_at": request.created_at,
            "completed_at": request.ended_at,
            "error": request.error,
            "body": body,
            "cost": request.cost,
            "polls": service.polls[request.id],
            "result_reads": service.result_reads[request.id],
        }

    state = service.state
    return web.json_response(
        {
            "requests": [shown(request, body) for request, body in state.requests()],
            "submits": round(state.total("submits")),
            "billed": round(state.total("billed")),
            "uploads": round(state.total("uploads")),
        }
    )


ROUTES = (
    web.get("/admin/script", read_script),
    web.post("/admin/script", change_script),
    web.delete("/admin/script", reset_script),
    web.post("/admin/clock", move_clock),
    web.post("/admin/release", release),
    web.get("/admin/requests", requests),
)


async def _json_object(http: web.Request) -> dict[str, Any]:
    """Return the body; none at all is an empty object. Raises ApiError 400.

    The content type is insisted on because a browser lets any web page post other types to this machine.
    """
    raw = await http.read()
    if http.content_type != "application/json":
        raise ApiError(400, "The content type must be application/json")
    try:
        body = strict_json.loads(raw or b"{}")
    except ValueError as error:
        raise ApiError(400, "The body is not JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object")
    return body
