"""How many looks at requests there may be: a token bucket that gives way where the API limits it."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

LOOKS_PER_SECOND = 4.0  # of all requests together: nobody documents whether looks count against the plan
FEWEST_PER_SECOND = 0.5  # however often the API says that it is too much
MOST_PER_SECOND = 20.0  # however many requests are near the end of their hour
GROWTH = 0.5  # looks per second that come back with each quiet minute
SAVED_SECONDS = 2.0  # how long the budget saves up looks that nobody needed
MINUTE = 60.0


class Budget:
    """How many looks there may be: a token bucket. Moments in seconds of any one clock.

    The rate halves when the API says that it is too much, and grows back in quiet minutes. A `need` may be
    set above it, for a while, up to MOST_PER_SECOND.
    """

    def __init__(self, per_second: float, now: float) -> None:
        self._full = self._allowed = per_second
        self.need = 0.0
        self._saved = 1.0
        self._at = now
        self._halved_at = float("-inf")
        self._grown_at = now
        self._closed_until = float("-inf")

    @property
    def rate(self) -> float:
        """Looks per second."""
        return max(self._allowed, min(self.need, MOST_PER_SECOND))

    def wait(self, now: float) -> float:
        """Seconds until the next look may begin; 0 or less: now."""
        self._save(now)
        missing = 1.0 - self._saved
        return max(missing / self.rate if missing > 1e-6 else 0.0, self._closed_until - now)  # rounding

    def take(self, now: float) -> None:
        """One look begins."""
        self._save(now)
        self._saved -= 1.0

    def too_much(self, begun: float, now: float, reset: float | None) -> None:
        """A look that began at `begun` was one too many. `reset`: seconds for which all others would be too.

        Of several that were under way together only the first halves the rate.
        """
        self._save(now)
        if reset is not None:
            self._closed_until = max(self._closed_until, now + reset)
        if begun > self._halved_at:
            self._halved_at = now
            self._allowed = max(self._allowed / 2, min(FEWEST_PER_SECOND, self._full))
            log.info("the API limits looks: from here on %.2g a second", self.rate)
        self._grown_at = max(now, self._closed_until)

    def _save(self, now: float) -> None:
        self._saved = min(self._saved + (now - self._at) * self.rate, max(1.0, self.rate * SAVED_SECONDS))
        self._at = now
        while self._allowed < self._full and now - self._grown_at >= MINUTE:
            self._grown_at += MINUTE
            self._allowed = min(self._allowed + GROWTH, self._full)
