"""Reading a picture file that may be anything, with Pillow. Runs in worker processes only."""

from __future__ import annotations

import contextlib
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import AvifImagePlugin, ExifTags, Image, ImageFile

from repaint.errors import (
    PictureEmpty,
    PictureTooManyPixels,
    PictureTruncated,
    PictureUnreadable,
    StorageError,
)
from repaint.models import MAX_INPUT_PIXELS
from repaint.pictures.kinds import HEAD_BYTES, Kind, guess, kind_of

Image.MAX_IMAGE_PIXELS = MAX_INPUT_PIXELS  # a second net: sizes are checked below, before decoding
ImageFile.LOAD_TRUNCATED_IMAGES = False
MOST_SCANS = 100
DECODE_THREADS = 2  # a worker shares its processors with others; each thread also costs memory
AvifImagePlugin.DEFAULT_MAX_THREADS = DECODE_THREADS

# What Pillow's readers raise on bytes that lie. There is no common root.
DECODE_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@contextlib.contextmanager
def opened(path: Path, *, max_pixels: int) -> Iterator[tuple[Kind, ImageFile.ImageFile]]:
    """The kind and the not yet decoded picture of a file; the block may decode it.

    What the file does wrong in the block becomes PictureTruncated, memory that runs out PictureTooManyPixels.
    Raises PictureEmpty, PictureUnreadable and PictureTooManyPixels (width × height over `max_pixels`, by the
    header) on the way in, and StorageError where the disk fails.
    """
    with _storage_faults(path), path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of many an oddity in other people's files
        head = file.read(HEAD_BYTES)
        if not head:
            raise PictureEmpty(str(path))
        kind = kind_of(head)
        if kind is None:
            raise PictureUnreadable(guess(head))
        if kind is Kind.JPEG:
            _check_scans(path)
        file.seek(0)
        with _decode_faults(kind), _open(file, kind) as image:
            if image.width * image.height > max_pixels:
                raise PictureTooManyPixels(f"{kind.name} of {image.width} × {image.height}")
            yield kind, image


def _check_scans(path: Path) -> None:
    """Refuse a JPEG that paints the same pixels over and over: a progressive one has about ten scans."""
    scans = path.read_bytes().count(b"\xff\xda")
    if scans > MOST_SCANS:
        raise PictureUnreadable(f"JPEG of {scans} scans")


def _open(file: BinaryIO, kind: Kind) -> ImageFile.ImageFile:
    if kind is Kind.HEIC:
        import pillow_heif  # noqa: PLC0415  # only for those who bring HEIC: it costs memory and time

        pillow_heif.register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=DECODE_THREADS
        )
    return Image.open(file, formats=[kind.pillow])


def plain(image: Image.Image) -> Image.Image:
    """Decoded, in one of the modes L, RGB, RGBA, CMYK (8 bits a channel): those that can be scaled well."""
    image.load()
    if image.mode.startswith("I"):  # 16-bit grey; a plain convert() would clip, not scale
        image.info.pop("transparency", None)
        return image.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8 (EXIF 2.32, tag 0x0112); 1 (upright) if there is none or it is broken."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODE_FAULTS:  # broken EXIF is common and says nothing about the pixels
        return 1
    return value if value in _TURNS else 1


def turned(image: Image.Image, value: int) -> Image.Image:
    """The picture turned upright from the EXIF orientation `value`."""
    turn = _TURNS.get(value)
    return image if turn is None else image.transpose(turn)


_TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextlib.contextmanager
def _decode_faults(kind: Kind) -> Iterator[None]:
    try:
        yield
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureTooManyPixels(f"{kind.name}: {error!r}") from error
    except DECODE_FAULTS as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault: Pillow's own OSErrors carry no number
        raise PictureTruncated(f"{kind.name}: {error!r}") from error


@contextlib.contextmanager
def _storage_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"reading {path}: {error!r}") from error
