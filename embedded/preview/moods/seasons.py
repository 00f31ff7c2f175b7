"""Times of day, seasons and weather."""

import cv2
import numpy as np

from embedded.preview.filters import (
    Picture,
    Random,
    as_picture,
    blur,
    clip,
    clouds,
    coordinates,
    dots,
    glow,
    grey,
    luma,
    mix,
    ramp,
    rgb,
    saturate,
    screen,
    smoothstep,
    stretch,
    unit,
    vignette,
)


def night(picture: Picture, random: Random) -> Picture:
    """Blue dark; what was bright becomes lamps."""
    u = unit(picture)
    dark = saturate(picture, 0.6) ** 1.5 * rgb(0.30, 0.41, 0.78) + rgb(0, 0.012, 0.05)
    lamps = smoothstep(luma(picture), 0.75, 1.0)[..., None] * rgb(1, 0.78, 0.42)
    moon = glow(picture, random, 0.9)[..., None] * rgb(0.10, 0.14, 0.24)
    return vignette(
        screen(screen(as_picture(dark) + lamps * 0.3, blur(lamps, 26 * u) * 0.45), as_picture(moon)), 0.45
    )


def sunset(picture: Picture, random: Random) -> Picture:
    """Violet shadows, orange light, pink above, a low sun at one side."""
    _, y = coordinates(picture)
    light = luma(picture)
    dusk = ramp(
        light,
        [(0.12, 0.03, 0.27), (0.46, 0.12, 0.42), (0.95, 0.38, 0.28), (1.0, 0.74, 0.38), (1, 0.93, 0.72)],
    )
    sky = mix(rgb(0.55, 0.20, 0.45)[None, None], (1.0, 0.50, 0.12), smoothstep(y, -1.0, 0.5))
    graded = mix(mix(picture, dusk, 0.66), clip(mix(picture, dusk, 0.5) * (0.35 + 1.1 * sky)), 0.5)
    x, y = coordinates(picture)
    side = random.choice((-1, 1)) * random.uniform(0.35, 0.8)
    sun = np.exp(-((x - side) ** 2 * 1.4 + (y + random.uniform(0.0, 0.3)) ** 2 * 5))
    return vignette(screen(graded, as_picture(sun[..., None] * rgb(0.62, 0.30, 0.06))), 0.35)


def sunrise(picture: Picture, random: Random) -> Picture:
    """Pale gold and pink light through thin mist, blue in the shadows."""
    _, y = coordinates(picture)
    soft = mix(
        picture,
        ramp(luma(picture), [(0.24, 0.26, 0.42), (0.72, 0.58, 0.62), (1.0, 0.86, 0.70), (1, 0.97, 0.9)]),
        0.5,
    )
    veil = np.exp(-(((y + 0.2) / 0.7) ** 2)) * (
        1 + 0.15 * clouds(random, picture.shape, 300 * unit(picture), 3)
    )
    return screen(soft, as_picture(veil[..., None] * rgb(0.34, 0.24, 0.17)))


def winter(picture: Picture, random: Random) -> Picture:
    """Cold, pale light and falling snow, in three depths."""
    u = unit(picture, random)
    dense = random.uniform(0.6, 1.5)  # from a flurry to a storm
    frost = saturate(picture, 0.42) * rgb(0.84, 0.96, 1.10) * 0.84 + rgb(0.10, 0.13, 0.17)
    snow = np.zeros(picture.shape[:2], np.float32)
    for radius, per_megapixel, softness, opacity in (
        (1.4, 1500, 0.5, 0.85),
        (3.0, 420, 0.9, 0.9),
        (8.0, 46, 3.2, 0.6),
    ):
        flakes = dots(picture, random, int(per_megapixel * dense), radius * u)
        snow = np.maximum(snow, blur(flakes, softness * u) * opacity)
    return screen(as_picture(frost), grey(as_picture(snow)))


