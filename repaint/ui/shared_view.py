"""A picture as it is shown in a server's gallery. Pure: a job in, a view out."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from repaint.models import Job, Shown
from repaint.ui.credits import credited
from repaint.ui.languages import Words
from repaint.ui.notices import GREEN
from repaint.ui.words import cut, inert, is_blank, plain

PROMPT_SHOWN = 1000  # characters
ALT_TEXT = 1024  # of a gallery item's description (Discord)
TITLE = 100  # of a post in a forum (Discord)


def shared_view(job: Job, addresses: Sequence[str], say: Words) -> ui.LayoutView:
    """With its pictures (`attachment://…`). The mention in it is for a message that pings nobody."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=GREEN)
    if not job.prompt_hidden:
        container.add_item(ui.TextDisplay(f"**{inert(job.said, PROMPT_SHOWN)}**"))
    alt = cut(title(job, say) if job.prompt_hidden else plain(job.said), ALT_TEXT)
    items = [discord.MediaGalleryItem(each, description=alt, spoiler=job.spoiler) for each in addresses]
    container.add_item(ui.MediaGallery(*items))
    about = [
        say("by {asker}", asker=f"<@{job.origin.user_id}>"),
        say("style {name}", name=inert(job.style, 60)) if job.style else "",
        f"[{say('original message')}]({link})" if (link := card_link(job)) else "",
    ]
    lines = [" · ".join(each for each in about if each)]
    if job.credit:
        lines.append(f"-# {credited(say, job.credit)}")
    container.add_item(ui.TextDisplay("\n".join(lines)))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def title(job: Job, say: Words) -> str:
    """What a post in a forum is called."""
    if job.prompt_hidden or is_blank(job.said):
        return say("A repainted picture")
    return cut(plain(job.said), TITLE)


def card_link(job: Job) -> str:
    """The address of the job's card in its server; empty where others do not see it."""
    origin = job.origin
    if (
        origin.guild_id is None
        or origin.message_id is None
        or origin.ephemeral
        or job.shown is not Shown.REPLY
    ):
        return ""
    return f"https://discord.com/channels/{origin.guild_id}/{origin.channel_id}/{origin.message_id}"
