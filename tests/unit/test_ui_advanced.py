"""The advanced field of a form: what is written there and read from it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.errors import RequestError
from repaint.models import SAMPLERS, SCHEDULERS, SEED_LIMIT
from repaint.ui.advanced import Advanced, parse, written
from repaint.ui.choices import Choices

choices = st.builds(
    Choices,
    negative_prompt=st.none() | st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=50),
    strength=st.none(),
    seed=st.none() | st.integers(0, SEED_LIMIT - 1),
    steps=st.none() | st.integers(1, 100),
    guidance=st.none() | st.integers(10, 200).map(lambda tenths: tenths / 10),
    samples=st.none() | st.integers(1, 4),
    sampler=st.none() | st.sampled_from(SAMPLERS),
    scheduler=st.none() | st.sampled_from(SCHEDULERS),
)


@given(choices, st.booleans())
def test_what_is_written_is_read_again(chosen: Choices, spoiler: bool) -> None:
    assert parse(written(chosen, spoiler=spoiler)) == Advanced(chosen, None, True if spoiler else None)


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ("", Advanced()),
        ("\n \n", Advanced()),
        ("seed:", Advanced()),
        ("Steps = 30", Advanced(Choices(steps=30))),
        ("CFG scale: 6,5", Advanced(Choices(guidance=6.5))),
        ("negative prompt: blurry: very", Advanced(Choices(negative_prompt="blurry: very"))),
        ("private: yes\nspoiler: no", Advanced(private=True, spoiler=False)),
        ("private: ja", Advanced(private=True)),
        ("sampler: DPMPP_2M", Advanced(Choices(sampler="dpmpp_2m"))),
        ("steps：30", Advanced(Choices(steps=30))),  # as a Japanese keyboard writes it
    ],
)
def test_it_is_read_as_people_write_it(lines: str, read: Advanced) -> None:
    assert parse(lines) == read


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("steps: 0", "`steps` cannot be “0”: please use a whole number from 1 to 100."),
        ("steps: many", "`steps` cannot be “many”: please use a whole number from 1 to 100."),
        ("guidance: 21", "`guidance` cannot be “21”: please use a number from 1 to 20."),
        ("guidance: nan", "`guidance` cannot be “nan”"),
        ("seed: -1", "`seed` cannot be “\\-1”"),
        ("seed: ٣", "`seed` cannot be “٣”"),
        (f"seed: {SEED_LIMIT}", f"from 0 to {SEED_LIMIT - 1}"),
        ("samples: 5", "`samples` cannot be “5”: please use a whole number from 1 to 4."),
        ("sampler: magic", "`sampler` cannot be “magic”: please use one of: euler,"),
        ("private: perhaps", "`private` cannot be “perhaps”: please use yes or no."),
        (f"without: {'x' * 1001}", "please use at most 1000 characters."),
        ("colour: red", "I do not understand the line “colour\\: red” of the advanced field."),
        ("thirty steps", "I do not understand the line “thirty steps”"),
    ],
)
def test_a_wrong_line_is_named_with_what_may_stand_there(lines: str, said: str) -> None:
    with pytest.raises(RequestError) as raised:
        parse(lines)
    assert said in raised.value.sentence


@given(st.text())
def test_whatever_is_written_is_read_or_refused_in_a_sentence(lines: str) -> None:
    with contextlib.suppress(RequestError):
        assert isinstance(parse(lines), Advanced)


@given(st.text().map(lambda text: f"@everyone {text}".partition("\n")[0]))
def test_what_is_told_of_a_line_calls_nobody(line: str) -> None:
    with pytest.raises(RequestError) as raised:
        parse(line.replace("\r", ""))
    assert "@everyone" not in raised.value.sentence
