"""Styles that cut a picture into pieces of one colour each."""

import cv2
import numpy as np
from numpy.typing import NDArray

from embedded.preview.filters import (
    Picture,
    Plane,
    Random,
    as_picture,
    blur,
    clip,
    clouds,
    gradient,
    ink_lines,
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
    warp,
)

Labels = NDArray[np.int32]


def stained_glass(picture: Picture, random: Random) -> Picture:
    """Glowing panes of uneven glass between lead."""
    u = unit(picture, random)
    bright = saturate(stretch(picture), 1.5)
    labels = _superpixels(kuwahara(bright, 6 * u), random, 40, ruler=30)
    panes = _mean_colours(bright, labels)
    panes = panes * random.uniform(0.86, 1.14, (len(panes), 1)).astype(np.float32)
    glass = saturate(as_picture(clip(panes[labels]) ** 0.85), 1.5)
    glass = as_picture(glass * (1 + 0.07 * clouds(random, picture.shape, 26 * u, 3))[..., None])
    joints = _joints(labels)
    dirt = blur(joints, 9 * u)
    glass = as_picture(glass * (1.12 - 0.28 * smoothstep(dirt / (dirt.max() + 1e-6), 0.15, 0.8))[..., None])
    glass = mix(glass, clip(picture), 0.10)
    glass = screen(glass, blur(np.clip(glass - 0.55, 0, 1), 18 * u) * 0.5)
    lead = smoothstep(blur(joints, 2.3 * u) * max(2.3 * u, 0.5), 0.12, 0.40)
    shine = np.clip(-light_on(blur(lead, 1.3 * u), 5), 0, 1) * 0.35
    return mix(glass, rgb(0.07, 0.07, 0.08) + shine[..., None], lead)


def mosaic(picture: Picture, random: Random) -> Picture:
    """Small stones, each of its own shade, in grey grout."""
    u = unit(picture, random)
    clear = stretch(picture, 0.5, 99.5)
    labels = _superpixels(clear, random, 19, ruler=26)
    stones = _mean_colours(clear, labels) * random.normal(1, 0.075, (labels.max() + 1, 1)).astype(np.float32)
    joints = _joints(labels)
    grout = smoothstep(blur(joints, 1.4 * u) * max(1.4 * u, 0.5), 0.16, 0.42)
    relief = light_on(blur(1 - joints, 2.2 * u), 6)
    surface = 1 + 0.05 * clouds(random, picture.shape, 6 * max(u, 0.4), 2)
    laid = as_picture(saturate(stones[labels], 1.3) * surface[..., None] + (0.22 * relief)[..., None])
    return mix(laid, (0.36, 0.345, 0.32), grout)


def low_poly(picture: Picture, random: Random) -> Picture:
    """Flat triangles (Delaunay) whose corners sit on the edges of things, each facing its own way."""
    u = unit(picture, random)
    clear = saturate(stretch(picture, 0.5, 99.5), 1.25)
    triangles, labels = _facets(clear, random)
    if len(triangles) == 0:  # a picture of a pixel or two
        return clear
    colours = _mean_colours(clear, labels, len(triangles))
    facing = random.normal(1, 0.045, (len(triangles), 1)).astype(np.float32)
    # The facet's slope: its brightness seen from the top left to the bottom right.
    centres = triangles.mean(1)
    facing = facing + 0.05 * np.sin(centres @ np.array([[0.013], [0.021]]) / u).astype(np.float32)
    facets = as_picture(colours * facing)[labels]
    seams = blur(_joints(labels), 0.6 * u)
    return as_picture(facets * (1 + 0.10 * np.clip(seams, 0, 1))[..., None])


