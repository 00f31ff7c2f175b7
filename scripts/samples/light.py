"""Colours as light, and back: sums of light are computed in linear values, pictures are sRGB."""

import numpy as np
from numpy.typing import NDArray

from scripts.samples.values import Points, Values, column

Pixels = NDArray[np.uint8]
"""A picture: (height, width, 3), RGB."""


def light_of(red: float, green: float, blue: float) -> Points:
    """Return an sRGB colour, 0 to 255, as light."""
    return np.asarray((column((red, green, blue)) / 255) ** 2.2, np.float32)


def shown(light: Points, exposure: float = 1.0) -> Points:
    """Return light as sRGB, 0 to 255, with soft highlights as on film."""
    x = np.maximum(light, 0) * np.float32(exposure)
    film = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)
    return np.asarray(np.clip(film, 0, 1) ** np.float32(1 / 2.2) * 255, np.float32)


Stop = tuple[float, tuple[float, float, float]]


def colours(position: Values, *stops: Stop) -> Points:
    """Return light by stops of (position, sRGB)."""
    at = [stop[0] for stop in stops]
    ends = [light_of(*stop[1]) for stop in stops]
    return np.stack([np.interp(position, at, [end[c, 0] for end in ends]) for c in range(3)]).astype(
        np.float32
    )


def opened(openness: Values, colour: Points) -> Points:
    """Return how much light reaches corners of this colour, which throw it to and fro."""
    a, b, c = 2.0404 * colour - 0.3324, -4.7951 * colour + 0.6417, 2.7552 * colour + 0.6903
    return np.asarray(np.maximum(openness, ((openness * a + b) * openness + c) * openness), np.float32)


def pixels(picture: Values) -> Pixels:
    """Return a picture of sRGB colours as whole numbers."""
    return np.asarray(np.clip(picture, 0, 255) + 0.5, np.uint8)
