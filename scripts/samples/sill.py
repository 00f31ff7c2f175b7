"""A window with a deep sill at height 0, a curtain, tulips and a ball of wool. Outside, z is positive."""

from __future__ import annotations

import numpy as np

from scripts.samples import fruits
from scripts.samples.light import colours, light_of
from scripts.samples.noise import plane_noise, space_noise
from scripts.samples.rays import Solid
from scripts.samples.scene import Skin, SkinOf, Thing, thing
from scripts.samples.solids import Place, bent_rod, box, rotation, smooth, sphere, turned
from scripts.samples.values import Points, Values, Vector, cross, dot, mix, step, unit

LAST_POST = 3.0
"""Where the window ends, on the x axis."""
_WOOL = Place((-2.35, 0.34, -1.12), None, 0.34)
_TURNS = np.random.default_rng(241).standard_normal((3, 14)).astype(np.float32)
_POT = smooth(
    [
        (0, 0),
        (0.4, 0),
        (0.44, 0.05),
        (0.55, 0.7),
        (0.56, 0.74),
        (0.62, 0.75),
        (0.63, 0.95),
        (0.55, 0.95),
        (0.5, 0.8),
        (0, 0.78),
    ],
    6,
)
_TULIPS = (
    # where the bloom is, as seen from the pot, and its colour
    (-0.55, 1.75, 0.1, (226, 70, 84)),
    (0.05, 2.0, 0.12, (240, 150, 60)),
    (0.5, 1.6, -0.1, (222, 60, 92)),
    (-0.2, 1.35, -0.35, (244, 170, 80)),
)


def room() -> list[Thing]:
    posts = [_beam((x, 3, 0), (0.11, 3, 0.09)) for x in (-1.0, LAST_POST)]
    return [
        *posts,
        _beam((0, -0.1, -1.05), (9, 0.1, 1.2), 0.05),  # the sill
        _beam((0, 0.13, 0.02), (9, 0.13, 0.10)),
        _beam((0, 3.35, 0), (9, 0.06, 0.06)),
        _beam((3.6, 3, -1), (0.5, 4, 1.1)),
        _beam((0, -3.2, -1.6), (9, 3, 0.3)),  # the wall below
        thing(_curtain, Place((2.75, 3.2, -1.5)), 4.5, _curtain_skin),
        thing(sphere(1.0), _WOOL, 1.1, _wool_skin, _wool_bump),
        *_tulips((2.25, 0, -0.55)),
    ]


def _beam(at: Vector, half: Vector, edge: float = 0.02) -> Thing:
    place = Place(at)
    solid = Solid(place.put(box(*half, edge)), at, float(np.linalg.norm(half)), half=half)
    return Thing(solid, place, _paint_skin)


def _paint_skin(p: Points, _: Points) -> Skin:
    tone = 0.5 + 0.2 * space_noise(p * 2, 201, 3)
    return Skin(colours(tone, (0, (214, 208, 196)), (1, (240, 236, 226))), 0.25, 0.2)


def _curtain(p: Points) -> Values:
    fold = 0.16 * np.sin(p[2] * 9 + 0.7 * np.sin(p[1] * 0.6)) + 0.05 * np.sin(p[2] * 23 + p[1] * 0.5)
    sheet = np.abs(p[0] - fold) - 0.02
    return np.asarray(np.maximum(sheet * 0.5, np.maximum(np.abs(p[2]) - 0.9, np.abs(p[1]) - 4.2)))


def _curtain_skin(p: Points, _: Points) -> Skin:
    weave = plane_noise(p[2] * 30, p[1] * 4, 205, 2) + plane_noise(p[2] * 4, p[1] * 30, 206, 2)
    colour = colours(0.5 + 0.13 * weave, (0, (192, 182, 166)), (1, (226, 218, 204)))
    return Skin(colour, 0, 0.3, light_of(250, 228, 196) * 0.30)


def _wool_bump(p: Points) -> Values:
    """Threads, wound in many directions, one over the other."""
    q = unit(p)
    turn = _TURNS[:, np.argmax(unit(_TURNS).T @ q, 0)]
    return np.asarray(0.018 * np.sqrt(np.abs(np.cos(40 * dot(q, unit(cross(turn, np.roll(turn, 1, 0))))))))


