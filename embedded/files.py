"""Files of the data directory: uploaded inputs and outputs, under names that cannot be guessed.

Outputs are kept for 7 days (Segmind's docs). Uploaded inputs are "persistent" there; here they go after
7 days too, so that the directory cannot grow for ever.
"""

import asyncio
import base64
import binascii
import logging
import os
import re
import secrets
import sqlite3
from pathlib import Path

from embedded.clock import Clock
from embedded.state import State, StoredFile

log = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 86_400.0
REQUESTS_KEPT_SECONDS = 31 * 86_400.0
"""The longest window that the history can be asked for (vendor SDK, `generations.history`)."""

TYPES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heif",
}
SUFFIXES = {suffix: content_type for content_type, suffix in TYPES.items()}
NAME = re.compile(rf"[0-9a-f]{{32}}\.(?:{'|'.join((*SUFFIXES, 'bin'))})")
"""What our own files are called."""
DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),", re.IGNORECASE)


def content_type(name: str) -> str:
    """Return what a file is served as. Only raster pictures are named: a browser must not run an upload."""
    return SUFFIXES.get(name.rpartition(".")[2], "application/octet-stream")


def read_base64(text: str) -> bytes:
    """Decode base64, white space and missing padding forgiven. Raises ValueError."""
    packed = "".join(text.split())
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def read_data_url(text: str) -> tuple[str, bytes]:
    """Return a base64 data URL's content type (lower case) and bytes. Raises ValueError."""
    head = DATA_URL.match(text)
    if head is None or ";base64" not in head[2].lower():
        raise ValueError("not a base64 data URL")
    return head[1].strip().lower(), read_base64(text[head.end() :])


def _write_own(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)


class Files:
    """Writes, finds and clears the files; the state knows which there are."""

    def __init__(self, directory: Path, state: State, clock: Clock) -> None:
        self._directory = directory
        self._state = state
        self._clock = clock
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def write(self, data: bytes, kind: str) -> StoredFile:
        """Write a file of a content type. Nobody can find it before the state names it."""
        name = f"{secrets.token_hex(16)}.{TYPES.get(kind, 'bin')}"
        await asyncio.to_thread(_write_own, self._directory / name, data)
        return StoredFile(name, len(data), self._clock.now())

    def find(self, name: str) -> Path | None:
        """Return the path of a file that is known and not too old."""
        file = self._state.file(name)
        if file is None or self._clock.now() >= file.created_at + KEPT_SECONDS:
            return None
        return self._directory / file.name

    async def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises FileNotFoundError if it is unknown, too old or gone."""
        path = self.find(name)
        if path is None:
            raise FileNotFoundError(name)
        return await asyncio.to_thread(path.read_bytes)

    def sweep_strays(self) -> None:
        """Delete files that no row names: a killed server was writing them. Only before any work begins.

        Only files named as ours are: whatever else lies there is not ours to delete.
        """
        known = self._state.all_files()
        for path in self._directory.iterdir():
            if NAME.fullmatch(path.name) and path.name not in known and path.is_file():
                path.unlink(missing_ok=True)

    async def tidy(self) -> None:
        """Drop files and requests that are too old."""
        now = self._clock.now()
        self._state.forget_requests_older_than(now - REQUESTS_KEPT_SECONDS)
        old = self._state.files_older_than(now - KEPT_SECONDS)
        await asyncio.to_thread(self._unlink, old)
        self._state.forget_files(old)

    async def keep_tidy(self) -> None:
        """For ever, once an hour: tidy."""
        while True:
            await self._clock.sleep(3600)
            try:
                await self.tidy()
            except (OSError, sqlite3.Error):
                log.exception("old files could not be cleared; the next try is in an hour")

    def _unlink(self, names: list[str]) -> None:
        for name in names:
            (self._directory / name).unlink(missing_ok=True)
