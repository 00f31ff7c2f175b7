"""`scripts/run`: the bot, with a stand-in beside it for whatever is not set up."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from dotenv import load_dotenv

from scripts.person import NoPicture, repaint_once
from scripts.processes import ROOT, ProcessEnded, Processes

SAMPLE = ROOT / "playground" / "samples" / "landscape.jpg"
PROMPT = "a watercolor painting of a landscape at sunset"
LOCAL = {"DISCORD_TOKEN": "playground", "SEGMIND_API_KEY": "local"}


def main() -> int:
    """Exit codes: 0 all well, 1 no picture or a process that ended, 2 wrong arguments or settings."""
    load_dotenv(ROOT / ".env")
    arguments = _arguments()
    token, key = os.environ.get("DISCORD_TOKEN"), os.environ.get("SEGMIND_API_KEY")
    try:
        if arguments.once:
            return asyncio.run(_once(arguments, real_api=False))
        if not token or arguments.own:
            return asyncio.run(_once(arguments, real_api=bool(key)))
        return asyncio.run(_serve(embedded=not key))
    except ProcessEnded as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


async def _serve(*, embedded: bool) -> int:
    """The bot on the real Discord, until Ctrl-C or SIGTERM."""
    async with Processes() as processes:
        env: dict[str, str] = {}
        if embedded:
            print(
                "SEGMIND_API_KEY is not set: pictures are painted on this machine by a preview engine, "
                "not Stable Diffusion.",
                flush=True,
            )
            env = await _start_embedded(processes, ROOT / "data" / "embedded")
        await processes.start_bot(env)
        ended = asyncio.create_task(processes.any_ended())
        stop = asyncio.create_task(_told_to_stop())
        await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not ended.done():
            ended.cancel()
            return 0
        name = ended.result()
        code = await processes.wait(name)
        print(f"{name} ended with exit code {code}.", file=sys.stderr)
        return code or 1


async def _once(arguments: argparse.Namespace, *, real_api: bool) -> int:
    """One picture over the stand-in for Discord, and the end."""
    print("No Discord needed: the bot talks to a stand-in for it on this machine.")
    if real_api:
        print("SEGMIND_API_KEY is set: Segmind repaints the picture and charges your account for it.")
    else:
        print("The image API is the embedded one: a preview engine, not Stable Diffusion.")
    with tempfile.TemporaryDirectory(prefix="repaint-") as folder:
        work = Path(folder)
        async with Processes(logs=work) as processes:
            base = await processes.start_server("playground", "playground", "--port", "0")
            env = {"DISCORD_TOKEN": LOCAL["DISCORD_TOKEN"], "DISCORD_API_URL": f"{base}/api/v10"}
            if not real_api:
                env |= await _start_embedded(processes, work / "embedded")
            await processes.start_bot(env | {"DATA_DIR": str(work / "bot")})
            show = asyncio.create_task(_show(base, arguments))
            ended = asyncio.create_task(processes.any_ended())
            stop = asyncio.create_task(_told_to_stop())
            done, pending = await asyncio.wait({show, ended, stop}, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            if show in done:
                return show.result()
            if stop in done:
                return 130
            name = ended.result()
            raise ProcessEnded(f"{name} ended before the picture was posted.\n{processes.last_words(name)}")


async def _start_embedded(processes: Processes, data: Path) -> dict[str, str]:
    key = {"SEGMIND_API_KEY": LOCAL["SEGMIND_API_KEY"]}
    base = await processes.start_server(
        "embedded", "embedded", "--port", "0", "--data", str(data), "--log-level", "warning", env=key
    )
    return key | dict.fromkeys(("SEGMIND_API_URL", "SEGMIND_UPLOAD_URL", "SEGMIND_HISTORY_URL"), base)


async def _show(base: str, arguments: argparse.Namespace) -> int:
    """Print each state of the reply and save the pictures. The exit code."""
    options: dict[str, Any] = {"prompt": arguments.prompt}
    options |= {
        name: value for name in ("strength", "seed") if (value := getattr(arguments, name)) is not None
    }
    shown = " ".join(f"{name}:{value}" for name, value in options.items())
    print(f"/img2img image:{arguments.image.name} {shown}", flush=True)
    saved = 0
    try:
        async for item in repaint_once(base, arguments.image, options):
            if isinstance(item, str):
                print(f"  {item}", flush=True)
            else:
                name, data = item
                path = _free_path(arguments.folder, Path(name).suffix)
                path.write_bytes(data)
                saved += 1
                print(f"The picture is in {path}")
    except NoPicture as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The picture could not be saved: {error}", file=sys.stderr)
        return 1
    return 0 if saved else 1


def _free_path(folder: Path, suffix: str) -> Path:
    """`repainted.png`, or with a number behind it where that is taken."""
    path = folder / f"repainted{suffix}"
    number = 2
    while path.exists():
        path = folder / f"repainted-{number}{suffix}"
        number += 1
    return path


async def _told_to_stop() -> None:
    """Until Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt
            break
    await stop.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description="Starts the bot. Without DISCORD_TOKEN it repaints one picture over a stand-in for "
        "Discord; without SEGMIND_API_KEY a preview engine on this machine paints.",
    )
    parser.add_argument("--once", action="store_true", help="repaint one picture on this machine and end")
    parser.add_argument("--image", type=Path, default=SAMPLE, metavar="FILE", help="default: a sample")
    parser.add_argument("--prompt", default=PROMPT, metavar="TEXT", help=f"default: {PROMPT!r}")
    parser.add_argument("--strength", type=float, metavar="0–1", help="how far the result may move away")
    parser.add_argument("--seed", type=int, help="the same seed gives the same picture")
    arguments = parser.parse_args()
    arguments.folder = Path(os.environ.get("REPAINT_CALLED_FROM") or Path.cwd())
    own = ("image", "prompt", "strength", "seed")
    arguments.own = any(getattr(arguments, name) != parser.get_default(name) for name in own)
    arguments.image = arguments.folder / arguments.image.expanduser()
    if not arguments.image.is_file():
        parser.error(f"there is no file {arguments.image}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
