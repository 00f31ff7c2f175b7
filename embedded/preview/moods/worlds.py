"""Other places and genres."""

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
    warp,
)


def underwater(picture: Picture, random: Random) -> Picture:
    """Green-blue depth, rippled, with nets of light from above."""
    u = unit(picture)
    sway_x, sway_y = (2.5 * u * clouds(random, picture.shape, 90 * u, 2) for _ in range(2))
    rippled = warp(picture, sway_x, sway_y)
    deep = mix(rippled, ramp(luma(rippled), [(0, 0.04, 0.14), (0.02, 0.32, 0.45), (0.35, 0.8, 0.82)]), 0.7)
    _, y = coordinates(picture)
    net = np.clip(1 - np.abs(clouds(random, picture.shape, 120 * u, 2)), 0, 1) ** 6
    return as_picture(deep + (net * 0.24 * (0.5 - 0.5 * y))[..., None])


def cyberpunk(picture: Picture, random: Random) -> Picture:
    """Magenta against cyan, from two sides; black between; the colours do not quite register."""
    u = unit(picture)
    x, _ = coordinates(picture)
    light = luma(stretch(picture))
    graded = mix(
        picture,
        ramp(light, [(0.02, 0.02, 0.1), (0.28, 0.05, 0.42), (0.9, 0.18, 0.6), (0.42, 0.92, 1.0)]),
        0.6,
    )
    side = random.choice((-1, 1))
    lamps = mix(rgb(1.0, 0.1, 0.6)[None, None], (0.0, 0.75, 1.0), smoothstep(as_picture(x * side), -0.7, 0.7))
    lit = saturate(graded * (0.6 + 0.75 * lamps), 1.25)
    shift = np.full(light.shape, 2.2 * u, np.float32)
    lit[..., 0] = warp(lit[..., 0], shift, shift * 0)
    lit[..., 2] = warp(lit[..., 2], -shift, shift * 0)
    return screen(lit, blur(np.clip(lit - 0.55, 0, 1), 16 * u) * 0.9)


def noir(picture: Picture, random: Random) -> Picture:
    """Black and white, hard light, grain."""
    light = smoothstep(luma(stretch(picture)), 0.05, 0.95)
    beam = 1 + 0.25 * (glow(picture, random, 0.7) - 0.4)
    grain = 0.02 * random.standard_normal(light.shape, dtype=np.float32)
    return vignette(grey(as_picture(np.clip(light * beam + grain, 0, 1))), 0.5)


