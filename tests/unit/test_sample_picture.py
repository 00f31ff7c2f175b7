"""The sample pictures that the project ships are those that its script draws."""

import io
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from scripts.draw_samples import FOLDER, SAMPLES, encoded, file_of

SIZES = {"landscape": (1024, 768), "cat": (768, 1024), "harbour": (1024, 768), "fruit": (896, 896)}
LARGEST = {"landscape": 200_000, "cat": 150_000, "harbour": 150_000, "fruit": 150_000}  # bytes


def test_each_sample_is_drawn_and_nothing_else_lies_beside_them() -> None:
    assert set(SAMPLES) == set(SIZES)
    assert {path.name for path in FOLDER.iterdir()} == {file_of(name).name for name in SAMPLES}


@pytest.mark.parametrize("name", SIZES)
def test_a_sample_is_a_small_jpeg_file_of_its_size(name: str) -> None:
    data = file_of(name).read_bytes()
    assert len(data) <= LARGEST[name]
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "JPEG"
    assert picture.mode == "RGB"
    assert picture.size == SIZES[name]


SLOW = ("cat", "harbour", "fruit")


@pytest.mark.timeout(300)  # each is drawn for many seconds, and other tests run beside it
@pytest.mark.parametrize("name", SIZES)
def test_the_committed_sample_is_what_the_script_draws(name: str) -> None:
    if name in SLOW and os.environ.get("REPAINT_THOROUGH") != "1":
        pytest.skip("drawn for a quarter of a minute: with REPAINT_THOROUGH=1")
    committed = np.asarray(Image.open(file_of(name)).convert("RGB"), np.float32)
    drawn = SAMPLES[name].draw()
    assert drawn.dtype == np.uint8
    assert drawn.shape == committed.shape
    # JPEG loses a little; another processor's arithmetic may round otherwise.
    difference = committed - drawn
    assert np.abs(difference).mean() < 3, f"draw it anew: python -m scripts.draw_samples {name}"
    areas = cv2.resize(difference, (16, 16), interpolation=cv2.INTER_AREA)
    assert np.abs(areas).max() < 4, f"draw it anew: python -m scripts.draw_samples {name}"
    assert len(encoded(drawn, SAMPLES[name].quality)) == pytest.approx(file_of(name).stat().st_size, rel=0.02)