def _wool_skin(p: Points, _: Points) -> Skin:
    tone = 0.35 + 28 * _wool_bump(p) + 0.15 * space_noise(p * 30, 242, 2)
    return Skin(colours(tone, (0, (20, 66, 84)), (0.6, (44, 122, 140)), (1, (96, 170, 180))), 0, 0.3)


def _clay_skin(p: Points, _: Points) -> Skin:
    return Skin(
        colours(0.5 + 0.4 * space_noise(p * 3, 203, 4), (0, (150, 82, 54)), (1, (196, 122, 86))), 0.1, 0.3
    )


def _tulips(at: Vector) -> list[Thing]:
    x, y, z = at[0], at[1] + 0.7, at[2]
    things = [thing(turned(_POT), Place(at, None, 0.8), 1.2, _clay_skin, centre=(0, 0.5, 0), reach=0.03)]
    for number, (right, up, back, rgb) in enumerate(_TULIPS):
        top = x + right, y + up - 0.4, z + back
        shape = bent_rod((x, y, z), (x + right * 0.2, y + up * 0.5, z + back * 0.3), top, 0.028)
        middle = (x + right / 2, y + (up - 0.4) / 2, z + back / 2)
        things.append(thing(shape, Place((0, 0, 0)), 1.05, _stalk_skin, centre=middle))
        bloom = Place((top[0], top[1] - 0.02, top[2]), rotation(y=40 * number, z=-16 * right), 0.46)
        things.append(thing(_bloom, bloom, 0.72, _bloom_skin(rgb), centre=(0, 0.5, 0)))
    for number in range(7):
        angle = number * 2.4
        foot = x + 0.05 * np.cos(angle), y - 0.05, z + 0.05 * np.sin(angle)
        turn = rotation(y=137 * number + 20, x=-68 + 9 * (number % 3))
        blade = Place(foot, turn, 1.15 + 0.2 * (number % 3))
        things.append(thing(fruits.leaf, blade, 0.75, _blade_skin, centre=(0, 0, 0.5)))
    return things


def _bloom(p: Points) -> Values:
    """A tulip around the y axis, from 0 to 1."""
    angle = np.arctan2(p[2], p[0])
    up = np.clip(p[1], 0, 1)
    wide = 0.36 * np.sin(np.pi * np.clip(up * 0.80 + 0.16, 0, 1)) ** 0.75
    wide = wide * (1 + 0.06 * np.cos(3 * angle + 1) * up)
    ends = np.maximum(p[1] - 0.93 - 0.09 * np.cos(3 * angle), -p[1])
    return np.asarray(np.maximum(np.hypot(p[0], p[2]) - wide, ends) * 0.6)


def _bloom_skin(rgb: Vector) -> SkinOf:
    def skin(p: Points, _: Points) -> Skin:
        angle = np.arctan2(p[2], p[0])
        veins = space_noise(np.stack([np.cos(angle) * 9, p[1] * 1.2, np.sin(angle) * 9]), 271, 2)
        edges = step(0.35, 0.0, np.abs(np.cos(1.5 * angle + 0.5 * np.pi)))
        colour = light_of(*rgb) * (1 + 0.22 * veins) * (1 - 0.25 * edges)
        colour = mix(colour, light_of(240, 214, 150), 0.55 * step(0.35, 0.0, p[1]))
        return Skin(colour, 0.3, 0.2, light_of(*rgb) * 0.35)

    return skin


def _stalk_skin(p: Points, _: Points) -> Skin:
    colour = light_of(86, 120, 60) * (1 + 0.2 * space_noise(p * np.float32(6), 273, 2))
    return Skin(colour, 0.2, 0.2, light_of(110, 150, 40) * 0.2)


def _blade_skin(p: Points, _: Points) -> Skin:
    tone = 0.5 + 0.15 * np.sin(p[0] * 90) + 0.3 * space_noise(p * 3, 274, 2)
    return Skin(
        colours(tone, (0, (48, 88, 50)), (1, (104, 144, 84))), 0.3, 0.15, light_of(130, 170, 50) * 0.4
    )
