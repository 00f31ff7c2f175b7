"""The form in which somebody says what a picture should become: its fields, and what was filled in.

The same for `/repaint`, a message's menu, and the buttons that open one; each has some of the fields.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from repaint.models import Attachment, Job
from repaint.ui import advanced
from repaint.ui.choices import NOTHING_CHOSEN, Choices
from repaint.ui.forms import LABEL, LABEL_DETAIL, Filled
from repaint.ui.languages import Words
from repaint.ui.words import cut, number, plain

AS_USUAL = "-"  # the value of a select's option for no choice; an empty one is refused
SELECT_OPTIONS = 25  # Discord
OPTION_TEXT = 100
MAX_PROMPT = 2000
STRENGTHS = (0.3, 0.5, 0.7, 0.9)


@dataclasses.dataclass(frozen=True, slots=True)
class Prefill:
    """What the fields show when the form is opened."""

    prompt: str = ""
    style: str = ""
    choices: Choices = NOTHING_CHOSEN
    spoiler: bool = False

    @classmethod
    def of(cls, job: Job) -> Prefill:
        """All that a job was asked for with, as it was written."""
        choices = Choices.of(job.request)
        return cls(job.said, job.style, choices, job.spoiler)


@dataclasses.dataclass(frozen=True, slots=True)
class Painted:
    """What was filled in. `style` is "" where none was chosen; `picked` counts from 0."""

    prompt: str
    choices: Choices
    style: str
    spoiler: bool
    private: bool | None
    picture: Attachment | None = None
    picked: int = 0


def picture_field(say: Words, *, required: bool = True, detail: str = "") -> ui.Label[Any]:
    """One uploaded picture."""
    upload: ui.FileUpload[Any] = ui.FileUpload(
        custom_id="picture", required=required, min_values=int(required), max_values=1
    )
    return _label(say("Picture"), upload, detail)


def prompt_field(say: Words, value: str = "") -> ui.Label[Any]:
    """What the picture should become."""
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        default=cut(value, MAX_PROMPT) or None,
        required=True,
        max_length=MAX_PROMPT,
    )
    return _label(say("What should it become?"), field)


def style_field(
    say: Words, names: Sequence[str], current: str = "", *, is_filled: bool = False
) -> ui.Label[Any]:
    """A style, or none. Of more names than a select takes, the first ones and the current one.

    `is_filled`: the other fields hold a picture's values, see `with_form` for what becomes of them.
    """
    shown = [name for name in names if name not in (current, AS_USUAL)][
        : SELECT_OPTIONS - (2 if current else 1)
    ]
    options = [discord.SelectOption(label=say("No style"), value=AS_USUAL, default=not current)]
    options += [
        discord.SelectOption(label=cut(plain(name), OPTION_TEXT), value=name, default=name == current)
        for name in ([current] if current else []) + shown
    ]
    select: ui.Select[Any] = ui.Select(custom_id="style", options=options, required=False)
    detail = say("Under another style, values that you leave as they are become its own") if is_filled else ""
    return _label(say("Style"), select, detail)


def strength_field(say: Words, current: float | None = None) -> ui.Label[Any]:
    """How far the result may move away from the picture; `current`, as it is shown, is one of the choices."""
    named = {
        0.3: say("A little"),
        0.5: say("Noticeably"),
        0.7: say("Clearly"),
        0.9: say("Freely"),
    }
    chosen = None if current is None else float(number(current))  # two that look alike would be refused
    values = sorted({*STRENGTHS, *([] if chosen is None else [chosen])})
    usual = say("As usual, or as the style says")
    options = [discord.SelectOption(label=usual, value=AS_USUAL, default=chosen is None)]
    options += [
        discord.SelectOption(
            label=f"{number(value)} · {named[value]}" if value in named else number(value),
            value=number(value),
            default=value == chosen,
        )
        for value in values
    ]
    select: ui.Select[Any] = ui.Select(custom_id="strength", options=options, required=False)
    return _label(
        say("Strength"),
        select,
        say("How far the result may move away from the picture: 0 not at all, 1 freely"),
    )


def advanced_field(say: Words, choices: Choices = NOTHING_CHOSEN, *, spoiler: bool = False) -> ui.Label[Any]:
    """All other values, a line each."""
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="advanced",
        style=discord.TextStyle.paragraph,
        default=advanced.written(choices, spoiler=spoiler) or None,
        placeholder="without: text, blurry\nseed: 7\nsteps: 30\nsamples: 2\nprivate: yes",
        required=False,
        max_length=2000,
    )
    return _label(
        say("Advanced"), field, say("One “name: value” a line; leave a line out for the usual value")
    )


def pick_field(say: Words, count: int) -> ui.Label[Any]:
    """Which of several pictures."""
    options = [
        discord.SelectOption(
            label=say("Picture {n} of {count}", n=n, count=count), value=str(n - 1), default=n == 1
        )
        for n in range(1, count + 1)
    ]
    select: ui.Select[Any] = ui.Select(custom_id="picked", options=options)
    return _label(say("Which picture?"), select)


def painted(filled: Filled) -> Painted:
    """What was filled in. Raises RequestError where the advanced field is wrong."""
    more = advanced.parse(filled.text("advanced"))
    style, strength, picked = (filled.choice(name) for name in ("style", "strength", "picked"))
    choices = more.choices
    if strength not in (None, AS_USUAL):
        choices = dataclasses.replace(choices, strength=within(strength))
    return Painted(
        prompt=filled.text("prompt"),
        choices=choices,
        style="" if style in (None, AS_USUAL) else str(style),
        spoiler=bool(more.spoiler),
        private=more.private,
        picture=filled.picture("picture"),
        picked=int(picked) if picked and picked.isdecimal() else 0,
    )


def within(strength: str | None) -> float | None:
    """The chosen strength; None for what no choice of ours is."""
    try:
        value = float(strength or "")
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _label(name: str, field: Any, detail: str = "") -> ui.Label[Any]:
    return ui.Label(
        text=cut(name, LABEL), component=field, description=cut(detail, LABEL_DETAIL) if detail else None
    )
