"""Calls of the image API that may be made again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from random import random
from typing import TypeVar

from repaint.errors import ServiceError
from repaint.segmind.operation import Operation
from repaint.segmind.retry import Retry, decide

log = logging.getLogger(__name__)

T = TypeVar("T")


async def repeat(operation: Operation, act: Callable[[], Awaitable[T]]) -> T:
    """Do it until it succeeds. Raises the last ServiceError where the decision is to give up."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return await act()
        except ServiceError as error:
            decision = decide(operation, error, attempt, time.time(), random())
            if not isinstance(decision, Retry):
                raise
            log.info("%s again in %.1f s: %s", operation, decision.after, error)
        await asyncio.sleep(decision.after)
