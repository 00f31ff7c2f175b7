"""Rays of light among solid things: what they meet, where shadows fall, how dim corners are.

A ray is followed in steps as long as the distance to the surface, until it hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scripts.samples.solids import Shape
from scripts.samples.values import Points, Values, Vector, column, dot, length, unit

CHUNK = 8192  # rays at a time; they lie near each other
FAR = 1e6
STEPS = 60


@dataclass(frozen=True)
class Solid:
    shape: Shape
    centre: Vector
    radius: float
    """Of a sphere around the centre that holds it."""
    patience: float = 1.0
    half: Vector | None = None
    """Of a box along the axes, that is met without steps."""
    """Part of the distance that a step may safely go."""


@dataclass(frozen=True)
class Camera:
    """Looks from one point at another. `zoom` is the picture's half height at distance 1, inverted."""

    eye: Vector
    target: Vector
    zoom: float
    wide: int
    high: int

    def axes(self) -> tuple[Values, Values, Values]:
        """Right, up, forward."""
        forward = np.array(self.target, np.float64) - np.array(self.eye)
        forward /= np.linalg.norm(forward)
        right = np.cross([0.0, 1.0, 0.0], forward)
        right /= np.linalg.norm(right)
        return right, np.cross(forward, right), forward

    def rays(self, x: Values, y: Values) -> Points:
        """Directions through points of the picture, in pixels from its upper left corner."""
        right, up, forward = self.axes()
        across = (x - self.wide / 2) / (self.high / 2) / self.zoom
        upward = -(y - self.high / 2) / (self.high / 2) / self.zoom
        rays = right[:, None] * across + up[:, None] * upward + forward[:, None]
        return unit(rays.astype(np.float32))

    def project(self, p: Points) -> tuple[Values, Values, Values]:
        """Return the column and row where points are seen, and how deep they lie."""
        q = p - column(self.eye)
        right, up, forward = (np.asarray(axis, np.float32)[:, None] for axis in self.axes())
        depth = np.maximum(dot(q, forward), 1e-3)
        scale = self.zoom * self.high / 2 / depth
        return self.wide / 2 + dot(q, right) * scale, self.high / 2 - dot(q, up) * scale, depth


@dataclass(frozen=True)
class Hits:
    """What each pixel's ray meets first."""

    distance: Values
    which: Values
    """The number of the solid; -1 where there is none."""


