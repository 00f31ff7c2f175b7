"""Rate limits as Discord announces and enforces them (Discord API docs, Rate Limits).

What is documented: 50 requests/s for the whole bot, interaction callbacks exempt. Observed by others: about
5 per 2 s for each interaction token, about 5 edits per 5 s for each channel, 3 per 6 s for messages older
than an hour. All by the real clock: the playground's movable one does not hurry them.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass

from playground.errors import RateLimited

VIA = {"Via": "1.1 google"}
"""Discord's answers carry it; discord.py takes a 429 without it for a ban by Cloudflare."""

RULES: dict[str, tuple[int, float]] = {
    "webhook": (5, 2.0),
    "message_create": (5, 5.0),
    "message_edit": (5, 5.0),
    "message_edit_old": (3, 6.0),
    "message_delete": (5, 1.0),
    "commands": (10, 10.0),
    "default": (30, 1.0),
}
"""Requests and seconds by the kind of bucket."""

GLOBAL_LIMIT = 50
MAX_BUCKETS = 10_000


@dataclass
class Bucket:
    """A window of requests; `ends` is on the monotonic clock."""

    limit: int
    per: float
    remaining: int
    ends: float


class RateLimits:
    """Buckets by rule and by what the rule counts for: a token, a channel, nothing."""

    def __init__(self) -> None:
        self.enabled = True
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._global = Bucket(GLOBAL_LIMIT, 1.0, GLOBAL_LIMIT, 0.0)

    def spend_global(self) -> None:
        """Count one request of the bot; RateLimited when the second's 50 are gone."""
        if not self.enabled:
            return
        wait = self._spend(self._global)
        if wait:
            headers = VIA | {
                "Retry-After": f"{wait:.3f}",
                "X-RateLimit-Global": "true",
                "X-RateLimit-Scope": "global",
            }
            raise RateLimited(wait, headers, is_global=True)

    def spend(self, rule: str, subject: str) -> dict[str, str]:
        """Count one request in its bucket; answers the headers for its answer, or raises RateLimited."""
        if not self.enabled:
            return dict(VIA)
        limit, per = RULES[rule]
        key = (rule, subject)
        if key not in self._buckets and len(self._buckets) >= MAX_BUCKETS:
            self._forget_old()
        bucket = self._buckets.setdefault(key, Bucket(limit, per, limit, 0.0))
        wait = self._spend(bucket)
        headers = VIA | {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(bucket.remaining),
            "X-RateLimit-Reset": f"{time.time() + _rounded_up(bucket.ends - time.monotonic()):.3f}",
            "X-RateLimit-Reset-After": f"{_rounded_up(bucket.ends - time.monotonic()):.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(rule.encode()).hexdigest()[:32],
        }
        if wait:
            headers |= {"Retry-After": f"{wait:.3f}", "X-RateLimit-Scope": "user"}
            if rule == "message_edit_old":
                raise RateLimited(
                    wait,
                    headers,
                    code=30046,
                    message="Maximum number of edits to messages older than 1 hour reached. Try again later",
                )
            raise RateLimited(wait, headers)
        return headers

    def _forget_old(self) -> None:
        now = time.monotonic()
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket.ends > now}

    @staticmethod
    def _spend(bucket: Bucket) -> float:
        """Take one; answers 0, or the seconds until there is one again."""
        now = time.monotonic()
        if now >= bucket.ends:
            bucket.remaining = bucket.limit
            bucket.ends = now + bucket.per
        if bucket.remaining == 0:
            return _rounded_up(bucket.ends - now)
        bucket.remaining -= 1
        return 0.0


def _rounded_up(seconds: float) -> float:
    """To whole milliseconds, so that who waits as told does not come a moment early."""
    return max(1, math.ceil(seconds * 1000)) / 1000


def ordered(retry_after: float) -> RateLimited:
    """The 429 that the workshop asked for."""
    headers = VIA | {
        "Retry-After": str(retry_after),
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset-After": str(retry_after),
        "X-RateLimit-Reset": f"{time.time() + retry_after:.3f}",
        "X-RateLimit-Scope": "user",
    }
    return RateLimited(retry_after, headers)
