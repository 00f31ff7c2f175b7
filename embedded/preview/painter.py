"""One request, painted: the plan's styles and moods over the picture, blended by strength and guidance."""

import math
from dataclasses import dataclass

import numpy as np

from embedded.engine import Paint
from embedded.preview.blend import blend, freedom
from embedded.preview.filters import Picture, Random, as_picture, clip, clouds, mix, saturate, unit, warp
from embedded.preview.moods import MOODS, tint
from embedded.preview.picture import decode, encode
from embedded.preview.styles import OWN_COLOURS, PIECES, STYLES
from embedded.preview.words import Plan, plan


def paint(request: Paint) -> bytes:
    """Return the repainted picture as PNG, in the size of the input (at most 1.5 megapixels).

    The same request gives the same bytes, in any process. `steps` is ignored: nothing here is iterative.
    Raises EngineError if the input cannot be read or the result has values that are not finite.
    """
    picture = decode(request.image)
    todo = plan(request.prompt, request.negative_prompt)
    target = repaint(picture, todo, request.seed, request.strength)
    return encode(blend(picture, target, request.strength, request.guidance))


@dataclass(frozen=True, slots=True)
class Temper:
    """How one seed paints: what makes several samples of a style differ beyond where strokes lie."""

    breadth: float
    """Of strokes and pieces: 1 is usual."""
    warmth: float
    """From -1, cool, to 1, warm."""
    saturation: float
    contrast: float


def temper(random: Random) -> Temper:
    """Draw a temper. Its bounds keep every style recognisable and every colour believable."""
    return Temper(
        breadth=math.exp(random.uniform(-0.22, 0.28)),
        warmth=random.uniform(-1, 1),
        saturation=random.uniform(0.82, 1.2),
        contrast=random.uniform(-0.12, 0.18),
    )


def repaint(picture: Picture, todo: Plan, seed: int, strength: float = 0.7) -> Picture:
    """Return the picture wholly in the plan's styles and moods, the freer the higher the strength."""
    own = temper(Random(seed % 2**64))
    free = freedom(strength)
    random = Random(seed % 2**64, own.breadth * (1 + 0.7 * free), strength)
    moods = [MOODS[name] for name in todo.moods]
    tints = [tint(colour, 0.65 if todo.understood else 0.2 + 0.25 * free) for colour in todo.tints]
    after = bool(OWN_COLOURS & set(todo.styles))
    painted = vary(picture, random, free)
    for mood in () if after else (*moods, *tints):
        painted = clip(mood(painted, random))
    styles = sorted(todo.styles, key=lambda name: name in PIECES)
    for number, name in enumerate(styles):
        styled = clip(STYLES[name](painted, random))
        painted = styled if number == 0 or name in PIECES else mix(painted, styled, 0.5)
    for mood in (*moods, *tints) if after else ():
        painted = mix(painted, clip(mood(painted, random)), 0.75)
    return toned(painted, own, free, grey="noir" in todo.moods)


def vary(picture: Picture, random: Random, free: float) -> Picture:
    """Return the picture a little bent and toned, so that each seed gives another one in every style."""
    u = unit(picture)
    reach = (3.5 + 6 * free) * u
    dx, dy = (reach * clouds(random, picture.shape, 240 * u, 2) for _ in range(2))
    tone = random.normal(1, 0.025, 3).astype(np.float32)
    return clip(warp(picture, dx, dy) * tone)


def toned(picture: Picture, own: Temper, free: float, *, grey: bool) -> Picture:
    """Return the picture in the seed's palette, its colours and contrast stronger the freer it is painted.

    `grey` keeps a black and white picture without colour.
    """
    contrast = own.contrast + 0.35 * free
    curved = picture + contrast * picture * (1 - picture) * (2 * picture - 1)  # black, grey and white stay
    if grey:
        return clip(curved)
    warm = np.array([1 + 0.055 * own.warmth, 1, 1 - 0.075 * own.warmth], np.float32)
    return clip(as_picture(saturate(as_picture(curved), own.saturation * (1 + 0.25 * free)) * warm))
