"""Fruit: a still life with a bowl of fruit and a jug on a table, in the light of a window on the left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from scripts.samples import crockery, fruits
from scripts.samples.light import Pixels, colours, opened, pixels, shown
from scripts.samples.noise import plane_noise
from scripts.samples.rays import Camera, Solid, openness, shadow
from scripts.samples.scene import Plane, Seen, Skin, Softly, Thing, picture, see, thing
from scripts.samples.solids import Place, bent_rod, capsule, rotation
from scripts.samples.tablecloth import table_skin
from scripts.samples.values import Points, Values, Vector, column, cross, dot, step, unit

WIDTH = HEIGHT = 896
CAMERA = Camera((0.1, 3.9, -11.0), (0.02, 1.18, 0), 2.72, WIDTH, HEIGHT)
SUN: Vector = (-0.783, 0.559, -0.270)
SHARP = 5.0  # the sun is hazy
SUNLIGHT, SKYLIGHT, FROM_TABLE = (
    column((1.0, 0.86, 0.66)),
    column((0.40, 0.47, 0.58)),
    column((0.34, 0.22, 0.13)),
)
WALL = 4.6
BOWL: Vector = (-0.55, 0.0, 0.5)


def draw() -> Pixels:
    things = [*in_the_bowl(), *on_the_table(), *grapes()]
    planes = [Plane(1, 0.0, 1, partial(table_skin, SUN)), Plane(2, WALL, -1, wall_skin)]
    solids = [one.solid for one in things]

    def look(rays: Points) -> Seen:
        return see(column(CAMERA.eye), rays, things, planes)

    def measure(seen: Seen) -> Values:
        return reached(seen, solids, planes)

    softly = Softly(CAMERA, look, measure, every=2)

    def shade(rays: Points) -> tuple[Points, Values]:
        seen = look(rays)
        return shown(lighted(seen, softly), 1.15), seen.which

    return pixels(picture(CAMERA, shade))


def in_the_bowl() -> list[Thing]:
    apple, orange = fruits.apple(), fruits.orange()
    red, pale = (
        fruits.apple_skin((226, 176, 70), (160, 24, 24), 61),
        fruits.apple_skin((190, 184, 70), (196, 66, 42), 65),
    )
    first = thing(apple, inside(-0.72, 1.55, -0.62, 0.68, x=-22, z=14, y=20), 1.15, red)
    second = thing(apple, inside(1.15, 1.42, 0.25, 0.64, x=10, z=-22, y=80), 1.15, pale)
    pear = thing(
        fruits.pear(), inside(0.12, 1.95, 0.35, 0.74, x=6, z=-12), 1.6, fruits.pear_skin, centre=(0, 0.2, 0)
    )
    return [
        thing(crockery.bowl(), Place(BOWL), 2.2, crockery.bowl_skin, centre=(0, 0.6, 0), reach=0.03),
        first,
        second,
        pear,
        stem(first, (0, 0.5, 0), (0.12, 1.02, 0.05)),
        stem(second, (0, 0.5, 0), (-0.1, 1.0, 0.06)),
        stem(pear, (0, 1.42, 0), (0.18, 1.9, 0.05)),
        leaf(first, (0.05, 0.75, 0), rotation(y=-130, x=-12, z=10), 0.85),
        thing(
            fruits.lemon(),
            inside(-0.15, 1.32, -1.25, 0.46, x=12, z=74, y=14),
            1.45,
            fruits.lemon_skin,
            fruits.lemon_bump,
            centre=(0, 0.1, 0),
        ),
        *(
            thing(orange, place, 1.05, fruits.orange_skin, fruits.orange_bump)
            for place in (
                inside(0.45, 1.5, -0.75, 0.62, x=-50, z=10),
                inside(-1.25, 1.35, 0.25, 0.6, x=-20, z=40),
                inside(-0.5, 1.75, 0.75, 0.6, x=-20, z=-30),
            )
        ),
        thing(fruits.plum(), inside(-1.3, 1.25, -0.85, 0.42, z=50, y=30), 1.1, fruits.plum_skin),
    ]


def on_the_table() -> list[Thing]:
    apple = thing(
        fruits.apple(),
        Place((2.75, 0.6, -1.15), rotation(x=-12, z=-8, y=150), 0.66),
        1.15,
        fruits.apple_skin((214, 190, 80), (158, 26, 24), 67),
    )
    cherries = ((2.0, -3.3, 10, 0.1), (2.5, -3.12, 200, -0.12), (2.16, -2.75, 90, 0.0))
    return [
        thing(
            crockery.jug(),
            Place((2.45, 0, 2.3), rotation(y=-28), 1.12),
            2.3,
            crockery.jug_skin,
            crockery.jug_bump,
            centre=(0.2, 1.9, 0),
            patience=0.8,
            reach=0.03,
        ),
        thing(
            fruits.half_orange,
            Place((-2.75, 0.52, -1.75), rotation(x=-52, y=18), 0.6),
            1.05,
            fruits.half_orange_skin,
            fruits.half_orange_bump,
        ),
        apple,
        stem(apple, (0, 0.5, 0), (0.16, 1.0, 0.1)),
        leaf(apple, (0.1, 0.85, 0), rotation(y=120, x=-5, z=20), 0.8),
        thing(fruits.plum(), Place((-1.75, 0.4, -2.5), rotation(z=80, y=-30), 0.4), 1.1, fruits.plum_skin),
        *(
            thing(
                fruits.cherry(),
                Place((x, 0.235, z), rotation(x=-30, z=10, y=turn), 0.24),
                1.2,
                fruits.cherry_skin,
            )
            for x, z, turn, _ in cherries
        ),
        *(
            thing(
                bent_rod(
                    (x, 0.43, z), ((x + 1.3) / 2 + bend, 1.1, (z - 3.9) / 2), (1.25, 0.05, -3.55), 0.022
                ),
                Place((0, 0, 0)),
                1.1,
                fruits.stem_skin,
                centre=(1.8, 0.4, -3.3),
            )
            for x, z, _, bend in cherries
        ),
    ]


def grapes() -> list[Thing]:
    """A bunch that hangs over the bowl's rim: grapes around a curve, pushed apart."""
    random = np.random.default_rng(5)
    curve = np.array(
        [(0.72, 1.72, -1.05), (1.2, 1.62, -1.5), (1.55, 1.1, -1.95), (1.75, 0.6, -2.15), (1.8, 0.3, -2.35)]
    )
    size = 0.225
    t = np.sort(random.uniform(0, 1, 34)) ** 0.85
    home = np.stack([np.interp(t * 4, np.arange(5), curve[:, axis]) for axis in range(3)], 1)
    at = home + random.normal(0, 0.24, home.shape) * np.sin(np.pi * np.clip(t * 0.75 + 0.15, 0, 1))[:, None]
    others = 1 - np.eye(len(at))
    for _ in range(150):
        delta = at[:, None] - at[None]
        far = np.linalg.norm(delta, axis=-1) + np.eye(len(at))
        push = np.clip(2 * size * 0.93 - far, 0, None) * others
        at += (delta / far[..., None] * push[..., None]).sum(1) * 0.35 + (home - at) * 0.02
        at[:, 1] = np.maximum(at[:, 1], size * 0.97)
        r = np.hypot(at[:, 0], at[:, 2])
        outside = (
            np.interp(at[:, 1], [0.1, 0.3, 0.6, 0.95, 1.25, 1.5], [0.6, 1.05, 1.5, 1.85, 2.02, 1.9])
            + size
            + 0.06
        )
        short = np.where((at[:, 1] < 1.5) & (r > 1.2), np.clip(outside - r, 0, None), 0)
        at[:, [0, 2]] *= (1 + short / r)[:, None]
    bunch = []
    for number, (x, y, z) in enumerate(at.tolist()):
        turn = random.uniform(0, 360)
        place = inside(x, y, z, size * random.uniform(0.9, 1.06), x=turn, z=turn * 1.7)
        bunch.append(thing(fruits.grape(), place, 1.1, fruits.grape_skin(number)))
    return bunch


