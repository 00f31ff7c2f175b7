"""A headland with cliffs, as a map of heights; grass on top, rock below."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from scripts.samples.evening import SUN
from scripts.samples.light import Stop, colours, light_of
from scripts.samples.noise import lookup, plane_noise, space_noise
from scripts.samples.rays import CHUNK, FAR
from scripts.samples.scene import Skin
from scripts.samples.values import Points, Values, Vector, column, mix, step, unit

_LEFT, _NEAR, _CELL, _COLUMNS, _ROWS = -10.0, 30.0, 0.2, 900, 700
_BOUNDS: tuple[Vector, Vector] = (
    (2.0, -1.0, _NEAR + 1),
    (_LEFT + _COLUMNS * _CELL - 1, 20.0, _NEAR + _ROWS * _CELL - 1),
)
_STEPS, _GROWTH = 200, 0.009
_ROCK: tuple[Stop, ...] = (
    (0, (70, 58, 54)),
    (0.4, (122, 102, 88)),
    (0.75, (164, 138, 114)),
    (1, (198, 172, 142)),
)
_GRASS: tuple[Stop, ...] = ((0, (54, 70, 36)), (0.5, (98, 110, 52)), (1, (160, 150, 80)))


def shore(z: Values) -> Values:
    """Where the land begins, on the x axis."""
    return np.asarray(7 + ((z - 88) / 15) ** 2 * 5)


@cache
def _maps() -> tuple[Values, Values]:
    """Heights; and slopes along x and z, light from the sun, openness."""
    z, x = np.mgrid[0:_ROWS, 0:_COLUMNS].astype(np.float32) * _CELL
    x, z = x + _LEFT, z + _NEAR
    base = (x - shore(z)) * 0.62
    inland = base + (
        3.0 * plane_noise(x / 9, z / 9, 331, 4) + 0.9 * plane_noise(x / 2.1, z / 2.1, 332, 3)
    ) * step(15, 5, base)
    plateau = 10.2 + 7.5 * step(4, 42, base) + 0.8 * plane_noise(x / 18, z / 18, 333, 3)
    plateau = plateau + 0.12 * plane_noise(x / 1.2, z / 1.2, 334, 2)
    rise = step(0.0, 6.0, inland)
    ledges = rise + 0.24 * np.sin(rise * 22 + 2 * plane_noise(x / 6, z / 6, 335, 2)) * rise * (1 - rise)
    stones = np.maximum(plane_noise(x / 1.6, z / 1.6, 336, 3), -0.2)
    height = (
        plateau * ledges
        + 1.6 * step(-3.5, 0.5, inland) * step(3, 1, inland) * stones
        - 0.9 * step(0.5, -3, inland)
    )
    # Level ground for the lighthouse.
    level = step(7.5, 4.5, np.hypot(x - LIGHTHOUSE[0], z - LIGHTHOUSE[2]))
    height = (height + (LIGHTHOUSE[1] - height) * level).astype(np.float32)
    slope_z, slope_x = np.gradient(height, _CELL)
    lit = np.ones_like(height)
    for number in range(1, 60):
        far = 0.25 * number * (1 + number / 40)
        move = np.array([[1, 0, -SUN[0] * far / _CELL], [0, 1, -SUN[2] * far / _CELL]], np.float32)
        other = cv2.warpAffine(height, move, height.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        lit = np.minimum(lit, np.clip(0.5 + (height + SUN[1] * far - other) / (0.12 + 0.06 * far), 0, 1))
    around = cv2.GaussianBlur(height, (0, 0), 2.0 / _CELL)
    corners = np.clip(1 + 0.16 * (height - around), 0.45, 1)
    return height, np.stack([slope_x, slope_z, cv2.GaussianBlur(lit, (0, 0), 1), corners], -1).astype(
        np.float32
    )


LIGHTHOUSE: Vector = (15.5, 11.4, 84.0)
"""Where it stands."""


def height(x: Values, z: Values) -> Values:
    return lookup(_maps()[0], (x - _LEFT) / _CELL, (z - _NEAR) / _CELL)


def meet(origin: Points, rays: Points) -> Values:
    """Return how far along rays, from one point or from one each, the land is met; or FAR."""
    met = np.full(rays.shape[1], FAR, np.float32)
    for start in range(0, rays.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        some = rays[:, part]
        first = np.broadcast_to(origin, rays.shape)[:, part]
        slow = np.where(np.abs(some) < 1e-6, 1e-6, some)
        low, high = (np.asarray((column(corner) - first) / slow) for corner in _BOUNDS)
        enters, leaves = np.maximum(np.minimum(low, high).max(0), 0), np.maximum(low, high).min(0)
        live = np.flatnonzero(enters < leaves)
        if len(live):
            met[start + live] = _follow(first[:, live], some[:, live], enters[live], leaves[live])
    return met


def _follow(origin: Points, rays: Points, t: Values, end: Values) -> Values:
    """Go along rays in small steps until they are below the ground, then look where they went below it."""
    low, high = t.copy(), np.full(len(t), FAR, np.float32)
    live, o, r = np.arange(len(t)), origin, rays
    for number in range(_STEPS):
        q = o + r * t
        under = (q[1] < height(q[0], q[2])) & (t < end)
        high[live[under]] = t[under]
        end = np.where(under, -1, end)
        low[live] = np.where(end > 0, t, low[live])
        t = t + np.maximum(t * _GROWTH, 0.15)
        if number % 6 == 5:
            going = end > low[live]
            live, o, r, t, end = live[going], o[:, going], r[:, going], t[going], end[going]
            if not len(live):
                break
    met = high < FAR
    origin, rays, low, high = origin[:, met], rays[:, met], low[met], high[met]
    for _ in range(7):
        middle = (low + high) / 2
        q = origin + rays * middle
        under = q[1] < height(q[0], q[2])
        low, high = np.where(under, low, middle), np.where(under, middle, high)
    result = np.full(len(met), FAR, np.float32)
    result[met] = high
    return result


def light(p: Points) -> Values:
    """How much of the sun the land sees, and how open its surroundings are: rows of 0 to 1."""
    return np.asarray(lookup(_maps()[1], (p[0] - _LEFT) / _CELL, (p[2] - _NEAR) / _CELL).T[2:])


def skin(p: Points) -> Skin:
    slope_x, slope_z, _, _ = lookup(_maps()[1], (p[0] - _LEFT) / _CELL, (p[2] - _NEAR) / _CELL).T
    n = unit(np.stack([-slope_x, np.ones_like(slope_x), -slope_z]))
    flat = n[1]
    rough = np.stack([space_noise(p * column((0.5, 1.1, 0.5)), 341 + axis, 4, 0.65) for axis in range(3)])
    n = unit(n + 0.45 * rough * step(0.95, 0.6, flat))
    bands = space_noise(np.stack([p[0] * 0.05, p[1] * 1.5 + 0.12 * p[0], p[2] * 0.05]), 345, 4)
    rock = colours(0.5 + 0.26 * bands + 0.22 * space_noise(p * 0.6, 346, 3), *_ROCK)
    rock = mix(rock, light_of(58, 54, 46), 0.75 * step(1.1, 0.3, p[1] + 0.3 * bands))  # wet
    grass = colours(
        0.5
        + 0.28 * plane_noise(p[0] * 0.3, p[2] * 0.3, 347, 3)
        + 0.22 * plane_noise(p[0] * 2.5, p[2] * 1.5, 348, 2),
        *_GRASS,
    )
    green = step(0.62, 0.82, flat + 0.10 * bands) * step(2.5, 4.0, p[1])
    return Skin(mix(rock, grass, green), 0, 0.3, normal=n)


class Land:
    """The headland, as a ground."""

    def meet(self, origin: Points, rays: Points) -> Values:
        return meet(origin, rays)

    def skin(self, p: Points) -> Skin:
        return skin(p)
