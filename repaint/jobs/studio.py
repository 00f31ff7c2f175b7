"""The pictures of a job: from the attachment to the input, from the API's outputs to what is posted."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

from repaint.errors import OutputUnavailable, PictureGone, WorkerError
from repaint.models import Finished, Job, Picture, Request
from repaint.pictures import NOT_KEPT, Recipe, compare, finish, normalise, preview, recipe
from repaint.text import text
from repaint.workers import PictureWorkers

CHANGES = {
    "none": "",
    "re-encoded": text("Compressed to fit Discord's size limit."),
    "scaled": text("Scaled down to fit Discord's size limit."),
}


class Studio:
    """Does the work on pictures in worker processes. `max_pixels` bounds the input that is submitted.

    Attachments may be slow on purpose, so they never take the last of several workers: results go on.
    """

    def __init__(self, workers: PictureWorkers, *, max_pixels: int) -> None:
        self._workers = workers
        self._max_pixels = max_pixels
        self._inputs = asyncio.Semaphore(max(1, workers.count - 1))

    async def normalise(self, source: Path, target: Path) -> Picture:
        """The attachment as an upright RGB picture. Raises PictureError, StorageError, WorkerError."""
        async with self._inputs:
            return await self._workers.run(normalise, source, target, max_pixels=self._max_pixels)

    async def finish(self, job: Job, limit: int) -> tuple[tuple[Picture, ...], str]:
        """The results with the parameters in their metadata, at most `limit` bytes each, and what it took.

        Raises OutputUnavailable, DeliveryError, StorageError.
        """
        ends = await asyncio.gather(
            *(
                self._finish(path, path.with_name(f"finished-{path.name}"), job, seed, limit)
                for path, seed in zip(job.results, job.seeds, strict=True)
            ),
            return_exceptions=True,
        )
        for end in ends:  # only now: nobody writes there any more
            if isinstance(end, BaseException):
                raise end
        finished = [end for end in ends if isinstance(end, Finished)]
        worst = max((one.change for one in finished), key=list(CHANGES).index)
        return tuple(one.picture for one in finished), CHANGES[worst]

    async def preview(self, source: Path, target: Path) -> Picture:
        """A small WebP of a picture that was posted. Raises PictureError, StorageError, WorkerError."""
        async with self._inputs:
            return await self._workers.run(preview, source, target)

    async def compare(
        self, job: Job, limit: int, folder: Path, *, output: int = 0
    ) -> tuple[Picture, Picture]:
        """A job's input and one of its outputs: side by side, and as an animation. They go into `folder`.

        At most `limit` bytes each. Raises PictureError (PictureGone where one of the two is not kept any
        more), DeliveryError, StorageError, WorkerError.
        """
        if job.input is None or not 0 <= output < len(job.outputs):
            raise PictureGone(f"job {job.id} has no input or no output {output}", sentence=NOT_KEPT)
        before, after = job.input.path, job.outputs[output].path
        async with self._inputs:
            return await self._workers.run(
                compare, before, after, folder / "side-by-side", folder / "before-after", limit=limit
            )

    async def recipe(self, source: Path) -> Recipe | None:
        """How a picture was made, if its metadata tell. Raises PictureError, StorageError, WorkerError."""
        async with self._inputs:
            return await self._workers.run(recipe, source)

    async def refit(self, job: Job, limit: int, folder: Path) -> tuple[tuple[Picture, ...], str]:
        """What was posted, at most `limit` bytes each, and what it took. Smaller forms go into `folder`.

        Raises OutputUnavailable, DeliveryError, StorageError.
        """
        pictures: list[Picture] = []
        worst = ""
        for picture, seed in zip(job.outputs, job.seeds, strict=True):
            if picture.size <= limit:
                pictures.append(picture)
                continue
            async with self._inputs:
                one = await self._finish(picture.path, folder / picture.path.name, job, seed, limit)
            pictures.append(one.picture)
            worst = max(worst, one.change, key=["", *CHANGES].index)
        return tuple(pictures), CHANGES.get(worst, "")

    async def _finish(self, source: Path, target: Path, job: Job, seed: int, limit: int) -> Finished:
        model = {"model": job.engine} if job.engine else {}
        request = _as_told(job, seed)
        for attempt in (1, 2):  # it is paid for, and a worker that ended may have been the system's doing
            try:
                return await self._workers.run(finish, source, target, request=request, limit=limit, **model)
            except WorkerError as error:
                if attempt == 2:
                    raise OutputUnavailable(f"not finished: {error}") from error
        raise AssertionError("unreachable")


def _as_told(job: Job, seed: int) -> Request:
    """What the metadata says: with the result's own seed, without a prompt that must not be shown."""
    if job.prompt_hidden:
        return dataclasses.replace(job.request, seed=seed, prompt="(prompt withheld)", negative_prompt="")
    return dataclasses.replace(job.request, seed=seed)
