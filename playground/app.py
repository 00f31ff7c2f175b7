"""The web application: all routes, and starting it on a port."""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass

from aiohttp import web
from yarl import URL

from playground.backstage import Backstage
from playground.cdn import Cdn
from playground.guard import LOOPBACK, MAX_JSON_BYTES, guard, sentences
from playground.handover import Handover
from playground.keeper import Keeper
from playground.page import Page, add_headers
from playground.person import Person
from playground.rest import app_commands, channels, forums, install, interaction_routes, meta
from playground.server import Server
from playground.workshop import Workshop

log = logging.getLogger(__name__)

BACKLOG = 1024
"""Connections that may wait: a bot opens one for each of many acknowledgements at once."""


def create_app(server: Server, *, api: str | None = None) -> web.Application:
    """The application for a server; its state ends with it. `api` is the image API's base address."""
    app = web.Application(middlewares=[guard, sentences], client_max_size=MAX_JSON_BYTES)
    parts = (meta, app_commands, interaction_routes, channels, forums)
    routes = [route for part in parts for route in part.ROUTES]
    install(app, server, routes)
    app.router.add_get("/gateway", server.gateway.serve)
    app.router.add_get("/gateway/", server.gateway.serve)
    handover = Handover(api)
    backstage = Backstage(server, embedded=api is not None)
    for part in (Page(server), Person(server), Workshop(server), backstage, handover, Cdn(server)):
        app.router.add_routes(part.routes())

    async def shut_down(_app: web.Application) -> None:
        await server.shut_down()

    async def clean_up(_app: web.Application) -> None:
        server.close()

    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(handover.opened)
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


async def start(
    host: str = "127.0.0.1",
    port: int = 0,
    token: str = "playground",  # noqa: S107 - not a secret
    *,
    or_free: bool = False,
    api: str | None = None,
    keeper: Keeper | None = None,
) -> Running:
    """Listen on a loopback address; port 0 is a free one, and so is any that is taken if `or_free`.

    `api` is the base address of an image API for the workshop, `keeper` whoever keeps the bot's process.
    Raises OSError if the port is taken.
    """
    if host not in LOOPBACK:
        raise ValueError(f"{host} is not a loopback address")
    server = Server(token, keeper)
    runner = web.AppRunner(create_app(server, api=api), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await _listen(runner, host, port, or_free=or_free)
    except OSError:
        await runner.cleanup()
        raise
    bound = runner.addresses[0][1]
    url = str(URL.build(scheme="http", host=host, port=bound))
    server.listen_at(url.rstrip("/"))
    log.debug("listening on %s", url)
    return Running(server, url.rstrip("/"), runner)


async def _listen(runner: web.AppRunner, host: str, port: int, *, or_free: bool) -> None:
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except OSError as error:
        # Windows says EACCES of ports that it keeps back.
        if not or_free or error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        await web.TCPSite(runner, host, 0, backlog=BACKLOG).start()
