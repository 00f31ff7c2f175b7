"""/img2img: repaint an attached picture."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import logging
import secrets
import time

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from repaint.errors import AlreadyAccepted, PictureEmpty, PictureTooLarge, PictureTooManyPixels, RequestError
from repaint.models import (
    MAX_INPUT_PIXELS,
    NEGATIVE_PROMPT,
    SAMPLERS,
    SCHEDULERS,
    SEED_LIMIT,
    Attachment,
    Job,
    JobState,
    Request,
)
from repaint.ui.client import RepaintBot
from repaint.ui.interactions import acknowledge, check_permissions, origin_of
from repaint.ui.words import inert, is_blank, number

log = logging.getLogger(__name__)


class Img2Img(commands.Cog):
    """The command and its options; the rest is the runner's."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(name="img2img", description="Repaint a picture as a prompt describes it")
    @app_commands.guild_install()
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(
        image="The picture to repaint",
        prompt="What it should become",
        strength="How far it may move away from the picture: 0.3 a little, 0.7 clearly (default), 1 freely",
        seed="The same seed repeats a result; without one a new one is drawn and shown",
        negative_prompt="What to keep out (default: low quality, less details)",
        steps="How many steps the model takes, 1–100; more is slower (default 20)",
        guidance="How closely it follows the prompt, 1–20 (default 5)",
        samples="How many pictures, 1–4; each one costs (default 1)",
        sampler="The sampling method; type to find all 27 (default dpmpp_2m)",
        scheduler="The noise schedule (default sgm_uniform)",
        private="Only you see the reply",
    )
    @app_commands.choices(scheduler=[app_commands.Choice(name=name, value=name) for name in SCHEDULERS])
    async def img2img(
        self,
        interaction: discord.Interaction[RepaintBot],
        image: discord.Attachment,
        prompt: app_commands.Range[str, 1, 2000],
        strength: app_commands.Range[float, 0.0, 1.0] = 0.7,
        seed: app_commands.Range[int, 0, SEED_LIMIT - 1] | None = None,
        negative_prompt: app_commands.Range[str, 1, 1000] | None = None,
        steps: app_commands.Range[int, 1, 100] = 20,
        guidance: app_commands.Range[float, 1.0, 20.0] = 5.0,
        samples: app_commands.Range[int, 1, 4] = 1,
        sampler: str = "dpmpp_2m",
        scheduler: str = "sgm_uniform",
        private: bool = False,
    ) -> None:
        """Refuse what the payload already shows to be wrong; else acknowledge and hand over."""
        self.bot.runner.check(interaction.user.id)
        check_permissions(interaction)
        check_announced(image, self.bot.input_limit)
        request = Request(
            prompt=checked_prompt(prompt),
            seed=seed if seed is not None else secrets.randbelow(SEED_LIMIT),
            negative_prompt=negative_prompt or NEGATIVE_PROMPT,
            strength=strength,
            steps=steps,
            guidance=guidance,
            samples=samples,
            sampler=checked_sampler(sampler),
            scheduler=scheduler,
        )
        try:
            message_id = await acknowledge(interaction, ephemeral=private)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
            return
        job = Job(
            id=secrets.token_hex(5),
            state=JobState.RECEIVED,
            request=request,
            attachment=Attachment(image.url, image.filename, image.size),
            origin=origin_of(interaction, message_id, ephemeral=private),
            created_at=time.time(),
        )
        try:
            await self.bot.runner.accept(job)
        except AlreadyAccepted as error:  # by another process, whose reply it is now
            log.warning("interaction %s is dropped: %s", interaction.id, error)

    @img2img.autocomplete("sampler")
    async def complete_sampler(
        self, _: discord.Interaction[RepaintBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """The samplers that contain what was typed, at most the 25 that Discord takes."""
        return [app_commands.Choice(name=name, value=name) for name in matching_samplers(current)]


def matching_samplers(typed: str) -> list[str]:
    """At most 25 names: those that begin with what was typed, then those that contain it."""
    wanted = typed.strip().casefold()
    found = [name for name in SAMPLERS if wanted in name]
    return sorted(found, key=lambda name: not name.startswith(wanted))[:25]


def checked_prompt(prompt: str) -> str:
    """The prompt without blanks around it. Raises RequestError where nothing can be seen of it."""
    if is_blank(prompt):
        raise RequestError(
            sentence="The prompt is empty. Please describe in `prompt` what the picture should become."
        )
    return prompt.strip()


def checked_sampler(sampler: str) -> str:
    """A name from the list: autocompletion does not restrict what can be sent. Raises RequestError."""
    name = sampler.strip().casefold()
    if name not in SAMPLERS:
        raise RequestError(
            sentence=f"There is no sampler “{inert(sampler, 50)}”. "
            "Please pick one of those that Discord lists while you type in `sampler`."
        )
    return name


def check_announced(image: discord.Attachment, limit: int) -> None:
    """Refuse by what Discord announced: size and dimensions, never the name or the declared type."""
    if image.size == 0:
        raise PictureEmpty("announced with 0 bytes")
    if image.size > limit:
        raise PictureTooLarge(
            f"announced with {image.size} bytes",
            sentence="The attached file is too large. "
            f"Please attach one of at most {number(limit / 2**20)} MiB.",
        )
    if image.width and image.height and image.width * image.height > MAX_INPUT_PIXELS:
        raise PictureTooManyPixels(f"announced as {image.width} × {image.height}")


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Img2Img(bot))
