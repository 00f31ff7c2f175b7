"""/img2img: repaint an attached picture."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import discord
from discord import app_commands
from discord.ext import commands

from repaint.models import SCHEDULERS, SEED_LIMIT, Attachment
from repaint.ui.asking import Wish, ask, check_not_empty, matching_samplers
from repaint.ui.choices import Choices
from repaint.ui.client import RepaintBot
from repaint.ui.style_names import matching_styles, style_choices


class Img2Img(commands.Cog):
    """The command and its options; the rest is the runner's."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot

    @app_commands.command(name="img2img", description="Repaint a picture as a prompt describes it")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        image="The picture to repaint",
        prompt="What it should become",
        style="A style for the prompt and the other values; type to find yours and the server's",
        strength="How far it may move away from the picture: 0.3 a little, 0.7 clearly (default), 1 freely",
        seed="The same seed repeats a result; without one a new one is drawn and shown",
        negative_prompt="What to keep out (default: low quality, less details)",
        steps="How many steps the model takes, 1–100; more is slower (default 20)",
        guidance="How closely it follows the prompt, 1–20 (default 5)",
        samples="How many pictures, 1–4; each one costs (default 1)",
        sampler="The sampling method; type to find all 27 (default dpmpp_2m)",
        scheduler="The noise schedule (default sgm_uniform)",
        private="Only you see the reply",
        spoiler="The result is covered until one clicks on it",
    )
    @app_commands.choices(scheduler=[app_commands.Choice(name=name, value=name) for name in SCHEDULERS])
    async def img2img(
        self,
        interaction: discord.Interaction[RepaintBot],
        image: discord.Attachment,
        prompt: app_commands.Range[str, 1, 2000],
        style: app_commands.Range[str, 1, 100] | None = None,
        strength: app_commands.Range[float, 0.0, 1.0] | None = None,
        seed: app_commands.Range[int, 0, SEED_LIMIT - 1] | None = None,
        negative_prompt: app_commands.Range[str, 1, 1000] | None = None,
        steps: app_commands.Range[int, 1, 100] | None = None,
        guidance: app_commands.Range[float, 1.0, 20.0] | None = None,
        samples: app_commands.Range[int, 1, 4] | None = None,
        sampler: str | None = None,
        scheduler: str | None = None,
        private: bool | None = None,
        spoiler: bool = False,
    ) -> None:
        """Refuse what the payload already shows to be wrong; else acknowledge and hand over."""
        check_not_empty(size=image.size, width=image.width, height=image.height)
        choices = Choices(
            negative_prompt=negative_prompt,
            strength=strength,
            seed=seed,
            steps=steps,
            guidance=guidance,
            samples=samples,
            sampler=sampler,
            scheduler=scheduler,
        )
        await ask(
            interaction,
            Wish(
                picture=Attachment(image.url, image.filename, image.size),
                prompt=prompt,
                choices=choices,
                style=style,
                private=private,
                spoiler=spoiler,
            ),
        )

    @img2img.autocomplete("style")
    async def complete_style(
        self, interaction: discord.Interaction[RepaintBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """One's own, the server's and the built-in ones that contain what was typed."""
        return style_choices(await matching_styles(interaction, current))

    @img2img.autocomplete("sampler")
    async def complete_sampler(
        self, _: discord.Interaction[RepaintBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """The samplers that contain what was typed, at most the 25 that Discord takes."""
        return [app_commands.Choice(name=name, value=name) for name in matching_samplers(current)]


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Img2Img(bot))
