"""Where the pictures of jobs lie: a folder that one process has for itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from repaint.errors import ConfigError


@contextlib.contextmanager
def held(data: Path) -> Iterator[Path]:
    """The folder `jobs` in `data`, locked. What lies there belongs to the jobs of the database.

    Raises ConfigError where it cannot be used, or where another bot uses it.
    """
    folder = data / "jobs"
    lock = filelock.FileLock(data / "bot.lock", mode=0o600)  # nobody else can take it
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise ConfigError(
            sentence=f"Another bot is running with DATA_DIR={data}. Stop it first, or set another DATA_DIR."
        ) from None
    except OSError as error:
        raise ConfigError(sentence=f"DATA_DIR is wrong: {data} cannot be used ({error}).") from error
    try:
        yield folder
    finally:
        lock.release()
