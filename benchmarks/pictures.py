"""How long pictures take in the worker processes, and how much memory: `python -m benchmarks.pictures`.

For each input: the first call (with the start of a worker), the median of later ones, and the worker's peak
memory over its life. Peaks are read from /proc, so they are shown on Linux only.
"""

from __future__ import annotations

import asyncio
import functools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repaint import pictures
from repaint.errors import RepaintError
from repaint.models import Request
from repaint.workers import PictureWorkers

if TYPE_CHECKING:
    from PIL import Image

REQUEST = Request(prompt="a fox in snow, 雪", seed=7)
REPEATS = 7


def make_inputs(folder: Path) -> None:
    """A real photograph in the sizes and formats that people attach."""
    import pillow_heif  # noqa: PLC0415  # workers import this module: they must not carry what only the parent needs
    import skimage.data  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    pillow_heif.register_heif_opener()
    photograph = Image.fromarray(skimage.data.astronaut())  # type: ignore[no-untyped-call]

    def save(name: str, picture: Image.Image, **options: Any) -> None:
        picture.save(folder / name, **options)

    large = photograph.resize((4000, 3000), Image.Resampling.BICUBIC)
    save("1 MP JPEG.jpg", photograph.resize((1152, 864)), quality=90)
    save("12 MP JPEG.jpg", large, quality=90)
    save("12 MP PNG.png", large, compress_level=3)
    save("12 MP PNG with alpha.png", _with_alpha(large), compress_level=3)
    save("12 MP WebP.webp", large, quality=85, method=1)
    save("12 MP HEIC.heic", large, quality=70)
    save("12 MP AVIF.avif", large, quality=60, speed=10)
    save("50 MP JPEG.jpg", photograph.resize((8160, 6120)), quality=85)
    save("30,000 x 30,000 bomb.png", Image.new("1", (30_000, 30_000)))


def _with_alpha(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    copy.putalpha(200)
    return copy


def memory(pid: int | str, field: str) -> str:
    """A field of /proc/PID/status, such as VmRSS or VmHWM (the peak), in MiB."""
    path = Path(f"/proc/{pid}/status")
    if not path.exists():
        return "?"
    line = next(line for line in path.read_text().splitlines() if line.startswith(field))
    return f"{int(line.split()[1]) / 1024:.0f}"


async def measure(name: str, call: Callable[[PictureWorkers], Awaitable[str]]) -> None:
    """Repeat a call in a worker of its own, and print a line."""
    workers = PictureWorkers(count=1, time_limit=60)
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        outcome = await call(workers)
        times.append((time.perf_counter() - begin) * 1e3)
    peak = memory(await workers.run(os.getpid), "VmHWM")
    await workers.close()
    later = statistics.median(times[1:])
    print(f"{name:22} first {times[0]:5.0f} ms, later {later:5.0f} ms, {peak:>4} MiB, {outcome}")


async def normalise(workers: PictureWorkers, source: Path, target: Path) -> str:
    try:
        picture = await workers.run(pictures.normalise, source, target, max_pixels=1024 * 1024)
    except RepaintError as error:
        return type(error).__name__
    return f"{picture.width} × {picture.height} {picture.media_type}, {picture.size / 1024:.0f} KiB"


async def finish(workers: PictureWorkers, source: Path, target: Path, limit: float) -> str:
    finished = await workers.run(pictures.finish, source, target, request=REQUEST, limit=int(limit * 2**20))
    return f"limit {limit:g} MiB: {finished.change}, {finished.picture.size / 1024:.0f} KiB"


async def main() -> None:
    parent = memory("self", "VmRSS")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = folder / "inputs"
        inputs.mkdir()
        workers = PictureWorkers(count=1, time_limit=300)
        # In a worker, so that this process stays as small as the bot's.
        await workers.run(make_inputs, inputs)
        await workers.close()
        begin = time.perf_counter()
        workers = PictureWorkers(count=1)
        pid = await workers.run(os.getpid)
        took = (time.perf_counter() - begin) * 1e3
        print(f"process without pictures {parent} MiB; Pillow loaded here: {'PIL' in sys.modules}")
        print(f"empty worker up after {took:.0f} ms, {memory(pid, 'VmRSS')} MiB\n")
        await workers.close()
        print("normalise to 1 megapixel")
        for source in sorted(inputs.iterdir()):
            await measure(source.stem, functools.partial(normalise, source=source, target=folder / "out"))
        print("\nfinish")
        for file, limit in (
            ("1 MP JPEG.jpg", 10),
            ("12 MP PNG.png", 10),
            ("12 MP PNG.png", 5),
            ("12 MP PNG.png", 0.5),
        ):
            source = inputs / file
            await measure(
                source.stem, functools.partial(finish, source=source, target=folder / "out", limit=limit)
            )


if __name__ == "__main__":
    asyncio.run(main())
