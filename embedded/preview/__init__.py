"""The preview engine: a stand-in for an image model that runs on any processor. Not Stable Diffusion.

It restyles the picture that it is given with filters chosen by the prompt's words. It understands styles,
moods and colours (see `words`), never adds an object, and answers an unknown prompt with a painting in a tint
of its own.
"""

import numpy as np

from embedded.engine import Paint
from embedded.preview.blend import blend
from embedded.preview.filters import Picture, Random, clip, clouds, mix, unit, warp
from embedded.preview.moods import MOODS, tint
from embedded.preview.picture import decode, encode
from embedded.preview.styles import OWN_COLOURS, PIECES, STYLES
from embedded.preview.words import Plan, plan

__all__ = ["paint"]


def paint(request: Paint) -> bytes:
    """Return the repainted picture as PNG, in the size of the input (at most 1.5 megapixels).

    The same request gives the same bytes, in any process. `steps` is ignored: nothing here is iterative.
    Raises EngineError if the input cannot be read or the result has values that are not finite.
    """
    picture = decode(request.image)
    todo = plan(request.prompt, request.negative_prompt)
    random = np.random.default_rng(request.seed % 2**64)
    target = repaint(picture, todo, random)
    return encode(blend(picture, target, request.strength, request.guidance))


def repaint(picture: Picture, todo: Plan, random: Random) -> Picture:
    """Return the picture wholly in the plan's styles and moods."""
    moods = [MOODS[name] for name in todo.moods]
    tints = [tint(colour, 0.65 if todo.understood else 0.2) for colour in todo.tints]
    after = bool(OWN_COLOURS & set(todo.styles))
    painted = vary(picture, random)
    for mood in () if after else (*moods, *tints):
        painted = clip(mood(painted, random))
    styles = sorted(todo.styles, key=lambda name: name in PIECES)
    for number, name in enumerate(styles):
        styled = clip(STYLES[name](painted, random))
        painted = styled if number == 0 or name in PIECES else mix(painted, styled, 0.5)
    for mood in (*moods, *tints) if after else ():
        painted = mix(painted, clip(mood(painted, random)), 0.75)
    return clip(painted)


def vary(picture: Picture, random: Random) -> Picture:
    """Return the picture a little bent and toned, so that each seed gives another one in every style."""
    u = unit(picture)
    dx, dy = (3.5 * u * clouds(random, picture.shape, 240 * u, 2) for _ in range(2))
    tone = random.normal(1, 0.025, 3).astype(np.float32)
    return clip(warp(picture, dx, dy) * tone)
