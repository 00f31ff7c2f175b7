"""One call of the image API: the key goes out with it, an answer or an error comes back, never the key."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import AsyncIterator, Mapping

import aiohttp
from pydantic import SecretStr

from repaint.errors import ConfigError
from repaint.segmind import transfer, wire
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import no_answer, refusal

log = logging.getLogger(__name__)

USER_AGENT = "Repaint/0.1 (Discord bot)"
LONGEST_ANSWER = 1024 * 1024  # bytes, where the call says nothing else
LONGEST_REFUSAL = 64 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` includes the wait for a free connection; the others are for the whole call."""

    connect: float = 10
    submit: float = 60
    sync: float = 300  # a cold start takes minutes
    status: float = 15
    result: float = 60
    upload: float = 120
    history: float = 30
    credits: float = 15
    download: float = 120

    def of(self, operation: Operation) -> aiohttp.ClientTimeout:
        total: float = getattr(self, operation)
        return aiohttp.ClientTimeout(total=total, connect=min(self.connect, total / 2))


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A success, or the state of a request that FAILED (HTTP 422)."""

    status: int
    headers: Mapping[str, str]  # case-insensitive
    body: bytes


class Exchange:
    """Makes calls with the key, over a session that is the caller's to close. Raises ConfigError."""

    def __init__(self, key: SecretStr, session: aiohttp.ClientSession, timeouts: Timeouts) -> None:
        secret = key.get_secret_value()
        if not (secret.isascii() and secret.isprintable()) or not secret or " " in secret:
            raise ConfigError(sentence="SEGMIND_API_KEY is wrong: it is empty or has signs that no key has.")
        self._key = key
        self._session = session
        self._timeouts = timeouts

    async def __call__(
        self,
        operation: Operation,
        method: str,
        url: str,
        *,
        data: AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        limit: int = LONGEST_ANSWER,
    ) -> Answer:
        """One call; `limit` is the most bytes that a success may have. Raises ServiceError."""
        try:
            async with self._session.request(
                method,
                url,
                data=data,
                params=params,
                headers={
                    "x-api-key": self._key.get_secret_value(),
                    "User-Agent": USER_AGENT,
                    **(headers or {}),
                },
                allow_redirects=False,
                timeout=self._timeouts.of(operation),
            ) as response:
                body = await transfer.read(response, limit if response.status < 300 else LONGEST_REFUSAL)
                answer = Answer(response.status, response.headers, self._without_key(body))
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            failure = no_answer(operation, error)
        else:
            log.debug("%s: HTTP %d", operation, answer.status)
            return _judged(operation, answer)
        raise failure  # out here it has no context: aiohttp's errors hold the request's headers, with the key

    def _without_key(self, body: bytes) -> bytes:
        """A body without the key, should a server repeat it in a complaint about it."""
        return body.replace(self._key.get_secret_value().encode("ascii"), b"[key]")


def _judged(operation: Operation, answer: Answer) -> Answer:
    """The answer if it is to be read. Raises what it means otherwise."""
    if 200 <= answer.status < 300:
        return answer
    by_id = operation in (Operation.STATUS, Operation.RESULT)
    if by_id and answer.status == 422 and wire.has_state(answer.body):
        return answer
    raise refusal(operation, answer.status, answer.headers, answer.body, time.time())
