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
        swept = 0.0
        while True:
            try:
                await self._tools.store.lease.renew()
                await self._tools.store.take_over(everything=False)
                await self._look()
                if time.monotonic() - swept >= SWEEP or not swept:
                    await self.sweep()
                    swept = time.monotonic()
            except DatabaseAway as error:
                log.warning("not renewed: %s", error)
            await asyncio.sleep(RENEW)

    async def sweep(self) -> None:
        """Rows and pictures that are kept long enough go, and folders that no row knows any more."""
        limits, now, store = self._tools.limits, time.time(), self._tools.store
        rows, pictures = now - limits.keep_jobs_days * DAY, now - limits.keep_pictures_days * DAY
        count = 0
        while gone := await store.sweep(rows_before=rows, pictures_before=pictures):
            await asyncio.to_thread(self._remove, gone)
            await store.folders_gone(gone)
            count += len(gone)
        unknown = [name for name in await asyncio.to_thread(self._folders) if await store.get(name) is None]
        await asyncio.to_thread(self._remove, unknown)
        if count or unknown:
            log.info("let go of the pictures of %d jobs", count + len(unknown))

    def _remove(self, names: list[str]) -> None:
        for name in names:
            shutil.rmtree(self._tools.folder / name, ignore_errors=True)

    def _folders(self) -> list[str]:
        if not self._tools.folder.is_dir():
            return []
        return [each.name for each in self._tools.folder.iterdir() if JOB_ID.fullmatch(each.name)]
