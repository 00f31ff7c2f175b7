"""Which buttons stand under a job, by its state and by who looks."""

from __future__ import annotations

from typing import TypeAlias

from discord import ui

from repaint.models import Job, JobState
from repaint.ui.buttons import (
    AdjustButton,
    AgainButton,
    Button,
    CompareButton,
    ContinueButton,
    DeleteButton,
    RetryAnywayButton,
    RetryButton,
    SeedButton,
    ShareButton,
    SofterButton,
    StrongerButton,
)
from repaint.ui.languages import Words

Row: TypeAlias = ui.ActionRow[ui.LayoutView]
Rows: TypeAlias = tuple[tuple[Button, ...], ...]


def of_done(job: Job, say: Words, *, shareable: bool) -> Rows:
    """What can be done with a finished picture. `shareable`: its server has a gallery at this moment."""
    first = (
        AgainButton(job.id, say),
        SofterButton(job.id, say, disabled=job.request.strength <= 0),
        StrongerButton(job.id, say, disabled=job.request.strength >= 1),
        AdjustButton(job.id, say),
        ContinueButton(job.id, say),
    )
    share = (ShareButton(job.id, say),) if shareable else ()
    return first, (CompareButton(job.id, say), SeedButton(job.id, say), *share, DeleteButton(job.id, say))


def of_failed(job: Job, say: Words) -> Rows:
    """What can be done where there is no picture; nothing where another job has the message."""
    if job.retried_as is not None or job.private_failure:
        return ()
    retry = RetryAnywayButton if job.state is JobState.UNKNOWN else RetryButton
    return ((retry(job.id, say), AdjustButton(job.id, say), DeleteButton(job.id, say)),)


def of_cancelled(job: Job, say: Words) -> Rows:
    """What can be done with what was given up."""
    return () if job.private_failure else ((DeleteButton(job.id, say),),)


def of_shown(job: Job, say: Words, *, viewer: int, shareable: bool, is_kept: bool) -> Rows:
    """Under `/jobs show`, which is another message than the card: so nothing that changes the card in place.

    Somebody else than the asker is a moderator there. `is_kept`: the pictures are still there.
    """
    if job.ended_at is None or job.deleted_by is not None or job.retried_as is not None:
        return ()
    if job.origin.user_id == viewer and job.state is JobState.DONE and job.outputs:
        if is_kept:
            return of_done(job, say, shareable=shareable)
        return ((SeedButton(job.id, say), DeleteButton(job.id, say)),)
    return ((DeleteButton(job.id, say),),)


def rows(buttons: Rows) -> list[Row]:
    """The same as components."""
    made = []
    for each in buttons:
        row: Row = ui.ActionRow()
        for button in each:
            row.add_item(button)
        made.append(row)
    return made
