"""Writing the parameters into a picture file by its bytes: the pixels, and all other parts, stay as they are.

PNG: a `parameters` text chunk. JPEG and WebP: EXIF UserComment. This is where AUTOMATIC1111's web UI puts
them, so its users' tools read them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from repaint.pictures.kinds import Kind

KEYWORD = b"parameters"
COMMENT_BYTES = 64_000  # of UTF-16; a JPEG segment holds 65,533 bytes


def with_parameters(
    data: bytes, kind: Kind, text: str, *, size: tuple[int, int], alpha: bool = False, orientation: int = 1
) -> bytes:
    """`data`, a whole picture file of a `kind` that is PNG, JPEG or WebP, with `text` as its parameters.

    Parameters or EXIF that were there are replaced; `orientation` (EXIF 0x0112) goes into the new EXIF.
    `size` (width, height in pixels) and `alpha` describe the picture; only WebP needs them.
    Raises ValueError where the file does not follow its format.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
    if kind is Kind.PNG:
        return _png(data, text)
    if kind is Kind.JPEG:
        return _jpeg(data, exif(text, orientation))
    if kind is Kind.WEBP:
        return _webp(data, exif(text, orientation), size, alpha)
    raise ValueError(f"no metadata in {kind.name}")


def exif(text: str, orientation: int = 1) -> bytes:
    """An EXIF block (big-endian TIFF) with `text` as UserComment and, unless 1, the orientation.

    EXIF 2.32: UserComment (0x9286) begins with an 8-byte character code; `UNICODE` is in the block's byte
    order here.
    """
    fitting = text.encode("utf-16-be")[:COMMENT_BYTES].decode("utf-16-be", "ignore")  # no half characters
    comment = b"UNICODE\0" + fitting.encode("utf-16-be")
    entries = [struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)] if orientation != 1 else []
    start = 8 + 2 + 12 * (len(entries) + 1) + 4  # of the Exif directory, behind the first one
    entries.append(struct.pack(">HHII", 0x8769, 4, 1, start))
    first = struct.pack(">H", len(entries)) + b"".join(entries) + bytes(4)
    second = struct.pack(">HHHIII", 1, 0x9286, 7, len(comment), start + 2 + 12 + 4, 0)
    return b"MM\0*" + struct.pack(">I", 8) + first + second + comment


# PNG (W3C PNG, sections 5 and 11.3.3) ---------------------------------------------------------------------


def _png(data: bytes, text: str) -> bytes:
    chunks = [data[:8]]
    written = False
    for name, chunk in _png_chunks(data):
        if name in (b"tEXt", b"zTXt", b"iTXt") and chunk[8:].startswith(KEYWORD + b"\0"):
            continue
        if name in (b"IDAT", b"IEND") and not written:
            chunks.append(_png_text(text))
            written = True
        chunks.append(chunk)
    if not written:
        raise ValueError("a PNG without picture data")
    return b"".join(chunks)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and all bytes of each chunk up to IEND; what follows that is no part of the picture."""
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        yield name, data[at:end]
        if name == b"IEND":
            return
        at = end


def _png_text(text: str) -> bytes:
    """tEXt where Latin-1 suffices, else iTXt in UTF-8, uncompressed."""
    try:
        name, body = b"tEXt", KEYWORD + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        name, body = b"iTXt", KEYWORD + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


# JPEG (ITU T.81, annex B; EXIF 2.32, section 4.5) ---------------------------------------------------------


def _jpeg(data: bytes, block: bytes) -> bytes:
    """The EXIF segment stands behind SOI and JFIF's APP0, which must be first where it is there."""
    body = b"Exif\0\0" + block
    ours = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    before = [data[:2]]
    behind: list[bytes] = []
    at = 2
    while True:
        if at + 4 > len(data) or data[at] != 0xFF:
            raise ValueError("a JPEG without picture data")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0xDA:  # the picture data; everything from here on stays as it is
            return b"".join([*before, ours, *behind, data[at:]])
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at:end]
        if marker == 0xE0 and not behind:
            before.append(segment)
        elif not (marker == 0xE1 and segment[4:10] == b"Exif\0\0"):
            behind.append(segment)
        at = end


# WebP (RFC 9649, section 2) -------------------------------------------------------------------------------

_WEBP_EXIF, _WEBP_ALPHA = 0x08, 0x10


def _webp(data: bytes, block: bytes, size: tuple[int, int], alpha: bool) -> bytes:
    """EXIF needs the extended form, so a simple file gets its VP8X chunk first."""
    chunks = [(name, body) for name, body in _webp_chunks(data) if name != b"EXIF"]
    if not chunks:
        raise ValueError("a WebP without picture data")
    if chunks[0][0] == b"VP8X":
        header = chunks.pop(0)[1]
    else:
        canvas = b"".join((side - 1).to_bytes(3, "little") for side in size)
        header = bytes([_WEBP_ALPHA if alpha else 0, 0, 0, 0]) + canvas
    header = bytes([header[0] | _WEBP_EXIF]) + header[1:]
    xmp = [chunk for chunk in chunks if chunk[0] == b"XMP "]  # stands behind EXIF
    others = [chunk for chunk in chunks if chunk[0] != b"XMP "]
    body = b"".join(
        name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
        for name, content in [(b"VP8X", header), *others, (b"EXIF", block), *xmp]
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
