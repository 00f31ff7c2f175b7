"""Smooth noise in the plane and in space, from tables of random numbers with fixed seeds."""

import cv2
import numpy as np

from scripts.samples.values import Points, Values

SIDE = 256
"""The noise in the plane repeats after this many cells, the one in space after an eighth of it."""
ASKEW = np.array([[0.48, 0.64, -0.60], [-0.80, 0.60, 0], [0.36, 0.48, 0.80]], np.float32)
"""A turn that hides the grid behind the noise in space."""
CHUNK = 16384  # points at a time; OpenCV looks up fewer than 2**15


def lookup(table: Values, x: Values, y: Values, how: int = cv2.INTER_LINEAR) -> Values:
    """Return the table's values at these columns and rows, which may lie between its cells or outside."""
    flat_x, flat_y = np.ravel(x).astype(np.float32), np.ravel(y).astype(np.float32)
    found = np.empty(flat_x.shape + table.shape[2:], np.float32)
    for start in range(0, len(flat_x), CHUNK):
        part = slice(start, start + CHUNK)
        found[part] = cv2.remap(
            table, flat_x[None, part], flat_y[None, part], how, borderMode=cv2.BORDER_REPLICATE
        )[0]
    return found.reshape(np.shape(x) + table.shape[2:])


def around(position: Values) -> Values:
    """Where in a table with its border a position on the endless plane lies."""
    cells = np.asarray(position, np.float32)
    return np.asarray(cells - np.floor(cells * np.float32(1 / SIDE)) * np.float32(SIDE) + np.float32(2))


def plane_noise(x: Values, y: Values, seed: int, octaves: int = 4, fade: float = 0.5) -> Values:
    """Return noise, about -1 to 1, with bumps of size 1 at these points of the plane."""
    random = np.random.default_rng(seed)
    total = np.zeros(np.shape(x), np.float32)
    weight, scale = 1.0, 1.0
    for _ in range(octaves):
        table = cv2.copyMakeBorder(
            random.standard_normal((SIDE, SIDE), np.float32), 2, 3, 2, 3, cv2.BORDER_WRAP
        )
        shift_x, shift_y = random.uniform(0, SIDE, 2).astype(np.float32)
        column, row = around(x * np.float32(scale) + shift_x), around(y * np.float32(scale) + shift_y)
        total += weight * lookup(table, column, row, cv2.INTER_CUBIC)
        weight, scale = weight * fade, scale * 2.03
    return np.asarray(total * 0.62, np.float32)


def space_noise(points: Points, seed: int, octaves: int = 3, fade: float = 0.5) -> Values:
    """Return noise, about -1 to 1, with bumps of size 1 at these points of space."""
    random = np.random.default_rng(seed)
    side = SIDE // 8
    points = ASKEW @ np.asarray(points, np.float32)
    total = np.zeros(points.shape[1:], np.float32)
    weight = 1.0
    for _ in range(octaves):
        table = random.standard_normal((side, side, side), np.float32)
        layers = np.pad(table, ((0, 1), (0, 1), (0, 1)), "wrap").reshape(-1, side + 1)  # one below the other
        at = points + random.uniform(0, side, 3).astype(np.float32)[:, None]
        low = np.floor(at)
        part = at - low
        part = part * part * part * (part * (part * 6 - 15) + 10)
        x, y, z = low - np.floor(low / side) * side
        row = z * (side + 1) + y + part[1]
        here, next_layer = lookup(layers, x + part[0], row), lookup(layers, x + part[0], row + (side + 1))
        total += weight * (here + (next_layer - here) * part[2])
        weight, points = weight * fade, ASKEW @ points * np.float32(2.03)
    return np.asarray(total * 0.8, np.float32)
