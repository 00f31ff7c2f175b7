"""From what somebody asks for, in whatever way, to a job that is accepted: the one way for all of them.

A command, a form and a button each make a `Wish`. What the wish and the payload show to be wrong is refused
at once, to the asker alone; then comes the acknowledgement, and only then the database.
"""

from __future__ import annotations

import dataclasses
import logging
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import discord

from repaint.errors import (
    AlreadyAccepted,
    PictureEmpty,
    PictureTooLarge,
    PictureTooManyPixels,
    RequestError,
)
from repaint.models import (
    MAX_INPUT_PIXELS,
    NEGATIVE_PROMPT,
    SAMPLERS,
    SCHEDULERS,
    SEED_LIMIT,
    Attachment,
    Credit,
    Job,
    JobState,
    Preferences,
    Request,
    Taken,
)
from repaint.styles import Style, find_built_in, wrapped
from repaint.text import text
from repaint.ui.attempts import FAULTS
from repaint.ui.choices import NOTHING_CHOSEN, Choices
from repaint.ui.interactions import acknowledge, check_permissions, is_age_restricted, origin_of
from repaint.ui.languages import card_language, own_language
from repaint.ui.words import inert, is_blank, number

if TYPE_CHECKING:
    from repaint.store.settings import People
    from repaint.store.styles import Styles
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

