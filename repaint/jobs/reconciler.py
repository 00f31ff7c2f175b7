"""Looks for lost submits in the request history, so that none is paid twice. One read serves all of them."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from repaint.errors import BadAnswer, RepaintError, ServiceError
from repaint.jobs.lost import SLACK, Guess, Lost, assign, guesses
from repaint.jobs.poller import LIFETIME
from repaint.models import HistoryRow

log = logging.getLogger(__name__)

GAPS = (2.0, 5.0, 10.0, 20.0, 30.0)  # seconds before each look; then as the last
LOOKS_IN_A_WINDOW = 4  # at least, however short it is set
ENOUGH = 3  # reads without it after which a job counts as not accepted
PER_PAGE = (100, 10)  # rows; the API gives 100 at most, and so many with pictures in them may be too long
PAGES = 50


class History(Protocol):
    """What is needed of the API client."""

    async def history(
        self, page: int = 1, per_page: int = 20, from_date: dt.date | None = None
    ) -> list[HistoryRow]: ...


@dataclass(slots=True)
class _Search:
    lost: Lost
    due: float  # seconds since the epoch
    looks: int = 0
    without: int = 0  # reads of the whole history that do not have it


class Reconciler:
    """Looks for lost submits until `window` seconds have passed since they became unknown.

    It looks to the end of the window even where nothing speaks for it any more: rows come late, and their
    bodies later still. `found` and `given_up` are awaited, and tried again at a later look where they raise.
    `held` tells which of some request ids other jobs have.
    """

    def __init__(
        self,
        client: History,
        *,
        window: float,
        held: Callable[[Collection[str]], Awaitable[Collection[str]]],
        found: Callable[[str, str], Awaitable[None]],
        given_up: Callable[[str], Awaitable[None]],
    ) -> None:
        self._client = client
        self._window = window
        self._held = held
        self._found = found
        self._given_up = given_up
        self._searches: dict[str, _Search] = {}
        self._not_before = 0.0  # seconds since the epoch: many jobs must not make many reads
        self._changed = asyncio.Event()

    def __contains__(self, job_id: object) -> bool:
        """Whether a job is being looked for."""
        return job_id in self._searches

    def look_for(self, lost: Lost) -> None:
        """Begin to look for a job."""
        self._searches[lost.job_id] = _Search(lost, due=time.time() + self._gap(0))
        self._changed.set()

    def forget(self, job_id: str) -> None:
        """Stop looking for a job: it was cancelled, or its answer came after all."""
        self._searches.pop(job_id, None)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._changed.clear()
            due = min((search.due for search in self._searches.values()), default=None)
            wait = None if due is None else max(due, self._not_before) - time.time()
            if wait is not None and wait <= 0:
                await self._look()
                self._not_before = time.time() + self._gap(0)
                continue
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _gap(self, looks: int) -> float:
        """Seconds to the next look after so many."""
        return min(GAPS[min(looks, len(GAPS) - 1)], self._window / LOOKS_IN_A_WINDOW)

    async def _look(self) -> None:
        searches = list(self._searches.values())
        given, is_whole = await self._read([search.lost for search in searches])
        for job_id, request_id in given.items():
            if job_id in self._searches:
                log.info("job %s was accepted: it is request %s", job_id, request_id)
                await self._end(job_id, self._found(job_id, request_id))
        now = time.time()
        for search in searches:
            job_id = search.lost.job_id
            if self._searches.get(job_id) is not search:
                continue
            if is_whole and job_id not in given:
                search.without += 1
            self._put_off(search, now)
            if self._is_given_up(search, now):
                log.warning("job %s is not in the history, in %d reads", job_id, search.without)
                await self._end(job_id, self._given_up(job_id))

    async def _end(self, job_id: str, tell: Awaitable[None]) -> None:
        """Stop looking for a job when its end is told."""
        try:
            await tell
        except RepaintError as error:
            log.warning("job %s is looked for further: %s: %s", job_id, type(error).__name__, error)
        except Exception:  # one job must not cost all others their search
            log.exception("job %s is looked for further", job_id)
        else:
            self.forget(job_id)

    def _put_off(self, search: _Search, now: float) -> None:
        if search.due > now:  # the look was another job's
            return
        search.looks += 1
        search.due = now + self._gap(search.looks)
        end = search.lost.unknown_at + self._window
        if now < end:
            search.due = min(search.due, end)  # the last look is at the end of the window

    def _is_given_up(self, search: _Search, now: float) -> bool:
        if now >= search.lost.submitted_at + LIFETIME:
            return True
        return now >= search.lost.unknown_at + self._window and search.without >= ENOUGH

    # Reading --------------------------------------------------------------------------------------------

    async def _read(self, jobs: list[Lost]) -> tuple[dict[str, str], bool]:
        """The jobs that are found, and whether the whole history that matters was read."""
        found: list[Guess] = []
        try:
            is_whole = await self._read_all(jobs, found)
        except ServiceError as error:
            log.warning("the history could not be read: %s: %s", type(error).__name__, error)
            is_whole = False
        if not found:
            return {}, is_whole
        try:
            held = await self._held({guess.request_id for guess in found})
        except RepaintError as error:
            log.warning("not known which requests are held: %s: %s", type(error).__name__, error)
            return {}, False
        return assign(found, held), is_whole

    async def _read_all(self, jobs: list[Lost], found: list[Guess]) -> bool:
        """Add the guesses of every page to `found`, also of those before one that raises ServiceError."""
        for per_page in PER_PAGE[:-1]:
            try:
                return await self._page_back(jobs, found, per_page)
            except BadAnswer as error:
                log.info("the history in smaller pages: %s", error)
        return await self._page_back(jobs, found, PER_PAGE[-1])

    async def _page_back(self, jobs: list[Lost], found: list[Guess], per_page: int) -> bool:
        """Read pages, newest first, until past the earliest submit; False if they are too many.

        The API counts in days of UTC, of which the last is today by its own clock (Segmind SDK,
        generations.history). Rows that come meanwhile move others to a later page, so some are seen twice.
        Only the guesses are kept: rows may hold whole pictures.
        """
        earliest = min(job.submitted_at for job in jobs) - SLACK
        day = dt.datetime.fromtimestamp(earliest, dt.UTC).date()
        known: set[str] = set()
        for page in range(1, PAGES + 1):
            rows = await self._client.history(page, per_page, from_date=day)
            if all(row.request_id in known for row in rows):  # no more, or a server that knows no pages
                return True
            known.update(row.request_id for row in rows)
            found += guesses(rows, jobs)
            last = rows[-1].created_at
            if last is not None and last < earliest:
                return True
        log.warning("the history has more than %d pages of %d rows since %s", PAGES, per_page, day)
        return False
