"""Landscape: a lake at the end of a summer day, with a house, trees, a boat and a cat.

It is drawn at twice its size and scaled down, which smooths the edges.
"""

import cv2
import numpy as np

from scripts.samples.landscape_things import boat, cat, flowers, house, jetty, tree
from scripts.samples.light import Pixels, pixels
from scripts.samples.shapes import (
    SCALE,
    Canvas,
    blend,
    cloudy,
    curve,
    grid,
    line,
    polygon,
    ramp,
)

WIDTH, HEIGHT = 1024, 768
SUN = 512, 236
HORIZON = 400
"""Where the far shore meets the lake, in pixels from the top."""


def draw() -> Pixels:
    canvas = sky()
    mountains(canvas)
    forest(canvas)
    lake(canvas)
    meadow(canvas)
    house(canvas, 628, 456)
    tree(canvas, 992, 512, 0.85, seed=4)
    tree(canvas, 902, 566, 1.4, seed=3)
    boat(canvas, 300, 492)
    jetty(canvas)
    flowers(canvas)
    cat(canvas, 168, 640)
    return pixels(cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))


def sky() -> Canvas:
    canvas = np.zeros((HEIGHT * SCALE, WIDTH * SCALE, 3), np.float32)
    x, y = grid(canvas)
    stops = [
        (0.0, (58.0, 120.0, 190.0)),
        (160.0, (120, 176, 218)),
        (290.0, (226, 206, 186)),
        (400.0, (255, 196, 130)),
    ]
    canvas[:] = ramp(y, stops)
    distance = np.hypot(x - SUN[0], (y - SUN[1]) * 1.05)
    blend(canvas, 0.75 * np.exp(-((distance / 150) ** 2)), (255, 224, 150))
    blend(canvas, np.clip((43 - distance) / 1.2, 0, 1), (255, 247, 214))
    shape = canvas.shape[:2]
    banks = cloudy(shape, (260, 70), 11) + 0.55 * np.sin(y / 38) - 0.25
    thickness = np.clip(banks * 1.5, 0, 1) * np.clip((330 - y) / 160, 0, 1)
    lit = np.roll(banks, -14, 0) - banks  # brighter where the cloud ends above
    cloud = ramp(
        np.clip(0.55 - lit * 1.6, 0, 1),
        [(0.0, (196, 178, 196)), (0.5, (246, 226, 214)), (1.0, (255, 250, 240))],
    )
    blend(canvas, thickness * 0.92, cloud)
    for bird_x, bird_y, size in ((300, 132, 11), (332, 150, 8), (276, 158, 7), (358, 124, 6)):
        wing = curve(
            (bird_x - size, bird_y - size * 0.3), (bird_x - size * 0.4, bird_y - size * 0.7), (bird_x, bird_y)
        )
        other = curve(
            (bird_x, bird_y), (bird_x + size * 0.4, bird_y - size * 0.7), (bird_x + size, bird_y - size * 0.3)
        )
        line(canvas, wing + other, 1.5, (62, 66, 86))
    return canvas


def mountains(canvas: Canvas) -> None:
    x, y = grid(canvas)
    across = np.arange(canvas.shape[1], dtype=np.float32) / SCALE
    ranges = (
        (250, 92, 190, 21, (146, 152, 188), (214, 190, 196)),
        (312, 62, 120, 22, (98, 116, 152), (158, 150, 168)),
        (352, 34, 90, 23, (66, 94, 112), (112, 118, 116)),
    )
    for base, rise, width, seed, shade, lit in ranges:
        ridge = base - rise * cloudy((8, canvas.shape[1]), (width, 400), seed, 6)[4]
        if seed == 21:
            ridge -= 95 * np.exp(-(((across - 770) / 150) ** 2)) + 60 * np.exp(-(((across - 130) / 130) ** 2))
        below = y - ridge[None]
        mask = np.clip(below * SCALE / 2, 0, 1)
        # Rock faces: a noise sheared downhill, lit from the sun's side.
        faces = cloudy(canvas.shape[:2], (46, 90), seed + 40)
        # A face turned to the sun is bright; it leans outward on its way down.
        slope = np.gradient(cv2.GaussianBlur(ridge[None], (0, 0), 22)[0])
        lean = np.clip(x + 0.45 * np.clip(below, 0, 90) * np.sin(x / 31 + 3 * faces), 0, WIDTH - 1)
        turned = slope[(lean * SCALE).astype(np.int32)] * np.clip((SUN[0] - x) / 120, -1, 1)
        light = np.clip(0.45 + 0.45 * faces - 1.1 * turned * np.exp(-np.clip(below, 0, 200) / 70), 0, 1)
        rock = ramp(light, [(0.0, shade), (1.0, lit)])
        if seed == 21:  # snow on the high parts
            snow = np.clip((238 - y + 26 * faces) / 16, 0, 1) * np.clip((58 - below) / 26, 0, 1)
            rock += (ramp(light, [(0.0, (186.0, 196.0, 226.0)), (1.0, (255, 244, 236))]) - rock) * snow[
                ..., None
            ]
        haze = np.clip((y - base + 30) / 190, 0, 0.45)[..., None]
        blend(canvas, mask, rock + (np.array([250, 208, 168], np.float32) - rock) * haze)


