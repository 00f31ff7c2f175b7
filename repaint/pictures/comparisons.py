"""Before and after: a picture with both side by side, and a short animation that wipes from one to the other.

The animation is a GIF: Discord plays it wherever it shows pictures, on every client. Animated WebP would be
smaller and finer, but stands still in some of them.
"""

from __future__ import annotations

import io
import itertools
import math
import struct
from collections.abc import Iterator
from pathlib import Path

from PIL import GifImagePlugin, Image, ImageCms, ImageDraw, ImageOps

from repaint.errors import DeliveryError, PictureGone
from repaint.models import MAX_INPUT_PIXELS, Picture
from repaint.pictures import NOT_KEPT
from repaint.pictures.decode import DECODE_FAULTS, opened, orientation, plain, turned
from repaint.pictures.files import store
from repaint.pictures.inputs import SRGB
from repaint.pictures.kinds import Kind

MOST_WIDTH, MOST_HEIGHT = 2048, 1024
GAP_COLOUR = (128, 128, 128)  # stands out neither on Discord's dark nor on its light ground
QUALITIES = (92, 85, 75)
LEAST_HEIGHT = 64

MOST_SIDE, LEAST_SIDE = 512, 64  # of the animation
STEPS = 9  # of the wipe, each way
STEP_MS, BEFORE_MS, AFTER_MS = 70, 800, 1000  # 2.9 s in all
SAMPLE_SIDE = 128  # of the picture that the colours are chosen from
COLOURS = 254  # of a picture; the line takes the two others
LINE = ((32, 32, 32), (255, 255, 255), (255, 255, 255), (32, 32, 32))  # seen on light and on dark
STRETCH = 1.05  # how far one shape may be from the other to be stretched to it; beyond, it is cropped


def compare(
    before: Path, after: Path, side_by_side: Path, animation: Path, *, limit: int
) -> tuple[Picture, Picture]:
    """See repaint.pictures.compare."""
    if not (before.exists() and after.exists()):
        raise PictureGone(f"{before} or {after}", sentence=NOT_KEPT)
    pictures = _upright(before), _upright(after)
    still, size = _still(*pictures, limit)
    moving, shape = _moving(*pictures, limit)
    return store(side_by_side, Kind.JPEG, still, size), store(animation, Kind.GIF, moving, shape)


def _upright(path: Path) -> Image.Image:
    """A picture in sRGB without alpha and metadata, no larger than it can be shown here."""
    with opened(path, max_pixels=MAX_INPUT_PIXELS) as (_, image):
        most = max(MOST_WIDTH, MOST_HEIGHT)
        image.draft(image.mode, (most, most))  # JPEG only: not smaller than this
        picture = plain(image)
        picture.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=2.0)
        picture = turned(picture, orientation(image))
        profile = image.info.get("icc_profile")
    canvas = Image.new("RGB", picture.size, "white")
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    canvas.paste(_srgb(picture.convert("RGB") if alpha else picture, profile), mask=alpha)
    return canvas


