"""From a picture that was posted to a small one for a list of many."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from repaint.models import MAX_INPUT_PIXELS, Picture
from repaint.pictures.decode import opened, orientation, plain, turned
from repaint.pictures.files import store
from repaint.pictures.kinds import Kind

QUALITY = 80  # about 40 kB for a photograph of 640 × 640
MARGIN = 2  # times the size that a JPEG is decoded to: the scaling that follows still has a choice


def preview(source: Path, target: Path, *, max_side: int) -> Picture:
    """See repaint.pictures.preview."""
    with opened(source, max_pixels=MAX_INPUT_PIXELS) as (_, image):
        scale = min(1.0, max_side / max(image.size))
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image.draft(image.mode, (MARGIN * size[0], MARGIN * size[1]))  # JPEG only
        picture = plain(image)
        if picture.mode not in ("RGB", "RGBA"):
            image.info.pop("icc_profile", None)  # it is for the colours that are converted here
            picture = picture.convert("RGB")
        if picture.size != size:
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        picture = turned(picture, orientation(image))
        profile = image.info.get("icc_profile")
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, icc_profile=profile, exif=b"")
    return store(target, Kind.WEBP, buffer.getvalue(), picture.size)
