"""From a job to a form and back: what was not changed stays, what was changed counts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from repaint.models import SAMPLERS, Job, JobState, Preferences, Request
from repaint.styles import Style
from repaint.ui import paint_form
from repaint.ui.asking import Wish, request_of
from repaint.ui.buttons.forms import with_form
from repaint.ui.buttons.more import owners_of, softer, stronger
from repaint.ui.choices import Choices
from repaint.ui.forms import read
from repaint.ui.languages import LANGUAGES, words
from repaint.ui.paint_form import AS_USUAL, Prefill, painted
from tests.unit.jobs import make_job

SAY = words("en")
requests = st.builds(
    Request,
    prompt=st.text(st.characters(categories=["L"]), min_size=1, max_size=30),
    seed=st.integers(0, 2**32 - 1),
    negative_prompt=st.text(st.characters(categories=["L"]), min_size=1, max_size=30),
    strength=st.integers(0, 100).map(lambda hundredths: hundredths / 100),
    steps=st.integers(1, 100),
    guidance=st.integers(10, 200).map(lambda tenths: tenths / 10),
    samples=st.integers(1, 4),
    sampler=st.sampled_from(SAMPLERS),
)


def _job(request: Request, **changes: Any) -> Job:
    return make_job(**{"id": "00000000aa", "state": JobState.DONE, "request": request} | changes)


def _sent_in(job: Job, **written: Any) -> Any:
    """The form of Adjust as Discord sends it in, with these fields written anew."""
    prefill = Prefill.of(job)
    rows = [
        paint_form.prompt_field(SAY, prefill.prompt),
        paint_form.style_field(SAY, ["ink", "oil"], prefill.style),
        paint_form.strength_field(SAY, prefill.choices.strength),
        paint_form.advanced_field(SAY, prefill.choices, spoiler=prefill.spoiler),
    ]
    components = []
    for row in rows:
        field: dict[str, Any] = dict(row.to_component_dict()["component"])
        if "options" in field:
            field["values"] = [each["value"] for each in field["options"] if each.get("default")]
        if field["custom_id"] in written:
            field["values" if "options" in field else "value"] = written[field["custom_id"]]
        components.append({"type": 18, "component": field})
    return painted(read(job.id, {"components": components}))


def _wish(job: Job) -> Wish:
    return Wish(picture=job.attachment, prompt=job.said, style=job.style)


@given(requests)
def test_a_form_that_is_sent_in_as_it_was_opened_asks_for_the_very_same(request: Request) -> None:
    job = _job(request)
    assert with_form(_wish(job), job, _sent_in(job)).request == request


def test_with_its_style_too_whatever_became_of_that() -> None:
    job = _job(Request(prompt="an ink drawing of a cat", seed=7), typed="a cat", style="ink")
    wish = with_form(_wish(job), job, _sent_in(job))
    assert wish.request == job.request
    assert (wish.prompt, wish.style) == ("a cat", "ink")


def test_another_prompt_goes_through_the_style_once_and_not_twice() -> None:
    job = _job(Request(prompt="an ink drawing of a cat", seed=7), typed="a cat", style="ink")
    wish = with_form(_wish(job), job, _sent_in(job, prompt="a dog"))
    assert wish.request is None
    assert (wish.prompt, wish.style) == ("a dog", "ink")


def test_under_another_style_only_what_was_changed_counts() -> None:
    job = _job(Request(prompt="a cat", seed=7, strength=0.6, steps=30), style="ink")
    given_in = _sent_in(job, style=["oil"], strength=["0.9"])
    choices = with_form(_wish(job), job, given_in).choices
    assert choices == Choices(strength=0.9, seed=7, samples=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"strength": 1 / 3},
        {"guidance": 7.1234567},
        {"negative_prompt": "rain,\n  fog"},
        {"negative_prompt": ""},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_the_form_shows_otherwise_counts_as_it_is(changes: dict[str, Any]) -> None:
    job = _job(Request(prompt="a cat", seed=7, **changes))
    assert with_form(_wish(job), job, _sent_in(job)).request == job.request
    other = with_form(_wish(job), job, _sent_in(job, style=["ink"]))
    assert getattr(other.choices, next(iter(changes))) is None


@pytest.mark.parametrize(
    ("is_private", "told", "private"), [(True, "private: no", True), (None, "private: no", False)]
)
def test_what_comes_of_a_private_card_is_private(is_private: bool | None, told: str, private: bool) -> None:
    job = _job(Request(prompt="a cat", seed=7))
    wish = dataclasses.replace(_wish(job), private=is_private)
    assert with_form(wish, job, _sent_in(job, advanced=told)).private is private


def test_a_line_that_is_taken_out_is_as_usual_again() -> None:
    job = _job(Request(prompt="a cat", seed=7, steps=30))
    wish = with_form(_wish(job), job, _sent_in(job, advanced="guidance: 6"))
    assert wish.request is None, "preferences and style are asked"
    assert (wish.choices.steps, wish.choices.guidance) == (None, 6.0)
    assert request_of(wish.prompt, wish.choices, None, Preferences()).steps == 20


def test_what_is_left_to_the_style_is_as_the_style_says_now() -> None:
    job = _job(
        Request(prompt="an oil painting of a cat", seed=7, strength=0.3), typed="a cat", style="my oil"
    )
    wish = with_form(_wish(job), job, _sent_in(job, strength=[AS_USUAL]))
    assert (wish.request, wish.style, wish.prompt, wish.choices.strength) == (None, "my oil", "a cat", None)


@pytest.mark.parametrize(
    ("whole", "typed", "template"),
    [
        ("an oil painting of a cat", "a cat", "an oil painting of {prompt}"),
        ("a cat", "", "{prompt}"),
        ("a cat, a cat twice", "a cat", None),
    ],
)
def test_a_style_that_is_gone_or_anothers_stays_around_other_words(
    whole: str, typed: str, template: str | None
) -> None:
    job = _job(Request(prompt=whole, seed=7), typed=typed, style="my oil")
    wish = with_form(_wish(job), job, _sent_in(job, prompt="a dog"))
    assert wish.frame == (None if template is None else Style("my oil", template))
    assert wish.prompt == "a dog"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_fits_into_discords_limits_in_each_language(language: str) -> None:
    say = words(language)
    labels: list[ui.Label[Any]] = [
        paint_form.picture_field(say),
        paint_form.prompt_field(say, "x" * 3000),
        paint_form.style_field(say, [f"style {n} of forty letters or so" for n in range(99)], "mine"),
        paint_form.strength_field(say, 0.123),
        paint_form.advanced_field(say, Choices.of(Request(prompt="a", seed=1, negative_prompt="x" * 1000))),
        paint_form.pick_field(say, 4),
    ]
    for label in labels:
        body: dict[str, Any] = dict(label.to_component_dict())
        assert 1 <= len(body["label"]) <= 45
        assert len(body.get("description") or "") <= 100
        assert len(body["component"].get("options", ())) <= 25
        assert all(1 <= len(each["label"]) <= 100 for each in body["component"].get("options", ()))
        assert all(1 <= len(each["value"]) <= 100 for each in body["component"].get("options", ()))
        assert len(body["component"].get("value") or "") <= 4000


@given(st.integers(0, 1000).map(lambda thousandths: thousandths / 1000))
def test_softer_and_stronger_stay_within_the_range(strength: float) -> None:
    assert 0 <= softer(strength) <= strength <= stronger(strength) <= 1


def test_all_that_a_picture_comes_from_is_whose_it_is() -> None:
    job = dataclasses.replace(_job(Request(prompt="a", seed=1)), owners=(5, 6))
    assert owners_of(job) == (5, 6, 22)
