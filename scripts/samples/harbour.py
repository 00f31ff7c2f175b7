"""Harbour: boats in a bay below a lighthouse on its cliff, under the clouds of an evening."""

from __future__ import annotations

import cv2
import numpy as np

from scripts.samples import coast
from scripts.samples.boats import barrel, crate, fishing_boat, rowing_boat, sailing_boat
from scripts.samples.coast import LIGHTHOUSE
from scripts.samples.evening import SUN, glow, sky
from scripts.samples.light import Pixels, light_of, opened, pixels, shown
from scripts.samples.lighthouse import LAMP, block, bollard, house, lamp_post, lighthouse
from scripts.samples.noise import plane_noise
from scripts.samples.rays import Camera, openness, shadow
from scripts.samples.scene import Ground, Plane, Seen, Skin, Softly, Thing, picture, see
from scripts.samples.solids import Place, rotation
from scripts.samples.values import Points, Values, Vector, column, dot, mix, step, unit

WIDTH, HEIGHT = 1024, 768
EYE: Vector = (0.0, 5.2, 0.0)
CAMERA = Camera(EYE, (0, 6.4, 40), 2.75, WIDTH, HEIGHT)
SUNLIGHT, SKYLIGHT = column((1.0, 0.62, 0.34)) * 3.1, column((0.42, 0.46, 0.62))
LAND, WATER = -2, -3


def things() -> list[Thing]:
    x, _, z = LIGHTHOUSE
    cottages = []
    for right, back, size, turn, paint, roof in (
        (9.5, -3.5, (3.4, 1.6, 2.0), 24, (232, 224, 206), (120, 62, 48)),
        (18.5, -8.0, (3.0, 1.6, 2.0), -14, (214, 180, 130), (92, 78, 84)),
        (25.0, 4.0, (3.2, 1.6, 2.0), 30, (190, 96, 76), (84, 74, 78)),
    ):
        ground = float(coast.height(np.array([x + right]), np.array([z + back]))[0])
        cottages += house((x + right, ground + size[1] - 0.3, z + back), size, turn, paint, roof)
    return [
        *lighthouse(LIGHTHOUSE),
        *cottages,
        *fishing_boat(Place((-1.8, 0, 25), rotation(y=-152), 4.3), (36, 84, 120), (170, 60, 44)),
        *fishing_boat(Place((8.2, 0, 37.5), rotation(y=-20), 4.0), (150, 48, 42), (60, 92, 88)),
        *sailing_boat(Place((-13.5, 0, 47), rotation(y=20), 4.2)),
        *rowing_boat(Place((-5.0, 0, 16.5), rotation(y=34), 2.1)),
        block((13.0, -0.8, 20), (7.5, 2.4, 12)),
        barrel(Place((9.3, 2.32, 24.5), None, 0.6)),
        crate(Place((8.1, 1.95, 25.2), rotation(y=14), 0.5), (160, 116, 70)),
        crate(Place((8.2, 2.65, 25.2), rotation(y=-8), 0.46), (74, 116, 132)),
        crate(Place((9.7, 1.9, 22.6), rotation(y=33), 0.45), (176, 84, 60)),
        bollard((6.2, 1.6, 15.5)),
        bollard((6.2, 1.6, 22)),
        *lamp_post((7.0, 1.6, 18.5)),
    ]


def draw() -> Pixels:
    everything = things()
    solids = [one.solid for one in everything]
    eye = column(EYE)

    def look(rays: Points) -> Seen:
        return see(eye, rays, everything, GROUNDS)

    def measure(seen: Seen) -> Values:
        values = np.stack(
            [shadow(solids, seen.p + seen.n * 0.05, SUN, 14.0), openness(solids, seen.p, seen.n, None, 0.9)]
        )
        land = seen.which == LAND
        values[:, land] *= coast.light(seen.p[:, land])
        return values

    softly = Softly(CAMERA, look, measure)

    def shade(rays: Points) -> tuple[Points, Values]:
        seen = look(rays)
        light = np.empty_like(rays)
        open_sky, water = seen.which == -1, seen.which == WATER
        light[:, open_sky] = sky(rays[:, open_sky])
        solid = ~open_sky & ~water
        some = seen.of(solid)
        light[:, solid] = lighted(some, *softly(some))
        if water.any():
            some = seen.of(water)
            light[:, water] = sea(some, softly(some), everything)
        return shown(light + lamplight(rays)), seen.which

    made = picture(CAMERA, shade)
    for gull in GULLS:
        fly(made, *gull)
    return pixels(made)


GULLS = (
    # where, how large, how turned (degrees), how the wings are held
    (408, 196, 25, -12, 0.5),
    (468, 158, 17, 8, 0.9),
    (356, 252, 14, -4, 0.2),
    (520, 226, 12, 14, 0.7),
    (566, 120, 10, -10, 0.4),
)


