"""Pictures in and out: synchronous, from path to path, meant for a worker process (repaint.workers).

Importing this module is cheap: Pillow is loaded by the first call, so it never enters the bot's own process,
which only names these functions to a worker.
"""

from __future__ import annotations

from pathlib import Path

from repaint.models import MAX_INPUT_PIXELS, MODEL, Finished, Picture, Request
from repaint.pictures.parameters import parameters_text
from repaint.pictures.recipes import Recipe
from repaint.text import text

__all__ = ["NOT_KEPT", "Recipe", "compare", "finish", "normalise", "parameters_text", "preview", "recipe"]

NOT_KEPT = text(
    "One of the two pictures is no longer kept here, so I cannot compare them. "
    "Please repaint the picture again."
)


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


def compare(
    before: Path, after: Path, side_by_side: Path, animation: Path, *, limit: int
) -> tuple[Picture, Picture]:
    """Show two pictures together: side by side (JPEG), and as a short wipe from one to the other (GIF).

    Side by side both have the height of `after`, at most 1024 pixels, and at most 2048 in width together.
    The animation has the shape of `after` and at most 512 pixels a side; it loops, about 3 seconds each.
    Neither has more than `limit` bytes, nor metadata. The targets' suffixes are replaced.
    Raises PictureError (PictureGone where a file is not there), DeliveryError where nothing fits, and
    StorageError.
    """
    from repaint.pictures import comparisons  # noqa: PLC0415  # brings Pillow along

    return comparisons.compare(before, after, side_by_side, animation, limit=limit)


def recipe(source: Path) -> Recipe | None:
    """How a picture was made, from its metadata; None where they do not tell.

    Read are our own parameters, those of the Stable Diffusion web UI and its kin, and ComfyUI's graphs, in
    PNG, JPEG and WebP. Raises PictureError where the file is no picture, and StorageError.
    """
    from repaint.pictures import reading  # noqa: PLC0415  # other people's files are read in workers only

    return reading.read(source)
