"""Styles made with a brush."""

import cv2
import numpy as np

from embedded.preview.brush import Brushwork, paint_strokes
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
    guided,
    kuwahara,
    luma,
    mix,
    paper,
    saturate,
    smoothstep,
    stretch,
    to_bytes,
    unit,
    warp,
)


def oil(picture: Picture, random: Random) -> Picture:
    """Thick strokes that follow the forms, fine ones where there is detail."""
    work = Brushwork(widths=(30, 15, 8, 4.4, 2.6), tolerance=0.05, relief=0.13)
    return paint_strokes(saturate(stretch(picture, 0.5, 99.5), 1.2), random, work)


def painterly(picture: Picture, random: Random) -> Picture:
    """What an unknown prompt gets: a calm painting that stays near the picture."""
    work = Brushwork(widths=(20, 10, 5, 3.2), tolerance=0.04, relief=0.09, colour_jitter=0.02)
    return mix(
        paint_strokes(saturate(picture, 1.12), random, work),
        guided(picture, 4 * unit(picture, random), 0.004),
        0.3,
    )


def impressionist(picture: Picture, random: Random) -> Picture:
    """Short, broad, broken strokes in bright colours; no black."""
    work = Brushwork(
        widths=(28, 16, 9, 6), tolerance=0.06, points=3, wander=0.4, colour_jitter=0.09, relief=0.13
    )
    bright = saturate(as_picture(stretch(picture) ** 0.85), 1.35)
    violet_shadows = mix(bright, (0.32, 0.28, 0.52), 0.35 * (1 - smoothstep(luma(bright), 0.05, 0.4)))
    return paint_strokes(clip(violet_shadows), random, work)


def van_gogh(picture: Picture, random: Random) -> Picture:
    """Long strokes in eddies, strong blue and yellow, thick paint."""
    work = Brushwork(
        widths=(22, 12, 7, 4.2, 2.8),
        tolerance=0.08,
        points=9,
        wander=0.8,
        swirl=190,
        colour_jitter=0.09,
        relief=0.26,
    )
    vivid = saturate(stretch(picture), 1.5)
    light = luma(vivid)
    cool = mix(vivid, (0.10, 0.22, 0.55), 0.42 * (1 - smoothstep(light, 0.1, 0.6)))
    warm = mix(cool, (1.0, 0.86, 0.36), 0.30 * smoothstep(light, 0.5, 0.95))
    return paint_strokes(clip(warm), random, work)


def watercolour(picture: Picture, random: Random) -> Picture:
    """Washes that pool and thin, with dark rims, on rough paper with a white border."""
    u = unit(picture, random)
    shape = picture.shape
    wobble_x, wobble_y = clouds(random, shape, 40 * u), clouds(random, shape, 40 * u)
    loose = warp(stretch(picture, 0.5, 99), 3 * u * wobble_x, 3 * u * wobble_y)
    wash = mix(kuwahara(kuwahara(loose, 6 * u), 4 * u), guided(loose, 5 * u, 0.003), 0.4)
    wash = saturate(as_picture(clip(wash) ** 0.75), 1.45)
    pigment = 1 + 0.14 * clouds(random, shape, 130 * u, 5)[..., None]
    wash = as_picture(1 - (1 - wash) * pigment * 0.9)
    slope_x, slope_y = gradient(blur(luma(wash), 1.6 * u))
    rims = np.clip(np.hypot(slope_x, slope_y) * 8, 0, 0.4)
    wash = as_picture(wash * (1 - 0.8 * rims)[..., None])
    covered = _painted_area(shape, random, wobble_x, u)
    return paper(
        random, mix(as_picture(np.full(shape, (0.985, 0.975, 0.95), np.float32)), wash, covered), 0.022
    )


