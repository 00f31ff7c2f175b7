"""An evening sky by direction: a low sun on the left, clouds that it lights from below, and a far coast."""

import numpy as np

from scripts.samples.light import Stop, colours, light_of
from scripts.samples.noise import plane_noise
from scripts.samples.values import Points, Values, Vector, column, dot, mix, step

SUN: Vector = (-0.888, 0.222, 0.403)
"""Where the light comes from."""
_GLOW: Vector = (-0.730, 0.120, 0.673)
"""Where the sky is brightest."""
_CLEAR: tuple[Stop, ...] = (
    (-0.1, (244, 160, 100)),
    (0.0, (250, 168, 104)),
    (0.05, (246, 166, 122)),
    (0.12, (214, 156, 156)),
    (0.22, (138, 140, 186)),
    (0.36, (74, 108, 172)),
    (1, (30, 58, 122)),
)
_LIT: tuple[Stop, ...] = (
    (0, (96, 84, 126)),
    (0.4, (176, 112, 128)),
    (0.65, (240, 148, 110)),
    (0.85, (255, 190, 128)),
    (1, (255, 226, 176)),
)
"""Clouds, from their shade to what the sun lights."""


def glow(rays: Points) -> Values:
    """How near directions are to where the sky is brightest: 1 there, 0 far away."""
    return np.asarray(np.clip(dot(rays, column(_GLOW)), 0, 1))


def sky(rays: Points) -> Points:
    """Return the light from these directions."""
    up = rays[1]
    toward = glow(rays)
    light = colours(up - 0.05 * step(0.5, 1.0, toward), *_CLEAR)
    light = light + light_of(255, 176, 84) * (0.45 * toward**6 + 1.3 * toward**50)
    light = _high_clouds(rays, light, toward)
    light = _banks(rays, light, toward)
    light = light * (1 - 0.45 * step(-0.15, 0.55, np.arctan2(rays[0], rays[2])))  # dusk comes from the right
    return _coast(rays, light)


def _high_clouds(rays: Points, light: Points, toward: Values) -> Points:
    """Rows of small clouds on a high, flat layer, that come nearer to the horizon far away."""
    far = 1 / np.maximum(rays[1] + 0.03, 0.02)
    x, z = rays[0] * far, rays[2] * far
    bend = 0.6 * plane_noise(x * 0.5, z * 0.5, 301, 2)

    def thick(x: Values, z: Values) -> Values:
        rows = plane_noise(x * 0.55 + bend, z * 1.3 + bend, 302, 5, 0.55)
        return np.asarray(rows + 0.7 * plane_noise(x * 0.16, z * 0.20, 303, 2) - 0.15)

    here = thick(x, z)
    nearer = thick(x + 0.30 * _GLOW[0], z + 0.30 * _GLOW[2])
    cover = step(0.0, 0.9, here) * step(0.045, 0.16, rays[1])
    lit = np.clip(0.58 + 0.60 * (here - nearer) - 0.22 * here + 0.35 * toward**2, 0, 1)
    cloud = colours(lit, *_LIT)
    return mix(light, cloud * (0.92 + 0.5 * toward**4), 0.88 * cover)


def _banks(rays: Points, light: Points, toward: Values) -> Points:
    """Heaped clouds low above the horizon."""
    across = np.arctan2(rays[0], rays[2])
    up = np.arcsin(np.clip(rays[1], -1, 1))

    def thick(x: Values, y: Values) -> Values:
        heaps = plane_noise(x * 6, y * 11, 311, 6, 0.56)
        top = 0.105 + 0.055 * plane_noise(x * 3.1, x * 0, 312, 2) + 0.06 * step(-0.1, 0.5, x)
        return np.asarray(0.55 * heaps + (top - y) * 14 - 0.15)

    here = thick(across, up)
    toward_sun = thick(across - 0.035, up + 0.010)
    cover = step(0.0, 0.55, here) * step(0.0, 0.03, up + 0.01) * (0.35 + 0.65 * step(0.02, 0.06, up))
    lit = np.clip(0.36 + 0.9 * (here - toward_sun) + 0.5 * step(0.7, 0.0, here), 0, 1)
    cloud = colours(lit, *_LIT)
    return mix(light, cloud * (0.95 + 0.5 * toward**4), 0.93 * cover)


def _coast(rays: Points, light: Points) -> Points:
    """Two far rows of hills, in the haze."""
    across = np.arctan2(rays[0], rays[2])
    for seed, rise, colour, haze in ((321, 0.032, (150, 130, 158), 0.45), (322, 0.020, (98, 98, 130), 0.25)):
        ridge = (
            rise
            * (0.55 + 0.5 * plane_noise(across * 5, across * 0, seed, 5))
            * step(0.35, -0.35, across - 0.3 * (seed - 321))
        )
        hill = step(-0.0008, 0.0008, ridge - rays[1])
        ground = mix(
            light_of(*colour) * 0.9,
            light_of(252, 196, 150),
            haze * step(0.0, -1.2, across) + 0.25 * step(0.02, 0, rays[1]),
        )
        light = mix(light, ground, hill)
    return light
