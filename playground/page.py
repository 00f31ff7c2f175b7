"""The page that people see: a fixed list of files, and what every answer tells the browser to keep to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aiohttp import web
from yarl import URL

from playground.server import Server

HERE = Path(__file__).parent
FILES, SAMPLES = HERE / "page", HERE / "samples"

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}
"""What is served at all; all but pictures is text in UTF-8."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

FILE_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox"
)
"""For whatever is not the page: a browser may show one picture or film, with its own style around it."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Before any answer goes out. The bot gets them too, and they mean nothing to it."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Content-Security-Policy", FILE_POLICY)


def _files() -> Iterator[tuple[str, Path]]:
    """The names below /page/ and the files behind them, as they are there at the start."""
    for path in sorted(FILES.rglob("*")):
        if path.suffix in TYPES and path.is_file():
            yield path.relative_to(FILES).as_posix(), path
    for path in sorted(SAMPLES.glob("*.jpg")):
        yield f"samples/{path.name}", path


class Page:
    """Handlers of / and /page. Files are read once: a name that comes from outside never meets the disk."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._files = {name: (TYPES[path.suffix], path.read_bytes()) for name, path in _files()}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self.index), web.get("/page/{name:.+}", self.file)]

    async def index(self, request: web.Request) -> web.Response:
        """The page, at the name by which pictures are linked: by another the browser would not load them."""
        own = URL(self._server.files.base_url)
        asked = URL(f"http://{request.host}")
        if asked.port == own.port and asked.host != own.host:
            return web.Response(status=302, headers={"Location": str(own)})
        return self._answer("index.html")

    async def file(self, request: web.Request) -> web.Response:
        return self._answer(request.match_info["name"])

    def _answer(self, name: str) -> web.Response:
        if name not in self._files:
            return web.Response(status=404, text="There is no such file.")
        kind, content = self._files[name]
        headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-store"}
        charset = None if kind == "image/jpeg" else "utf-8"
        return web.Response(body=content, content_type=kind, charset=charset, headers=headers)
