"""Filters that the styles share.

A picture is a float32 array of shape (height, width, 3), RGB, 0 to 1; a plane has the shape (height, width).
Types cannot say so much, and call both an array. Lengths are in pixels of a one-megapixel picture: multiply
them by `unit`, so that a style looks the same at any size.
"""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Picture = NDArray[Any]
Plane = NDArray[Any]
Colour = tuple[float, float, float]


class Random(np.random.Generator):
    """The chance in a picture, random numbers from a seed; and how the picture is worked."""

    def __init__(self, seed: int, breadth: float = 1.0, strength: float = 1.0) -> None:
        super().__init__(np.random.PCG64(seed))
        self.breadth = breadth
        """What the sizes of strokes, washes, dots and pieces are multiplied by."""
        self.strength = strength
        """The request's strength, for what must not show half transparent at a middle one."""


def as_picture(array: ArrayLike) -> Picture:
    """Return float32, the type that all of this is computed in; copies nothing that has it already."""
    return np.asarray(array, np.float32)


def rgb(red: float, green: float, blue: float) -> NDArray[np.float32]:
    """Return a colour, or three factors, that spread over a picture."""
    return np.array([red, green, blue], np.float32)


def to_bytes(picture: Picture) -> NDArray[np.uint8]:
    """Return the picture, or plane, in whole steps from 0 to 255."""
    return np.asarray(np.clip(picture, 0, 1) * 255 + 0.5, np.uint8)


def from_bytes(pixels: NDArray[Any]) -> Picture:
    """Return whole steps from 0 to 255 as a picture, or plane."""
    return as_picture(pixels * np.float32(1 / 255))


def unit(picture: Picture, random: Random | None = None) -> float:
    """Return the length that is one pixel at 1024×1024, times the breadth of `random` if given."""
    breadth = 1.0 if random is None else random.breadth
    return breadth * math.sqrt(picture.shape[0] * picture.shape[1]) / 1024


def clip(picture: Picture) -> Picture:
    return as_picture(np.clip(picture, 0, 1))


