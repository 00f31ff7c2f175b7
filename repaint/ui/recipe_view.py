"""What a picture's metadata told, for people. Pure. All texts in it are other people's."""

from __future__ import annotations

from collections.abc import Iterator

from discord import ui

from repaint.models import NEGATIVE_PROMPT
from repaint.pictures.recipes import Recipe
from repaint.text import text
from repaint.ui.languages import Words
from repaint.ui.lists import HIDDEN
from repaint.ui.notices import GREEN
from repaint.ui.paint_form import MAX_PROMPT
from repaint.ui.words import cut, inert, number

PROMPT_SHOWN, NEGATIVE_SHOWN, NAME_SHOWN = 900, 300, 60  # characters; escaping may double them
IGNORED_SHOWN = 700
SOURCES = {
    "repaint": text("made by me"),
    "a1111": text("in the words of the Stable Diffusion web UI"),
    "comfyui": text("made with ComfyUI"),
}


def recipe_view(
    recipe: Recipe,
    filename: str,
    row: ui.ActionRow[ui.LayoutView],
    say: Words,
    *,
    with_prompts: bool = True,
) -> ui.LayoutView:
    """The prompt, the values, and what has no counterpart here; `row` has the button that leads on."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=GREEN)
    name = inert(filename, NAME_SHOWN)
    title = f"**{say('Found in {name}', name=name)}** · {say(SOURCES[recipe.source])}"
    for part in (title, _prompts(recipe, say) if with_prompts else say(HIDDEN), _small_print(recipe, say)):
        container.add_item(ui.TextDisplay(part))
    container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def _prompts(recipe: Recipe, say: Words) -> str:
    if not (recipe.prompt or "").strip():
        return say("It tells no prompt.")
    lines = [f"**{inert(recipe.prompt or '', PROMPT_SHOWN)}**"]
    if recipe.negative_prompt and recipe.negative_prompt != NEGATIVE_PROMPT:
        lines.append(f"-# {say('without: {prompt}', prompt=inert(recipe.negative_prompt, NEGATIVE_SHOWN))}")
    return "\n".join(lines)


def _small_print(recipe: Recipe, say: Words) -> str:
    values = " · ".join(_values(recipe, say))
    lines = [f"-# {values}" if values else ""]
    if recipe.ignored:
        names = cut(", ".join(inert(name, NAME_SHOWN) for name in recipe.ignored), IGNORED_SHOWN)
        lines.append(f"-# {say('not known here, so left out: {names}', names=names)}")
    if None in (recipe.strength, recipe.steps, recipe.guidance, recipe.seed, recipe.sampler):
        lines.append(f"-# {say('What is not told gets the usual value; you can change all of it.')}")
    if len(recipe.prompt or "") > MAX_PROMPT:
        lines.append(f"-# {say('The prompt is cut after {n} characters.', n=MAX_PROMPT)}")
    return "\n".join(line for line in lines if line)


def _values(recipe: Recipe, say: Words) -> Iterator[str]:
    if recipe.strength is not None:
        yield say("strength {strength}", strength=number(recipe.strength))
    if recipe.steps is not None:
        yield say.plural("{n} step", "{n} steps", recipe.steps)
    if recipe.guidance is not None:
        yield say("guidance {guidance}", guidance=number(recipe.guidance))
    if recipe.seed is not None:
        yield say("seed {seed}", seed=recipe.seed)
    if recipe.sampler is not None:
        yield inert(recipe.sampler, NAME_SHOWN)
    if recipe.scheduler is not None:
        yield inert(recipe.scheduler, NAME_SHOWN)
