"""The arrays that the samples are computed with. All are float32."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
"""One number a point."""
Points = NDArray[Any]
"""Points, directions or colours: (3, n)."""
Vector = tuple[float, float, float]


def column(vector: Vector) -> Points:
    """Return a vector as it is added to points."""
    return np.array(vector, np.float32)[:, None]


def dot(a: Points, b: Points) -> Values:
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def cross(a: Points, b: Points) -> Points:
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]).astype(
        np.float32
    )


def length(a: Points) -> Values:
    return np.asarray(np.sqrt(dot(a, a)))


def unit(a: Points) -> Points:
    return np.asarray(a / np.maximum(length(a), 1e-9), np.float32)


def step(low: float, high: float, value: Values) -> Values:
    """Return 0 below `low`, 1 above `high` (or the other way round), and a smooth passage between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def mix(a: Values, b: Values, share: Values | float) -> Values:
    return np.asarray(a + (b - a) * share, np.float32)
