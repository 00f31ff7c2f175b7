"""Cat: a ginger cat sits on a window sill and looks out, in soft daylight. Its fur is drawn hair by hair."""

from __future__ import annotations

import cv2
import numpy as np

from scripts.samples import cat_body, garden
from scripts.samples.cat_coat import CAT, along_tail, cat, mouth, nose, shades, whiskers
from scripts.samples.light import Pixels, colours, opened, pixels, shown
from scripts.samples.noise import space_noise
from scripts.samples.rays import Camera, Solid, openness, shadow
from scripts.samples.scene import Seen, Softly, picture, see
from scripts.samples.sill import LAST_POST, room
from scripts.samples.values import Points, Values, Vector, column, dot, step, unit

WIDTH, HEIGHT = 768, 1024
SCALE = 2
"""The fur is drawn this much larger, and scaled down at the end."""
AHEAD = 34.0  # degrees from the x axis, towards the window
TARGET: Vector = (0.20, 1.42, -0.95)
FAR = 13.0
EYE: Vector = (
    TARGET[0] - FAR * float(np.cos(np.radians(AHEAD))),
    2.75,
    TARGET[2] - FAR * float(np.sin(np.radians(AHEAD))),
)
CAMERA = Camera(EYE, TARGET, 4.85, WIDTH, HEIGHT)
DAYLIGHT, SKYLIGHT, INDOORS = column((1.0, 0.95, 0.86)), column((0.75, 0.85, 1.0)), column((0.42, 0.36, 0.32))
LIGHTS: tuple[tuple[Vector, float], ...] = (
    # Where light comes in through the window, and how much.
    ((-0.726, 0.435, 0.532), 1.25),
    ((0.051, 0.654, 0.755), 0.9),
    ((-0.954, 0.201, 0.221), 0.5),
)
BODY, TAIL, FIRST_OF_ROOM = 0, 1, 4  # numbers of things


def draw() -> Pixels:
    things = [*cat(), *room()]
    solids = [*shades(), *(one.solid for one in things[FIRST_OF_ROOM:])]
    small = [solid for solid in solids if solid.radius < 2.1]
    furry: list[tuple[Seen, Points]] = []

    def look(rays: Points) -> Seen:
        return see(column(EYE), rays, things)

    def measure(seen: Seen) -> Values:
        return reached(seen, solids, small)

    softly = Softly(CAMERA, look, measure)

    def shade(rays: Points) -> tuple[Points, Values]:
        seen = look(rays)
        light = np.empty_like(rays)
        sky = seen.which == -1
        light[:, sky] = beyond(rays[:, sky])
        inside = seen.which >= FIRST_OF_ROOM
        light[:, inside] = lighted(seen.of(inside), softly, soft=0)
        pet = (seen.which >= 0) & ~inside
        light[:, pet] = lighted(seen.of(pet), softly, soft=0.2)
        fur = (seen.which == BODY) | (seen.which == TAIL)
        if not furry:
            furry.append((seen.of(fur), light[:, fur]))
        return shown(light * np.where(fur, 0.86, 1)), seen.which

    large = cv2.resize(picture(CAMERA, shade), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    large = np.ascontiguousarray(np.clip(large, 0, 255))
    hair(large, *furry[0])
    face(large)
    return pixels(cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))


def reached(seen: Seen, solids: list[Solid], small: list[Solid]) -> Values:
    """How open the surroundings of surfaces are, and how much of each light they see: rows of 0 to 1."""
    start = np.where(seen.which < FIRST_OF_ROOM, 0.12, 0.03).astype(np.float32)
    at = seen.p + seen.n * start
    lit = [shadow(small, at, way, 3.2) for way, _ in LIGHTS]
    return np.stack([openness(solids, seen.p, seen.n, None, 0.75), *lit])


def lighted(seen: Seen, softly: Softly, soft: float) -> Points:
    """Return the light from surfaces. Where they are soft, as fur is, it reaches around them."""
    p, n, colour = seen.p, seen.n, seen.colour
    corners, *lights = softly(seen)
    corners = np.maximum(corners, 0.3)
    # Less light comes far into the room, and behind the curtain.
    near = np.exp(0.22 * np.clip(p[2], -9, 0)) * np.clip(1.05 - 0.07 * (p[0] + 2), 0.3, 1.2)
    light, through = np.zeros_like(p), np.zeros(p.shape[1], np.float32)
    for (way, weight), lit in zip(LIGHTS, lights, strict=True):
        facing = (dot(n, column(way)) + soft) / (1 + soft)
        light += DAYLIGHT * (weight * np.clip(facing, 0, 1) * lit * near * (0.45 + 0.55 * corners))
        through += weight * np.clip((np.abs(facing) + 0.3) / 1.3, 0, 1) * lit
    room_light = opened(corners, colour)
    light += room_light * INDOORS * (0.6 if soft else 0.8) * (0.40 + 0.2 * n[1] - 0.10 * n[2])
    light += room_light * SKYLIGHT * 0.22 * np.clip(0.45 + 0.44 * n[2] - 0.28 * n[0], 0, 1)
    from_sill = np.clip(0.3 - 0.7 * n[1], 0, 1) * np.exp(-1.2 * np.clip(p[1], 0, 9)) * (p[1] > 0)
    light += room_light * DAYLIGHT * 0.30 * from_sill
    result = colour * light + seen.inner * DAYLIGHT * through
    toward = np.clip(-dot(n, seen.rays), 0, 1)
    if soft:  # light in the tips of the hair
        rim = (1 - toward) ** 2.5 * np.clip(dot(n, unit(column((-0.5, 0.45, 0.75)))) + 0.25, 0, 1)
        result += (colour * 0.6 + 0.2) * DAYLIGHT * 1.3 * rim * corners
    mirror = n * (2 * toward) + seen.rays
    window = step(-0.1, 0.4, mirror[2] - 0.3 * mirror[0]) * step(-0.5, 0.2, mirror[1])
    fresnel = 0.04 + 0.96 * (1 - toward) ** 5
    result += DAYLIGHT * fresnel * seen.gloss * (window * 2.2 / (1 + seen.rough * 6) + 0.12) * corners
    if soft:  # the pane in the eyes
        wide, high = 0.55 - np.abs(mirror[0] + 0.55), 0.22 - np.abs(mirror[1] - 0.42)
        result += DAYLIGHT * 1.1 * seen.gloss * step(0, 0.08, wide) * step(0, 0.06, high) * (mirror[2] > -0.2)
    return result


