"""The image API's client, on aiohttp.

Its key is sent to the three configured addresses and nowhere else: addresses in answers are not followed
with it, redirects are not followed with it, and it is in no error, log line or repr.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import io
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import aiohttp
from pydantic import SecretStr
from yarl import URL

from repaint.config import SEGMIND_API_URL, SEGMIND_HISTORY_URL, SEGMIND_UPLOAD_URL
from repaint.errors import (
    BadAnswer,
    ConfigError,
    ServiceError,
    SubmitUnknown,
)
from repaint.models import MODEL, HistoryRow, Output, Request, Result, Status, Submitted
from repaint.segmind import net, transfer, wire
from repaint.segmind.download import Downloads
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import no_answer, refusal
from repaint.segmind.retry import may_have_arrived

log = logging.getLogger(__name__)

USER_AGENT = "Repaint/0.1 (Discord bot)"
MIB = 1024 * 1024
LONGEST_ANSWER = MIB
LONGEST_RESULT = 32 * MIB  # pictures may stand in it as base64, also in the inputs that the history repeats
LONGEST_REFUSAL = 64 * 1024
CONNECTIONS = 64
# Below the idle time after which common servers close (5 s and more): a submit on a connection that the
# server is just closing is lost without a trace, and must then not be repeated.
KEEP_ALIVE = 4.0

T = TypeVar("T")


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
    download: float = 120

    def of(self, operation: Operation) -> aiohttp.ClientTimeout:
        total: float = getattr(self, operation)
        return aiohttp.ClientTimeout(total=total, connect=min(self.connect, total / 2))


@dataclasses.dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]  # case-insensitive
    body: bytes


class SegmindClient:
    """Submit, status, result, sync, upload, history, download: one method a call, none repeats itself.

    Every method raises a ServiceError (see `repaint.errors`); whether to try again says `retry.decide`.
    The sessions are the caller's to close. `downloads` must have a `net.guarded_connector` (see Downloads).
    """

    def __init__(
        self,
        key: SecretStr,
        *,
        session: aiohttp.ClientSession,
        downloads: aiohttp.ClientSession,
        api_url: str = SEGMIND_API_URL,
        upload_url: str = SEGMIND_UPLOAD_URL,
        history_url: str = SEGMIND_HISTORY_URL,
        timeouts: Timeouts | None = None,
    ) -> None:
        secret = key.get_secret_value()
        if not (secret.isascii() and secret.isprintable()) or not secret or " " in secret:
            raise ConfigError(sentence="SEGMIND_API_KEY is wrong: it is empty or has signs that no key has.")
        self._key = key
        self._session = session
        self._api_url = api_url
        self._upload_url = upload_url
        self._history_url = history_url
        self._timeouts = timeouts or Timeouts()
        self._downloads = Downloads(
            URL(api_url).host,
            trusted=session,
            guarded=downloads,
            timeout=self._timeouts.of(Operation.DOWNLOAD),
            user_agent=USER_AGENT,
        )

    def __repr__(self) -> str:
        return f"<SegmindClient {self._api_url}>"

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        key: SecretStr,
        *,
        api_url: str = SEGMIND_API_URL,
        upload_url: str = SEGMIND_UPLOAD_URL,
        history_url: str = SEGMIND_HISTORY_URL,
        timeouts: Timeouts | None = None,
    ) -> AsyncIterator[SegmindClient]:
        """A client with sessions of its own, closed at the end."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE)
        async with (
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
            aiohttp.ClientSession(
                connector=net.guarded_connector(CONNECTIONS), cookie_jar=aiohttp.DummyCookieJar()
            ) as downloads,
        ):
            yield cls(
                key,
                session=session,
                downloads=downloads,
                api_url=api_url,
                upload_url=upload_url,
                history_url=history_url,
                timeouts=timeouts,
            )

    async def submit(self, request: Request, image: str) -> Submitted:
        """Submit a request (v2); `image` is a URL or bare base64. It is billed, and cannot be cancelled.

        Raises SubmitUnknown where it may have been accepted: 5xx, time-out, cut connection, unreadable
        answer. If this call itself is cancelled, the request may be under way too.
        """
        return await self._billed(
            Operation.SUBMIT, f"/v2/{MODEL}", request, image, lambda answer: wire.submitted(answer.body)
        )

    async def run_sync(self, request: Request, image: str) -> Result:
        """Repaint in one call (v1), in up to minutes. Raises as `submit` does; request_id may be empty."""
        return await self._billed(
            Operation.SYNC,
            f"/v1/{MODEL}",
            request,
            image,
            lambda answer: wire.sync_result(answer.headers, answer.body),
        )

    async def status(self, request_id: str) -> Status:
        """Where a request stands. A FAILED one is a Status too. Raises RequestExpired after an hour."""
        url = f"{self._api_url}/v2/requests/{_segment(request_id)}/status"
        answer = await self._request(Operation.STATUS, "GET", url)
        return wire.status(answer.body, request_id)

    async def result(self, request_id: str) -> Result:
        """What came of a COMPLETED request. Raises InferenceFailed, RequestExpired, NoAnswer (not yet)."""
        url = f"{self._api_url}/v2/requests/{_segment(request_id)}"
        answer = await self._request(Operation.RESULT, "GET", url, limit=LONGEST_RESULT)
        return wire.result(answer.body, request_id)

    async def upload(self, path: Path, media_type: str) -> str:
        """Upload a picture and return its public URL. Also raises StorageError."""
        with transfer.opened(path, "rb") as file:
            body = transfer.DataUrls(file, media_type)
            answer = await self._request(
                Operation.UPLOAD,
                "POST",
                f"{self._upload_url}/upload-asset",
                data=body.pieces(),
                headers={"Content-Type": "application/json", "Content-Length": str(body.size)},
            )
        return wire.uploaded(answer.body)

    async def history(
        self,
        page: int = 1,
        per_page: int = 20,
        from_date: dt.date | None = None,
        to_date: dt.date | None = None,
        model: str = MODEL,
    ) -> list[HistoryRow]:
        """One page of the account's requests, newest first, in flight and failed ones included.

        Pages count from 1 and hold up to 100 rows; the days are UTC, inclusive, at most 31 apart
        (Segmind SDK, generations.history).
        """
        query = {"page": str(page), "per_page": str(per_page), "model_name": model}
        if from_date is not None:
            query["from_date"] = from_date.isoformat()
        if to_date is not None:
            query["to_date"] = to_date.isoformat()
        url = f"{self._history_url}/inference-request/request-history"
        answer = await self._request(Operation.HISTORY, "GET", url, params=query, limit=LONGEST_RESULT)
        return wire.history(answer.body)

    async def download(self, output: Output, target: Path, limit: int) -> int:
        """Put an output into the file `target`, whole or not at all, and return its bytes, at most `limit`.

        Raises OutputUnavailable, with what stood in the way as its cause, and StorageError.
        """
        part = target.with_name(f"{target.name}.part")
        try:
            if output.url is not None:
                size = await self._downloads.fetch(output.url, part, limit)
            else:
                size = await transfer.save_inline(output.data or b"", part, limit)
            await transfer.on_disk(part.replace, target)
        finally:
            await transfer.on_disk(part.unlink, missing_ok=True)
        return size

    # How ----------------------------------------------------------------------------------------------

    async def _billed(
        self, operation: Operation, path: str, request: Request, image: str, read: Callable[[_Answer], T]
    ) -> T:
        body = io.BytesIO(json.dumps(wire.parameters(request, image)).encode("ascii"))
        try:
            answer = await self._request(
                operation,
                "POST",
                self._api_url + path,
                data=body,
                headers={"Content-Type": "application/json"},
                limit=LONGEST_RESULT if operation is Operation.SYNC else LONGEST_ANSWER,
            )
            return read(answer)
        except ServiceError as error:
            if may_have_arrived(error):
                raise SubmitUnknown(error.detail, status=error.status) from error
            raise

    async def _request(
        self,
        operation: Operation,
        method: str,
        url: str,
        *,
        data: io.BytesIO | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        limit: int = LONGEST_ANSWER,
    ) -> _Answer:
        """One call with the key. Returns a success, or the state of a request under 422 (a FAILED one)."""
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
                answer = _Answer(response.status, response.headers, self._without_key(body))
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            failure = no_answer(operation, error)
        else:
            log.debug("%s: HTTP %d", operation, answer.status)
            return _judged(operation, answer)
        raise failure  # out here it has no context: aiohttp's errors hold the request's headers, with the key

    def _without_key(self, body: bytes) -> bytes:
        """A body without the key, should a server repeat it in a complaint about it."""
        return body.replace(self._key.get_secret_value().encode("ascii"), b"[key]")


def _segment(request_id: str) -> str:
    """A request id as part of a path. Raises BadAnswer for one that would change the path."""
    if not wire.REQUEST_ID.fullmatch(request_id):
        raise BadAnswer(f"not a request id: {request_id[:100]!r}")
    return request_id


def _judged(operation: Operation, answer: _Answer) -> _Answer:
    """The answer if it is to be read. Raises what it means otherwise."""
    if 200 <= answer.status < 300:
        return answer
    by_id = operation in (Operation.STATUS, Operation.RESULT)
    if by_id and answer.status == 422 and wire.has_state(answer.body):
        return answer
    raise refusal(operation, answer.status, answer.headers, answer.body, time.time())
