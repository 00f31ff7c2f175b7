"""Files over HTTP: attachments at signed addresses that expire, and stickers."""

from __future__ import annotations

from aiohttp import web

from playground import stickers
from playground.server import Server

SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "video/mp4", "video/webm")
"""Types that a browser may show in place; anything else is a download, so that no file acts as a page."""


class Cdn:
    """Handlers below /cdn."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/cdn/{kind:(ephemeral-)?attachments}/{channel}/{id}/{filename}", self.attachment),
            web.get("/cdn/stickers/{filename}", self.sticker),
        ]

    async def sticker(self, request: web.Request) -> web.Response:
        found = stickers.file(request.match_info["filename"])
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found[0], content_type=found[1])

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        query, named = request.query, request.match_info
        try:
            found = self._server.files.open(
                named["id"], named["filename"], query.get("ex", ""), query.get("hm", "")
            )
        except ValueError:
            found = None
        if found is None:
            return web.Response(status=404, text="This content is no longer available.")
        kind = found.content_type or "application/octet-stream"
        headers = {"Content-Type": kind, "X-Content-Type-Options": "nosniff"}
        if kind.split(";")[0] not in SHOWN:
            headers["Content-Disposition"] = f'attachment; filename="{found.filename}"'
        return web.FileResponse(found.path, headers=headers)
