"""What is kept on disk of a job that is over."""

from __future__ import annotations

import logging
from pathlib import Path

from repaint.models import Job

log = logging.getLogger(__name__)


def tidy(jobs: Path, job: Job) -> None:
    """Keep a job's input, for Retry, and what was posted, for `/jobs`; the rest goes.

    A handful of files: this is quicker than a thread is begun.
    """
    names = {picture.path.name for picture in (*job.outputs, *([job.input] if job.input else []))}
    folder = jobs / job.id
    try:
        for each in folder.iterdir():
            if each.name not in names:
                each.unlink(missing_ok=True)
        if not names:
            folder.rmdir()
    except FileNotFoundError:
        pass  # nothing was ever stored
    except OSError as error:
        log.warning("something stays behind in %s: %r", folder.name, error)
