"""Files that are cut off, mutilated or hostile: always one of the PictureErrors, never grey, never a hang."""

from __future__ import annotations

import errno
import pickle
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repaint import pictures
from repaint.errors import (
    PictureEmpty,
    PictureError,
    PictureTooManyPixels,
    PictureTruncated,
    PictureUnreadable,
    RepaintError,
    StorageError,
)
from repaint.models import Picture
from repaint.pictures.decode import DECODE_FAULTS
from tests.unit import picture_samples as samples
from tests.unit.picture_samples import corners, encoded, write

MEGAPIXEL = 1024 * 1024


def normalise(path: Path) -> Picture:
    return pictures.normalise(path, path.with_name("normalised"), max_pixels=MEGAPIXEL)


@pytest.mark.parametrize("name", samples.every_format())
def test_a_file_that_is_cut_off_is_refused_unless_every_pixel_is_there(tmp_path: Path, name: str) -> None:
    data = samples.every_format()[name]
    whole = normalise(write(tmp_path, data)).path.read_bytes()
    pixels_end = len(data) - 30 if "animated" not in name and name != "jpeg_multi" else len(data) // 3
    for cut in {*range(32, len(data), len(data) // 40), *range(len(data) - 30, len(data))}:
        try:
            picture = normalise(write(tmp_path, data[:cut]))
        except PictureTruncated:
            continue
        assert cut > pixels_end
        assert picture.path.read_bytes() == whole  # only check sums, end marks or later frames were missing


@pytest.mark.parametrize("name", samples.every_format())
def test_the_first_bytes_alone_are_refused(tmp_path: Path, name: str) -> None:
    for length in range(1, 32):
        with pytest.raises((PictureTruncated, PictureUnreadable)):
            normalise(write(tmp_path, samples.every_format()[name][:length]))


def test_a_jpeg_that_paints_the_same_over_and_over_is_refused(tmp_path: Path) -> None:
    data = samples.every_format()["jpeg_progressive"]
    last = data.rindex(b"\xff\xda")
    with pytest.raises(PictureUnreadable, match="scans"):
        normalise(write(tmp_path, data[:last] + data[last:-2] * 200 + data[-2:]))


# Bombs ----------------------------------------------------------------------------------------------------

MEASURE = """
import sys
from pathlib import Path
from repaint import pictures
from repaint.errors import RepaintError
try:
    pictures.normalise(Path(sys.argv[1]), Path(sys.argv[1]).with_name("out"), max_pixels=1_000_000)
except RepaintError as error:
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(type(error).__name__, peak.split()[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_bomb_of_30_000_pixels_a_side_is_refused_by_its_header_without_memory(tmp_path: Path) -> None:
    bomb = write(tmp_path, samples.png_bomb())
    assert bomb.stat().st_size < 200_000
    done = subprocess.run(  # noqa: S603  # this very Python
        [sys.executable, "-c", MEASURE, bomb], check=True, capture_output=True, text=True, timeout=50
    )
    name, peak = done.stdout.split()
    assert name == "PictureTooManyPixels"
    assert int(peak) < 50 * 1024  # KiB


def _gif_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(corners().quantize(4), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def _jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(corners(), "JPEG"))
    at = data.index(b"\xff\xc0")  # start of frame: length, precision, height, width
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _webp_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(corners(), "WEBP", exif=samples.exif(1)))
    data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [_gif_of(65_535, 65_535), _gif_of(10_000, 10_000), _jpeg_of(65_500, 65_500), _webp_of(16_383, 16_383)],
    ids=["gif", "gif over the limit", "jpeg", "webp"],
)
def test_a_header_with_too_many_pixels_is_enough_to_refuse(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PictureTooManyPixels):
        normalise(write(tmp_path, data))


@pytest.mark.parametrize(("name", "head"), [("zTXt", b"Comment\0\0"), ("iTXt", b"Comment\0\1\0\0\0")])
def test_text_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, name: str, head: bytes) -> None:
    packed = zlib.compress(bytes(50_000_000))
    chunk = samples.png_chunk(name.encode(), head + packed)
    whole = encoded(corners(), "PNG")
    with pytest.raises(PictureTruncated):
        normalise(write(tmp_path, whole[:33] + chunk + whole[33:]))


def test_memory_that_runs_out_is_told_as_too_many_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("repaint.pictures.inputs.plain", no_memory)
    with pytest.raises(PictureTooManyPixels):
        normalise(write(tmp_path, encoded(corners(), "PNG")))


@pytest.mark.parametrize("fault", DECODE_FAULTS)
def test_whatever_a_decoder_raises_is_told_as_damage_but_a_disk_fault_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    source = write(tmp_path, encoded(corners(), "PNG"))

    def fail(*_: object) -> None:
        raise fault("lying bytes")

    def fail_to_read(*_: object) -> None:
        raise OSError(errno.EIO, "the disk")

    monkeypatch.setattr("repaint.pictures.inputs.plain", fail)
    with pytest.raises(PictureTruncated, match="lying bytes"):
        normalise(source)
    monkeypatch.setattr("repaint.pictures.inputs.plain", fail_to_read)
    with pytest.raises(StorageError, match="the disk"):
        normalise(source)


# Fuzz -----------------------------------------------------------------------------------------------------

HEADS = [data[:40] for data in samples.every_format().values()]


@given(head=st.sampled_from([b"", *HEADS]), body=st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_random_bytes_raise_only_picture_errors(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, body: bytes
) -> None:
    _only_picture_errors(tmp_path_factory.getbasetemp(), head + body)


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    """A valid file with some bytes changed, some taken out and perhaps some put in; mostly near its start."""
    data = bytearray(draw(st.sampled_from(list(samples.every_format().values()))))
    reach = draw(st.sampled_from([64, 400, len(data)]))
    for at, value in draw(st.lists(st.tuples(st.integers(0, reach), st.integers(0, 255)), max_size=6)):
        data[min(at, len(data) - 1)] = value
    at, length = draw(st.integers(0, reach)), draw(st.sampled_from([0, 0, 1, 4, 50]))
    data[at : at + length] = draw(st.binary(max_size=8)) if length else b""
    return bytes(data)


@given(data=mutilated())
@settings(max_examples=250, deadline=None)
def test_mutilated_files_raise_only_picture_errors(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    _only_picture_errors(tmp_path_factory.getbasetemp(), data)


def _only_picture_errors(folder: Path, data: bytes) -> None:
    try:
        picture = normalise(write(folder, data, "fuzz"))
    except PictureError:
        return
    assert min(picture.width, picture.height) >= 16
    assert picture.width * picture.height <= MEGAPIXEL


# Disk faults ----------------------------------------------------------------------------------------------


def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    source = write(tmp_path, samples.every_format()["jpeg"])
    (tmp_path / "normalised.jpg.part").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="No space left"):
        normalise(source)
    assert list(tmp_path.iterdir()) == [source]


def test_a_file_that_cannot_be_read_is_a_storage_fault_not_a_bad_picture(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        normalise(tmp_path / "nowhere")
    with pytest.raises(StorageError, match="directory"):
        normalise(tmp_path)


def test_a_folder_that_is_gone_is_a_storage_fault(tmp_path: Path) -> None:
    source = write(tmp_path, samples.every_format()["jpeg"])
    with pytest.raises(StorageError):
        pictures.normalise(source, tmp_path / "gone" / "out", max_pixels=MEGAPIXEL)


# Across the border ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [PictureEmpty, PictureTooManyPixels, PictureTruncated, PictureUnreadable, StorageError]
)
def test_a_refusal_keeps_its_detail_and_sentence_when_it_is_pickled(kind: type[RepaintError]) -> None:
    for error in (kind("for the log"), kind(), kind("for the log", sentence="For people.")):
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
        assert type(copy) is kind
        assert (copy.detail, copy.sentence, str(copy)) == (error.detail, error.sentence, str(error))
