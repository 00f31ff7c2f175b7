"""The cat's colours, its eyes and its tail. `Cat` is where it sits."""

from __future__ import annotations

from functools import cache

import numpy as np

from scripts.samples import cat_body as body
from scripts.samples.light import Stop, colours, light_of
from scripts.samples.noise import plane_noise, space_noise
from scripts.samples.rays import Solid
from scripts.samples.scene import Skin, Thing, thing
from scripts.samples.solids import Place, capsule, rotation, smooth_in_space, sphere, union
from scripts.samples.values import Points, Values, Vector, column, length, mix, step, unit

CAT = Place((0.0, 0.0, -0.95), rotation(y=-146))
_MIDDLE: Vector = (0, 1.5, 0)
_GINGER: tuple[Stop, ...] = ((0, (206, 128, 62)), (1, (228, 158, 90)))
_STRIPE, _WHITE = (150, 74, 28), (238, 224, 206)
_IRIS: tuple[Stop, ...] = (
    (0, (150, 168, 60)),
    (0.45, (196, 190, 84)),
    (0.8, (150, 130, 50)),
    (1, (60, 50, 26)),
)
_TAIL = smooth_in_space(
    [
        (1.02, 0.25, -1.60),
        (1.10, 0.15, -1.95),
        (0.98, 0.12, -2.22),
        (0.86, -0.06, -2.46),
        (0.82, -0.42, -2.47),
        (0.76, -0.76, -2.46),
        (0.60, -0.98, -2.48),
        (0.38, -0.96, -2.52),
        (0.26, -0.80, -2.55),
    ],
    4,
)


def head_to_world(p: Points) -> Points:
    """Where points of the head's own space are."""
    return CAT.out(body.HEAD.out(p))


def cat() -> list[Thing]:
    """The body, the eyes, the tail."""
    solid = Solid(CAT.put(body.cat), _point(CAT.out(column(_MIDDLE))), 2.0, 0.9)
    eyes = []
    for side in (1, -1):
        x, y, z = body.EYE
        at = _point(head_to_world(column((x, y, z * side))))
        turn = np.asarray(CAT.turn @ body.HEAD.turn @ rotation(y=-10))  # type: ignore[operator]
        eyes.append(thing(sphere(1.0), Place(at, turn, body.EYE_SIZE * body.HEAD.size), 1.05, eye_skin))
    return [Thing(solid, CAT, coat_skin), tail(), *eyes]


def shades() -> list[Solid]:
    """What stands in for the cat where its shadow is asked for."""
    return [Solid(CAT.put(body.plain), _point(CAT.out(column(_MIDDLE))), 2.0), tail().solid]


def _point(p: Points) -> Vector:
    x, y, z = p[:, 0].tolist()
    return x, y, z


def coat_skin(p: Points, _: Points) -> Skin:
    return Skin(coat(p), 0.0, 0.3)


def coat(p: Points) -> Points:
    """Ginger, striped, with white on chest, paws and face."""
    q = body.HEAD.local(p)
    folded = body.half(q)
    head = step(0.62, 0.42, length(q))
    wobble = space_noise(p * 2.2, 221, 3)
    colour = colours(0.5 + 0.5 * space_noise(p * 1.4, 222, 3), *_GINGER)
    colour = mix(
        colour, light_of(*_STRIPE), 0.75 * step(0.05, 0.75, mix(_bands(p, wobble), _mask(q, wobble), head))
    )
    colour = mix(colour, light_of(*_WHITE), _white(p, q, head, wobble))
    ears = 0.85 * body.ear_inside(folded) * step(0.9, 0.8, length(q))
    colour = mix(colour, light_of(228, 160, 138), ears)
    lids = body.lids(folded)
    rim = step(0.035, 0.012, lids) * head
    colour = mix(colour, light_of(246, 220, 180), 0.45 * step(0.075, 0.05, lids) * (1 - rim) * head)
    colour = mix(colour, light_of(60, 34, 24), 0.9 * rim)
    return mix(colour, light_of(206, 120, 110), nose(q))


def nose(q: Points) -> Values:
    """Where the nose is, in the head's own space: narrow below."""
    wide = 0.075 + 0.4 * (q[1] + 0.07)
    return step(1.15, 0.95, ((q[0] - 0.53) / 0.09) ** 2 + ((q[1] + 0.07) / 0.05) ** 2 + (q[2] / wide) ** 2)


def _bands(p: Points, wobble: Values) -> Values:
    """Across the back and the flanks, and around the front legs."""
    x, y, z = p
    along = (x + 1.2) * 0.66 + (y - 0.4) * 0.75
    back = np.sin(2 * np.pi * (along * 3.7 + 0.26 * wobble + 0.35 * np.abs(z)))
    legs = 0.8 * np.sin(y * 17 + 1.5 * wobble)
    return mix(back, legs, step(0.0, 0.3, x) * step(1.2, 0.8, y))


