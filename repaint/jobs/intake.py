"""Fetches the attached picture to this machine's disk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from repaint.errors import PictureEmpty, PictureGone, PictureTooLarge, StorageError
from repaint.models import Attachment
from repaint.text import text

# Attachments and stickers; what Discord's proxy has of pictures in embeds.
DISCORD_HOSTS = (
    "cdn.discordapp.com",
    "media.discordapp.net",
    "images-ext-1.discordapp.net",
    "images-ext-2.discordapp.net",
)
NOT_KEPT = text("That picture is no longer kept here. Please ask with the picture itself.")
CHUNK = 64 * 1024  # bytes
AT_ONCE = 8
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=20)  # seconds
TRIES = 3
PAUSE = 1.0  # seconds after the first try; each further one takes longer


class Intake:
    """Downloads attachments, a few at once.

    `any_host` is for a server that stands in for Discord and is trusted like it; otherwise only Discord's
    own hosts are asked.
    """

    def __init__(self, session: aiohttp.ClientSession, *, limit: int, any_host: bool = False) -> None:
        self._session = session
        self._limit = limit
        self._any_host = any_host
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, attachment: Attachment, target: Path) -> None:
        """Write the attachment to `target`, at most `limit` bytes.

        Raises PictureEmpty, PictureTooLarge, PictureGone, StorageError.
        """
        if not attachment.url:
            raise PictureGone("it never had an address, and its file is gone", sentence=NOT_KEPT)
        if not self._is_allowed(attachment.url):
            raise PictureGone(f"not one of Discord's addresses: {urlsplit(attachment.url).hostname}")
        for attempt in range(1, TRIES + 1):
            try:
                async with self._turns:
                    size = await self._download(attachment.url, target)
                break
            except (aiohttp.ClientError, TimeoutError) as error:
                if attempt == TRIES:
                    # Not the error's own words: the whole address stands in them, which opens the picture.
                    raise PictureGone(f"download failed: {_named(error)}") from None
                await asyncio.sleep(attempt * PAUSE)
        if size == 0:
            raise PictureEmpty("0 bytes")

    def _is_allowed(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._any_host:
            return parts.scheme in ("http", "https")
        return parts.scheme == "https" and parts.hostname in DISCORD_HOSTS

    async def _download(self, url: str, target: Path) -> int:
        size = 0
        async with self._session.get(url, timeout=TIMEOUT, allow_redirects=False) as response:
            if 500 <= response.status < 600:
                response.raise_for_status()
            if response.status != 200:
                raise PictureGone(f"the attachment answered {response.status}")
            try:
                with target.open("wb") as file:
                    async for chunk in response.content.iter_chunked(CHUNK):
                        size += len(chunk)
                        if size > self._limit:
                            raise PictureTooLarge(f"more than {self._limit} bytes")
                        file.write(chunk)
            except (aiohttp.ClientError, TimeoutError):  # these are OSErrors too
                raise
            except OSError as error:
                raise StorageError(repr(error)) from error
        return size


def _named(error: Exception) -> str:
    return f"{type(error).__name__} {getattr(error, 'status', '')}".strip()
