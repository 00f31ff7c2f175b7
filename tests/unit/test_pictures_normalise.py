"""Attached files in every format become upright RGB pictures within bounds; the rest is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat

from repaint import pictures
from repaint.errors import (
    PictureEmpty,
    PictureError,
    PictureTooSmall,
    PictureUnreadable,
)
from repaint.models import Picture
from repaint.pictures.inputs import Bounds
from tests.unit import picture_samples as samples
from tests.unit.picture_samples import BLUE, GREEN, RED, YELLOW, corners, encoded, write

MEGAPIXEL = 1024 * 1024
WHITE = (255, 255, 255)


def normalised(folder: Path, data: bytes, max_pixels: int = MEGAPIXEL) -> tuple[Picture, Image.Image]:
    picture = pictures.normalise(write(folder, data), folder / "normalised", max_pixels=max_pixels)
    with Image.open(picture.path) as image:
        image.load()
    assert image.mode == "RGB"
    assert image.size == (picture.width, picture.height)
    assert picture.path.stat().st_size == picture.size
    return picture, image


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of a channel, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def corner_colours(image: Image.Image) -> list[tuple[int, ...]]:
    """Upper left, upper right, lower left, lower right; each channel rounded to 0 or 255."""
    right, lower = image.width - 4, image.height - 4
    places = [(3, 3), (right, 3), (3, lower), (right, lower)]
    return [tuple(255 if value > 127 else 0 for value in _pixel(image, place)) for place in places]


def _pixel(image: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    value = image.getpixel(place)
    assert isinstance(value, tuple)
    return value


# Formats --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", samples.every_format())
def test_each_format_comes_out_as_the_same_picture(tmp_path: Path, name: str) -> None:
    _, image = normalised(tmp_path, samples.every_format()[name])
    expected = samples.photograph("coffee").resize((120, 80))
    assert image.size == (120, 80)
    assert difference(image, expected) < 8


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket", "hubble_deep_field"])
def test_a_photograph_is_scaled_to_one_megapixel_and_stays_itself(tmp_path: Path, name: str) -> None:
    photograph = samples.photograph(name)
    photograph = photograph.resize((photograph.width * 3, photograph.height * 3))
    picture, image = normalised(tmp_path, encoded(photograph, "JPEG", quality=95))
    assert picture.media_type == "image/jpeg"
    assert MEGAPIXEL * 0.99 < image.width * image.height <= MEGAPIXEL
    assert image.width / image.height == pytest.approx(photograph.width / photograph.height, rel=0.003)
    assert difference(image, photograph.resize(image.size, Image.Resampling.LANCZOS)) < 3  # stars are hard


def test_the_name_and_suffix_of_the_file_say_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, samples.every_format()["webp"], "picture.png.exe")
    assert pictures.normalise(path, tmp_path / "out.bmp", max_pixels=MEGAPIXEL).path == tmp_path / "out.jpg"


def test_few_colours_are_kept_exactly_as_png_and_photographs_become_jpeg(tmp_path: Path) -> None:
    drawing, image = normalised(tmp_path, encoded(corners(), "BMP"))
    assert (drawing.media_type, drawing.path.suffix) == ("image/png", ".png")
    assert difference(image, corners()) == 0
    photograph, _ = normalised(tmp_path, encoded(samples.photograph(), "PNG"))
    assert (photograph.media_type, photograph.path.suffix) == ("image/jpeg", ".jpg")


# Colours --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_what_is_transparent_becomes_white(tmp_path: Path, form: str) -> None:
    picture = corners().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 48, 32))
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}
    _, image = normalised(tmp_path, encoded(picture, form, **options))
    assert corner_colours(image) == [WHITE, GREEN, BLUE, YELLOW]


def test_half_transparent_black_becomes_grey_also_when_it_is_scaled(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (400, 400), (0, 0, 0, 128))
    _, image = normalised(tmp_path, encoded(picture, "PNG"), max_pixels=10_000)
    assert image.size == (100, 100)
    assert set(_pixel(image, (50, 50))) == {127}


def test_transparency_in_a_palette_and_as_a_colour_key_becomes_white(tmp_path: Path) -> None:
    palette = corners().quantize(4)
    index = palette.getpixel((3, 3))
    _, image = normalised(tmp_path, encoded(palette, "PNG", transparency=index))
    assert corner_colours(image) == [WHITE, GREEN, BLUE, YELLOW]
    _, image = normalised(tmp_path, encoded(corners(), "PNG", transparency=GREEN))
    assert corner_colours(image) == [RED, WHITE, BLUE, YELLOW]


def test_grey_with_alpha_goes_on_white(tmp_path: Path) -> None:
    picture = Image.new("LA", (64, 64), (0, 255))
    picture.paste((0, 0), (0, 0, 32, 64))
    _, image = normalised(tmp_path, encoded(picture, "PNG"))
    assert _pixel(image, (3, 3)) == WHITE
    assert _pixel(image, (60, 3)) == (0, 0, 0)


def test_black_and_white_stays_so(tmp_path: Path) -> None:
    picture = Image.new("1", (64, 64))
    picture.paste(1, (0, 0, 32, 64))
    _, image = normalised(tmp_path, encoded(picture, "PNG"))
    assert _pixel(image, (3, 3)) == WHITE
    assert _pixel(image, (60, 3)) == (0, 0, 0)


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (32768, 128), (65535, 255), (514, 2)])
def test_16_bit_grey_is_scaled_not_clipped(tmp_path: Path, value: int, expected: int) -> None:
    _, image = normalised(tmp_path, encoded(Image.new("I;16", (64, 64), value), "PNG"))
    assert _pixel(image, (9, 9)) == (expected, expected, expected)


def test_16_bit_colour_is_read(tmp_path: Path) -> None:
    row = b"\0" + struct.pack(">HHH", 65535, 32768, 0) * 64
    header = samples.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 16, 2, 0, 0, 0))
    body = samples.png_chunk(b"IDAT", zlib.compress(row * 64))
    data = b"\x89PNG\r\n\x1a\n" + header + body + samples.png_chunk(b"IEND", b"")
    _, image = normalised(tmp_path, data)
    assert _pixel(image, (9, 9)) == (255, 128, 0)


def test_cmyk_from_adobe_programs_is_not_inverted(tmp_path: Path) -> None:
    data = encoded(samples.photograph().convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    _, image = normalised(tmp_path, data)
    assert difference(image, samples.photograph()) < 5


def _profile_with_red_and_green_swapped() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF"])
def test_a_colour_profile_is_converted_to_srgb_and_dropped(tmp_path: Path, form: str) -> None:
    data = encoded(corners(), form, icc_profile=_profile_with_red_and_green_swapped())
    _, image = normalised(tmp_path, data)
    assert corner_colours(image) == [GREEN, RED, BLUE, YELLOW]
    assert "icc_profile" not in image.info


@pytest.mark.parametrize(
    "profile", [b"no profile at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_a_profile_that_is_broken_or_does_not_fit_is_ignored(tmp_path: Path, profile: bytes) -> None:
    _, image = normalised(tmp_path, encoded(corners(), "PNG", icc_profile=profile))
    assert corner_colours(image) == [RED, GREEN, BLUE, YELLOW]


# Orientation, frames, metadata ----------------------------------------------------------------------------

UPRIGHT = [RED, GREEN, BLUE, YELLOW]
# How a camera stores the upright picture for each orientation: the inverse of what a viewer does (EXIF 2.32).
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_a_turned_photograph_comes_out_upright(tmp_path: Path, form: str, orientation: int) -> None:
    turn = STORED[orientation]
    stored = corners() if turn is None else corners().transpose(turn)
    _, image = normalised(tmp_path, encoded(stored, form, exif=samples.exif(orientation)))
    assert image.size == (96, 64)
    assert corner_colours(image) == UPRIGHT


@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"]
)
def test_broken_exif_is_ignored(tmp_path: Path, block: bytes) -> None:
    _, image = normalised(tmp_path, encoded(corners(), "JPEG", exif=block))
    assert corner_colours(image) == UPRIGHT


def test_no_metadata_is_passed_on(tmp_path: Path) -> None:
    for picture in (corners(), samples.photograph()):
        data = encoded(
            picture, "JPEG", exif=samples.exif(1), comment=b"secret", xmp=b"<x>secret</x>", dpi=(72, 72)
        )
        result, image = normalised(tmp_path, data)
        written = result.path.read_bytes()
        assert not {"exif", "comment", "xmp", "icc_profile"} & set(image.info)
        for secret in (b"Somebody", b"secret", b"Exif"):
            assert secret in data
            assert secret not in written


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path, form: str) -> None:
    others = [Image.new("RGB", (96, 64), "black"), Image.new("RGB", (96, 64), "white")]
    data = encoded(corners(), form, save_all=True, append_images=others, duration=100)
    _, image = normalised(tmp_path, data)
    assert corner_colours(image) == UPRIGHT


def test_a_gif_frame_that_covers_a_part_of_its_screen_stands_on_white(tmp_path: Path) -> None:
    data = bytearray(encoded(corners((32, 32)).quantize(4), "GIF"))
    screen = struct.pack("<HH", 96, 64)
    data[6:10] = screen  # the logical screen, GIF89a section 18
    at = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 32, 32))  # the image descriptor, section 20
    data[at + 1 : at + 5] = struct.pack("<HH", 64, 32)
    _, image = normalised(tmp_path, bytes(data))
    assert image.size == (96, 64)
    assert corner_colours(image) == [WHITE, WHITE, WHITE, YELLOW]
    assert _pixel(image, (66, 34)) == RED


def test_a_picture_that_is_also_an_archive_is_just_the_picture(tmp_path: Path) -> None:
    both = encoded(corners(), "PNG") + samples.no_pictures()["zip"]
    result, image = normalised(tmp_path, both)
    assert corner_colours(image) == UPRIGHT
    assert b"PK\x03\x04" not in result.path.read_bytes()


# Bounds ---------------------------------------------------------------------------------------------------


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    _, image = normalised(tmp_path, encoded(corners((64, 64)), "PNG"))
    assert image.size == (64, 64)


@pytest.mark.parametrize("size", [(1, 1), (63, 500), (500, 63)])
def test_a_side_under_64_pixels_is_too_small(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooSmall, match=f"{size[0]} × {size[1]}"):
        normalised(tmp_path, encoded(Image.new("RGB", size), "PNG"))


def test_a_strip_is_scaled_while_16_pixels_are_left_of_it(tmp_path: Path) -> None:
    _, image = normalised(tmp_path, encoded(Image.new("RGB", (10_000, 80)), "PNG"))
    assert image.size == (2048, 16)
    with pytest.raises(PictureTooSmall) as refusal:
        normalised(tmp_path, encoded(Image.new("RGB", (10_000, 70)), "PNG"))
    assert "long and narrow" in refusal.value.sentence


@given(
    width=st.integers(64, 100_000),
    height=st.integers(64, 100_000),
    max_pixels=st.integers(64 * 64, 4_000_000),
)
def test_the_size_stays_in_bounds_keeps_its_aspect_and_never_grows(
    width: int, height: int, max_pixels: int
) -> None:
    bounds = Bounds(max_pixels=max_pixels, max_side=2048, min_side=64, max_input_pixels=10**9)
    try:
        w, h = bounds.fit(width, height)
    except PictureTooSmall:
        assert max(width, height) / min(width, height) > min(2048, max_pixels / 17) / 17
        return
    assert w * h <= max_pixels
    assert 16 <= min(w, h) <= max(w, h) <= 2048
    assert w <= width
    assert h <= height
    assert abs(w * height - h * width) <= max(width, height)  # both sides are rounded by less than a pixel
    if width * height <= max_pixels and max(width, height) <= 2048:
        assert (w, h) == (width, height)


@pytest.mark.parametrize("size", [(1024, 1024), (2048, 512), (3072, 3072), (2047, 2049)])
def test_sides_that_come_out_even_are_not_rounded_down(size: tuple[int, int]) -> None:
    bounds = Bounds(max_pixels=MEGAPIXEL, max_side=2048, min_side=64, max_input_pixels=10**9)
    w, h = bounds.fit(*size)
    assert w * h > MEGAPIXEL - 2100
    if size[0] == size[1]:
        assert (w, h) == (1024, 1024)


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", samples.no_pictures())
def test_what_is_no_picture_is_refused_whatever_it_calls_itself(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, samples.no_pictures()[name], "picture.png")
    with pytest.raises(PictureUnreadable) as refusal:
        pictures.normalise(path, tmp_path / "out", max_pixels=MEGAPIXEL)
    assert refusal.value.detail
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureEmpty):
        pictures.normalise(write(tmp_path, b""), tmp_path / "out", max_pixels=MEGAPIXEL)


def test_every_refusal_has_a_sentence_that_says_what_to_attach() -> None:
    for refusal in PictureError.__subclasses__():
        assert "attach" in refusal.sentence
