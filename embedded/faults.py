"""The outermost layers of the server: scripted faults, refusals as Segmind words them, the key check."""

import hmac
import json
import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from embedded.clock import Clock, iso
from embedded.errors import ApiError
from embedded.script import Fault, Shape
from embedded.service import SERVICE

log = logging.getLogger(__name__)

KEYED = ("/v1/", "/v2/", "/upload-asset", "/inference-request/")
"""Paths that need the key. Files are public, and the admin routes are for the machine's owner."""
FAULT = "fault"


def fault_shape(http: web.Request) -> Shape | None:
    """Return the odd form in which a scripted fault wants this answer."""
    fault: Fault | None = http.get(FAULT)
    return fault.shape if fault else None


@web.middleware
async def scripted_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the script's faults happen. A route's name up to its dot is what a fault calls it."""
    service = request.app[SERVICE]
    route = (request.match_info.route.name or "").partition(".")[0]
    fault = service.control.take_fault(route)
    if fault is None:
        return await handler(request)
    request[FAULT] = fault
    await service.clock.sleep(fault.delay)
    if fault.drop == "before":
        return cut(request)
    if fault.status is not None or fault.body is not None:
        answer: web.StreamResponse = instead(fault, service.clock)
    else:
        answer = await handler(request)
    if fault.drop == "after":
        return cut(request)
    answer.headers.update(fault.headers or {})
    return answer


def cut(http: web.Request) -> web.Response:
    """Cut the connection. What is returned can no longer be sent."""
    if http.transport is not None:
        http.transport.abort()
    return web.Response()


def instead(fault: Fault, clock: Clock) -> web.Response:
    """Return the answer that stands in for the real one."""
    status = fault.status or 200
    bare = fault.body is None and fault.headers is None
    if bare and status == 429:
        return refusal(
            ApiError(429, "Rate limit exceeded", {"x-rate-limit-reset-at-utc": iso(clock.now() + 1)})
        )
    if fault.body is None:
        default = html(status) if status in (405, 502, 504) else refusal(ApiError(status, phrase(status)))
        if fault.content_type:
            default.content_type = fault.content_type
        return default
    text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
    kind = fault.content_type or ("text/plain" if isinstance(fault.body, str) else "application/json")
    return web.Response(body=text.encode(), status=status, headers={"Content-Type": kind})


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Word every refusal as Segmind does: `{"error": message}`, but HTML for a wrong method."""
    try:
        return await handler(request)
    except ApiError as error:
        return refusal(error)
    except web.HTTPMethodNotAllowed:
        return html(405)
    except web.HTTPRequestEntityTooLarge:
        return refusal(ApiError(413, "The request body is too large"))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return refusal(ApiError(error.status, phrase(error.status)))
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return refusal(ApiError(500, "Internal server error"))


@web.middleware
async def key_check(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request without the right `x-api-key`. A bearer token is not one (401 at Segmind too)."""
    if request.path.startswith(KEYED):
        given = request.headers.get("x-api-key", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), request.app[SERVICE].key.encode()):
            raise ApiError(401, "Unauthorized: the x-api-key header is missing or wrong")
    return await handler(request)


def refusal(error: ApiError) -> web.Response:
    return web.json_response({"error": error.message}, status=error.status, headers=error.headers)


def html(status: int) -> web.Response:
    """Return a gateway's error page."""
    title = f"{status} {phrase(status)}"
    page = f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
    return web.Response(text=page, status=status, content_type="text/html")


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
