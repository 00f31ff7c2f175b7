"""How long a repainting takes, learned from those that finished."""

from __future__ import annotations

import statistics
from collections import deque

TYPICAL = 7.44  # seconds; the average for sd3-med-img2img on Segmind's model page
REMEMBERED = 200


class Durations:
    """The last durations of the work itself, without the time in the API's queue, for each unit of work."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=REMEMBERED)

    def learn(self, seconds: float, work: float = 1.0) -> None:
        """Add one finished job (see `Request.work`); what is no positive, finite number is left out."""
        if 0 < seconds < float("inf") and work > 0:
            self._seen.append(seconds / work)

    def expected(self, work: float = 1.0) -> float:
        """The median of what was seen, in seconds; the vendor's average until there is something."""
        return (statistics.median(self._seen) if self._seen else TYPICAL) * work


def progress(elapsed: float, expected: float) -> float:
    """How far a job is by guess, 0 to 0.95: straight to 80 % at the expected time, then ever slower.

    The API tells no progress, so a bar that reached the end by itself would lie.
    """
    if elapsed <= 0 or expected <= 0:
        return 0.0
    part = elapsed / expected
    return 0.8 * part if part <= 1 else 0.95 - 0.15 / part
