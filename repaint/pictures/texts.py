"""Reading the texts in a picture file's metadata by its bytes. The pixels are not looked at.

Other people's files: what is too large, cut off or broken is passed over, and the rest is read.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from repaint.errors import PictureEmpty, PictureUnreadable, StorageError
from repaint.pictures.kinds import HEAD_BYTES, Kind, guess, kind_of

MOST_BYTES = 2 * 2**20  # of one text, also after inflating; a very large ComfyUI graph has half of it
MOST_ALL = 8 * 2**20  # of all that is read of a file
MOST_PARTS = 50_000  # a PNG of 64 megapixels in blocks of 8 kB has half as many chunks
MOST_TAGS = 200  # of an EXIF directory

DESCRIPTION, MAKE, MODEL, EXIF, COMMENT = 0x010E, 0x010F, 0x0110, 0x8769, 0x9286  # EXIF 2.32
_PREFIXED = ("parameters", "prompt", "workflow")  # "prompt:{…}", as ComfyUI writes into EXIF


def texts(source: Path) -> dict[str, str]:
    """The metadata's texts by keyword, each keyword's first; an EXIF comment is called `parameters`.

    Of PNG, JPEG and WebP; other pictures have none here. Raises PictureEmpty, PictureUnreadable where the
    file is no picture, and StorageError.
    """
    found: dict[str, str] = {}
    try:
        with source.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if not head:
                raise PictureEmpty(str(source))
            kind = kind_of(head)
            if kind is None:
                raise PictureUnreadable(guess(head))
            reader = _READERS.get(kind)
            if reader is not None:
                file.seek(0)
                for keyword, text in reader(file):
                    found.setdefault(keyword, text)
    except OSError as error:
        raise StorageError(f"reading {source}: {error!r}") from error
    return found


# PNG (W3C PNG, sections 5 and 11.3.3) ---------------------------------------------------------------------


def _png(file: BinaryIO) -> Iterator[tuple[str, str]]:
    file.seek(8)
    left = MOST_ALL
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return
        length = int.from_bytes(head[:4], "big")
        if head[4:] not in (b"tEXt", b"zTXt", b"iTXt", b"eXIf") or length > min(MOST_BYTES, left):
            file.seek(length + 4, 1)
            continue
        left -= length
        body = file.read(length)
        file.seek(4, 1)
        if head[4:] == b"eXIf":
            yield from _exif(body)
            continue
        keyword, _, rest = body.partition(b"\0")
        text = _png_text(head[4:], rest)
        if text is not None:
            left -= len(text)
            yield keyword[:79].decode("latin-1"), text


def _png_text(name: bytes, rest: bytes) -> str | None:
    if name == b"tEXt":
        return rest.decode("latin-1")
    if name == b"zTXt":
        inflated = _inflated(rest[1:])
        return None if inflated is None else inflated.decode("latin-1")
    packed = rest[:1] == b"\1"
    data = rest[2:].split(b"\0", 2)[-1]  # behind the language and the translated keyword
    inflated = _inflated(data) if packed else data
    return None if inflated is None else inflated.decode("utf-8", "replace")


def _inflated(data: bytes) -> bytes | None:
    """None where it is broken or larger than any text should be."""
    packer = zlib.decompressobj()
    try:
        whole = packer.decompress(data, MOST_BYTES)
    except zlib.error:
        return None
    return whole if packer.eof else None


# JPEG (ITU T.81, annex B) ---------------------------------------------------------------------------------


def _jpeg(file: BinaryIO) -> Iterator[tuple[str, str]]:
    file.seek(2)
    for _ in range(MOST_PARTS):
        marker = file.read(1)
        while marker == b"\xff":  # fill bytes too
            marker = file.read(1)
        length = int.from_bytes(file.read(2), "big")
        if marker in (b"", b"\xda", b"\xd9") or length < 2:  # the picture data
            return
        if marker != b"\xe1":
            file.seek(length - 2, 1)
            continue
        body = file.read(length - 2)
        if body.startswith(b"Exif\0\0"):
            yield from _exif(body[6:])


# WebP (RFC 9649, section 2) -------------------------------------------------------------------------------


def _webp(file: BinaryIO) -> Iterator[tuple[str, str]]:
    file.seek(12)
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[4:], "little")
        if head[:4] != b"EXIF" or length > MOST_BYTES:
            file.seek(length + length % 2, 1)
            continue
        yield from _exif(
            file.read(length).removeprefix(b"Exif\0\0")
        )  # some write the JPEG segment's head too
        return


# EXIF (2.32, section 4.6) ---------------------------------------------------------------------------------


def _exif(block: bytes) -> Iterator[tuple[str, str]]:
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return
    first = _directory(block, order, int.from_bytes(block[4:8], "little" if order == "<" else "big"))
    for tag in (MODEL, MAKE, DESCRIPTION):
        if tag in first:
            keyword, colon, text = first[tag].rstrip(b"\0").decode("utf-8", "replace").partition(":")
            if colon and keyword.lower() in _PREFIXED:
                yield keyword.lower(), text
    inner = first.get(EXIF, b"")
    if len(inner) == 4:
        second = _directory(block, order, struct.unpack(order + "I", inner)[0])
        if COMMENT in second:
            yield "parameters", _comment(second[COMMENT], order)


def _directory(block: bytes, order: str, at: int) -> dict[int, bytes]:
    """The bytes of each tag that is looked for here."""
    found: dict[int, bytes] = {}
    if at + 2 > len(block):
        return found
    count = min(struct.unpack_from(order + "H", block, at)[0], MOST_TAGS)
    for start in range(at + 2, at + 2 + 12 * count, 12):
        if start + 12 > len(block):
            break
        tag, form, length, value = struct.unpack_from(order + "HHII", block, start)
        if tag == EXIF and form == 4:
            found[tag] = block[start + 8 : start + 12]
        elif tag in (MODEL, MAKE, DESCRIPTION, COMMENT) and form in (1, 2, 7):  # bytes, ASCII, undefined
            begin = value if length > 4 else start + 8
            found.setdefault(tag, block[begin : begin + length])
    return found


def _comment(data: bytes, order: str) -> str:
    """A UserComment: eight bytes name the encoding. `UNICODE` is UTF-16 in whichever byte order: the block's
    by the standard, big-endian by widespread habit, so the one that makes more of it plain letters.
    """
    code, body = data[:8], data[8:]
    if code == b"UNICODE\0":
        if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return body.decode("utf-16", "replace")
        forms = ("utf-16-be", "utf-16-le") if order == ">" else ("utf-16-le", "utf-16-be")
        return max((body.decode(form, "replace") for form in forms), key=_plainness)
    if code in (b"ASCII\0\0\0", bytes(8)):
        data = body
    return data.rstrip(b"\0").decode("utf-8", "replace")


def _plainness(text: str) -> int:
    return sum(character < "\x80" for character in text)


_READERS = {Kind.PNG: _png, Kind.JPEG: _jpeg, Kind.WEBP: _webp}
