"""RECEIVED → QUEUED: the attachment is fetched, checked by its bytes, normalised and kept."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import shutil
import time
import weakref

from repaint.errors import StorageError
from repaint.jobs.tools import Tools
from repaint.models import Job, JobState, Picture, Taken

log = logging.getLogger(__name__)

INPUTS_AT_ONCE = 8  # from download to normalised


class Preparer:
    """Makes the inputs, a few at once."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._turns = asyncio.Semaphore(INPUTS_AT_ONCE)
        self._members: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    async def prepare(self, job: Job) -> Job | None:
        """The job when it is QUEUED; None if it ended meanwhile. Raises PictureError, StorageError, …"""
        folder = self._tools.folder / job.id
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(repr(error)) from error
        # One of each member at a time: who attaches many slow pictures makes only himself wait.
        async with self._members.setdefault(job.origin.user_id, asyncio.Lock()), self._turns:
            picture = await self._kept(job) or await self._fetched(job)
        return await self._tools.store.advance(
            job.id, JobState.RECEIVED, state=JobState.QUEUED, input=picture, queued_at=time.time()
        )

    async def _fetched(self, job: Job) -> Picture:
        folder = self._tools.folder / job.id
        source = folder / "attachment"
        await self._tools.intake.fetch(job.attachment, source)
        picture = await self._tools.studio.normalise(source, folder / "input")
        source.unlink(missing_ok=True)
        return picture

    async def _kept(self, job: Job) -> Picture | None:
        """The picture of another job that this one takes. None where that is gone: then the attachment is it.

        Raises StorageError, WorkerError, PictureError.
        """
        takes = job.takes or (Taken(job.retry_of) if job.retry_of else None)
        other = await self._tools.store.get(takes.job_id) if takes else None
        if takes is None or other is None or other.deleted_by is not None:
            return None
        if takes.output is None:
            return await self._copied(other.input, job) if other.input else None
        if takes.output >= len(other.outputs) or not other.outputs[takes.output].path.is_file():
            return None
        # As any picture that is attached: it may be larger than what is submitted.
        source, target = other.outputs[takes.output].path, self._tools.folder / job.id / "input"
        return await self._tools.studio.normalise(source, target)

    async def _copied(self, picture: Picture, job: Job) -> Picture | None:
        target = self._tools.folder / job.id / picture.path.name
        try:
            await asyncio.to_thread(shutil.copyfile, picture.path, target)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(repr(error)) from error
        return dataclasses.replace(picture, path=target)
