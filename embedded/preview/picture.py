"""Bytes to picture and back."""

import io
import math
import warnings

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from embedded.engine import EngineError
from embedded.preview.filters import Picture, from_bytes, to_bytes

MOST_PIXELS_IN = 64_000_000
"""A larger input is refused before it is decoded."""
MOST_PIXELS_OUT = 1_500_000
"""A larger picture is scaled down to this many pixels."""


FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""What is read. Not all that Pillow knows: some of it starts other programs."""


def decode(data: bytes) -> Picture:
    """Return an upright RGB picture of one of FORMATS: the first frame, alpha on white.

    Raises EngineError if the bytes are no picture, or too large a one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the next line is stricter
            image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
        image = _upright_rgb(_bounded(image))
    except EngineError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        # Pillow raises SyntaxError for some broken PNGs, ValueError for some broken headers.
        raise EngineError("The picture could not be read.") from error
    factor = math.sqrt(MOST_PIXELS_OUT / (image.width * image.height))
    if factor < 1:
        size = max(1, int(image.width * factor)), max(1, int(image.height * factor))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return from_bytes(np.asarray(image))


def _bounded(image: Image.Image) -> Image.Image:
    if image.width * image.height > MOST_PIXELS_IN:
        raise EngineError(f"The picture is too large: {image.width}×{image.height} pixels.")
    return image


def _upright_rgb(image: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):  # 16 and 32 bits: Pillow's own conversion would clip, not scale
        values = np.asarray(image, np.float64)
        values = np.nan_to_num(values, nan=0, posinf=0, neginf=0)
        top = 65535 if image.mode.startswith("I") else max(float(values.max(initial=0)), 1e-9)
        return Image.fromarray(to_bytes(values / top)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def encode(picture: Picture) -> bytes:
    """Return the picture as 8-bit PNG. Raises EngineError if a value is not finite."""
    if not np.isfinite(picture).all():
        raise EngineError("The engine made a picture with broken values. Try another seed.")
    pixels = to_bytes(picture)
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not done:
        raise EngineError("The engine could not encode its picture.")
    return data.tobytes()
