"""The things in the landscape: a house, trees, a boat, a jetty, flowers, a cat."""

import cv2
import numpy as np

from scripts.samples.shapes import SCALE, Canvas, Colour, blend, curve, ellipse, line, polygon


def house(canvas: Canvas, x: float, y: float) -> None:
    """A red wooden house whose front's lower left corner is at x, y + 72."""
    polygon(canvas, [(x - 30, y + 78), (x + 190, y + 78), (x + 240, y + 92), (x - 10, y + 96)], (58, 88, 40))
    polygon(canvas, [(x, y), (x + 78, y), (x + 78, y + 72), (x, y + 72)], (192, 70, 52))
    polygon(canvas, [(x, y), (x + 39, y - 46), (x + 78, y)], (192, 70, 52))
    polygon(canvas, [(x + 78, y), (x + 178, y - 4), (x + 178, y + 64), (x + 78, y + 72)], (142, 48, 44))
    for board in range(1, 13):
        line(canvas, [(x + board * 6, y - 2), (x + board * 6, y + 72)], 0.6, (164, 56, 44))
    for board in range(1, 17):
        line(
            canvas, [(x + 78 + board * 6, y), (x + 78 + board * 6, y + 71 - board * 0.5)], 0.6, (120, 38, 38)
        )
    polygon(canvas, [(x + 39, y - 54), (x + 142, y - 56), (x + 188, y - 2), (x + 84, y + 4)], (92, 78, 84))
    for course in range(1, 9):
        t = course / 9
        start, end = (x + 39 + 45 * t, y - 54 + 58 * t), (x + 142 + 46 * t, y - 56 + 54 * t)
        line(canvas, [start, end], 0.9, (70, 58, 66) if course % 2 else (116, 100, 102))
    line(canvas, [(x - 7, y + 4), (x + 39, y - 54), (x + 84, y + 4)], 4, (246, 240, 228))
    line(canvas, [(x, y + 2), (x, y + 72)], 3, (246, 240, 228))
    line(canvas, [(x + 78, y + 4), (x + 78, y + 72)], 3, (246, 240, 228))
    polygon(
        canvas, [(x + 112, y - 76), (x + 128, y - 76), (x + 128, y - 42), (x + 112, y - 42)], (158, 92, 74)
    )
    polygon(
        canvas, [(x + 110, y - 79), (x + 130, y - 79), (x + 130, y - 73), (x + 110, y - 73)], (120, 66, 56)
    )
    for puff in range(7):
        smoke = np.zeros(canvas.shape[:2], np.float32)
        ellipse(
            smoke,
            (x + 121 + puff * 6 + puff**1.6, y - 86 - puff * 12),
            (6 + puff * 2.2, 5 + puff * 1.7),
            (1, 1, 1),
        )
        blend(canvas, cv2.GaussianBlur(smoke, (0, 0), 7) * (0.5 - puff * 0.055), (236, 228, 228))
    polygon(canvas, [(x + 46, y + 30), (x + 67, y + 30), (x + 67, y + 72), (x + 46, y + 72)], (62, 92, 104))
    line(canvas, [(x + 46, y + 72), (x + 46, y + 30), (x + 67, y + 30), (x + 67, y + 72)], 2, (246, 240, 228))
    ellipse(canvas, (x + 62, y + 53), (1.6, 1.6), (240, 206, 96))
    for left, top, wide, high in ((10, 28, 24, 24), (28, -22, 20, 18), (94, 20, 24, 24), (136, 18, 24, 24)):
        window(canvas, x + left, y + top, wide, high)


def window(canvas: Canvas, x: float, y: float, wide: float, high: float) -> None:
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    polygon(canvas, corners, (255, 216, 124))
    line(canvas, [*corners, corners[0]], 2, (246, 240, 228))
    line(canvas, [(x + wide / 2, y), (x + wide / 2, y + high)], 1.6, (246, 240, 228))
    line(canvas, [(x, y + high / 2), (x + wide, y + high / 2)], 1.6, (246, 240, 228))