def _srgb(colour: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(colour, given, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, *DECODE_FAULTS):
            converted = None  # broken, or for another mode: then as if there were none
        if converted is not None:
            return converted
    return colour.convert("RGB")


# Side by side ---------------------------------------------------------------------------------------------


def _still(before: Image.Image, after: Image.Image, limit: int) -> tuple[bytes, tuple[int, int]]:
    """As JPEG, with its size in pixels."""
    scale = 1.0
    while True:
        both = _beside(before, after, scale)
        for quality in QUALITIES:
            buffer = io.BytesIO()
            both.save(buffer, "JPEG", quality=quality, subsampling="4:4:4" if quality > 90 else "4:2:0")
            if buffer.tell() <= limit:
                return buffer.getvalue(), both.size
        if both.height <= LEAST_HEIGHT:
            raise DeliveryError(f"no form of the comparison fits into {limit} bytes")
        least = LEAST_HEIGHT * scale / both.height
        scale = max(scale * _smaller(buffer.tell(), limit), least)


def _smaller(size: int, limit: int) -> float:
    """By what to scale a picture of `size` bytes, which go with its pixels."""
    return min(0.9, 0.95 * math.sqrt(limit / size))


def _beside(before: Image.Image, after: Image.Image, scale: float) -> Image.Image:
    shapes = before.width / before.height + after.width / after.height
    height = min(after.height, MOST_HEIGHT, 0.99 * MOST_WIDTH / shapes)  # the hundredth is for the gap
    height = max(1.0, height * scale)
    gap = max(4, round(height / 128))
    left, right = (_of_height(picture, round(height)) for picture in (before, after))
    both = Image.new("RGB", (left.width + gap + right.width, left.height), GAP_COLOUR)
    both.paste(left, (0, 0))
    both.paste(right, (left.width + gap, 0))
    return both


def _of_height(picture: Image.Image, height: int) -> Image.Image:
    size = max(1, round(picture.width * height / picture.height)), height
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


# The animation --------------------------------------------------------------------------------------------


def _moving(before: Image.Image, after: Image.Image, limit: int) -> tuple[bytes, tuple[int, int]]:
    """As GIF, with its size in pixels. Its shape is that of `after`."""
    scale = min(1.0, MOST_SIDE / max(after.size))
    while True:
        size = max(1, round(after.width * scale)), max(1, round(after.height * scale))
        data = _gif(_coloured(_shaped(before, size)), _coloured(_shaped(after, size)))
        if len(data) <= limit:
            return data, size
        if max(size) <= LEAST_SIDE:
            raise DeliveryError(f"no form of the animation fits into {limit} bytes")
        scale = max(scale * _smaller(len(data), limit), LEAST_SIDE / max(after.size))


def _shaped(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Of exactly this size: two almost equal shapes lie on each other, of others the middle does."""
    stretch = picture.width * size[1] / (picture.height * size[0])
    if 1 / STRETCH <= stretch <= STRETCH:
        return picture.resize(size, Image.Resampling.LANCZOS)
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _coloured(picture: Image.Image) -> Image.Image:
    """In its own 254 colours and the line's two, dithered once: a still pixel stays still in all frames."""
    few = min(1.0, SAMPLE_SIDE / max(picture.size))  # 20 times as fast as from all pixels, and looks the same
    sample = picture.resize([max(1, round(side * few)) for side in picture.size], Image.Resampling.NEAREST)
    chosen = sample.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=2).getpalette() or []
    colours = chosen[: 3 * COLOURS] + [0] * (3 * COLOURS - len(chosen))
    palette = Image.new("P", (1, 1))
    palette.putpalette([*colours, *LINE[0], *LINE[1]])
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _gif(before: Image.Image, after: Image.Image) -> bytes:
    """GIF89a, looping for ever (Netscape's extension).

    A frame covers just the strip that changes, which is of one of the pictures, and has that one's colours:
    so neither shares its colours with the other, and the whole is about as large as three single pictures.
    """
    parts = [
        b"GIF89a" + struct.pack("<HHBBB", *before.size, 0, 0, 0),
        b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0",
    ]
    for strip, left, duration in _strips(before, after):
        parts += GifImagePlugin.getdata(
            strip, (left, 0), duration=duration, disposal=1, include_color_table=True
        )
    return b"".join([*parts, b";"])


def _strips(before: Image.Image, after: Image.Image) -> Iterator[tuple[Image.Image, int, int]]:
    """Each frame's new pixels, where they begin, and how many milliseconds it stands."""
    width, half = before.width, len(LINE) // 2
    stops = sorted({_eased(step / STEPS, width) for step in range(STEPS + 1)})  # a narrow picture has fewer
    yield before, 0, BEFORE_MS
    for last, stop in itertools.pairwise(stops):
        left, right = max(0, last - half), min(width, stop + half)
        yield _strip(after, left, right, stop), left, AFTER_MS if stop == width else STEP_MS
    for stop, last in list(itertools.pairwise(stops))[:0:-1]:
        left, right = max(0, stop - half), min(width, last + half)
        yield _strip(before, left, right, stop), left, STEP_MS


def _eased(share: float, width: int) -> int:
    """Where the line is: it starts and ends slowly."""
    return round(width * (0.5 * share + 0.5 * share * share * (3 - 2 * share)))


def _strip(picture: Image.Image, left: int, right: int, line: int) -> Image.Image:
    strip = picture.crop((left, 0, right, picture.height))
    if line < picture.width:
        draw = ImageDraw.Draw(strip)
        for number, colour in enumerate(LINE, line - len(LINE) // 2 - left):
            draw.line((number, 0, number, strip.height), COLOURS + LINE[:2].index(colour))
    return strip
