"""Keeps house: renews the lease, takes over what a dead process left, and lets old things go."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import time
from collections.abc import Awaitable, Callable

from repaint.errors import DatabaseAway
from repaint.jobs.tools import Tools
from repaint.store.leases import LEASE_SECONDS

log = logging.getLogger(__name__)

RENEW = LEASE_SECONDS / 3
AGAIN = 2.0  # seconds, where the database was away
SWEEP = 3600.0  # seconds between two looks for what is old
DAY = 86_400.0
JOB_ID = re.compile(r"[0-9a-f]{10}")


class Keeper:
    """`look` is called at each renewal, when jobs of a dead process may have become ours."""

    def __init__(self, tools: Tools, look: Callable[[], Awaitable[None]]) -> None:
        self._tools = tools
        self._look = look

    async def run(self) -> None:
        """Work until cancelled. Raises LeaseLost when another process may have taken our jobs."""
        async with asyncio.TaskGroup() as group:  # none waits for another: the lease least of all
            group.create_task(self._repeat("the lease", RENEW, self._renew))
            group.create_task(self._repeat("orphans", RENEW, self._adopt))
            group.create_task(self._repeat("what is old", SWEEP, self.sweep))
            if self._tools.store.is_shared:
                group.create_task(self._repeat("settings", RENEW, self._refresh))

    async def _repeat(self, what: str, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            pause = seconds
            try:
                await act()
            except DatabaseAway as error:
                log.warning("%s: %s", what, error)
                pause = min(seconds, AGAIN)
            await asyncio.sleep(pause)

    async def _renew(self) -> None:
        await self._tools.store.lease.renew()

    async def _adopt(self) -> None:
        if self._tools.store.is_shared:
            await self._tools.store.take_over(everything=False)
        await self._look()

    async def _refresh(self) -> None:
        for each in self._tools.settings:
            await each.refresh()

    async def sweep(self) -> None:
        """Rows and pictures that are kept long enough go, and folders that no row knows any more."""
        limits, now, store = self._tools.limits, time.time(), self._tools.store
        rows, pictures = now - limits.keep_jobs_days * DAY, now - limits.keep_pictures_days * DAY
        count = 0
        while gone := await store.sweep(rows_before=rows, pictures_before=pictures):
            await asyncio.to_thread(self._remove, gone)
            await store.folders_gone(gone)
            count += len(gone)
        old = await asyncio.to_thread(self._folders, pictures)
        unknown = sorted(set(old) - await store.known(old))
        await asyncio.to_thread(self._remove, unknown)
        if count or unknown:
            log.info("let go of the pictures of %d jobs", count + len(unknown))

    def _remove(self, names: list[str]) -> None:
        for name in names:
            shutil.rmtree(self._tools.folder / name, ignore_errors=True)

    def _folders(self, before: float) -> list[str]:
        """Folders that were last changed before that: younger ones may belong to another database."""
        if not self._tools.folder.is_dir():
            return []
        found = (each for each in self._tools.folder.iterdir() if JOB_ID.fullmatch(each.name))
        return [each.name for each in found if each.stat().st_mtime < before]
