"""Fruit of several kinds: shapes of radius 1 around their middle, their stem upwards, and their skins."""

import numpy as np

from scripts.samples.light import Stop, colours, light_of
from scripts.samples.noise import plane_noise, space_noise
from scripts.samples.scene import Skin, SkinOf
from scripts.samples.solids import Shape, ellipsoid, smooth, turned
from scripts.samples.values import Points, Values, length, mix, step, unit

Rgb = tuple[float, float, float]

_APPLE = smooth(
    [
        (0, 0.56),
        (0.1, 0.66),
        (0.3, 0.78),
        (0.6, 0.76),
        (0.87, 0.5),
        (0.98, 0.1),
        (0.9, -0.36),
        (0.66, -0.74),
        (0.36, -0.9),
        (0.14, -0.84),
        (0, -0.74),
    ]
)
_PEAR = smooth(
    [
        (0, 1.5),
        (0.12, 1.5),
        (0.3, 1.36),
        (0.42, 1.05),
        (0.55, 0.62),
        (0.86, 0.1),
        (0.98, -0.36),
        (0.86, -0.78),
        (0.5, -1.02),
        (0.15, -1.02),
        (0, -0.94),
    ]
)
_LEMON = smooth(
    [
        (0, 1.42),
        (0.1, 1.4),
        (0.2, 1.22),
        (0.42, 1.02),
        (0.76, 0.66),
        (0.93, 0.2),
        (0.93, -0.25),
        (0.76, -0.68),
        (0.42, -1.02),
        (0.16, -1.14),
        (0, -1.18),
    ]
)


def _polar(p: Points) -> tuple[Values, Values]:
    """Distance from the y axis, and the angle around it."""
    return np.hypot(p[0], p[2]), np.arctan2(p[2], p[0])


def apple() -> Shape:
    body = turned(_APPLE)

    def shape(p: Points) -> Values:
        _, angle = _polar(p)
        ribs = 1 + 0.03 * np.sin(angle * 5 + 0.6) * (0.4 + 0.6 * step(0.2, -0.8, p[1]))
        return np.asarray(body(np.stack([p[0] / ribs, p[1], p[2] / ribs])) * 0.95)

    return shape


def apple_skin(ground: Rgb, blush: Rgb, seed: int) -> SkinOf:
    """Streaks of one colour over another."""
    between = ((ground[0] + blush[0]) / 2, (ground[1] + blush[1]) / 2, (ground[2] + blush[2]) / 2)

    def skin(p: Points, _: Points) -> Skin:
        r, angle = _polar(p)
        streaks = space_noise(np.stack([np.cos(angle) * 9, p[1] * 1.3, np.sin(angle) * 9]), seed, 3)
        patches = space_noise(p * 1.1, seed + 1, 2)
        share = step(-0.7, 0.75, 0.35 + streaks * 0.6 + patches * 0.6 + 0.35 * np.cos(angle - 1.2))
        share = share * step(0.04, 0.5, r + 0.12 * streaks)
        colour = colours(share, (0, ground), (0.45, between), (1, blush))
        dots = step(0.75, 1.0, space_noise(p * 26, seed + 2, 1))
        colour = mix(colour, light_of(246, 222, 160), 0.17 * dots)
        hollow = step(0.24, 0.05, r) * (p[1] > 0)
        return Skin(mix(colour, light_of(120, 96, 44), 0.6 * hollow), 1.0, 0.03)

    return skin


def pear() -> Shape:
    return turned(_PEAR)


def pear_skin(p: Points, _: Points) -> Skin:
    _, angle = _polar(p)
    share = step(-0.4, 0.9, space_noise(p * 1.3, 71, 3) * 0.6 + 0.6 * np.cos(angle - 2.6) - 0.2 * p[1])
    colour = colours(share, (0, (164, 162, 54)), (0.5, (192, 152, 56)), (1, (178, 92, 48)))
    freckles = step(0.6, 0.9, space_noise(p * 30, 72, 1))
    ends = 0.8 * step(1.1, 1.5, p[1]) + 0.6 * step(-0.8, -1.0, p[1])
    russet = step(0.35, 0.9, space_noise(p * 5, 73, 3) + ends)
    return Skin(mix(colour, light_of(134, 96, 50), 0.5 * np.maximum(freckles, russet)), 0.6, 0.14)


def orange() -> Shape:
    return ellipsoid(1.0, 0.94, 1.0)


def orange_skin(p: Points, _: Points) -> Skin:
    r, _ = _polar(p)
    colour = colours(0.5 + 0.3 * space_noise(p * 1.6, 81, 2), (0, (214, 90, 8)), (1, (236, 132, 22)))
    navel = step(0.13, 0.06, r) * (p[1] > 0)
    return Skin(mix(colour, light_of(110, 120, 50), navel), 0.7, 0.13)


def orange_bump(p: Points) -> Values:
    pores = step(0.1, 0.9, space_noise(unit(p) * 20, 82, 1))
    return np.asarray(-0.010 * pores + 0.004 * space_noise(p * 6, 83, 1))


def lemon() -> Shape:
    return turned(_LEMON)


_LEMON_TONES: tuple[Stop, ...] = ((0, (172, 158, 30)), (0.4, (224, 184, 30)), (1, (238, 206, 60)))


def lemon_skin(p: Points, _: Points) -> Skin:
    tone = 0.5 + 0.3 * space_noise(p * 1.4, 91, 2) - 0.4 * step(0.95, 1.4, np.abs(p[1]))
    return Skin(colours(tone, *_LEMON_TONES), 0.7, 0.11)


