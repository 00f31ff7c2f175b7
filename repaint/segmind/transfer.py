"""Files in and out, in pieces: no picture is held whole where it need not be, no disk holds up the loop."""

import asyncio
import binascii
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, ParamSpec, TypeVar

import aiohttp

from repaint.errors import BadAnswer, NoAnswer, OutputUnavailable, StorageError

CHUNK = 3 * 32 * 1024  # bytes; base64 turns each 3 into 4, so pieces of a multiple of 3 join without padding

P = ParamSpec("P")
T = TypeVar("T")


async def on_disk(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run something that touches the disk in a thread. Raises StorageError for every OSError of it."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except OSError as error:
        raise StorageError(f"{type(error).__name__}: {error}") from error


@contextlib.contextmanager
def opened(path: Path, mode: Literal["rb", "wb"]) -> Iterator[BinaryIO]:
    """An open file. Raises StorageError if it cannot be opened, or not be finished.

    Not in a thread: both are quick, and a cancelled call would leave a file open there.
    """
    try:
        file = path.open(mode)
    except OSError as error:
        raise StorageError(f"{type(error).__name__}: {error}") from error
    try:
        yield file
    finally:
        try:
            file.close()
        except OSError as error:
            raise StorageError(f"{type(error).__name__}: {error}") from error


async def inline_image(path: Path) -> str:
    """A picture as bare base64, for a submit whose upload failed. Raises StorageError."""

    def encode() -> str:
        with path.open("rb") as file:  # in pieces, because each one holds the interpreter's lock
            return b"".join(iter(lambda: _encoded(file), b"")).decode("ascii")

    return await on_disk(encode)


class Billed:
    """The body of a request that costs money, with a last word on whether it goes. `size` in bytes."""

    def __init__(self, content: bytes, may_send: Callable[[], bool]) -> None:
        self._content = content
        self._may_send = may_send
        self.size = len(content)
        self.was_withheld = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, or an error in the middle of the request, which a server cannot take for a whole one."""
        if not self._may_send():
            self.was_withheld = True
            raise ConnectionAbortedError("withheld")
        for start in range(0, self.size, CHUNK):
            yield self._content[start : start + CHUNK]


class DataUrls:
    """The body of an upload: `{"data_urls": ["data:image/png;base64,…"]}` (Segmind SDK, files.upload).

    It is made from an open file while it is sent, so it takes the memory of one piece. `size` in bytes.
    """

    def __init__(self, file: BinaryIO, media_type: str) -> None:
        self._file = file
        self._head = b'{"data_urls": ["data:%s;base64,' % media_type.encode("ascii")
        self._tail = b'"]}'
        content = os.fstat(file.fileno()).st_size
        self.size = len(self._head) + -(-content // 3) * 4 + len(self._tail)

    async def pieces(self) -> AsyncIterator[bytes]:
        yield self._head
        while piece := await on_disk(_encoded, self._file):
            yield piece
        yield self._tail


async def read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """A body of at most `limit` bytes (after decompression). Raises BadAnswer for a longer one.

    The body of an error is only cut: its status says enough.
    """
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > limit:
            if response.status >= 300:
                return bytes(body[:limit])
            raise BadAnswer(f"a body of more than {limit} bytes", status=response.status)
    return bytes(body)


async def save(response: aiohttp.ClientResponse, path: Path, limit: int) -> int:
    """Write a body to a file and return its bytes. Raises OutputUnavailable over `limit`, StorageError."""
    too_large = OutputUnavailable(f"the output is larger than {limit} bytes")
    if (response.content_length or 0) > limit:
        raise too_large
    size = 0
    with opened(path, "wb") as file:
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > limit:
                raise too_large
            await on_disk(file.write, piece)
    if size == 0:
        raise NoAnswer("the output is empty")
    return size


async def save_inline(data: bytes, path: Path, limit: int) -> int:
    """Write an output that came with the answer, as `save` does."""
    if len(data) > limit:
        raise OutputUnavailable(f"the output is larger than {limit} bytes")
    return await on_disk(path.write_bytes, data)


def _encoded(file: BinaryIO) -> bytes:
    return binascii.b2a_base64(file.read(CHUNK), newline=False)
