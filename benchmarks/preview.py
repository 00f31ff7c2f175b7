"""How long the preview engine takes for each style and mood, at 1024×1024.

    python -m benchmarks.preview [--runs 3] [--size 1024]

Prints the wall and the processor time (of all threads together) in milliseconds, medians of the runs, and the
ratio of the processor time to that of a yardstick measured in the same run, a Gaussian blur of that picture:
what else runs on the machine changes the wall time, hardly the ratio. Each run is a whole request: reading
the picture, the style, the blend, the PNG.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from embedded.engine import Paint
from embedded.preview import paint
from embedded.preview.words import MOODS, STYLES, plan

SAMPLE = Path(__file__).parents[1] / "playground" / "samples" / "landscape.jpg"
PROMPTS = {
    "bricks": "lego",
    "coloured_pencil": "coloured pencil",
    "painterly": "an unknown prompt",
    "pop_art": "pop art",
    "low_poly": "low poly",
    "stained_glass": "stained glass",
    "toy": "3d",
    "ukiyo_e": "ukiyo-e",
    "van_gogh": "van gogh",
}
"""Words for the styles whose name is not a word for them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--size", type=int, default=1024)
    options = parser.parse_args()
    sample = cv2.imread(str(SAMPLE))
    assert sample is not None, f"cannot read {SAMPLE}"
    pixels = cv2.resize(sample, (options.size, options.size), interpolation=cv2.INTER_CUBIC)
    image = cv2.imencode(".png", pixels)[1].tobytes()
    floats = np.asarray(pixels, np.float32)
    wall, yardstick = milliseconds(lambda: cv2.GaussianBlur(floats, (0, 0), 8), 3 * options.runs)
    print(f"{options.size}×{options.size}, {cv2.getNumThreads()} threads")
    print(f"{'':16}{'wall':>8}{'cpu':>8}{'ratio':>8}")
    print(f"{'(blur)':16}{wall:8.0f}{yardstick:8.0f}{1:8}")
    for name in (*STYLES, *MOODS):
        request = Paint(image, PROMPTS.get(name, name), "", 0.7, 7.5, 20, 1)
        assert name in (*plan(request.prompt).styles, *plan(request.prompt).moods), name
        paint(request)
        wall, cpu = milliseconds(lambda request=request: paint(request), options.runs)  # type: ignore[misc]
        print(f"{name:16}{wall:8.0f}{cpu:8.0f}{cpu / yardstick:8.0f}")


def milliseconds(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the median wall and processor time."""
    wall, cpu = [], []
    for _ in range(runs):
        start, start_cpu = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    return 1000 * statistics.median(wall), 1000 * statistics.median(cpu)


if __name__ == "__main__":
    main()
