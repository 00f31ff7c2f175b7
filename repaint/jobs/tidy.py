"""What is kept on disk of a job that is over."""

from __future__ import annotations

import logging
from pathlib import Path

from repaint.models import Job, JobState

log = logging.getLogger(__name__)

WITH_INPUT = (JobState.DONE, JobState.FAILED, JobState.UNKNOWN)  # Again, Adjust and Compare; Retry


def tidy(jobs: Path, job: Job) -> None:
    """Keep what was posted, for `/jobs`, and the input where a button may need it; the rest goes.

    A handful of files: this is quicker than a thread is begun.
    """
    kept = list(job.outputs) if job.state is JobState.DONE else []
    if job.input and job.state in WITH_INPUT and not job.private_failure:
        kept.append(job.input)
    names = {picture.path.name for picture in kept}
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
