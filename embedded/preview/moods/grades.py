"""Plain changes of colour, brightness and sharpness."""

from collections.abc import Callable

import numpy as np

from embedded.preview.filters import (
    Colour,
    Picture,
    Random,
    as_picture,
    blur,
    clip,
    luma,
    mix,
    ramp,
    rgb,
    saturate,
    stretch,
    unit,
    vignette,
)

Mood = Callable[[Picture, Random], Picture]


def tint(colour: Colour, amount: float = 0.65) -> Mood:
    """Return a mood that draws everything toward one colour and keeps the brightness."""
    full = np.array(colour)
    stops = [tuple(full * 0.08), tuple(full * 0.75), tuple(full + (1 - full) * 0.75)]

    def tinted(picture: Picture, random: Random) -> Picture:
        return mix(picture, ramp(luma(picture), stops), amount + random.uniform(-0.04, 0.04))

    return tinted


def pastel(picture: Picture, random: Random) -> Picture:  # noqa: ARG001
    return as_picture(clip(saturate(picture, 1.15)) * 0.58 + rgb(0.42, 0.40, 0.42))


def vivid(picture: Picture, random: Random) -> Picture:  # noqa: ARG001
    return saturate(stretch(picture, 0.5, 99.5), 1.6)


def muted(picture: Picture, random: Random) -> Picture:  # noqa: ARG001
    return as_picture(saturate(picture, 0.45) * 0.86 + 0.08)


def bright(picture: Picture, random: Random) -> Picture:  # noqa: ARG001
    return as_picture(clip(picture) ** 0.68)


def dark(picture: Picture, random: Random) -> Picture:  # noqa: ARG001
    return vignette(as_picture(clip(picture) ** 1.6), 0.3)


def sharp(picture: Picture, random: Random) -> Picture:  # noqa: ARG001
    u = unit(picture)
    return clip(
        picture
        + (picture - blur(picture, max(1.2 * u, 0.5))) * 0.9
        + (picture - blur(picture, 12 * u)) * 0.25
    )


def soft(picture: Picture, random: Random) -> Picture:  # noqa: ARG001
    return blur(picture, max(0.6, 3.0 * unit(picture)))
