"""Calls that may be made again."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from random import random
from typing import TypeVar

from repaint.errors import DatabaseAway, ServiceError, StorageError
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_PAUSE = 15.0  # seconds between two tries at the database
PUT_OFF_LONGEST = 120.0  # seconds between two tries at Discord
PUT_OFF_LIMIT = 6 * 3600.0  # seconds after which a fault of Discord's is taken for a refusal


async def repeat(operation: Operation, act: Callable[[], Awaitable[T]], *, until: float = math.inf) -> T:
    """Do it until it succeeds. Raises the last ServiceError where the decision is to give up.

    `until` (seconds since the epoch): from there on there is no use in it.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return await act()
        except ServiceError as error:
            decision = decide(operation, error, attempt, time.time(), random())
            if not isinstance(decision, Retry) or time.time() + decision.after >= until:
                raise
            log.info("%s again in %.1f s: %s", operation, decision.after, error)
        await asyncio.sleep(decision.after)


async def insist(act: Callable[[], Awaitable[T]]) -> T:
    """Do something to the database until it is there to do it. `act` must stand being done twice."""
    pause = 0.5
    while True:
        try:
            return await act()
        except DatabaseAway as error:
            log.warning("the database again in %.1f s: %s", pause, error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def through_storage(act: Callable[[], Awaitable[T]], *, until: float) -> T:
    """Do something to the disk until there is room for it: what is paid for is not lost for a full disk.

    `until` in seconds since the epoch: then the StorageError is raised. A DatabaseAway always is.
    """
    pause = 2.0
    while True:
        try:
            return await act()
        except DatabaseAway:
            raise
        except StorageError as error:
            if time.time() + pause >= until:
                raise
            log.warning("the disk again in %.1f s: %s", pause, error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, 2 * LONGEST_PAUSE)


class PutOff:
    """The pauses while Discord is away, and when that is given up."""

    def __init__(self) -> None:
        self._pause = 5.0  # seconds
        self._began: float | None = None

    async def wait(self, what: str, error: Exception) -> bool:
        """Wait until it may be tried again; False where it was tried for long enough."""
        self._began = self._began or time.monotonic()
        if time.monotonic() - self._began >= PUT_OFF_LIMIT:
            return False
        log.warning("%s again in %.0f s: %s", what, self._pause, error)
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, PUT_OFF_LONGEST)
        return True
