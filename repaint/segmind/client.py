"""The image API's client, on aiohttp.

Its key is sent to the three configured addresses and nowhere else: addresses in answers are not followed
with it, redirects are not followed with it, and it is in no error, log line or repr.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import aiohttp
from pydantic import SecretStr
from yarl import URL

from repaint.config import SEGMIND_API_URL, SEGMIND_HISTORY_URL, SEGMIND_UPLOAD_URL
from repaint.errors import BadAnswer, NotReached, RateLimited, ServiceError, SubmitUnknown
from repaint.models import MODEL, HistoryRow, Output, Request, Result, Status, Submitted
from repaint.segmind import net, transfer, wire
from repaint.segmind.download import Downloads
from repaint.segmind.exchange import LONGEST_ANSWER, USER_AGENT, Answer, Exchange, Timeouts
from repaint.segmind.operation import Operation
from repaint.segmind.retry import may_have_arrived

# Bytes. Pictures may stand in a result as base64, also in the inputs that the history repeats.
LONGEST_RESULT = 32 * 1024 * 1024
CONNECTIONS = 64
# Below the idle time after which common servers close (5 s and more): a submit on a connection that the
# server is just closing is lost without a trace, and must then not be repeated.
KEEP_ALIVE = 4.0
NOBODY = "00000000-0000-0000-0000-000000000000"

T = TypeVar("T")


class SegmindClient:
    """Submit, status, result, sync, upload, history, credits, download: none repeats itself.

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
        timeouts = timeouts or Timeouts()
        self._request = Exchange(key, session, timeouts)
        self._api_url = api_url
        self._upload_url = upload_url
        self._history_url = history_url
        self._downloads = Downloads(
            URL(api_url).host,
            trusted=session,
            guarded=downloads,
            timeout=timeouts.of(Operation.DOWNLOAD),
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

    async def submit(
        self, request: Request, image: str, *, may_send: Callable[[], bool] = lambda: True
    ) -> Submitted:
        """Submit a request (v2); `image` is a URL or bare base64. It is billed, and cannot be cancelled.

        `may_send` is asked once the connection is there, just before the body goes: NotReached if it says no.
        Raises SubmitUnknown where it may have been accepted: 5xx, time-out, cut connection, unreadable
        answer. If this call itself is cancelled, the request may be under way too.
        """
        return await self._billed(
            Operation.SUBMIT,
            f"/v2/{MODEL}",
            request,
            image,
            lambda answer: wire.submitted(answer.body),
            may_send=may_send,
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

    async def credits(self) -> float:
        """What the account can still spend, in USD: what was bought and what was given together.

        (Segmind docs, "Account and Billing APIs": docs.segmind.com/api-reference/account-and-billing-apis)
        """
        answer = await self._request(Operation.CREDITS, "GET", f"{self._api_url}/v1/get-user-credits")
        return wire.credits_left(answer.body)

    async def alive(self) -> None:
        """Look at an id that no request has, which costs nothing; return if anything of the API answers.

        A refusal is an answer too. Raises the ServiceError otherwise: not reached, no answer, 5xx, or a 429
        that says nothing of its end, which may be anybody's on the way there.
        """
        try:
            await self._request(Operation.STATUS, "GET", f"{self._api_url}/v2/requests/{NOBODY}/status")
        except RateLimited as error:
            if error.reset_at is None:
                raise
        except ServiceError as error:
            if error.status is None or error.status >= 500:
                raise

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
        self,
        operation: Operation,
        path: str,
        request: Request,
        image: str,
        read: Callable[[Answer], T],
        *,
        may_send: Callable[[], bool] = lambda: True,
    ) -> T:
        body = transfer.Billed(json.dumps(wire.parameters(request, image)).encode("ascii"), may_send)
        try:
            answer = await self._request(
                operation,
                "POST",
                self._api_url + path,
                data=body.pieces(),
                headers={"Content-Type": "application/json", "Content-Length": str(body.size)},
                limit=LONGEST_RESULT if operation is Operation.SYNC else LONGEST_ANSWER,
            )
            return read(answer)
        except ServiceError as error:
            if body.was_withheld:
                raise NotReached("not sent: another process may have the job by now") from None
            if may_have_arrived(error):
                raise SubmitUnknown(error.detail, status=error.status) from error
            raise


def _segment(request_id: str) -> str:
    """A request id as part of a path. Raises BadAnswer for one that would change the path."""
    if not wire.REQUEST_ID.fullmatch(request_id):
        raise BadAnswer(f"not a request id: {request_id[:100]!r}")
    return request_id
