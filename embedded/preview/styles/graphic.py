"""Styles of print and screen: comic, anime, pop art, woodblock, graffiti, art deco poster."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from embedded.preview.filters import (
    Colour,
    Picture,
    Plane,
    Random,
    as_picture,
    blur,
    clip,
    clouds,
    gradient,
    grey,
    ink_lines,
    kuwahara,
    luma,
    mix,
    paper,
    ramp,
    rgb,
    saturate,
    screen,
    smoothstep,
    stretch,
    unit,
)


def comic(picture: Picture, random: Random) -> Picture:
    """Flat tones, dots in the shadows, black lines."""
    u = unit(picture, random)
    flat = as_picture(clip(kuwahara(kuwahara(stretch(picture), 8 * u), 5 * u)) ** 0.85)
    light = luma(flat)
    colour = saturate(flat * ((_steps(light, 5, 7) * 0.95 + 0.05) / (light + 0.02))[..., None], 1.55)
    dots = _halftone(light.shape, 0.785 + random.uniform(-0.25, 0.25), max(4.0, 8.4 * u), random)
    shade = smoothstep(dots + (0.45 - light) * 2.0, -0.15, 0.15) * smoothstep(0.8 - light, 0, 0.2)
    colour = as_picture(colour * (1 - 0.40 * shade)[..., None])
    lines = ink_lines(luma(kuwahara(picture, 4 * u)), 1.7 * u, 0.25 * float(np.median(light)) + 0.08, 20, 10)
    return as_picture(clip(colour) * lines[..., None])


def anime(picture: Picture, random: Random) -> Picture:
    """Soft cel shading, coloured lines, a glow in the lights."""
    u = unit(picture, random)
    flat = kuwahara(kuwahara(stretch(picture), 10 * u), 6 * u)
    light = luma(flat)
    levels = 4.0
    step = light * levels - np.floor(light * levels)
    shaded = (np.floor(light * levels) + smoothstep(step, 0.3, 0.7)) / levels
    colour = saturate(flat * ((mix(light, shaded, 0.6) + 0.05) / (light + 0.05))[..., None], 1.45)
    colour = mix(clip(colour), 1 - (1 - clip(colour)) ** 1.35, 0.8)
    cool = mix(colour, (0.36, 0.34, 0.66), 0.16 * (1 - smoothstep(light, 0.15, 0.6)))
    lines = ink_lines(blur(luma(picture), 0.8 * u), 1.2 * u, 0.17, 16, 9)
    drawn = mix(mix(cool, (0.22, 0.12, 0.22), 0.8), cool, lines)
    # The light falls from a side that the seed chooses.
    height, width = light.shape
    fall = np.linspace(0, 1, width, dtype=np.float32)[None, :] * random.choice((-1, 1)) + random.uniform(
        -0.3, 0.3
    )
    fall = fall - np.linspace(0, 1, height, dtype=np.float32)[:, None]
    warm = smoothstep(as_picture(fall), -1.0, 1.0)[..., None] * rgb(0.11, 0.08, 0.03)
    glow = blur(np.clip(drawn - 0.6, 0, 1), 22 * u) * 0.7
    return screen(screen(drawn, glow), as_picture(warm))


def pop_art(picture: Picture, random: Random) -> Picture:
    """Five flat inks, dots between two of them, printed a little out of register."""
    u = unit(picture, random)
    light = luma(kuwahara(kuwahara(stretch(picture), 8 * u), 5 * u))
    inks = _screen_inks(random)
    edges = (
        np.quantile(light[::3, ::3], (0.18, 0.42, 0.66, 0.86)) * 0.6 + np.array([0.2, 0.4, 0.6, 0.8]) * 0.4
    )
    dots = _halftone(light.shape, random.uniform(0.2, 1.3), max(5.0, 11 * u), random)
    level = np.zeros(light.shape, np.float32)
    for number, edge in enumerate(edges):
        threshold = as_picture(light - edge)
        if number in (1, 2):  # the middle tones change over in dots
            threshold = as_picture(threshold + 0.055 * dots)
        level += smoothstep(as_picture(threshold), -0.008, 0.008)
    table = np.array(inks, np.float32)
    lower = np.floor(level).astype(np.int32).clip(0, len(inks) - 2)
    printed = mix(table[lower], table[lower + 1], as_picture(level - lower))
    key = ink_lines(luma(kuwahara(picture, 4 * u)), 1.7 * u, 0.3, 20, 10)
    shift = cv2.warpAffine(
        key,
        np.array([[1, 0, random.uniform(-4, 4) * u], [0, 1, random.uniform(-4, 4) * u]]),
        (key.shape[1], key.shape[0]),
        borderMode=cv2.BORDER_REPLICATE,
    )
    printed = mix(mix(printed, inks[0], 0.9), printed, as_picture(shift))
    return paper(random, printed, 0.008)


def ukiyo_e(picture: Picture, random: Random) -> Picture:
    """A woodblock print: few muted inks, graded areas, the grain of the block, indigo lines."""
    u = unit(picture, random)
    flat = kuwahara(kuwahara(stretch(picture), 11 * u), 7 * u)
    nearest = _nearest(flat, UKIYO_E_INKS)
    nearest = np.asarray(cv2.medianBlur(nearest, 2 * max(1, round(2 * u)) + 1), np.uint8)
    printed = mix(np.array(UKIYO_E_INKS, np.float32)[nearest], flat, 0.22)
    height, width = nearest.shape
    grain = clouds(random, (max(2, height // 24), width), 3 * max(u, 0.5), 2)
    grain = as_picture(cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR))
    printed = as_picture(
        printed * (1 + 0.045 * grain + 0.03 * clouds(random, nearest.shape, 90 * u, 3))[..., None]
    )
    slope = np.hypot(*gradient(blur(luma(printed), 1.2 * u)))
    lines = ink_lines(luma(kuwahara(picture, 6 * u)), 1.6 * u, 0.34, 20, 9)
    lines = lines * (1 - 0.55 * smoothstep(as_picture(slope), 0.02, 0.07))
    printed = mix(mix(printed, (0.10, 0.13, 0.24), 0.92), printed, as_picture(lines))
    return paper(random, as_picture(printed * rgb(1, 0.985, 0.94)), 0.018)


def graffiti(picture: Picture, random: Random) -> Picture:
    """Spray paint on a wall: loud flat colours with soft, speckled rims, black outlines, drips."""
    u = unit(picture, random)
    flat = kuwahara(kuwahara(stretch(picture), 7 * u), 4 * u)
    light = luma(flat)
    loud = saturate(flat * ((_steps(light, 4, 6) + 0.06) / (light + 0.05))[..., None], 2.0)
    hue = rgb(*random.normal(0, 0.09, 3))
    colour = clip(mix(loud, blur(loud, 5 * u), 0.4) * (1 + hue))
    specks = blur(random.standard_normal(light.shape, dtype=np.float32), 0.7 * u)
    specks = as_picture(specks / (specks.std() + 1e-6))
    cover = smoothstep(as_picture(clouds(random, light.shape, 220 * u, 3) + 0.45 * specks), -2.2, -0.9)
    wall = 0.66 + 0.05 * clouds(random, light.shape, 60 * u, 4) + 0.03 * specks
    painted = mix(mix(grey(as_picture(wall)), colour, 0.2), colour, cover)
    ink = 1 - ink_lines(blur(luma(flat), 1.2 * u), 2.5 * u, 0.2, 18, 8)
    ink = np.maximum(ink, blur(_drips(ink, random, u), 0.8 * u))
    return clip(mix(painted, rgb(0.05, 0.04, 0.07), as_picture(0.92 * ink)) + (0.015 * specks)[..., None])


def _drips(ink: Plane, random: Random, u: float) -> Plane:
    """Return lines that run down from places where there is ink."""
    drips = np.zeros(ink.shape, np.float32)
    rows, columns = np.nonzero(ink > 0.8)
    if len(rows) == 0:
        return drips
    for at in random.integers(0, len(rows), 26).tolist():
        top = int(columns[at]), int(rows[at])
        end = top[0], top[1] + round(random.uniform(20, 110) * u)
        width = max(1, round(random.uniform(1.5, 3.5) * u))
        cv2.line(drips, top, end, 1.0, width, cv2.LINE_AA)
        cv2.circle(drips, end, max(1, round(0.8 * width)), 1.0, -1, cv2.LINE_AA)
    return drips


def art_deco(picture: Picture, random: Random) -> Picture:
    """A poster of the 1920s: few smooth tones from night blue over petrol to gold and cream, and rays."""
    u = unit(picture, random)
    light = luma(kuwahara(kuwahara(stretch(picture), 10 * u), 6 * u))
    height, width = light.shape
    # Rays from below: alternate wedges are a little lighter.
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    side = random.uniform(0.2, 0.8) * width
    angle = np.arctan2(height * 1.15 - y, x - np.float32(side))
    rays = smoothstep(as_picture(np.sin(angle * np.float32(random.integers(14, 23)))), -0.08, 0.08) - 0.5
    toned = _steps(clip(light + 0.09 * rays), 6, 9)
    tones = [
        (0.03, 0.05, 0.10),
        (0.05, 0.22, 0.27),
        (0.20, 0.42, 0.42),
        (0.76, 0.56, 0.22),
        (0.95, 0.84, 0.58),
    ]
    printed = mix(ramp(toned, [*tones, (1.0, 0.97, 0.88)]), saturate(picture, 1.1), 0.14)
    lines = ink_lines(luma(kuwahara(picture, 5 * u)), 1.6 * u, 0.02, 20, 9)  # edges, not calm darks
    gold = smoothstep(0.5 - light, -0.05, 0.1)[..., None]  # on the darks the lines are of gold
    inks = mix(np.full_like(printed, (0.05, 0.06, 0.10)), (0.80, 0.62, 0.28), gold)
    edged = mix(mix(printed, inks, 0.9), printed, lines)
    return paper(random, edged, 0.008)


UKIYO_E_INKS = (
    (0.95, 0.90, 0.78),
    (0.86, 0.78, 0.62),
    (0.93, 0.72, 0.55),
    (0.82, 0.40, 0.28),
    (0.62, 0.22, 0.20),
    (0.55, 0.66, 0.70),
    (0.26, 0.44, 0.58),
    (0.12, 0.22, 0.40),
    (0.45, 0.55, 0.38),
    (0.24, 0.34, 0.28),
    (0.50, 0.42, 0.36),
    (0.13, 0.13, 0.17),
)
"""Rice paper, ochres, vermilion and its shade, three indigos, two greens, earth, black."""


def _nearest(picture: Picture, inks: Sequence[Colour]) -> NDArray[np.uint8]:
    """Return the number of the nearest ink for each pixel, looked up in a cube of 32×32×32 colours."""
    levels = (np.arange(32, dtype=np.float32) + 0.5) / 32
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(1, -1, 3)
    cube_lab = cv2.cvtColor(cube, cv2.COLOR_RGB2Lab)[0]
    inks_lab = cv2.cvtColor(np.array([inks], np.float32), cv2.COLOR_RGB2Lab)[0]
    # Hue counts for more than lightness: a pale red stays red.
    distance = ((cube_lab[:, None] - inks_lab[None]) ** 2 * rgb(0.8, 1.3, 1.3)).sum(-1)
    index = np.clip(picture * 32, 0, 31).astype(np.int32)
    number = (index[..., 0] * 32 + index[..., 1]) * 32 + index[..., 2]
    return np.asarray(distance.argmin(-1)[number], np.uint8)


def _screen_inks(random: Random) -> list[Colour]:
    """Return dark to light inks whose hues are spread around the circle from one that the seed chooses."""
    start = random.uniform()
    inks: list[Colour] = []
    for step, brightness in ((0.0, 0.25), (0.23, 0.80), (0.46, 1.0), (0.69, 1.0)):
        hue = 2 * np.pi * (start + step + np.array([0, 0.33, 0.67]))
        red, green, blue = np.clip((0.5 + 0.5 * np.cos(hue)) * brightness, 0, 1).tolist()
        inks.append((red, green, blue))
    return [*inks, (1.0, 0.97, 0.85)]


def _steps(light: Plane, levels: int, hardness: float) -> Plane:
    """Posterise softly: the middle of each level, joined by short slopes."""
    scaled = light * levels
    whole = np.floor(scaled)
    return as_picture((whole + 0.5 + 0.5 * np.tanh(hardness * (scaled - whole - 0.5))) / levels)


def _halftone(shape: tuple[int, ...], angle: float, period: float, random: Random) -> Plane:
    """Return a screen of dots, -1 to 1, `period` pixels apart, turned by `angle` radians."""
    height, width = shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    wave = np.float32(2 * np.pi / period)
    phase = random.uniform(0, 2 * np.pi, 2).astype(np.float32)
    return as_picture(
        np.cos((x * cos + y * sin) * wave + phase[0]) * np.cos((y * cos - x * sin) * wave + phase[1])
    )
