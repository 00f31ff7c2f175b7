"""A lighthouse, houses and a quay, all of stone."""

from __future__ import annotations

import numpy as np

from scripts.samples.light import colours, light_of
from scripts.samples.noise import space_noise
from scripts.samples.rays import Solid
from scripts.samples.scene import Skin, SkinOf, Thing, thing
from scripts.samples.solids import Place, box, capsule, rotation, smooth, sphere, turned
from scripts.samples.values import Points, Values, Vector, column, mix, step

Rgb = tuple[float, float, float]
_TOWER = [(0, -0.6), (2.75, -0.6), (2.75, 0.3), (2.5, 0.42), (2.05, 5.5), (1.72, 11.4), (1.75, 11.6)]
_TOWER += [(2.35, 11.95), (2.4, 12.25), (1.3, 12.3), (1.22, 12.4), (1.22, 13.3), (0, 13.3)]
_ROOF = [
    (0, 15.1),
    (1.5, 15.1),
    (1.55, 15.25),
    (1.3, 15.6),
    (0.8, 16.05),
    (0.25, 16.3),
    (0.18, 16.6),
    (0, 16.7),
]
LAMP = 14.2
"""How high above the ground it is."""


def lighthouse(at: Vector) -> list[Thing]:
    x, y, z = at
    place = Place(at)
    bars = [
        _rod(
            at,
            (1.12 * np.cos(a), 13.2, 1.12 * np.sin(a)),
            (1.12 * np.cos(a), 15.2, 1.12 * np.sin(a)),
            0.05,
            _red,
        )
        for a in np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ]
    rail = [
        _rod(
            at,
            (2.28 * np.cos(a), 12.2, 2.28 * np.sin(a)),
            (2.28 * np.cos(a), 13.2, 2.28 * np.sin(a)),
            0.04,
            _red,
        )
        for a in np.linspace(0, 2 * np.pi, 14, endpoint=False)
    ]
    return [
        thing(turned(_TOWER, cell=0.04), place, 7.5, _tower_skin, centre=(0, 6.4, 0), reach=0.06),
        thing(turned(_ROOF, cell=0.03), place, 1.9, _red, centre=(0, 15.8, 0), reach=0.05),
        thing(lambda p: _ring(p, 2.28, 13.2), place, 2.4, _red, centre=(0, 13.2, 0)),
        thing(sphere(1.0), Place((x, y + LAMP, z), None, 0.62), 1.05, _lamp),
        *bars,
        *rail,
    ]


def _ring(p: Points, radius: float, up: float) -> Values:
    return np.asarray(np.hypot(np.hypot(p[0], p[2]) - radius, p[1] - up) - 0.05)


def _rod(at: Vector, start: Vector, end: Vector, radius: float, skin: SkinOf) -> Thing:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, (start[2] + end[2]) / 2)
    long = float(np.linalg.norm(np.array(start) - end)) / 2 + radius
    return thing(capsule(start, end, radius), Place(at), long, skin, centre=middle)


def _red(p: Points, _: Points) -> Skin:
    return Skin(light_of(168, 44, 36) * (1 + 0.1 * space_noise(p * np.float32(2), 361, 2)), 0.4, 0.12)


def _lamp(p: Points, _: Points) -> Skin:
    return Skin(
        light_of(255, 240, 200) * np.ones_like(p), 0.3, 0.1, light_of(255, 226, 150) * np.full_like(p, 4)
    )


def _tower_skin(p: Points, _: Points) -> Skin:
    """White with two red bands, weathered; a door and small windows."""
    streaks = space_noise(p * column((2.2, 0.25, 2.2)), 362, 4)
    colour = colours(0.6 + 0.3 * streaks, (0, (196, 186, 170)), (1, (244, 238, 226)))
    for low, high in ((2.9, 5.1), (7.3, 9.5)):
        band = step(low - 0.03, low + 0.03, p[1]) * step(high + 0.03, high - 0.03, p[1])
        colour = mix(colour, light_of(172, 44, 36) * (1 + 0.18 * streaks), band)
    colour = mix(colour, light_of(120, 112, 104) * (1 + 0.2 * streaks), step(0.45, 0.3, p[1]))
    colour = colour * (1 - 0.25 * step(0.3, 0.9, streaks))
    angle = np.degrees(np.arctan2(p[0], -p[2]))  # 0 is toward smaller z
    for at, up in ((-18, 6.2), (-18, 10.4), (30, 4.0)):
        pane = step(9, 8, np.abs(angle - at)) * step(0.52, 0.46, np.abs(p[1] - up))
        frame = step(12, 11, np.abs(angle - at)) * step(0.68, 0.62, np.abs(p[1] - up))
        colour = mix(mix(colour, light_of(226, 220, 206), frame), light_of(36, 40, 50), pane)
    door = step(15, 14, np.abs(angle + 18)) * step(2.1, 2.0, p[1]) * step(0.3, 0.4, p[1])
    return Skin(mix(colour, light_of(52, 84, 78), door), 0.15, 0.2)


