"""The finished picture on its way from the image API to the reply."""

from collections.abc import AsyncIterator

import pytest

from repaint.errors import OutputUnavailable
from tests.acceptance.asker import Asker, everything, opened
from tests.acceptance.house import House
from tests.contract.odd_server import OddServer, odd_server
from tests.unit.picture_samples import encoded, photograph

pytestmark = pytest.mark.usefixtures("calm_bot")

MIB = 2**20


@pytest.fixture
async def files() -> AsyncIterator[OddServer]:
    """Another server on the image API's own host, which is where outputs may lie."""
    async with odd_server() as server:
        yield server


def result_at(house: House, address: str) -> None:
    """Every result names this address as its picture's."""
    house.api_fault("result", times=-1, body={"status": "COMPLETED", "output": address})


WHOLE = encoded(photograph("coffee").resize((240, 160)), "PNG")


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        pytest.param(200, b"<html><body>Welcome</body></html>", {"Content-Type": "text/html"}, id="HTML"),
        pytest.param(200, WHOLE[: len(WHOLE) // 2], {"Content-Type": "image/png"}, id="a truncated PNG"),
        pytest.param(200, b"\xff\xd8\xff\xe0", {"Content-Type": "image/jpeg"}, id="a JPEG's first bytes"),
        pytest.param(404, b"gone", {}, id="404"),
        pytest.param(403, b"<Error>AccessDenied</Error>", {}, id="403"),
        pytest.param(200, b"", {"Content-Length": str(65 * MIB)}, id="too large"),
        pytest.param(302, b"", {"Location": "http://0.0.0.0:PORT/"}, id="redirected to a private host"),
        pytest.param(302, b"", {"Location": "file:///etc/passwd"}, id="redirected to a file"),
    ],
)
async def test_an_output_that_cannot_be_used_ends_in_a_sentence(
    house: House,
    asker: Asker,
    small: bytes,
    files: OddServer,
    status: int,
    body: bytes,
    headers: dict[str, str],
) -> None:
    port = files.url.rpartition(":")[2]
    files.answer = files.says(status, body, {k: v.replace("PORT", port) for k, v in headers.items()})
    result_at(house, f"{files.url}/picture.png")
    await asker.until_failed_with(OutputUnavailable, await asker.ask(small))
    [seen] = files.seen
    assert "x-api-key" not in seen.headers


@pytest.mark.parametrize("host", ["0.0.0.0", "0x7f000001", "[::ffff:127.0.0.1]", "169.254.169.254"])  # noqa: S104
async def test_an_output_on_another_private_host_is_not_fetched(
    house: House, asker: Asker, small: bytes, files: OddServer, host: str
) -> None:
    """All but the last would reach this machine by another of its addresses."""
    files.answer = files.says(200, WHOLE)
    result_at(house, f"http://{host}:{files.url.rpartition(':')[2]}/picture.png")
    await asker.until_failed_with(OutputUnavailable, await asker.ask(small))
    assert files.seen == []


async def test_an_output_of_another_kind_of_file_is_fetched_and_posted(
    house: House, asker: Asker, small: bytes, files: OddServer
) -> None:
    files.answer = files.says(200, encoded(photograph("coffee").resize((240, 160)), "WEBP"))
    result_at(house, f"{files.url}/picture")
    [picture] = await asker.pictures(await asker.until_done(await asker.ask(small)))
    assert opened(picture).size == (240, 160)
    assert opened(picture).format == "WEBP"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"drop": "before"}, id="cut"),
        pytest.param({"status": 503}, id="503"),
        pytest.param({"body": ""}, id="empty"),
        pytest.param({"status": 429}, id="429"),
    ],
)
async def test_an_output_that_is_away_for_a_moment_is_fetched_again(
    house: House, asker: Asker, small: bytes, fault: dict[str, object]
) -> None:
    house.api_fault("output", **fault)
    done = await asker.until_done(await asker.ask(small))
    assert len(await asker.pictures(done)) == 1


async def test_a_picture_over_discords_limit_is_made_smaller_and_the_card_says_so(
    house: House, asker: Asker, small: bytes
) -> None:
    limit = 100_000
    house.discord_settings(attachment_size_limit=limit)
    done = await asker.until_done(await asker.ask(small, "noise, size=1MiB"))
    [picture] = await asker.pictures(done)
    assert len(picture) <= limit
    assert opened(picture).width < 592
    assert "to fit Discord's size limit" in everything(done)


async def test_a_picture_that_only_has_to_be_compressed_keeps_its_size(
    house: House, asker: Asker, small: bytes
) -> None:
    house.discord_settings(attachment_size_limit=900_000)
    done = await asker.until_done(await asker.ask(small, "noise, size=1MiB"))
    [picture] = await asker.pictures(done)
    assert opened(picture).format == "JPEG"
    assert "Compressed to fit Discord's size limit" in everything(done)


async def test_a_picture_below_the_limit_is_posted_as_it_came(
    house: House, asker: Asker, small: bytes
) -> None:
    done = await asker.until_done(await asker.ask(small, "noise, size=1MiB"))
    [picture] = await asker.pictures(done)
    assert len(picture) > MIB
    assert opened(picture).format == "PNG"
    assert "size limit" not in everything(done)
