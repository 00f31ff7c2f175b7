"""Start here: settings → store → API client → the life of jobs → Discord → run.

    python bot.py

needs the addresses and secrets that `.env.example` lists. `scripts/run` starts this with whatever is missing
beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repaint.config import Settings

log = logging.getLogger("bot")

STOP_LIMIT = 2.0  # seconds; discord.py may be in the middle of waiting for a connection
EXTENSIONS = (
    "cogs.gallery",
    "cogs.help",
    "cogs.img2img",
    "cogs.jobs",
    "cogs.preferences",
    "cogs.privacy",
    "cogs.repaint",
    "cogs.reproduce",
    "cogs.styles",
)


async def serve(settings: Settings) -> None:
    """Run the bot until it is told to stop. Raises ConfigError where Discord does not take the token."""
    # Imported here: a picture worker imports this file anew when it starts, and needs none of it.
    import aiohttp

    from repaint.config import DISCORD_API_URL
    from repaint.jobs.durations import Durations
    from repaint.jobs.folder import held
    from repaint.jobs.intake import Intake
    from repaint.jobs.runner import Runner
    from repaint.jobs.studio import Studio
    from repaint.jobs.tools import Limits, Tools
    from repaint.segmind.client import SegmindClient
    from repaint.store.database import Database
    from repaint.store.drafts import Drafts
    from repaint.store.jobs import JobStore
    from repaint.store.leases import Lease
    from repaint.store.queue import ClaimLimits
    from repaint.store.seal import Seal
    from repaint.store.settings import Guilds, People
    from repaint.store.styles import Styles
    from repaint.ui.client import RepaintBot
    from repaint.ui.presenter import CardPresenter
    from repaint.workers import PictureWorkers

    gc.freeze()  # no collection looks through what was loaded again, neither meanwhile nor at the end
    gc.enable()
    input_limit = int(settings.input_max_mib * 2**20)
    token = settings.discord_token.get_secret_value()
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(held(settings.data_dir))
        database = await stack.enter_async_context(Database.open(settings.database))
        lease = await Lease.take(database, settings.data_dir / "lease")
        store = JobStore(database, lease, Seal(token), folder)
        client = await stack.enter_async_context(
            SegmindClient.open(
                settings.segmind_api_key,
                api_url=settings.segmind_api_url,
                upload_url=settings.segmind_upload_url,
                history_url=settings.segmind_history_url,
            )
        )
        attachments = await stack.enter_async_context(aiohttp.ClientSession())
        workers = PictureWorkers(settings.picture_workers)
        stack.push_async_callback(workers.close)
        bot = await stack.enter_async_context(RepaintBot(settings.discord_api_url, extensions=EXTENSIONS))
        bot.input_limit = input_limit
        bot.people = await People.open(database)
        bot.guild_settings = await Guilds.open(database)
        bot.styles, bot.drafts = Styles(database), Drafts(database)
        bot.presenter = CardPresenter(bot)
        bot.runner = Runner(
            Tools(
                store=store,
                client=client,
                intake=Intake(
                    attachments, limit=input_limit, any_host=settings.discord_api_url != DISCORD_API_URL
                ),
                studio=Studio(workers, max_pixels=int(settings.input_megapixels * 1024 * 1024)),
                presenter=bot.presenter,
                durations=Durations(),
                folder=folder,
                limits=Limits(
                    claims=ClaimLimits(
                        at_once=settings.jobs_at_once,
                        per_guild=settings.jobs_at_once_per_server,
                        per_member=settings.jobs_at_once_per_member,
                        per_minute=settings.segmind_requests_per_minute,
                    ),
                    jobs_per_member=settings.jobs_per_member,
                    reconcile_seconds=settings.submit_reconcile_seconds,
                    breaker_seconds=settings.api_breaker_seconds,
                    keep_jobs_days=settings.keep_jobs_days,
                    keep_pictures_days=settings.keep_pictures_days,
                ),
                settings=(bot.people, bot.guild_settings),
            )
        )
        await bot.runner.open()
        await _until_stopped(
            bot.runner.run(), bot.presenter.run(bot.runner), bot.start(token), last=bot.runner.close
        )
    log.info("stopped")


async def _until_stopped(
    work: Coroutine[Any, Any, None],
    *services: Coroutine[Any, Any, None],
    last: Callable[[], Awaitable[None]],
) -> None:
    """Run all until SIGTERM or Ctrl-C, or until one fails, whose error is raised.

    At the end `work` stops first, then comes `last`, which still needs the `services`.
    """
    from repaint.errors import RepaintError

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels the main task instead
            loop.add_signal_handler(signum, stop.set)
    working = loop.create_task(work)
    serving = [loop.create_task(service) for service in services]
    stopped: asyncio.Task[Any] = loop.create_task(stop.wait())
    try:
        await asyncio.wait([working, *serving, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in (working, *serving):
            if task.done():
                task.result()
                raise RepaintError(sentence="A part of the bot ended by itself.")
    finally:
        log.info("stopping")
        working.cancel()
        await asyncio.wait([working], timeout=STOP_LIMIT)
        await last()
        for task in (*serving, stopped):
            task.cancel()
        await asyncio.wait([*serving, stopped], timeout=STOP_LIMIT)


def main() -> int:
    """The process from the first to the last: 0 if it was stopped, 2 if a setting is wrong, 1 else."""
    gc.disable()  # until all is loaded: modules are no garbage
    from repaint import logs
    from repaint.config import Settings
    from repaint.errors import ConfigError, RepaintError

    try:
        settings = Settings.load()
        logs.configure(settings.log_level, *settings.secrets)
        asyncio.run(serve(settings))
    except RepaintError as error:
        print(error.sentence, file=sys.stderr)  # noqa: T201  # for whoever started it, not for the log
        return 2 if isinstance(error, ConfigError) else 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
