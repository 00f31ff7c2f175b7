"""`python -m embedded`: run the image API on this machine."""

import argparse
import asyncio
import logging
import math
import os
import signal
import sqlite3
import sys
from pathlib import Path

from aiohttp import web

from embedded.app import Options, create_app
from embedded.guard import is_loopback

log = logging.getLogger("embedded")

SHUTDOWN_SECONDS = 2.0
"""How long open connections may finish at the end."""


def main() -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code: 0, or 1 if the server cannot start."""
    arguments = _arguments()
    logging.basicConfig(
        level=arguments.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    options = Options(
        data=arguments.data,
        key=os.environ.get("SEGMIND_API_KEY") or "local",
        engine=arguments.engine,
        workers=arguments.workers,
        requests_per_minute=arguments.requests_per_minute,
        credits=arguments.credits,
        admin=arguments.admin,
        host=arguments.host,
        fetch_urls=arguments.fetch_urls,
    )
    try:
        asyncio.run(_serve(options, arguments.port))
    except sqlite3.OperationalError as error:
        return _cannot_start(f"cannot open {options.data}: {error} (is another server using it?)")
    except OSError as error:
        return _cannot_start(str(error))
    return 0


def _cannot_start(reason: str) -> int:
    sys.stderr.write(f"embedded API: {reason}\n")
    return 1


async def _serve(options: Options, port: int) -> None:
    host = options.host
    if options.admin and not is_loopback(host):
        log.warning("the admin routes need no key, and %s may be reached from other machines", host)
    stopped = asyncio.Event()
    _on_signals(stopped)
    runner = web.AppRunner(create_app(options), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        port = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"embedded API listening on http://{shown}:{port}\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await runner.cleanup()


def _on_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m embedded",
        description="The image API on this machine. It paints with a preview engine, not Stable Diffusion. "
        "The key is SEGMIND_API_KEY, or `local` when that is unset.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=9000, help="0: a free one (default: 9000)")
    parser.add_argument(
        "--data", type=Path, default=Path("data/embedded"), metavar="DIR", help="where all is kept"
    )
    parser.add_argument("--engine", choices=("preview", "canned"), default="preview", help="what paints")
    parser.add_argument("--workers", type=_positive, default=2, metavar="N", help="pictures painted at once")
    parser.add_argument("--requests-per-minute", type=_positive, metavar="N", help="default: no limit")
    parser.add_argument(
        "--credits",
        type=_usd,
        metavar="USD",
        help="all that this data directory may ever spend; default: no limit",
    )
    parser.add_argument(
        "--fetch-urls",
        action="store_true",
        help="fetch inputs from any URL, without redirects (default: only files of this server)",
    )
    parser.add_argument(
        "--admin", action="store_true", help="add the admin routes, for tests; they need no key"
    )
    parser.add_argument(
        "--log-level", default="info", choices=("debug", "info", "warning", "error"), help="default: info"
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _usd(text: str) -> float:
    amount = float(text)
    if not math.isfinite(amount):
        raise ValueError
    return amount


if __name__ == "__main__":
    sys.exit(main())
