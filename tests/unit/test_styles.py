"""Styles: what they make of a prompt, which may be kept, and the built-in ones."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.preview.words import STYLES, plan
from repaint.errors import RequestError
from repaint.models import Request
from repaint.styles import BUILT_IN, MAX_PROMPT, NAME_LENGTH, Style, check, find_built_in, key_of, wrapped

SHOWN_AS = {
    "watercolor": "watercolour",
    "oil painting": "oil",
    "pencil sketch": "pencil",
    "comic": "comic",
    "pop art": "pop_art",
    "ukiyo-e": "ukiyo_e",
    "stained glass": "stained_glass",
    "pixel art": "pixel",
    "low poly": "low_poly",
    "claymation": "clay",
    "cyberpunk": "neon",
    "ink wash": "watercolour",
    "storybook": "watercolour",
    "vintage photo": "vintage",
}  # where the preview engine has another name for it


@pytest.mark.parametrize(
    ("template", "prompt", "whole"),
    [
        ("an oil of {prompt}, dark", "a cat", "an oil of a cat, dark"),
        ("in oil", "a cat", "a cat, in oil"),
        ("{prompt} and {prompt}", "x", "x and x"),
        ("{prompt}, {0} {name} %s \\1 $x {{}}", "a cat", "a cat, {0} {name} %s \\1 $x {{}}"),
        ("see {prompt}", "{prompt} {0}", "see {prompt} {0}"),
    ],
)
def test_a_template_knows_nothing_but_the_place_of_the_prompt(template: str, prompt: str, whole: str) -> None:
    assert wrapped(Style("x", template), prompt) == whole


@given(st.text(), st.text(), st.text())
def test_all_that_was_written_is_in_the_whole(before: str, after: str, prompt: str) -> None:
    style = Style("x", f"{before.replace('{', '')}{{prompt}}{after.replace('{', '')}")
    assert wrapped(style, prompt) == before.replace("{", "") + prompt + after.replace("{", "")


def test_prompt_and_style_together_have_a_most() -> None:
    style = Style("x", "{prompt} in oil")
    assert len(wrapped(style, "x" * (MAX_PROMPT - 7))) == MAX_PROMPT
    with pytest.raises(RequestError) as caught:
        wrapped(style, "x" * (MAX_PROMPT - 5))
    assert "too long together with the style" in caught.value.sentence
    assert " 2 characters" in caught.value.sentence


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "  "),
        ("name", "\u200b\u2060"),
        ("name", "a\nb"),
        ("name", "a\0b"),
        ("name", "\ud800 x"),
        ("name", "x" * (NAME_LENGTH + 1)),
        ("name", "ΐ" * NAME_LENGTH),
        ("template", ""),
        ("template", "x" * 601),
        ("template", "{prompt}" * 4),
        ("sampler", "none"),
        ("scheduler", "none"),
    ],
)
def test_the_sentence_names_what_is_wrong(field: str, value: Any) -> None:
    style = dataclasses.replace(Style("fine", "{prompt}"), **{field: value})
    with pytest.raises(RequestError) as caught:
        check(style)
    assert f"`{'prompt' if field == 'template' else field}`" in caught.value.sentence


@pytest.mark.parametrize("name", ["x", "Ölfarbe 2", "水彩", "🎨", "👩‍🎨 hers", "x" * NAME_LENGTH])
def test_names_of_all_kinds_are_taken(name: str) -> None:
    check(Style(name))


@pytest.mark.parametrize("style", BUILT_IN, ids=lambda style: style.name)
def test_a_built_in_style_is_right_and_the_preview_shows_it_and_no_other(style: Style) -> None:
    check(style)
    assert style.name == key_of(style.name)
    assert style.template.count("{prompt}") == 1
    assert style.negative_prompt
    assert 0.4 <= (style.strength or 0) <= 0.8
    shown = plan(wrapped(style, "a cat on a sofa"), style.negative_prompt)
    assert shown.styles == (SHOWN_AS.get(style.name, style.name),)
    assert shown.styles[0] in STYLES


def test_there_are_about_a_dozen_each_with_a_name_of_its_own() -> None:
    names = [style.name for style in BUILT_IN]
    assert 12 <= len(names) <= 20
    assert len(set(names)) == len(names)


def test_a_built_in_style_is_found_in_upper_and_lower_case() -> None:
    found = find_built_in("  Oil   PAINTING ")
    assert found is not None
    assert found.name == "oil painting"
    assert find_built_in("no such style") is None


def test_the_values_of_a_style_are_those_of_a_request() -> None:
    """So that each can be handed on by its name."""
    names = {field.name for field in dataclasses.fields(Style)} - {"name", "template"}
    assert names <= {field.name for field in dataclasses.fields(Request)}


def test_a_name_that_means_none_in_forms_is_refused() -> None:
    with pytest.raises(RequestError, match="`name`"):
        check(Style(" - "))
