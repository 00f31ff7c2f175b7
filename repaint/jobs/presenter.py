"""What the life of a job needs of whoever shows it to people, and the other way round."""

from __future__ import annotations

import dataclasses
import enum
from typing import Protocol

from repaint.models import Job


class Presenter(Protocol):
    """Shows jobs. What is awaited raises DeliveryPutOff (Discord is away: later) or DeliveryError (never)."""

    def show(self, job_id: str) -> None:
        """Soon show a job as it is in the store then; returns at once and keeps no more than 300 bytes."""

    def forget(self, job_id: str) -> None:
        """Show nothing more of a job by itself: it is over, or not this process's any more."""

    async def is_gone(self, job: Job) -> bool:
        """Whether the reply was surely deleted; False where that is not known."""

    async def deliver(self, job: Job) -> None:
        """The reply shows the finished pictures.

        Raises DeliveryTooLarge, PromptBlocked, DeliveryPutOff and DeliveryError: the message or the channel
        is gone, a permission is missing, or the interaction's token is over and no other reaches the reply.
        """

    async def deliver_directly(self, job: Job, *, again: bool = False) -> None:
        """The pictures by direct message, saying where they come from. Raises as `deliver` does.

        A repetition within some minutes makes no second message. With `again` it is looked first whether an
        earlier attempt, however long ago, arrived after all.
        """

    async def fail(self, job: Job, sentence: str) -> None:
        """The end without a picture, on the card. Raises DeliveryPutOff, DeliveryError."""

    async def cancelled(self, job: Job) -> None:
        """The card of a cancelled job says so, and by whom. Raises DeliveryPutOff, DeliveryError."""

    async def tell_directly(self, job: Job, sentence: str) -> None:
        """The end without a picture, by direct message. Raises DeliveryPutOff, DeliveryError."""

    async def refuse(self, job: Job, sentence: str) -> None:
        """Tell the asker alone, and leave nothing public behind. Raises DeliveryPutOff, DeliveryError."""

    async def mention(self, job: Job) -> None:
        """A message that calls the asker by name to the finished pictures. Raises as `cancelled` does."""

    async def tell_operator(self, sentence: str) -> bool:
        """A direct message to whoever owns the application; False if that was not possible."""


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """A job as it is, and what its card says besides."""

    job: Job
    expected: float  # seconds that the work itself usually takes, without any queue
    position: int | None = None  # in the queue: 1 is next
    waits: float | None = None  # seconds that it waits for its turn, as far as that can be known
    price: float | None = None  # USD that all its pictures together are expected to cost
    trouble: str = ""  # a sentence where the image service is down or busy


class Desk(Protocol):
    """What a presenter asks of the life of jobs."""

    async def view(self, job_id: str) -> View | None:
        """A job as it is now; None if it is unknown."""

    async def withdrawn(self, job_id: str) -> None:
        """The reply was deleted: a job that is not submitted yet is not wanted any more."""


class Cancelled(enum.StrEnum):
    """What became of somebody's wish to cancel a job."""

    GONE = "gone"  # it was not submitted: nothing was spent
    DROPPED = "dropped"  # the image service may charge for it; its result is dropped
    TOO_LATE = "too late"  # it is over, or being posted
    UNKNOWN_JOB = "unknown job"
