"""Attachments: their bytes on disk, and the signed addresses they are served at."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playground.clock import Clock, Snowflakes
from playground.images import look

URL_LIFETIME = 24 * 3600
"""Attachment addresses expire in about a day (Discord API docs, Reference › Signed Attachment CDN URLs)."""

MAX_ATTACHMENTS = 4_000
MAX_TOTAL_BYTES = 4 * 1024**3
"""The oldest go when there are more: the stand-in must not fill a disk."""

SPOILER = 1 << 3


@dataclass
class Attachment:
    """A file that somebody sent. `channel` is the channel's id, or the application's for an option's file."""

    id: str
    filename: str
    size: int
    path: Path
    content_type: str | None
    width: int | None
    height: int | None
    channel: str = ""
    description: str | None = None
    ephemeral: bool = False
    gone: bool = False


def clean_name(name: str) -> str:
    """A file's name as Discord keeps it: spaces become underscores; of the rest A-Z a-z 0-9 ._- stay."""
    name = re.sub(r"[^A-Za-z0-9._-]", "", name.replace("\\", "/").rsplit("/", 1)[-1].replace(" ", "_"))
    return name.lstrip(".")[-200:] or "unknown"


def remove_left_folders(place: Path) -> None:
    """Remove the folders of stores whose process was killed before it could.

    Their names tell the process. A folder of another user, or one whose process cannot be judged, stays.
    """
    for folder in place.glob("playground-*-*"):
        named = re.fullmatch(r"playground-(\d{1,9})-\w+", folder.name)
        if named and not _alive(int(named[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    """Whether there may be such a process; on Windows always, since asking there would end it."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


class FileStore:
    """All attachments, in one temporary folder that goes with the store."""

    def __init__(self, clock: Clock, ids: Snowflakes) -> None:
        self._clock = clock
        self._ids = ids
        self._key = secrets.token_bytes(32)
        remove_left_folders(Path(tempfile.gettempdir()))
        self._folder = tempfile.TemporaryDirectory(
            prefix=f"playground-{os.getpid()}-", ignore_cleanup_errors=True
        )
        self._all: dict[str, Attachment] = {}
        self._total = 0
        self.base_url = ""

    def close(self) -> None:
        self._folder.cleanup()

    def scratch(self) -> Path:
        """A fresh path to receive an upload into."""
        return Path(self._folder.name) / secrets.token_hex(16)

    def keep(
        self, path: Path, filename: str, *, declared: str | None = None, description: str | None = None
    ) -> Attachment:
        """Make an attachment of a received file.

        `declared` is the content type that a person's client gave; without one the bytes decide, because
        discord.py sends everything as application/octet-stream.
        """
        kind, size = look(path, filename)
        attachment = Attachment(
            id=self._ids.next(),
            filename=clean_name(filename),
            size=path.stat().st_size,
            path=path,
            content_type=declared or kind,
            width=size[0] if size else None,
            height=size[1] if size else None,
            description=description,
        )
        self._all[attachment.id] = attachment
        self._total += attachment.size
        while len(self._all) > MAX_ATTACHMENTS or self._total > MAX_TOTAL_BYTES:
            self.drop(next(iter(self._all)))
        return attachment

    def get(self, attachment_id: object) -> Attachment | None:
        return self._all.get(str(attachment_id))

    def drop(self, attachment_id: str) -> None:
        """Forget an attachment and its bytes."""
        attachment = self._all.pop(attachment_id, None)
        if attachment is not None:
            self._total -= attachment.size
            attachment.gone = True
            attachment.path.unlink(missing_ok=True)

    def lose(self, attachment_id: str | None) -> int:
        """As if Discord had deleted the bytes of one attachment, or of all; answers how many."""
        chosen = [a for a in self._all.values() if attachment_id in (None, a.id)]
        for attachment in chosen:
            attachment.gone = True
        return len(chosen)

    def url(self, attachment: Attachment) -> str:
        """A signed address that works for a day of the playground's clock."""
        folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        path = f"/cdn/{folder}/{attachment.channel or '0'}/{attachment.id}/{quote(attachment.filename)}"
        issued = int(self._clock.now())
        expiry = f"{issued + URL_LIFETIME:x}"
        return f"{self.base_url}{path}?ex={expiry}&is={issued:x}&hm={self._sign(attachment.id, expiry)}&"

    def _sign(self, attachment_id: str, expiry: str) -> str:
        return hmac.new(self._key, f"{attachment_id}:{expiry}".encode(), hashlib.sha256).hexdigest()

    def open(self, attachment_id: str, filename: str, expiry: str, signature: str) -> Attachment | None:
        """The attachment behind an address, or None where the address is wrong, expired, or its file gone."""
        attachment = self._all.get(attachment_id)
        if attachment is None or attachment.gone or attachment.filename != filename:
            return None
        if not hmac.compare_digest(self._sign(attachment_id, expiry).encode(), signature.encode()):
            return None
        return attachment if int(expiry, 16) >= self._clock.now() else None

    def by_url(self, url: str) -> Attachment | None:
        """The attachment that one of our own addresses means, expired or not."""
        found = re.match(r"(?P<base>.*)/cdn/(?:ephemeral-)?attachments/\d+/(?P<id>\d+)/", url)
        return self._all.get(found["id"]) if found and found["base"] == self.base_url else None

    def json(self, attachment: Attachment) -> dict[str, Any]:
        """The attachment object (Discord API docs, Message › Attachment)."""
        url = self.url(attachment)
        body: dict[str, Any] = {
            "id": attachment.id,
            "filename": attachment.filename,
            "size": attachment.size,
            "url": url,
            "proxy_url": url,
        }
        if attachment.content_type:
            body["content_type"] = attachment.content_type
        if attachment.width is not None:
            body |= {"width": attachment.width, "height": attachment.height}
        if attachment.description:
            body["description"] = attachment.description
        if attachment.ephemeral:
            body["ephemeral"] = True
        if attachment.filename.startswith("SPOILER_"):
            body["flags"] = SPOILER
        return body
