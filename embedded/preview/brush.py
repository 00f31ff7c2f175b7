"""Painting with strokes: many curved brush marks, from broad to fine, each in one colour.

The method is Hertzmann's ("Painterly rendering with curved brush strokes of multiple sizes", 1998): each
finer layer paints only where the canvas still differs from the picture, so that a face gets fine strokes and
a wall broad ones.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embedded.preview.filters import (
    Picture,
    Plane,
    Random,
    as_picture,
    blur,
    clouds,
    from_bytes,
    gradient,
    light_on,
    luma,
    to_bytes,
    unit,
    warp,
)

_FRACTION = 3  # OpenCV draws at positions with this many binary places


@dataclass(frozen=True, slots=True)
class Brushwork:
    """How a painter paints. Lengths are pixels at one megapixel."""

    widths: tuple[float, ...] = (26, 13, 6.5, 3.5)
    """Stroke widths, broad to fine."""
    tolerance: float = 0.055
    """How far the canvas may differ from the picture before a finer stroke is put there."""
    points: int = 6
    """Points of a stroke at most; it is about this many widths long."""
    wander: float = 0.15
    """How much of its own way a stroke goes where the picture has little direction."""
    swirl: float = 130
    """Size of the eddies of that own way."""
    colour_jitter: float = 0.03
    relief: float = 0.16
    """How thick the paint is: the light and shade on its ridges."""


def flow(picture: Picture, random: Random, work: Brushwork) -> tuple[Plane, Plane]:
    """Return the strokes' direction, a unit vector for each pixel: along edges, and in eddies elsewhere."""
    u = unit(picture, random)
    dx, dy = gradient(blur(luma(picture), 2.5 * u))
    # Angles are averaged doubled, since a stroke to the left is the same as one to the right.
    doubled = blur(np.dstack([dx * dx - dy * dy, 2 * dx * dy]), 7 * u)
    own = 1.6 * clouds(random, picture.shape, work.swirl * u, 2)
    scale = work.wander**2 * 0.004
    angle = 0.5 * np.arctan2(
        doubled[..., 1] - scale * np.sin(2 * own), doubled[..., 0] - scale * np.cos(2 * own)
    ) + np.float32(np.pi / 2)
    return as_picture(np.cos(angle)), as_picture(np.sin(angle))


def paint_strokes(picture: Picture, random: Random, work: Brushwork) -> Picture:
    """Return the picture painted with strokes, lit so that the paint looks thick."""
    u = unit(picture, random)
    height, width = picture.shape[:2]
    along_x, along_y = flow(picture, random, work)
    canvas = np.empty((height, width, 4), np.uint8)  # the fourth channel is the height of the paint
    canvas[..., :3] = to_bytes(blur(picture, 20 * u))
    canvas[..., 3] = 128
    for layer, broad in enumerate(work.widths):
        size = max(1.5, broad * u)
        step = 0.5 * size * work.points**0.5  # long strokes cover more, so fewer are needed
        reference = np.clip(blur(picture, 0.3 * size), 0, 1)
        difference = np.abs(reference - from_bytes(canvas[..., :3])).sum(-1)
        x, y = _starts(difference, step, random, 0 if layer == 0 else 3 * work.tolerance)
        if x.size == 0:
            continue
        paths, lengths, colours = _trace(reference, difference, (along_x, along_y), (x, y), size, work.points)
        shade = random.normal(0, work.colour_jitter, (len(x), 1)) + random.normal(
            0, work.colour_jitter / 2, (len(x), 3)
        )
        paint = np.empty((len(x), 4))
        paint[:, :3] = np.clip(colours * (1 + shade) + 0.3 * shade, 0, 1) * 255
        paint[:, 3] = 128 + random.uniform(-1, 1, len(x)) * 90 * min(1, (broad / work.widths[0]) ** 0.5)
        _draw(canvas, paths, lengths, paint, max(1, round(size)))
    painted = from_bytes(canvas[..., :3])
    paint_height = blur(from_bytes(canvas[..., 3]), 0.8 * u)
    bristles = _bristles(along_x, along_y, random, u)
    light = light_on(as_picture(paint_height + 0.16 * bristles), 3.5)
    return as_picture(
        painted * (1 + work.relief * light)[..., None] + (0.25 * work.relief * light)[..., None]
    )