STAYS_THERE = text(
    "This picture was made in an age-restricted channel, so it can only be repainted in such a channel."
)
OPTED_OUT = text(
    "Whoever made or posted this picture does not want others to repaint it. Please use another picture."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for.

    `style`: a name, "" for none, None for the preferred one. `request` is set where an older one is repeated
    as it was: then `prompt` and `style` only say how it came about. `private` None: as preferred.
    """

    picture: Attachment
    prompt: str
    choices: Choices = NOTHING_CHOSEN
    style: str | None = None
    request: Request | None = None
    takes: Taken | None = None
    credit: Credit | None = None
    frame: Style | None = None  # in place of `style` where the asker has none of that name
    parent: str | None = None
    owners: tuple[int, ...] = ()  # whose pictures this comes from
    input_public: bool = False  # whoever sees the reply saw the picture before
    age_restricted: bool = False  # the picture comes from such a channel, so it stays in such ones
    private: bool | None = None
    spoiler: bool = False
    prompt_hidden: bool = False  # AutoMod did not let it through before


async def ask(interaction: Interaction, wish: Wish) -> None:
    """Check, acknowledge with a reply of its own, accept.

    Raises RepaintError, to be told to the asker alone.
    """
    bot = interaction.client
    preferences = bot.people.preferences(interaction.user.id)
    bot.runner.check(interaction.user.id)
    check_permissions(interaction)
    check_owners(bot.people, interaction.user.id, wish.owners)
    if wish.age_restricted and not is_age_restricted(interaction.channel):
        raise RequestError(sentence=STAYS_THERE)
    if wish.picture.url:
        check_size(wish.picture.size, bot.input_limit)
    if wish.request is None:
        wish = dataclasses.replace(
            wish, prompt=checked_prompt(wish.prompt), choices=checked_choices(wish.choices)
        )
    private = preferences.private if wish.private is None else wish.private
    try:
        reply = await acknowledge(interaction, ephemeral=private)
    except FAULTS as error:
        log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
        return
    style, request = await settled(wish, preferences, bot.styles, interaction)
    job = Job(
        id=secrets.token_hex(5),
        state=JobState.RECEIVED,
        request=request,
        attachment=wish.picture,
        origin=origin_of(interaction, reply.message_id, ephemeral=reply.ephemeral),
        created_at=time.time(),
        parent=wish.parent,
        takes=wish.takes,
        input_public=wish.input_public,
        credit=wish.credit,
        owners=tuple(dict.fromkeys(each for each in wish.owners if each != interaction.user.id)),
        prompt_hidden=wish.prompt_hidden,
        typed=wish.prompt if wish.prompt != request.prompt else "",
        style=style,
        spoiler=wish.spoiler,
        language=card_language(interaction, preferences, ephemeral=reply.ephemeral),
        own_language=own_language(interaction),
        mention=preferences.mention,
    )
    try:
        await bot.runner.accept(job)
    except AlreadyAccepted as error:  # by another process, whose reply it is now
        log.warning("interaction %s is dropped: %s", interaction.id, error)


async def settled(
    wish: Wish, preferences: Preferences, styles: Styles, interaction: Interaction
) -> tuple[str, Request]:
    """The style's name and the request that a wish comes to.

    Raises RequestError where there is no such style or it leaves no room for the prompt, DatabaseAway.
    """
    if wish.request is not None:
        return wish.style or "", wish.request
    style = None
    if name := preferences.style if wish.style is None else wish.style:
        is_needed = wish.style is not None and wish.frame is None
        style = await found_style(styles, name, interaction, is_chosen=is_needed) or wish.frame
    return style.name if style else "", request_of(wish.prompt, wish.choices, style, preferences)


async def found_style(
    styles: Styles, name: str, interaction: Interaction, *, is_chosen: bool
) -> Style | None:
    """A style by its name: one's own, the server's, a built-in one. Raises RequestError if there is none.

    One that is only preferred may be gone by now: then there is none.
    """
    style = await styles.find(name, user_id=interaction.user.id, guild_id=interaction.guild_id)
    style = style or find_built_in(name)
    if style is None and is_chosen:
        raise RequestError(
            sentence=text(
                "There is no style “{name}”. `/style list` shows those that there are; in `style`, Discord "
                "lists them while you type.",
                name=inert(name, 50),
            )
        )
    return style


def request_of(prompt: str, choices: Choices, style: Style | None, preferences: Preferences) -> Request:
    """A choice goes before the style, the style before what is preferred, that before the default.

    Raises RequestError where prompt and style together are too long.
    """
    values = {name: value for name, value in dataclasses.asdict(choices).items() if value is not None}
    usual = {"strength": preferences.strength}
    if style is not None:
        usual |= {
            name: value
            for name in ("negative_prompt", "strength", "steps", "guidance", "sampler", "scheduler")
            if (value := getattr(style, name)) is not None
        }
        prompt = wrapped(style, prompt)
    values = {name: value for name, value in usual.items() if value is not None} | values
    values.setdefault("seed", secrets.randbelow(SEED_LIMIT))
    values.setdefault("negative_prompt", NEGATIVE_PROMPT)
    return Request(prompt=prompt, **values)


# Checks ---------------------------------------------------------------------------------------------------


def check_owners(people: People, asker: int, owners: Iterable[int]) -> None:
    """Raise RequestError where the picture is somebody's who does not want it repainted by others."""
    if any(owner != asker and people.has_opted_out(owner) for owner in owners):
        raise RequestError(sentence=OPTED_OUT)


def check_size(size: int, limit: int) -> None:
    """Refuse by what Discord announced, in bytes. Raises PictureTooLarge."""
    if size > limit:
        raise PictureTooLarge(
            f"announced with {size} bytes",
            sentence=text(
                "The attached file is too large. Please attach one of at most {limit} MiB.",
                limit=number(limit / 2**20),
            ),
        )


def check_not_empty(*, size: int, width: int | None, height: int | None) -> None:
    """Refuse by what Discord announced of an upload, never by its name or declared type.

    Raises PictureEmpty, PictureTooManyPixels.
    """
    if size == 0:
        raise PictureEmpty("announced with 0 bytes")
    if width and height and width * height > MAX_INPUT_PIXELS:
        raise PictureTooManyPixels(f"announced as {width} × {height}")


def checked_prompt(prompt: str) -> str:
    """The prompt without blanks around it. Raises RequestError where nothing can be seen of it."""
    if is_blank(prompt):
        raise RequestError(sentence=text("The prompt is empty. Please write what the picture should become."))
    return prompt.strip()


def checked_choices(choices: Choices) -> Choices:
    """With the names as the API has them: autocompletion does not restrict what can be sent.

    Raises RequestError.
    """
    return dataclasses.replace(
        choices,
        sampler=None if choices.sampler is None else checked_sampler(choices.sampler),
        scheduler=None if choices.scheduler is None else checked_scheduler(choices.scheduler),
    )


def checked_sampler(sampler: str) -> str:
    """A name from the list. Raises RequestError."""
    name = sampler.strip().casefold()
    if name not in SAMPLERS:
        raise RequestError(
            sentence=text(
                "There is no sampler “{name}”. "
                "Please pick one of those that Discord lists while you type in `sampler`.",
                name=inert(sampler, 50),
            )
        )
    return name


def checked_scheduler(scheduler: str) -> str:
    """A name from the list. Raises RequestError."""
    name = scheduler.strip().casefold()
    if name not in SCHEDULERS:
        raise RequestError(
            sentence=text(
                "There is no scheduler “{name}”. Please pick one of: {names}.",
                name=inert(scheduler, 50),
                names=", ".join(SCHEDULERS),
            )
        )
    return name


def matching_samplers(typed: str) -> list[str]:
    """At most 25 names: those that begin with what was typed, then those that contain it."""
    wanted = typed.strip().casefold()
    found = [name for name in SAMPLERS if wanted in name]
    return sorted(found, key=lambda name: not name.startswith(wanted))[:25]
