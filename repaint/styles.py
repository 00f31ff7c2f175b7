"""Styles: a prompt's frame and the values that go well with it."""

from __future__ import annotations

import dataclasses
import unicodedata

from repaint.errors import RequestError
from repaint.models import SAMPLERS, SCHEDULERS
from repaint.text import Text, text

PLACE = "{prompt}"
NAME_LENGTH = 40
KEY_LENGTH = 64  # what the database has room for: a few letters fold into several
MAX_TEMPLATE = 600
MAX_PROMPT = 2000  # characters, with the style
BAD_NAME = text("`name` must have letters or digits, all in one line.")


@dataclasses.dataclass(frozen=True, slots=True)
class Style:
    """`template` has `{prompt}` where the prompt goes. None: the usual value. Ranges as in `Request`."""

    name: str
    template: str = PLACE
    negative_prompt: str | None = None
    strength: float | None = None
    steps: int | None = None
    guidance: float | None = None
    sampler: str | None = None
    scheduler: str | None = None


def key_of(name: str) -> str:
    """What two styles of one owner may not have in common."""
    return " ".join(name.replace("\0", "").encode("utf-8", "replace").decode().casefold().split())


def wrapped(style: Style, prompt: str) -> str:
    """The prompt in its style; nothing in either has a meaning but `{prompt}`. Raises RequestError."""
    template = style.template if PLACE in style.template else f"{PLACE}, {style.template}"
    whole = prompt.join(template.split(PLACE))
    if len(whole) > MAX_PROMPT:
        raise RequestError(
            sentence=text(
                "The prompt is too long together with the style: please shorten the prompt by {n} "
                "characters, or choose another style.",
                n=len(whole) - MAX_PROMPT,
            )
        )
    return whole


def check(style: Style) -> None:
    """Raise RequestError, naming what is wrong with a style that somebody wrote."""
    if problem := _problem(style):
        raise RequestError(sentence=problem)


def _problem(style: Style) -> Text | None:  # noqa: PLR0911  # one sentence for each cause
    if not _is_name(style.name):
        return BAD_NAME
    if len(style.name) > NAME_LENGTH or len(key_of(style.name)) > KEY_LENGTH:
        return text("`name` must have 1 to {n} characters.", n=NAME_LENGTH)
    if not 1 <= len(style.template) <= MAX_TEMPLATE:
        return text("`prompt` must have 1 to {n} characters.", n=MAX_TEMPLATE)
    if style.template.count(PLACE) > 3:
        return text("`prompt` may hold {place} three times at most.", place=PLACE)
    if style.sampler not in (None, *SAMPLERS):
        return text("`sampler` must be one of those that Discord lists while you type.")
    if style.scheduler not in (None, *SCHEDULERS):
        return text("`scheduler` must be one of those that Discord lists while you type.")
    return None


def _is_name(name: str) -> bool:
    """Whether something can be seen of it, in one line. A dash is "none" in forms."""
    kinds = [unicodedata.category(each) for each in name]
    is_seen = any(kind[0] in "LNPS" for kind in kinds) and not {"Cc", "Cs"} & set(kinds)
    return is_seen and key_of(name) != "-"


_POOR = "low quality, jpeg artifacts, watermark, text"

BUILT_IN = (
    Style(
        "watercolor",
        "a watercolor painting of {prompt}, translucent washes, wet edges, paper texture",
        f"{_POOR}, photo, harsh lines",
        0.65,
    ),
    Style(
        "oil painting",
        "an oil painting of {prompt}, visible brush strokes, rich colors, canvas texture",
        f"{_POOR}, photo, flat colors",
        0.65,
    ),
    Style(
        "impressionist",
        "an impressionist painting of {prompt}, broken brushwork, shimmering light",
        f"{_POOR}, photo, sharp outlines",
        0.7,
    ),
    Style(
        "pencil sketch",
        "a detailed pencil sketch of {prompt}, graphite, cross hatching, white paper",
        f"{_POOR}, color, photo",
        0.65,
    ),
    Style(
        "charcoal",
        "a charcoal study of {prompt}, deep blacks, smudged shading, rough paper",
        f"{_POOR}, color, photo",
        0.65,
    ),
    Style(
        "anime",
        "an anime illustration of {prompt}, clean outlines, cel shading, vivid colors",
        f"{_POOR}, photo, bad anatomy, extra fingers",
        0.6,
    ),
    Style(
        "comic",
        "a comic book panel of {prompt}, bold black outlines, halftone dots, flat colors",
        f"{_POOR}, photo, 3d render",
        0.65,
    ),
    Style(
        "pop art",
        "a pop art print of {prompt}, bold flat colors, screen print, strong contrast",
        f"{_POOR}, photo, muted colors",
        0.7,
    ),
    Style(
        "ukiyo-e",
        "a ukiyo-e woodblock print of {prompt}, flat colors, fine outlines, washi paper",
        f"{_POOR}, photo, 3d render",
        0.7,
    ),
    Style(
        "stained glass",
        "a stained glass window of {prompt}, leaded panes, luminous jewel tones",
        f"{_POOR}, photo, thin lines",
        0.75,
    ),
    Style(
        "pixel art",
        "pixel art of {prompt}, 16-bit, limited palette, crisp pixels",
        f"{_POOR}, photo, smooth gradients, anti-aliasing",
        0.7,
    ),
    Style(
        "low poly",
        "a low poly scene of {prompt}, faceted triangles, studio light",
        f"{_POOR}, photo, noisy texture",
        0.7,
    ),
    Style(
        "claymation",
        "a clay model of {prompt}, stop motion, fingerprints in the clay, miniature set",
        f"{_POOR}, drawing, flat",
        0.7,
    ),
    Style(
        "cyberpunk",
        "cyberpunk scene of {prompt}, neon lights, rain, night, reflections, cinematic",
        f"{_POOR}, daylight, pastel",
        0.65,
    ),
    Style(
        "ink wash",
        "an ink wash painting of {prompt}, sumi-e, few sure strokes, monochrome, rice paper",
        f"{_POOR}, photo, busy background",
        0.7,
    ),
    Style(
        "storybook",
        "a storybook illustration of {prompt}, gouache, fairy tale mood, pastel colors",
        f"{_POOR}, photo, harsh shadows",
        0.65,
    ),
    Style(
        "vintage photo",
        "a vintage photograph of {prompt}, faded colors, film grain, 1970s",
        "low quality, digital, drawing, text",
        0.5,
    ),
)
"""Made for Stable Diffusion 3; their words are ones that the preview engine knows, too."""


def find_built_in(name: str) -> Style | None:
    """A built-in style by its name, in upper or lower case."""
    wanted = key_of(name)
    return next((style for style in BUILT_IN if style.name == wanted), None)
