"""What the stages of a job share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from repaint.jobs.durations import Durations
from repaint.jobs.intake import Intake
from repaint.jobs.presenter import Presenter
from repaint.jobs.prices import Prices
from repaint.jobs.studio import Studio
from repaint.segmind.client import SegmindClient
from repaint.store.jobs import JobStore
from repaint.store.queue import ClaimLimits

MESSAGE_BYTES = 25 * 1024 * 1024  # all files of a message together (Discord)
DIRECT_BYTES = 10 * 1024 * 1024  # a file in a direct message: nobody's boost counts there (Discord)


class Shared(Protocol):
    """Something in memory that other processes change in the database."""

    async def refresh(self) -> None:
        """Raises DatabaseAway."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`claims`: between claim and fetched result; `jobs_per_member`: not over yet; 0 = no limit.

    Days that rows and pictures are kept after a job is over; seconds for the two patient parts.
    """

    claims: ClaimLimits
    jobs_per_member: int = 25
    reconcile_seconds: float = 180.0
    breaker_seconds: float = 30.0
    keep_jobs_days: float = 30.0
    keep_pictures_days: float = 7.0
    message_bytes: int = MESSAGE_BYTES


@dataclass(frozen=True, slots=True)
class Tools:
    """The neighbours of the stages, all given by `bot.py`. `folder` has one for each job's pictures."""

    store: JobStore
    client: SegmindClient
    intake: Intake
    studio: Studio
    presenter: Presenter
    durations: Durations
    folder: Path
    limits: Limits
    prices: Prices = field(default_factory=Prices)
    settings: tuple[Shared, ...] = ()  # what people set, which other processes may change, too
