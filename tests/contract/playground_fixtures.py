"""A playground in this process, a person at it, and bots: ``pytest_plugins`` names this module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from playground.app import Running, start
from tests.bots import Bot, Prepare, StartBot, connected
from tests.person import Person


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """A playground on a free port."""
    running = await start()
    yield running
    await running.stop()


@pytest.fixture
async def person(running: Running) -> AsyncIterator[Person]:
    async with Person(running.url) as person:
        yield person


@pytest.fixture
def start_bot(running: Running) -> StartBot:
    """``async with start_bot(prepare) as bot``: connected, with its commands registered."""

    def begin(prepare: Prepare | None = None, **options: Any) -> AbstractAsyncContextManager[Bot]:
        return connected(running, prepare, **options)

    return begin
