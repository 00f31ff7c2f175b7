"""What is seen in a scene of solid things: where each ray ends, and how the surface there looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Protocol

import cv2
import numpy as np

from scripts.samples.rays import FAR, Camera, Solid, look, normals
from scripts.samples.solids import Place, Shape
from scripts.samples.values import Points, Values, Vector, column, dot, unit

FINE = 0.004  # how far apart a bump is felt
BLOCK = 64  # pixels; rays that lie near each other are followed together


@dataclass(frozen=True)
class Skin:
    """How a surface looks at some points."""

    colour: Points
    gloss: float | Values = 1.0
    """How strongly it mirrors, up to 1."""
    rough: float | Values = 0.05
    """How blurred its mirror image is."""
    inner: Points | None = None
    """The colour of the light that shines through."""
    normal: Points | None = None
    """Where it is not that of the shape."""


SkinOf = Callable[[Points, Points], Skin]
"""What is at surface points with these normals."""


@dataclass(frozen=True)
class Thing:
    """A solid thing with its skin. Skin and bump are given points in the thing's own space."""

    solid: Solid
    place: Place
    skin: SkinOf
    bump: Callable[[Points], Values] | None = None
    reach: float = 0.012
    """How far around a point its surface is felt for."""

    def normals(self, p: Points, local: Points) -> Points:
        n = normals(self.solid, p, self.reach * self.place.size)
        if self.bump is None:
            return n
        base = self.bump(local)
        rise = np.stack([self.bump(local + column(step)) - base for step in FINE_STEPS]) / FINE
        rise = self.place.outward(rise.astype(np.float32))
        return unit(n - (rise - n * dot(rise, n)))


FINE_STEPS: tuple[Vector, ...] = ((FINE, 0, 0), (0, FINE, 0), (0, 0, FINE))


def thing(
    shape: Shape,
    place: Place,
    radius: float,
    skin: SkinOf,
    bump: Callable[[Points], Values] | None = None,
    centre: Vector = (0, 0, 0),
    patience: float = 1.0,
    reach: float = 0.012,
) -> Thing:
    """A shape, put into its place. Radius and centre are of a sphere that holds it, in the thing's space."""
    at = column(place.at) + place.outward(column(centre)) * place.size
    x, y, z = at[:, 0].tolist()
    return Thing(Solid(place.put(shape), (x, y, z), radius * place.size, patience), place, skin, bump, reach)


class Ground(Protocol):
    """An endless surface."""

    def meet(self, origin: Points, rays: Points) -> Values:
        """How far along rays, from one point or from one each, it is met; or FAR."""

    def skin(self, p: Points) -> Skin:
        """What it is like at points. The normal is told."""


@dataclass(frozen=True)
class Plane:
    """A plane across one axis, seen from the side of smaller (-1) or larger (1) coordinates."""

    axis: int
    at: float
    side: int
    paint: Callable[[Points], Skin]

    def shape(self, p: Points) -> Values:
        return np.asarray((p[self.axis] - self.at) * self.side)

    def meet(self, origin: Points, rays: Points) -> Values:
        speed = rays[self.axis]
        facing = speed * self.side < -1e-5
        return np.where(facing, (self.at - origin[self.axis]) / np.where(facing, speed, 1), FAR)

    def skin(self, p: Points) -> Skin:
        made = self.paint(p)
        if made.normal is not None:
            return made
        n = np.zeros_like(p)
        n[self.axis] = self.side
        return replace(made, normal=n)


@dataclass(frozen=True)
class Seen:
    """The surfaces that rays end on."""

    rays: Points
    p: Points
    n: Points
    colour: Points
    gloss: Values
    rough: Values
    inner: Points
    which: Values
    """The number of the thing; -1 where there is none, -2, -3 … for the grounds."""
    distance: Values

    def of(self, some: Values) -> Seen:
        """Some of them."""
        return Seen(*(getattr(self, field.name)[..., some] for field in fields(self)))


def see(origin: Points, rays: Points, things: Sequence[Thing], grounds: Sequence[Ground] = ()) -> Seen:
    """Return what rays, from one point or from one each, end on."""
    hits = look(origin, rays, [one.solid for one in things])
    distance, which = hits.distance, hits.which
    for number, ground in enumerate(grounds):
        met = ground.meet(origin, rays)
        nearer = met < distance
        distance = np.where(nearer, met, distance).astype(np.float32)
        which = np.where(nearer, -2 - number, which)
    p = origin + rays * np.minimum(distance, 1e4)
    count = rays.shape[1]
    seen = Seen(
        rays,
        np.asarray(p, np.float32),
        -rays,
        np.zeros_like(p),
        np.zeros(count, np.float32),
        np.zeros(count, np.float32),
        np.zeros_like(p),
        which,
        distance,
    )
    for number, one in enumerate(things):
        at = np.flatnonzero(which == number)
        if len(at):
            local = one.place.local(p[:, at])
            n = one.normals(p[:, at], local)
            _fill(seen, at, n, one.skin(local, one.place.inward(n)))
    for number, ground in enumerate(grounds):
        at = np.flatnonzero(which == -2 - number)
        if len(at):
            _fill(seen, at, seen.n[:, at], ground.skin(p[:, at]))
    return seen


