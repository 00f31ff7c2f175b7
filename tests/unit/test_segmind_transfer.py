"""Files in pieces."""

import base64
import json
from pathlib import Path

import pytest

from repaint.errors import StorageError
from repaint.segmind import inline_image, transfer

SIZES = [0, 1, 2, 3, 4, transfer.CHUNK - 1, transfer.CHUNK, transfer.CHUNK + 1, 3 * transfer.CHUNK + 2]


def content_of(size: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(size))


@pytest.mark.parametrize("size", SIZES)
async def test_an_uploads_body_is_a_data_url_of_the_announced_size(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content_of(size))
    with transfer.opened(path, "rb") as file:
        body = transfer.DataUrls(file, "image/png")
        sent = b"".join([piece async for piece in body.pieces()])
    assert len(sent) == body.size
    (url,) = json.loads(sent)["data_urls"]
    kind, _, data = url.partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data, validate=True) == content_of(size)


@pytest.mark.parametrize("size", SIZES)
async def test_an_inline_image_is_bare_base64(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content_of(size))
    assert base64.b64decode(await inline_image(path), validate=True) == content_of(size)


def test_a_file_that_cannot_be_finished_is_a_storage_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(StorageError, match="No space left"), transfer.opened(Path("/dev/full"), "wb") as file:
        file.write(b"kept in the buffer until the end")


async def test_only_the_disks_errors_become_storage_errors() -> None:
    def fails(error: Exception) -> None:
        raise error

    with pytest.raises(StorageError, match="PermissionError"):
        await transfer.on_disk(fails, PermissionError("no"))
    with pytest.raises(ZeroDivisionError):
        await transfer.on_disk(fails, ZeroDivisionError())
    assert await transfer.on_disk(len, "abc") == 3