def house(at: Vector, size: Vector, turn: float, paint: Rgb, roof: Rgb) -> list[Thing]:
    """A house with a gable roof and lit windows; size is half of its length, wall height and depth."""
    long, high, deep = size
    place = Place(at, rotation(y=turn))

    def shape(p: Points) -> Values:
        walls = np.maximum(np.maximum(np.abs(p[0]) - long, np.abs(p[2]) - deep), np.abs(p[1]) - high)
        slope = (p[1] - high) * 0.78 + (np.abs(p[2]) - deep) * 0.62
        gable = np.maximum(np.maximum(np.abs(p[0]) - long, slope), high - 0.1 - p[1])
        under = np.maximum(np.abs(p[0]) - long - 0.25, np.abs(p[2]) - deep - 0.35)
        tiles = np.maximum(np.maximum(np.abs(slope - 0.08) - 0.09, under), high - 0.4 - p[1])
        chimney = box(0.35, 0.9, 0.35)(p - column((long * 0.6, high + deep * 0.8, 0)))
        return np.asarray(np.minimum(np.minimum(np.minimum(walls, gable), tiles), chimney))

    def skin(p: Points, n: Points) -> Skin:
        slope = (p[1] - high) * 0.78 + (np.abs(p[2]) - deep) * 0.62
        rough = space_noise(p * 2, 363, 3)
        colour = light_of(*paint) * (1 + 0.10 * rough)
        along = np.where(np.abs(n[0]) > 0.7, p[2], p[0])
        off = np.abs((along + 0.9) % 1.8 - 0.9)
        wall = (np.abs(n[1]) < 0.3) & (np.abs(along) < np.where(np.abs(n[0]) > 0.7, deep, long) - 0.4)
        frame = step(0.48, 0.44, off) * step(0.62, 0.58, np.abs(p[1] - 0.1)) * wall
        pane = (
            step(0.36, 0.33, off) * step(0.50, 0.46, np.abs(p[1] - 0.1)) * wall * (1 - step(0.05, 0.03, off))
        )
        colour = mix(colour, light_of(236, 230, 218), frame)
        lines = step(0.25, 0.0, np.abs(p[1] * 4.2 % 1 - 0.5) * 2)
        top = (slope > 0.05) & (np.abs(n[1]) > 0.25)
        colour = np.where(top, light_of(*roof) * (1 + 0.2 * rough) * (1 - 0.25 * lines), colour)
        brick = (p[1] > high + 0.2) & (slope > 0.25)
        colour = np.where(brick, light_of(140, 84, 68), colour)
        return Skin(
            mix(colour, light_of(60, 50, 40), pane),
            0.1 + 0.6 * pane,
            0.1,
            light_of(255, 186, 92) * 1.6 * pane,
        )

    return [
        thing(
            shape,
            place,
            float(np.linalg.norm(size)) + deep + 0.8,
            skin,
            centre=(0, deep * 0.4, 0),
            patience=0.9,
        )
    ]


def stone_skin(p: Points, n: Points) -> Skin:
    """Blocks of stone; weed and wet below."""
    along = np.where(np.abs(n[0]) > 0.7, p[2], p[0])
    up = np.where(np.abs(n[1]) > 0.7, p[2], p[1])
    row = np.floor(up / 0.42)
    place = along / 0.95 + 0.5 * (row % 2) + 0.15 * np.sin(row * 7.7)
    block = np.floor(place)
    gap = np.minimum(np.abs(place - block - 0.5) * -1.9 + 0.95, (0.5 - np.abs(up / 0.42 - row - 0.5)) * 0.84)
    tone = 0.45 + 0.18 * np.sin(block * 12.9 + row * 78.2) + 0.3 * space_noise(p * 2.2, 371, 4)
    colour = colours(tone, (0, (92, 84, 78)), (0.5, (144, 132, 118)), (1, (190, 176, 156)))
    colour = colour * (1 - 0.6 * step(0.045, 0.01, gap))
    wet = step(0.9, 0.35, p[1] + 0.15 * space_noise(p, 372, 2)) * (np.abs(n[1]) < 0.7)
    return Skin(mix(colour, light_of(46, 52, 36), 0.8 * wet), 0.15 + 0.3 * wet, 0.2)


def block(at: Vector, half: Vector, skin: SkinOf = stone_skin) -> Thing:
    place = Place(at)
    solid = Solid(place.put(box(*half, 0.05)), at, float(np.linalg.norm(half)), half=half)
    return Thing(solid, Place((0, 0, 0)), skin)


def bollard(at: Vector) -> Thing:
    outline = smooth(
        [(0, 0.62), (0.2, 0.62), (0.24, 0.55), (0.22, 0.46), (0.14, 0.38), (0.13, 0.1), (0.2, 0), (0, 0)], 6
    )
    return thing(turned(outline), Place(at), 0.75, _iron, centre=(0, 0.3, 0))


def _iron(p: Points, _: Points) -> Skin:
    return Skin(light_of(56, 54, 54) * (1 + 0.3 * space_noise(p * np.float32(5), 373, 3)), 0.4, 0.15)


def lamp_post(at: Vector) -> list[Thing]:
    x, y, z = at
    return [
        _rod(at, (0, 0, 0), (0, 4.2, 0), 0.07, _iron),
        _rod(at, (0, 4.2, 0), (-0.55, 4.45, 0), 0.05, _iron),
        thing(sphere(1.0), Place((x - 0.6, y + 4.28, z), None, 0.19), 1.05, _lamp),
        thing(
            turned([(0, 0.32), (0.08, 0.32), (0.34, 0.02), (0.34, -0.02), (0, -0.02)]),
            Place((x - 0.6, y + 4.36, z)),
            0.5,
            _iron,
        ),
    ]
