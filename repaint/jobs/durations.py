"""How long a repainting takes, learned from those that finished."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Iterable
from typing import Protocol, TypeGuard

from repaint.jobs.hazard import Lognormal

TYPICAL = 7.44  # seconds; the average for sd3-med-img2img on Segmind's model page
REMEMBERED = 200
ENOUGH = 20  # fewer durations tell too little of their spread
LEAST_SPREAD, MOST_SPREAD = 0.1, 2.0  # sigma; the first because what was always so may be otherwise tomorrow


class Duration(Protocol):
    """How long a finished job took, in seconds by the API's own clock; None where the API did not tell."""

    @property
    def work_seconds(self) -> float | None: ...
    @property
    def api_seconds(self) -> float | None: ...
    @property
    def work(self) -> float: ...


class Durations:
    """The last durations for each unit of work (see `Request.work`): one sample of 20 steps.

    Those of the work itself tell a bar how far it is. Those from submit to COMPLETED, with the time in the
    API's queue, tell when a look is worth its while.
    """

    def __init__(self) -> None:
        self._at_work: deque[float] = deque(maxlen=REMEMBERED)
        self._in_all: deque[float] = deque(maxlen=REMEMBERED)
        self._fit: Lognormal | None = None
        self._fitted = True

    def learn(self, work_seconds: float | None, api_seconds: float | None, work: float) -> None:
        """Add one finished job; what is no positive, finite number is left out."""
        if _is_usable(work_seconds, work):
            self._at_work.append(work_seconds / work)
        if _is_usable(api_seconds, work):
            self._in_all.append(api_seconds / work)
            self._fitted = False

    def fill(self, rows: Iterable[Duration]) -> None:
        """Add the jobs that finished before this start, newest last."""
        for row in rows:
            self.learn(row.work_seconds, row.api_seconds, row.work)

    def expected(self, work: float = 1.0) -> float:
        """The median of the work itself, in seconds; the vendor's average until there is something."""
        return (statistics.median(self._at_work) if self._at_work else TYPICAL) * work

    def fit(self) -> Lognormal | None:
        """The distribution from submit to COMPLETED for one unit of work; None until enough are known."""
        if not self._fitted:
            self._fit = _fitted([math.log(each) for each in self._in_all])
            self._fitted = True
        return self._fit


def progress(elapsed: float, expected: float) -> float:
    """How far a job is by guess, 0 to 0.95: straight to 80 % at the expected time, then ever slower.

    The API tells no progress, so a bar that reached the end by itself would lie.
    """
    if elapsed <= 0 or expected <= 0:
        return 0.0
    part = elapsed / expected
    return 0.8 * part if part <= 1 else 0.95 - 0.15 / part


def _is_usable(seconds: float | None, work: float) -> TypeGuard[float]:
    return seconds is not None and work > 0 and 0 < seconds / work < math.inf


def _fitted(logarithms: list[float]) -> Lognormal | None:
    """By the method of moments, which for a lognormal is the maximum of its likelihood."""
    if len(logarithms) < ENOUGH:
        return None
    spread = statistics.pstdev(logarithms)
    return Lognormal(statistics.fmean(logarithms), min(max(spread, LEAST_SPREAD), MOST_SPREAD))
