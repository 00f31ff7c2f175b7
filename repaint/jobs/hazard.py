"""When to look at a request whose duration is known by its distribution only. Pure.

A look at age t costs the same whatever comes of it; a job that ends between two looks waits for the second.
With looks at a density r(t), a job whose duration has the hazard h(t) and the survival function S(t) meets
∫ r·S dt of them before its end and then waits ∫ h·S / 2r dt. Of all densities with equally many looks, the
one with the least wait is r(t) = a·sqrt(h(t)) (Lagrange): none at first, when nothing can be done yet, and
the most where the end is likeliest. The looks a job are then a·K with K = ∫ sqrt(h)·S dt.

The next look is where ∫ r from the last one has gained 1. (1 / r at the present moment would overshoot: it
is infinite at the start.)
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

LOWEST, HIGHEST = -6.0, 3.0  # standard deviations of ln(t) that the table spans; 1 in 740 jobs takes longer
STEPS = 180

INTERVAL = 1.0  # seconds between two looks while nothing is learned, as the vendor's SDK has it
SHORTEST = 0.15  # seconds between two looks at a request
LONGEST = 15.0  # and the other bound, which grows with the number of requests
FIRST = 0.5  # seconds from the submit to a first look that shows whether the API is at work already …
LAVISH = 12.0  # … where a job gets that many looks; where it gets fewer, this one would be missed later
PATIENCE = 0.02  # of its age may pass between two looks at a job that is older than any that was learned


@dataclass(frozen=True)
class Lognormal:
    """The distribution of a duration in seconds: ln(t) is normal with mean `mu` and deviation `sigma`."""

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    def survival(self, t: float) -> float:
        """The probability that it takes longer than t."""
        return _survival((math.log(t) - self.mu) / self.sigma) if t > 0 else 1.0

    def hazard(self, t: float) -> float:
        """The probability per second that it ends at t, if it has not ended before."""
        if t <= 0:
            return 0.0
        z = (math.log(t) - self.mu) / self.sigma
        return _density(z) / (self.sigma * t * _survival(z))

    def cumulative(self, t: float) -> float:
        """The looks due until t, if one is due a job: ∫ sqrt(h) from 0 to t, divided by K."""
        if t <= 0:
            return 0.0
        place = ((math.log(t) - self.mu) / self.sigma - LOWEST) * STEPS / (HIGHEST - LOWEST)
        if place <= 0:
            return 0.0
        step = min(int(place), STEPS - 1)
        low, high = self._table[step], self._table[step + 1]
        return low + (high - low) * min(place - step, 1.0)

    def next_look(self, age: float, looks: float) -> float | None:
        """The age of the next look after one at `age` (or the submit: 0), if a job is to get `looks`.

        These are the looks at a job that is still at work; the one that finds it finished comes half a look
        later on average. None: beyond the tail, where the distribution tells nothing.
        """
        wanted = self.cumulative(age) + 1 / looks
        step = bisect_right(self._table, wanted)
        if step > STEPS:
            return None
        low, high = self._table[step - 1], self._table[step]
        z = LOWEST + (step - 1 + (wanted - low) / (high - low)) * (HIGHEST - LOWEST) / STEPS
        return math.exp(self.mu + self.sigma * z)

    @cached_property
    def _table(self) -> list[float]:
        """`cumulative` at equal steps of ln(t). Only sigma matters: mu stretches ∫ sqrt(h) and K alike.

        In z = (ln(t) - mu) / sigma, and up to a factor: sqrt(h) dt = sqrt(φ(z) / S(z) · e^(sigma·z)) dz.
        """
        width = (HIGHEST - LOWEST) / STEPS
        middles = [LOWEST + (step + 0.5) * width for step in range(STEPS)]
        roots = [math.sqrt(_density(z) / _survival(z) * math.exp(self.sigma * z)) for z in middles]
        whole = sum(root * _survival(z) for root, z in zip(roots, middles, strict=True))
        return [0.0, *(part / whole for part in itertools.accumulate(roots))]


def interval(learned: Lognormal | None, age: float, work: float, each: float) -> float:
    """Seconds from a look at `age`, or from the submit (0), to the next one.

    `learned` is for one unit of `work`. `each`: seconds between two looks at a request if all were looked at
    in turn and the budget used up; so many looks a job as fit into its duration are given to it.
    """
    if learned is None:
        return max(INTERVAL, each) if age else FIRST
    looks = learned.mean * work / each
    following = learned.next_look(age / work, max(looks - 0.5, 0.5))  # half a look goes to the end
    if not age and looks >= LAVISH:
        seconds = FIRST
    elif following is not None:
        seconds = following * work - age
    else:  # older than what was learned: these must leave room for the others
        seconds = max(1.5 * each, PATIENCE * age)
    return min(max(seconds, SHORTEST), max(LONGEST, 3 * each))


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _survival(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2
