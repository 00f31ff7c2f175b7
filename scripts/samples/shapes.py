"""Flat shapes and noise, painted one over the other.

All coordinates are in pixels of the finished picture.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SCALE = 2
"""The picture is drawn this much larger, and scaled down at the end."""

Canvas = NDArray[Any]
"""float32, (height, width, 3), RGB, 0 to 255, at SCALE times the size."""
Colour = tuple[float, float, float]
Point = tuple[float, float]


def cloudy(shape: tuple[int, int], cell: Point, seed: int, octaves: int = 5) -> Canvas:
    """Return smooth noise, about -1 to 1, with bumps of (width, height) `cell` pixels."""
    random = np.random.default_rng(seed)
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        wide, high = (max(side * SCALE / 2**octave, 2) for side in cell)
        grid = random.standard_normal((int(shape[0] / high) + 3, int(shape[1] / wide) + 3), np.float32)
        total += cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC) * 0.55**octave
    return np.asarray(total / total.std() / 2, np.float32)


def ramp(position: Canvas, stops: list[tuple[float, Colour]]) -> Canvas:
    """Colour positions (any shape) by stops of (position, colour)."""
    at = [stop[0] for stop in stops]
    return np.stack([np.interp(position, at, [stop[1][c] for stop in stops]) for c in range(3)], -1).astype(
        np.float32
    )


def blend(canvas: Canvas, mask: Canvas, colour: Canvas | Colour) -> None:
    """Paint `colour` where `mask` (0 to 1) says so."""
    canvas += (np.asarray(colour, np.float32) - canvas) * mask[..., None]


def polygon(canvas: Canvas, points: list[Point], colour: Colour) -> None:
    cv2.fillPoly(canvas, [np.array([[x * SCALE, y * SCALE] for x, y in points], np.int32)], colour)


def ellipse(canvas: Canvas, centre: Point, size: Point, colour: Colour, turn: float = 0) -> None:
    """Fill an ellipse with these half axes, turned by degrees."""
    middle = round(centre[0] * SCALE), round(centre[1] * SCALE)
    axes = max(1, round(size[0] * SCALE)), max(1, round(size[1] * SCALE))
    cv2.ellipse(canvas, middle, axes, turn, 0, 360, colour, -1)


def line(canvas: Canvas, points: list[Point], width: float, colour: Colour) -> None:
    path = np.array([[x * SCALE, y * SCALE] for x, y in points], np.int32)
    cv2.polylines(canvas, [path], False, colour, max(1, round(width * SCALE)))


def curve(*points: Point, steps: int = 24) -> list[Point]:
    """Return points on the Bézier curve with these control points."""
    control = np.array(points, np.float64)
    result = []
    for t in np.linspace(0, 1, steps):
        level = control
        while len(level) > 1:
            level = level[:-1] * (1 - t) + level[1:] * t
        result.append((float(level[0][0]), float(level[0][1])))
    return result


def grid(canvas: Canvas) -> tuple[Canvas, Canvas]:
    """Return the x and y of each pixel, in final pixels."""
    height, width = canvas.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / SCALE
    return x, y