def look(origin: Points, rays: Points, solids: Sequence[Solid]) -> Hits:
    """Follow rays, from one point or from one each, to what they meet first."""
    distance = np.full(rays.shape[1], FAR, np.float32)
    which = np.full(distance.shape, -1, np.int16)
    centres, radii = _spheres(solids)
    for start in range(0, rays.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        some, eye = rays[:, part], origin if origin.shape[1] == 1 else origin[:, part]
        for number in _ahead(centres, radii, eye, some):
            solid = solids[number]
            found = meet(solid, eye, some, distance[part])
            nearer = found < distance[part]
            distance[part][nearer] = found[nearer]
            which[part][nearer] = number
    return Hits(distance, which)


def _spheres(solids: Sequence[Solid]) -> tuple[Points, Values]:
    """The spheres that hold solids."""
    centres = np.array([solid.centre for solid in solids], np.float32).reshape(-1, 3).T
    return centres, np.array([solid.radius for solid in solids], np.float32)


def _ahead(centres: Points, radii: Values, eye: Points, rays: Points) -> list[int]:
    """Which of these spheres any of the rays may meet."""
    ahead = unit(rays.mean(1, keepdims=True))
    angle = np.arccos(np.clip(dot(rays, ahead).min(), -1, 1))
    middle, spread = _around(eye)
    to, radii = centres - middle, radii + spread
    far = np.maximum(length(to), 1e-9)
    off = np.arccos(np.clip(dot(to / far, ahead), -1, 1))
    return np.flatnonzero((far <= radii) | (off <= angle + np.arcsin(np.minimum(radii / far, 1)))).tolist()


def _around(p: Points) -> tuple[Points, float]:
    """The middle and the radius of a sphere that holds points."""
    middle = (p.min(1, keepdims=True) + p.max(1, keepdims=True)) / 2
    return middle, float(length(p - middle).max())


def meet(solid: Solid, origin: Points, rays: Points, limit: Values) -> Values:
    """Return how far along rays a solid is met, if before the limit, or FAR."""
    middle = column(solid.centre) - origin
    if solid.half is not None:
        return _meet_box(middle, column(solid.half), rays, limit)
    along = dot(middle, rays)
    inner = solid.radius**2 - (dot(middle, middle) - along**2)
    result = np.full(rays.shape[1], FAR, np.float32)
    half = np.sqrt(np.maximum(inner, 0))
    live = np.flatnonzero((inner > 0) & (along + half > 0) & (along - half < limit))
    if not len(live):
        return result
    if origin.shape[1] > 1:
        origin = origin[:, live]
    ray, t = rays[:, live], np.maximum(along - half, 0)[live]
    end = np.minimum(along + half, limit)[live]
    for _ in range(STEPS):
        d = solid.shape(origin + ray * t) * np.float32(solid.patience)
        t = t + d
        close = np.abs(d) < 2e-4 * t + 1e-4
        result[live[close]] = t[close]
        going = ~close & (t < end)
        if not going.any():
            return result
        if going.mean() < 0.8:
            live, ray, t, end, d = live[going], ray[:, going], t[going], end[going], d[going]
            origin = origin[:, going] if origin.shape[1] > 1 else origin
        else:
            end = np.where(going, end, -1)
    left = (end > 0) & (np.abs(d) < 0.01)  # grazing
    result[live[left]] = t[left]
    return result


def _meet_box(middle: Points, half: Points, rays: Points, limit: Values) -> Values:
    slow = np.where(np.abs(rays) < 1e-6, 1e-6, rays)
    enters = ((middle - np.sign(slow) * half) / slow).max(0)
    leaves = ((middle + np.sign(slow) * half) / slow).min(0)
    return np.where((enters < leaves) & (enters > 0) & (enters < limit), enters, FAR).astype(np.float32)


def normals(solid: Solid, p: Points, reach: float = 0.004) -> Points:
    total = np.zeros_like(p)
    for corner in ((1.0, -1.0, -1.0), (-1.0, -1.0, 1.0), (-1.0, 1.0, -1.0), (1.0, 1.0, 1.0)):
        total += column(corner) * solid.shape(p + column(corner) * np.float32(reach))
    return unit(total)


def shadow(solids: Sequence[Solid], p: Points, ray: Vector, sharp: float) -> Values:
    """Return how much of a far light of some width is seen from points: 0 to 1.

    `sharp` is how far away the light would be if it were of radius 1.
    """
    light = np.ones(p.shape[1], np.float32)
    direction = column(ray)
    centres, radii = _spheres(solids)
    for first in range(0, p.shape[1], CHUNK):
        part = slice(first, first + CHUNK)
        points = p[:, part]
        middle, spread = _around(points)
        to = centres - middle
        along = dot(to, direction)
        aside, reach = length(to - direction * along), spread + radii
        near = (along >= -reach) & (aside <= reach + np.maximum(along + spread, 0) / sharp)
        for solid in (solids[number] for number in np.flatnonzero(near).tolist()):
            light[part] = np.minimum(light[part], _past(solid, points, direction, sharp))
    return light


def _past(solid: Solid, p: Points, ray: Points, sharp: float) -> Values:
    to = column(solid.centre) - p
    along = dot(to, ray)
    aside = np.sqrt(np.maximum(dot(to, to) - along**2, 0))
    near = np.flatnonzero((aside < solid.radius + np.maximum(along, 0) / sharp) & (along > -solid.radius))
    light = np.ones(p.shape[1], np.float32)
    if len(near):
        light[near] = _shade(solid, p[:, near], ray, sharp, along[near])
    return light


def _shade(solid: Solid, p: Points, ray: Points, sharp: float, along: Values) -> Values:
    reach = solid.radius * 1.5
    t = np.maximum(along - reach, 0.03)
    end = along + reach
    worst = np.ones(p.shape[1], np.float32)
    live = np.arange(p.shape[1])
    for _ in range(24):
        d = solid.shape(p + ray * t)
        seen = 0.5 + 0.5 * sharp * d / t  # as much as is seen past an edge across the light's middle
        worst[live] = np.minimum(worst[live], np.clip(seen, 0, 1))
        t = t + np.clip(d * 0.9, 0.02, 0.4 * reach)
        going = (t < end) & (worst[live] > 0)
        if not going.any():
            break
        live, p, t, end = live[going], p[:, going], t[going], end[going]
    return np.asarray(worst * worst * (3 - 2 * worst))


def openness(
    solids: Sequence[Solid], p: Points, n: Points, ground: Shape | None = None, reach: float = 1.0
) -> Values:
    """Return how open the surroundings of surface points are: 1 in the open, less in corners."""
    heights = [reach * share for share in (0.06, 0.18, 0.42, 1.0)]
    closed = np.zeros(p.shape[1], np.float32)
    for start in range(0, p.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        points, up = p[:, part], n[:, part]
        low, high = points.min(1), points.max(1)
        near = [
            solid
            for solid in solids
            if (np.maximum(np.maximum(low - solid.centre, np.array(solid.centre) - high), 0) ** 2).sum()
            < (solid.radius + 2 * reach) ** 2
        ]
        weight = 1.0
        for height in heights:
            at = points + up * np.float32(height)
            d = np.full(points.shape[1], height, np.float32)
            if ground is not None:
                d = np.minimum(d, ground(at))
            for solid in near:
                d = np.minimum(d, _within(solid, at, height))
            closed[part] += weight * (height - np.clip(d, 0, height)) / height
            weight *= 0.75
    return np.asarray(np.clip(1 - closed * 0.42, 0, 1) ** 1.2)


def _within(solid: Solid, p: Points, limit: float) -> Values:
    """The distance to a solid where it may be less than the limit, else the limit."""
    middle = p - column(solid.centre)
    near = np.flatnonzero(dot(middle, middle) < (solid.radius + limit) ** 2)
    d = np.full(p.shape[1], limit, np.float32)
    if len(near):
        d[near] = solid.shape(p[:, near])
    return d
