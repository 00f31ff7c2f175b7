"""Stickers: four of Discord's own kind, one of each format, with their files.

Discord API docs, Sticker Resource, and Reference › CDN Endpoints.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

from playground.errors import PersonError

PNG, APNG, LOTTIE, GIF = 1, 2, 3, 4
"""Format types."""

SIDE = 320
MAX_STICKERS = 3
"""Of one message."""


@dataclass(frozen=True)
class Sticker:
    """`name` is how people name it here."""

    id: str
    name: str
    format: int

    @property
    def filename(self) -> str:
        """The last part of its address: Discord names an APNG like a PNG."""
        return f"{self.id}.{ {PNG: 'png', APNG: 'png', LOTTIE: 'json', GIF: 'gif'}[self.format] }"

    @property
    def content_type(self) -> str:
        return {LOTTIE: "application/json", GIF: "image/gif"}.get(self.format, "image/png")

    def item(self) -> dict[str, Any]:
        """The sticker item object, which is all that a message says of it."""
        return {"id": self.id, "name": self.name, "format_type": self.format}


STICKERS = (
    Sticker("1000000000000000701", "sun", PNG),
    Sticker("1000000000000000702", "rolling sun", APNG),
    Sticker("1000000000000000703", "drawn sun", LOTTIE),
    Sticker("1000000000000000704", "jumping sun", GIF),
)


def sticker(reference: object) -> Sticker:
    """The sticker meant by an id or a name."""
    found = next((s for s in STICKERS if reference in (s.id, s.name)), None)
    if found is None:
        raise PersonError(f"There is no sticker {reference!r}.", 404)
    return found


def file(filename: str) -> tuple[bytes, str] | None:
    """The bytes and the content type of the sticker that is served under that name; None for no such one."""
    found = next((s for s in STICKERS if s.filename == filename), None)
    return (_drawn(found.format), found.content_type) if found else None


@cache
def _drawn(kind: int) -> bytes:
    if kind == LOTTIE:
        frame = {"fr": 30, "ip": 0, "op": 60, "w": SIDE, "h": SIDE}
        return json.dumps({"v": "5.5.7", "nm": "sun", "ddd": 0, "assets": [], "layers": []} | frame).encode()
    first, *more = [_sun(at) for at in ((0,) if kind == PNG else (0, 40, 80))]
    moving: dict[str, Any] = {"save_all": True, "append_images": more, "duration": 200, "loop": 0}
    out = io.BytesIO()
    first.save(out, "GIF" if kind == GIF else "PNG", **(moving if more else {}))
    return out.getvalue()


def _sun(at: int) -> Image.Image:
    """A disc on nothing, moved to the right."""
    image = Image.new("RGBA", (SIDE, SIDE))
    ImageDraw.Draw(image).ellipse((20 + at, 60, 220 + at, 260), fill=(250, 190, 40, 255))
    return image
