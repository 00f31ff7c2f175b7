"""What a repainting costs, learned from those that were paid."""

from __future__ import annotations

import statistics
from collections import deque

TYPICAL = 0.00758  # USD; the average for sd3-med-img2img on Segmind's model page
REMEMBERED = 50


class Prices:
    """The last prices for each unit of work (see `Request.work`)."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=REMEMBERED)

    def learn(self, cost: float | None, work: float) -> None:
        """Add what one job cost, in USD; nothing where the API did not tell, or gave it away."""
        if cost is not None and cost > 0 and work > 0:
            self._last.append(cost / work)

    def expected(self, work: float) -> float:
        """USD for so much work; by the vendor's average until something was paid."""
        return (statistics.median(self._last) if self._last else TYPICAL) * work