def beyond(rays: Points) -> Points:
    """What is seen where nothing is: the garden through the window, the dim room beside it."""
    far = -EYE[2] / np.maximum(rays[2], 1e-4)
    out = (rays[2] > 1e-4) & (EYE[0] + rays[0] * far < LAST_POST)
    across = AHEAD - np.degrees(np.arctan2(rays[2], rays[0]))
    up = np.degrees(np.arcsin(rays[1]))
    outside = 0.95 * garden.seen(45 * across, 45 * (up + 5.0))
    inside = 0.7 * colours(0.5 + up / 20, (0, (84, 66, 56)), (1, (128, 104, 88)))
    return np.where(out, outside, inside)


def hair(picture: Values, seen: Seen, light: Points) -> None:
    """Draw the fur: hairs grow from what is seen of the cat, and take its light along."""
    x, y, _ = CAMERA.project(seen.p)
    pixel = y.astype(np.int32) * WIDTH + x.astype(np.int32)
    # Each pixel has its own chances, so that one that is hidden does not change the hair elsewhere.
    random = np.random.default_rng(251)
    chances = random.random((6, HEIGHT * WIDTH), np.float32)[:, pixel]
    astray = random.standard_normal((4, HEIGHT * WIDTH), np.float32)[:, pixel]
    tail, local = seen.which == TAIL, CAT.local(seen.p)
    q = cat_body.half(cat_body.HEAD.local(local))
    lids = cat_body.lids(q)
    bare = (lids < 0.03) | (nose(q) > 0) | ((cat_body.ear_inside(q) > 0.7) & (chances[1] < 0.6))
    roots = np.flatnonzero((chances[0] < 0.55) & (tail | ~bare))
    p, n, tail, lids = seen.p[:, roots], seen.n[:, roots], tail[roots], lids[roots]
    chances, astray = chances[:, roots], astray[:, roots]
    way, long = cat_body.hair(local[:, roots])
    way = np.where(tail, along_tail(p)[1], CAT.outward(way))
    long = np.where(tail, 0.10, long * (0.25 + 0.75 * step(0.03, 0.12, lids))) * (0.55 + 0.7 * chances[2])
    # Flat along the skin, each hair a little astray, and tufts of hair together.
    tufts = np.stack([space_noise(p * 7, 252 + axis, 2) for axis in range(3)])
    way = unit(unit(unit(way - n * dot(way, n)) + 0.22 * astray[:3]) + 0.30 * tufts)
    lift = 0.12 + 0.30 * chances[3]
    steps = []
    for t in (0, 0.35, 0.7, 1.0):
        point = p + long * (way * t + n * (lift * t * (1.25 - 0.6 * t)) - column((0, 1, 0)) * 0.25 * t * t)
        steps.append(np.stack(CAMERA.project(point.astype(np.float32))[:2], -1))
    tone = 1 + 0.20 * astray[3] + 0.22 * space_noise(p * 16, 256, 2)
    colour = shown(np.maximum(light[:, roots] * tone, 0) + 0.03 * chances[4]).T
    order = np.argsort(p[1] - 5 * tail + 0.15 * chances[5])  # upper hair lies over lower hair
    lines = (np.stack(steps, 1)[order] * SCALE * 8).round().astype(np.int32)
    for line, (red, green, blue) in zip(lines, colour[order].tolist(), strict=True):
        cv2.polylines(picture, [line], False, (red, green, blue), 1, cv2.LINE_8, 3)


def face(picture: Values) -> None:
    """Draw the mouth and the whiskers."""
    for points in mouth():
        line(picture, points, (96, 58, 46), 2)
    for points in whiskers():
        line(picture, points[:, :7], (255, 250, 240), 2)
        line(picture, points[:, 6:], (255, 250, 240), 1)


def line(picture: Values, points: Points, colour: Vector, width: int) -> None:
    x, y, _ = CAMERA.project(points)
    path = (np.stack([x, y], -1) * SCALE * 8).round().astype(np.int32)
    cv2.polylines(picture, [path], False, colour, width, cv2.LINE_8, 3)
