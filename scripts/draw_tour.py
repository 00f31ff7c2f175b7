"""Draw the picture that `/help` begins with: the sample, and what the preview engine makes of it.

python -m scripts.draw_tour [FILE]
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from embedded.engine import Paint
from embedded.preview import paint
from scripts.draw_styles import GAP, GROUND, INK, SEED, original
from scripts.processes import ROOT

TOUR = ROOT / "repaint" / "ui" / "pictures" / "tour.webp"
PROMPT = "a watercolor painting of a lake at sunset"
ARROW = 48  # pixels between the two, where an arrow is
QUALITY = 70


def repainted() -> Image.Image:
    """The sample as the prompt describes it."""
    buffer = io.BytesIO()
    original().save(buffer, "PNG")
    done = paint(
        Paint(
            image=buffer.getvalue(),
            prompt=PROMPT,
            negative_prompt="",
            strength=0.8,
            guidance=5,
            steps=20,
            seed=SEED,
        )
    )
    return Image.open(io.BytesIO(done)).convert("RGB")


def tour() -> Image.Image:
    """Before and after, side by side, with an arrow from one to the other."""
    before, after = original(), repainted()
    made = Image.new("RGB", (2 * before.width + ARROW + 2 * GAP, before.height + 2 * GAP), GROUND)
    made.paste(before, (GAP, GAP))
    made.paste(after, (GAP + before.width + ARROW, GAP))
    middle, left = made.height / 2, GAP + before.width + ARROW / 4
    tip = left + ARROW / 2
    ImageDraw.Draw(made).polygon([(left, middle - ARROW / 3), (left, middle + ARROW / 3), (tip, middle)], INK)
    return made


if __name__ == "__main__":
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else TOUR
    tour().save(file, "WEBP", quality=QUALITY, method=6)
    print(file, f"{file.stat().st_size / 1024:.0f} KiB")
