"""Attachments that are no usable picture: told to the asker alone, and nothing is submitted."""

import struct
from collections.abc import AsyncIterator

import pytest

from repaint.errors import (
    PictureEmpty,
    PictureGone,
    PictureTooManyPixels,
    PictureTooSmall,
    PictureTruncated,
    PictureUnreadable,
    RepaintError,
)
from tests.acceptance.asker import Asker, text
from tests.acceptance.house import House
from tests.unit.picture_samples import corners, encoded, no_pictures, photograph, png_bomb

pytestmark = pytest.mark.usefixtures("calm_bot")

PHOTOGRAPH = photograph("coffee").resize((300, 200))
PNG, JPEG = encoded(PHOTOGRAPH, "PNG"), encoded(PHOTOGRAPH, "JPEG")


def bmp_bomb(side: int = 30_000) -> bytes:
    """The header of a picture whose size Discord does not announce."""
    info = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 3 * side * side, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 3 * side * side, 0, 0, 54) + info + bytes(1000)


@pytest.fixture
async def neighbour(house: House) -> AsyncIterator[Asker]:
    """A second member in the same channel."""
    async with Asker(house.discord, role="member2") as person:
        yield person


async def assert_told_alone(asker: Asker, neighbour: Asker, error: type[RepaintError]) -> None:
    """The asker reads an error's sentence, and nobody sees anything else."""
    told = await asker.until_told_privately()
    assert text(told) == error.sentence
    assert [each["id"] for each in await asker.new_messages()] == [told["id"]]
    assert await neighbour.new_messages() == []


@pytest.mark.parametrize(
    ("file", "error"),
    [
        pytest.param(b"", PictureEmpty, id="empty"),
        pytest.param(b"\x89", PictureUnreadable, id="one byte"),
        *(
            pytest.param(no_pictures()[name], PictureUnreadable, id=name)
            for name in ("text", "svg", "html", "zip", "gzip", "pdf", "mp4", "tiff", "zeros")
        ),
        pytest.param(PNG[: len(PNG) // 2], PictureTruncated, id="half a PNG"),
        pytest.param(JPEG[: len(JPEG) // 2], PictureTruncated, id="half a JPEG"),
        pytest.param(PNG[:8], PictureTruncated, id="a PNG's signature alone"),
        pytest.param(png_bomb(), PictureTooManyPixels, id="PNG bomb"),
        pytest.param(bmp_bomb(), PictureTooManyPixels, id="bomb of unannounced size"),
        pytest.param(encoded(corners((1, 1)), "PNG"), PictureTooSmall, id="1 × 1"),
        pytest.param(encoded(corners((2000, 20)), "PNG"), PictureTooSmall, id="20 pixels high"),
    ],
)
async def test_a_file_that_cannot_be_repainted_is_refused_to_its_asker_alone(
    house: House, asker: Asker, neighbour: Asker, small: bytes, file: bytes, error: type[RepaintError]
) -> None:
    before = house.api_saw()
    await asker.ask(file)
    await assert_told_alone(asker, neighbour, error)
    after = house.api_saw()
    assert (after["submits"], after["uploads"]) == (before["submits"], before["uploads"])
    house.api_fault("submit", status=400)
    await asker.until_failed(await asker.ask(small))  # as far as the API


@pytest.mark.parametrize("declared", ["image/png", "image/jpeg", "image/heic"])
async def test_a_picture_by_name_and_type_alone_is_refused(
    house: House, asker: Asker, neighbour: Asker, declared: str
) -> None:
    image = await asker.upload(b"#!/bin/sh\nexit 0\n" * 20, f"photo.{declared[6:]}", declared)
    await asker.ask(image)
    await assert_told_alone(asker, neighbour, PictureUnreadable)


async def test_the_public_reply_is_gone_when_the_asker_reads_why(house: House, asker: Asker) -> None:
    interaction = await asker.ask(no_pictures()["text"])
    told = await asker.until_told_privately()
    first = (await asker.acknowledged(interaction)).get("message")
    assert first is not None
    assert first != told["id"]
    assert await asker.reply(interaction) is None


async def test_an_attachment_that_is_gone_is_said_to_its_asker_alone(
    house: House, asker: Asker, neighbour: Asker, small: bytes
) -> None:
    image = await asker.upload(small)
    house.fault("attachment_gone", attachment=image)
    before = house.api_saw()["uploads"]
    await asker.ask(image)
    await assert_told_alone(asker, neighbour, PictureGone)
    assert house.api_saw()["uploads"] == before