def inside(right: float, up: float, back: float, size: float, **turn: float) -> Place:
    return Place((BOWL[0] + right, up, BOWL[2] + back), rotation(**turn), size)


def stem(fruit: Thing, start: Vector, end: Vector) -> Thing:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, (start[2] + end[2]) / 2)
    return thing(capsule(start, end, 0.045, 0.068), fruit.place, 0.7, fruits.stem_skin, centre=middle)


def leaf(fruit: Thing, start: Vector, turn: Values, size: float) -> Thing:
    x, y, z = (column(fruit.place.at) + fruit.place.outward(column(start)) * fruit.place.size)[:, 0].tolist()
    return thing(fruits.leaf, Place((x, y, z), turn, size), 0.75, fruits.leaf_skin, centre=(0, 0, 0.5))


def wall_skin(p: Points) -> Skin:
    """Plaster."""
    x, y, fine = p[0], p[1], 0.02

    def height(x: Values, y: Values) -> Values:
        return 0.010 * plane_noise(x * 1.5, y * 1.5, 142, 5, 0.6)

    here = height(x, y)
    n = unit(
        np.stack([(height(x + fine, y) - here) / fine, (height(x, y + fine) - here) / fine, -np.ones_like(x)])
    )
    tone = 0.5 + 0.25 * plane_noise(x * 0.6, y * 0.6, 141, 5, 0.55)
    return Skin(colours(tone, (0, (104, 110, 102)), (1, (146, 148, 134))), 0, 0.3, normal=n)