def autumn(picture: Picture, random: Random) -> Picture:
    """Greens turn to rust and gold, blues fade, the light is warm and low."""
    u = unit(picture)
    hsv = cv2.cvtColor(clip(picture), cv2.COLOR_RGB2HSV)
    hue, saturation = hsv[..., 0], hsv[..., 1]
    green = smoothstep(hue, 45, 75) * (1 - smoothstep(hue, 165, 195))
    rust = 18 + 26 * smoothstep(clouds(random, picture.shape, 60 * u, 3), -1.2, 1.2)  # from tree to tree
    hsv[..., 0] = hue + (rust - hue) * green
    blue = smoothstep(hue, 175, 200) * (1 - smoothstep(hue, 280, 320))
    hsv[..., 1] = np.clip(saturation * (1 + 0.45 * green - 0.55 * blue), 0, 1)
    turned = as_picture(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))
    brown = ramp(
        luma(turned), [(0.13, 0.07, 0.03), (0.50, 0.28, 0.12), (0.86, 0.62, 0.32), (0.99, 0.93, 0.78)]
    )
    haze = glow(picture, random, 0.8)[..., None] * rgb(0.22, 0.14, 0.04)
    return vignette(screen(mix(turned, brown, 0.42), as_picture(haze)), 0.25)


def spring(picture: Picture, random: Random) -> Picture:
    """Fresh greens, pink light and soft blossom-coloured spots out of focus."""
    u = unit(picture)
    fresh = screen(saturate(picture, 1.25) * 0.93, np.full_like(picture, 1) * rgb(0.13, 0.08, 0.11))
    petals = dots(picture, random, 36, 11 * u, softer=True)
    return screen(fresh * rgb(1, 1.02, 0.98), blur(petals, 2.5 * u)[..., None] * rgb(0.42, 0.20, 0.30))


def summer(picture: Picture, random: Random) -> Picture:
    """Strong sun, clean blue and green, a warm flare."""
    sunny = saturate(as_picture(stretch(picture, 0.5, 99) ** 0.88), 1.35) * rgb(1.04, 1.01, 0.93)
    return screen(clip(sunny), glow(picture, random, 1.0)[..., None] * rgb(0.34, 0.26, 0.08))


def rain(picture: Picture, random: Random) -> Picture:
    """Grey-blue light, slanted streaks of rain."""
    u = unit(picture)
    wet = mix(saturate(picture, 0.55) * rgb(0.72, 0.82, 0.92), (0.42, 0.48, 0.54), 0.22)
    drops = (random.random(picture.shape[:2], dtype=np.float32) < 0.004 / max(u, 0.2)).astype(np.float32)
    streaks = np.zeros_like(drops)
    lean = random.uniform(-0.35, 0.35)
    for length, strength in ((16, 0.7), (42, 1.0)):
        reach = max(3, round(length * u))
        kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
        cv2.line(
            kernel, (round(reach * (1 - lean)), 0), (round(reach * (1 + lean)), 2 * reach), 1.0, 1, cv2.LINE_8
        )
        sparse = drops if length < 20 else as_picture(np.where(random.random(drops.shape) < 0.16, drops, 0))
        streaks += cv2.filter2D(sparse, -1, kernel) * strength * 0.20
    return screen(as_picture(wet), grey(blur(np.clip(streaks, 0, 0.5), 0.6 * u)))


def fog(picture: Picture, random: Random) -> Picture:
    """Banks of mist, thicker above, where things tend to be farther away."""
    u = unit(picture)
    _, y = coordinates(picture)
    banks = cv2.resize(
        clouds(random, (max(2, picture.shape[0] // 2), max(2, picture.shape[1] // 5)), 110 * u, 4),
        picture.shape[1::-1],
    )
    density = np.clip(0.52 - 0.20 * y + 0.16 * banks, 0.05, 0.92)
    hidden = mix(picture, blur(picture, 5 * u), 0.5)
    return mix(saturate(hidden, 0.6), (0.83, 0.85, 0.87), as_picture(density))
