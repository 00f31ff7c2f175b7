"""What is wrong with the account at the image service: no credits, a refused key, a forbidden model.

Every submit would end in the same refusal then, so nobody is let try until a free look at the balance says
that it is over, or where none can say so, until one job is let try after a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
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

log = logging.getLogger(__name__)

PRICE = 0.0076  # USD a picture (Segmind's model page: $0.00758 on average)
PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)  # seconds between two looks at the balance; then as the last
LIFTED_AFTER = 600.0  # seconds after which a trouble that no look can see the end of is tried anew
FACT = "account"
# What the operator is told; what people are told is the error's own sentence.
ADVICE: dict[type[ServiceError], str] = {
    OutOfCredits: "The credits at Segmind are used up: please top up the account (cloud.segmind.com).",
    KeyRefused: "Segmind does not accept SEGMIND_API_KEY: please set a valid key and start the bot again.",
    ModelForbidden: "Segmind does not let this account use the image model: please look at its settings.",
}
GOES_ON = "Until then new pictures are refused, and those that waited have failed with a Retry button."
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
    often it was lifted in between. The operator is to be told once in each.
    """

    def __init__(self, client: Balance, facts: Facts, cleared: Callable[[], None]) -> None:
        self._client = client
        self._facts = facts
        self._cleared = cleared
        self.trouble: ServiceError | None = None  # what submits would end with now
        self._since = 0.0  # when it began, by the loop's clock
        self._kind: type[ServiceError] | None = None  # of the episode; the trouble itself may be lifted
        self._told = False
        self._need = PRICE
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
        return f"{ADVICE[type(self.trouble)]} {GOES_ON}" if self.trouble is not None else ""

    @property
    def is_to_be_told(self) -> bool:
        """Whether there is a trouble that the operator was not told of."""
        return self.trouble is not None and not self._told

    async def load(self) -> None:
        """Go on with the episode that an earlier process was in. Raises StorageError."""
        match await self._facts.fact(FACT):
            case {"kind": str(name), "told": bool(told), "need": float(need), "lifted": bool(lifted)} if (
                name in KINDS
            ):
                self._kind, self._told, self._need = KINDS[name], told, need
                if not lifted:
                    self._look_at_once = True  # whoever restarts the bot may have put it right
                    self._begin(self._kind("as before the restart"))

    async def met(self, error: ServiceError, *, pictures: int = 1) -> bool:
        """A submit of so many pictures ended with this error. Errors that are not the account's are ignored.

        True the first time in an episode: then the operator is to be told, and `told` to be called.
        """
        kind = type(error)
        if kind not in KINDS.values():
            return False
        is_first = kind is not self._kind
        if is_first:
            self._kind, self._told, self._looks = kind, False, 0
            log.error("nothing can be submitted: %s: %s", kind.__name__, error)
        self._need = PRICE * max(pictures, 1)
        self._begin(error)
        await self._remember()
        return is_first

    async def told(self) -> None:
        """The operator knows."""
        self._told = True
        await self._remember()

    async def succeeded(self) -> None:
        """A submit was accepted: the episode is over."""
        if self._kind is None:
            return
        self._kind, self._told, self._looks = None, False, 0
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
        return kind is KeyRefused or balance >= self._need

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
        episode: object = None
        if self._kind is not None:
            lifted = self.trouble is None
            name = self._kind.__name__
            episode = {"kind": name, "told": self._told, "need": self._need, "lifted": lifted}
        try:
            await self._facts.set_fact(FACT, episode)
        except StorageError as error:
            log.warning("the account's trouble is not remembered: %s", error)
