"""The embedded API's parameters: defaults, ranges, price."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.errors import ApiError, PaintingFailed
from embedded.parameters import MAX_SEED, SAMPLERS, SCHEDULERS, Parameters, parse, price, require

BODY = {"prompt": "a cat", "image": "aGVsbG8="}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAMES = [name for name in Parameters.__slots__ if name not in BODY]


def test_the_defaults_are_those_of_the_models_page() -> None:
    assert parse(BODY) == Parameters(
        image="aGVsbG8=",
        prompt="a cat",
        negative_prompt="low quality,less details",
        num_inference_steps=20,
        guidance_scale=5.0,
        seed=698845,
        samples=1,
        strength=0.7,
        sampler="dpmpp_2m",
        scheduler="sgm_uniform",
        base64=False,
    )


def test_there_are_27_samplers_and_6_schedulers() -> None:
    assert len(set(SAMPLERS)) == len(SAMPLERS) == 27
    assert len(set(SCHEDULERS)) == len(SCHEDULERS) == 6


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("num_inference_steps", (1, 100, 20.0)),
        ("guidance_scale", (1, 20, 7.5)),
        ("strength", (0, 1, 0.35)),
        ("samples", (1, 4)),
        ("seed", (0, MAX_SEED)),
        ("sampler", SAMPLERS),
        ("scheduler", SCHEDULERS),
        ("base64", (True, False)),
        ("strength", (None,)),
    ],
)
def test_values_in_range_are_taken(name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        parsed = getattr(parse(BODY | {name: value}), name)
        assert parsed == (0.7 if value is None else value)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("num_inference_steps", (0, 101, 2.5, "20", True)),
        ("guidance_scale", (0.99, 20.01, float("nan"), "5", False)),
        ("strength", (-0.01, 1.01, float("inf"))),
        ("samples", (0, 5, -1)),
        ("seed", (-1, MAX_SEED + 1, 1.5)),
        ("sampler", ("EULER", "", 3, ["euler"])),
        ("scheduler", ("fast",)),
        ("base64", (1, "true")),
        ("negative_prompt", (7,)),
    ],
)
def test_a_value_out_of_range_is_named(name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        with pytest.raises(PaintingFailed, match=f"Invalid value for {name}"):
            parse(BODY | {name: value})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4))
def test_any_json_is_either_parameters_or_a_sentence_and_has_a_price(odd: dict[str, Any]) -> None:
    assert 0.0076 <= price(BODY | odd) <= 4 * 0.0076
    try:
        parsed = parse(BODY | odd)
    except PaintingFailed:
        return
    assert 0 <= parsed.strength <= 1
    assert price(BODY | odd) == 0.0076 * parsed.samples
    assert len(set(parsed.seeds)) == parsed.samples


def test_seeds_count_up_and_wrap_around() -> None:
    assert parse(BODY | {"seed": MAX_SEED, "samples": 3}).seeds == [MAX_SEED, 0, 1]


@pytest.mark.parametrize("name", ["prompt", "image"])
@pytest.mark.parametrize("value", [None, "", "  ", 5, []])
def test_a_prompt_and_an_image_are_required(name: str, value: object) -> None:
    require(BODY)
    with pytest.raises(ApiError, match=f"Missing required field: {name}") as refused:
        require(BODY | {name: value})
    assert refused.value.status == 400
