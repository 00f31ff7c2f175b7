"""What the workshop may ask of the image API beside the playground: handed on to its admin routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from playground import strict_json
from playground.errors import PersonError
from playground.guard import LOOPBACK
from playground.person import json_body

ROUTES = {
    "script": ("GET", "POST", "DELETE"),
    "clock": ("POST",),
    "requests": ("GET",),
    "release": ("POST",),
}
"""The admin routes of the embedded API and their methods. Nothing else is handed on."""

TIMEOUT = aiohttp.ClientTimeout(total=10)
MAX_ANSWER = 16 * 1024 * 1024
"""A list of thousands of requests fits."""


def loopback_address(address: str) -> str:
    """The base address of an image API on this machine. Raises ValueError for any other."""
    url = URL(address)
    if url.scheme != "http" or url.host not in LOOPBACK or url != url.origin():
        raise ValueError(f"{address} is not an address like http://127.0.0.1:9000")
    return str(url.origin())


class Handover:
    """Handlers below /workshop/api. `base` is the address of the image API, None where there is none."""

    def __init__(self, base: str | None) -> None:
        self.base = base
        self._session: aiohttp.ClientSession | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route(method, f"/workshop/api/{name}", self.hand_on)
            for name, methods in ROUTES.items()
            for method in methods
        ]

    async def opened(self, _app: web.Application) -> AsyncIterator[None]:
        """The connections live as long as the application."""
        async with aiohttp.ClientSession() as session:
            self._session = session
            yield

    async def hand_on(self, request: web.Request) -> web.Response:
        """The same method and JSON at /admin, and its answer with its status."""
        if self.base is None or self._session is None:
            raise PersonError("There is no image API here that the workshop could change.", 404)
        body = await json_body(request) if request.method == "POST" else None
        address = f"{self.base}/admin/{request.path.rpartition('/')[2]}"
        try:
            async with self._session.request(
                request.method, address, json=body, allow_redirects=False, timeout=TIMEOUT
            ) as answer:
                return web.json_response(await _read(answer), status=answer.status)
        except TimeoutError:
            raise PersonError("The image API did not answer in time.", 504) from None
        except aiohttp.ClientError:
            raise PersonError("The image API is not there.", 502) from None


async def _read(answer: aiohttp.ClientResponse) -> Any:
    """The answer's JSON. Raises PersonError for what is none, or too much."""
    raw = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        raw += chunk
        if len(raw) > MAX_ANSWER:
            raise PersonError("The image API's answer is too long.", 502)
    try:
        return strict_json.loads(bytes(raw))
    except ValueError:
        raise PersonError("The image API's answer is no JSON.", 502) from None
