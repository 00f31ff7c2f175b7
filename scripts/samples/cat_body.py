"""The cat's body: round parts, softly joined, each with the way in which its hair lies.

It sits and looks along x. Both sides are alike, so that only the one with positive z is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scripts.samples.solids import Part, Place, capsule, cluster, ellipsoid, joined, rotation
from scripts.samples.values import Points, Values, Vector, column, length, step, unit


@dataclass(frozen=True)
class Furry(Part):
    hair: Vector
    """Where the hair points."""
    long: float
    """How long the hair is."""


def _round(at: Vector, size: Vector, soft: float, hair: Vector, long: float, **turn: float) -> Furry:
    return Furry(Place(at, rotation(**turn)).put(ellipsoid(*size)), soft, at, max(size), hair, long)


def _rod(a: Vector, b: Vector, first: float, last: float, soft: float, hair: Vector, long: float) -> Furry:
    centre = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2)
    return Furry(capsule(a, b, first, last), soft, centre, math.dist(a, b) / 2 + max(first, last), hair, long)


TORSO = [
    _round((-0.62, 0.66, 0), (0.78, 0.66, 0.66), 0, (-0.5, -0.85, 0), 0.11, z=18),
    _rod((-0.55, 0.80, 0), (0.12, 1.52, 0), 0.64, 0.46, 0.3, (-0.6, -0.8, 0.1), 0.11),
    _round((0.28, 1.30, 0), (0.40, 0.62, 0.42), 0.3, (0.1, -1, 0.1), 0.17, z=-12),  # chest
    _round((-0.55, 0.78, 0), (0.62, 0.70, 0.70), 0.3, (-0.45, -0.9, 0.1), 0.11),
    _round((-0.34, 0.56, 0.44), (0.60, 0.56, 0.27), 0.12, (-0.1, -1, 0.1), 0.095, z=-25),  # thigh
    _rod((-0.15, 0.20, 0.56), (0.30, 0.11, 0.56), 0.16, 0.13, 0.12, (0.8, -0.6, 0), 0.06),
    _round((0.36, 0.10, 0.56), (0.20, 0.115, 0.15), 0.06, (1, -0.5, 0), 0.035),  # hind paw
    _round((0.22, 1.30, 0.27), (0.30, 0.46, 0.20), 0.15, (-0.15, -1, 0), 0.13, z=-10),  # shoulder
    _rod((0.33, 1.10, 0.22), (0.50, 0.22, 0.19), 0.20, 0.135, 0.16, (0.0, -1, 0), 0.07),
    _round((0.60, 0.115, 0.19), (0.22, 0.125, 0.145), 0.10, (1, -0.5, 0), 0.035),  # front paw
    _rod((0.16, 1.58, 0), (0.40, 2.10, 0), 0.44, 0.36, 0.3, (-0.3, -1, 0.1), 0.15),  # neck
]
SKULL = [  # around the middle of the head
    _round((-0.02, 0.02, 0), (0.42, 0.385, 0.43), 0.2, (-1, -0.1, 0.15), 0.075),
    _round((0.12, 0.14, 0), (0.30, 0.24, 0.30), 0.15, (-1, 0.5, 0.2), 0.05),  # forehead
    _rod((0.18, 0.12, 0), (0.44, -0.04, 0), 0.16, 0.085, 0.12, (-1, 0.7, 0.1), 0.03),  # bridge of the nose
    _round((0.40, -0.17, 0), (0.15, 0.10, 0.15), 0.10, (-0.8, -0.5, 0.3), 0.04),
    _round((0.36, -0.27, 0), (0.13, 0.09, 0.12), 0.08, (-0.7, -0.8, 0.1), 0.05),  # chin
    _round((0.41, -0.145, 0.085), (0.125, 0.092, 0.10), 0.05, (-0.8, -0.4, 0.5), 0.03),
    _round((0.04, -0.15, 0.24), (0.28, 0.22, 0.20), 0.14, (-0.9, -0.6, 0.4), 0.12),  # cheek
    _round((0.17, 0.15, 0.21), (0.17, 0.10, 0.12), 0.1, (-0.9, 0.6, 0.4), 0.045),  # brow
]
HEAD = Place((0.52, 2.36, 0), rotation(y=-26, z=-3), 1.07)
EYE: Vector = (0.232, 0.035, 0.195)
EYE_SIZE = 0.138
EAR = Place((-0.09, 0.18, 0.225), rotation(z=8, y=-34) @ rotation(x=15), 0.56)

lids = Place((0.33, 0.035, 0.235), rotation(y=-38) @ rotation(x=-16)).put(ellipsoid(0.2, 0.080, 0.132))
"""The opening between the lids: an almond."""


def half(p: Points) -> Points:
    """Points on the side that is told."""
    return np.stack([p[0], p[1], np.abs(p[2])])


def ear(p: Points) -> Values:
    """A shell that is open to the front and a little to the side."""
    q = EAR.local(p)  # x: to where it is open, y: up to the tip
    t = np.clip(q[1], 0, 1)
    wide = 0.46 * (1 - t) ** 0.8 * (1 + 0.45 * t) * step(-0.6, 0.35, q[1]) + 0.015
    away = length(np.stack([(q[0] - _ear_back(q)) * 0.85, q[1] - t, np.maximum(np.abs(q[2]) - wide, 0)]))
    return np.asarray((away - 0.05 + 0.025 * t) * 0.75 * EAR.size)


def _ear_back(q: Points) -> Values:
    t = np.clip(q[1], 0, 1)
    return np.asarray(0.6 * q[2] ** 2 * (1 + 0.5 * t) - 0.10 * t * t)


def ear_inside(p: Points) -> Values:
    """How far points of the head, one side folded over, are inside an ear: 0 to 1."""
    q = EAR.local(p)
    return step(0.0, 0.03, q[0] - _ear_back(q) - 0.01) * step(0.05, 0.3, q[1]) * step(1.1, 0.98, q[1])


_torso, _skull = cluster(TORSO), cluster(SKULL)
_plain = cluster([*TORSO[:5], TORSO[8], TORSO[10]])


def torso(p: Points) -> Values:
    return _torso(half(p))


def skull(p: Points) -> Values:
    """In the head's own space."""
    p = half(p)
    d = joined(_skull(p), ear(p), 0.13)
    return -joined(-d, lids(p), 0.03)


