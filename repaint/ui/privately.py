"""Answers to commands that are for the asker's eyes alone."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import discord

from repaint.ui.attempts import FAULTS
from repaint.ui.interactions import acknowledge, origin_of
from repaint.ui.reply import Build, Known, Reply
from repaint.ui.shelf import answer

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)


async def answer_privately(
    interaction: Interaction,
    act: Callable[[], Awaitable[Build]],
    files: Sequence[tuple[Path, str]] = (),
) -> None:
    """Acknowledge, act, and show what `act` gives, with its files (path, name).

    Raises whatever `act` raises, and as `answer`. Nothing is done where Discord does not take the
    acknowledgement.
    """
    try:
        made = await acknowledge(interaction, ephemeral=True)
    except FAULTS as error:
        log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
        return
    origin = origin_of(interaction, made.message_id, ephemeral=True)
    await answer(Reply(interaction.client, origin, Known()), await act(), files)
