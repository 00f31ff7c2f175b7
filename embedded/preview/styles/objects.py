"""Styles that make the picture of something else: pixels, bricks, neon light, old paper, clay, plastic."""

import cv2
import numpy as np
from PIL import Image

from embedded.preview.filters import (
    Picture,
    Plane,
    Random,
    as_picture,
    blur,
    clip,
    clouds,
    from_bytes,
    gradient,
    grey,
    guided,
    kuwahara,
    light_on,
    luma,
    mix,
    ramp,
    rgb,
    saturate,
    screen,
    smoothstep,
    stretch,
    to_bytes,
    unit,
    vignette,
)

BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47
"""The ordered dither of old screens."""


def pixel(picture: Picture, random: Random) -> Picture:
    """Large pixels in 28 colours, dithered."""
    small = saturate(stretch(_cells(picture, round(120 / random.breadth)), 0.5, 99.5), 1.35)
    small = clip(small + (small - blur(small, 1.2)) * 0.8)
    rows, columns = small.shape[:2]
    pattern = np.roll(BAYER, random.integers(0, 4, 2).tolist(), (0, 1))
    dither = np.tile(pattern, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    small = clip(small * (1 + random.normal(0, 0.015, 3).astype(np.float32)) + dither[..., None] * 0.065)
    image = Image.fromarray(to_bytes(small))
    few = image.quantize(28, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE).convert("RGB")
    return _enlarge(from_bytes(np.asarray(few)), picture)


def bricks(picture: Picture, random: Random) -> Picture:
    """Square toy bricks with a stud each, in the colours that such bricks have."""
    small = clip(saturate(stretch(_cells(picture, round(72 / random.breadth)), 0.5, 99.5), 1.35))
    rows, columns = small.shape[:2]
    height, width = picture.shape[:2]
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab)
    inks = cv2.cvtColor(np.array([BRICK_COLOURS], np.float32) / 255, cv2.COLOR_RGB2Lab)[0]
    distance = ((lab[:, :, None] - inks) ** 2).sum(-1) + random.uniform(0, 60, (rows, columns, len(inks)))
    built = np.array(BRICK_COLOURS, np.float32)[distance.argmin(-1)] / 255
    built = mix(built, small, 0.25) * random.normal(1, 0.025, (rows, columns, 1)).astype(np.float32)
    flat = _enlarge(as_picture(built), picture)
    x = (np.arange(width, dtype=np.float32) + 0.5) * columns / width % 1 - 0.5
    y = ((np.arange(height, dtype=np.float32) + 0.5) * rows / height % 1 - 0.5)[:, None]
    side = width / columns
    stud = smoothstep(as_picture(0.32 - np.hypot(x, y)), -0.6 / side, 0.6 / side)
    edge = smoothstep(as_picture(np.maximum(np.abs(x), np.abs(y))), 0.5 - 1.3 / side, 0.5)
    relief = light_on(as_picture(blur(stud, 0.055 * side)), 0.35 * side)
    shadow = smoothstep(as_picture(0.36 - np.hypot(x - 0.07, y - 0.09)), -0.05, 0.06) * (1 - stud)
    lit = flat * (1 - 0.30 * shadow - 0.38 * edge)[..., None] + (0.16 * relief)[..., None]
    return as_picture(lit + (0.03 * stud)[..., None])


BRICK_COLOURS = (
    (244, 244, 244), (163, 162, 165), (99, 95, 98), (27, 42, 53), (5, 19, 29), (196, 40, 28), (123, 22, 20),
    (245, 205, 48), (255, 163, 41), (218, 133, 65), (13, 105, 172), (32, 58, 110), (110, 153, 202),
    (159, 195, 233), (75, 151, 75), (40, 77, 45), (164, 189, 71), (215, 197, 154), (149, 121, 87),
    (91, 57, 37), (204, 142, 105), (234, 184, 146), (205, 98, 152), (228, 173, 200), (107, 50, 124),
    (18, 155, 160),
)  # fmt: skip
"""RGB, 0 to 255."""


