"""What is kept of finished jobs, brought into one answer: previews of many, or one job's whole pictures."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from discord import ui

from repaint.errors import (
    DeliveryError,
    DeliveryPutOff,
    DeliveryTooLarge,
    OutputUnavailable,
    PictureError,
    PromptBlocked,
    RepaintError,
    StorageError,
    WorkerError,
)
from repaint.jobs.studio import Studio
from repaint.jobs.tools import MESSAGE_BYTES
from repaint.models import Job
from repaint.text import Text, text
from repaint.ui.lists import Kept
from repaint.ui.reply import Build, Reply
from repaint.ui.words import number

log = logging.getLogger(__name__)

SIZES = 4  # how often the pictures are made smaller

BuildWith = Callable[
    [Sequence[str], str, bool], ui.LayoutView
]  # of addresses, a note, with the prompt or not


class Shelf:
    """The pictures that are kept, which ends `keep_days` after their jobs were over."""

    def __init__(self, studio: Studio, *, keep_days: float) -> None:
        self._studio = studio
        self._keep_days = keep_days

    async def previews(self, jobs: Sequence[Job], folder: Path) -> list[Kept]:
        """Each job with a small form of its first picture in `folder`, or with a note why there is none."""
        return list(await asyncio.gather(*(self._preview(job, folder) for job in jobs)))

    async def _preview(self, job: Job, folder: Path) -> Kept:
        if not await asyncio.to_thread(_all_there, job):
            return Kept(job, note=self._gone(1))
        try:
            made = await self._studio.preview(job.outputs[0].path, folder / job.id)
        except (PictureError, StorageError, WorkerError) as error:
            log.warning("job %s has no preview: %r", job.id, error)
            return Kept(job, note=text("Its picture cannot be shown at the moment."))
        if (count := len(job.outputs)) == 1:
            return Kept(job, made.path)
        note = text("The first of {n} pictures; `/jobs show` has them all.", n=count)
        return Kept(job, made.path, note)

    def _gone(self, pictures: int) -> Text:
        """Why there is nothing to show of a job."""
        days = number(self._keep_days)
        one = text("Its picture is no longer kept: that ends after {days} days.", days=days)
        all_of_them = text("Its pictures are no longer kept: that ends after {days} days.", days=days)
        if self._keep_days == 1:
            one = text("Its picture is no longer kept: that ends after 1 day.")
            all_of_them = text("Its pictures are no longer kept: that ends after 1 day.")
        return one if pictures == 1 else all_of_them

    async def show(self, reply: Reply, job: Job, build: BuildWith, *, file_limit: int) -> None:
        """Show a finished job with its pictures as they were posted.

        Where one is over `file_limit` bytes, or all together are more than a message takes, in smaller forms.
        Raises as `answer` does, and StorageError.
        """
        if not await asyncio.to_thread(_all_there, job):
            await answer(reply, partial(build, (), self._gone(len(job.outputs))))
            return
        fits = sum(picture.size for picture in job.outputs) <= MESSAGE_BYTES
        limit = file_limit if fits else min(file_limit, MESSAGE_BYTES // len(job.outputs))
        with scratch() as folder:
            for attempt in range(1, SIZES + 1):
                try:
                    pictures, change = await self._studio.refit(job, limit, folder)
                except (OutputUnavailable, DeliveryError) as error:
                    log.warning("job %s is shown without its pictures: %s", job.id, error)
                    await answer(
                        reply, partial(build, (), text("Its pictures cannot be shown here any more."))
                    )
                    return
                names = [
                    f"repaint-{job.id}-{n}{each.path.suffix}" for n, each in enumerate(pictures, start=1)
                ]
                files = [(each.path, name) for each, name in zip(pictures, names, strict=True)]
                try:
                    await answer(
                        reply, partial(build, [f"attachment://{name}" for name in names], change), files
                    )
                    return
                except DeliveryTooLarge as error:
                    log.warning("job %s: too large for Discord at %d bytes: %s", job.id, limit, error)
                    if attempt == SIZES:
                        raise
                    limit = min(limit, max(each.size for each in pictures)) // 2


async def answer(reply: Reply, build: Build, files: Sequence[tuple[Path, str]] = ()) -> None:
    """Show a view with its files (path, name).

    Raises DeliveryTooLarge, DeliveryPutOff, and RepaintError for all else that Discord refuses.
    """
    try:
        try:
            await reply.edit(build, files)
        except PromptBlocked:
            await reply.edit(build, files)  # the reply knows by now that no prompt is to be shown
    except (DeliveryTooLarge, DeliveryPutOff):
        raise
    except DeliveryError as error:  # its sentence speaks of a picture that was just finished
        raise RepaintError(str(error)) from error


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the time of one answer. Raises StorageError."""
    try:
        made = tempfile.TemporaryDirectory(prefix="repaint-", ignore_cleanup_errors=True)
    except OSError as error:
        raise StorageError(f"no folder for an answer: {error!r}") from error
    with made as folder:
        yield Path(folder)


def _all_there(job: Job) -> bool:
    return bool(job.outputs) and all(picture.path.is_file() for picture in job.outputs)
