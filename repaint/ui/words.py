"""Text for Discord: people's words made inert, numbers made readable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from repaint.text import Text, text
from repaint.ui.languages import ENGLISH, Words

_MARKDOWN = re.compile(r"([\\*_~|`#>\[\]()<:-])")
_KEPT_FORMAT = "\u200c\u200d"  # joiners: emoji and several scripts need them
# Nothing is seen of these letters, signs and marks: fillers, the braille blank, a variation selector.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
MARKS = 3  # accents and the like on one letter; more pile up over the lines around
BAR_CELLS = 12


def cut(text: str, length: int) -> str:
    """At most `length` characters, the last one an ellipsis where something was left out."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def plain(text: str) -> str:
    """One line without what cannot be seen: controls, direction marks, zero-width spaces, lone surrogates.

    At most MARKS marks stay on one letter.
    """
    shown: list[str] = []
    marks = 0
    for character in text:
        kind = unicodedata.category(character)[0]
        marks = marks + 1 if kind == "M" else 0
        if character.isspace() or character in _KEPT_FORMAT or (kind != "C" and marks <= MARKS):
            shown.append(character)
    return " ".join("".join(shown).split())


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: marks without a letter count as nothing."""
    return all(
        character in _BLANKS or unicodedata.category(character)[0] in "CMZ" for character in plain(text)
    )


def inert(text: str, length: int) -> str:
    """People's text as Discord shows it letter by letter: no markdown, mention, link or emoji code works.

    `length` counts characters before escaping; the result has at most twice as many.
    A backslash takes the meaning from any mark; an `@` loses it by a zero-width space behind it, which is
    what Discord's own libraries do.
    """
    return _MARKDOWN.sub(r"\\\1", cut(plain(text), length)).replace("@", "@\u200b")


def bar(part: float) -> str:
    """A progress bar for 0 ≤ part ≤ 1."""
    full = max(0, min(BAR_CELLS, int(part * BAR_CELLS)))
    return "▰" * full + "▱" * (BAR_CELLS - full)


def number(value: float) -> str:
    """As few digits as needed: 0.7, 5, 12.5."""
    return f"{value:g}"


def listed(sentences: Sequence[str]) -> Text:
    """Some sentences with commas between, each of which is still said in any language."""
    names = [f"part{number}" for number in range(len(sentences))]
    return Text(", ".join(f"{{{name}}}" for name in names), dict(zip(names, sentences, strict=True)))


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th …"""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ends.get(number % 10, 'th')}"


def in_line(say: Words, position: int) -> str:
    """A place in the queue; 1 is next."""
    if position == 1:
        return say("next")
    if say.language == ENGLISH:  # no other language makes its ordinals of a number as English does
        return f"{ordinal(position)} in line"
    return say("number {n} in line", n=position)


def roughly(seconds: float) -> Text:
    """A length of time as one would guess it: it says no more than is known, and seldom changes."""
    if seconds < 10:
        return text("a few seconds")
    if seconds < 55:
        return text("about {n} s", n=10 * round(seconds / 10))
    if seconds < 9.5 * 60:
        return text("about {n} min", n=max(1, round(seconds / 60)))
    if seconds < 57.5 * 60:
        return text("about {n} min", n=5 * round(seconds / 300))
    return text("about {n} h", n=max(1, round(seconds / 3600)))
