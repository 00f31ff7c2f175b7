"""The sheet of examples that the project ships is the one that its script draws, with each built-in style."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedded.engine import Paint
from embedded.preview import paint
from repaint.styles import BUILT_IN
from repaint.ui.style_views import SHEET
from scripts import draw_styles

TOLERANCE = 7.0  # of 255: WebP loses a little, and another processor's arithmetic may round otherwise


def test_the_script_draws_what_the_list_shows() -> None:
    assert draw_styles.SHEET == SHEET


def test_each_built_in_style_has_its_example_on_the_sheet() -> None:
    sheet = Image.open(SHEET).convert("RGB")
    shown = [_pixels(sheet.crop(draw_styles.tile_box(number))) for number in range(len(BUILT_IN) + 1)]
    original = draw_styles.original()
    buffer = io.BytesIO()
    original.save(buffer, "PNG")
    drawn = [_pixels(original.resize(draw_styles.TILE))]
    for style in BUILT_IN:
        asked = draw_styles.request_of(style)
        done = paint(
            Paint(
                image=buffer.getvalue(),
                prompt=asked.prompt,
                negative_prompt=asked.negative_prompt,
                strength=asked.strength,
                guidance=asked.guidance,
                steps=asked.steps,
                seed=asked.seed,
            )
        )
        drawn.append(_pixels(Image.open(io.BytesIO(done)).convert("RGB").resize(draw_styles.TILE)))
    far = np.array([[np.abs(one - other).mean() for other in drawn] for one in shown])
    assert far.argmin(axis=1).tolist() == list(range(len(drawn))), "no example is another style's"
    assert far.diagonal().max() < TOLERANCE, "draw them anew: python -m scripts.draw_styles"


def _pixels(picture: Image.Image) -> NDArray[np.float32]:
    """Small, so that what WebP does to fine strokes and strong colours does not count."""
    return np.asarray(picture.resize((80, 60), Image.Resampling.BOX), np.float32)
