"""Draw the picture that `/help` begins with: the sample, and what the embedded API makes of it.

python -m scripts.draw_tour [FILE]
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from repaint.models import Request
from scripts.draw_styles import GAP, GROUND, INK, SEED, original, painted
from scripts.processes import ROOT

TOUR = ROOT / "repaint" / "ui" / "pictures" / "tour.webp"
REQUEST = Request("a watercolor painting of a lake at sunset", SEED, strength=0.8)
ARROW = 48  # pixels between the two, where an arrow is
QUALITY = 70


def tour(after: Image.Image) -> Image.Image:
    """The sample and what became of it, side by side, with an arrow from one to the other."""
    before = original()
    made = Image.new("RGB", (2 * before.width + ARROW + 2 * GAP, before.height + 2 * GAP), GROUND)
    made.paste(before, (GAP, GAP))
    made.paste(after, (GAP + before.width + ARROW, GAP))
    middle, left = made.height / 2, GAP + before.width + ARROW / 4
    tip = left + ARROW / 2
    ImageDraw.Draw(made).polygon([(left, middle - ARROW / 3), (left, middle + ARROW / 3), (tip, middle)], INK)
    return made


if __name__ == "__main__":
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else TOUR
    [after] = asyncio.run(painted([REQUEST]))
    tour(after).save(file, "WEBP", quality=QUALITY, method=6)
    print(file, f"{file.stat().st_size / 1024:.0f} KiB")
