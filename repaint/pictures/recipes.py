"""How a picture was made, as far as it can be asked for here."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Literal

from repaint.models import SAMPLERS, SCHEDULERS, SEED_LIMIT

Source = Literal["repaint", "a1111", "comfyui"]

PROMPT_CHARACTERS = 20_000  # more is no prompt
MOST_IGNORED, IGNORED_CHARACTERS = 40, 60

# The web UI's labels (its samplers and schedulers modules; Forge's are the same), lower-case, to ours.
_SAMPLERS = {
    "euler a": "euler_ancestral",
    "euler cfg++": "euler_pp",
    "euler a cfg++": "euler_ancestral_pp",
    "euler cfg pp": "euler_pp",  # ComfyUI's newer names
    "euler ancestral cfg pp": "euler_ancestral_pp",
    "dpm2": "dpm_2",
    "dpm2 a": "dpm_2_ancestral",
    "dpm++ 2s a": "dpmpp_2s_ancestral",
    "dpm++ sde": "dpmpp_sde",
    "dpm++ 2m": "dpmpp_2m",
    "dpm++ 2m sde": "dpmpp_2m_sde",
    "dpm++ 3m sde": "dpmpp_3m_sde",
    "unipc": "uni_pc",
    **{name.replace("_", " "): name for name in SAMPLERS},
}
_SCHEDULERS = {
    "sgmuniform": "sgm_uniform",
    "uniform": "normal",  # evenly spaced steps of the model's own, as ComfyUI's "normal"
    "ddim": "ddim_uniform",
    **{name.replace("_", " "): name for name in SCHEDULERS},
}
_LORA = re.compile(r",? ?<(lora|lyco|hypernet):[^<>\n]*>", re.IGNORECASE)  # with what joins it


@dataclasses.dataclass(frozen=True, slots=True)
class Recipe:
    """What a picture's metadata tell of how it was made, in our names and ranges; None: not told.

    `ignored` names, in the other tool's words, what was set and cannot be set here. All texts are other
    people's.
    """

    prompt: str | None = None
    negative_prompt: str | None = None
    strength: float | None = None
    steps: int | None = None
    guidance: float | None = None
    seed: int | None = None
    sampler: str | None = None
    scheduler: str | None = None
    source: Source = "a1111"
    ignored: tuple[str, ...] = ()


class Draft:
    """A recipe as it is read. A value that cannot be used is named as ignored."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._values: dict[str, str | int | float] = {}
        self._ignored: dict[str, None] = {}

    def recipe(self) -> Recipe:
        ignored = tuple(self._ignored)[:MOST_IGNORED]
        return Recipe(**self._values, source=self._source, ignored=ignored)  # type: ignore[arg-type]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def ignore(self, name: str) -> None:
        self._ignored[name[:IGNORED_CHARACTERS]] = None

    def text(self, name: str, value: str) -> None:
        """A prompt. References to LoRAs in it mean nothing here."""
        value = value[:PROMPT_CHARACTERS]
        if self._source != "repaint":
            value, found = _LORA.subn("", value)
            if found:
                self.ignore("LoRA")
                value = value.strip(" ,\n")
        self._values[name] = value

    def strength(self, value: object, called: str) -> None:
        self._within("strength", value, called, 0, 1)

    def guidance(self, value: object, called: str) -> None:
        self._within("guidance", value, called, 1, 20)

    def steps(self, value: object, called: str) -> None:
        self._within("steps", value, called, 1, 100)
        if "steps" in self._values:
            self._values["steps"] = int(self._values["steps"])

    def seed(self, value: object, called: str) -> None:
        """Another seed than the one that was used would be none at all, so it is not moved into the range."""
        seed = _integer(value)
        if seed is not None and 0 <= seed < SEED_LIMIT:
            self._values["seed"] = seed
        else:
            self.ignore(called)

    def sampler(self, value: str, called: str) -> None:
        """Older labels tell the schedule too: `DPM++ 2M Karras`."""
        label = _label(value)
        sampler = _SAMPLERS.get(label)
        words = label.split(" ")
        for number in (1, 2):  # words of the schedule's name
            schedule = _SCHEDULERS.get(" ".join(words[-number:]))
            if sampler is None and schedule is not None:
                sampler = _SAMPLERS.get(" ".join(words[:-number]))
                if sampler is not None:
                    self._values.setdefault("scheduler", schedule)
        if sampler is not None:
            self._values["sampler"] = sampler
        else:
            self.ignore(f"{called}: {value}")

    def scheduler(self, value: str, called: str) -> None:
        scheduler = _SCHEDULERS.get(_label(value))
        if scheduler is not None:
            self._values["scheduler"] = scheduler
        elif _label(value) != "automatic":  # the sampler's own
            self.ignore(f"{called}: {value}")

    def _within(self, name: str, value: object, called: str, least: int, most: int) -> None:
        number = _number(value)
        if number is None:
            self.ignore(called)
        else:
            self._values[name] = min(max(number, float(least)), float(most))


def _label(value: str) -> str:
    return " ".join(value[:IGNORED_CHARACTERS].lower().replace("_", " ").split())


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _integer(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,30}", value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
