"""The styles by the names in `words.STYLES`."""

from collections.abc import Callable

from embedded.preview.filters import Picture, Random
from embedded.preview.styles.cells import cubist, low_poly, mosaic, stained_glass
from embedded.preview.styles.drawing import charcoal, coloured_pencil, engraving, pencil
from embedded.preview.styles.graphic import anime, art_deco, comic, graffiti, pop_art, ukiyo_e
from embedded.preview.styles.objects import bricks, clay, neon, pixel, toy, vintage
from embedded.preview.styles.painting import impressionist, oil, painterly, pointillism, van_gogh, watercolour

Style = Callable[[Picture, Random], Picture]

STYLES: dict[str, Style] = {
    style.__name__: style
    for style in (
        anime, art_deco, bricks, charcoal, clay, coloured_pencil, comic, cubist, engraving, graffiti,
        impressionist, low_poly, mosaic, neon, oil, painterly, pencil, pixel, pointillism, pop_art,
        stained_glass, toy, ukiyo_e, van_gogh, vintage, watercolour,
    )
}  # fmt: skip

OWN_COLOURS = frozenset({"art_deco", "charcoal", "engraving", "neon", "pencil", "pop_art", "vintage"})
"""Styles that replace the colours: a mood is laid over their result, it would be lost under them."""

PIECES = frozenset({"bricks", "cubist", "low_poly", "mosaic", "pixel", "stained_glass"})
"""Styles made of pieces: of two styles they come last, since another one would blur the pieces."""
