"""The stages that are under way: one task each, and what follows when one fails."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from repaint.errors import DatabaseAway, RepaintError
from repaint.jobs.repeat import LONGEST_PAUSE

log = logging.getLogger(__name__)

Stage = Coroutine[Any, Any, object]


class Stages:
    """Runs stages as tasks. One that fails is followed by `fail`; one that the database failed, by `again`.

    `again` brings a job on from wherever the database has it: the outcome of a commit may be open.
    """

    def __init__(self, fail: Callable[[str, RepaintError], Stage], again: Callable[[str], Stage]) -> None:
        self._fail = fail
        self._again = again
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._counts: Counter[str] = Counter()
        self._closed = False

    def begin(self, job_id: str, stage: Stage) -> None:
        if self._closed:  # the database has it, for the next start
            stage.close()
            return
        task = asyncio.get_running_loop().create_task(self._guarded(job_id, stage))
        self._tasks[task] = job_id
        self._counts[job_id] += 1
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        job_id = self._tasks.pop(task)
        self._counts[job_id] -= 1
        if not self._counts[job_id]:
            del self._counts[job_id]

    async def _guarded(self, job_id: str, stage: Stage) -> None:
        pause = 0.5
        failing = False
        while True:
            try:
                await stage
                return
            except DatabaseAway as error:
                log.warning("job %s: the database again in %.1f s: %s", job_id, pause, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                stage, failing = self._again(job_id), False
            except RepaintError as error:
                if failing:
                    log.error("job %s: its end could not be told: %s", job_id, error)
                    return
                stage, failing = self._fail(job_id, error), True
            except Exception as error:
                log.exception("job %s: unforeseen", job_id)
                if failing:
                    return
                stage, failing = self._fail(job_id, RepaintError(repr(error))), True

    async def finish(self, job_ids: Iterable[str], seconds: float | None = None) -> None:
        """Wait for the stages of these jobs, at most so many seconds."""
        wanted = set(job_ids)
        if last := [task for task, job_id in self._tasks.items() if job_id in wanted]:
            await asyncio.wait(last, timeout=seconds)

    async def stop(self) -> None:
        """Break all off, and begin no more. What they had begun is found in the database."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def reopen(self) -> None:
        """Begin stages again."""
        self._closed = False

    def count(self, job_id: str) -> int:
        """How many stages of this job are under way: one, or another beside one that is about to end."""
        return self._counts[job_id]
