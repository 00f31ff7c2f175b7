"""What follows a request to Discord that failed: which one is made again, and how the others end."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
import discord

from repaint.errors import DeliveryError, DeliveryPutOff

log = logging.getLogger(__name__)

LIMIT = 60.0  # seconds for one request; discord.py would wait for five minutes
PRIVATE_TRIES = 4

# Discord's JSON error codes (developer docs, opcodes and status codes).
UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10008, 10003, 10015, 10062
TOO_LARGE = (40005, 413)
INVALID_TOKEN = 50027
AUTOMOD = (200000, 200001)
ALREADY_ACKNOWLEDGED = 40060

FAULTS = (discord.HTTPException, aiohttp.ClientError, OSError)  # what a request to Discord may end in


class Verdict(enum.Enum):
    """What to do after an attempt that failed."""

    AGAIN = "again"
    BY_BOT = "by the bot's token"
    SMALLER = "with smaller files"
    HIDE_PROMPT = "without the prompt's text"
    GONE = "the message is gone"
    GIVE_UP = "give up"


def judge(status: int | None, code: int, *, by_bot: bool, prompt_shown: bool, has_files: bool) -> Verdict:
    """Pure: what an answer of Discord's means for a message. `status` None: no answer at all."""
    if status is None or status >= 500 or status == 429:
        return Verdict.AGAIN
    if code in AUTOMOD:
        return Verdict.HIDE_PROMPT if prompt_shown else Verdict.GIVE_UP
    if has_files and (code in TOO_LARGE or status == 413):
        return Verdict.SMALLER
    if not by_bot and (code in (INVALID_TOKEN, UNKNOWN_WEBHOOK) or status == 401):
        return Verdict.BY_BOT
    return Verdict.GONE if code == UNKNOWN_MESSAGE else Verdict.GIVE_UP


def told(error: Exception) -> tuple[int | None, int]:
    """HTTP status and Discord's code; (None, 0) where there was no answer."""
    return (error.status, error.code) if isinstance(error, discord.HTTPException) else (None, 0)


def final(error: Exception, verdict: Verdict) -> DeliveryError:
    """What an attempt that is not repeated is raised as: put off where a later one may succeed."""
    return DeliveryPutOff(str(error)) if verdict is Verdict.AGAIN else DeliveryError(str(error))


async def insist(call: Callable[[], Awaitable[object]]) -> None:
    """Repeat a call whose answer is lost or a fault of Discord's: better told twice than not at all."""
    for attempt in range(1, PRIVATE_TRIES + 1):
        try:
            async with asyncio.timeout(LIMIT):
                with odd_answers():
                    await call()
            return
        except FAULTS as error:
            status, _ = told(error)
            passing = status is None or status >= 500 or status == 429
            if not passing or attempt == PRIVATE_TRIES:
                raise
            log.info("again: %s", error)
        await asyncio.sleep(attempt)


@contextlib.contextmanager
def odd_answers() -> Iterator[None]:
    """For requests by an interaction's token.

    discord.py 2.7.1's webhooks take each 429 with a Via header for JSON: a proxy's page is a TypeError. What
    is still asked for when the bot has stopped is aiohttp's RuntimeError.
    """
    try:
        yield
    except TypeError as error:
        raise aiohttp.ClientPayloadError(f"an answer that is not Discord's: {error}") from error
    except RuntimeError as error:
        if str(error) != "Session is closed":
            raise
        raise aiohttp.ClientConnectionError(str(error)) from error
