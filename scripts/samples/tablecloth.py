"""A wooden table at height 0 and the linen cloth that lies on it."""

from functools import cache

import cv2
import numpy as np

from scripts.samples.light import Stop, colours, light_of
from scripts.samples.noise import lookup, plane_noise
from scripts.samples.scene import Skin
from scripts.samples.values import Points, Values, Vector, mix, step, unit

_WOOD: tuple[Stop, ...] = (
    (0, (66, 38, 22)),
    (0.4, (122, 76, 44)),
    (0.75, (164, 110, 66)),
    (1, (196, 144, 94)),
)
_PLANK = 1.35
_FINE = 0.012  # how far apart the grain's rise is felt

# The map of the cloth: its left and near edge, and the side of a cell.
_LEFT, _NEAR, _CELL = -6.0, -6.2, 1 / 64
_RIGHT, _FARTHEST = 3.0, 1.2
_HALF = 2.6, 2.0
_FOLDS = (
    # direction, place, height, width
    (62, -1.0, 0.12, 0.16),
    (48, -1.9, 0.14, 0.15),
    (76, 0.35, 0.09, 0.15),
    (24, -1.1, 0.07, 0.13),
    (66, 1.35, 0.12, 0.16),
    (-16, 1.25, 0.07, 0.12),
    (55, -0.3, 0.05, 0.2),
    (-40, 0.2, 0.04, 0.16),
)


def table_skin(sun: Vector, p: Points) -> Skin:
    x, z = p[0], p[2]
    colour, height = _boards(x, z)
    rise_x = (_boards(x + _FINE, z)[1] - height) / _FINE
    rise_z = (_boards(x, z + _FINE)[1] - height) / _FINE
    wood = unit(np.stack([-0.5 * rise_x, np.ones_like(x), -0.5 * rise_z]))
    column, row = (x - _LEFT) / _CELL, (z - _NEAR) / _CELL
    form, threads = _cloth(sun)
    cloth, light, rise_x, rise_z = lookup(form, column, row).T
    linen = unit(np.stack([-rise_x, np.ones_like(x), -rise_z]))
    colour = mix(colour, _linen(*lookup(threads, column, row).T), cloth) * light
    return Skin(colour, 0.35 * (1 - cloth), 0.25, normal=unit(mix(wood, linen, cloth)))


def _boards(x: Values, z: Values) -> tuple[Points, Values]:
    """Colour and height of the wood."""
    row = z / _PLANK + 0.18
    plank = np.floor(row)
    shift = plank * 7.3
    bend = 0.25 * plane_noise(x * 0.25 + shift, z * 0.6, 131, 2)
    rings = plane_noise(x * 0.16 + shift, (z + bend * 0.5) * 2.6 + shift, 132, 3)
    lines = np.sin(rings * 22 + z * 10) * 0.5 + 0.5
    fibre = plane_noise(x * 1.6 + shift, z * 42, 133, 3)
    tone = 0.42 + 0.16 * lines + 0.13 * fibre + 0.1 * np.sin(plank * 5.1)
    colour = colours(tone + 0.14 * plane_noise(x * 0.5, z * 0.5, 134, 3), *_WOOD)
    gap = np.minimum(row - plank, 1 - row + plank) * _PLANK
    seam = step(0.03, 0.008, gap)
    colour = colour * (1 - 0.85 * seam) * (1 - 0.25 * step(0.12, 0.02, gap))
    return colour, 0.01 * fibre + 0.012 * lines - 0.06 * seam


def _linen(inside: Values, u: Values, v: Values) -> Points:
    """The colour of the cloth at its own coordinates, so far inside its hem."""
    threads = np.sin(u * 260) * np.sin(v * 260)
    uneven = plane_noise(u * 9, v * 60, 154, 2) + plane_noise(u * 60, v * 9, 155, 2)
    colour = colours(0.5 + 0.125 * (threads + uneven), (0, (206, 196, 178)), (1, (240, 234, 222)))
    lines = step(0.02, 0.01, np.abs(np.abs(inside - 0.34) - 0.055))
    stripe = 0.9 * step(0.06, 0.05, np.abs(inside - 0.2))
    colour = mix(colour, light_of(96, 116, 150), 0.75 * np.clip(lines + stripe, 0, 1))
    return colour * (1 - 0.18 * step(0.05, 0.035, np.abs(inside - 0.06)) * step(0.03, 0.06, inside))


@cache
def _cloth(sun: Vector) -> tuple[Values, Values]:
    """Maps of the cloth: mask, light, slopes along x and z; distance inside the hem, its own coordinates."""
    z, x = np.mgrid[_NEAR:_FARTHEST:_CELL, _LEFT:_RIGHT:_CELL].astype(np.float32)
    turn = np.radians(24)
    u = (x + 2.2) * np.cos(turn) + (z + 2.3) * np.sin(turn) + 0.10 * plane_noise(x * 0.6, z * 0.6, 151, 2)
    v = (z + 2.3) * np.cos(turn) - (x + 2.2) * np.sin(turn) + 0.10 * plane_noise(x * 0.6, z * 0.6, 152, 2)
    inside = np.minimum(_HALF[0] - np.abs(u), _HALF[1] - np.abs(v)).astype(np.float32)
    height = 0.05 + 0.06 * plane_noise(u * 0.8, v * 0.8, 153, 3)
    for seed, (direction, place, rise, width) in enumerate(_FOLDS):
        c, d = np.cos(np.radians(direction)), np.sin(np.radians(direction))
        across = u * c + v * d - place + 0.12 * plane_noise(u * 0.9, v * 0.9, 160 + seed, 2)
        along = v * c - u * d
        strength = step(-0.9, 0.6, plane_noise(along * 0.55, along * 0, 170 + seed, 1))
        wide = width * (1 + 0.36 * plane_noise(along * 0.5, along * 0 + 3, 180 + seed, 1))
        height = height + rise * strength * np.exp(-((across / wide) ** 2))
    height = (np.maximum(height, 0.02) * step(0, 0.06, inside)).astype(np.float32)
    light = _lit(height, sun) * _open(height)
    soft = cv2.GaussianBlur(height, (0, 0), 1.2)
    slope_z, slope_x = np.gradient(soft, _CELL)
    form = np.stack([step(-0.012, 0.012, inside), cv2.GaussianBlur(light, (0, 0), 1.5), slope_x, slope_z], -1)
    return form.astype(np.float32), np.stack([inside, u, v], -1).astype(np.float32)


def _lit(height: Values, sun: Vector) -> Values:
    """How much light the folds leave each other."""
    light = np.ones_like(height)
    for number in range(1, 24):
        far = number * 0.03
        move = np.array([[1, 0, -sun[0] * far / _CELL], [0, 1, -sun[2] * far / _CELL]], np.float32)
        other = cv2.warpAffine(height, move, height.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        clear = 0.5 + (height + sun[1] * far - other) / (0.14 + far * 0.6)
        light = np.minimum(light, np.clip(clear, 0.12, 1))
    return light


def _open(height: Values) -> Values:
    """Valleys are dimmer than ridges."""
    around = cv2.GaussianBlur(height, (0, 0), 0.16 / _CELL)
    return np.asarray(np.clip(1 + (height - around) * 2.2, 0.55, 1.1), np.float32)
