"""Pictures of every kind that people attach, and what the image API gets of them."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
from PIL import Image

from tests.acceptance.asker import Asker, opened, photo
from tests.acceptance.house import House, no_traceback
from tests.unit.picture_samples import BLUE, GREEN, RED, YELLOW, corners, encoded, every_format, exif

pytestmark = pytest.mark.usefixtures("calm_bot")


async def what_the_api_got(house: House, asker: Asker, file: bytes, prompt: str) -> Image.Image:
    """Let a file be repainted; the input that the image API was given for it."""
    house.script(fail="seen enough")
    await asker.until_failed(await asker.ask(file, prompt))
    [request] = house.accepted(prompt)
    return opened(house.input_of(request))


def assert_quarters(picture: Image.Image, size: tuple[int, int]) -> None:
    """Red, green over blue, yellow: upright, and of the right colours."""
    assert (picture.mode, picture.size) == ("RGB", size)
    assert not picture.getexif(), "no metadata goes along"
    x, y = size[0] // 4, size[1] // 4
    found = [picture.getpixel(at) for at in ((x, y), (3 * x, y), (x, 3 * y), (3 * x, 3 * y))]
    off = np.abs(np.array(found, dtype=int) - np.array([RED, GREEN, BLUE, YELLOW]))
    assert off.max() < 40, found


def rotated(value: int) -> bytes:
    """The quarters as a camera saves them that was held in another way, with the turn in the EXIF."""
    turns = {
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
        5: Image.Transpose.TRANSPOSE,
    }
    return encoded(corners().transpose(turns[value]), "JPEG", quality=95, subsampling=0, exif=exif(value))


def sixteen_bit_grey() -> bytes:
    ramp = np.tile(np.linspace(0, 65535, 96).astype(np.uint16), (64, 1))
    buffer = io.BytesIO()
    Image.fromarray(ramp).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(encoded(corners(), "HEIF", quality=95), id="HEIC"),
        pytest.param(encoded(corners(), "AVIF", quality=95), id="AVIF"),
        pytest.param(encoded(corners(), "WEBP", lossless=True), id="WebP"),
        pytest.param(encoded(corners(), "GIF"), id="GIF"),
        pytest.param(encoded(corners().quantize(8), "PNG"), id="palette PNG"),
        pytest.param(encoded(corners().convert("CMYK"), "JPEG", quality=95), id="CMYK JPEG"),
        *(pytest.param(rotated(value), id=f"turned {value}") for value in (3, 5, 6, 8)),
    ],
)
async def test_the_api_gets_every_kind_upright_and_as_rgb(house: House, asker: Asker, file: bytes) -> None:
    got = await what_the_api_got(house, asker, file, f"quarters from {len(file)} bytes")
    assert_quarters(got, (96, 64))


async def test_sixteen_bits_of_grey_are_scaled_and_not_clipped(house: House, asker: Asker) -> None:
    got = await what_the_api_got(house, asker, sixteen_bit_grey(), "sixteen bits")
    assert got.mode == "RGB"
    row = np.asarray(got)[32, :, 0].astype(int)
    assert row[0] < 5
    assert row[-1] > 250
    assert abs(row[48] - 129) < 6


async def test_what_is_transparent_becomes_white(house: House, asker: Asker) -> None:
    file = encoded(Image.new("RGBA", (80, 80), (200, 0, 0, 0)), "PNG")
    got = await what_the_api_got(house, asker, file, "transparent")
    assert got.getcolors() == [(6400, (255, 255, 255))]


async def test_a_large_photograph_is_scaled_to_a_megapixel(house: House, asker: Asker) -> None:
    file = encoded(Image.new("RGB", (4000, 3000), "teal"), "JPEG")
    got = await what_the_api_got(house, asker, file, "twelve megapixels")
    assert got.width * got.height <= 2**20
    assert got.width / got.height == pytest.approx(4 / 3, rel=0.01)


@pytest.mark.parametrize(
    ("filename", "declared"),
    [
        ("notes.txt", "text/plain"),
        ("photo.jpg", "image/jpeg"),
        ("clip.mp4", "video/mp4"),
        ("../../etc/passwd", "application/x-sh"),
    ],
)
async def test_a_png_by_any_name_and_type_is_taken(
    house: House, asker: Asker, filename: str, declared: str
) -> None:
    image = await asker.upload(every_format()["png"], filename, declared)
    house.script(fail="seen enough")
    await asker.until_failed(await asker.ask(image, f"a PNG as {declared}"))
    [request] = house.accepted(f"a PNG as {declared}")
    assert opened(house.input_of(request)).size == (120, 80)


# Real photographs, and an engine that paints ---------------------------------------------------------------

PHOTOGRAPHS = {"astronaut": (512, 512), "coffee": (600, 400), "chelsea": (451, 300)}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose image API paints with the preview engine."""
    pytest.importorskip("embedded.preview", reason="the preview engine cannot be loaded")
    house = House(tmp_path_factory.mktemp("studio"), engine="preview")
    try:
        bot = house.start_bot()
        house.ready()
        yield house
        assert bot.stop() == 0, house.logs()
        no_traceback(bot.log.read_text())
    finally:
        house.close()


@pytest.fixture
async def sitter(studio: House) -> AsyncIterator[Asker]:
    async with Asker(studio.discord) as person:
        yield person


def pixels(picture: Image.Image) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.asarray(picture.convert("RGB"), dtype=np.float64)


async def test_real_photographs_come_back_repainted(studio: House, sitter: Asker) -> None:
    files = {name: photo(name, "JPEG") for name in PHOTOGRAPHS}
    asked = [await sitter.ask(file, "an oil painting", seed=7) for file in files.values()]
    replies = await asyncio.gather(*map(sitter.until_done, asked))
    for (name, file), reply in zip(files.items(), replies, strict=True):
        [posted] = [opened(data) for data in await sitter.pictures(reply)]
        assert posted.size == PHOTOGRAPHS[name]
        change = np.abs(pixels(posted) - pixels(opened(file))).mean()
        assert 3 < change < 80, f"{name}: repainted, and still the same picture: {change:.1f}"
        assert "an oil painting" in posted.info["parameters"]
        assert "not Stable Diffusion" in str(reply["components"])


async def test_the_same_seed_gives_the_same_picture_and_another_one_another(
    studio: House, sitter: Asker
) -> None:
    file = await sitter.upload(photo("chelsea", "JPEG"))
    asked = [await sitter.ask(file, "a watercolor", seed=seed) for seed in (1, 1, 2)]
    replies = await asyncio.gather(*map(sitter.until_done, asked))
    first, again, other = [pixels(opened((await sitter.pictures(each))[0])) for each in replies]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
