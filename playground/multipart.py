"""Bodies of requests: JSON, or multipart with ``payload_json`` and ``files[n]``.

Discord API docs, Reference › Uploading Files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from playground import strict_json
from playground.errors import DiscordError, too_large
from playground.files import FileStore

MAX_MESSAGE_BYTES = 25 * 1024 * 1024
"""All of a message's files together."""

MAX_BODY_BYTES = 30 * 1024 * 1024
"""What is read and kept of one request."""

MAX_PARTS = 32
"""Ten files and what goes with them are the most that anybody sends."""

MAX_DRAIN_BYTES = 4 * MAX_BODY_BYTES
"""What is read and thrown away so that the sender hears the refusal; more than this is cut off."""


@dataclass
class Upload:
    """A received file, at `path` until somebody keeps it."""

    field: str
    filename: str
    content_type: str | None
    size: int
    path: Path
    kept: bool = False

    @property
    def index(self) -> int | None:
        """The n of ``files[n]``."""
        found = re.fullmatch(r"files\[(\d+)\]", self.field)
        return int(found[1]) if found else None


@dataclass
class Body:
    """What a request carried. `oversize` says that files were dropped because there was too much."""

    json: Any = None
    uploads: list[Upload] = field(default_factory=list)
    oversize: bool = False

    def discard(self) -> None:
        """Remove the files that nobody kept."""
        for upload in self.uploads:
            if not upload.kept:
                upload.path.unlink(missing_ok=True)


def bad_json() -> DiscordError:
    return DiscordError(400, 50109, "The request body contains invalid JSON.")


def _parse(raw: bytes) -> Any:
    try:
        return strict_json.loads(raw)
    except ValueError as error:
        raise bad_json() from error


async def read_body(request: web.Request, files: FileStore, body: Body) -> None:
    """Fill `body` from a request; files go to disk as they arrive.

    Raises DiscordError: 50109 for broken JSON, 40005 for more than 120 MiB (not read any further).
    """
    if request.content_type.startswith("multipart/"):
        await _read_multipart(request, files, body)
    elif request.can_read_body:
        raw = bytearray()
        async for chunk in request.content.iter_chunked(65_536):
            raw += chunk
            if len(raw) > MAX_BODY_BYTES:
                raise too_large()
        if raw:
            body.json = _parse(bytes(raw))


async def _read_multipart(request: web.Request, files: FileStore, body: Body) -> None:
    total = parts = 0
    try:
        reader = await request.multipart()
        async for part in reader:
            if not isinstance(part, BodyPartReader):
                raise bad_json()
            parts += 1
            if parts > MAX_PARTS:
                raise DiscordError(400, 50035, "Invalid Form Body")
            if part.name == "payload_json":
                raw = bytearray()
                while chunk := await part.read_chunk(65_536):
                    raw += chunk
                    if len(raw) > MAX_BODY_BYTES:
                        raise too_large()
                body.json = _parse(bytes(raw))
            else:
                total = await _receive(part, files, body, total)
    except (ValueError, RuntimeError, HttpProcessingError) as error:  # aiohttp's for what is malformed
        raise DiscordError(400, 50035, "Invalid Form Body") from error


async def _receive(part: BodyPartReader, files: FileStore, body: Body, total: int) -> int:
    """Write one file to disk; past the limits it is read on, so that the answer is heard, but not kept."""
    upload = Upload(
        part.name or "", part.filename or "unknown", part.headers.get("Content-Type"), 0, files.scratch()
    )
    body.uploads.append(upload)
    with upload.path.open("wb") as file:
        while chunk := await part.read_chunk(65_536):
            upload.size += len(chunk)
            total += len(chunk)
            if total > MAX_DRAIN_BYTES:
                raise too_large()
            if total > MAX_BODY_BYTES:
                body.oversize = True
            else:
                file.write(chunk)
    return total
