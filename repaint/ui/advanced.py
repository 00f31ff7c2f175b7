"""The advanced field of a form: one `name: value` a line. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from repaint.errors import RequestError
from repaint.models import SAMPLERS, SCHEDULERS, SEED_LIMIT
from repaint.text import Text, text
from repaint.ui.choices import NOTHING_CHOSEN, Choices
from repaint.ui.words import inert, number

YES = ("yes", "true", "on", "1", "ja", "sí", "si", "oui", "sim", "はい")
NO = ("no", "false", "off", "0", "nein", "non", "não", "nao", "いいえ")
_LINE = re.compile(r"\s*([A-Za-z_ ]+?)\s*[:=：]\s*(.*?)\s*")
_OTHER_NAMES = {
    "negative": "without",
    "negative prompt": "without",
    "negative_prompt": "without",
    "cfg": "guidance",
    "cfg scale": "guidance",
    "steps": "steps",
}
_FIELDS = {"without": "negative_prompt"}  # of `Choices`, where it has another name


@dataclasses.dataclass(frozen=True, slots=True)
class Advanced:
    """What the field said. `private` and `spoiler` are None where it did not say."""

    choices: Choices = NOTHING_CHOSEN
    private: bool | None = None
    spoiler: bool | None = None


def written(choices: Choices, *, spoiler: bool = False) -> str:
    """The lines for these choices, without the strength, which has a field of its own."""
    values = {
        "seed": choices.seed,
        "steps": choices.steps,
        "guidance": None if choices.guidance is None else number(choices.guidance),
        "samples": choices.samples,
        "sampler": choices.sampler,
        "scheduler": choices.scheduler,
        "without": choices.negative_prompt,
        "spoiler": "yes" if spoiler else None,
    }
    return "\n".join(
        f"{name}: {' '.join(str(value).split())}" for name, value in values.items() if value is not None
    )


def parse(lines: str) -> Advanced:
    """Raises RequestError, which says which line is wrong and what may stand there."""
    values: dict[str, Any] = {}
    for line in lines.splitlines():
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        name = " ".join(found[1].casefold().split()) if found else ""
        name = _OTHER_NAMES.get(name, name)
        if found is None or name not in _READERS:
            raise RequestError(
                sentence=text(
                    "I do not understand the line “{line}” of the advanced field. Please write one "
                    "`name: value` a line; the names are {names}.",
                    line=inert(line, 60),
                    names=", ".join(f"`{each}`" for each in _READERS),
                )
            )
        if found[2]:  # nothing behind the colon: as usual
            values[name] = _READERS[name](name, found[2])
    private, spoiler = values.pop("private", None), values.pop("spoiler", None)
    chosen = {_FIELDS.get(name, name): value for name, value in values.items()}
    return Advanced(Choices(**chosen), private, spoiler)


def _wrong(name: str, value: str, allowed: Text) -> RequestError:
    return RequestError(
        sentence=text(
            "`{name}` cannot be “{value}”: please use {allowed}.",
            name=name,
            value=inert(value, 40),
            allowed=allowed,
        )
    )


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        if re.fullmatch(r"\d{1,12}", value, re.ASCII) and low <= int(value) <= high:
            return int(value)
        raise _wrong(name, value, text("a whole number from {low} to {high}", low=low, high=high))

    return read


def _decimal(low: float, high: float) -> Callable[[str, str], float]:
    def read(name: str, value: str) -> float:
        plain = value.replace(",", ".")
        if re.fullmatch(r"\d{1,3}(\.\d{1,6})?", plain, re.ASCII) and low <= float(plain) <= high:
            return float(plain)
        allowed = text("a number from {low} to {high}", low=number(low), high=number(high))
        raise _wrong(name, value, allowed)

    return read


def _one_of(names: tuple[str, ...]) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value.casefold() in names:
            return value.casefold()
        raise _wrong(name, value, text("one of: {names}", names=", ".join(names)))

    return read


def _truth(name: str, value: str) -> bool:
    if value.casefold() in YES + NO:
        return value.casefold() in YES
    raise _wrong(name, value, text("yes or no"))


def _written(name: str, value: str) -> str:
    if len(value) > 1000:
        raise _wrong(name, value, text("at most {n} characters", n=1000))
    return value


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "seed": _whole(0, SEED_LIMIT - 1),
    "steps": _whole(1, 100),
    "guidance": _decimal(1, 20),
    "samples": _whole(1, 4),
    "sampler": _one_of(SAMPLERS),
    "scheduler": _one_of(SCHEDULERS),
    "without": _written,
    "private": _truth,
    "spoiler": _truth,
}
