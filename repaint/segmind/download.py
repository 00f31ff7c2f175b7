"""Fetching an output: without the key, from public addresses or the API's own host, bounded, to a file."""

import time
from pathlib import Path

import aiohttp
from yarl import URL

from repaint.errors import OutputUnavailable, ServiceError
from repaint.segmind import net, transfer
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import no_answer, refusal

REDIRECTS = 3
LONGEST_REFUSAL = 64 * 1024


class Downloads:
    """Fetches outputs from whatever address an answer named.

    `guarded` must have a `net.guarded_connector`. `trusted_host`, the API's own, is asked over `trusted`
    instead, so that a private server can hand over its own files, and those of no other private host. All
    names of this machine are one host.
    """

    def __init__(
        self,
        trusted_host: str | None,
        *,
        trusted: aiohttp.ClientSession,
        guarded: aiohttp.ClientSession,
        timeout: aiohttp.ClientTimeout,
        user_agent: str,
    ) -> None:
        self._trusted_host = trusted_host
        self._trusted = trusted
        self._guarded = guarded
        self._timeout = timeout
        # A picture gains nothing from compression; without it, the announced length is the file's.
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "identity"}

    async def fetch(self, address: str, path: Path, limit: int) -> int:
        """Write what is at `address` to `path` and return its bytes, at most `limit`. Follows 3 redirects.

        Raises OutputUnavailable, where something else stood in the way with that ServiceError as its cause,
        and StorageError.
        """
        try:
            return await self._follow(net.web_address(address), path, limit)
        except OutputUnavailable:
            raise
        except ServiceError as error:
            raise OutputUnavailable(error.detail, status=error.status) from error

    async def _follow(self, url: URL, path: Path, limit: int) -> int:
        for _ in range(1 + REDIRECTS):
            session = self._trusted if self._is_trusted(url.host) else self._guarded
            try:
                async with session.get(
                    url, headers=self._headers, allow_redirects=False, timeout=self._timeout
                ) as response:
                    if response.status == 200:
                        return await transfer.save(response, path, limit)
                    location = response.headers.get("location")
                    if not (300 <= response.status < 400 and location):
                        raise await _refusal(response)
                    url = net.web_address(location, base=url)
            except aiohttp.InvalidURL as error:
                raise OutputUnavailable(f"not a URL: {error}") from None
            except (aiohttp.ClientError, OSError) as error:
                if net.was_refused(error):
                    raise OutputUnavailable(f"the output's host is not public: {url.host}") from None
                raise no_answer(Operation.DOWNLOAD, error) from error
        raise OutputUnavailable(f"more than {REDIRECTS} redirects")

    def _is_trusted(self, host: str | None) -> bool:
        alike = net.THIS_MACHINE if self._trusted_host in net.THIS_MACHINE else (self._trusted_host,)
        return host in alike


async def _refusal(response: aiohttp.ClientResponse) -> ServiceError:
    body = await transfer.read(response, LONGEST_REFUSAL)
    return refusal(Operation.DOWNLOAD, response.status, response.headers, body, time.time())
