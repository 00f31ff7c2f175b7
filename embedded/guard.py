"""The guard of a server that only this machine can reach: no web page elsewhere gets through.

A page in a browser on this machine can reach a loopback address too: by a name of its own that resolves to
it (DNS rebinding), which its Host header tells, or across sites, which its Origin header tells.
"""

import ipaddress

from aiohttp import web
from aiohttp.typedefs import Handler

from embedded.errors import ApiError
from embedded.faults import refusal


def is_loopback(host: str | None) -> bool:
    """Tell whether a host, without a port, is a name or an address of this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to a Host that is not this machine's, and to an Origin that is not the server's own."""
    try:
        own = request.url.origin() if "Host" in request.headers else None
    except ValueError:
        own = None
    if own is None or not is_loopback(own.host):
        return refusal(ApiError(403, "This server answers to the names of this machine only"))
    origin = request.headers.getall("Origin", [])
    if origin and origin != [str(own)]:
        return refusal(ApiError(403, "This server does not answer the pages of other sites"))
    return await handler(request)
