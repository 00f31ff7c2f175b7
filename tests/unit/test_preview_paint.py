"""What the preview engine makes of a picture: every style and mood, strength, guidance, seed."""

import hashlib
import io
import itertools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from embedded.engine import Paint
from embedded.preview import paint
from embedded.preview.blend import blend, freedom, guidance_factor, octave_weights
from embedded.preview.filters import Picture, Random
from embedded.preview.moods import MOODS
from embedded.preview.painter import Temper, repaint, temper, toned
from embedded.preview.picture import decode
from embedded.preview.styles import STYLES
from embedded.preview.words import Plan, plan


def png(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255)).save(buffer, "PNG")
    return buffer.getvalue()


@cache
def photograph(width: int = 192, height: int = 144) -> Picture:
    cat = data.chelsea()  # type: ignore[no-untyped-call]
    pixels = cv2.resize(cat, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, np.float32) / 255


def request(prompt: str, picture: Picture | None = None, **changes: object) -> Paint:
    image = png(photograph() if picture is None else picture)
    usual = Paint(image, prompt, negative_prompt="", strength=0.7, guidance=7.5, steps=20, seed=1)
    return replace(usual, **changes)  # type: ignore[arg-type]


def painted(prompt: str, picture: Picture | None = None, **changes: object) -> Picture:
    return decode(paint(request(prompt, picture, **changes)))


def distance(a: Picture, b: Picture) -> float:
    return float(np.abs(a - b).mean())


def alone(style: str = "", mood: str = "") -> Plan:
    return Plan((style,) if style else (), (mood,) if mood else (), (), understood=True)


def whole(todo: Plan, seed: int = 1, picture: Picture | None = None) -> Picture:
    picture = photograph() if picture is None else picture
    return repaint(picture, todo, seed)


EVERYTHING = [alone(style=name) for name in STYLES] + [alone(mood=name) for name in MOODS]
NAMES = [*STYLES, *MOODS]


@pytest.mark.parametrize("todo", EVERYTHING, ids=NAMES)
def test_a_style_or_mood_gives_a_picture_that_differs_from_the_input(todo: Plan) -> None:
    result = whole(todo)
    assert result.shape == photograph().shape
    assert result.dtype == np.float32
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1
    assert distance(result, photograph()) > 0.015


@pytest.mark.parametrize("todo", EVERYTHING, ids=NAMES)
def test_another_seed_gives_another_picture_of_the_same_kind(todo: Plan) -> None:
    assert distance(whole(todo, seed=1), whole(todo, seed=2)) > 0.008


@pytest.mark.parametrize("style", ["mosaic", "stained glass", "watercolour", "comic", "oil"])
def test_four_samples_differ_in_palette_and_in_the_size_of_what_they_are_made_of(style: str) -> None:
    drawn = [temper(Random(seed)) for seed in range(7, 11)]
    assert max(one.breadth for one in drawn) > 1.2 * min(one.breadth for one in drawn)
    assert max(one.warmth for one in drawn) > 0.4 + min(one.warmth for one in drawn)

    samples = [whole(plan(style), seed) for seed in range(7, 11)]

    for a, b in itertools.combinations(samples, 2):
        assert distance(a, b) > 0.025


@given(st.integers(0, 2**64 - 1))
def test_no_seed_has_a_wild_temper(seed: int) -> None:
    drawn = temper(Random(seed))
    assert 0.75 < drawn.breadth < 1.4
    assert -1 <= drawn.warmth <= 1
    assert 0.8 < drawn.saturation < 1.25


def test_a_warm_seed_paints_redder_and_a_cool_one_bluer() -> None:
    grey = np.full((4, 4, 3), 0.5, np.float32)
    for warmth in (-1, -0.5, 0, 0.5, 1):
        red, _, blue = toned(grey, Temper(1, warmth, 1, 0), 0, grey=False)[0, 0]
        assert red - blue == pytest.approx(0.065 * warmth, abs=1e-3)


def test_the_border_of_a_watercolour_has_a_form_of_its_own_for_each_seed() -> None:
    dark = np.full((200, 300, 3), 0.1, np.float32)
    borders = [whole(plan("watercolour"), seed, dark).mean(-1) > 0.7 for seed in range(4)]
    widths = [[float(side.mean()) for side in (b[:, :20], b[:, -20:], b[:15], b[-15:])] for b in borders]
    assert np.std(widths, axis=0).min() > 0.05


def test_a_black_and_white_picture_has_no_colour_whatever_the_seed() -> None:
    for seed in range(4):
        assert np.ptp(whole(plan("noir"), seed), axis=-1).max() < 1e-5


@pytest.mark.parametrize("todo", EVERYTHING, ids=NAMES)
@pytest.mark.parametrize(
    ("width", "height", "shade"),
    [(1, 1, 0.4), (16, 16, 0.5), (512, 16, None), (16, 300, None), (40, 30, 0.0), (40, 30, 1.0)],
    ids=["1x1", "16x16 flat", "wide", "tall", "black", "white"],
)
def test_odd_pictures_come_out_whole(todo: Plan, width: int, height: int, shade: float | None) -> None:
    picture = photograph(width, height) if shade is None else np.full((height, width, 3), shade, np.float32)
    result = whole(todo, picture=picture)
    assert result.shape == (height, width, 3)
    assert np.isfinite(result).all()


def test_styles_and_moods_all_differ_from_each_other() -> None:
    results = {name: whole(todo) for name, todo in zip(NAMES, EVERYTHING, strict=True)}
    for number, first in enumerate(NAMES):
        for second in NAMES[number + 1 :]:
            assert distance(results[first], results[second]) > 0.01, (first, second)


