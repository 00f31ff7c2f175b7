"""The `image` of a request: a URL, bare base64 or a data URL → the picture's bytes.

URLs of other servers are not fetched unless the command line allows it: whoever can submit could make this
machine ask addresses that only it can reach.
"""

from urllib.parse import urlsplit

import aiohttp

from embedded.errors import PaintingFailed
from embedded.files import Files, read_base64, read_data_url

MAX_BYTES = 64 << 20
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)


class Inputs:
    """Loads input pictures. `open` once the event loop runs, `close` at the end."""

    def __init__(self, files: Files, *, fetch_urls: bool = False) -> None:
        self._files = files
        self._fetch_urls = fetch_urls
        self._session: aiohttp.ClientSession | None = None

    async def load(self, image: str) -> bytes:
        """Return the bytes that `image` stands for. What they are is for the engine to judge.

        A URL of a file of ours is read from disk, whatever host it names: its name cannot be guessed, and the
        server may have moved to another port since. Raises PaintingFailed.
        """
        if image[:8].lower().startswith(("http://", "https://")):
            return await self._from_url(image)
        try:
            return read_data_url(image)[1] if image[:5].lower() == "data:" else read_base64(image)
        except ValueError as error:
            raise PaintingFailed("Could not load image: it is neither a URL nor base64.") from error

    async def _from_url(self, url: str) -> bytes:
        name = url_name(url)
        if name is not None and self._files.find(name) is not None:
            try:
                return await self._files.read(name)
            except OSError as error:
                raise PaintingFailed("Could not load image: the uploaded file is gone.") from error
        if not self._fetch_urls:
            raise PaintingFailed(
                "Could not load image: its URL is not a file of this server, and others are fetched "
                "only when it runs with --fetch-urls."
            )
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        try:
            async with self._session.get(url, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise PaintingFailed(f"Could not load image: its URL answered {answer.status}.")
                data = bytearray()
                async for part in answer.content.iter_chunked(1 << 16):
                    data += part
                    if len(data) > MAX_BYTES:
                        raise PaintingFailed(
                            f"Could not load image: it is larger than {MAX_BYTES >> 20} MiB."
                        )
                return bytes(data)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise PaintingFailed("Could not load image: its URL could not be fetched.") from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def url_name(url: str) -> str | None:
    """Return FILE of a URL …/assets/FILE or …/outputs/FILE, else None."""
    try:
        *_, folder, name = urlsplit(url).path.split("/")
    except ValueError:
        return None
    return name if folder in ("assets", "outputs") else None
