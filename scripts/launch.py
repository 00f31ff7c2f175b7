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
from scripts.page import serve_page
from scripts.person import NoPicture, repaint_once
from scripts.processes import ProcessEnded, Processes
from scripts.stand_ins import bot_at, say_who_paints, start_embedded

INTERRUPTED = 130


def main() -> int:
    """Exit codes: 0 all well, 1 no picture or a process that ended, 2 wrong arguments or settings,
    130 stopped before the picture was there.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal has a 🎨
    load_dotenv(ROOT / ".env")
    arguments = parse()
    has_token = bool(os.environ.get("DISCORD_TOKEN"))
    has_key = bool(os.environ.get("SEGMIND_API_KEY"))
    stopped = 0
    if arguments.once or arguments.own:
        work, stopped = _once(arguments, real_api=has_key and not arguments.once), INTERRUPTED
    elif has_token:
        work = _serve(embedded=not has_key)
    else:
        work = serve_page(real_api=has_key, opens=arguments.opens)
    try:
        return asyncio.run(_until_signal(work, stopped=stopped))
    except ProcessEnded as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:  # Windows, where there are no handlers for signals
        return stopped


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
            env = await start_embedded(processes, ROOT / "data" / "embedded")
        await processes.start_bot(env)
        name = await processes.any_ended()
        code = await processes.wait(name)
        raise ProcessEnded(f"{name} ended with exit code {code}.", code)


async def _once(arguments: Arguments, *, real_api: bool) -> int:
    """One picture over the stand-in for Discord, and the end."""
    api_url = os.environ.get("SEGMIND_API_URL")
    print("No Discord needed: the bot talks to a stand-in for it on this machine.", flush=True)
    say_who_paints(api_url, real_api=real_api)
    with tempfile.TemporaryDirectory(prefix="repaint-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        async with Processes(logs=work) as processes:
            base = await processes.start_server("playground", "playground", "--port", "0")
            env = {} if real_api else await start_embedded(processes, work / "embedded")
            await processes.start_bot(env | bot_at(base, work / "bot"))
            code = await processes.during(_show(base, arguments), before="the picture was posted")
            if code and real_api and (hint := hints.operator_hint(processes.log("bot"), api_url)):
                print(hint, file=sys.stderr)
            return code


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
