"""Shapes in space, each told by how far points are from its surface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from scripts.samples.noise import lookup
from scripts.samples.values import Points, Values, Vector, column, dot, length

Shape = Callable[[Points], Values]
"""How far points are from a surface; negative inside."""


def sphere(radius: float) -> Shape:
    return lambda p: length(p) - np.float32(radius)


def ellipsoid(x: float, y: float, z: float) -> Shape:
    size = column((x, y, z))

    def shape(p: Points) -> Values:
        q = p / size
        k = length(q)
        return np.asarray(k * (k - 1) / np.maximum(length(q / size), 1e-6))

    return shape


def capsule(start: Vector, end: Vector, first: float, last: float | None = None) -> Shape:
    """A rod with round ends, of one radius or from one to another."""
    a, ab = column(start), column(end) - column(start)
    along = float((ab * ab).sum())
    last = first if last is None else last

    def shape(p: Points) -> Values:
        ap = p - a
        t = np.clip(dot(ap, ab) / along, 0, 1)
        return np.asarray(length(ap - ab * t) - (first + (last - first) * t))

    return shape


def box(x: float, y: float, z: float, edge: float = 0) -> Shape:
    """A box with these half sides and rounded edges."""
    half = column((x - edge, y - edge, z - edge))

    def shape(p: Points) -> Values:
        q = np.abs(p) - half
        outside = length(np.maximum(q, 0))
        return np.asarray(outside + np.minimum(q.max(0), 0) - edge)

    return shape


def torus(ring: float, tube: float) -> Shape:
    """A ring around the y axis."""
    return lambda p: np.hypot(np.hypot(p[0], p[2]) - ring, p[1]) - tube


Outline = Sequence[tuple[float, float]]
ROOM = 0.25  # around an outline, as far as distances to it are exact


def turned(outline: Outline, wall: float | None = None, cell: float = 0.0125) -> Shape:
    """A thing from a lathe: the (radius, height) outline turned around the y axis.

    With a wall, the outline is a line and the thing is as thick as that around it.
    """
    line = np.maximum(np.array(outline, np.float64), [0, -np.inf])
    low, high, wide = line[:, 1].min() - ROOM, line[:, 1].max() + ROOM, line[:, 0].max() + ROOM
    y, x = np.mgrid[low : high + cell : cell, -2 * cell : wide + cell : cell]
    if wall is None:
        # The axis is inside: the distance to it does not count.
        surface = [(a, b) for a, b in pairwise(line) if max(a[0], b[0]) > 1e-6]
        far = _away(surface, np.abs(x), y)
        signed = np.where(_within_outline(line, np.abs(x), y), -far, far)
    else:
        signed = _away(pairwise(line), np.abs(x), y) - wall
    table = cv2.GaussianBlur(signed.astype(np.float32), (0, 0), 2)  # no facets

    def shape(p: Points) -> Values:
        r = np.hypot(p[0], p[2])
        over = np.hypot(np.maximum(r - wide, 0), np.maximum(np.maximum(low - p[1], p[1] - high), 0))
        found = lookup(table, r / np.float32(cell) + 2, (p[1] - np.float32(low)) / np.float32(cell))
        return np.asarray(found + over, np.float32)

    return shape


def tube(outline: Outline, radius: float, cell: float = 0.0125) -> Shape:
    """A tube along a line in the plane of x and y."""
    line = np.array(outline, np.float64)
    room = ROOM + radius
    left, right = line[:, 0].min() - room, line[:, 0].max() + room
    low, high = line[:, 1].min() - room, line[:, 1].max() + room
    y, x = np.mgrid[low : high + cell : cell, left : right + cell : cell]
    table = _away(pairwise(line), x, y).astype(np.float32)

    def shape(p: Points) -> Values:
        aside = np.maximum(np.maximum(left - p[0], p[0] - right), 0)
        over = np.hypot(aside, np.maximum(np.maximum(low - p[1], p[1] - high), 0))
        column, row = (
            (p[0] - np.float32(left)) / np.float32(cell),
            (p[1] - np.float32(low)) / np.float32(cell),
        )
        return np.asarray(np.hypot(lookup(table, column, row) + over, p[2]) - radius, np.float32)

    return shape


def _away(pieces: Iterable[tuple[Values, Values]], x: Values, y: Values) -> Values:
    """How far points of the plane are from the nearest of the straight pieces."""
    far = np.full(x.shape, np.inf)
    for (x1, y1), (x2, y2) in pieces:
        along = max((x2 - x1) ** 2 + (y2 - y1) ** 2, 1e-12)
        t = np.clip(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / along, 0, 1)
        far = np.minimum(far, (x - x1 - t * (x2 - x1)) ** 2 + (y - y1 - t * (y2 - y1)) ** 2)
    return np.asarray(np.sqrt(far))


def _within_outline(line: Values, x: Values, y: Values) -> Values:
    inside = np.zeros(x.shape, bool)
    for (x1, y1), (x2, y2) in zip(line, np.roll(line, -1, 0), strict=True):
        if y1 != y2:
            inside ^= ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    return inside


def smooth(points: Sequence[tuple[float, float]], steps: int = 10) -> list[tuple[float, float]]:
    """Return a soft line through these points (Catmull and Rom's)."""
    p = np.array([points[0], *points, points[-1]], np.float64)
    line = []
    for i in range(1, len(p) - 2):
        a, b, c, d = p[i - 1 : i + 3]
        for t in np.linspace(0, 1, steps, endpoint=False):
            bent = (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
            line.append(0.5 * (2 * b + (c - a) * t + bent))
    return [(float(x), float(y)) for x, y in [*line, p[-1]]]


def smooth_in_space(points: Sequence[Vector], steps: int) -> list[Vector]:
    """Return a soft line through these points."""
    first = smooth([(x, y) for x, y, _ in points], steps)
    second = smooth([(x, z) for x, _, z in points], steps)
    return [(x, y, z) for (x, y), (_, z) in zip(first, second, strict=True)]


def bent_rod(start: Vector, bend: Vector, end: Vector, radius: float) -> Shape:
    """A rod along a quadratic Bézier curve."""
    t = np.linspace(0, 1, 9)[:, None]
    points = np.array(start) * (1 - t) ** 2 + np.array(bend) * 2 * t * (1 - t) + np.array(end) * t * t
    ends = [(x, y, z) for x, y, z in points.tolist()]
    return union(capsule(a, b, radius) for a, b in pairwise(ends))


def rotation(x: float = 0, y: float = 0, z: float = 0) -> Values:
    """Return a matrix that turns by these degrees around z, then x, then y."""
    ax, ay, az = np.radians([x, y, z])
    around_x = np.array([[1, 0, 0], [0, np.cos(ax), -np.sin(ax)], [0, np.sin(ax), np.cos(ax)]])
    around_y = np.array([[np.cos(ay), 0, np.sin(ay)], [0, 1, 0], [-np.sin(ay), 0, np.cos(ay)]])
    around_z = np.array([[np.cos(az), -np.sin(az), 0], [np.sin(az), np.cos(az), 0], [0, 0, 1]])
    return np.asarray(around_y @ around_x @ around_z, np.float32)


@dataclass(frozen=True)
class Place:
    """Where a thing is, how it is turned, and how large it is."""

    at: Vector
    turn: Values | None = None
    size: float = 1.0

    def local(self, p: Points) -> Points:
        q = p - column(self.at)
        if self.turn is not None:
            q = self.turn.T @ q
        return np.asarray(q / np.float32(self.size), np.float32)

    def out(self, p: Points) -> Points:
        """Where points of the thing's own space are."""
        return np.asarray(self.outward(p) * np.float32(self.size) + column(self.at), np.float32)

    def outward(self, directions: Points) -> Points:
        """Turn directions as the thing is turned."""
        return directions if self.turn is None else np.asarray(self.turn @ directions, np.float32)

    def inward(self, directions: Points) -> Points:
        return directions if self.turn is None else np.asarray(self.turn.T @ directions, np.float32)

    def put(self, shape: Shape) -> Shape:
        return lambda p: shape(self.local(p)) * np.float32(self.size)


def union(shapes: Iterable[Shape], soft: float = 0) -> Shape:
    """Shapes as one, with rounded seams of about this size."""
    parts = list(shapes)

    def shape(p: Points) -> Values:
        result = parts[0](p)
        for part in parts[1:]:
            result = joined(result, part(p), soft)
        return result

    return shape


def joined(a: Values, b: Values, soft: float) -> Values:
    if soft == 0:
        return np.asarray(np.minimum(a, b))
    h = np.maximum(soft - np.abs(a - b), 0) / soft
    return np.asarray(np.minimum(a, b) - h * h * (soft / 4))


@dataclass(frozen=True)
class Part:
    """One of several shapes that are joined, and a sphere that holds it."""

    shape: Shape
    soft: float
    """How softly it is joined to those before it."""
    centre: Vector
    radius: float


def cluster(parts: Sequence[Part]) -> Shape:
    """Parts as one. Of those that are far from all points asked for, none is looked at."""
    centres = np.array([one.centre for one in parts], np.float32)
    radii = np.array([one.radius for one in parts], np.float32)
    soft = np.array([one.soft for one in parts], np.float32)

    def shape(p: Points) -> Values:
        if not p.shape[1]:
            return np.zeros(0, np.float32)
        middle = (p.min(1) + p.max(1)) / 2
        spread = float(length(p - middle[:, None]).max())
        away = np.sqrt(((centres - middle) ** 2).sum(1))
        nearest = (away + spread).min()
        first, *others = [
            parts[number] for number in np.flatnonzero(away - spread - radii <= nearest + soft).tolist()
        ]
        d = first.shape(p)
        for one in others:
            d = joined(d, one.shape(p), one.soft)
        return d

    return shape
