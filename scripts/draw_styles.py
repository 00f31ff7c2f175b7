"""Draw the examples of the built-in styles: the sample picture in each of them, on one sheet.

    python -m scripts.draw_styles [FILE]

The embedded API paints them, with one seed, at each style's own strength. The first picture on the sheet is
the sample itself.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from pydantic import SecretStr

from repaint.models import Request
from repaint.segmind.client import SegmindClient
from repaint.styles import BUILT_IN, Style, wrapped
from scripts.draw_samples import file_of
from scripts.processes import ROOT, Processes

SHEET = ROOT / "repaint" / "ui" / "pictures" / "styles.webp"
KEY = "local"
SUBJECT = "a lake"
SEED = 7
PAINTED = 640, 480  # what the strokes are made for; a tile is half of it
TILE = 320, 240
CAPTION = 40  # pixels below a tile
GAP = 8
COLUMNS = 3
GROUND, INK = (43, 45, 49), (242, 243, 245)
QUALITY = 62


def original() -> Image.Image:
    """The sample in the size in which it is painted."""
    return Image.open(file_of("landscape")).convert("RGB").resize(PAINTED, Image.Resampling.LANCZOS)


def request_of(style: Style) -> Request:
    """What the example of a style is asked for with."""
    usual = Request(prompt=wrapped(style, SUBJECT), seed=SEED, negative_prompt=style.negative_prompt or "")
    return usual if style.strength is None else dataclasses.replace(usual, strength=style.strength)


def tile_box(number: int) -> tuple[int, int, int, int]:
    """Where a picture is on the sheet: left, top, right, bottom. 0 is the sample, then come the styles."""
    row, column = divmod(number, COLUMNS)
    left = GAP + column * (TILE[0] + GAP)
    top = GAP + row * (TILE[1] + CAPTION)
    return left, top, left + TILE[0], top + TILE[1]


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """The sample and one picture a style, in their order, each above its name."""
    names = ["original", *(style.name for style in BUILT_IN)]
    _, _, right, _ = tile_box(COLUMNS - 1)
    _, _, _, bottom = tile_box(len(names) - 1)
    made = Image.new("RGB", (right + GAP, bottom + CAPTION), GROUND)
    pen, font = ImageDraw.Draw(made), ImageFont.load_default(27)
    for number, (name, picture) in enumerate(zip(names, pictures, strict=True)):
        left, top, right, bottom = tile_box(number)
        made.paste(picture.resize(TILE, Image.Resampling.LANCZOS), (left, top))
        middle = (left + right) / 2, bottom + CAPTION / 2 - 2
        pen.text(middle, name, INK, font, anchor="mm")
    return made


async def painted(requests: Sequence[Request]) -> list[Image.Image]:
    """What the embedded API makes of the sample at these requests."""
    buffer = io.BytesIO()
    original().save(buffer, "PNG")
    image = base64.b64encode(buffer.getvalue()).decode()
    pictures = []
    with tempfile.TemporaryDirectory(prefix="repaint-") as folder:
        async with Processes() as processes:
            base = await processes.start_server(
                "embedded", "embedded", "--port", "0", "--data", folder, env={"SEGMIND_API_KEY": KEY}
            )
            async with SegmindClient.open(
                SecretStr(KEY), api_url=base, upload_url=base, history_url=base
            ) as client:
                for request in requests:
                    result = await client.run_sync(request, image)
                    target = Path(folder) / "picture"
                    await client.download(result.outputs[0], target, 2**24)
                    pictures.append(Image.open(io.BytesIO(target.read_bytes())).convert("RGB"))
    return pictures


if __name__ == "__main__":
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else SHEET
    file.parent.mkdir(parents=True, exist_ok=True)
    examples = asyncio.run(painted([request_of(style) for style in BUILT_IN]))
    sheet([original(), *examples]).save(file, "WEBP", quality=QUALITY, method=6)
    print(file, f"{file.stat().st_size / 1024:.0f} KiB")
