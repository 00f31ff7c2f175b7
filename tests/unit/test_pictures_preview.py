"""Previews: small, upright, true to the picture; and posted pictures made to fit another message."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image, ImageChops, ImageStat

from repaint import pictures
from repaint.errors import DeliveryError, PictureError, StorageError
from repaint.jobs.studio import Studio
from repaint.models import Job, JobState, Picture
from repaint.workers import PictureWorkers
from tests.unit import picture_samples as samples
from tests.unit.jobs import make_job
from tests.unit.picture_samples import corners, encoded, write


def preview(folder: Path, data: bytes, **options: Any) -> tuple[Picture, Image.Image]:
    made = pictures.preview(write(folder, data, "posted"), folder / "small.bin", **options)
    with Image.open(made.path) as image:
        image.load()
    assert image.format == "WEBP"
    assert (made.path.name, made.media_type) == ("small.webp", "image/webp")
    assert image.size == (made.width, made.height)
    assert made.path.stat().st_size == made.size
    return made, image


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean over all pixels and channels, of 255."""
    means: list[float] = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return sum(means) / len(means)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_preview_is_the_picture_in_small(tmp_path: Path, form: str) -> None:
    photograph = samples.photograph("coffee").resize((1500, 1000))
    made, image = preview(tmp_path, encoded(photograph, form))
    assert image.size == (640, 427)
    assert made.size < 100_000
    assert difference(image, photograph.resize((640, 427), Image.Resampling.LANCZOS)) < 5


@pytest.mark.parametrize(
    ("size", "becomes"), [((400, 300), (400, 300)), ((64, 2048), (20, 640)), ((2, 2048), (1, 640))]
)
def test_nothing_is_enlarged_and_no_side_is_lost(
    tmp_path: Path, size: tuple[int, int], becomes: tuple[int, int]
) -> None:
    _, image = preview(tmp_path, encoded(corners(size), "PNG"))
    assert image.size == becomes


def test_the_bound_can_be_set(tmp_path: Path) -> None:
    _, image = preview(tmp_path, encoded(corners((400, 200)), "PNG"), max_side=100)
    assert image.size == (100, 50)


def test_a_preview_is_upright_and_tells_nothing_of_where_it_was_taken(tmp_path: Path) -> None:
    data = encoded(corners((96, 64)), "JPEG", quality=95, exif=samples.exif(6))
    _, image = preview(tmp_path, data)
    assert image.size == (64, 96)
    assert difference(image.resize((1, 1), box=(40, 8, 56, 24)), Image.new("RGB", (1, 1), samples.RED)) < 12
    assert not image.getexif()


def test_a_preview_holds_no_prompt(tmp_path: Path) -> None:
    posted = pictures.finish(
        write(tmp_path, encoded(samples.photograph(), "WEBP"), "result"),
        tmp_path / "finished.bin",
        request=make_job().request,
        limit=10**7,
    )
    made = pictures.preview(posted.picture.path, tmp_path / "small")
    utf16 = "a cat".encode("utf-16-be")
    assert utf16 in posted.picture.path.read_bytes()
    assert utf16 not in made.path.read_bytes()


def test_what_is_clear_stays_clear(tmp_path: Path) -> None:
    picture = corners((96, 64)).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 48, 32))
    _, image = preview(tmp_path, encoded(picture, "PNG"))
    assert image.mode == "RGBA"
    assert image.getpixel((8, 8))[3] == 0  # type: ignore[index]
    assert image.getpixel((90, 60))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize("name", ["png_palette", "jpeg_cmyk", "png_animated"])
def test_unusual_forms_have_previews_too(tmp_path: Path, name: str) -> None:
    _, image = preview(tmp_path, samples.every_format()[name])
    photograph = samples.photograph("coffee").resize((120, 80))
    assert difference(image.convert("RGB"), photograph) < 12


def test_a_damaged_picture_has_none(tmp_path: Path) -> None:
    with pytest.raises(PictureError):
        preview(tmp_path, encoded(samples.photograph(), "PNG")[:5000])
    assert not (tmp_path / "small.webp").exists()


def test_a_picture_that_is_gone_has_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        pictures.preview(tmp_path / "gone.png", tmp_path / "small")


# What was posted, in another message ----------------------------------------------------------------------


class Here:
    """Does a worker's work in this process."""

    count = 1

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


def studio() -> Studio:
    return Studio(cast(PictureWorkers, Here()), max_pixels=1_000_000)


def posted(folder: Path, **changes: Any) -> Job:
    """A finished job with a large and a small picture."""
    outputs = []
    for name, size in {"finished-0.png": (512, 512), "finished-1.png": (32, 32)}.items():
        path = write(folder, encoded(samples.photograph().resize(size), "PNG"), name)
        outputs.append(Picture(path, "image/png", *size, path.stat().st_size))
    return make_job(state=JobState.DONE, outputs=tuple(outputs), seeds=(7, 8), **changes)


async def test_what_fits_is_shown_as_it_is(tmp_path: Path) -> None:
    job = posted(tmp_path)
    assert await studio().refit(job, 10**7, tmp_path / "nowhere") == (job.outputs, "")


async def test_what_is_too_large_gets_a_smaller_form_elsewhere(tmp_path: Path) -> None:
    job = posted(tmp_path)
    folder = tmp_path / "answer"
    folder.mkdir()
    (large, small), change = await studio().refit(job, 100_000, folder)
    assert change == "Compressed to fit Discord's size limit."
    assert small == job.outputs[1]
    assert large.path.parent == folder
    assert large.path.stat().st_size == large.size <= 100_000
    assert job.outputs[0].path.stat().st_size == job.outputs[0].size  # the kept one is untouched
    with Image.open(io.BytesIO(large.path.read_bytes())) as image:
        comment = image.getexif().get_ifd(0x8769)[0x9286]
    assert "Seed: 7," in comment[8:].decode("utf-16-be")


async def test_a_hidden_prompt_stays_out_of_the_smaller_form(tmp_path: Path) -> None:
    (large, _), _ = await studio().refit(posted(tmp_path, prompt_hidden=True), 100_000, tmp_path)
    assert "a cat".encode("utf-16-be") not in large.path.read_bytes()


async def test_what_fits_in_no_form_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        await studio().refit(posted(tmp_path), 100, tmp_path)


async def test_a_real_worker_makes_previews(tmp_path: Path) -> None:
    workers = PictureWorkers(1)
    try:
        source = write(tmp_path, encoded(samples.photograph(), "JPEG"), "posted.jpg")
        made = await Studio(workers, max_pixels=1_000_000).preview(source, tmp_path / "small")
    finally:
        await workers.close()
    assert (made.width, made.height) == (512, 512)
