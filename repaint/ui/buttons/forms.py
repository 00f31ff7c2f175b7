"""Buttons that open a form, filled with what their job was asked for with."""

from __future__ import annotations

import dataclasses
import secrets
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from repaint.errors import RequestError
from repaint.models import SEED_LIMIT, Attachment, Job, Request, Shown, Taken
from repaint.styles import PLACE, Style
from repaint.text import text
from repaint.ui import advanced, paint_form
from repaint.ui.again_form import forgiving
from repaint.ui.asking import Wish, ask, check_owners
from repaint.ui.authority import Verb, check, may
from repaint.ui.buttons.base import JOB, Interaction, JobButton, job_of
from repaint.ui.buttons.ends import deleted
from repaint.ui.buttons.looks import compared
from repaint.ui.buttons.more import is_at_home, owners_of, wish_like
from repaint.ui.choices import Choices
from repaint.ui.forms import Filled, form, open_form
from repaint.ui.languages import Words, own_words
from repaint.ui.paint_form import Painted, Prefill, painted
from repaint.ui.style_names import offered_styles
from repaint.ui.words import number

if TYPE_CHECKING:
    from repaint.ui.forms import Forms

ADJUST = text("Adjust and repaint")
CONTINUE = text("Continue from the result")
SEED = text("Use this seed")
NO_SUCH_OUTPUT = text("There is no such picture. Please choose one of those on the card.")
OF_STYLES = ("negative_prompt", "strength", "steps", "guidance", "sampler", "scheduler")


class AdjustButton(JobButton, template=rf"adjust:{JOB}"):
    """The same input with other words and values."""

    verb = "adjust"
    emoji = "🎛️"

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Adjust")

    async def act(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.AGAIN)
        check_owners(interaction.client.people, interaction.user.id, owners_of(job))
        await _open(interaction, "adjust", job, Prefill.of(job))


class ContinueButton(JobButton, template=rf"continue:{JOB}"):
    """The result becomes the input."""

    verb = "continue"
    emoji = "⏩"

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Continue")

    async def act(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.CONTINUE)
        check_owners(interaction.client.people, interaction.user.id, owners_of(job))
        choices = dataclasses.replace(Choices.of(job.request), seed=None, samples=None)
        first = [paint_form.pick_field(own_words(interaction), len(job.outputs))][: len(job.outputs) - 1]
        await _open(
            interaction, "continue", job, dataclasses.replace(Prefill.of(job), choices=choices), *first
        )


class SeedButton(JobButton, template=rf"seed:{JOB}"):
    """The same seed and values for another picture or other words."""

    verb = "seed"
    emoji = "🌱"

    @classmethod
    def label(cls, say: Words) -> str:
        return say("Use this seed")

    async def act(self, interaction: Interaction) -> None:
        job = await job_of(interaction, self.job_id)
        check(interaction, job, Verb.SEED)
        say = own_words(interaction)
        upload = paint_form.picture_field(say)
        if may(interaction, job, Verb.AGAIN):
            upload = paint_form.picture_field(
                say, required=False, detail=say("Without one: the picture that was repainted here")
            )
        choices = Choices.of(job.request)
        if len(set(job.seeds)) == 1:
            choices = dataclasses.replace(choices, seed=job.seeds[0])
        await _open(interaction, "seed", job, dataclasses.replace(Prefill.of(job), choices=choices), upload)


async def _open(
    interaction: Interaction, kind: str, job: Job, prefill: Prefill, *first: ui.Item[Any]
) -> None:
    say = own_words(interaction)
    titles = {"adjust": ADJUST, "continue": CONTINUE, "seed": SEED}
    fields = (
        paint_form.prompt_field(say, prefill.prompt),
        paint_form.style_field(say, await offered_styles(interaction), prefill.style, is_filled=True),
        paint_form.strength_field(say, prefill.choices.strength),
        paint_form.advanced_field(say, prefill.choices, spoiler=prefill.spoiler),
    )
    await open_form(interaction, form(kind, job.id, say(titles[kind]), *first, *fields))


# What is sent in ------------------------------------------------------------------------------------------


async def adjusted(interaction: Interaction, filled: Filled) -> None:
    """The form of Adjust. Raises RepaintError."""
    job = await job_of(interaction, filled.ref)
    check(interaction, job, Verb.AGAIN)
    await ask(interaction, with_form(wish_like(job, interaction), job, painted(filled)))