def fire(picture: Picture, random: Random) -> Picture:
    """Black to red to yellow, air that shimmers, flames of light from below and flying sparks."""
    u = unit(picture)
    shimmer = 2.5 * u * clouds(random, picture.shape, 26 * u, 2)
    hot = warp(picture, shimmer, shimmer * 0.4)
    burnt = mix(
        hot,
        ramp(
            luma(stretch(hot)),
            [(0.03, 0, 0), (0.42, 0.03, 0), (0.92, 0.28, 0.02), (1, 0.74, 0.18), (1, 0.97, 0.7)],
        ),
        0.85,
    )
    height, width = picture.shape[:2]
    tongues = cv2.resize(clouds(random, (max(2, height // 3), width), 44 * max(u, 0.1), 3), (width, height))
    _, y = coordinates(picture)
    flames = smoothstep(as_picture(y * 1.15 - 0.62 + 0.22 * tongues), 0, 0.85)
    burnt = screen(burnt, ramp(flames, [(0, 0, 0), (0.75, 0.16, 0), (1, 0.55, 0.08), (1, 0.85, 0.4)]))
    sparks = np.maximum(dots(picture, random, 260, 1.3 * u), dots(picture, random, 50, 2.4 * u))
    glow = sparks[..., None] * rgb(1, 0.72, 0.25) + blur(sparks, 6 * u)[..., None] * rgb(2.6, 0.9, 0.1)
    return screen(burnt, clip(glow))


def space(picture: Picture, random: Random) -> Picture:
    """Dark violet, clouds of gas in two colours, stars."""
    u = unit(picture)
    light = luma(picture)
    deep = mix(
        picture**1.25,
        ramp(light, [(0.01, 0.0, 0.05), (0.16, 0.08, 0.38), (0.55, 0.4, 0.85), (0.95, 0.92, 1.0)]),
        0.6,
    )
    gas = np.zeros_like(picture)
    for colour, least in ((rgb(0.60, 0.12, 0.46), -0.3), (rgb(0.05, 0.34, 0.56), 0.0)):
        gas += smoothstep(clouds(random, picture.shape, 320 * u, 6), least, 2.2)[..., None] * colour
    sky = screen(deep, as_picture(gas * (0.35 + 0.65 * (1 - light))[..., None]))
    stars = np.maximum(dots(picture, random, 700, 0.7 * u) * 0.7, dots(picture, random, 60, 1.5 * u))
    stars = stars * (0.25 + 0.75 * (1 - smoothstep(light, 0.35, 0.8)))
    return screen(sky, grey(as_picture(np.clip(stars + 2.5 * blur(stars, 4 * u), 0, 1))))


def dreamy(picture: Picture, random: Random) -> Picture:
    """A wide glow, pastel light and soft sparkles."""
    u = unit(picture)
    glowing = saturate(screen(picture, blur(picture, 18 * u) * 0.5), 1.12) * rgb(1.02, 0.97, 1.05)
    hue = clouds(random, picture.shape, 420 * u, 2)
    veil = mix(rgb(0.95, 0.62, 0.85)[None, None], (0.55, 0.78, 1.0), smoothstep(hue, -1, 1))
    sparkles = (
        blur(dots(picture, random, 40, 4 * u, softer=True), 2 * u) + dots(picture, random, 70, 1.2 * u) * 0.6
    )
    return screen(mix(glowing, veil, 0.14), grey(as_picture(np.clip(sparkles, 0, 1))) * 0.55)


def horror(picture: Picture, random: Random) -> Picture:
    """Sick green light, deep black corners, stains."""
    u = unit(picture)
    drained = mix(
        saturate(picture, 0.35),
        ramp(
            luma(stretch(picture)),
            [(0, 0.01, 0.01), (0.12, 0.17, 0.10), (0.52, 0.60, 0.38), (0.9, 0.93, 0.78)],
        ),
        0.72,
    )
    stains = smoothstep(clouds(random, picture.shape, 260 * u, 5), 0.4, 2.0)
    return vignette(vignette(as_picture(drained * (1 - 0.55 * stains)[..., None]), 0.75), 0.4)


def psychedelic(picture: Picture, random: Random) -> Picture:
    """Every hue at once, flowing around the forms."""
    u = unit(picture)
    sway = clouds(random, picture.shape, 170 * u, 2)
    bent = warp(picture, 9 * u * sway, 9 * u * clouds(random, picture.shape, 170 * u, 2))
    light = luma(bent)
    phase = 1.4 * light + 0.35 * sway + random.uniform()
    rainbow = np.stack([0.5 + 0.5 * np.cos(2 * np.pi * (phase + shift)) for shift in (0, 0.33, 0.67)], -1)
    rainbow = as_picture(rainbow * (0.25 + 1.0 * light)[..., None])
    return saturate(mix(bent, rainbow, 0.68), 1.3)


def steampunk(picture: Picture, random: Random) -> Picture:
    """Brass and copper, green rust in the darks, steam that rises."""
    u = unit(picture)
    light = luma(stretch(picture))
    brass = ramp(light, [(0.04, 0.03, 0.02), (0.30, 0.17, 0.08), (0.72, 0.46, 0.18), (0.97, 0.82, 0.48)])
    metal = mix(saturate(picture, 0.7), brass, 0.72)
    rust = smoothstep(clouds(random, light.shape, 110 * u, 4), 0.3, 1.8) * (1 - smoothstep(light, 0.2, 0.7))
    metal = mix(metal, (0.22, 0.40, 0.34), as_picture(0.45 * rust))
    metal = as_picture(metal + 0.9 * (metal - blur(metal, 9 * u)))  # polished: edges shine
    _, y = coordinates(picture)
    steam = smoothstep(clouds(random, light.shape, 260 * u, 4) + 0.5 * y, 0.5, 2.2)
    return vignette(screen(metal, steam[..., None] * rgb(0.42, 0.36, 0.28)), 0.45)


def cinematic(picture: Picture, random: Random) -> Picture:
    """Teal shadows, orange lights, contrast."""
    light = smoothstep(luma(stretch(picture, 0.5, 99.5)), -0.1, 1.08)
    toned = ramp(
        light,
        [(0.01, 0.04, 0.06), (0.12, 0.26, 0.31), (0.62, 0.52, 0.44), (0.98, 0.80, 0.60), (1, 0.97, 0.9)],
    )
    beam = 1 + 0.22 * (glow(picture, random, 0.8)[..., None] - 0.4)
    return vignette(as_picture(mix(saturate(picture, 1.1), toned, 0.55) * beam), 0.4)
