"""Boats: hulls from -1 to 1 along the x axis, the water at height 0, and what stands on them."""

from __future__ import annotations

import numpy as np

from scripts.samples.light import light_of
from scripts.samples.noise import space_noise
from scripts.samples.scene import Skin, SkinOf, Thing, thing
from scripts.samples.solids import Place, Shape, box, capsule, rotation, sphere, torus, turned
from scripts.samples.values import Points, Values, Vector, column, mix, step

Rgb = tuple[float, float, float]


def _beam(x: Values, slim: float) -> Values:
    ahead, behind = np.clip(x, 0, 1), np.clip(-x, 0, 1)
    return np.asarray(slim * np.maximum(1 - ahead**2.3, 0) ** 0.8 * (1 - 0.28 * behind**2))


def _rail(x: Values) -> Values:
    """How high the hull's edge is."""
    return np.asarray(0.20 + 0.17 * np.clip(x, 0, 1) ** 2 + 0.05 * np.clip(-x, 0, 1) ** 2)


def hull(slim: float = 0.34) -> Shape:
    def shape(p: Points) -> Values:
        x = p[0] - 0.35 * np.clip(p[1], -0.1, 0.5) * step(0.3, 1.0, p[0])  # the bow leans forward
        edge = _rail(x)
        fill = np.clip((p[1] + 0.22) / (edge + 0.22), 0, 1) ** 0.45
        side = np.abs(p[2]) - _beam(x, slim) * fill
        out = np.maximum(np.maximum(side, np.abs(x) - 1), np.maximum(p[1] - edge, -0.2 - p[1]))
        well = np.maximum(np.maximum(side + 0.035, np.abs(x + 0.03) - 0.93), edge - 0.10 - p[1])
        return np.asarray(np.maximum(out, -well) * 0.6)

    return shape


def hull_skin(paint: Rgb, band: Rgb, bottom: Rgb, deck: Rgb = (150, 112, 76)) -> SkinOf:
    def skin(p: Points, n: Points) -> Skin:
        edge = _rail(p[0])
        worn = space_noise(p * column((4, 7, 4)), 351, 4)
        colour = light_of(*paint) * (1 + 0.10 * worn)
        planks = step(0.12, 0.0, np.abs((edge - p[1]) * 16 % 1 - 0.5) * 2)
        colour = colour * (1 - 0.25 * planks)
        colour = mix(colour, light_of(*band), step(0.052, 0.044, edge - p[1]))
        colour = mix(colour, light_of(*bottom), step(0.06, 0.05, p[1]))
        colour = mix(colour, light_of(70, 66, 50), 0.6 * step(0.03, 0.0, p[1]) + 0.18 * step(0.5, 1.0, worn))
        inside = (n[1] > 0.7) & (p[1] < edge - 0.05)
        boards = (
            light_of(*deck) * (1 - 0.3 * step(0.15, 0.0, np.abs(p[2] * 22 % 1 - 0.5) * 2)) * (1 + 0.2 * worn)
        )
        return Skin(np.where(inside, boards, colour), 0.5, 0.12)

    return skin


def _box(place: Place, at: Vector, half: Vector, skin: SkinOf, edge: float = 0.01, **turn: float) -> Thing:
    return _put(place, box(*half, edge), at, float(np.linalg.norm(half)), skin, **turn)


def _put(place: Place, shape: Shape, at: Vector, radius: float, skin: SkinOf, **turn: float) -> Thing:
    """A thing on a boat, in the boat's space."""
    x, y, z = place.out(column(at))[:, 0].tolist()
    own = rotation(**turn)
    return thing(
        shape, Place((x, y, z), own if place.turn is None else place.turn @ own, place.size), radius, skin
    )


def _rod(place: Place, start: Vector, end: Vector, radius: float, skin: SkinOf) -> Thing:
    a, b = np.array(start), np.array(end)
    middle = (a + b) / 2
    half = (b - a) / 2
    x, y, z = middle.tolist()
    hx, hy, hz = half.tolist()
    return _put(
        place,
        capsule((-hx, -hy, -hz), (hx, hy, hz), radius),
        (x, y, z),
        float(np.linalg.norm(half)) + radius,
        skin,
    )


