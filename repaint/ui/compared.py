"""A picture beside what it was made of, in one answer."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from repaint.models import Job
from repaint.ui.languages import Words
from repaint.ui.notices import GREY
from repaint.ui.words import inert, number

PROMPT_SHOWN = 200


def compared_view(
    job: Job, addresses: Sequence[str], say: Words, *, output: int = 0, with_prompt: bool = True
) -> ui.LayoutView:
    """`addresses`: side by side, and the animation (`attachment://…`). `output`: which one, from 0."""
    prompt = f"**{inert(job.said, PROMPT_SHOWN)}**" if with_prompt and not job.prompt_hidden else ""
    about = [say("strength {strength}", strength=number(job.request.strength))]
    if len(job.outputs) > 1:
        about.append(say("picture {n} of {count}", n=output + 1, count=len(job.outputs)))
    described = (say("Before and after, side by side"), say("From before to after and back"))
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=GREY)
    if prompt:
        container.add_item(ui.TextDisplay(prompt))
    container.add_item(
        ui.MediaGallery(
            *(
                discord.MediaGalleryItem(address, description=alt, spoiler=job.spoiler)
                for address, alt in zip(addresses, described, strict=True)
            )
        )
    )
    container.add_item(ui.TextDisplay(f"-# {' · '.join(about)}"))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
