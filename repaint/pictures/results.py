"""From a result of the image API to the file that is posted in Discord."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Literal

from PIL import Image

from repaint.errors import DeliveryError, OutputUnavailable, PictureError
from repaint.models import MAX_INPUT_PIXELS, Finished, Request
from repaint.pictures.decode import opened, orientation, plain, turned
from repaint.pictures.files import store
from repaint.pictures.inputs import LEAST_SIDE
from repaint.pictures.kinds import Kind
from repaint.pictures.metadata import with_parameters
from repaint.pictures.parameters import parameters_text

QUALITIES = (95, 90, 85, 80, 75, 70)  # below the last, fewer pixels look better than worse ones
SCALED_QUALITY = 85
KINDS = (Kind.PNG, Kind.JPEG, Kind.WEBP)


def finish(source: Path, target: Path, *, request: Request, limit: int, model: str) -> Finished:
    """See repaint.pictures.finish."""
    try:
        with opened(source, max_pixels=MAX_INPUT_PIXELS) as (kind, image):
            if kind not in KINDS:
                raise OutputUnavailable(f"the result is {kind.name}")
            image.load()  # a picture that is cut off must not be posted
            data = source.read_bytes()
            turn = orientation(image)
            text = parameters_text(request, size=image.size, model=model)
            alpha = image.has_transparency_data
            whole = with_parameters(data, kind, text, size=image.size, alpha=alpha, orientation=turn)
            if len(whole) <= limit:
                return Finished(store(target, kind, whole, image.size), "none")
            picture = turned(plain(image).convert("RGBA" if alpha else "RGB"), turn)
            if image.mode not in ("RGB", "RGBA"):
                picture.info.pop("icc_profile", None)  # it is for the colours that were converted
    except PictureError as error:  # its sentence would blame the asker
        raise OutputUnavailable(f"the result cannot be used: {error!r}") from error
    kind, encoded, size, change = _fitted(picture, text, limit)
    return Finished(store(target, kind, encoded, size), change)


def _fitted(
    picture: Image.Image, text: str, limit: int
) -> tuple[Kind, bytes, tuple[int, int], Literal["re-encoded", "scaled"]]:
    for quality in QUALITIES:
        kind, data = _encoded(picture, text, quality)
        if len(data) <= limit:
            return kind, data, picture.size, "re-encoded"
    while True:
        scale = min(0.9, 0.95 * math.sqrt(limit / len(data)))  # the size of a file goes with its pixels
        size = int(picture.width * scale), int(picture.height * scale)
        if min(size) < LEAST_SIDE:
            raise DeliveryError(f"no form of the picture fits into {limit} bytes")
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        kind, data = _encoded(picture, text, SCALED_QUALITY)
        if len(data) <= limit:
            return kind, data, size, "scaled"


def _encoded(picture: Image.Image, text: str, quality: int) -> tuple[Kind, bytes]:
    """JPEG, or WebP where there is alpha; colours are full up to quality 90."""
    alpha = picture.mode == "RGBA"
    buffer = io.BytesIO()
    profile = picture.info.get("icc_profile")
    if alpha:
        picture.save(buffer, "WEBP", quality=quality, icc_profile=profile)
    else:
        subsampling = "4:4:4" if quality >= 90 else "4:2:0"
        picture.save(buffer, "JPEG", quality=quality, subsampling=subsampling, icc_profile=profile)
    kind = Kind.WEBP if alpha else Kind.JPEG
    return kind, with_parameters(buffer.getvalue(), kind, text, size=picture.size, alpha=alpha)
