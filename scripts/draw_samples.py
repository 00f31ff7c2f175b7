"""Draw the sample pictures that the playground offers: a landscape, a cat, a harbour, fruit.

    python -m scripts.draw_samples [NAME ...]

They are made here so that the project may give them away. All randomness has fixed seeds, so that every run
draws the same.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2

from scripts.samples import cat, fruit, harbour, landscape
from scripts.samples.light import Pixels

FOLDER = Path(__file__).parents[1] / "playground" / "samples"


class Sample(NamedTuple):
    """How a picture is drawn, and with which quality its JPEG file is written."""

    draw: Callable[[], Pixels]
    quality: int


SAMPLES = {
    "landscape": Sample(landscape.draw, 90),
    "cat": Sample(cat.draw, 88),
    "harbour": Sample(harbour.draw, 86),
    "fruit": Sample(fruit.draw, 86),
}


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.jpg"


def encoded(picture: Pixels, quality: int) -> bytes:
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return data.tobytes()


if __name__ == "__main__":
    names = sys.argv[1:] or list(SAMPLES)
    if unknown := set(names) - set(SAMPLES):
        sys.exit(f"There is no sample {', '.join(sorted(unknown))}; there are {', '.join(SAMPLES)}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names:
        data = encoded(SAMPLES[name].draw(), SAMPLES[name].quality)
        file_of(name).write_bytes(data)
        print(file_of(name), f"{len(data) / 1024:.0f} KiB")