def fly(made: Values, x: float, y: float, size: float, turn: float, wings: float) -> None:
    """Draw a gull: white, with dark tips to its wings."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))

    def draw(points: list[tuple[float, float]], colour: tuple[float, float, float]) -> None:
        at = [
            (x + size * (c * right - s * down), y + size * (s * right + c * down)) for right, down in points
        ]
        mask = np.zeros(made.shape[:2], np.uint8)
        cv2.fillPoly(mask, [(np.array(at) * 16).round().astype(np.int32)], 255, cv2.LINE_AA, 4)
        made[:] = made + (np.array(colour, np.float32) - made) * (mask[..., None] / np.float32(255))

    for side in (-1, 1):
        lift = 0.30 + 0.25 * wings - 0.08 * side
        elbow, tip = (0.45 * side, -lift), (1.0 * side, -lift * 0.55 + 0.12)
        draw(
            [(0.10 * side, -0.06), elbow, tip, (0.5 * side, -lift + 0.13), (0.08 * side, 0.08)],
            (226, 218, 222),
        )
        draw([(0.78 * side, -lift * 0.78 + 0.02), tip, (0.76 * side, -lift * 0.78 + 0.10)], (70, 66, 82))
    draw([(-0.10, -0.07), (0.05, -0.10), (0.12, 0.04), (0.04, 0.22), (-0.10, 0.16)], (250, 244, 236))


def lamplight(rays: Points) -> Points:
    """The glow around the lighthouse's lamp."""
    x, y, z = LIGHTHOUSE
    off = 1 - dot(rays, unit(column((x, y + LAMP, z)) - column(EYE)))
    return light_of(255, 214, 140) * (0.7 * np.exp(-off / 0.00004) + 0.14 * np.exp(-off / 0.0006))


def lighted(seen: Seen, sun: Values, corners: Values) -> Points:
    """Return the light from solid things."""
    n, colour = seen.n, seen.colour
    ahead = dot(n, column(SUN))
    room = opened(corners, colour)
    light = SUNLIGHT * np.clip(ahead, 0, 1) * sun
    light = light + room * SKYLIGHT * (0.62 + 0.38 * n[1])
    light = light + room * column((0.75, 0.42, 0.30)) * 0.42 * np.clip(0.4 + 0.7 * ahead, 0, 1)
    mirror = n * (-2 * dot(n, seen.rays)) + seen.rays
    fresnel = 0.04 + 0.96 * (1 - np.clip(-dot(n, seen.rays), 0, 1)) ** 5
    image = sky(np.stack([mirror[0], np.abs(mirror[1]), mirror[2]])) * corners
    light = colour * light + seen.inner + image * fresnel * seen.gloss * 0.5
    return haze(light, seen.rays, seen.distance)


def haze(light: Points, rays: Points, distance: Values) -> Points:
    """The evening air."""
    share = 1 - np.exp(-np.minimum(distance, 2000) / 700)
    toward = glow(rays)
    air = light_of(206, 170, 170) + light_of(255, 180, 110) * toward**4
    return mix(light, air, share)


def waves(p: Points) -> Skin:
    """Small waves; farther away they only roughen the water."""
    x, z = p[0], p[2]
    far = np.hypot(x, z)
    slopes = []
    for seed in (401, 402):
        long = plane_noise(x * 0.16 + 0.3 * z * 0.1, z * 0.42, seed, 2)
        short = plane_noise(x * 0.75, z * 1.7, seed + 10, 3, 0.6)
        slopes.append(0.020 * long + 0.040 * short * step(140, 8, far))
    n = unit(np.stack([0.8 * slopes[0], np.ones_like(x), 1.25 * slopes[1]]))
    return Skin(light_of(20, 58, 66) * np.ones_like(p), normal=n)


GROUNDS: list[Ground] = [coast.Land(), Plane(1, 0.0, 1, waves)]


def sea(seen: Seen, soft: Values, everything: list[Thing]) -> Points:
    """Return the light from water: what it mirrors, and its own colour where one looks down into it."""
    n = seen.n
    facing = np.clip(-dot(n, seen.rays), 0.02, 1)
    mirror = n * (2 * facing) + seen.rays
    mirror = np.stack([mirror[0], np.maximum(mirror[1], 0.008), mirror[2]])
    mirror = unit(mirror)
    image = sky(mirror)
    other = see(seen.p, mirror, everything, GROUNDS[:1])
    solid = other.which != -1
    some = other.of(solid)
    sun = np.ones(solid.sum(), np.float32)
    corners = np.ones_like(sun)
    land = some.which == LAND
    if land.any():
        sun[land], corners[land] = coast.light(some.p[:, land])
    image[:, solid] = lighted(some, sun * 0.85, corners * 0.85)
    toward = glow(mirror)
    image = image + light_of(255, 214, 150) * 10 * step(0.985, 0.9995, toward) * ~solid
    fresnel = 0.05 + 0.90 * (1 - facing) ** 3.6
    body = seen.colour * (0.55 + 0.8 * soft[0])[None]
    return haze(mix(body, image, fresnel), seen.rays, seen.distance)