def cat(p: Points) -> Values:
    d = torso(p)
    q = HEAD.local(p)
    away = length(q) - 0.95  # the head is within 0.85
    near = np.flatnonzero(away < 0)
    if len(near):
        d[near] = joined(d[near], skull(q[:, near]) * np.float32(HEAD.size), 0.12)
    far = away >= 0
    d[far] = np.minimum(d[far], away[far] + 0.2)
    return d


def plain(p: Points) -> Values:
    """The cat without what is small, for its shadow."""
    q = half(HEAD.local(p))
    ears = length(q - column((-0.12, 0.42, 0.27))) - 0.09
    return np.minimum(_plain(half(p)), np.minimum(SKULL[0].shape(q), ears) * np.float32(HEAD.size))


def hair(p: Points) -> tuple[Points, Values]:
    """Where the hair at points of the surface points to, and how long it is."""
    q = HEAD.local(p)
    way, long, total = np.zeros_like(p), np.zeros_like(p[0]), np.zeros_like(p[0])
    for parts, space, back in ((TORSO, p, None), (SKULL, q, HEAD)):
        folded, side = half(space), np.where(space[2] < 0, -1, 1)
        for one in parts:
            weight = np.exp(-np.clip(one.shape(folded), 0, 4) * 16)
            to = unit(column(one.hair)) * np.ones_like(p)
            to[2] *= side
            if back is not None:
                to = back.outward(to)
            way += to * weight
            long += one.long * weight
            total += weight
    folded = half(q)
    at_ear = step(0.06, 0.0, ear(folded)) * step(0.30, 0.42, folded[1])
    up = EAR.outward(column((0, 1, 0))) * np.ones_like(p)
    up[2] *= np.where(q[2] < 0, -1, 1)
    way = unit(way)
    way = unit(way + (HEAD.outward(up) - way) * at_ear)
    long = long / np.maximum(total, 1e-6)
    return way, long + (0.05 - long) * at_ear