def plain(red: float, green: float, blue: float, gloss: float = 0.3) -> SkinOf:
    def skin(p: Points, _: Points) -> Skin:
        return Skin(
            light_of(red, green, blue) * (1 + 0.12 * space_noise(p * np.float32(5), 352, 3)), gloss, 0.15
        )

    return skin


def _house_skin(p: Points, n: Points) -> Skin:
    """White boards, with a row of windows high on each side."""
    colour = light_of(232, 226, 212) * (1 + 0.08 * space_noise(p * 8, 353, 3))
    colour = colour * (1 - 0.12 * step(0.2, 0.0, np.abs(p[1] * 24 % 1 - 0.5) * 2))
    along = np.where(np.abs(n[0]) > 0.7, p[2], p[0])
    pane = (
        step(0.055, 0.05, np.abs((along + 0.07) % 0.14 - 0.07))
        * step(0.052, 0.046, np.abs(p[1] - 0.07))
        * (np.abs(n[1]) < 0.5)
    )
    colour = mix(colour, light_of(40, 48, 58), pane)
    return Skin(colour, 0.2 + 0.8 * pane, 0.05, light_of(255, 190, 96) * 0.55 * pane * (n[0] > -0.5))


def fishing_boat(place: Place, paint: Rgb, roof: Rgb) -> list[Thing]:
    wood, dark = plain(150, 104, 62), plain(70, 62, 60)
    return [
        thing(hull(), place, 1.12, hull_skin(paint, (240, 232, 214), (140, 50, 40)), centre=(0, 0.05, 0)),
        _box(place, (0.22, 0.32, 0), (0.22, 0.22, 0.17), _house_skin),
        _box(place, (0.22, 0.56, 0), (0.26, 0.022, 0.21), plain(*roof)),
        _box(place, (-0.35, 0.18, 0), (0.14, 0.07, 0.12), wood),
        _rod(place, (-0.06, 0.15, 0), (-0.06, 1.35, 0), 0.016, wood),
        _rod(place, (-0.06, 0.55, 0), (-0.80, 0.95, 0), 0.012, wood),
        _rod(place, (0.22, 0.58, 0), (0.22, 0.86, 0), 0.012, dark),
        _rod(place, (-0.06, 1.33, 0), (0.98, 0.36, 0), 0.004, dark),
        _rod(place, (-0.06, 1.33, 0), (-0.98, 0.26, 0), 0.004, dark),
        _rod(place, (-0.06, 1.33, 0), (-0.80, 0.95, 0), 0.004, dark),
        _put(place, torus(0.055, 0.022), (0.45, 0.28, -0.182), 0.09, plain(236, 96, 40), x=90),
        *(
            _put(place, sphere(0.052), (x, 0.13, -0.345), 0.06, plain(*rgb, 0.6))
            for x, rgb in ((-0.55, (236, 110, 40)), (-0.30, (240, 236, 226)), (-0.05, (236, 110, 40)))
        ),
        *(
            _box(place, (x, 0.20, z), (0.07, 0.06, 0.08), crate, 0.005, y=turn)
            for x, z, turn, crate in (
                (-0.62, 0.06, 12, plain(60, 110, 130)),
                (-0.60, -0.10, -8, plain(196, 160, 70)),
            )
        ),
    ]


def crate(place: Place, rgb: Rgb) -> Thing:
    """An open box of boards, of half side 1."""

    def skin(p: Points, _: Points) -> Skin:
        gaps = step(0.16, 0.10, np.abs(p[1] * 1.5 % 1 - 0.5) * 2)
        grain = space_noise(p * column((1, 9, 1)), 355, 3)
        return Skin(light_of(*rgb) * (1 + 0.2 * grain) * (1 - 0.6 * gaps), 0.1, 0.3)

    hollow = box(0.88, 1, 0.88)
    solid = box(1, 0.7, 1, 0.03)
    lift = column((0, -0.4, 0))
    return thing(lambda p: np.maximum(solid(p), -hollow(p + lift)), place, 1.6, skin)


