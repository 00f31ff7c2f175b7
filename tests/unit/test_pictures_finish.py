"""Results: checked by bytes, the parameters in their metadata, fitted to the limit, the pixels left alone."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, PngImagePlugin

from repaint import pictures
from repaint.errors import DeliveryError, OutputUnavailable, StorageError
from repaint.models import Finished, Request
from repaint.pictures.kinds import Kind
from repaint.pictures.metadata import with_parameters
from tests.unit import picture_samples as samples
from tests.unit.picture_samples import corners, encoded, write

PLAIN = Request(prompt="a fox in snow", seed=7)
RICH = Request(prompt='a "fox" 🦊\nin snow, zażółć, 雪', seed=7, negative_prompt="blurry\ndark")
RESULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpeg": ("JPEG", {"quality": 90}),
    "jpeg_progressive": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {"quality": 80}),
    "webp_lossless": ("WEBP", {"lossless": True}),
    "webp_extended": ("WEBP", {"exif": samples.exif(1), "xmp": b"<x/>"}),
}


def finish(
    folder: Path, data: bytes, request: Request = PLAIN, *, limit: int = 10 * 1024 * 1024
) -> tuple[Finished, Image.Image]:
    source = write(folder, data, "result")
    finished = pictures.finish(source, folder / "finished.bin", request=request, limit=limit, model="a-model")
    with Image.open(finished.picture.path) as image:
        image.load()
    assert image.size == (finished.picture.width, finished.picture.height)
    assert finished.picture.path.stat().st_size == finished.picture.size <= limit
    return finished, image


def parameters(image: Image.Image) -> str:
    """As the web UI reads them: the PNG text, else EXIF UserComment."""
    if isinstance(image, PngImagePlugin.PngImageFile):
        text = image.text["parameters"]
        return str(text)
    comment = image.getexif().get_ifd(0x8769)[0x9286]
    assert comment.startswith(b"UNICODE\0")
    return str(comment[8:].decode("utf-16-be"))


def noise(size: tuple[int, int]) -> Image.Image:
    """What no encoder can make small."""
    return Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))


# Metadata -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [PLAIN, RICH], ids=["plain", "rich"])
@pytest.mark.parametrize("name", RESULTS)
def test_the_parameters_are_in_the_metadata_and_the_pixels_untouched(
    tmp_path: Path, name: str, request_: Request
) -> None:
    form, options = RESULTS[name]
    data = encoded(samples.photograph(), form, **options)
    finished, image = finish(tmp_path, data, request_)
    assert finished.change == "none"
    assert finished.picture.media_type == f"image/{form.lower()}"
    assert finished.picture.path.suffix == {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}[form]
    assert parameters(image) == pictures.parameters_text(request_, size=(512, 512), model="a-model")
    before = Image.open(io.BytesIO(data)).convert("RGB")
    assert ImageChops.difference(before, image.convert("RGB")).getbbox() is None


def test_a_png_keeps_every_other_chunk_and_gets_its_text_before_the_pixels(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "somebody's")
    info.add_text("parameters", "the old ones")
    data = encoded(corners(), "PNG", pnginfo=info, dpi=(72, 72))
    finished, image = finish(tmp_path, data)
    written = finished.picture.path.read_bytes()
    assert image.info["Software"] == "somebody's"
    assert b"the old ones" not in written
    assert written.index(b"IHDR") < written.index(b"parameters") < written.index(b"IDAT")
    assert written.endswith(data[data.index(b"IDAT") - 4 :])


def test_plain_parameters_are_latin_text_and_others_international(tmp_path: Path) -> None:
    data = encoded(corners(), "PNG")
    assert b"tEXtparameters\0a fox" in finish(tmp_path, data, PLAIN)[0].picture.path.read_bytes()
    assert b"iTXtparameters\0\0\0\0\0a" in finish(tmp_path, data, RICH)[0].picture.path.read_bytes()


def test_a_jpeg_keeps_its_other_segments_and_loses_its_old_exif(tmp_path: Path) -> None:
    data = encoded(samples.photograph(), "JPEG", exif=samples.exif(1), comment=b"kept", xmp=b"<kept/>")
    finished, image = finish(tmp_path, data)
    written = finished.picture.path.read_bytes()
    assert written.startswith(b"\xff\xd8\xff\xe0")  # JFIF first
    assert image.info["comment"] == b"kept"
    assert image.info["xmp"] == b"<kept/>"
    assert written.count(b"Exif\0\0") == 1
    assert b"Somebody" not in written
    assert written.endswith(data[data.index(b"\xff\xda") :])


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_a_turned_result_stays_turned(tmp_path: Path, form: str) -> None:
    _, image = finish(tmp_path, encoded(corners(), form, exif=samples.exif(6)))
    assert image.getexif()[0x0112] == 6
    assert "fox" in parameters(image)


def test_a_webp_with_alpha_keeps_it(tmp_path: Path) -> None:
    picture = corners().convert("RGBA")
    picture.putalpha(128)
    _, image = finish(tmp_path, encoded(picture, "WEBP", lossless=True))
    assert image.mode == "RGBA"
    assert image.getchannel("A").getextrema() == (128, 128)


def test_an_animated_webp_stays_animated(tmp_path: Path) -> None:
    other = Image.new("RGB", (96, 64))
    _, image = finish(tmp_path, encoded(corners(), "WEBP", save_all=True, append_images=[other]))
    assert getattr(image, "n_frames", 1) == 2
    assert "fox" in parameters(image)


def test_prompts_as_long_as_discord_allows_fit_into_one_segment(tmp_path: Path) -> None:
    request = Request(prompt="🦊" * 6000, seed=1, negative_prompt="雪" * 6000)
    _, image = finish(tmp_path, encoded(corners(), "JPEG"), request)
    assert parameters(image) == pictures.parameters_text(request, size=(96, 64), model="a-model")


def test_a_longer_text_is_cut_between_characters(tmp_path: Path) -> None:
    _, image = finish(tmp_path, encoded(corners(), "JPEG"), Request(prompt="x" + "🦊" * 20_000, seed=1))
    assert parameters(image).strip("🦊") == "x"


@given(text=st.text())
@settings(max_examples=60)
def test_any_text_can_be_read_again_from_each_kind(text: str) -> None:
    for kind in (Kind.PNG, Kind.JPEG, Kind.WEBP):
        data = with_parameters(encoded(corners(), kind.pillow), kind, text, size=(96, 64))
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert parameters(image) == text.replace("\0", "")


def test_lone_surrogates_and_nul_do_no_harm(tmp_path: Path) -> None:
    for form in ("PNG", "JPEG", "WEBP"):
        _, image = finish(tmp_path, encoded(corners(), form), Request(prompt="a\ud83d\0b", seed=1))
        assert parameters(image).startswith("a\ufffdb\n")


# Size limit -----------------------------------------------------------------------------------------------


def test_a_result_over_the_limit_is_encoded_anew(tmp_path: Path) -> None:
    data = encoded(samples.photograph(), "PNG")
    finished, image = finish(tmp_path, data, limit=len(data) // 3)
    assert finished.change == "re-encoded"
    assert finished.picture.media_type == "image/jpeg"
    assert image.size == (512, 512)
    assert "Size: 512x512" in parameters(image)


def test_the_highest_quality_that_fits_is_taken(tmp_path: Path) -> None:
    data = encoded(samples.photograph(), "PNG")
    sizes = [finish(tmp_path, data, limit=limit)[0].picture.size for limit in (300_000, 90_000, 60_000)]
    assert all(size > limit * 0.5 for size, limit in zip(sizes[1:], (90_000, 60_000), strict=True))
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("limit", [40_000, 20_000, 3_000])
def test_what_still_does_not_fit_is_scaled_and_its_true_size_is_told(tmp_path: Path, limit: int) -> None:
    finished, image = finish(tmp_path, encoded(noise((400, 300)), "PNG"), limit=limit)
    assert finished.change == "scaled"
    assert image.width / image.height == pytest.approx(4 / 3, rel=0.1)
    assert image.width < 400
    assert "Size: 400x300" in parameters(image)


def test_alpha_survives_when_it_is_encoded_anew(tmp_path: Path) -> None:
    picture = noise((200, 200)).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 100, 200))
    data = encoded(picture, "PNG")
    finished, image = finish(tmp_path, data, limit=len(data) // 2)
    assert finished.picture.media_type == "image/webp"
    assert image.convert("RGBA").getchannel("A").getextrema() == (0, 255)


def test_a_turned_result_is_upright_when_it_is_encoded_anew(tmp_path: Path) -> None:
    data = encoded(noise((300, 200)), "JPEG", quality=100, exif=samples.exif(6))
    finished, image = finish(tmp_path, data, limit=len(data) // 2)
    assert finished.change != "none"
    assert image.width < image.height
    assert 0x0112 not in image.getexif()


def test_a_colour_profile_survives(tmp_path: Path) -> None:
    data = encoded(noise((200, 200)), "PNG", icc_profile=b"a profile")
    _, image = finish(tmp_path, data, limit=len(data) // 3)
    assert image.info["icc_profile"] == b"a profile"
    grey = encoded(noise((200, 200)).convert("L"), "PNG", icc_profile=b"a profile for grey")
    assert "icc_profile" not in finish(tmp_path, grey, limit=len(grey) // 3)[1].info


def test_a_limit_that_nothing_fits_is_a_delivery_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        finish(tmp_path, encoded(samples.photograph(), "PNG"), limit=500)


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*samples.no_pictures(), "gif", "avif", "bmp"])
def test_what_is_no_png_jpeg_or_webp_is_refused_without_blaming_the_asker(tmp_path: Path, name: str) -> None:
    data = (samples.no_pictures() | samples.every_format())[name]
    with pytest.raises(OutputUnavailable) as refusal:
        finish(tmp_path, data)
    assert "attach" not in refusal.value.sentence


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_that_is_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    form, options = RESULTS[name]
    data = encoded(samples.photograph(), form, **options)
    for part in (0, 40, len(data) // 2, len(data) - 40):
        with pytest.raises(OutputUnavailable):
            finish(tmp_path, data[:part])
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_a_result_with_too_many_pixels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputUnavailable, match="TooManyPixels"):
        finish(tmp_path, samples.png_bomb(9000))


def test_a_png_whose_pixels_are_missing_is_refused() -> None:
    header = samples.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 0, 0, 0, 0))
    with pytest.raises(ValueError, match="without picture data"):
        with_parameters(b"\x89PNG\r\n\x1a\n" + header, Kind.PNG, "a", size=(9, 9))
    with pytest.raises(ValueError, match="without picture data"):
        with_parameters(b"\xff\xd8\xff\xe0\0\x04ab", Kind.JPEG, "a", size=(9, 9))


@given(at=st.floats(0, 1), value=st.integers(0, 255), name=st.sampled_from(sorted(RESULTS)))
@settings(max_examples=100)
def test_mutilated_results_are_refused_or_stay_readable(
    tmp_path_factory: pytest.TempPathFactory, at: float, value: int, name: str
) -> None:
    form, options = RESULTS[name]
    data = bytearray(encoded(corners(), form, **options))
    data[int(at * (len(data) - 1))] = value
    try:
        _, image = finish(tmp_path_factory.getbasetemp(), bytes(data))
    except OutputUnavailable:
        return
    assert parameters(image).startswith("a fox in snow\n")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "finished.png.part").symlink_to("/dev/full")
    with pytest.raises(StorageError):
        finish(tmp_path, encoded(corners(), "PNG"))
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_png_checksums_are_right(tmp_path: Path) -> None:
    data = finish(tmp_path, encoded(corners(), "PNG"))[0].picture.path.read_bytes()
    at = 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 8 + length]
        assert zlib.crc32(body) == int.from_bytes(data[at + 8 + length : at + 12 + length], "big")
        at += 12 + length