def cubist(picture: Picture, random: Random) -> Picture:
    """Broad facets, each seen from a place of its own and shaded across, in earth colours, outlined."""
    u = unit(picture, random)
    height, width = picture.shape[:2]
    clear = kuwahara(stretch(picture, 0.5, 99.5), 5 * u)
    broad = Random(int(random.integers(2**63)), 1.9 * random.breadth)
    triangles, labels = _facets(clear, broad, details=110)
    if len(triangles) == 0:
        return clear
    shifts = random.normal(0, 8 * u, (len(triangles), 2)).astype(np.float32)
    seen = warp(clear, shifts[labels, 0], shifts[labels, 1])
    seen = mix(seen, _mean_colours(seen, labels, len(triangles))[labels], 0.55)
    earth = [
        (0.10, 0.08, 0.09),
        (0.36, 0.26, 0.20),
        (0.62, 0.50, 0.36),
        (0.80, 0.72, 0.56),
        (0.96, 0.92, 0.82),
    ]
    seen = mix(saturate(seen, 0.95), ramp(luma(seen), earth), 0.4)
    # Each facet is light at one side and dark at the other.
    angle = random.uniform(0, 2 * np.pi, len(triangles)).astype(np.float32)
    centre = triangles.mean(1).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = (x - centre[labels, 0]) * np.cos(angle)[labels] + (y - centre[labels, 1]) * np.sin(angle)[labels]
    shaded = as_picture(seen * (1 + 0.24 * np.tanh(across / (34 * u)))[..., None])
    rims = smoothstep(blur(_joints(labels), 1.0 * u) * max(1.0 * u, 0.5), 0.14, 0.40)
    outlines = 1 - ink_lines(luma(clear), 2.0 * u, 0.2, 18, 8)
    return mix(shaded, rgb(0.09, 0.07, 0.07), np.maximum(0.55 * rims, 0.85 * outlines))


def _facets(picture: Picture, random: Random, details: int = 2000) -> tuple[NDArray[np.int32], Labels]:
    """Return triangles that cover the picture, (number, 3 corners, x and y), and each pixel's number."""
    triangles = _triangulate(_corners(picture, random, details), picture.shape)
    labels = np.zeros(picture.shape[:2], np.int32)
    for number, triangle in enumerate(triangles):
        cv2.fillConvexPoly(labels, triangle, number)
    return triangles, labels