def tree(canvas: Canvas, x: float, y: float, size: float, seed: int) -> None:
    """A broad tree whose trunk stands at x, y."""
    random = np.random.default_rng(seed)
    ellipse(canvas, (x + 40 * size, y + 4), (92 * size, 13 * size), (50, 80, 36))
    polygon(
        canvas,
        [
            (x - 11 * size, y + 5),
            (x - 6 * size, y - 95 * size),
            (x + 7 * size, y - 95 * size),
            (x + 13 * size, y + 5),
        ],
        (84, 62, 48),
    )
    line(canvas, [(x - 6 * size, y), (x - 3 * size, y - 90 * size)], 3 * size, (132, 98, 70))
    for reach, rise in ((-42, -120), (46, -125), (-16, -150), (22, -158)):
        line(
            canvas,
            curve((x, y - 70 * size), (x, y - 100 * size), (x + reach * size, y + rise * size)),
            5 * size,
            (78, 58, 46),
        )
    shades = ((34, 66, 40), (48, 88, 44), (74, 116, 48), (112, 146, 56), (168, 180, 76), (214, 204, 104))
    for layer, shade in enumerate(shades):
        lift = layer * 5.5
        for _ in range(240 - layer * 20):
            angle, distance = random.uniform(0, 2 * np.pi), random.uniform(0, 1) ** 0.55
            leaf_x = x + (np.cos(angle) * distance * 84 - lift * 0.9) * size
            leaf_y = y + (-142 + np.sin(angle) * distance * 66 - lift * 0.8) * size
            if layer > 1 and np.sin(leaf_x / (9 * size)) + np.cos(leaf_y / (8 * size)) < layer * 0.28 - 1.2:
                continue
            radius = random.uniform(3, 9 - layer) * size
            colour = tuple(channel * random.uniform(0.9, 1.12) for channel in shade)
            ellipse(
                canvas,
                (leaf_x, leaf_y),
                (radius, radius * 0.75),
                (colour[0], colour[1], colour[2]),
                random.uniform(0, 180),
            )


