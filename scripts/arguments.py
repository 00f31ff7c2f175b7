"""The arguments of `scripts/run`, checked before anything is started."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "playground" / "samples" / "landscape.jpg"
PROMPT = "a watercolor painting of a landscape at sunset"
SEED_LIMIT = 2**32
DISCORD_MIB = 10  # what Discord takes from a member without Nitro, and so does the stand-in


@dataclass(frozen=True)
class Arguments:
    """What to repaint, if it comes to that, and where the result goes."""

    once: bool
    own: bool  # a picture, prompt or option was given: repaint it, even where the bot is set up for Discord
    image: Path
    options: dict[str, Any]  # of /img2img, by name, besides the picture
    folder: Path
    opens: bool  # whether the page may be opened in a browser


def parse(argv: Sequence[str] | None = None) -> Arguments:
    """The arguments of this process, or these. Ends the process with 2 where one is wrong."""
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description="Starts the bot. Without DISCORD_TOKEN a page in the browser takes Discord's place, or "
        "one picture is repainted where one is given; without SEGMIND_API_KEY a preview engine on this "
        "machine paints.",
    )
    parser.add_argument("picture", nargs="?", type=Path, metavar="FILE", help="the same as --image FILE")
    parser.add_argument("--once", action="store_true", help="repaint one picture on this machine and end")
    parser.add_argument("--image", type=Path, metavar="FILE", help="default: a sample")
    parser.add_argument("--prompt", type=_prompt, metavar="TEXT", help=f"default: {PROMPT!r}")
    parser.add_argument(
        "--strength", type=_strength, metavar="0–1", help="how far the result may move away from the picture"
    )
    parser.add_argument("--seed", type=_seed, metavar="N", help="the same seed gives the same picture")
    parser.add_argument("--no-open", action="store_true", help="leave it to you to open the page")
    given = parser.parse_args(argv)
    if given.picture and given.image:
        parser.error("give one picture, not two")
    folder = Path(os.environ.get("REPAINT_CALLED_FROM") or Path.cwd())
    image = given.picture or given.image
    options = {name: getattr(given, name) for name in ("prompt", "strength", "seed")}
    options = {name: value for name, value in options.items() if value is not None}
    arguments = Arguments(
        once=given.once,
        own=bool(image or options),
        image=folder / image.expanduser() if image else SAMPLE,
        options={"prompt": PROMPT} | options,
        folder=folder,
        opens=not given.no_open,
    )
    if problem := _problem(arguments.image):
        parser.error(problem)
    return arguments


def _problem(image: Path) -> str | None:
    """Why this file cannot be sent at all; whether it is a picture is for the bot to say."""
    if image.is_dir():
        return f"{image} is a folder, not a picture"
    if not image.is_file():
        return f"there is no file {image}"
    if not os.access(image, os.R_OK):
        return f"{image} may not be read by you"
    mib = image.stat().st_size / 2**20
    if mib > DISCORD_MIB:
        shown = math.ceil(mib * 10) / 10
        return (
            f"{image.name} has {shown:g} MiB; Discord takes at most {DISCORD_MIB} MiB. "
            "Please use a smaller copy."
        )
    return None


def _prompt(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _strength(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, not {text!r}")
    return number


def _seed(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < SEED_LIMIT:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {SEED_LIMIT - 1}, not {text!r}")
    return number
