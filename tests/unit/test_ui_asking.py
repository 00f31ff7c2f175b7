"""What a wish comes to: which of the many sources of a value counts, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from repaint.errors import PictureEmpty, PictureTooLarge, PictureTooManyPixels, RequestError
from repaint.models import NEGATIVE_PROMPT, SEED_LIMIT, Preferences
from repaint.styles import Style
from repaint.ui.asking import (
    OPTED_OUT,
    check_not_empty,
    check_owners,
    check_size,
    checked_choices,
    checked_prompt,
    matching_samplers,
    request_of,
)
from repaint.ui.choices import NOTHING_CHOSEN, Choices

INK = Style("ink", "an ink drawing of {prompt}", "colour", strength=0.6, steps=30, sampler="euler")
USUAL = Preferences()


def test_without_any_choice_all_is_as_the_api_has_it() -> None:
    request = request_of("a cat", NOTHING_CHOSEN, None, USUAL)
    assert (request.prompt, request.negative_prompt, request.strength) == ("a cat", NEGATIVE_PROMPT, 0.7)
    assert (request.steps, request.guidance, request.samples) == (20, 5.0, 1)
    assert 0 <= request.seed < SEED_LIMIT


def test_two_wishes_have_two_seeds() -> None:
    seeds = {request_of("a cat", NOTHING_CHOSEN, None, USUAL).seed for _ in range(5)}
    assert len(seeds) > 1


def test_a_style_frames_the_prompt_and_brings_its_values() -> None:
    request = request_of("a cat", NOTHING_CHOSEN, INK, USUAL)
    assert request.prompt == "an ink drawing of a cat"
    assert (request.negative_prompt, request.strength, request.steps) == ("colour", 0.6, 30)
    assert (request.sampler, request.scheduler) == ("euler", "sgm_uniform")


@pytest.mark.parametrize(
    ("chosen", "style", "preferred", "strength"),
    [
        (0.1, INK, 0.9, 0.1),
        (0.0, INK, 0.9, 0.0),
        (None, INK, 0.9, 0.6),
        (None, Style("plain"), 0.9, 0.9),
        (None, None, 0.9, 0.9),
        (None, None, None, 0.7),
    ],
)
def test_a_choice_goes_before_the_style_and_that_before_what_is_preferred(
    chosen: float | None, style: Style | None, preferred: float | None, strength: float
) -> None:
    request = request_of("a cat", Choices(strength=chosen), style, Preferences(strength=preferred))
    assert request.strength == strength


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (Choices(sampler="magic"), "There is no sampler “magic”."),
        (Choices(scheduler="magic"), "There is no scheduler “magic”. Please pick one of: normal, karras"),
        (Choices(sampler="@everyone"), "“@\u200beveryone”"),
    ],
)
def test_a_name_that_the_api_does_not_know_is_refused(choices: Choices, said: str) -> None:
    with pytest.raises(RequestError) as raised:
        checked_choices(choices)
    assert said in raised.value.sentence


def test_names_are_taken_in_upper_case_too() -> None:
    assert checked_choices(Choices(sampler=" Euler ")).sampler == "euler"


@pytest.mark.parametrize("prompt", ["", "  ", "\u200b", "\u3164"])
def test_a_prompt_of_which_nothing_is_seen_is_refused(prompt: str) -> None:
    with pytest.raises(RequestError, match="The prompt is empty"):
        checked_prompt(prompt)


def test_what_discord_announced_is_looked_at() -> None:
    with pytest.raises(PictureEmpty):
        check_not_empty(size=0, width=None, height=None)
    with pytest.raises(PictureTooManyPixels):
        check_not_empty(size=5, width=10_000, height=10_000)
    with pytest.raises(PictureTooLarge) as raised:
        check_size(2**20 + 1, 2**20)
    assert "at most 1 MiB" in raised.value.sentence
    check_size(2**20, 2**20)
    check_not_empty(size=5, width=100, height=None)


@pytest.mark.parametrize(
    ("asker", "owners", "refused"),
    [(1, (2,), True), (1, (3, 2), True), (2, (2,), False), (1, (3,), False), (1, (), False)],
)
def test_the_pictures_of_who_opted_out_are_repainted_by_themselves_alone(
    asker: int, owners: tuple[int, ...], refused: bool
) -> None:
    people = cast(Any, SimpleNamespace(has_opted_out=lambda user: user == 2))
    if not refused:
        check_owners(people, asker, owners)
        return
    with pytest.raises(RequestError) as raised:
        check_owners(people, asker, owners)
    assert raised.value.sentence == OPTED_OUT


def test_samplers_are_found_by_a_part_of_their_name() -> None:
    assert matching_samplers("") == matching_samplers(" ")
    assert len(matching_samplers("")) == 25
    assert matching_samplers("3M")[0] == "dpmpp_3m_sde"
    assert matching_samplers("nothing") == []