async def continued(interaction: Interaction, filled: Filled) -> None:
    """The form of Continue. Raises RepaintError."""
    job = await job_of(interaction, filled.ref)
    check(interaction, job, Verb.CONTINUE)
    given = painted(filled)
    if given.picked >= len(job.outputs):
        raise RequestError(sentence=NO_SUCH_OUTPUT)
    output = job.outputs[given.picked]
    name = f"repaint-{job.id}-{given.picked + 1}{output.path.suffix}"
    wish = wish_like(
        job,
        interaction,
        picture=Attachment(shown_at(interaction.message, name), name, 0),
        takes=Taken(job.id, given.picked),
        input_public=is_at_home(interaction, job) and not job.origin.ephemeral and job.shown is Shown.REPLY,
    )
    await ask(interaction, with_form(wish, job, given))


async def seeded(interaction: Interaction, filled: Filled) -> None:
    """The form of Use this seed. Raises RepaintError."""
    job = await job_of(interaction, filled.ref)
    check(interaction, job, Verb.SEED)
    given = painted(filled)
    wish = wish_like(job, interaction)
    if given.picture is not None:
        wish = dataclasses.replace(
            wish,
            picture=given.picture,
            takes=None,
            credit=None,
            owners=(),
            input_public=False,
            age_restricted=False,
        )
    else:
        check(interaction, job, Verb.AGAIN)
    await ask(interaction, with_form(wish, job, given))


async def _count(interaction: Interaction, job_id: str) -> int:
    return len((await job_of(interaction, job_id)).outputs)


def register_forms(forms: Forms) -> None:
    """Let these have their forms."""
    forms.register("adjust", forgiving("adjust", ADJUST, adjusted, is_filled=True))
    forms.register("continue", forgiving("continue", CONTINUE, continued, picks=_count, is_filled=True))
    forms.register("seed", forgiving("seed", SEED, seeded, is_filled=True))
    forms.register("compare", compared)
    forms.register("delete", deleted)


def with_form(wish: Wish, job: Job, given: Painted) -> Wish:
    """The wish with what was filled in.

    Where prompt and style were left as they were, and nothing was left to the style, so is the whole prompt,
    whatever became of the style since. Under another style, values that were left as they were give way to
    the new style's.
    """
    # What is made from what one person alone sees is for that person.
    private = wish.private or given.private
    wish = dataclasses.replace(wish, private=private, spoiler=given.spoiler)
    kept = untouched(given.choices, job.request)
    if given.style != job.style:
        choices = dataclasses.replace(given.choices, **{name: None for name in OF_STYLES if name in kept})
        return dataclasses.replace(wish, prompt=given.prompt, style=given.style, choices=choices)
    chosen = dataclasses.replace(given.choices, **kept)
    values = {name: value for name, value in dataclasses.asdict(chosen).items() if value is not None}
    if given.prompt == job.said.strip() and set(OF_STYLES) <= set(values):
        fresh = dataclasses.asdict(Request(job.request.prompt, secrets.randbelow(SEED_LIMIT)))
        return dataclasses.replace(wish, request=Request(**fresh | values))
    return dataclasses.replace(
        wish, prompt=given.prompt, style=given.style, choices=chosen, frame=_frame(job)
    )


def _frame(job: Job) -> Style | None:
    """What the job's style made of its prompt, without the style's values; None where that cannot be told."""
    whole, said = job.request.prompt, job.said
    if not job.style or whole.count(said) != 1:
        return None
    return Style(job.style, PLACE.join(whole.split(said)))


def untouched(given: Choices, old: Request) -> dict[str, Any]:
    """The old values of all fields that hold what the form showed of them: fewer digits, and one line."""
    shown = dataclasses.replace(
        advanced.parse(advanced.written(Choices.of(old))).choices, strength=float(number(old.strength))
    )
    return {
        field.name: getattr(old, field.name)
        for field in dataclasses.fields(shown)
        if getattr(given, field.name) == getattr(shown, field.name)
    }


def shown_at(message: discord.Message | None, filename: str) -> str:
    """The fresh address of a picture on a card; empty where the card does not show it."""
    for component in message.components if message is not None else ():
        for each in getattr(component, "children", ()):
            for item in getattr(each, "items", ()):
                url = str(item.media.url)
                if url.partition("?")[0].endswith(f"/{filename}") or f"/SPOILER_{filename}" in url:
                    return url
    return ""