def reached(seen: Seen, solids: Sequence[Solid], planes: Sequence[Plane]) -> Values:
    """How much of the sun surfaces see, and how open their surroundings are: rows of 0 to 1."""
    p, n = seen.p, seen.n
    corners = openness(solids, p, n, lambda q: np.minimum(planes[0].shape(q), planes[1].shape(q)), 1.1)
    return np.stack([shadow(solids, p + n * 0.01, SUN, SHARP), corners])


def lighted(seen: Seen, softly: Softly) -> Points:
    """Return light from the window, the room and the table, with the window's mirror images."""
    p, n, colour = seen.p, seen.n, seen.colour
    sun, corners = softly(seen)
    room = opened(corners, colour)
    through = through_panes(p)
    ahead = dot(n, column(SUN))
    light = SUNLIGHT * 2.0 * np.clip(ahead, 0, 1) * sun * through
    from_window = 0.62 + 0.5 * dot(n, column((-0.745, 0.497, -0.447)))
    light = light + room * SKYLIGHT * 0.62 * from_window * np.clip(1.1 - 0.09 * (p[0] + 3), 0.3, 1.3)
    below = 0.5 * np.clip(0.5 - 0.6 * n[1], 0, 1) * np.exp(-0.5 * np.clip(p[1], 0, 9))
    light = light + room * FROM_TABLE * below
    around = np.clip((ahead + 0.35) / 1.35, 0, 1) ** 1.5
    result = colour * light + seen.inner * SUNLIGHT * around * (0.27 + 0.63 * sun * through)
    facing = -dot(n, seen.rays)
    mirror = n * (2 * facing) + seen.rays
    fresnel = 0.04 + 0.96 * (1 - np.clip(facing, 0, 1)) ** 5
    image = column((1.0, 0.95, 0.86)) * 15 * window(mirror, seen.rough) * (0.35 + 0.65 * sun)
    image = image + column((0.9, 0.95, 1.0)) * np.clip(0.16 + 0.35 * mirror[1], 0.03, 0.6) * corners
    return np.asarray(result + image * fresnel * seen.gloss * (1 - seen.rough * 1.2))


def through_panes(p: Points) -> Values:
    """How much of the sun the window, far on the left, lets through to points."""
    far = (-9 - p[0]) / SUN[0]
    u, v = p[2] + SUN[2] * far + 3.2, p[1] + SUN[1] * far - 7.6
    frame = (u + 6.5, 6.1 - u, v + 5.5, 5.2 - v)
    inside = np.prod([step(-0.25, 0.25, side) for side in frame], axis=0)
    bars = [np.abs(u - 3.7), np.abs(u + 1.6)], [np.abs(v - 3.2), np.abs(v + 0.9)]
    panes = np.prod([step(0.03, 0.36, np.minimum(*pair)) for pair in bars], axis=0)
    return np.asarray(0.10 + 0.90 * inside * (0.25 + 0.75 * panes), np.float32)


def window(rays: Points, rough: Values) -> Values:
    """How much of the window is seen along rays, in a mirror of this roughness."""
    middle = unit(column((-0.86, 0.42, -0.30)))
    right = unit(cross(column((0, 1, 0)), middle))
    ahead = np.maximum(dot(rays, middle), 1e-3)
    u, v = dot(rays, right) / ahead, dot(rays, cross(middle, right)) / ahead
    soft = 0.02 + rough * 2
    pane = np.clip(0.5 + (0.36 - np.abs(u)) / soft / 2, 0, 1) * np.clip(
        0.5 + (0.5 - np.abs(v)) / soft / 2, 0, 1
    )
    sharp = np.clip(1 - rough * 8, 0, 1)
    for off in (u, v - 0.1):
        pane = pane * (1 - sharp * (1 - np.clip(np.abs(off) / 0.03 - 0.5, 0, 1)))
    return np.asarray(pane * 0.25 / (0.25 + rough * 2.2) * (ahead > 0.01))
