"""What the life of a job needs of whoever shows it to people."""

from __future__ import annotations

from typing import Protocol

from repaint.errors import RepaintError
from repaint.models import Job


class Presenter(Protocol):
    """Shows jobs. Only `deliver` may fail; the others do what they can and log the rest."""

    def show(self, job: Job) -> None:
        """Show a job as it is now, soon; returns at once. A later one replaces an earlier one."""

    async def deliver(self, job: Job) -> None:
        """Show the finished pictures. Raises DeliveryTooLarge, PromptBlocked, DeliveryError."""

    async def fail(self, job: Job, error: RepaintError) -> None:
        """Say, where the job is shown, why there will be no picture."""

    async def refuse(self, job: Job, error: RepaintError) -> None:
        """Say to the asker alone why this was not accepted, and leave nothing public behind."""
