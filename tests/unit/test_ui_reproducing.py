"""From what a picture's metadata tell to the form, and from the form to the wish."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from repaint.models import NEGATIVE_PROMPT, SAMPLERS, SCHEDULERS, SEED_LIMIT
from repaint.pictures.recipes import Recipe
from repaint.ui import advanced
from repaint.ui.choices import NOTHING_CHOSEN, Choices
from repaint.ui.forms import Filled
from repaint.ui.languages import words
from repaint.ui.paint_form import AS_USUAL, advanced_field, painted, prompt_field, strength_field
from repaint.ui.recipe_view import recipe_view
from repaint.ui.reproducing import as_told, choices_of, presentable, recipe_in

SAY = words("en")
FULL = Recipe(
    prompt="a fox\nin the snow",
    negative_prompt="blurry",
    strength=0.123456789,
    steps=31,
    guidance=6.25,
    seed=7,
    sampler="euler",
    scheduler="karras",
    source="repaint",
)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=900)
recipes = st.builds(
    Recipe,
    prompt=st.none() | texts,
    negative_prompt=st.none() | texts,
    strength=st.none() | st.floats(0, 1),
    steps=st.none() | st.integers(1, 100),
    guidance=st.none() | st.floats(1, 20),
    seed=st.none() | st.integers(0, SEED_LIMIT - 1),
    sampler=st.none() | st.sampled_from(SAMPLERS),
    scheduler=st.none() | st.sampled_from(SCHEDULERS),
    source=st.sampled_from(["repaint", "a1111", "comfyui"]),
    ignored=st.lists(st.text(max_size=60), max_size=40).map(tuple),
)


def untouched(recipe: Recipe) -> Filled:
    """The form as it is opened, sent in without a change."""
    choices = choices_of(recipe)
    select: Any = strength_field(SAY, choices.strength).component
    chosen = [option.value for option in select.options if option.default]
    prompt: Any = prompt_field(SAY, recipe.prompt or "").component
    lines: Any = advanced_field(SAY, choices).component
    assert len(lines.default or "") <= lines.max_length
    values = {"prompt": prompt.default, "strength": chosen, "advanced": lines.default, "style": [AS_USUAL]}
    return Filled("", values, {})


def shown(recipe: Recipe, name: str = "fox.png", *, with_prompts: bool = True) -> str:
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow(ui.Button(custom_id="x", label="x"))
    view = recipe_view(recipe, name, row, SAY, with_prompts=with_prompts)
    container: Any = view.children[0]
    return "\n".join(each.content for each in container.children if isinstance(each, ui.TextDisplay))


@given(recipes)
def test_a_form_that_is_sent_in_untouched_asks_for_exactly_what_was_told(recipe: Recipe) -> None:
    told = as_told(painted(untouched(recipe)).choices, recipe)
    assert told == choices_of(recipe)


def test_what_was_changed_in_the_form_goes_before_what_was_told() -> None:
    changed = Choices(strength=0.5, guidance=9.0, seed=8, negative_prompt="text")
    assert as_told(changed, FULL) == changed
    assert as_told(NOTHING_CHOSEN, FULL) == NOTHING_CHOSEN, "lines that were removed are as usual"


def test_a_picture_that_was_made_without_a_negative_prompt_stays_without() -> None:
    recipe = dataclasses.replace(FULL, negative_prompt="")
    given = advanced.parse(advanced.written(choices_of(recipe))).choices
    assert as_told(given, recipe).negative_prompt == ""
    assert as_told(Choices(negative_prompt="text"), recipe).negative_prompt == "text"
    silent = dataclasses.replace(FULL, negative_prompt=None)
    assert as_told(NOTHING_CHOSEN, silent).negative_prompt is None


@given(recipes)
def test_a_draft_keeps_all_of_a_recipe(recipe: Recipe) -> None:
    document = {"recipe": dataclasses.asdict(recipe) | {"ignored": list(recipe.ignored)}}
    assert recipe_in(document) == recipe


def test_what_no_text_field_takes_is_left_out() -> None:
    odd = dataclasses.replace(FULL, prompt="a\ud800 fox\r\nin\0 the\tsnow", negative_prompt=None)
    assert presentable(odd).prompt == "a fox\nin the\tsnow"
    assert presentable(odd).negative_prompt is None
    assert presentable(FULL) == FULL


@given(recipes, st.text(max_size=200))
def test_whatever_was_found_fits_into_a_message(recipe: Recipe, name: str) -> None:
    assert 0 < len(shown(recipe, name)) <= 4000


def test_the_longest_that_can_be_found_fits_into_a_message() -> None:
    worst = Recipe("*" * 20_000, "*" * 20_000, 0.5, 3, 5, 1, "*" * 60, "*" * 60, ignored=("*" * 60,) * 40)
    assert len(shown(worst, "*" * 250)) <= 4000


def test_the_view_tells_prompt_values_and_what_has_no_counterpart() -> None:
    recipe = dataclasses.replace(FULL, source="a1111", ignored=("Clip skip", "Hires **upscale**"))
    said = shown(recipe)
    assert "**Found in fox.png** · in the words of the Stable Diffusion web UI" in said
    assert "**a fox in the snow**" in said
    assert "-# without: blurry" in said
    assert "-# strength 0.123457 · 31 steps · guidance 6.25 · seed 7 · euler · karras" in said
    assert "-# not known here, so left out: Clip skip, Hires \\*\\*upscale\\*\\*" in said
    assert "usual" not in said


def test_the_view_says_what_is_missing() -> None:
    said = shown(Recipe(seed=3, source="comfyui"))
    assert "made with ComfyUI" in said
    assert "It tells no prompt." in said
    assert "What is not told gets the usual value" in said
    long = dataclasses.replace(FULL, prompt="x" * 2001)
    assert "cut after 2000 characters" in shown(long)


def test_the_usual_negative_prompt_is_not_told() -> None:
    assert "without" not in shown(dataclasses.replace(FULL, negative_prompt=NEGATIVE_PROMPT))


@pytest.mark.parametrize("hostile", ["@everyone <@1> **b** [x](https://e.example)"])
def test_other_peoples_words_stay_letters(hostile: str) -> None:
    said = shown(Recipe(hostile, hostile, ignored=(hostile,)), hostile)
    assert "@everyone" not in said
    assert "<@1>" not in said
    assert "[x](" not in said
    hidden = shown(FULL, with_prompts=False)
    assert "fox in" not in hidden
    assert "blurry" not in hidden
