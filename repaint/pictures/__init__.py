"""Pictures in and out: synchronous, from path to path, meant for a worker process (repaint.workers).

Importing this module is cheap: Pillow is loaded by the first call, so it never enters the bot's own process,
which only names these functions to a worker.
"""

from __future__ import annotations

from pathlib import Path

from repaint.models import MAX_INPUT_PIXELS, MODEL, Finished, Picture, Request
from repaint.pictures.parameters import parameters_text

__all__ = ["finish", "normalise", "parameters_text", "preview"]


def normalise(
    source: Path,
    target: Path,
    *,
    max_pixels: int,
    max_side: int = 2048,
    min_side: int = 64,
    max_input_pixels: int = MAX_INPUT_PIXELS,
) -> Picture:
    """Turn any attached file into an upright RGB picture without metadata, or say why not.

    Judged by bytes alone: PNG, JPEG, WebP, GIF (first frame), AVIF, HEIC and BMP are read. Alpha goes on
    white, colour profiles become sRGB, the aspect is kept, nothing is enlarged. Each side of the source must
    have `min_side` pixels, and after scaling to `max_pixels` and `max_side` 16 must be left.

    `target`'s suffix is replaced: `.png` for up to 256 colours, else `.jpg` (quality 95, 4:4:4).
    Raises PictureError and StorageError.
    """
    from repaint.pictures import inputs  # noqa: PLC0415  # brings Pillow along

    return inputs.normalise(
        source,
        target,
        inputs.Bounds(
            max_pixels=max_pixels, max_side=max_side, min_side=min_side, max_input_pixels=max_input_pixels
        ),
    )


def finish(source: Path, target: Path, *, request: Request, limit: int, model: str = MODEL) -> Finished:
    """Check a result of the image API, write the parameters into its metadata and fit it to `limit` bytes.

    PNG, JPEG and WebP are taken, judged by bytes. The parameters are inserted without touching the pixels;
    only a file over the limit is encoded anew, then scaled. `target`'s suffix is replaced by the format's.
    Raises OutputUnavailable for bytes that are no whole picture, DeliveryError where nothing fits, and
    StorageError.
    """
    from repaint.pictures import results  # noqa: PLC0415  # brings Pillow along

    return results.finish(source, target, request=request, limit=limit, model=model)


def preview(source: Path, target: Path, *, max_side: int = 640) -> Picture:
    """Make a small WebP of a picture, upright and without metadata, for a list of many.

    The aspect is kept, no side has more than `max_side` pixels, nothing is enlarged. `target`'s suffix is
    replaced. Raises PictureError and StorageError.
    """
    from repaint.pictures import previews  # noqa: PLC0415  # brings Pillow along

    return previews.preview(source, target, max_side=max_side)
