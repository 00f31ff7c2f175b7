"""`scripts/run`: the bot, with a stand-in beside it for whatever is not set up."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
from dotenv import load_dotenv

from scripts import hints
from scripts.arguments import ROOT, Arguments, parse
from scripts.person import NoPicture, repaint_once
from scripts.processes import ProcessEnded, Processes

LOCAL = {"DISCORD_TOKEN": "playground", "SEGMIND_API_KEY": "local"}
INTERRUPTED = 130


def main() -> int:
    """Exit codes: 0 all well, 1 no picture or a process that ended, 2 wrong arguments or settings,
    130 stopped before the picture was there.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal has a 🎨
    load_dotenv(ROOT / ".env")
    arguments = parse()
    token, key = os.environ.get("DISCORD_TOKEN"), os.environ.get("SEGMIND_API_KEY")
    try:
        if arguments.once:
            return asyncio.run(_until_signal(_once(arguments, real_api=False), stopped=INTERRUPTED))
        if not token or arguments.own:
            return asyncio.run(_until_signal(_once(arguments, real_api=bool(key)), stopped=INTERRUPTED))
        return asyncio.run(_until_signal(_serve(embedded=not key), stopped=0))
    except ProcessEnded as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:  # Windows, where there are no handlers for signals
        return INTERRUPTED


async def _until_signal(work: Coroutine[Any, Any, int], *, stopped: int) -> int:
    """The exit code of `work`; or, at the first SIGINT, SIGTERM or SIGHUP, break it off and return `stopped`.

    The handlers are there before `work` starts a process, so that none is left behind. On Windows there are
    none: Ctrl-C raises KeyboardInterrupt, and being ended otherwise ends this process and not its children.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):  # nohup
            continue
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, told.set)
    working = loop.create_task(work)
    waiting = loop.create_task(told.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if working.done():
        return working.result()
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    return stopped


async def _serve(*, embedded: bool) -> int:
    """The bot on the real Discord, until one of the processes ends."""
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
        name = await processes.any_ended()
        code = await processes.wait(name)
        raise ProcessEnded(f"{name} ended with exit code {code}.", code)


async def _once(arguments: Arguments, *, real_api: bool) -> int:
    """One picture over the stand-in for Discord, and the end."""
    api_url = os.environ.get("SEGMIND_API_URL")
    print("No Discord needed: the bot talks to a stand-in for it on this machine.", flush=True)
    if real_api:
        print(hints.payer(api_url), flush=True)
    else:
        print("The image API is the embedded one: a preview engine, not Stable Diffusion.", flush=True)
    with tempfile.TemporaryDirectory(prefix="repaint-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        async with Processes(logs=work) as processes:
            base = await processes.start_server("playground", "playground", "--port", "0")
            env = {"DISCORD_TOKEN": LOCAL["DISCORD_TOKEN"], "DISCORD_API_URL": f"{base}/api/v10"}
            if not real_api:
                env |= await _start_embedded(processes, work / "embedded")
            data = work / "bot"
            env |= {"DATA_DIR": str(data), "DATABASE_URL": f"sqlite:///{data / 'repaint.db'}"}
            await processes.start_bot(env | {"LOG_LEVEL": "info"})
            code = await _unless_one_ends(processes, _show(base, arguments))
            if code and real_api and (hint := hints.operator_hint(processes.log("bot"), api_url)):
                print(hint, file=sys.stderr)
            return code


async def _unless_one_ends(processes: Processes, showing: Coroutine[Any, Any, int]) -> int:
    """What `showing` returns. Raises ProcessEnded where a process ends before."""
    show = asyncio.create_task(showing)
    ended = asyncio.create_task(processes.any_ended())
    try:
        await asyncio.wait({show, ended}, return_when=asyncio.FIRST_COMPLETED)
        if show.done():
            return show.result()
        name = ended.result()
        code = await processes.wait(name)
        raise ProcessEnded(f"{name} ended before the picture was posted.\n{processes.last_words(name)}", code)
    finally:
        show.cancel()
        ended.cancel()
        await asyncio.gather(show, ended, return_exceptions=True)


async def _start_embedded(processes: Processes, data: Path) -> dict[str, str]:
    key = {"SEGMIND_API_KEY": LOCAL["SEGMIND_API_KEY"]}
    base = await processes.start_server(
        "embedded", "embedded", "--port", "0", "--data", str(data), "--log-level", "warning", env=key
    )
    return key | dict.fromkeys(("SEGMIND_API_URL", "SEGMIND_UPLOAD_URL", "SEGMIND_HISTORY_URL"), base)


async def _show(base: str, arguments: Arguments) -> int:
    """Print each state of the reply and save the pictures. The exit code."""
    shown = " ".join(f"{name}:{value}" for name, value in arguments.options.items())
    print(f"/img2img image:{arguments.image.name} {shown}", flush=True)
    saved = 0
    try:
        async for item in repaint_once(base, arguments.image, arguments.options):
            if isinstance(item, str):
                print(f"  {item}", flush=True)
            elif not _saved(arguments.folder, *item):
                return 1
            else:
                saved += 1
    except NoPicture as error:
        print(*filter(None, [str(error), "No picture was made."]), sep="\n", file=sys.stderr)
        return 1
    except aiohttp.ClientError as error:
        print(f"The stand-in for Discord broke off: {error}\nNo picture was made.", file=sys.stderr)
        return 1
    return 0 if saved else 1


def _saved(folder: Path, name: str, data: bytes) -> bool:
    """Save a picture as `repainted.png`, or with a number behind it where that is taken, and say where."""
    path = folder / f"repainted{Path(name).suffix}"
    number = 2
    while path.exists():
        path = folder / f"repainted-{number}{path.suffix}"
        number += 1
    try:
        path.write_bytes(data)
    except OSError as error:
        print(f"The picture could not be saved: {error}", file=sys.stderr)
        return False
    print(f"The picture is in {path}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