def lemon_bump(p: Points) -> Values:
    pores = step(0, 0.9, space_noise(p * 14, 92, 1))
    return np.asarray(-0.007 * pores + 0.006 * space_noise(p * 4, 93, 1))


def plum() -> Shape:
    body = ellipsoid(0.93, 1.06, 0.93)
    return lambda p: body(p) + 0.05 * np.exp(-((p[0] / 0.1) ** 2)) * (p[2] < 0)


def plum_skin(p: Points, _: Points) -> Skin:
    bloom = step(-0.9, 1.0, space_noise(p * 3.0, 95, 4))
    return Skin(colours(bloom, (0, (54, 22, 56)), (1, (98, 82, 126))), 0.5, 0.2)


def grape() -> Shape:
    return ellipsoid(0.97, 1.06, 0.97)


def grape_skin(number: float) -> SkinOf:
    """Each grape is a little different."""
    tone = 0.5 + 0.5 * np.sin(number * 8.5)
    dark, pale = (52 + 28 * tone, 10, 34 - 8 * tone), (106 + 18 * tone, 74, 112 - 10 * tone)

    def skin(p: Points, _: Points) -> Skin:
        r, _ = _polar(p)
        colour = colours(step(-0.9, 1.1, space_noise(p * 2.2 + 3.7 * number, 96, 4)), (0, dark), (1, pale))
        tip = step(0.16, 0.1, r) * (p[1] < 0)
        return Skin(mix(colour, light_of(60, 40, 30), 0.7 * tip), 0.9, 0.05, light_of(136, 14, 38) * 0.4)

    return skin


def cherry() -> Shape:
    body = ellipsoid(1.0, 0.94, 1.0)

    def shape(p: Points) -> Values:
        r, _ = _polar(p)
        return np.asarray(body(p) + 0.22 * np.exp(-((r / 0.3) ** 2)) * (p[1] > 0))

    return shape


def cherry_skin(p: Points, _: Points) -> Skin:
    colour = colours(0.5 + 0.4 * space_noise(p * 1.5, 99, 3), (0, (84, 6, 14)), (1, (156, 18, 26)))
    return Skin(colour, 1.0, 0.03, light_of(150, 10, 16) * 0.25)


def stem_skin(p: Points, _: Points) -> Skin:
    return Skin(light_of(92, 70, 40) * (1 + 0.4 * space_noise(p * np.float32(9), 97, 2)), 0.2, 0.3)


def leaf(p: Points) -> Values:
    """A bent leaf from 0 to 1 on the z axis."""
    t, side = np.clip(p[2], 0, 1), np.abs(p[0])
    half = 0.30 * np.maximum(np.sin(np.pi * t**0.8), 0) ** 0.9 + 0.004
    lift = -0.5 * (t - 0.2) ** 2 + 0.35 * side + 0.1 * np.sin(p[2] * 16) * side
    away = length(np.stack([np.maximum(side - half, 0), (p[1] - lift) * 0.8, p[2] - t]))
    return np.asarray((away - 0.014) * 0.8)


def leaf_skin(p: Points, _: Points) -> Skin:
    side = np.abs(p[0])
    ribs = step(0.25, 0.05, np.abs((p[2] * 7 - side * 9) % 1 - 0.5))
    veins = np.maximum(step(0.02, 0.006, side), 0.6 * ribs)
    colour = colours(0.5 + 0.3 * space_noise(p * 5, 98, 2), (0, (40, 74, 28)), (1, (86, 124, 48)))
    return Skin(mix(colour, light_of(140, 164, 84), 0.45 * veins), 0.5, 0.12, light_of(110, 150, 30) * 0.5)


_FLESH: tuple[Stop, ...] = ((0, (180, 58, 2)), (0.6, (216, 90, 6)), (1, (234, 124, 22)))


def half_orange(p: Points) -> Values:
    """Cut across; the cut is on top."""
    return np.asarray(np.maximum(length(p) - 1, p[1]))


def half_orange_skin(p: Points, n: Points) -> Skin:
    r, angle = _polar(p)
    cut = (n[1] > 0.7) & (p[1] > -0.05)
    wobble = 0.05 * plane_noise(np.cos(angle) * 2, np.sin(angle) * 2, 101, 2)
    count = 10
    sector = (angle / (2 * np.pi) * count + wobble) % 1
    edge = np.minimum(sector, 1 - sector) / count * 2 * np.pi * np.maximum(r, 0.02)
    flesh = step(0.006, 0.03, edge) * step(0.90, 0.865, r) * step(0.04, 0.1, r + wobble * 0.5)
    cells = _cells(p, r, angle) * step(0.1, 0.5, r)
    colour = mix(light_of(238, 202, 134), colours(0.45 + 0.35 * cells + 0.2 * (r - 0.5), *_FLESH), flesh)
    peel = orange_skin(p, n).colour
    colour = np.where(cut, mix(colour, peel, step(0.945, 0.965, r)), peel)
    return Skin(colour, np.where(cut, 0.25, 0.7), 0.14, light_of(255, 110, 6) * 0.22 * (cut * flesh))


def half_orange_bump(p: Points) -> Values:
    r, angle = _polar(p)
    return np.where(p[1] > -0.03, 0.008 * _cells(p, r, angle) * step(0.1, 0.5, r), orange_bump(p))


def _cells(p: Points, r: Values, angle: Values) -> Values:
    """What the flesh is made of: long drops that point inwards."""
    return plane_noise(angle * 14, r * 5 + 0.6 * plane_noise(p[0] * 6, p[2] * 6, 102, 2), 103, 2)
