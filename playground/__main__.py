"""``python -m playground``: run the stand-in until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys

from playground.app import start
from playground.guard import LOOPBACK
from playground.handover import loopback_address
from playground.keeper import Keeper, listen

log = logging.getLogger("playground")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground", description="A stand-in for Discord.")
    parser.add_argument("--host", default="127.0.0.1", choices=LOOPBACK, help="loopback address to listen on")
    parser.add_argument("--port", type=int, default=9100, help="port to listen on; 0 takes a free one")
    parser.add_argument("--or-free-port", action="store_true", help="take a free one where that is taken")
    parser.add_argument("--token", default="playground", help="the bot token that is accepted")
    parser.add_argument(
        "--api",
        type=loopback_address,
        metavar="ADDRESS",
        help="`python -m embedded --admin`, for the workshop",
    )
    parser.add_argument(
        "--supervised", action="store_true", help="whoever started this keeps the bot's process, too"
    )
    parser.add_argument("--log-level", default="WARNING", help="DEBUG, INFO, WARNING or ERROR")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    keeper = Keeper(_say if arguments.supervised else None)
    running = await start(
        arguments.host,
        arguments.port,
        arguments.token,
        or_free=arguments.or_free_port,
        api=arguments.api,
        keeper=keeper,
    )
    _say(f"playground listening on {running.url}")  # scripts wait for this line
    if arguments.supervised:
        listen(keeper, sys.stdin.fileno())
    await stop.wait()
    await running.stop()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - for whoever started this


def main() -> int:
    """Exit code: 0 after a signal, 1 when the port cannot be had, 2 for wrong arguments."""
    arguments = _arguments()
    try:
        logging.basicConfig(
            level=arguments.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        asyncio.run(_run(arguments))
    except (OSError, ValueError) as error:
        log.error("the playground cannot start: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
