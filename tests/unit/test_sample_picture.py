"""The sample picture that the project ships is the one that its script draws."""

import io

import numpy as np
from PIL import Image

from scripts.draw_sample import SAMPLE, draw


def test_the_committed_sample_is_what_the_script_draws() -> None:
    data = SAMPLE.read_bytes()
    assert len(data) < 400 << 10
    committed = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32)
    drawn = draw()
    assert drawn.shape == (768, 1024, 3)
    # JPEG loses a little; another processor's arithmetic may round otherwise.
    assert np.abs(committed - drawn).mean() < 3
