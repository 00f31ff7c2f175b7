"""The pictures of a job: from the attachment to the input, from the API's outputs to what is posted."""

from __future__ import annotations

import asyncio
from pathlib import Path

from repaint.models import Job, Picture
from repaint.pictures import finish, normalise
from repaint.workers import PictureWorkers

CHANGES = {
    "none": "",
    "re-encoded": "Compressed to fit Discord's size limit.",
    "scaled": "Scaled down to fit Discord's size limit.",
}


class Studio:
    """Does the work on pictures in worker processes. `max_pixels` bounds the input that is submitted."""

    def __init__(self, workers: PictureWorkers, *, max_pixels: int) -> None:
        self._workers = workers
        self._max_pixels = max_pixels

    async def normalise(self, source: Path, target: Path) -> Picture:
        """The attachment as an upright RGB picture. Raises PictureError, StorageError, WorkerError."""
        return await self._workers.run(normalise, source, target, max_pixels=self._max_pixels)

    async def finish(self, raw: list[Path], job: Job, limit: int) -> tuple[tuple[Picture, ...], str]:
        """The outputs with the parameters in their metadata, at most `limit` bytes each, and what it took.

        Raises OutputUnavailable, DeliveryError, StorageError, WorkerError.
        """
        finished = await asyncio.gather(
            *(
                self._workers.run(
                    finish,
                    path,
                    path.with_name(f"finished-{number}"),
                    request=job.request,
                    limit=limit,
                    **({"model": job.engine} if job.engine else {}),
                )
                for number, path in enumerate(raw)
            )
        )
        changes = [one.change for one in finished]
        worst = max(changes, key=list(CHANGES).index)
        return tuple(one.picture for one in finished), CHANGES[worst]