def _painted_area(shape: tuple[int, ...], random: Random, wobble: Plane, u: float) -> Plane:
    """Return 1 where the brush went, 0 on the border of the paper that it left free.

    The seed chooses how wide each side's border is, and how ragged.
    """
    height, width = shape[:2]
    y, x = np.ogrid[0:height, 0:width]
    left, right, top, bottom = random.uniform(-14, 22, 4) * u
    across = np.minimum(x - left, width - 1 - x - right)
    border = np.minimum(across, np.minimum(y - top, height - 1 - y - bottom)).astype(np.float32)
    border += 90 * u * max(0.65 - random.strength, 0)  # a half transparent one would look like a mistake
    ragged, bumps = random.uniform(5, 19), random.uniform(40, 150)
    border = border + u * (ragged * clouds(random, shape, bumps * u, 3) + 5 * wobble)
    narrow = min(1.0, min(height, width) / (400 * u))  # a strip has little room for a border
    return smoothstep(as_picture(border), 10 * u * narrow, 32 * u * narrow)


def pointillism(picture: Picture, random: Random) -> Picture:
    """Dots of pure, broken colour on a cream ground, smaller where there is detail."""
    u = unit(picture, random)
    height, width = picture.shape[:2]
    source = saturate(as_picture(stretch(picture) ** 0.9), 1.4)
    ground = mix(as_picture(np.full_like(source, (0.96, 0.93, 0.85))), blur(source, 12 * u), 0.45)
    ground = mix(
        ground, blur(source, 4 * u), 1 - smoothstep(luma(source), 0.05, 0.5)
    )  # no bright gaps in darks
    canvas = to_bytes(ground)
    slope_x, slope_y = gradient(blur(luma(source), 1.5 * u))
    detail = blur(as_picture(np.hypot(slope_x, slope_y)), 5 * u) * 40 * u
    for radius, least_detail in ((7.0, 0.0), (4.6, 0.0), (3.0, 0.25), (2.0, 0.7)):
        size = max(1.0, radius * u)
        step = 1.75 * size
        rows, columns = max(1, int(height / step)), max(1, int(width / step))
        row, column = (grid.ravel() for grid in np.mgrid[0:rows, 0:columns])
        order = random.permutation(len(row))
        y = (row[order] + random.random(len(row))) * (height / rows)
        x = (column[order] + random.random(len(row))) * (width / columns)
        at = np.minimum(y.astype(np.int32), height - 1), np.minimum(x.astype(np.int32), width - 1)
        wanted = detail[at] >= least_detail
        if radius > 5:
            wanted &= detail[at] < 1.2
        x, y, at = x[wanted], y[wanted], (at[0][wanted], at[1][wanted])
        if x.size == 0:  # OpenCV takes no empty arrays
            continue
        colours = _divided(blur(source, 0.4 * size)[at], random)
        sizes = size * random.uniform(0.75, 1.1, len(x))
        centres = (np.stack([x, y], -1) * 8).astype(np.int32)
        for centre, dot, colour in zip(
            centres.tolist(), (sizes * 8).astype(int).tolist(), colours.tolist(), strict=True
        ):
            cv2.circle(canvas, centre, dot, colour, -1, cv2.LINE_AA, 3)
    return from_bytes(canvas)


def _divided(colours: Picture, random: Random) -> Picture:
    """Vary hues from dot to dot, as the pointillists did: they mix in the eye. Returns 0 to 255."""
    hsv = cv2.cvtColor(np.clip(colours, 0, 1).reshape(1, -1, 3), cv2.COLOR_RGB2HSV)[0]
    number = len(hsv)
    hsv[:, 0] = (hsv[:, 0] + random.normal(0, 11, number)) % 360
    hsv[:, 1] = np.clip(hsv[:, 1] * random.uniform(0.8, 1.2, number) + 0.05, 0, 1)
    hsv[:, 2] = np.clip(hsv[:, 2] * random.uniform(0.86, 1.16, number) + 0.03, 0, 1)
    return as_picture(cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0] * 255)