def neon(picture: Picture, random: Random) -> Picture:
    """Tubes of light along the edges, on a dark wall."""
    u = unit(picture)
    smooth = kuwahara(stretch(picture), 6 * u)
    light = luma(smooth)
    slope = np.hypot(*gradient(blur(light, 1.2 * u)))
    strong = max(float(np.percentile(slope[::3, ::3], 97)), 0.02)
    tubes = smoothstep(as_picture(slope / strong), 0.22, 0.95)
    phase = clouds(random, light.shape, 420 * u, 2) * 0.2 + light * 0.8 + random.uniform(0, 1)
    hue = np.stack([0.5 + 0.5 * np.cos(2 * np.pi * (phase + shift)) for shift in (0, 0.38, 0.62)], -1)
    hue = hue / (hue.max(-1, keepdims=True) + 0.05)
    glow = as_picture(hue * tubes[..., None])
    wall = ramp(light, [(0.01, 0.0, 0.05), (0.05, 0.02, 0.17), (0.13, 0.05, 0.33), (0.26, 0.15, 0.5)])
    wall = wall * 0.85 + saturate(smooth, 1.6) * 0.10
    bloom = blur(glow, 3 * u) * 0.9 + blur(glow, 10 * u) * 1.1 + blur(glow, 34 * u) * 1.3
    return screen(wall + bloom * 0.75, clip(glow * 1.1 + tubes[..., None] ** 3 * 0.6))


def vintage(picture: Picture, random: Random) -> Picture:
    """A faded print: brown tones, leaking light, grain, dust and scratches."""
    u = unit(picture)
    shape = picture.shape
    print_ = ramp(
        luma(stretch(picture)), [(0.16, 0.1, 0.08), (0.48, 0.34, 0.23), (0.83, 0.69, 0.5), (0.98, 0.93, 0.79)]
    )
    faded = mix(saturate(picture, 0.55) * rgb(1.06, 0.98, 0.82) * 0.84 + 0.09, print_, 0.62)
    leak = smoothstep(clouds(random, shape, 600 * u, 1), 0.5, 2.2)[..., None] * rgb(0.38, 0.14, 0.02)
    faded = screen(vignette(faded, 0.5), as_picture(leak))
    grain = blur(random.standard_normal(shape[:2], dtype=np.float32), 0.7 * u)
    faded = faded + 0.032 * (grain / (grain.std() + 1e-6))[..., None]
    marks = np.zeros(shape[:2], np.uint8)
    height, width = shape[:2]
    for _ in range(40):
        x, y, length = random.uniform(0, width), random.uniform(0, height), random.exponential(5 * u)
        bend = random.normal(0, 1, (4, 2)).cumsum(0) * length + (x, y)
        cv2.polylines(
            marks, [(bend * 8).astype(np.int32)], False, int(random.integers(60, 200)), 1, cv2.LINE_AA, 3
        )
    for _ in range(4):
        x = random.uniform(0, width)
        top, bottom = sorted(random.uniform(0, height, 2))
        line = (np.array([[x, top], [x + random.normal(0, 4 * u), bottom]]) * 8).astype(np.int32)
        cv2.polylines(marks, [line], False, int(random.integers(20, 80)), 1, cv2.LINE_AA, 3)
    return screen(as_picture(faded), grey(blur(from_bytes(marks), 0.4 * u)) * 0.75)


def clay(picture: Picture, random: Random) -> Picture:
    """Lumps of plasticine with finger marks, lit from the top left."""
    u = unit(picture, random)
    lump, flat = _lumps(picture, 24, 45)
    light = luma(flat)
    forms = 20 * u * blur(light, 2.5 * u) + 34 * u * blur(light, 12 * u)
    dents = clouds(random, picture.shape, 46 * u, 3)
    prints = _finger_marks(picture, random)
    relief = lump * 9 * u + forms + dents * 1.3 * u + prints * 0.4 * u
    return _lit(picture, saturate(flat, 1.25), as_picture(relief), gloss=0.10, sharpness=14)


def toy(picture: Picture, random: Random) -> Picture:
    """Smooth, round, glossy shapes in clean colours, as in an animated film."""
    u = unit(picture, random)
    lump, flat = _lumps(picture, 26, 70)
    light = luma(flat)
    swell = 16 * u * blur(light, 3 * u) + 30 * u * blur(light, 12 * u) + 46 * u * blur(light, 30 * u)
    relief = blur(lump, 2 * u) * 13 * u + swell + clouds(random, picture.shape, 240 * u, 2) * 2 * u
    vivid = mix(saturate(flat, 1.4), clip(flat) ** 0.8, 0.3)
    lit = _lit(picture, as_picture(vivid), as_picture(relief), gloss=0.34, sharpness=36)
    return vignette(screen(lit, blur(np.clip(lit - 0.7, 0, 1), 14 * u) * 0.6), 0.25)


