"""From an attached file to the picture that is sent to the image API."""

from __future__ import annotations

import dataclasses
import io
import math
from pathlib import Path

from PIL import Image, ImageCms, ImageFile

from repaint.errors import PictureTooSmall
from repaint.models import Picture
from repaint.pictures.decode import DECODE_FAULTS, opened, orientation, plain, turned
from repaint.pictures.files import store
from repaint.pictures.kinds import Kind
from repaint.text import text

LEAST_SIDE = 16  # pixels that must be left of the short side after scaling
DRAFT_MARGIN = 1.5  # a 12-megapixel JPEG in 64 instead of 163 ms, at a mean difference of 0.2 of 255
FEW_COLOURS = 256  # up to here PNG is exact and small; above, it is a photograph
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """In pixels. `max_input_pixels` and `min_side` hold for the file, the others for what comes out."""

    max_pixels: int
    max_side: int
    min_side: int
    max_input_pixels: int

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The size to scale to, aspect kept and never larger. Raises PictureTooSmall."""
        if min(width, height) < self.min_side:
            raise PictureTooSmall(f"{width} × {height}")
        scale = min(1.0, math.sqrt(self.max_pixels / (width * height)), self.max_side / max(width, height))
        # Rounded down, but not past a side that is meant: 3 * (2 / 3) may be 1.9999999999999998.
        size = int(width * scale + 1e-6), int(height * scale + 1e-6)
        if min(size) < LEAST_SIDE:
            raise PictureTooSmall(
                f"{width} × {height} becomes {size[0]} × {size[1]}",
                sentence=text(
                    "The picture is too long and narrow to repaint. Please crop it and attach it again."
                ),
            )
        return size


def normalise(source: Path, target: Path, bounds: Bounds) -> Picture:
    """See repaint.pictures.normalise."""
    with opened(source, max_pixels=bounds.max_input_pixels) as (kind, image):
        size = bounds.fit(*image.size)
        # JPEG only: decodes straight to 1/2, 1/4 or 1/8 of the size, but leaves something to scale down.
        image.draft(image.mode, (math.ceil(DRAFT_MARGIN * size[0]), math.ceil(DRAFT_MARGIN * size[1])))
        picture = _covered(image) if kind is Kind.GIF else plain(image)
        if picture.size != size:
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        picture = _on_white(picture, image.info.get("icc_profile"))
        picture = turned(picture, orientation(image))  # asked last: a PNG may tell it behind its pixels
    few = picture.getcolors(FEW_COLOURS) is not None
    buffer = io.BytesIO()
    if few:
        picture.save(buffer, "PNG")
    else:
        picture.save(buffer, "JPEG", quality=95, subsampling="4:4:4")
    return store(target, Kind.PNG if few else Kind.JPEG, buffer.getvalue(), picture.size)


def _covered(image: ImageFile.ImageFile) -> Image.Image:
    """A GIF's first frame on its screen. What it does not cover is empty, as in browsers, not colour 0."""
    box = image.tile[0].extents if image.tile else None
    decoded = plain(image)
    if box is None or box == (0, 0, *image.size) or decoded.mode == "RGBA":
        return decoded
    screen = Image.new(decoded.mode, decoded.size, "white")
    screen.paste(decoded.crop(box), box)
    return screen


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    """sRGB, alpha on white, in a new picture that carries no metadata."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colour = _srgb(image.convert("RGB") if alpha else image, profile)
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(colour, mask=alpha)
    return canvas


def _srgb(colour: Image.Image, profile: bytes | None) -> Image.Image:
    """An L, RGB or CMYK picture in sRGB. A profile that is broken or does not fit is ignored."""
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(given):
                converted = ImageCms.profileToProfile(colour, given, SRGB, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, *DECODE_FAULTS):
            pass
    return colour.convert("RGB")
