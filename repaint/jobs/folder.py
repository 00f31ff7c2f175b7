"""Where the pictures of jobs lie while they are worked on: a folder that one process has for itself."""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock

from repaint.errors import ConfigError

log = logging.getLogger(__name__)

JOB_ID = re.compile(r"[0-9a-f]{10}")


@contextlib.contextmanager
def held(data: Path) -> Iterator[Path]:
    """The folder `jobs` in `data`, locked, and without what an earlier process left of its jobs there.

    Nothing else is touched: `data` may hold other things. Raises ConfigError where it cannot be used, or
    where another bot uses it.
    """
    folder = data / "jobs"
    lock = filelock.FileLock(data / "bot.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise ConfigError(
            sentence=f"Another bot is running with DATA_DIR={data}. Stop it first, or set another DATA_DIR."
        ) from None
    except OSError as error:
        raise ConfigError(sentence=f"DATA_DIR is wrong: {data} cannot be used ({error}).") from error
    try:
        for left in folder.iterdir():
            if JOB_ID.fullmatch(left.name):
                log.info("removing what is left of job %s", left.name)
                shutil.rmtree(left, ignore_errors=True)
        yield folder
    finally:
        lock.release()
