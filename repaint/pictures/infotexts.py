"""Reading the `parameters` text of our own pictures and of Stable Diffusion web UIs (AUTOMATIC1111, Forge).

prompt, of any number of lines
Negative prompt: likewise
Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 1, Size: 512x512, …
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from repaint.models import MODEL, SAMPLERS, SCHEDULERS
from repaint.pictures.recipes import Draft, Recipe

NEGATIVE = "Negative prompt:"
LAST_LINES = 20  # extensions write lines of their own behind the settings
MOST_PAIRS, MOST_LINE = 300, 200_000

_NAME = re.compile(r"\s*([A-Za-z_][\w .+/()-]{0,59}):\s*")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_TELLING = {"Steps", "Sampler", "CFG scale", "Seed", "Size", "Model hash", "Model"}
# What only tells of the file or of how the rest is written, so nothing is lost with it.
_TRIFLES = re.compile(r"Size|Version|User|Created Date|.*hash(es)?", re.IGNORECASE)
# Of the second, enlarging pass of txt2img, whose denoising strength it is then.
_SECOND_PASS = re.compile(r"Hires (upscale|upscaler|steps|resize)", re.IGNORECASE)
# Exactly what repaint.pictures.parameters writes. Each text has one: the last line.
_OURS = re.compile(
    r"Steps: \d+, Sampler: (?P<sampler>\w+), Schedule type: (?P<scheduler>\w+), CFG scale: [\d.e+-]+, "
    r"Seed: -?\d+, Size: \d+x\d+, Denoising strength: [\d.e+-]+, Model: .+"
)


def from_infotext(text: str) -> Recipe | None:
    """The recipe in a `parameters` text, or None where there are no settings in it."""
    head, newline, last = text.rpartition("\n")
    ours = _OURS.fullmatch(last) if newline and len(last) <= MOST_LINE else None
    if ours and ours["sampler"] in SAMPLERS and ours["scheduler"] in SCHEDULERS:
        draft = Draft("repaint")
        # Where it stands twice, somebody pasted such a text as the prompt: the last is the line itself.
        prompt, found, negative = head.rpartition(f"\n{NEGATIVE} ")
        draft.text("prompt", prompt if found else head)
        draft.text("negative_prompt", negative if found else "")
        pairs = _pairs(last)
        if pairs.get("Model") == MODEL:
            del pairs["Model"]
    else:
        at, pairs = _settings(lines := text.strip().split("\n"))
        if at is None:
            return None
        draft = Draft("a1111")
        _prompts(draft, lines[:at])
    _fill(draft, pairs)
    return draft.recipe()


def _settings(lines: list[str]) -> tuple[int | None, dict[str, str]]:
    """Which line has the settings, and they. The prompt may look like it, so it is sought from the end."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - LAST_LINES), -1):
        pairs = _pairs(lines[at]) if len(lines[at]) <= MOST_LINE else {}
        if len(_TELLING & pairs.keys()) >= 2 and ("Steps" in pairs or "Seed" in pairs):
            return at, pairs
    return None, {}


def _pairs(line: str) -> dict[str, str]:
    """`Name: value, …`; a value is plain up to the next comma, or JSON: a string, a list, an object."""
    pairs: dict[str, str] = {}
    at = 0
    for _ in range(MOST_PAIRS):
        name = _NAME.match(line, at)
        if name is None:
            break
        value, end = _value(line, name.end())
        pairs.setdefault(name[1].strip(), value)
        comma = line.find(",", end)
        if comma < 0:
            break
        at = comma + 1
    return pairs


def _value(line: str, at: int) -> tuple[str, int]:
    """The value that begins at `at`, and where it ends."""
    quoted = _QUOTED.match(line, at)
    try:
        if quoted:
            text = json.loads(quoted[0])
            return (text if isinstance(text, str) else quoted[0]), quoted.end()
        if line[at : at + 1] in ("[", "{"):
            _, end = json.JSONDecoder().raw_decode(line, at)
            return line[at:end], end
    except (ValueError, RecursionError):
        pass
    comma = line.find(",", at)
    end = len(line) if comma < 0 else comma
    return line[at:end].strip(), end


def _prompts(draft: Draft, lines: list[str]) -> None:
    begin = next((at for at, line in enumerate(lines) if line.strip().startswith(NEGATIVE)), None)
    draft.text("prompt", _joined(lines[:begin]))
    if begin is not None:
        first = lines[begin].strip().removeprefix(NEGATIVE)
        draft.text("negative_prompt", _joined([first, *lines[begin + 1 :]]))
    else:
        draft.text("negative_prompt", "")  # the form leaves the line out where there is none


def _joined(lines: list[str]) -> str:
    return "\n".join(line.strip() for line in lines).strip()


def _fill(draft: Draft, pairs: dict[str, str]) -> None:
    readers: dict[str, Callable[[str, str], None]] = {
        "Steps": draft.steps,
        "Sampler": draft.sampler,
        "Schedule type": draft.scheduler,  # behind the sampler, which may tell it too
        "CFG scale": draft.guidance,
        "Seed": draft.seed,
        "Denoising strength": draft.strength,
    }
    if any(_SECOND_PASS.fullmatch(name) for name in pairs):
        del readers["Denoising strength"]
    for name, reader in readers.items():
        if name in pairs:
            reader(pairs[name], name)
    for name in pairs:
        if name not in readers and not _TRIFLES.fullmatch(name):
            draft.ignore(name)
