"""A garden, far out of focus, as seen through a window: a tree, bushes, flowers, the edge of a wood."""

from functools import cache

import cv2
import numpy as np

from scripts.samples.light import Stop, colours, light_of
from scripts.samples.noise import lookup, plane_noise
from scripts.samples.values import Points, Values, step

_SIDE = 900
_BLUR = 12  # pixels; how wide a point of light is seen
_SKY: tuple[Stop, ...] = (
    (0, (126, 172, 214)),
    (0.35, (196, 216, 228)),
    (0.52, (250, 232, 200)),
    (0.6, (238, 214, 160)),
    (0.66, (140, 160, 96)),
    (1, (84, 118, 58)),
)
_FLOWERS = (226, 110, 140), (248, 238, 226), (238, 190, 70), (150, 110, 190)
_WOOD, _LEAVES, _BUSH = (
    ((108, 132, 116), (196, 196, 140)),
    ((28, 64, 46), (142, 178, 104)),
    ((44, 74, 38), (154, 172, 74)),
)

Rgb = tuple[float, float, float]


def seen(across: Values, up: Values) -> Points:
    """Return the light from directions, in 1/45 degrees to the right of the middle and above the horizon."""
    x, y = np.clip(_SIDE / 2 + across, 0, _SIDE - 1), np.clip(0.58 * _SIDE - up, 0, _SIDE - 1)
    return np.asarray(lookup(_picture(), x, y).T)


@cache
def _picture() -> Values:
    random = np.random.default_rng(231)
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float32)
    garden = np.ascontiguousarray(np.moveaxis(colours(y / _SIDE, *_SKY), 0, -1))
    clouds = 0.8 * step(0.0, 0.9, plane_noise(x / 190, y / 60, 232, 4)) * step(0.55, 0.3, y / _SIDE)
    garden += (light_of(255, 246, 232)[:, 0] - garden) * clouds[..., None]
    for middle in range(-40, 960, 45):
        _leaves(
            garden,
            random,
            26,
            (middle, 545 + random.normal(0, 10)),
            (50, 34 + random.uniform(0, 30)),
            _WOOD,
            10,
        )
    for place, size, count in (
        ((60, 610), (150, 60), 160),
        ((330, 640), (120, 46), 140),
        ((560, 622), (150, 56), 170),
        ((830, 610), (140, 80), 170),
    ):
        _leaves(garden, random, count, place, size, _BUSH, 12)
    for start, end, wide in (
        ((318, 680), (300, 360), 24),
        ((304, 420), (210, 300), 12),
        ((302, 420), (400, 290), 12),
    ):
        cv2.line(garden, start, end, light_of(84, 64, 50)[:, 0].tolist(), wide)
    for place, size, count in (
        ((300, 210), (215, 170), 420),
        ((170, 330), (110, 80), 160),
        ((430, 320), (100, 76), 160),
    ):
        _leaves(garden, random, count, place, size, _LEAVES, 14)
    for _ in range(240):
        at = random.uniform(0, _SIDE), _SIDE * random.uniform(0.75, 1.0)
        _spot(garden, random, at, random.uniform(4, 9), _FLOWERS[random.integers(4)])
    return _out_of_focus(garden, _sparks(random))


def _leaves(
    garden: Values,
    random: np.random.Generator,
    count: int,
    middle: tuple[float, float],
    size: tuple[float, float],
    ends: tuple[Rgb, Rgb],
    large: float,
) -> None:
    """A mass of leaves that is lit from the upper right."""
    dark, pale = np.array(ends[0]), np.array(ends[1])
    for _ in range(count):
        angle, far = random.uniform(0, 2 * np.pi), random.uniform(0, 1) ** 0.6
        x, y = np.cos(angle) * far, np.sin(angle) * far
        light = np.clip(0.45 + 0.38 * (x * 0.6 - y * 0.8) + random.normal(0, 0.2), 0, 1)
        red, green, blue = (dark + (pale - dark) * light).tolist()
        at = middle[0] + x * size[0], middle[1] + y * size[1]
        _spot(garden, random, at, random.uniform(0.6, 1.4) * large, (red, green, blue))


def _spot(
    garden: Values, random: np.random.Generator, at: tuple[float, float], radius: float, rgb: Rgb
) -> None:
    cv2.ellipse(
        garden, (at, (2 * radius, 1.5 * radius), random.uniform(0, 180)), light_of(*rgb)[:, 0].tolist(), -1
    )


def _sparks(random: np.random.Generator) -> Values:
    """The sun in the gaps between leaves."""
    sparks = np.zeros((_SIDE, _SIDE, 3), np.float32)
    for _ in range(70):
        angle, far = random.uniform(0, 2 * np.pi), random.uniform(0.3, 1) ** 0.5
        x, y = 300 + np.cos(angle) * far * 205, 230 + np.sin(angle) * far * 165
        if random.uniform() < 0.4:
            x, y = random.uniform(0, _SIDE), random.uniform(0.57, 0.66) * _SIDE
        bright = random.uniform(0.3, 1)
        cv2.circle(sparks, (int(x), int(y)), 2, (bright, 0.9 * bright, 0.55 * bright), -1)
    return sparks


def _out_of_focus(garden: Values, sparks: Values) -> Values:
    disc = np.zeros((2 * _BLUR + 3, 2 * _BLUR + 3), np.float32)
    cv2.circle(disc, (_BLUR + 1, _BLUR + 1), _BLUR, 1.0, -1, cv2.LINE_AA)
    disc /= disc.sum()
    soft = cv2.filter2D(cv2.GaussianBlur(garden, (0, 0), 3), -1, disc)
    return np.asarray(soft + 10 * cv2.GaussianBlur(cv2.filter2D(sparks, -1, disc), (0, 0), 1.5), np.float32)