def boat(canvas: Canvas, x: float, y: float) -> None:
    """A sailing boat, and its image in the water."""
    hull = [
        *curve((x - 52, y - 10), (x - 38, y + 14), (x + 30, y + 13)),
        *curve((x + 30, y + 13), (x + 50, y + 8), (x + 60, y - 13)),
    ]
    reflection = canvas.copy()
    polygon(reflection, [(x - 3, y + 14), (x - 40, y + 22), (x - 6, y + 128)], (214, 206, 198))
    polygon(reflection, [(x + 4, y + 14), (x + 44, y + 20), (x + 5, y + 116)], (206, 120, 92))
    polygon(reflection, [(px, 2 * y + 18 - py) for px, py in hull], (60, 92, 128))
    rows = np.arange(canvas.shape[0], dtype=np.float32)[:, None] / SCALE
    wave = np.sin(rows * 1.05) * (1 + np.clip(rows - y, 0, 200) * 0.05)
    columns = np.arange(canvas.shape[1], dtype=np.float32)[None] + wave * SCALE
    lines = np.broadcast_to(rows * SCALE, canvas.shape[:2]).astype(np.float32)
    reflection = cv2.remap(
        reflection, columns.astype(np.float32), lines, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    near = np.abs(np.arange(canvas.shape[1], dtype=np.float32)[None] / SCALE - x) < 90
    blend(canvas, np.clip(1 - (rows - y) / 130, 0, 1) * (rows > y + 8) * near * 0.55, reflection)
    line(canvas, [(x, y - 8), (x, y - 128)], 3, (108, 76, 52))
    polygon(
        canvas,
        [(x - 4, y - 122), *curve((x - 4, y - 122), (x - 40, y - 70), (x - 46, y - 18)), (x - 4, y - 16)],
        (250, 244, 232),
    )
    polygon(
        canvas,
        [(x + 4, y - 114), *curve((x + 4, y - 114), (x + 40, y - 70), (x + 48, y - 18)), (x + 4, y - 16)],
        (232, 128, 84),
    )
    for stripe in (0.35, 0.65):
        line(
            canvas,
            [(x + 5, y - 114 + 98 * stripe), (x + 5 + 42 * stripe, y - 114 + 96 * stripe)],
            2,
            (250, 226, 196),
        )
    polygon(canvas, hull, (44, 84, 130))
    line(canvas, [(x - 52, y - 10), (x + 60, y - 13)], 4, (244, 236, 220))
    line(canvas, curve((x - 47, y), (x - 10, y + 8), (x + 54, y - 2)), 2, (226, 178, 92))


def jetty(canvas: Canvas) -> None:
    for x, y in ((452, 560), (400, 572), (504, 548)):
        line(canvas, [(x, y), (x, y + 30)], 6, (74, 56, 46))
    polygon(canvas, [(384, 562), (540, 526), (556, 536), (394, 578)], (150, 116, 82))
    for plank in range(14):
        t = plank / 14
        line(canvas, [(384 + 156 * t, 562 - 36 * t), (394 + 162 * t, 578 - 42 * t)], 1, (104, 78, 58))
    line(canvas, [(394, 578), (556, 536)], 3, (92, 68, 52))


def flowers(canvas: Canvas) -> None:
    random = np.random.default_rng(81)
    colours: tuple[Colour, ...] = (
        (250, 246, 240),
        (246, 200, 62),
        (226, 70, 78),
        (168, 104, 200),
        (244, 150, 178),
    )
    for _ in range(190):
        x, y = random.uniform(0, canvas.shape[1] / SCALE), random.uniform(655, canvas.shape[0] / SCALE)
        size = 1.6 + (y - 640) * 0.026 * random.uniform(0.7, 1.3)
        stem = x + random.uniform(-3, 3)
        line(canvas, [(stem, y + size * 4), (x, y)], 1, (64, 104, 44))
        colour = colours[int(random.integers(len(colours)))]
        for petal in range(5):
            angle = petal * 2 * np.pi / 5 + random.uniform(0, 1)
            ellipse(
                canvas,
                (x + np.cos(angle) * size, y + np.sin(angle) * size * 0.8),
                (size * 0.8, size * 0.6),
                colour,
            )
        ellipse(canvas, (x, y), (size * 0.55, size * 0.5), (232, 168, 44))


def cat(canvas: Canvas, x: float, y: float) -> None:
    """A ginger cat that sits in the meadow and looks out of the picture."""
    ginger, dark, cream = (226, 140, 62), (172, 92, 40), (252, 226, 186)
    ellipse(canvas, (x + 22, y + 74), (84, 12), (44, 74, 34))
    line(canvas, curve((x + 44, y + 66), (x + 112, y + 72), (x + 104, y + 8), (x + 84, y + 2)), 15, dark)
    line(canvas, curve((x + 44, y + 66), (x + 110, y + 70), (x + 103, y + 10), (x + 84, y + 3)), 11, ginger)
    ellipse(canvas, (x, y + 26), (46, 54), ginger)
    ellipse(canvas, (x + 22, y + 52), (32, 28), ginger)
    ellipse(canvas, (x - 8, y + 30), (22, 36), cream)
    for stripe in range(4):
        line(
            canvas,
            curve(
                (x + 24, y - 4 + stripe * 16),
                (x + 42, y + stripe * 16),
                (x + 46 + stripe, y + 12 + stripe * 14),
            ),
            4.5,
            dark,
        )
    for paw in (-24, 8):
        ellipse(canvas, (x + paw, y + 56), (12, 22), ginger)
        ellipse(canvas, (x + paw - 1, y + 74), (14, 8), cream)
        for toe in (-5, 0, 5):
            line(canvas, [(x + paw + toe, y + 72), (x + paw + toe, y + 78)], 1, dark)
    head = y - 40
    for side in (-1, 1):
        polygon(
            canvas, [(x + side * 36, head - 8), (x + side * 34, head - 50), (x + side * 6, head - 28)], ginger
        )
        polygon(
            canvas,
            [(x + side * 31, head - 14), (x + side * 30, head - 40), (x + side * 13, head - 27)],
            (238, 168, 150),
        )
    ellipse(canvas, (x, head), (43, 35), ginger)
    ellipse(canvas, (x - 10, head + 15), (14, 11), cream)
    ellipse(canvas, (x + 10, head + 15), (14, 11), cream)
    for reach in (-12, 0, 12):
        line(canvas, [(x + reach, head - 33 + abs(reach) * 0.2), (x + reach * 0.6, head - 16)], 4.5, dark)
    for side in (-1, 1):
        for rise in (2, 11):
            line(canvas, [(x + side * 41, head + rise), (x + side * 27, head + rise + 2)], 3.5, dark)
        ellipse(canvas, (x + side * 17, head - 3), (10, 9.5), (50, 40, 30))
        ellipse(canvas, (x + side * 17, head - 3), (8.6, 8.2), (168, 196, 84))
        ellipse(canvas, (x + side * 17, head - 3), (3.4, 7.2), (24, 22, 22))
        ellipse(canvas, (x + side * 17 - 3, head - 6), (2, 2), (255, 255, 250))
        for whisker in (-4, 2, 8):
            line(
                canvas,
                curve(
                    (x + side * 14, head + 15),
                    (x + side * 40, head + 12 + whisker),
                    (x + side * 64, head + 16 + whisker * 2),
                ),
                0.9,
                (255, 250, 240),
            )
    polygon(canvas, [(x - 5, head + 7), (x + 5, head + 7), (x, head + 13)], (206, 104, 100))
    line(canvas, curve((x, head + 13), (x - 2, head + 20), (x - 11, head + 18)), 1.4, (110, 58, 44))
    line(canvas, curve((x, head + 13), (x + 2, head + 20), (x + 11, head + 18)), 1.4, (110, 58, 44))