def barrel(place: Place) -> Thing:
    outline = [(0, 1.2), (0.62, 1.2), (0.74, 0.7), (0.8, 0), (0.74, -0.7), (0.62, -1.2), (0, -1.2)]

    def skin(p: Points, _: Points) -> Skin:
        staves = step(0.2, 0.0, np.abs(np.arctan2(p[2], p[0]) * 3.2 % 1 - 0.5) * 2)
        hoops = np.maximum(
            step(0.1, 0.08, np.abs(np.abs(p[1]) - 0.55)), step(0.1, 0.08, np.abs(np.abs(p[1]) - 1.05))
        )
        wood = (
            light_of(136, 96, 58)
            * (1 + 0.2 * space_noise(p * column((6, 1, 6)), 356, 3))
            * (1 - 0.4 * staves)
        )
        return Skin(mix(wood, light_of(66, 62, 62), hoops), 0.2, 0.2)

    return thing(turned(outline), place, 1.5, skin)


def rowing_boat(place: Place) -> list[Thing]:
    wood = plain(164, 120, 76)
    return [
        thing(
            hull(0.40),
            place,
            1.12,
            hull_skin((216, 196, 150), (60, 104, 90), (60, 90, 84), (170, 130, 88)),
            centre=(0, 0.05, 0),
        ),
        *(_box(place, (x, 0.15, 0), (0.07, 0.014, 0.33 - 0.08 * abs(x)), wood) for x in (-0.5, 0.0, 0.42)),
        _rod(place, (-0.55, 0.22, 0.12), (0.45, 0.20, 0.20), 0.016, wood),
        _rod(place, (-0.50, 0.22, -0.16), (0.50, 0.20, -0.10), 0.016, wood),
    ]


def sailing_boat(place: Place) -> list[Thing]:
    wood = plain(160, 116, 70)
    return [
        thing(
            hull(0.28),
            place,
            1.12,
            hull_skin((236, 230, 218), (30, 62, 96), (30, 52, 80), (170, 128, 84)),
            centre=(0, 0.05, 0),
        ),
        _box(place, (0.05, 0.24, 0), (0.26, 0.07, 0.13), _house_skin, 0.03),
        _rod(place, (0.12, 0.15, 0), (0.12, 2.75, 0), 0.020, wood),
        _rod(place, (0.12, 0.42, 0), (-0.92, 0.40, 0.10), 0.018, wood),
        _rod(place, (0.12, 2.73, 0), (0.98, 0.36, 0), 0.004, wood),
        _rod(place, (0.12, 2.73, 0), (-0.98, 0.26, 0), 0.004, wood),
        _put(place, _sail(1.0, 2.2), (0.09, 0.46, 0), 2.4, _sail_skin((246, 236, 216)), y=6),
        _put(place, _sail(0.74, 1.85), (0.90, 0.40, 0), 2.1, _sail_skin((226, 112, 66)), y=4, z=20),
    ]


def _sail(foot: float, luff: float) -> Shape:
    """A sail whose corner is at the middle: it reaches up along y, and backwards along x."""

    def shape(p: Points) -> Values:
        up = np.clip(p[1] / luff, 0, 1)
        wide = foot * (1 - up) * (1 + 0.25 * up) + 0.02
        back = np.clip(-p[0] / np.maximum(wide, 0.02), 0, 1)
        belly = 0.26 * foot * np.sin(np.pi * back**0.8) * (1 - up) ** 0.5 * (0.6 + up)
        sheet = np.abs(p[2] - belly) - 0.012
        ends = np.maximum(np.maximum(p[0], -wide - p[0]), np.maximum(-p[1], p[1] - luff))
        return np.asarray(np.maximum(sheet, ends) * 0.6)

    return shape


def _sail_skin(rgb: Rgb) -> SkinOf:
    def skin(p: Points, _: Points) -> Skin:
        seams = step(0.10, 0.0, np.abs((p[1] + 0.15 * p[0]) * 5 % 1 - 0.5) * 2)
        colour = light_of(*rgb) * (1 + 0.08 * space_noise(p * 3, 354, 3)) * (1 - 0.2 * seams)
        return Skin(colour, 0, 0.3, colour * 0.16)

    return skin
