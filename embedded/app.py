"""The server put together: options → service → aiohttp application.

POST /v2/MODEL ─► api ─► state (QUEUED) ─► life ─► engine ─► files, state (COMPLETED)
GET status, result, history ─► answers, history ◄─ state        GET balance ─► account ◄─ state, limits
/admin ─► script, clock          every request passes guard → faults → refusals → key check
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from embedded import account, api, history
from embedded.clock import Clock
from embedded.faults import key_check, refusals, scripted_faults
from embedded.files import Files
from embedded.guard import is_loopback, loopback_only
from embedded.inputs import Inputs
from embedded.life import EngineKind, Lives
from embedded.limits import Credits, RequestsPerMinute
from embedded.script import Control
from embedded.service import SERVICE, Service
from embedded.state import State

MAX_BODY_BYTES = 64 << 20
"""A request body may be this large: an input as base64, or several uploads."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run the server; each but the key is an option of the command line."""

    data: Path
    key: str = field(repr=False)
    engine: EngineKind = "preview"
    workers: int = 2
    requests_per_minute: int | None = None
    credits: float | None = None
    admin: bool = False
    host: str = "127.0.0.1"
    fetch_urls: bool = False


def create_app(options: Options) -> web.Application:
    """Return the application; its services open when it starts and close when it is cleaned up."""
    guard = [loopback_only] if is_loopback(options.host) else []
    app = web.Application(
        middlewares=[*guard, scripted_faults, refusals, key_check], client_max_size=MAX_BODY_BYTES
    )
    app.cleanup_ctx.append(lambda app: _service(app, options))
    app.on_shutdown.append(_stop)
    # A route's name up to its dot is what the script's faults call it.
    app.add_routes(
        [
            web.post("/v2/{model}", api.submit, name="submit"),
            web.get("/v2/requests/{request_id}/status", api.status, name="status"),
            web.get("/v2/requests/{request_id}", api.result, name="result"),
            web.get("/v1/requests/{request_id}", api.result, name="result.poll_url"),
            web.get("/v1/get-user-credits", account.user_credits, name="credits"),
            web.post("/v1/{model}", api.generate, name="v1"),
            web.post("/upload-asset", api.upload_asset, name="upload"),
            web.get("/inference-request/request-history", history.request_history, name="history"),
            web.get(
                "/inference-request/request-history/{request_id}", history.one_request, name="history.one"
            ),
            web.get("/outputs/{name}", api.stored_file, name="output"),
            web.get("/assets/{name}", api.stored_file, name="asset"),
            web.get("/health", api.health),
            web.get("/", api.landing),
        ]
    )
    if options.admin:
        from embedded import admin  # noqa: PLC0415  a server without the admin routes need not load them

        app.add_routes(admin.ROUTES)
    return app


async def _service(app: web.Application, options: Options) -> AsyncIterator[None]:
    """Open the services, go on with what was in flight, and close everything at the end."""
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = State(options.data / "embedded.sqlite3")
    clock = Clock(state.total("clock"))
    control = Control(clock)
    files = Files(options.data / "embedded-files", state, clock)
    inputs = Inputs(files, fetch_urls=options.fetch_urls)
    lives = Lives(state, files, inputs, control, clock, engine=options.engine, workers=options.workers)
    app[SERVICE] = Service(
        key=options.key,
        state=state,
        clock=clock,
        control=control,
        files=files,
        inputs=inputs,
        lives=lives,
        rate=RequestsPerMinute(clock, options.requests_per_minute),
        credits=Credits(options.credits),
    )
    await files.tidy()
    files.sweep_strays()
    for request_id in state.in_flight():
        lives.begin(request_id)
    tidying = asyncio.create_task(files.keep_tidy())
    yield
    tidying.cancel()
    await lives.close()
    await inputs.close()
    state.close()


async def _stop(app: web.Application) -> None:
    app[SERVICE].lives.stop()
