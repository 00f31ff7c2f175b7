"""From a picture's metadata to a form that is filled with them, and from there to a job.

What was read is kept as a draft: neither the button nor the form can hold it, and both work after a restart.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord
from discord import ui

from repaint.models import Attachment
from repaint.pictures.recipes import Recipe
from repaint.text import text
from repaint.ui import paint_form
from repaint.ui.again_form import forgiving
from repaint.ui.asking import Wish, ask
from repaint.ui.choices import Choices
from repaint.ui.forms import Filled, Forms, form, open_form
from repaint.ui.held import DRAFT, held, hold
from repaint.ui.interactions import guarded
from repaint.ui.languages import Words, own_words
from repaint.ui.paint_form import MAX_PROMPT, painted
from repaint.ui.style_names import offered_styles
from repaint.ui.words import cut, number, plain

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

RECIPE = "recipe"  # the sort of the drafts, and the kind of the form
TITLE = text("Adjust and repaint")
MAX_NEGATIVE = 1000  # characters, as in the command's option


class RecipeButton(ui.DynamicItem[ui.Button[Any]], template=rf"{RECIPE}:(?P<draft>{DRAFT})"):
    """Opens the form with what a picture told."""

    def __init__(self, draft_id: str, say: Words) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(
            ui.Button(label=say(TITLE), emoji="🎛️", style=style, custom_id=f"{RECIPE}:{draft_id}")
        )
        self.draft_id = draft_id

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        made = cls.__new__(cls)
        ui.DynamicItem.__init__(made, item)
        made.draft_id = match["draft"]
        return made

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await guarded(interaction, self._open)

    async def _open(self, interaction: Interaction) -> None:
        draft = await held(interaction, RECIPE, self.draft_id)
        recipe, say = recipe_in(draft), own_words(interaction)
        choices = choices_of(recipe)
        name = cut(plain(draft["picture"]["filename"]), 40)
        fields = (
            paint_form.picture_field(
                say, required=False, detail=say("What to repaint; without a file, it is {name}", name=name)
            ),
            paint_form.prompt_field(say, (recipe.prompt or "")[:MAX_PROMPT]),
            paint_form.style_field(say, await offered_styles(interaction)),
            paint_form.strength_field(say, choices.strength),
            paint_form.advanced_field(say, choices),
        )
        await open_form(interaction, form(RECIPE, self.draft_id, say(TITLE), *fields))


async def keep(interaction: Interaction, recipe: Recipe, picture: Attachment) -> str:
    """The draft of what a picture told. Raises DatabaseAway."""
    document = {"recipe": dataclasses.asdict(recipe), "picture": dataclasses.asdict(picture)}
    return await hold(interaction, RECIPE, document)


async def sent_in(interaction: Interaction, filled: Filled) -> None:
    """The form. Raises RepaintError."""
    draft = await held(interaction, RECIPE, filled.ref)
    given = painted(filled)
    wish = Wish(
        picture=given.picture or Attachment(**draft["picture"]),
        prompt=given.prompt,
        choices=as_told(given.choices, recipe_in(draft)),
        style=given.style,
        private=given.private,
        spoiler=given.spoiler,
    )
    await ask(interaction, wish)


def register_form(forms: Forms) -> None:
    """Let this have its form."""
    forms.register(RECIPE, forgiving(RECIPE, TITLE, sent_in))


def recipe_in(draft: Mapping[str, Any]) -> Recipe:
    """What `keep` kept."""
    told = draft["recipe"]
    return Recipe(**told | {"ignored": tuple(told["ignored"])})


def presentable(recipe: Recipe) -> Recipe:
    """Without what no text field takes: lone surrogates and controls, which files of others may hold."""
    return dataclasses.replace(
        recipe, prompt=_presentable(recipe.prompt), negative_prompt=_presentable(recipe.negative_prompt)
    )


def _presentable(words: str | None) -> str | None:
    if words is None:
        return None
    lines = words.replace("\r\n", "\n")
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))


def choices_of(recipe: Recipe) -> Choices:
    """What a recipe tells, as the form shows it."""
    negative = recipe.negative_prompt
    return Choices(
        negative_prompt=None if negative is None else negative[:MAX_NEGATIVE],
        strength=recipe.strength,
        seed=recipe.seed,
        steps=recipe.steps,
        guidance=recipe.guidance,
        sampler=recipe.sampler,
        scheduler=recipe.scheduler,
    )


def as_told(given: Choices, recipe: Recipe) -> Choices:
    """What was filled in, and where that is what the form showed, exactly what the recipe tells.

    The form shows fewer digits and one line, and it has no line for an empty negative prompt.
    """
    told = choices_of(recipe)
    kept: dict[str, Any] = {}
    for name in ("strength", "guidance"):
        shown: float | None = getattr(told, name)
        if shown is not None and getattr(given, name) == float(number(shown)):
            kept[name] = shown
    if told.negative_prompt is not None and (given.negative_prompt or "") == _one_line(told.negative_prompt):
        kept["negative_prompt"] = told.negative_prompt
    return dataclasses.replace(given, **kept)


def _one_line(words: str) -> str:
    return " ".join(words.split())