def forest(canvas: Canvas) -> None:
    random = np.random.default_rng(31)
    for row, (base, green) in enumerate(((392, (58, 84, 78)), (402, (38, 66, 54)))):
        for x in np.arange(-10, WIDTH + 10, 5.5 - row):
            height = random.uniform(16, 38) * (1 + 0.35 * np.sin(x / 70)) * (0.5 if 340 < x < 480 else 1)
            tone = random.uniform(0.85, 1.2)
            colour = (green[0] * tone, green[1] * tone, green[2] * tone)
            half = height * 0.19
            for tier in range(3):
                top = base - height * (1 - tier * 0.26)
                wide = half * (0.5 + tier * 0.28)
                polygon(
                    canvas,
                    [(x, top), (x + wide, top + height * 0.42), (x - wide, top + height * 0.42)],
                    colour,
                )


def lake(canvas: Canvas) -> None:
    """Mirror what is above the far shore, rippled and a little darker, and add glitter under the sun."""
    top = HORIZON * SCALE
    height, width = canvas.shape[:2]
    depth = np.arange(height - top, dtype=np.float32)[:, None] / SCALE
    x, _ = grid(canvas[top:])
    ripple = cloudy((height - top, width), (60, 3.2), 51, 3)
    source_y = top - (depth * 0.98 + ripple * (1 + depth * 0.07)) * SCALE - 2
    source_x = (x + ripple * (0.8 + depth * 0.035)) * SCALE
    mirrored = cv2.remap(
        canvas,
        np.asarray(source_x, np.float32),
        np.asarray(np.clip(source_y, 0, top - 1), np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    water = mirrored * np.array([0.80, 0.86, 0.92], np.float32) + np.array([2, 8, 14], np.float32)
    glitter = (
        np.clip(ripple * 2.4 - 1.1, 0, 1)
        * np.exp(-(((x - SUN[0]) / (26 + depth * 0.42)) ** 2))
        * np.exp(-depth / 190)
    )
    water = water + (np.array([255, 236, 178], np.float32) - water) * (0.9 * glitter)[..., None]
    canvas[top:] = water
    line(canvas, [(0, HORIZON + 1), (WIDTH, HORIZON + 1)], 1.5, (70, 84, 74))


def meadow(canvas: Canvas) -> None:
    x, y = grid(canvas)
    across = x[0]
    edge = 452 + 300 / (1 + np.exp((across - 505) / 62)) + 7 * cloudy((8, canvas.shape[1]), (90, 90), 61)[4]
    edge = np.minimum(edge, 636 + 0.10 * (across - 40) + 6 * np.sin(across / 37))
    mask = np.clip((y - edge[None]) * SCALE / 2, 0, 1)
    tone = cloudy(canvas.shape[:2], (120, 34), 62) * 0.5 + cloudy(canvas.shape[:2], (7, 10), 63, 3) * 0.34
    far = np.clip((y - 440) / 300, 0, 1)
    grass = ramp(
        np.clip(0.52 + tone * 0.6 - far * 0.18, 0, 1),
        [(0.0, (40, 74, 34)), (0.5, (98, 140, 52)), (1.0, (190, 196, 88))],
    )
    blend(canvas, mask, grass)
    bank = np.clip(1 - np.abs(y - edge[None] - 2) / 4.5, 0, 1)
    blend(canvas, bank * 0.75, (122, 104, 70))
    path = 668 - (y - 520) * 0.55 + 46 * np.sin((y - 520) / 95)
    width = 9 + np.clip(y - 520, 0, 400) * 0.17
    on_path = np.clip((width - np.abs(x - path)) / 3 + tone * 1.6, 0, 1) * np.clip((y - 522) / 8, 0, 1)
    sand = ramp(np.clip(0.5 + tone, 0, 1), [(0.0, (150, 118, 82)), (1.0, (226, 198, 152))])
    blend(canvas, on_path * 0.92, sand)
    random = np.random.default_rng(64)
    for _ in range(5200):
        blade_x, blade_y = random.uniform(0, WIDTH), random.uniform(470, HEIGHT + 8)
        column, row = min(int(blade_x), WIDTH - 1), min(int(blade_y), HEIGHT - 1)
        if mask[row * SCALE, column * SCALE] < 1 or on_path[row * SCALE, column * SCALE] > 0.3:
            continue
        length = 3 + (blade_y - 450) * 0.045 * random.uniform(0.6, 1.5)
        green = random.choice(np.array([[52, 96, 40], [84, 130, 48], [132, 162, 64], [178, 190, 90]]))
        colour = (float(green[0]), float(green[1]), float(green[2]))
        line(
            canvas,
            [(blade_x, blade_y), (blade_x + random.uniform(-0.4, 0.5) * length, blade_y - length)],
            0.8,
            colour,
        )
