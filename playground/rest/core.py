"""What every REST call goes through: body, ordered faults, token, rate limits, handler, record."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from playground.errors import DiscordError, RateLimited, not_found, unauthorized
from playground.faults import Fault
from playground.multipart import Body, read_body
from playground.ratelimits import VIA, ordered
from playground.server import Server

log = logging.getLogger(__name__)

BASE = "/api/v10"


@dataclass
class Call:
    """One request on its way to a handler."""

    server: Server
    request: web.Request
    body: Body = field(default_factory=Body)

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object that came; an empty one where there was none."""
        return self.body.json if isinstance(self.body.json, dict) else {}

    def param(self, name: str) -> str:
        return self.request.match_info[name]

    def flag(self, name: str) -> bool:
        return self.request.query.get(name, "").lower() in ("1", "true")


@dataclass(frozen=True)
class Reply:
    """A handler's answer where it is not simply 200 with JSON or 204 with nothing."""

    status: int
    data: Any = None


Handler = Callable[[Call], Awaitable[Any]]
Subject = Callable[[Call], tuple[str, str]]
"""The rate limit rule of a call, and what it is counted for."""


@dataclass(frozen=True)
class Route:
    """A method and path below /api/v10. `token`: the bot's token is asked for. `limit`: None is exempt."""

    method: str
    path: str
    handler: Handler
    limit: str | Subject | None = "default"
    token: bool = True


async def _unknown(call: Call) -> Any:
    log.warning("nothing here answers %s %s", call.request.method, call.request.path)
    raise not_found()


UNKNOWN = Route("*", "/{tail:.*}", _unknown, limit=None, token=False)


def install(app: web.Application, server: Server, routes: Iterable[Route]) -> None:
    """Add the routes, and the answer for everything else below /api."""
    for route in routes:
        app.router.add_route(route.method, BASE + route.path, _bound(server, route))
    app.router.add_route("*", "/api/{tail:.*}", _bound(server, UNKNOWN))


def _bound(server: Server, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await _serve(server, route, request)

    return answer


async def _serve(server: Server, route: Route, request: web.Request) -> web.StreamResponse:
    call = Call(server, request)
    started = time.perf_counter()
    status: int | None = None
    fault: Fault | None = None
    headers = dict(VIA)
    try:
        try:
            await read_body(request, server.files, call.body)
            fault = server.faults.rest(request.method, request.path.removeprefix(BASE), call.body)
            if fault is not None and (delay := float(fault.spec.get("delay", 0))):
                await asyncio.sleep(min(delay, 60.0))
            if fault is not None and fault.spec.get("drop"):
                return _cut(request)
            response = _ordered_answer(fault)
            if response is None:
                _check_token(server, route, request)
                headers = _check_limits(server, route, call)
                response = _json(await route.handler(call))
            status = response.status
            if fault is not None and fault.spec.get("drop_after"):
                return _cut(request)
        except RateLimited as error:
            headers = error.headers
            response = _json(Reply(429, error.body()))
        except DiscordError as error:
            response = _json(Reply(error.status, error.body()))
        response.headers.update(headers)
        if fault is not None and fault.spec.get("via") is False:
            response.headers.pop("Via", None)
        status = response.status
        return response
    finally:
        call.body.discard()
        _record(server, call, status, time.perf_counter() - started)


def _json(result: Any) -> web.Response:
    """JSON with the content type exactly ``application/json``, which discord.py insists on."""
    reply = result if isinstance(result, Reply) else Reply(200 if result is not None else 204, result)
    if reply.data is None:
        return web.Response(status=reply.status)
    body = json.dumps(reply.data).encode()
    return web.Response(status=reply.status, body=body, content_type="application/json")


def _ordered_answer(fault: Fault | None) -> web.Response | None:
    """The answer that the workshop ordered in place of the real one."""
    if fault is None or "status" not in fault.spec:
        return None
    spec, status = fault.spec, int(fault.spec["status"])
    body = spec.get("body")
    if isinstance(body, str):
        return web.Response(status=status, text=body, content_type="text/html")
    if body is None:
        body = {"message": spec.get("message", f"{status}: ordered"), "code": spec.get("code", 0)}
    return _json(Reply(status, body))


def _cut(request: web.Request) -> web.Response:
    """End the connection without an answer; the response that is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)


def _check_token(server: Server, route: Route, request: web.Request) -> None:
    if route.token and request.headers.get("Authorization") != f"Bot {server.token}":
        raise unauthorized()


def _check_limits(server: Server, route: Route, call: Call) -> dict[str, str]:
    """Count the call; answers the rate limit headers for its answer."""
    request = call.request
    fault = server.faults.rate_limit(request.method, request.path.removeprefix(BASE))
    if fault is not None:
        raise ordered(float(fault.spec.get("retry_after", 1.0)))
    if route.limit is None:
        return dict(VIA)
    if route.token:  # "Interaction endpoints are not bound to the bot's Global Rate Limit"
        server.limits.spend_global()
    if callable(route.limit):
        return server.limits.spend(*route.limit(call))
    subject = f"{route.method} {route.path}"
    for name in ("token", "channel"):
        if name in request.match_info:
            subject = request.match_info[name]
    return server.limits.spend(route.limit, subject)


def _record(server: Server, call: Call, status: int | None, seconds: float) -> None:
    request = call.request
    server.traffic.record(
        "rest",
        method=request.method,
        path=request.path,
        query=dict(request.query),
        content_type=request.headers.get("Content-Type"),
        authorization=request.headers.get("Authorization"),
        json=call.body.json,
        files=[
            {"name": u.field, "filename": u.filename, "content_type": u.content_type, "size": u.size}
            for u in call.body.uploads
        ],
        status=status,
        ms=round(seconds * 1000, 3),
    )
