"""The account's two limits: requests per minute, and credits. Both are off unless asked for."""

from embedded.clock import Clock, iso
from embedded.errors import ApiError

WINDOW = 60.0


class RequestsPerMinute:
    """Counts requests to the models in windows of one minute that begin with their first request.

    Polls and uploads do not count (whether they do at Segmind is not known).
    """

    def __init__(self, clock: Clock, limit: int | None) -> None:
        self.limit = limit
        self._usual_limit = limit
        self._clock = clock
        self._window_ends = 0.0
        self._used = 0

    def take(self) -> None:
        """Count one request. Raises ApiError 429 when the minute's requests are used up.

        Like Segmind's (seen on v1), the refusal has no Retry-After: `x-rate-limit-reset-at-utc` says when
        the window ends. Its format is not documented; here it is ISO 8601.
        """
        now = self._clock.now()
        if now >= self._window_ends:
            self._window_ends = now + WINDOW
            self._used = 0
        if self.limit is not None and self._used >= self.limit:
            reset = {"x-rate-limit-reset-at-utc": iso(self._window_ends)}
            raise ApiError(429, f"Rate limit exceeded: {self.limit} requests per minute", reset)
        self._used += 1

    def reset(self) -> None:
        """Go back to the limit from the command line, with a fresh window."""
        self.limit = self._usual_limit
        self._window_ends = 0.0


class Credits:
    """What the account may spend, in USD: what it was granted, less what was billed. None: no limit."""

    def __init__(self, granted: float | None) -> None:
        self._granted = granted
        self._usual_grant = granted

    def remaining(self, spent: float) -> float | None:
        """Return the balance, when all that was ever billed is `spent`."""
        return None if self._granted is None else round(self._granted - spent, 6)

    def set_remaining(self, balance: float | None, spent: float) -> None:
        """Let the balance be this from now on."""
        self._granted = None if balance is None else balance + spent

    def reset(self) -> None:
        """Go back to the grant from the command line."""
        self._granted = self._usual_grant

    def check(self, need: float, spent: float, reserved: float) -> None:
        """Raise ApiError 406 unless `need` is there beside what requests in flight will cost."""
        balance = self.remaining(spent)
        if balance is not None and need > balance - reserved + 1e-9:
            free = max(balance - reserved, 0.0)
            raise ApiError(
                406, f"Insufficient credits: your balance is ${free:.4f} and this request needs ${need:.4f}"
            )
