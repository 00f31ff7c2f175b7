"""What a file is, by its first bytes. Names and declared types are not looked at."""

from __future__ import annotations

import enum

HEAD_BYTES = 512  # enough for every signature here, with the longest list of brands


class Kind(enum.Enum):
    """A picture format that is read: Pillow's name for it, media type, suffix."""

    PNG = ("PNG", "image/png", ".png")
    JPEG = ("JPEG", "image/jpeg", ".jpg")
    WEBP = ("WEBP", "image/webp", ".webp")
    GIF = ("GIF", "image/gif", ".gif")
    AVIF = ("AVIF", "image/avif", ".avif")
    HEIC = ("HEIF", "image/heic", ".heic")
    BMP = ("BMP", "image/bmp", ".bmp")

    def __init__(self, pillow: str, media_type: str, suffix: str) -> None:
        self.pillow = pillow
        self.media_type = media_type
        self.suffix = suffix


_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": Kind.PNG,
    b"\xff\xd8\xff": Kind.JPEG,
    b"GIF87a": Kind.GIF,
    b"GIF89a": Kind.GIF,
}
# HEIF brands: ISO/IEC 23008-12, annex B; AVIF brands: AV1 Image File Format, section 6.
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}  # lengths of the second header; "BM" alone begins many a text


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file that begins with `head` (HEAD_BYTES of it, or all), or None."""
    for begin, kind in _BEGINNINGS.items():
        if head.startswith(begin):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return Kind.BMP
    if head[4:8] == b"ftyp":
        return _iso_kind(head)
    return None


def _iso_kind(head: bytes) -> Kind | None:
    """AVIF and HEIC share a container with MP4; the brands tell them apart."""
    end = int.from_bytes(head[:4], "big")
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, min(end, len(head)), 4)}
    if brands & _AVIF_BRANDS:
        return Kind.AVIF
    return Kind.HEIC if brands & _HEIC_BRANDS else None


def guess(head: bytes) -> str:
    """What an unreadable file seems to be, for the log."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for begin, name in _OTHERS.items():
        if text.startswith(begin):
            return "SVG" if b"<svg" in text else name
    return "MP4 or the like" if head[4:8] == b"ftyp" else f"unknown, begins {head[:12]!r}"


_OTHERS = {
    b"<svg": "SVG",
    b"<?xml": "XML",
    b"<!doctype": "HTML",
    b"<html": "HTML",
    b"%pdf": "PDF",
    b"pk\x03\x04": "ZIP archive",
    b"rar!": "RAR archive",
    b"\x1f\x8b": "gzip archive",
    b"7z\xbc\xaf": "7z archive",
    b"ii*\x00": "TIFF",
    b"mm\x00*": "TIFF",
    b"8bps": "Photoshop",
}