def _mask(q: Points, wobble: Values) -> Values:
    """On the head: lines over the forehead and on the cheeks."""
    around = np.abs(np.arctan2(q[2], q[1] + 0.15))
    top = np.sin(around * 13 + 1.0 + 2.5 * q[0] + 0.5 * wobble) * step(0.05, 0.22, q[1])
    cheek = np.sin(q[1] * 26 + q[0] * 10 + 0.8 * wobble) * step(0.1, -0.05, q[1]) * step(0.18, 0.05, q[0])
    return np.asarray(top + cheek)


def _white(p: Points, q: Points, head: Values, wobble: Values) -> Values:
    x, y, z = p
    chest = (
        step(0.1, 0.34, x + 0.10 * wobble - 0.42 * np.abs(z))
        * step(2.3, 2.0, y)
        * step(0.5, 0.9, y)
        * (1 - head)
    )
    paws = step(0.34, 0.24, y + 0.06 * wobble) * step(0.1, 0.25, x)
    muzzle = step(0.30, 0.38, q[0] - 0.5 * (q[1] + 0.1) + 0.04 * wobble) * step(0.02, -0.08, q[1])
    chin = step(-0.15, -0.24, q[1] + 0.05 * wobble) * step(-0.1, 0.1, q[0])
    blaze = step(0.05, 0.02, np.abs(q[2]) + 0.02 * wobble) * step(0.25, 0.3, q[0]) * step(0.2, 0.1, q[1])
    face = head * np.maximum(np.maximum(muzzle, chin), blaze)
    return np.asarray(np.maximum(np.maximum(chest, paws), face))


def eye_skin(p: Points, _: Points) -> Skin:
    """It looks along x."""
    r, angle = np.hypot(p[1], p[2]), np.arctan2(p[1], p[2])
    iris = colours(r / 0.9 + 0.2 * plane_noise(angle * 9, r * 3, 211, 2), *_IRIS)
    pupil = step(1.15, 0.9, (p[2] / 0.20) ** 2 + (p[1] / 0.62) ** 2)
    return Skin(0.9 * mix(iris, light_of(8, 8, 10), pupil), 1.0, 0.02)


def tail() -> Thing:
    thick = np.interp(np.linspace(0, 1, len(_TAIL)), [0, 0.15, 0.8, 1], [0.15, 0.12, 0.11, 0.07])
    rods = [
        capsule(start, end, first, last)
        for start, end, first, last in zip(_TAIL[:-1], _TAIL[1:], thick[:-1], thick[1:], strict=True)
    ]
    return thing(union(rods, 0.03), Place((0, 0, 0)), 1.1, tail_skin, centre=(0.75, -0.4, -2.1))


def along_tail(p: Points) -> tuple[Values, Points]:
    """How far along the tail points lie, 0 to 1, and where it leads there."""
    line = np.array(_TAIL, np.float32)
    nearest = ((p.T[:, None] - line[None]) ** 2).sum(-1).argmin(1)
    start = line[nearest]
    way = np.gradient(line, axis=0)[nearest]
    more = ((p.T - start) * way).sum(1) / (way * way).sum(1)
    return (nearest + np.clip(more, -0.5, 0.5)) / (len(line) - 1), unit(way.T)


def tail_skin(p: Points, _: Points) -> Skin:
    t, _ = along_tail(p)
    colour = colours(0.5 + 0.5 * space_noise(p * 1.4, 222, 3), *_GINGER)
    rings = step(0.0, 0.6, np.sin(t * 44 + 0.6 * space_noise(p * 5, 225, 2)))
    colour = mix(colour, light_of(*_STRIPE), 0.75 * rings)
    return Skin(mix(colour, light_of(*_WHITE), step(0.9, 0.97, t)), 0, 0.3)


@cache
def mouth() -> list[Points]:
    """Lines on the face, in space: below the nose, and to the side that is seen."""
    t = np.linspace(0, 1, 12)
    lines = [np.stack([t * 0, -0.105 - 0.10 * t, t * 0])]
    lines.append(np.stack([t * 0, -0.205 - 0.085 * np.sin(t * 2.2) + 0.03 * t, 0.16 * t]))
    found = []
    for line in lines:
        q = line.astype(np.float32)
        q[0] = 0.7
        for _ in range(40):  # from the front onto the face
            q[0] -= body.skull(q) * 0.8
        found.append(head_to_world(q))
    return found


def whiskers() -> list[Points]:
    """Lines in space, from the face outwards."""
    random = np.random.default_rng(261)
    t = np.linspace(0, 1, 14)[None].astype(np.float32)
    lines = []
    for side in (1, -1):
        for number in range(9):
            row = number % 3
            forward, up = (
                0.25 + 0.25 * random.uniform(-1, 1),
                -0.05 - 0.22 * row + 0.1 * random.uniform(-1, 1),
            )
            start, way = column((0.44, -0.12 - 0.035 * row, 0.13 * side)), column((forward, up, side))
            long = random.uniform(0.45, 0.75)
            lines.append(head_to_world(start + long * (way * t + column((-0.16, -0.10, 0)) * t * t)))
    return lines
