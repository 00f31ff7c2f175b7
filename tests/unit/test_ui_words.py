"""People's words on a card are shown letter by letter and do nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.ui.words import BAR_CELLS, bar, cut, inert, is_blank, number, ordinal, plain, roughly


@given(st.text(), st.integers(min_value=1, max_value=400))
def test_inert_text_has_no_working_mark_line_or_mention(text: str, length: int) -> None:
    shown = inert(text, length)
    assert len(shown) <= 2 * length
    assert "\n" not in shown
    unescaped = re.sub(r"\\[\\*_~|`#>\[\]()<:-]", "", shown)
    assert not re.search(r"[\\*_~|`#>\[\]()<:-]", unescaped)
    assert not re.search("@(?!\u200b)", shown)


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("a cat", "a cat"),
        ("two\n\nlines\tand a tab", "two lines and a tab"),
        ("@everyone <@123>", "@\u200beveryone \\<@\u200b123\\>"),
        ("[here](https://a.example)", "\\[here\\]\\(https\\://a.example\\)"),
        ("# loud", "\\# loud"),
        ("-# small", "\\-\\# small"),
        ("\u202edesrever", "desrever"),
        ("in\u200bvisible", "invisible"),
        ("👩\u200d🎨", "👩\u200d🎨"),
        ("<:name:123>", "\\<\\:name\\:123\\>"),
    ],
)
def test_known_tricks(prompt: str, shown: str) -> None:
    assert inert(prompt, 100) == shown


def test_marks_do_not_pile_up() -> None:
    assert inert("a" + "\u0301" * 50 + "b", 100) == "a" + "\u0301" * 3 + "b"


@pytest.mark.parametrize(
    "text", ["\u2800", "\u3164 \u115f", "\u034f", "\ufe0f\u200d", "\u17b4", "\U000e0100", " "]
)
def test_what_cannot_be_seen_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "猫", "👩\u200d🎨", "é", "!", "ก็"])
def test_what_can_be_seen_is_not_blank(text: str) -> None:
    assert not is_blank(text)


def test_text_is_cut_before_it_is_escaped() -> None:
    assert inert("*" * 50, 10) == "\\*" * 9 + "…"


def test_a_text_of_nothing_visible_is_empty() -> None:
    assert plain(" \u200b\u2066\n\ufeff ") == ""


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_cut_keeps_the_length(text: str, length: int) -> None:
    assert len(cut(text, length)) <= length


@given(st.floats(min_value=-1, max_value=2, allow_nan=False))
def test_a_bar_has_always_the_same_cells(part: float) -> None:
    assert len(bar(part)) == BAR_CELLS


def test_a_bar_fills_from_the_left() -> None:
    assert bar(0) == "▱" * BAR_CELLS
    assert bar(1) == "▰" * BAR_CELLS
    assert bar(0.5) == "▰" * (BAR_CELLS // 2) + "▱" * (BAR_CELLS // 2)


def test_numbers_have_no_needless_digits() -> None:
    assert [number(0.7), number(5.0), number(12.5)] == ["0.7", "5", "12.5"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")],
)
def test_a_place_is_said_in_words(number: int, said: str) -> None:
    assert ordinal(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (10, "about 10 s"),
        (41, "about 40 s"),
        (54.9, "about 50 s"),
        (55, "about 1 min"),
        (150, "about 2 min"),
        (569, "about 9 min"),
        (570, "about 10 min"),
        (1900, "about 30 min"),
        (3449, "about 55 min"),
        (3450, "about 1 h"),
        (86400, "about 24 h"),
    ],
)
def test_a_length_of_time_is_guessed(seconds: float, said: str) -> None:
    assert roughly(seconds) == said