def _fill(seen: Seen, at: Values, n: Points, skin: Skin) -> None:
    seen.n[:, at] = n if skin.normal is None else skin.normal
    seen.colour[:, at] = skin.colour
    seen.gloss[at] = skin.gloss
    seen.rough[at] = skin.rough
    if skin.inner is not None:
        seen.inner[:, at] = skin.inner


class Softly:
    """What changes slowly over surfaces, such as soft shadows: measured at every few pixels, and mixed.

    It is measured anew where the pixels around show another thing, or another side of it.
    """

    def __init__(
        self,
        camera: Camera,
        look: Callable[[Points], Seen],
        measure: Callable[[Seen], Values],
        every: int = 3,
    ) -> None:
        self._camera, self._measure, self._every = camera, measure, every
        self._high, self._wide = -(-camera.high // every) + 1, -(-camera.wide // every) + 1
        y, x = np.mgrid[0 : self._high, 0 : self._wide].astype(np.float32) * every
        order = _by_block(x, y)
        seen = look(camera.rays(x.ravel()[order], y.ravel()[order]))
        back = np.argsort(order)
        self._seen = seen.of(back)
        surface = seen.which != -1
        values = measure(seen.of(surface))
        self._values = np.zeros((len(values), len(order)), np.float32)
        self._values[:, order[surface]] = values

    def __call__(self, seen: Seen) -> Values:
        x, y, _ = self._camera.project(seen.p)
        x, y = x / self._every, y / self._every
        left = np.clip(np.floor(x), 0, self._wide - 2).astype(np.int32)
        top = np.clip(np.floor(y), 0, self._high - 2).astype(np.int32)
        values = np.zeros((len(self._values), len(x)), np.float32)
        total = np.full(len(x), 1e-6, np.float32)
        for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
            at = (top + down) * self._wide + left + right
            near = (1 - np.abs(x - left - right)) * (1 - np.abs(y - top - down))
            alike = np.clip(dot(self._seen.n[:, at], seen.n), 0, 1) ** 8
            off = dot(self._seen.p[:, at] - seen.p, seen.n) / (0.004 * seen.distance)
            weight = (
                np.clip(near, 0.01, 1) * alike * np.exp(-off * off) * (self._seen.which[at] == seen.which)
            )
            values += self._values[:, at] * weight
            total += weight
        values /= total
        unlike = total < 0.05
        if unlike.any():
            values[:, unlike] = self._measure(seen.of(unlike))
        return values


def _by_block(x: Values, y: Values) -> Values:
    """The order in which points of the picture that lie near each other come together."""
    return np.argsort(((y // BLOCK) * 4096 + x // BLOCK).ravel(), kind="stable")


def picture(camera: Camera, shade: Callable[[Points], tuple[Points, Values]], contrast: float = 48) -> Values:
    """Return a picture, (height, width, 3), of colours that rays are shaded with.

    They come with the numbers of the things that rays end on. Where these differ between neighbours, or the
    colours do by more than the contrast, the picture is drawn at twice the size.
    """
    y, x = np.mgrid[0 : camera.high, 0 : camera.wide].astype(np.float32)
    order = _by_block(x, y)
    drawn = np.empty((3, camera.high * camera.wide), np.float32)
    which = np.empty(camera.high * camera.wide, np.float32)
    x, y = x.ravel()[order], y.ravel()[order]
    drawn[:, order], which[order] = shade(camera.rays(x + 0.5, y + 0.5))
    made = np.ascontiguousarray(drawn.T.reshape(camera.high, camera.wide, 3))
    edges = _spread(which.reshape(camera.high, camera.wide)) > 0
    strong = _spread(made).max(-1)
    again = order[((edges & (strong > 8)) | (strong > contrast)).ravel()[order]]
    x, y = (again % camera.wide).astype(np.float32), (again // camera.wide).astype(np.float32)
    quarters = (0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)
    fine, _ = shade(
        camera.rays(
            np.stack([x + right for right, _ in quarters], 1).ravel(),
            np.stack([y + down for _, down in quarters], 1).ravel(),
        )
    )
    made.reshape(-1, 3)[again] = fine.reshape(3, -1, 4).mean(-1).T
    return made


def _spread(values: Values) -> Values:
    """How much values differ between neighbours."""
    around = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.dilate(values, around) - cv2.erode(values, around))