def test_sunset_autumn_and_fire_are_clearly_different() -> None:
    sunset, autumn, fire = (whole(alone(mood=name)) for name in ("sunset", "autumn", "fire"))
    assert min(distance(sunset, autumn), distance(sunset, fire), distance(autumn, fire)) > 0.06


def test_two_styles_and_a_mood_combine() -> None:
    both = whole(plan("comic watercolour at night"))
    assert distance(both, whole(plan("comic at night"))) > 0.02
    assert distance(both, whole(plan("comic watercolour"))) > 0.02


def test_a_mood_survives_a_style_that_brings_its_own_colours() -> None:
    drawing = whole(plan("pencil, red"))
    red, green, blue = drawing.mean((0, 1))
    assert red > 1.2 * green
    assert red > 1.2 * blue


@pytest.mark.parametrize("prompt", ["a cat in a hat", "", "ein Hund"])
def test_an_unknown_prompt_still_changes_the_picture_visibly(prompt: str) -> None:
    assert distance(painted(prompt), photograph()) > 0.015


@pytest.mark.parametrize("prompt", ["anime", "oil", "stained glass", "night", "a cat in a hat", "vintage"])
def test_the_distance_to_the_input_grows_with_strength(prompt: str) -> None:
    distances = [
        distance(painted(prompt, strength=strength), photograph()) for strength in (0, 0.2, 0.45, 0.7, 1)
    ]
    assert distances[0] < 0.003
    assert all(nearer + 0.001 < farther for nearer, farther in itertools.pairwise(distances))


@pytest.mark.parametrize(
    "prompt", ["watercolour", "oil", "comic, night", "pencil", "cubism", "a cat in a hat"]
)
def test_strength_goes_in_steps_of_about_its_own_size(prompt: str) -> None:
    strengths = (0.2, 0.5, 0.7, 1.0)
    distances = [distance(painted(prompt, strength=strength), photograph()) for strength in strengths]
    low, middle, usual, _ = (each / distances[-1] for each in distances)
    assert 0.08 < low < 0.45
    assert low + 0.1 < middle < usual - 0.03
    assert usual < 0.92


def test_only_the_last_half_of_strength_paints_more_freely() -> None:
    assert freedom(0) == freedom(0.5) == 0
    assert 0.2 < freedom(0.7) < 0.3
    assert freedom(1) == 1
    pixels = alone(style="pixel")
    calm, usual, free = (repaint(photograph(), pixels, 1, strength) for strength in (0.3, 0.7, 1.0))
    assert np.array_equal(calm, repaint(photograph(), pixels, 1, 0.5))
    edges = [float((np.abs(np.diff(picture, axis=1)).sum(-1) > 0).mean()) for picture in (calm, usual, free)]
    assert edges[0] > 1.05 * edges[1] > 1.1 * edges[2]


def test_a_low_strength_changes_detail_before_colour() -> None:
    original = photograph()
    low = painted("sunset oil painting", strength=0.3)
    high = painted("sunset oil painting", strength=0.9)
    coarse = [distance(cv2.blur(picture, (31, 31)), cv2.blur(original, (31, 31))) for picture in (low, high)]
    fine = [
        distance(picture - cv2.blur(picture, (5, 5)), original - cv2.blur(original, (5, 5)))
        for picture in (low, high)
    ]
    assert coarse[0] < 0.4 * coarse[1]
    assert fine[0] > 0.5 * fine[1]


@pytest.mark.parametrize("prompt", ["sunset", "anime", "fire neon"])
def test_guidance_strengthens_and_stays_in_range(prompt: str) -> None:
    distances = [distance(painted(prompt, guidance=g), photograph()) for g in (1, 4, 7.5, 13, 20)]
    assert distances == sorted(distances)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 10))
def test_octave_weights_grow_with_strength_and_shrink_with_coarseness(
    a: float, b: float, octaves: int
) -> None:
    low, high = sorted((a, b))
    weights = octave_weights(high, octaves)
    assert all(0 <= weight <= 1 for weight in weights)
    assert weights == sorted(weights, reverse=True)
    assert all(x <= y for x, y in zip(octave_weights(low, octaves), weights, strict=True))


def test_the_ends_of_strength_are_the_input_and_the_target() -> None:
    target = whole(alone(style="pixel"))
    assert np.array_equal(blend(photograph(), target, 0, 7.5), photograph())
    assert np.abs(blend(photograph(), target, 1, 7.5) - target).max() < 1e-5
    assert guidance_factor(7.5) == 1


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.floats(0, 1),
    st.floats(1, 20),
    st.integers(-(2**63), 2**64 - 1),
)
def test_any_size_strength_guidance_and_seed_give_a_picture_of_the_inputs_size(
    width: int, height: int, strength: float, guidance: float, seed: int
) -> None:
    result = painted(
        "watercolour, winter", photograph(width, height), strength=strength, guidance=guidance, seed=seed
    )
    assert result.shape == (height, width, 3)


def fingerprint(prompt: str, threads: int) -> str:
    """Run in another process too."""
    cv2.setNumThreads(threads)
    return hashlib.sha256(paint(request(prompt))).hexdigest()


def test_the_same_seed_gives_the_same_bytes_in_every_process_and_with_any_number_of_threads() -> None:
    prompts = [*(style.replace("_", " ") for style in STYLES), "lego 3d", "ukiyo-e winter", "a cat in a hat"]
    threads = cv2.getNumThreads()
    try:
        here = [fingerprint(prompt, 1) for prompt in prompts]
    finally:
        cv2.setNumThreads(threads)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
        assert list(other.map(fingerprint, prompts, [4] * len(prompts))) == here


def test_steps_are_ignored() -> None:
    assert paint(request("anime", steps=1)) == paint(request("anime", steps=100))
