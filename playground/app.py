"""The web application: all routes, the guard at the door, and starting it on a port."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from yarl import URL

from playground.cdn import Cdn
from playground.errors import DiscordError, PersonError
from playground.person import Person
from playground.rest import app_commands, channels, forums, install, interaction_routes, meta
from playground.server import Server
from playground.workshop import Workshop

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BACKLOG = 1024
"""Connections that may wait: a bot opens one for each of many acknowledgements at once."""


def _refusal(sentence: str, status: int) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only what comes from this machine by its own name, and no other site's pages.

    A foreign Host header is how a web page elsewhere reaches a loopback server (DNS rebinding).
    """
    try:
        host = URL(f"http://{request.host}").host
    except ValueError:
        host = None
    if host not in LOOPBACK:
        return _refusal("This server answers to loopback names only.", 403)
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return _refusal("This server does not answer other sites.", 403)
    return await handler(request)


@web.middleware
async def sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of a person's request, as JSON."""
    try:
        return await handler(request)
    except PersonError as error:
        return _refusal(error.sentence, error.status)
    except DiscordError as error:
        return _refusal(error.message, error.status)


def create_app(server: Server) -> web.Application:
    """The application for a server; its state ends with it."""
    app = web.Application(middlewares=[guard, sentences])
    parts = (meta, app_commands, interaction_routes, channels, forums)
    routes = [route for part in parts for route in part.ROUTES]
    install(app, server, routes)
    app.router.add_get("/gateway", server.gateway.serve)
    app.router.add_get("/gateway/", server.gateway.serve)
    for part in (Person(server), Workshop(server), Cdn(server)):
        app.router.add_routes(part.routes())

    async def shut_down(_app: web.Application) -> None:
        await server.shut_down()

    async def clean_up(_app: web.Application) -> None:
        server.close()

    app.on_shutdown.append(shut_down)
    app.on_cleanup.append(clean_up)
    return app


@dataclass
class Running:
    """A playground that listens at `url`."""

    server: Server
    url: str
    _runner: web.AppRunner

    async def stop(self) -> None:
        await self._runner.cleanup()


async def start(host: str = "127.0.0.1", port: int = 0, token: str = "playground") -> Running:  # noqa: S107 - not a secret
    """Listen on a loopback address; port 0 is a free one. Raises OSError if it is taken."""
    if host not in LOOPBACK:
        raise ValueError(f"{host} is not a loopback address")
    server = Server(token)
    runner = web.AppRunner(create_app(server), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except OSError:
        await runner.cleanup()
        raise
    bound = runner.addresses[0][1]
    url = str(URL.build(scheme="http", host=host, port=bound))
    server.listen_at(url.rstrip("/"))
    log.debug("listening on %s", url)
    return Running(server, url.rstrip("/"), runner)
