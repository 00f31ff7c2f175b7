"""Styles made with pencil, charcoal or pen."""

import cv2
import numpy as np

from embedded.preview.filters import (
    Picture,
    Plane,
    Random,
    as_picture,
    blur,
    clip,
    clouds,
    grey,
    ink_lines,
    kuwahara,
    luma,
    mix,
    paper,
    rgb,
    saturate,
    smoothstep,
    stretch,
    unit,
)


def pencil(picture: Picture, random: Random) -> Picture:
    """Graphite: lines, and three directions of hatching for the shadows."""
    return as_picture(grey(_graphite(picture, random)) * rgb(1, 0.99, 0.965))


def coloured_pencil(picture: Picture, random: Random) -> Picture:
    """The pencil drawing, filled with waxy colour."""
    u = unit(picture, random)
    colour = kuwahara(stretch(picture, 0.5, 99.5), 6 * u)
    colour = as_picture(saturate(colour, 1.3) / (luma(colour)[..., None] * 0.7 + 0.3))
    strokes = _hatching(random, picture.shape, random.uniform(30, 60), 30 * u, 1.1 * u)
    colour = mix(colour, (1, 0.99, 0.96), np.clip(0.16 + 0.16 * strokes, 0, 0.5))
    return as_picture(np.clip(grey(_graphite(picture, random)), 0, 1) * np.clip(colour, 0, 1.25))


def charcoal(picture: Picture, random: Random) -> Picture:
    """Broad, smudged darks on toned paper, with chalk in the lights."""
    u = unit(picture, random)
    tone = luma(kuwahara(kuwahara(stretch(picture), 8 * u), 5 * u))
    grain = clouds(random, picture.shape, 2.4 * max(u, 0.5), 2)
    smear = _hatching(random, picture.shape, random.uniform(35, 55), 60 * u, 2.5 * u)
    dark = smoothstep(0.62 - tone + 0.07 * grain + 0.05 * smear, 0.0, 0.55)
    dark = mix(dark, smoothstep(0.5 - blur(tone, 6 * u), 0, 0.6), 0.25)
    lines = ink_lines(luma(kuwahara(picture, 4 * u)), 1.7 * u, 0.45, 20, 6)
    dark = np.maximum(dark, (1 - lines) * np.clip(0.9 + 0.35 * grain, 0, 1))
    chalk = smoothstep(tone + 0.06 * grain + 0.03 * smear, 0.72, 1.0) * 0.8
    sheet = as_picture(np.full_like(picture, (0.78, 0.745, 0.69)))
    drawn = mix(mix(sheet, (0.985, 0.98, 0.96), chalk), (0.085, 0.08, 0.08), 0.96 * dark)
    return paper(random, drawn, 0.02)


def engraving(picture: Picture, random: Random) -> Picture:
    """Lines of ink that swell with the darkness and bend with the forms, as on a banknote."""
    u = unit(picture, random)
    height, width = picture.shape[:2]
    tone = luma(clip(stretch(picture, 0.5, 98)))
    tone = as_picture(np.clip(tone + 0.9 * (tone - blur(tone, 4 * u)), 0, 1) ** 0.8)
    form = blur(tone, 12 * u)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    period = max(3.0, 6.2 * u)
    ink = np.zeros((height, width), np.float32)
    tilt = random.uniform(-0.12, 0.12)
    layers = ((0.50 + tilt, 0.0, 1.0), (-0.62 + tilt, 0.36, 1.0), (1.45 + tilt, 0.68, 1.0))
    for angle, starts_at, scale in layers:
        across = x * np.float32(np.sin(angle)) + y * np.float32(np.cos(angle))
        across = across + form * 18 * u + 2.2 * u * clouds(random, picture.shape, 200 * u, 2)
        wave = 0.5 + 0.5 * np.cos(across * np.float32(2 * np.pi / (period * scale)))
        dark = np.clip((1 - tone - starts_at) / (1 - starts_at), 0, 1) ** 1.15
        ink = np.maximum(ink, smoothstep(as_picture(dark * 1.06 - wave), -0.12, 0.12))
    lines = ink_lines(blur(tone, 0.5 * u), 1.0 * u, 0.35, 18, 8)
    ink = as_picture(np.maximum(ink, 1 - lines))
    sheet = as_picture(np.full_like(picture, (0.955, 0.925, 0.85)))
    return paper(random, mix(sheet, (0.10, 0.085, 0.12), 0.95 * ink), 0.02)


def _graphite(picture: Picture, random: Random) -> Plane:
    """Return a pencil drawing on paper, as brightness."""
    u = unit(picture, random)
    light = luma(stretch(picture))
    outline = (
        np.clip(light / (blur(light, 7 * u) + 0.03), 0, 1) ** 2.2
    )  # "colour dodge": edges stay, areas fade
    drawn = outline * (0.65 + 0.35 * ink_lines(light, 0.9 * u + 0.3, 0.5, 14, 6))
    tone = blur(light, 2 * u)
    turn = random.uniform(-8, 8)
    for angle, up_to, weight in ((38, 0.66, 0.5), (-32, 0.38, 0.55), (80, 0.2, 0.6)):
        marks = smoothstep(_hatching(random, picture.shape, angle + turn, 26 * u, 0.8 * u), -1.2, 1.2)
        dark = (np.clip((up_to - tone) / up_to, 0, 1)) ** 0.7
        drawn = drawn * (1 - weight * dark * (1 - 0.8 * marks))
    grain = clouds(random, picture.shape, max(2.2, 2.6 * u), 3)
    return as_picture(np.clip((0.09 + 0.89 * drawn) * (1 + 0.03 * grain), 0, 1))


def _hatching(random: Random, shape: tuple[int, ...], angle: float, length: float, width: float) -> Plane:
    """Return parallel strokes at an angle (degrees) as noise around 0, deviation 1."""
    height, width_px = shape[:2]
    side = int(np.hypot(height, width_px)) + 8
    marks = random.standard_normal((side, side), dtype=np.float32)
    reach = max(1, round(length))
    marks = as_picture(cv2.blur(cv2.blur(marks, (2 * reach + 1, 1)), (reach | 1, 1)))
    marks = blur(marks, width)
    turn = np.asarray(cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1), np.float64)
    turn[:, 2] -= np.array([(side - width_px) / 2, (side - height) / 2])
    turned = cv2.warpAffine(
        marks, turn, (width_px, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return as_picture(turned / (np.std(turned) + 1e-6))