def luma(picture: Picture) -> Plane:
    """Return the brightness of each pixel (Rec. 601 weights)."""
    return as_picture(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def grey(plane: Plane) -> Picture:
    """Return a plane as a picture without colour."""
    return as_picture(cv2.cvtColor(plane, cv2.COLOR_GRAY2RGB))


def smoothstep(x: Plane, low: float, high: float) -> Plane:
    """Return 0 below `low`, 1 above `high`, and a soft step between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return as_picture(t * t * (3 - 2 * t))


def mix(a: Picture, b: Picture | Plane | Colour | float, amount: Plane | float) -> Picture:
    """Blend from `a` (amount 0) to `b` (amount 1); a plane of amounts spreads over the channels."""
    b = as_picture(np.asarray(b, np.float32))
    if isinstance(amount, np.ndarray) and amount.ndim < a.ndim:
        amount = amount[..., None]
    return as_picture(a + (b - a) * amount)


def screen(a: Picture, b: Picture) -> Picture:
    """Add light: the inverse of multiplying the inverses."""
    return as_picture(1 - (1 - clip(a)) * (1 - clip(b)))


def saturate(picture: Picture, factor: float) -> Picture:
    """Scale the distance of each pixel from its grey."""
    return mix(grey(luma(picture)), picture, factor)


def stretch(picture: Picture, low: float = 1, high: float = 99) -> Picture:
    """Stretch the brightness so that these percentiles become black and white.

    A picture of little contrast is stretched less, and one of none keeps its colour: its noise is no subject.
    """
    black, white = (float(x) for x in np.percentile(luma(picture)[::4, ::4], [low, high]))
    amount = min((white - black) / 0.3, 1)
    return clip((picture - black * amount) / (1 - amount * (1 - (white - black))))


def blur(array: Picture, sigma: float) -> Picture:
    """Gaussian blur. A wide one is made on a smaller picture: it holds no fine detail, and costs little."""
    if sigma < 0.25:
        return array
    height, width = array.shape[:2]
    factor = min(int(sigma / 3), height // 4, width // 4)
    if factor < 2:
        return as_picture(cv2.GaussianBlur(array, (0, 0), sigma, borderType=cv2.BORDER_REFLECT))
    small = cv2.resize(array, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REFLECT)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    # Without this, the grid of the small picture shows in slopes and reliefs.
    return as_picture(cv2.GaussianBlur(large, (0, 0), factor / 2, borderType=cv2.BORDER_REFLECT))


def gradient(plane: Plane) -> tuple[Plane, Plane]:
    """Return the slopes along x and y, per pixel."""
    return (
        as_picture(cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=1 / 8)),
        as_picture(cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=1 / 8)),
    )


def guided(picture: Picture, radius: float, softness: float) -> Picture:
    """Smooth and keep the edges (He et al.'s guided filter); `softness` is the variance of a flat area."""
    return as_picture(cv2.ximgproc.guidedFilter(picture, picture, max(1, round(radius)), softness))


def kuwahara(picture: Picture, radius: float, sharpness: int = 4) -> Picture:
    """Flat daubs with crisp edges: each pixel takes the mean of the calmest of four windows around it.

    The choice is soft (a weighted mean with weights falling as the variance to the power of `sharpness`),
    which avoids the blocks of the original filter.
    """
    reach = max(1, round(radius / 2))
    window = 2 * reach + 1
    light = luma(picture)
    moments = np.dstack([picture, light, light * light])
    moments = np.pad(moments, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    means = cv2.boxFilter(moments, -1, (window, window))
    height, width = light.shape
    total = np.zeros_like(picture)
    weights = np.zeros((height, width, 1), np.float32)
    for top in (0, 2 * reach):
        for left in (0, 2 * reach):
            corner = means[top : top + height, left : left + width]
            variance = np.maximum(corner[..., 4:] - corner[..., 3:4] ** 2, 0)
            calm = 1e-3 / (1e-3 + variance)
            weight = calm**sharpness
            total += weight * corner[..., :3]
            weights += weight
    return as_picture(total / np.maximum(weights, 1e-12))


def ink_lines(
    plane: Plane, width: float, threshold: float, contrast: float = 16, hardness: float = 9
) -> Plane:
    """Return 1 for paper, 0 for ink (Winnemöller's extended difference of Gaussians).

    `width` is the line width in pixels, `contrast` how much edges count against plain brightness, `threshold`
    the brightness under which a calm area turns to ink.
    """
    sharpened = (1 + contrast) * blur(plane, width) - contrast * blur(plane, 1.6 * width)
    return as_picture(
        np.where(sharpened >= threshold, 1, 1 + np.tanh(hardness * (sharpened - threshold))).clip(0, 1)
    )


def noise(random: Random, shape: Sequence[int], cell: float) -> Plane:
    """Return smooth noise around 0 with bumps about `cell` pixels wide."""
    height, width = shape[:2]
    rows, columns = max(2, int(height / cell) + 2), max(2, int(width / cell) + 2)
    grid = random.standard_normal((rows, columns), dtype=np.float32)
    if cell <= 1:
        return grid[:height, :width]
    return as_picture(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC))


def clouds(random: Random, shape: Sequence[int], cell: float, octaves: int = 4) -> Plane:
    """Return fractal noise, mean about 0 and deviation 1, whose largest bumps are `cell` pixels wide."""
    total = sum(noise(random, shape, max(cell / 2**o, 1.01)) * 0.6**o for o in range(octaves))
    plane = as_picture(np.asarray(total))
    return as_picture(plane / (plane.std() + 1e-6))


def warp(array: Picture, dx: Plane, dy: Plane) -> Picture:
    """Take each pixel from (x + dx, y + dy)."""
    height, width = array.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return as_picture(cv2.remap(array, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def ramp(plane: Plane, stops: Sequence[Colour]) -> Picture:
    """Colour a plane by brightness: `stops` are evenly spaced from 0 to 1."""
    at = np.linspace(0, 1, 1024)
    table = np.stack(
        [np.interp(at, np.linspace(0, 1, len(stops)), [stop[c] for stop in stops]) for c in range(3)], -1
    )
    index = np.clip(plane * 1023, 0, 1023).astype(np.int32)
    return as_picture(table.astype(np.float32)[index])


def coordinates(picture: Picture) -> tuple[Plane, Plane]:
    """Return x and y from -1 to 1 as a row and a column that broadcast over the picture."""
    height, width = picture.shape[:2]
    return (
        np.linspace(-1, 1, width, dtype=np.float32)[None, :],
        np.linspace(-1, 1, height, dtype=np.float32)[:, None],
    )


def vignette(picture: Picture, amount: float) -> Picture:
    """Darken the corners."""
    x, y = coordinates(picture)
    return as_picture(picture * (1 - amount * smoothstep(np.hypot(x, y), 0.5, 1.5))[..., None])


def paper(random: Random, picture: Picture, roughness: float) -> Picture:
    """Multiply by the grain of paper."""
    grain = clouds(random, picture.shape, max(2.2, 2.6 * unit(picture)), 3)
    return as_picture(picture * (1 + roughness * grain)[..., None])


def light_on(height: Plane, steepness: float) -> Plane:
    """Return how much a relief lit from the top left brightens (+) or shades (-) each pixel."""
    dx, dy = gradient(height)
    return as_picture(np.tanh(steepness * (dx + dy)))


def glow(picture: Picture, random: Random, spread: float) -> Plane:
    """Return light that falls in from an upper corner, 1 there and fading across the picture."""
    x, y = coordinates(picture)
    side = random.choice((-1, 1)) * random.uniform(0.6, 1.1)
    distance = (x - side) ** 2 + (y + random.uniform(0.9, 1.2)) ** 2
    return as_picture(np.exp(-distance / (2 * spread**2)))


def dots(
    picture: Picture, random: Random, per_megapixel: int, radius: float, *, softer: bool = False
) -> Plane:
    """Return round dots of varied size and brightness at random places, 0 to 1."""
    height, width = picture.shape[:2]
    dots = np.zeros((height, width), np.uint8)
    number = max(1, per_megapixel)  # a number for each picture, whatever its size: lengths scale with it
    centres = random.random((number, 2)) * (width, height)
    sizes = np.maximum(radius * random.uniform(0.6, 1.5, number), 0.5)
    lights = random.uniform(60 if softer else 130, 160 if softer else 255, number)
    for centre, size, light in zip(
        (centres * 16).astype(int).tolist(), (sizes * 16).astype(int).tolist(), lights.tolist(), strict=True
    ):
        cv2.circle(dots, centre, size, light, -1, cv2.LINE_AA, 4)
    return from_bytes(dots)
