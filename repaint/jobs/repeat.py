"""Calls that may be made again."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from random import random
from typing import TypeVar

from repaint.errors import DatabaseAway, ServiceError
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_PAUSE = 15.0  # seconds between two tries at the database


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
