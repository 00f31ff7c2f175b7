"""Errors that nobody expected, and what is still in hand when the bot has stopped."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from repaint.errors import RepaintError
from repaint.ui import interactions
from repaint.ui.attempts import odd_answers


def _interaction(*, closed: bool) -> Any:
    return SimpleNamespace(id=7, client=SimpleNamespace(is_closed=lambda: closed))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[RepaintError]:
    """What people are told."""
    sentences: list[RepaintError] = []

    async def tell(_: object, error: RepaintError) -> None:
        sentences.append(error)

    monkeypatch.setattr(interactions, "tell", tell)
    return sentences


async def _break(_: object) -> None:
    raise ZeroDivisionError


async def _logged(caplog: pytest.LogCaptureFixture, *, closed: bool) -> logging.LogRecord:
    """What the log has of an error in a bot that runs, or that has stopped."""
    await interactions.guarded(_interaction(closed=closed), _break)
    [record] = caplog.records
    return record


async def test_it_is_for_the_log_and_whoever_acted_hears_of_it(
    told: list[RepaintError], caplog: pytest.LogCaptureFixture
) -> None:
    record = await _logged(caplog, closed=False)
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert [each.sentence for each in told] == [RepaintError.sentence]


async def test_in_a_bot_that_has_stopped_it_is_a_line(
    told: list[RepaintError], caplog: pytest.LogCaptureFixture
) -> None:
    record = await _logged(caplog, closed=True)
    assert record.levelno == logging.WARNING
    assert not record.exc_info
    assert told == []


async def test_a_request_of_a_bot_that_has_stopped_is_a_fault_of_the_connection() -> None:
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(aiohttp.ClientConnectionError), odd_answers():
        await session.get("http://127.0.0.1:9")


async def test_other_errors_of_the_runtime_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="something else"), odd_answers():
        raise RuntimeError("something else")
