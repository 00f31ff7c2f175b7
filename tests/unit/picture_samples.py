"""Files for tests: real photographs, small drawings, every format, and things that are no pictures."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pillow_heif
import skimage.data
from PIL import Image

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)


@cache
def photograph(name: str = "astronaut") -> Image.Image:
    """A real photograph from scikit-image, RGB."""
    return Image.fromarray(getattr(skimage.data, name)()).convert("RGB")


def corners(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Red, green / blue, yellow quarters: tells how a picture is turned."""
    picture = Image.new("RGB", size)
    x, y = size[0] // 2, size[1] // 2
    picture.paste(RED, (0, 0, x, y))
    picture.paste(GREEN, (x, 0, size[0], y))
    picture.paste(BLUE, (0, y, x, size[1]))
    picture.paste(YELLOW, (x, y, *size))
    return picture


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    """EXIF as from a camera, with a place in it."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "Camera of Somebody"
    block.get_ifd(0x8825)[1] = "N"
    return block.tobytes()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(side: int = 30_000) -> bytes:
    """A whole, valid black-and-white PNG of side × side pixels in about 100 kB."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    body = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


@cache
def every_format() -> dict[str, bytes]:
    """The coffee cup in each format and form that is read; 120 × 80."""
    picture = photograph("coffee").resize((120, 80))
    other = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    animated: dict[str, Any] = {"save_all": True, "append_images": [other]}
    with_exif = {"exif": exif(1)}
    return {
        "png": encoded(picture, "PNG", **with_exif),
        "png_palette": encoded(picture.quantize(64), "PNG"),
        "png_animated": encoded(picture, "PNG", **animated),
        "jpeg": encoded(picture, "JPEG", quality=95, **with_exif),
        "jpeg_progressive": encoded(picture, "JPEG", quality=95, progressive=True),
        "jpeg_cmyk": encoded(picture.convert("CMYK"), "JPEG", quality=95),
        "jpeg_multi": encoded(picture, "MPO", quality=95, **animated),
        "webp": encoded(picture, "WEBP", quality=95, **with_exif),
        "webp_lossless": encoded(picture, "WEBP", lossless=True),
        "webp_animated": encoded(picture, "WEBP", quality=95, **animated),
        "gif": encoded(picture, "GIF"),
        "gif_animated": encoded(picture, "GIF", **animated),
        "avif": encoded(picture, "AVIF", quality=90, **with_exif),
        "heic": encoded(picture, "HEIF", quality=90, **with_exif),
        "bmp": encoded(picture, "BMP"),
    }


@cache
def no_pictures() -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("picture.png", every_format()["png"])
    return {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>',
        "svg_in_xml": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- drawn --><svg width="9" height="9"/>',
        "zip": archive.getvalue(),
        "rar": b"Rar!\x1a\x07\x01\x00" + bytes(100),
        "gzip": b"\x1f\x8b\x08\x00" + bytes(100),
        "text": b"BM is how a letter to the Bank of Monaco began, and BMP files too." * 3,
        "html": b"<!DOCTYPE html><html><body><img src=x></body></html>",
        "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
        "mp4": b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + bytes(200),
        "tiff": encoded(corners(), "TIFF"),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "python": b"import os\nos.abort()\n",
        "zeros": bytes(1000),
        "riff": b"RIFF\x24\0\0\0WAVEfmt " + bytes(28),
    }


def write(folder: Path, data: bytes, name: str = "input") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