def _corners(picture: Picture, random: Random, details: int) -> NDArray[np.float32]:
    """Return points (x, y): up to `details` and more where the picture has edges, a loose grid, a border."""
    height, width = picture.shape[:2]
    u = unit(picture, random)
    slope = np.hypot(*gradient(blur(luma(picture), 1.8 * u)))
    edges = blur(as_picture(slope), 1.5 * u)
    points = []
    # Strongest edge in each cell of a grid, then the same on a coarser one where edges are weak.
    for cell, quantile, number in ((12 * u, 0.84, details), (24 * u, 0.6, details // 3)):
        rows, columns = max(1, int(height / max(cell, 2))), max(1, int(width / max(cell, 2)))
        y = ((np.arange(rows)[:, None] + random.random((rows, columns))) * height / rows).ravel()
        x = ((np.arange(columns)[None] + random.random((rows, columns))) * width / columns).ravel()
        at = np.minimum(y.astype(np.int32), height - 1), np.minimum(x.astype(np.int32), width - 1)
        strong = edges[at] >= np.quantile(edges[::3, ::3], quantile)
        chosen = random.permutation(np.nonzero(strong)[0])[:number]
        points.append(_climb(edges, np.stack([x[chosen], y[chosen]], -1), max(1, round(cell / 2))))
    step = max(4.0, 62 * u)
    rows, columns = max(1, int(height / step)), max(1, int(width / step))
    y = (np.arange(rows)[:, None] + random.random((rows, columns))) * height / rows
    x = (np.arange(columns)[None] + random.random((rows, columns))) * width / columns
    points.append(np.stack([x.ravel(), y.ravel()], -1))
    top = np.stack([np.linspace(0, width - 1, columns + 2), np.zeros(columns + 2)], -1)
    left = np.stack([np.zeros(rows + 2), np.linspace(0, height - 1, rows + 2)], -1)
    points += [top, top + np.array([0, height - 1]), left, left + np.array([width - 1, 0])]
    return np.concatenate(points).astype(np.float32)


def _climb(edges: Plane, points: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Move each point to the strongest edge within reach."""
    height, width = edges.shape
    x, y = points[:, 0].astype(np.int32), points[:, 1].astype(np.int32)
    best_x, best_y, best = x.copy(), y.copy(), edges[y, x].copy()
    for dy in range(-reach, reach + 1, 2):
        for dx in range(-reach, reach + 1, 2):
            near_x, near_y = np.clip(x + dx, 0, width - 1), np.clip(y + dy, 0, height - 1)
            value = edges[near_y, near_x]
            better = value > best
            best_x, best_y = np.where(better, near_x, best_x), np.where(better, near_y, best_y)
            best = np.maximum(best, value)
    return np.stack([best_x, best_y], -1).astype(np.float64)


def _triangulate(points: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Return Delaunay triangles that cover the picture: (triangles, 3 corners, x and y)."""
    height, width = shape[:2]
    division = cv2.Subdiv2D((-1, -1, width + 2, height + 2))
    division.insert(np.unique(np.round(points), axis=0).tolist())
    triangles = np.asarray(division.getTriangleList()).reshape(-1, 3, 2)
    # OpenCV starts from one huge triangle around everything; its own corners lie outside.
    inside = (triangles >= -0.5).all((1, 2)) & (triangles <= [width - 0.5, height - 0.5]).all((1, 2))
    return np.round(triangles[inside]).astype(np.int32)


def _superpixels(picture: Picture, random: Random, size: float, ruler: float) -> Labels:
    """Cut the picture into pieces about `size` pixels wide (at one megapixel) that follow its edges.

    SLIC at half size; a larger `ruler` makes rounder pieces. The seed moves the pieces: the picture is bent
    before and the labels are bent back.
    """
    u = unit(picture, random)
    height, width = picture.shape[:2]
    factor = 0.5 if min(height, width) >= 64 else 1.0
    small_size = max(8, round(width * factor)), max(8, round(height * factor))
    small = as_picture(cv2.resize(picture, small_size, interpolation=cv2.INTER_AREA))
    bend = 0.35 * size * u * factor
    bend_x, bend_y = (bend * clouds(random, small.shape, 2.5 * size * u * factor + 2, 2) for _ in range(2))
    bent = to_bytes(blur(warp(small, bend_x, bend_y), 1.0))
    region = max(4, round(size * u * factor))
    slic = cv2.ximgproc.createSuperpixelSLIC(
        cv2.cvtColor(bent, cv2.COLOR_RGB2Lab), cv2.ximgproc.SLIC, region, ruler
    )
    slic.iterate(6)
    slic.enforceLabelConnectivity(30)
    labels = as_picture(slic.getLabels())
    x, y = np.meshgrid(np.arange(small_size[0], dtype=np.float32), np.arange(small_size[1], dtype=np.float32))
    labels = cv2.remap(labels, x - bend_x, y - bend_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST), np.int32)


def _mean_colours(picture: Picture, labels: Labels, number: int | None = None) -> Picture:
    """Return the mean colour of each label: (labels, 3)."""
    flat = labels.ravel()
    number = number or int(flat.max()) + 1
    count = np.maximum(np.bincount(flat, minlength=number), 1)
    sums = [np.bincount(flat, picture[..., c].ravel(), number) for c in range(3)]
    return as_picture(np.stack(sums, -1) / count[:, None])


def _joints(labels: Labels) -> Plane:
    """Return 1 where a pixel's label differs from that of its left or upper neighbour."""
    joints = np.zeros(labels.shape, np.float32)
    joints[:, 1:] = labels[:, 1:] != labels[:, :-1]
    joints[1:] = np.maximum(joints[1:], labels[1:] != labels[:-1])
    return joints