def _lumps(picture: Picture, size: float, shortest: float) -> tuple[Plane, Picture]:
    """Return a relief (0 to 1) that bulges inside outlines, and the picture in flat colours.

    `size` is how far in from an outline the bulge rises, `shortest` the least length of an outline.
    """
    u = unit(picture)
    smooth = stretch(picture, 0.5, 99.5)
    for radius in (7, 5):
        smooth = mix(kuwahara(smooth, radius * u), guided(smooth, radius * u, 0.004), 0.3)
    slope = np.hypot(*gradient(blur(luma(smooth), 1.0 * u))) + 0.4 * np.hypot(
        *gradient(blur(as_picture(smooth[..., 0] - smooth[..., 2]), 1.0 * u))
    )
    creases = (slope >= 0.017 / max(u, 0.3)).astype(np.uint8)
    # Short creases are texture (fur, grain), not the outline of anything.
    number, labels, statistics, _ = cv2.connectedComponentsWithStats(creases)
    longest = statistics[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(1)
    outline = (longest >= shortest * u) & (np.arange(number) > 0)
    distance = as_picture(cv2.distanceTransform((~outline[labels]).astype(np.uint8), cv2.DIST_L2, 5))
    reach = max(size * u, 1.0)
    near = np.clip(distance / reach, 0, 1)
    bulge = near * (2 - near)  # steep at the outline, level inside
    return blur(as_picture(bulge), 2.2 * u), clip(smooth)


def _finger_marks(picture: Picture, random: Random) -> Plane:
    """Return the ridges of a few dozen thumb prints, deviation about 1."""
    u = unit(picture, random)
    height, width = picture.shape[:2]
    whorl = clouds(random, picture.shape, 110 * u, 2) * 26 * u
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = random.uniform(0, np.pi)
    ridges = np.sin(
        (x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) + whorl) / max(1.15 * u, 0.6)
    )
    pressed = smoothstep(clouds(random, picture.shape, 90 * u, 2), 0.3, 1.2)
    return as_picture(ridges * pressed)


def _lit(picture: Picture, colour: Picture, relief: Plane, gloss: float, sharpness: float) -> Picture:
    """Light a relief (heights in pixels) with a key light, a rim and soft shadows in the hollows."""
    u = unit(picture)
    slope_x, slope_y = gradient(relief)
    down = 1 / np.sqrt(slope_x**2 + slope_y**2 + 1)
    normal_x, normal_y, normal_z = -slope_x * down, -slope_y * down, down
    key = np.clip(normal_x * -0.45 + normal_y * -0.60 + normal_z * 0.66, 0, 1)
    shine = np.clip(normal_x * -0.25 + normal_y * -0.33 + normal_z * 0.91, 0, 1) ** sharpness
    flat_shine = 0.91**sharpness  # what a flat area gets: only the excess is a highlight
    hollow = np.clip(1 + 0.05 / u * (blur(relief, 2 * u) - blur(relief, 12 * u)), 0.68, 1.12)
    rim = (1 - normal_z) ** 1.5
    lit = colour * (0.42 + 0.88 * key * hollow)[..., None]
    lit = lit + (gloss * np.clip(shine - flat_shine, 0, 1))[..., None] * (0.35 + 0.65 * colour)
    lit = lit + rim[..., None] * rgb(0.30, 0.28, 0.36) * 0.22
    return as_picture(lit * rgb(1.04, 1.0, 0.96))


def _cells(picture: Picture, longest: int) -> Picture:
    """Shrink to square cells, this many along the longer side (fewer if the picture has fewer pixels)."""
    height, width = picture.shape[:2]
    side = max(1.0, max(height, width) / longest)
    size = max(1, round(width / side)), max(1, round(height / side))
    return as_picture(np.atleast_3d(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)))


def _enlarge(cells: Picture, like: Picture) -> Picture:
    size = like.shape[1], like.shape[0]
    return as_picture(cv2.resize(as_picture(cells), size, interpolation=cv2.INTER_NEAREST))
