"""What is wrong with the account at the image service: no credits, a refused key, a forbidden model.

Every submit would end in the same refusal then, so nobody is let try until a free look at the balance says
that it is over, or where none can say so, until one job is let try after a while. One job's refusal alone is
not believed to be everybody's: whoever can word a prompt or ask for many pictures may be able to provoke it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from repaint.errors import (
    KeyRefused,
    ModelForbidden,
    NoAnswer,
    NotReached,
    OutOfCredits,
    RateLimited,
    ServerFault,
    ServiceError,
    StorageError,
)
from repaint.text import Text, text

log = logging.getLogger(__name__)

PRICE = (
    0.0076  # USD for work 1 (`Request.work`), so for a picture (Segmind's model page: $0.00758 on average)
)
ROUNDING = 1e-9  # USD
PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)  # seconds between two looks at the balance; then as the last
LIFTED_AFTER = 600.0  # seconds after which a trouble that no look can see the end of is tried anew
TOLD_AGAIN = 6 * 3600.0  # seconds after which the operator is told of the same kind of trouble once more
FACT = "account"
# What the operator is told; what people are told is the error's own sentence.
ADVICE: dict[type[ServiceError], str] = {
    OutOfCredits: text("The credits at Segmind are used up: please top up the account (cloud.segmind.com)."),
    KeyRefused: text(
        "Segmind does not accept SEGMIND_API_KEY: please set a valid key and start the bot again."
    ),
    ModelForbidden: text(
        "Segmind does not let this account use the image model: please look at its settings."
    ),
}
GOES_ON = text("Until then new pictures are refused, and those that waited have failed with a Retry button.")
KINDS: dict[str, type[ServiceError]] = {
    kind.__name__: kind for kind in (OutOfCredits, KeyRefused, ModelForbidden)
}


class Balance(Protocol):
    """What is needed of the API client."""

    async def credits(self) -> float: ...


class Facts(Protocol):
    """Small things that are remembered across restarts; values as JSON knows them. Raises StorageError."""

    async def fact(self, key: str) -> object | None: ...

    async def set_fact(self, key: str, value: object | None) -> None: ...


class Account:
    """Knows the trouble and watches for its end; `cleared` is called when submits may be tried again.

    An episode is one kind of trouble from its first refusal to the next submit that is accepted, however
    often it was lifted in between. The operator is not told in each, but once in TOLD_AGAIN for each kind:
    episodes may follow each other by the minute.
    """

    def __init__(self, client: Balance, facts: Facts, cleared: Callable[[], None]) -> None:
        self._client = client
        self._facts = facts
        self._cleared = cleared
        self.trouble: ServiceError | None = None  # what submits would end with now
        self._since = 0.0  # when it began, by the loop's clock
        self._kind: type[ServiceError] | None = None  # of the episode; the trouble itself may be lifted
        self._told: dict[str, float] = {}  # when the operator was, of each kind; seconds since the epoch
        self._forbidden: set[int] = set()  # whose jobs met ModelForbidden since a submit was accepted
        self._looks = 0  # at the balance, in this episode
        self._look_at_once = False
        self._troubled = asyncio.Event()

    def check(self) -> None:
        """Raise the trouble where there is one."""
        if self.trouble is not None:
            raise type(self.trouble)(self.trouble.detail, status=self.trouble.status)

    @property
    def advice(self) -> str:
        """What the operator is to do about the trouble."""
        if self.trouble is None:
            return ""
        return Text(
            "{what_to_do} {until_then}", {"what_to_do": ADVICE[type(self.trouble)], "until_then": GOES_ON}
        )

    @property
    def is_to_be_told(self) -> bool:
        """Whether there is a trouble of a kind that the operator was not told of for a while."""
        if self.trouble is None:
            return False
        told = self._told.get(type(self.trouble).__name__, -math.inf)
        return not 0 <= time.time() - told < TOLD_AGAIN  # in the future only by a clock that was wrong

    async def load(self) -> None:
        """Go on with the trouble that an earlier process was in. Raises StorageError."""
        known = await self._facts.fact(FACT)
        if not isinstance(known, Mapping):
            return
        if isinstance(told := known.get("told"), Mapping):
            self._told = {name: at for name, at in told.items() if name in KINDS and isinstance(at, float)}
        if isinstance(name := known.get("trouble"), str) and name in KINDS:
            self._look_at_once = True  # whoever restarts the bot may have put it right
            self._kind = KINDS[name]
            self._begin(self._kind("as before the restart"))

    async def met(self, error: ServiceError, user_id: int) -> float:
        """A submit of this member's ended with this error: how much work a job may be to be tried still.

        In terms of `Request.work`. Infinite where it was that job's error alone, 0 where no job has a chance.
        Looks at the balance, so this may take a while.
        """
        kind = type(error)
        if kind not in KINDS.values():
            return math.inf
        if kind is ModelForbidden:  # no look can tell
            self._forbidden.add(user_id)
            is_known = isinstance(self.trouble, ModelForbidden)
            most = 0.0 if is_known or len(self._forbidden) > 1 else math.inf
        else:
            most = await self._affordable(kind)
        if most < 1:
            if kind is not self._kind:
                self._kind, self._looks = kind, 0
                log.error("nothing can be submitted: %s: %s", kind.__name__, error)
            self._begin(error)
            await self._remember()
        elif type(self.trouble) is kind:
            await self._lift("the account is in order")
        return most

    async def _affordable(self, kind: type[ServiceError]) -> float:
        """The work of the largest job that can be paid; 0 if this cannot be found out."""
        try:
            balance = await self._client.credits()
        except ServiceError as error:
            log.info("the balance could not be seen: %s: %s", type(error).__name__, error)
            return 0.0
        if kind is KeyRefused:  # it was taken just now
            return math.inf
        return max(0.0, (balance + ROUNDING) / PRICE)

    async def told(self) -> None:
        """The operator knows."""
        if self.trouble is not None:
            self._told[type(self.trouble).__name__] = time.time()
        await self._remember()

    async def succeeded(self) -> None:
        """A submit was accepted: the episode is over."""
        self._forbidden.clear()
        if self._kind is None:
            return
        self._kind, self._looks = None, 0
        await self._lift("a submit was accepted")

    # Until it is over -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch for the end of whatever trouble there is, until cancelled."""
        while True:
            await self._troubled.wait()
            if not self._look_at_once:
                await asyncio.sleep(PAUSES[min(self._looks, len(PAUSES) - 1)])
            self._look_at_once = False
            self._looks += 1
            if self.trouble is None:
                continue
            kind = type(self.trouble)
            is_over = await self._is_over(kind)
            if type(self.trouble) is not kind:  # another one came meanwhile
                continue
            age = asyncio.get_running_loop().time() - self._since
            if is_over:
                await self._lift("the account is in order")
            elif is_over is None and age >= LIFTED_AFTER:
                await self._lift("nothing can tell, so the next job shows")

    async def _is_over(self, kind: type[ServiceError]) -> bool | None:
        """Whether the trouble is over; None if this cannot be found out."""
        if kind is ModelForbidden:
            return None
        try:
            balance = await self._client.credits()
        except (NotReached, NoAnswer, RateLimited, ServerFault) as error:  # these pass
            log.info("the balance could not be seen: %s", error)
            return False
        except ServiceError as error:
            log.info("the balance could not be seen: %s: %s", type(error).__name__, error)
            return False if type(error) is kind else None
        return kind is KeyRefused or balance + ROUNDING >= PRICE

    def _begin(self, trouble: ServiceError) -> None:
        if type(trouble) is not type(self.trouble):
            self._since = asyncio.get_running_loop().time()
        self.trouble = trouble
        self._troubled.set()

    async def _lift(self, why: str) -> None:
        self._troubled.clear()
        if self.trouble is not None:
            log.warning("submits are tried again: %s", why)
            self.trouble = None
            self._cleared()
        await self._remember()

    async def _remember(self) -> None:
        """Write down what a later process should know. Not to be able to is no harm now."""
        trouble = type(self.trouble).__name__ if self.trouble is not None else None
        known = {"trouble": trouble, "told": self._told}
        try:
            await self._facts.set_fact(FACT, known if trouble or self._told else None)
        except StorageError as error:
            log.warning("the account's trouble is not remembered: %s", error)
