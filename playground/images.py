"""What kind of picture some bytes are and how large, read from their header alone."""

from __future__ import annotations

import mimetypes
import struct
from pathlib import Path

HEADER_BYTES = 256 * 1024
"""A JPEG may carry EXIF and colour profiles before its size; more than this is not looked through."""


def sniff(head: bytes, filename: str) -> str | None:
    """The MIME type by the first bytes, else by the name's ending, else None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return mimetypes.guess_type(filename)[0]


def dimensions(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG, GIF or WebP; None for anything else or a broken one."""
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack(">II", head[16:24])
            return width, height
        if head[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack("<HH", head[6:10])
            return width, height
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return _webp(head)
        if head.startswith(b"\xff\xd8"):
            return _jpeg(head)
    except (struct.error, IndexError):
        return None
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    """RFC 9649: three kinds of first chunk."""
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(head: bytes) -> tuple[int, int] | None:
    """ITU T.81: walk the segments up to a start of frame."""
    at = 2
    while at + 9 <= len(head):
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", head[at + 2 : at + 4])[0]
    return None


def look(path: Path, filename: str) -> tuple[str | None, tuple[int, int] | None]:
    """MIME type and dimensions of a file; reads its first 256 KiB at most."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    kind = sniff(head, filename)
    return kind, dimensions(head) if kind and kind.startswith("image/") else None
