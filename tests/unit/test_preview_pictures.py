"""What the preview engine reads and writes."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from embedded.engine import EngineError
from embedded.preview.picture import MOST_PIXELS_OUT, decode, encode


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


RED = (200, 40, 30)
PLAIN = Image.new("RGB", (40, 30), RED)


@pytest.mark.parametrize(
    "data",
    [
        saved(PLAIN, "PNG"),
        saved(PLAIN, "WEBP", lossless=True),
        saved(PLAIN, "BMP"),
        saved(PLAIN, "GIF"),
        saved(PLAIN.quantize(8), "PNG"),
        saved(PLAIN.convert("CMYK"), "TIFF"),
        saved(PLAIN.convert("RGBA"), "PNG"),
        saved(PLAIN, "JPEG", quality=95),
    ],
    ids=["png", "webp", "bmp", "gif", "palette", "cmyk", "rgba", "jpeg"],
)
def test_every_kind_of_picture_becomes_rgb(data: bytes) -> None:
    picture = decode(data)
    assert picture.shape == (30, 40, 3)
    assert picture.dtype == np.float32
    assert np.abs(picture[15, 20] * 255 - RED).max() < 10


def test_transparent_parts_become_white() -> None:
    assert decode(saved(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")).min() == 1
    palette = Image.new("P", (8, 8), 0)
    assert decode(saved(palette, "PNG", transparency=0)).min() == 1


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    grey = Image.fromarray(np.full((8, 8), 32768, np.uint16))
    assert abs(float(decode(saved(grey, "PNG")).mean()) - 0.5) < 0.01


def test_a_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: the camera was turned right
    assert decode(saved(PLAIN, "JPEG", exif=exif)).shape == (40, 30, 3)


def test_the_first_frame_of_an_animation_counts() -> None:
    data = saved(PLAIN, "GIF", save_all=True, append_images=[Image.new("RGB", (40, 30), "blue")])
    assert np.abs(decode(data)[15, 20] * 255 - RED).max() < 10


def test_a_large_picture_is_scaled_down_and_keeps_its_aspect() -> None:
    height, width, _ = decode(saved(Image.new("L", (4000, 1000)), "PNG")).shape
    assert width * height <= MOST_PIXELS_OUT
    assert math.isclose(width / height, 4, rel_tol=0.01)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        saved(PLAIN, "PNG")[:60],
        saved(PLAIN, "JPEG")[:300],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "svg"],
)
def test_what_is_no_picture_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(EngineError, match=r"^The picture could not be read\.$"):
        decode(data)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(EngineError, match="too large: 9000×9000"):
        decode(saved(Image.new("1", (9000, 9000)), "PNG"))


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_broken_values_are_never_encoded(broken: float) -> None:
    picture = np.zeros((4, 4, 3), np.float32)
    picture[1, 1, 1] = broken
    with pytest.raises(EngineError, match="broken values"):
        encode(picture)


def test_encoding_is_lossless_png() -> None:
    picture = np.linspace(0, 1, 64 * 48 * 3, dtype=np.float32).reshape(48, 64, 3)
    data = encode(picture)
    assert data.startswith(b"\x89PNG")
    assert np.abs(decode(data) - picture).max() <= 0.5 / 255 + 1e-6
