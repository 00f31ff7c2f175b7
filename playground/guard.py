"""The door: only this machine gets in, by its own name, and no other site's page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from yarl import URL

from playground.errors import DiscordError, PersonError

LOOPBACK = ("127.0.0.1", "localhost", "::1")

MAX_JSON_BYTES = 256 * 1024
"""A person's request in JSON. Uploads, and what the bot sends, have limits of their own."""

FOREIGN = ("cross-site", "same-site")
"""What browsers say in Sec-Fetch-Site of another site's request, and of another port of this machine."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _refusal(sentence: str, status: int) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only what comes from this machine by its own name, and no other site's pages.

    A foreign Host header is how a web page elsewhere reaches a loopback server (DNS rebinding). Other sites
    may do no more than link to the page.
    """
    try:
        host = URL(f"http://{request.host}").host
    except ValueError:
        host = None
    if host not in LOOPBACK:
        return _refusal("This server answers to loopback names only.", 403)
    origins = request.headers.getall("Origin", [])
    foreign = request.headers.get("Sec-Fetch-Site") in FOREIGN and not _is_visit(request)
    if foreign or any(origin != f"http://{request.host}" for origin in origins):
        return _refusal("This server does not answer other sites.", 403)
    return await handler(request)


def _is_visit(request: web.Request) -> bool:
    """Whether somebody follows a link to the page; not as a frame, where the other site stays around it."""
    headers = request.headers
    return (
        request.method == "GET"
        and request.path == "/"
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest", "document") == "document"
    )


@web.middleware
async def sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of a person's request, as JSON."""
    try:
        return await handler(request)
    except PersonError as error:
        return _refusal(error.sentence, error.status)
    except DiscordError as error:
        return _refusal(error.message, error.status)
    except web.HTTPRequestEntityTooLarge:
        return _refusal(f"The request is larger than {MAX_JSON_BYTES // 1024} KiB.", 413)
    except web.HTTPClientError as error:  # no such path, or not by this method
        return _refusal(f"{HTTPStatus(error.status).phrase}: {request.method} {request.path}", error.status)
