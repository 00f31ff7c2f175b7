"""A painted bowl and a glazed jug, standing at height 0."""

import numpy as np

from scripts.samples.light import Stop, colours, light_of
from scripts.samples.noise import plane_noise, space_noise
from scripts.samples.scene import Skin
from scripts.samples.solids import Shape, joined, smooth, tube, turned
from scripts.samples.values import Points, Values, column, mix, step

_BOWL = smooth([(0, 0.17), (0.55, 0.17), (1.02, 0.27), (1.5, 0.56), (1.84, 0.93), (2.0, 1.22), (2.06, 1.32)])
_FOOT = [(0.82, 0.05), (0.78, 0.22)]
_JUG = smooth(
    [
        (0, 0.06),
        (0.6, 0.06),
        (0.78, 0.09),
        (0.95, 0.45),
        (1.13, 1.05),
        (1.12, 1.6),
        (0.92, 2.2),
        (0.66, 2.7),
        (0.58, 3.05),
        (0.64, 3.4),
        (0.76, 3.68),
    ]
)
_HANDLE = smooth([(0.62, 3.28), (1.05, 3.36), (1.5, 3.05), (1.6, 2.5), (1.4, 1.95), (1.02, 1.62)], 6)
_GLAZE: tuple[Stop, ...] = ((0, (38, 82, 84)), (0.5, (56, 112, 110)), (1, (104, 152, 138)))


def bowl() -> Shape:
    wall, foot = turned(_BOWL, 0.055), turned(_FOOT, 0.06)
    return lambda p: joined(wall(p), foot(p), 0.08)


def bowl_skin(p: Points, n: Points) -> Skin:
    """White, with a blue garland and bands outside."""
    r, angle = np.hypot(p[0], p[2]), np.arctan2(p[2], p[0])
    white = colours(0.5 + 0.4 * space_noise(p * 2.5, 111, 3), (0, (214, 208, 196)), (1, (238, 234, 224)))
    outside = p[0] * n[0] + p[2] * n[2] > -0.2 * r
    height = p[1] + 0.012 * plane_noise(angle * 6, p[1] * 3, 112, 2)
    bands = sum(
        step(half, half / 2, np.abs(height - at)) for at, half in ((1.2, 0.035), (1.1, 0.018), (0.34, 0.03))
    )
    # Leaves on both sides of a wavy stem.
    u = angle / (2 * np.pi) * 22
    stem = step(0.016, 0.007, np.abs(height - 0.76 - 0.07 * np.sin(u * np.pi)))
    side = np.where(np.floor(u) % 2 == 0, 1.0, -1.0)
    x, y = (u % 1 - 0.5) * 0.26, (height - 0.76) * side - 0.02
    large = ((x - y * 0.35 + 0.02) / 0.05) ** 2 + ((y - 0.1) / 0.12) ** 2
    small = ((x + y * 0.35 - 0.02) / 0.04) ** 2 + ((y + 0.14) / 0.1) ** 2
    ink = np.clip(bands + stem + step(1.1, 0.9, large) + step(1.1, 0.9, small), 0, 1) * outside
    ink = ink * (0.75 + 0.25 * space_noise(p * 7, 113, 2))
    rim = 0.8 * step(1.335, 1.36, p[1])
    return Skin(mix(white, light_of(28, 58, 128), 0.86 * np.maximum(ink, rim)), 1.0, 0.02)


def jug() -> Shape:
    wall, rod = turned(_JUG, 0.06), tube(_HANDLE, 0.12)

    def shape(p: Points) -> Values:
        spout = np.exp(-((np.arctan2(p[2], -p[0]) / 0.42) ** 2)) * step(2.95, 3.75, p[1])
        pull = 1 + 0.42 * spout
        body = wall(np.stack([p[0] / pull, p[1] - 0.13 * spout, p[2] / pull]))
        handle = np.maximum(rod(np.stack([p[0], p[1], p[2] * 0.72])), (0.55 - p[0]) * 0.7)
        return joined(body, handle, 0.12)

    return shape


def jug_skin(p: Points, _: Points) -> Skin:
    """A green glaze that ends in waves above the bare clay."""
    angle = np.arctan2(p[2], p[0])
    glaze = colours(0.5 + 0.35 * space_noise(p * column((1.6, 0.8, 1.6)), 122, 4), *_GLAZE)
    grain = space_noise(p * column((2, 14, 2)), 123, 3)
    clay = colours(0.5 + 0.4 * grain, (0, (150, 112, 80)), (1, (196, 156, 118)))
    glazed = step(0.42, 0.48, p[1] + 0.06 * plane_noise(angle * 2.5, angle * 0, 124, 3))
    colour = mix(clay, glaze, glazed)
    worn = step(3.72, 3.8, p[1])
    return Skin(mix(colour, light_of(150, 120, 84), 0.7 * worn), 0.2 + 0.6 * glazed, 0.03)


def jug_bump(p: Points) -> Values:
    return 0.004 * space_noise(p * 1.3, 125, 1)
