"""Before and after: side by side, and as an animation that any Discord client plays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from repaint import pictures
from repaint.errors import DeliveryError, PictureGone, PictureTruncated, PictureUnreadable, StorageError
from repaint.jobs.studio import Studio
from repaint.models import Job, JobState, Picture
from repaint.workers import PictureWorkers
from tests.unit import picture_samples as samples
from tests.unit.jobs import make_job
from tests.unit.picture_samples import corners, encoded, photograph, write

Shape = tuple[int, int]


def repainted(size: Shape = (512, 512)) -> Image.Image:
    return ImageOps.solarize(photograph().resize(size), 150)


def compare(
    folder: Path, before: bytes, after: bytes, limit: int = 10**7
) -> tuple[Image.Image, list[tuple[Image.Image, int]]]:
    """The still picture, and the frames with their milliseconds."""
    still, moving = pictures.compare(
        write(folder, before, "before"),
        write(folder, after, "after"),
        folder / "still",
        folder / "m",
        limit=limit,
    )
    assert (still.path.name, still.media_type) == ("still.jpg", "image/jpeg")
    assert (moving.path.name, moving.media_type) == ("m.gif", "image/gif")
    with Image.open(still.path) as image:
        image.load()
        assert image.size == (still.width, still.height)
        assert not image.getexif()
    frames = []
    with Image.open(moving.path) as animation:
        assert (animation.size, animation.info["loop"]) == ((moving.width, moving.height), 0)
        for number in range(animation.n_frames):  # type: ignore[attr-defined]
            animation.seek(number)
            frames.append((animation.convert("RGB"), animation.info["duration"]))
    for made in (still, moving):
        assert made.path.stat().st_size == made.size <= limit
    return image, frames


def difference(one: Image.Image, other: Image.Image) -> float:
    means: list[float] = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean
    return sum(means) / len(means)


def test_both_stand_side_by_side_with_a_grey_gap(tmp_path: Path) -> None:
    still, _ = compare(tmp_path, encoded(photograph(), "PNG"), encoded(repainted(), "PNG"))
    assert still.size == (512 + 4 + 512, 512)
    assert difference(still.crop((0, 0, 512, 512)), photograph()) < 3
    assert difference(still.crop((516, 0, 1028, 512)), repainted()) < 3
    assert difference(still.crop((513, 0, 515, 512)), Image.new("RGB", (2, 512), (128, 128, 128))) < 12


def test_the_animation_wipes_from_before_to_after_and_back(tmp_path: Path) -> None:
    before, after = photograph(), repainted()
    _, frames = compare(tmp_path, encoded(before, "PNG"), encoded(after, "PNG"))
    assert len(frames) == 18
    assert 2500 <= sum(duration for _, duration in frames) <= 3500
    assert difference(frames[0][0], before) < 6
    longest = max(range(1, len(frames)), key=lambda number: frames[number][1])
    assert difference(frames[longest][0], after) < 6
    nearness = [difference(frame, before) for frame, _ in frames]
    assert nearness[: longest + 1] == sorted(nearness[: longest + 1])
    assert nearness[longest:] == sorted(nearness[longest:], reverse=True)


def test_a_frame_in_the_middle_has_after_on_the_left_and_before_on_the_right(tmp_path: Path) -> None:
    before, after = Image.new("RGB", (200, 100), samples.RED), Image.new("RGB", (200, 100), samples.BLUE)
    _, frames = compare(tmp_path, encoded(before, "PNG"), encoded(after, "PNG"))
    for frame, _ in (frames[4], frames[-4]):
        assert (frame.getpixel((2, 50)), frame.getpixel((197, 50))) == (samples.BLUE, samples.RED)
        assert (255, 255, 255) in {frame.getpixel((x, 50)) for x in range(200)}  # the line


@pytest.mark.parametrize(
    ("before", "after", "still", "moving"),
    [
        ((512, 512), (1024, 1024), (2036, 1014), (512, 512)),
        ((300, 200), (600, 400), (600 + 4 + 600, 400), (512, 341)),
        ((600, 400), (300, 200), (300 + 4 + 300, 200), (300, 200)),
        ((100, 300), (300, 100), (33 + 4 + 300, 100), (300, 100)),
        ((2048, 64), (64, 2048), (2022, 63), (16, 512)),
        ((16, 2048), (16, 2048), (8 + 8 + 8, 1024), (4, 512)),
        ((1, 1), (1, 1), (6, 1), (1, 1)),
    ],
)
def test_sizes_may_differ(tmp_path: Path, before: Shape, after: Shape, still: Shape, moving: Shape) -> None:
    image, frames = compare(tmp_path, encoded(corners(before), "PNG"), encoded(corners(after), "PNG"))
    assert image.width <= 2048
    assert image.height <= 1024
    assert image.size == pytest.approx(still, abs=6)
    assert frames[0][0].size == moving


def test_other_shapes_are_cropped_and_not_stretched(tmp_path: Path) -> None:
    wide = Image.new("RGB", (300, 100), samples.RED)
    wide.paste(samples.GREEN, (100, 0, 200, 100))
    _, frames = compare(tmp_path, encoded(wide, "PNG"), encoded(corners((100, 100)), "PNG"))
    assert set(frames[0][0].get_flattened_data()) == {samples.GREEN}


@pytest.mark.parametrize("limit", [300_000, 50_000, 30_000])
def test_it_is_made_to_fit(tmp_path: Path, limit: int) -> None:
    still, frames = compare(tmp_path, encoded(photograph(), "PNG"), encoded(repainted(), "PNG"), limit)
    assert still.height >= 64
    assert max(frames[0][0].size) >= 64


def test_what_fits_in_no_form_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        compare(tmp_path, encoded(photograph(), "PNG"), encoded(repainted(), "PNG"), 1000)
    assert not (tmp_path / "still.jpg").exists()


def test_a_still_pixel_does_not_flicker(tmp_path: Path) -> None:
    """Each picture is dithered once, so before the line comes there nothing changes."""
    _, frames = compare(tmp_path, encoded(photograph(), "PNG"), encoded(repainted(), "PNG"))
    right = (400, 0, 512, 512)
    assert difference(frames[0][0].crop(right), frames[4][0].crop(right)) == 0


def test_alpha_is_white_and_turned_pictures_are_upright(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (96, 64), (0, 0, 0, 0))
    turned = encoded(corners((96, 64)), "JPEG", quality=95, exif=samples.exif(6))
    still, frames = compare(tmp_path, encoded(clear, "PNG"), turned)
    assert still.height == 96
    assert difference(still.crop((0, 0, 100, 96)), Image.new("RGB", (100, 96), "white")) < 3
    assert frames[0][0].size == (64, 96)


@pytest.mark.parametrize("name", sorted(samples.every_format()))
def test_every_format_can_be_compared(tmp_path: Path, name: str) -> None:
    data = samples.every_format()[name]
    still, _ = compare(tmp_path, data, data)
    assert still.size == (120 + 4 + 120, 80)


def test_no_metadata_go_along(tmp_path: Path) -> None:
    posted = pictures.finish(
        write(tmp_path, encoded(repainted(), "PNG"), "result"),
        tmp_path / "finished",
        request=make_job().request,
        limit=10**7,
    )
    compare(tmp_path, encoded(photograph(), "JPEG", exif=samples.exif(1)), posted.picture.path.read_bytes())
    for made in ("still.jpg", "m.gif"):
        data = (tmp_path / made).read_bytes()
        assert not any(word in data for word in (b"Steps", b"a cat", b"Camera", b"Exif"))


def test_damaged_missing_and_other_files_are_errors(tmp_path: Path) -> None:
    good = encoded(photograph(), "PNG")
    with pytest.raises(PictureTruncated):
        compare(tmp_path, good[:9000], good)
    with pytest.raises(PictureUnreadable):
        compare(tmp_path, good, b"no picture")
    with pytest.raises(PictureGone):
        pictures.compare(tmp_path / "gone", tmp_path / "after", tmp_path / "s", tmp_path / "m", limit=10**7)
    here = write(tmp_path, good)
    with pytest.raises(StorageError):
        pictures.compare(here, here, tmp_path / "no" / "s", tmp_path / "no" / "m", limit=10**7)


# In the studio --------------------------------------------------------------------------------------------


def finished_job(folder: Path, **changes: Any) -> Job:
    def picture(name: str, image: Image.Image) -> Picture:
        path = write(folder, encoded(image, "PNG"), name)
        return Picture(path, "image/png", *image.size, path.stat().st_size)

    outputs = picture("0.png", repainted()), picture("1.png", Image.new("RGB", (512, 512), samples.GREEN))
    job = make_job(
        state=JobState.DONE, input=picture("input.png", photograph()), outputs=outputs, seeds=(7, 8)
    )
    return make_job(**{name: getattr(job, name) for name in job.__slots__} | changes)


async def test_a_real_worker_compares_the_input_with_the_output_that_is_meant(tmp_path: Path) -> None:
    workers = PictureWorkers(1)
    job = finished_job(tmp_path)
    try:
        still, moving = await Studio(workers, max_pixels=10**6).compare(job, 10**7, tmp_path, output=1)
    finally:
        await workers.close()
    assert (still.path.name, moving.path.name) == ("side-by-side.jpg", "before-after.gif")
    with Image.open(still.path) as image:
        assert difference(image.crop((520, 0, 1028, 512)), Image.new("RGB", (508, 512), samples.GREEN)) < 3


async def test_what_is_not_kept_cannot_be_compared(tmp_path: Path) -> None:
    workers = PictureWorkers(1)
    studio = Studio(workers, max_pixels=10**6)
    job = finished_job(tmp_path)
    try:
        for gone, output in ((finished_job(tmp_path, input=None), 0), (job, 2), (job, -1)):
            with pytest.raises(PictureGone) as caught:
                await studio.compare(gone, 10**7, tmp_path, output=output)
            assert caught.value.sentence == pictures.NOT_KEPT
        assert job.input
        job.input.path.unlink()
        with pytest.raises(PictureGone) as caught:
            await studio.compare(job, 10**7, tmp_path)
        assert caught.value.sentence == pictures.NOT_KEPT
    finally:
        await workers.close()
