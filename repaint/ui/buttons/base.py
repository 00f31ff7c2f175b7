"""What every button on a card does: find its job, act once, and tell whoever pressed what went wrong.

A button knows its job by its `custom_id` alone (`verb:JOB`), so it works after a restart, too. Who may press
is decided at each click (`authority`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

import discord
from discord import ui

from repaint.errors import DatabaseAway, RequestError
from repaint.models import Job, JobState
from repaint.text import text
from repaint.ui.attempts import FAULTS
from repaint.ui.authority import UNKNOWN
from repaint.ui.interactions import acknowledge_press, guarded, tell
from repaint.ui.languages import Words

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

Button: TypeAlias = ui.DynamicItem[ui.Button[Any]]

LOOK_LIMIT = 1.5  # seconds for a look at the database before the first response, which has three
SETTLE_LIMIT = 1.0  # of which so many for a job whose card shows its end a moment before that is committed
JOB = r"(?P<job>[0-9a-f]{10})"
ONE_MOMENT = text("One moment: I am still at your last click.")
_in_hand: set[tuple[int, int, str]] = set()  # who presses what on which message


class JobButton(ui.DynamicItem[ui.Button[Any]], template=rf"nothing:{JOB}"):
    """A button of a job. Each kind has its own `template`, `verb` and `label`."""

    verb: ClassVar[str]
    emoji: ClassVar[str | None] = None
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary
    costs: ClassVar[bool] = False  # each click does it once more, so a second one waits for the first

    def __init__(self, job_id: str, say: Words, *, disabled: bool = False) -> None:
        super().__init__(
            ui.Button(
                label=self.label(say),
                emoji=self.emoji,
                style=self.style,
                custom_id=f"{self.verb}:{job_id}",
                disabled=disabled,
            )
        )
        self.job_id = job_id

    @classmethod
    def label(cls, say: Words) -> str:
        """What stands on it, in a language."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        made = cls.__new__(cls)
        ui.DynamicItem.__init__(made, item)
        made.job_id = match["job"]
        return made

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Where it costs: one click at a time by the same person on the same button."""
        if not self.costs:
            await guarded(interaction, self.act)
            return
        message = interaction.message
        key = interaction.user.id, message.id if message is not None else 0, self.verb
        if key in _in_hand:
            await tell(interaction, RequestError(sentence=ONE_MOMENT))
            return
        _in_hand.add(key)
        try:
            await guarded(interaction, self.act)
        finally:
            _in_hand.discard(key)

    async def act(self, interaction: Interaction) -> None:
        """What it does, from the first response on. Raises RepaintError."""
        raise NotImplementedError


async def acknowledged(interaction: Interaction) -> bool:
    """Tell Discord that the click has arrived, the message staying as it is; False if it was too late."""
    try:
        await acknowledge_press(interaction)
    except FAULTS as error:
        log.error("interaction %s was not acknowledged and is dropped: %r", interaction.id, error)
        return False
    return True


async def job_of(interaction: Interaction, job_id: str) -> Job:
    """The job as it is now. Raises RequestError if it is unknown, DatabaseAway if that takes too long."""
    try:
        async with asyncio.timeout(LOOK_LIMIT):
            runner = interaction.client.runner
            job = await runner.store.get(job_id)
            if job is not None and job.state is JobState.DELIVERING:
                await runner.settle(job_id, SETTLE_LIMIT)
                job = await runner.store.get(job_id)
    except TimeoutError as error:
        raise DatabaseAway("too slow for a click") from error
    if job is None:
        raise RequestError(sentence=UNKNOWN)
    return job