def _starts(
    difference: Plane, step: float, random: Random, tolerance: float
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return where strokes start: in each cell of a grid whose mean difference is over the tolerance."""
    height, width = difference.shape
    rows, columns = max(1, int(height / step)), max(1, int(width / step))
    mean = cv2.resize(difference, (columns, rows), interpolation=cv2.INTER_AREA)
    row, column = np.nonzero(np.atleast_2d(mean) >= tolerance)
    order = random.permutation(len(row))
    row, column = row[order], column[order]
    y = (row + random.random(len(row))) * (height / rows)
    x = (column + random.random(len(row))) * (width / columns)
    return np.minimum(x, width - 1).astype(np.int32), np.minimum(y, height - 1).astype(np.int32)


def _trace(
    reference: Picture,
    difference: Plane,
    direction: tuple[Plane, Plane],
    start: tuple[NDArray[np.int32], NDArray[np.int32]],
    size: float,
    points: int,
) -> tuple[NDArray[np.float32], NDArray[np.int32], Picture]:
    """Follow the flow from each start; a stroke ends where its colour would make the canvas worse.

    Returns the paths (strokes, points, x and y), how many points of each count, and the colours.
    """
    height, width = difference.shape
    x, y = start[0].astype(np.float32), start[1].astype(np.float32)
    colours = reference[start[1], start[0]]
    paths = np.empty((len(x), points, 2), np.float32)
    paths[:, 0, 0], paths[:, 0, 1] = x, y
    lengths = np.ones(len(x), np.int32)
    alive = np.ones(len(x), bool)
    last_x = np.zeros_like(x)
    last_y = np.zeros_like(x)
    for point in range(1, points):
        column, row = x.astype(np.int32), y.astype(np.int32)
        step_x, step_y = direction[0][row, column], direction[1][row, column]
        turn = np.where(step_x * last_x + step_y * last_y < 0, np.float32(-1), np.float32(1))
        last_x, last_y = step_x * turn, step_y * turn
        x = np.clip(x + last_x * size, 0, width - 1)
        y = np.clip(y + last_y * size, 0, height - 1)
        column, row = x.astype(np.int32), y.astype(np.int32)
        worse = np.abs(reference[row, column] - colours).sum(-1) > 0.08 + difference[row, column]
        if point > 1:
            alive &= ~worse
        lengths += alive
        paths[:, point, 0], paths[:, point, 1] = x, y
    return paths, lengths, colours


def _draw(
    canvas: NDArray[np.uint8],
    paths: NDArray[np.float32],
    lengths: NDArray[np.int32],
    paint: NDArray[np.float64],
    thickness: int,
) -> None:
    fixed = np.round(paths * (1 << _FRACTION)).astype(np.int32)
    for path, length, colour in zip(fixed, lengths.tolist(), paint.tolist(), strict=True):
        cv2.polylines(canvas, [path[:length]], False, colour, thickness, cv2.LINE_AA, _FRACTION)


def _bristles(along_x: Plane, along_y: Plane, random: Random, u: float) -> Plane:
    """Return noise smeared along the flow, deviation 1: the marks of a brush's hairs."""
    marks = random.standard_normal(along_x.shape, dtype=np.float32)
    for reach in (1, 2, 4):  # each pass doubles the smear
        dx, dy = along_x * (1.6 * reach * u), along_y * (1.6 * reach * u)
        marks = as_picture((marks + warp(marks, dx, dy) + warp(marks, -dx, -dy)) / 3)
    return as_picture(marks / (marks.std() + 1e-6))
