"""Holds submits while the image service is down, so that this costs nobody a job, until it is back.

    CLOSED ── 4 failures in a row ──► OPEN ── a probe is answered ──► TRYING ── a submit succeeds ──► CLOSED
                                       ▲                                │
                                       └───── the submit fails too ─────┘  (then it is open twice as long)

Looks at requests are never held: they tell of what is paid for.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable

from repaint.errors import GatewayFault, Intercepted, NotReached, ServiceError, SubmitUnknown
from repaint.text import text

log = logging.getLogger(__name__)

IN_A_ROW = 4
LONGEST = 10  # times the seconds that it is open at first
TRIAL = 180.0  # seconds after which a trial that nobody told the end of keeps nobody back
NOTE = text("The image service is down at the moment; the picture keeps its place and I go on by myself.")


class _State(enum.Enum):
    CLOSED = enum.auto()  # submits go
    OPEN = enum.auto()  # none goes
    TRYING = enum.auto()  # one at a time goes


class _Means(enum.Enum):
    """What the end of a submit says about the service."""

    ALIVE = enum.auto()
    UNCLEAR = enum.auto()
    NOTHING = enum.auto()
    PERHAPS_DOWN = enum.auto()  # or the request was bad
    DOWN = enum.auto()


class Breaker:
    """Asked before every submit and told its end. `hold`: seconds that submits are held at first.

    After `ready()` one of `succeeded`, `failed` and `passed_by` must follow, or the trial's turn is lost for
    TRIAL seconds. Several may be told that were begun before it opened.
    """

    def __init__(self, hold: float) -> None:
        self._first_hold = self._hold = hold
        self._state = _State.CLOSED
        self._changed = asyncio.Event()
        self._trial_ends: float | None = None  # by the loop's clock; None: nobody tries
        self._reads_failed = 0
        self._begin_row()

    def _begin_row(self) -> None:
        self._down = self._perhaps_down = 0  # failures in a row
        self._members: set[int] = set()  # whose they were

    # Submits --------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether submits wait: all, or all but the one that tries."""
        return self._state is not _State.CLOSED

    @property
    def note(self) -> str:
        """Why they wait, for people; empty if they do not."""
        return NOTE if self.is_open else ""

    async def passable(self) -> None:
        """Return when submits are not held altogether. It takes no turn: for whoever prepares submits."""
        while self._state is _State.OPEN:
            await self._change()

    async def ready(self) -> None:
        """Return when a submit may go. While the service is tried, that is one caller at a time."""
        now = asyncio.get_running_loop().time
        while self._state is not _State.CLOSED:
            if self._state is _State.TRYING:
                if self._trial_ends is None or self._trial_ends <= now():
                    self._trial_ends = now() + TRIAL
                    return
                await self._change(self._trial_ends - now())
            else:
                await self._change()

    def succeeded(self) -> None:
        """A submit was accepted."""
        self._close()

    def failed(self, error: ServiceError, user_id: int) -> None:
        """A submit of this member's ended with an error, of whatever kind."""
        match _meaning(error):
            case _Means.ALIVE:  # a refusal is an answer
                self._close()
                return
            case _Means.DOWN:
                self._down += 1
                self._members.add(user_id)
            case _Means.PERHAPS_DOWN if self._state is _State.TRYING and user_id in self._members:
                pass  # one that fails again and again is not to keep everybody waiting
            case _Means.PERHAPS_DOWN:
                self._perhaps_down += 1
                self._members.add(user_id)
            case _Means.UNCLEAR if self._state is _State.TRYING:  # the next one would be lost like it
                self._down += 1
            case _Means.UNCLEAR | _Means.NOTHING:
                pass
        # A 500 is often a bad parameter: of one member alone it says nothing.
        failures = self._down + (self._perhaps_down if len(self._members) > 1 else 0)
        if self._state is _State.TRYING and failures:
            self._open(self._hold * 2, error)
        elif self._state is _State.CLOSED and failures >= IN_A_ROW:
            self._open(self._first_hold, error)
        else:
            self.passed_by()

    def passed_by(self) -> None:
        """The submit that was let go did not take place, so it says nothing: the next may try."""
        if self._trial_ends is not None:
            self._trial_ends = None
            self._tell()

    # Looks at requests ----------------------------------------------------------------------------------

    def read_failed(self, error: ServiceError) -> None:
        """A look at a request failed. Enough of them in a row hold the submits too."""
        if isinstance(error, NotReached | GatewayFault) and error.status != 500:
            self._reads_failed += 1
        if self._reads_failed >= IN_A_ROW and self._state is not _State.OPEN:
            again = self._state is _State.TRYING
            self._open(self._hold * 2 if again else self._first_hold, error)

    def read_succeeded(self) -> None:
        """A look at a request was answered. This says nothing about submits: only they end their row."""
        self._reads_failed = 0

    # Opening and closing --------------------------------------------------------------------------------

    async def run(self, probe: Callable[[], Awaitable[None]]) -> None:
        """Work until cancelled: after each hold ask `probe`, which raises ServiceError while it is down."""
        while True:
            while self._state is not _State.OPEN:
                await self._change()
            if await self._ends_before(self._hold):
                continue
            try:
                await probe()
            except ServiceError as error:
                if self._state is _State.OPEN:
                    self._open(self._hold * 2, error)
            else:
                self._try()

    async def _ends_before(self, seconds: float) -> bool:
        """Whether it closes meanwhile: a submit that was under way may succeed after all."""
        now = asyncio.get_running_loop().time
        end = now() + seconds
        while self._state is _State.OPEN and (left := end - now()) > 0:
            await self._change(left)
        return self._state is not _State.OPEN

    def _open(self, hold: float, error: ServiceError) -> None:
        self._state = _State.OPEN
        self._hold = min(hold, self._first_hold * LONGEST)
        log.warning("submits are held for %.1f s: %s: %s", self._hold, type(error).__name__, error)
        self._tell()

    def _try(self) -> None:
        if self._state is _State.OPEN:
            log.info("the image service answers again: one submit tries it")
            self._state = _State.TRYING
            self._trial_ends = None
            self._reads_failed = 0
            self._down = self._perhaps_down = 0  # whose failures they were is known until it closes
            self._tell()

    def _close(self) -> None:
        self._reads_failed = 0
        self._begin_row()
        if self._state is not _State.CLOSED:
            log.warning("submits go again")
            self._state = _State.CLOSED
            self._hold = self._first_hold
            self._trial_ends = None
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _change(self, seconds: float | None = None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return


def _meaning(error: ServiceError) -> _Means:
    """What a submit's error says about the service. A lost answer says what was behind it, where known."""
    if isinstance(error, SubmitUnknown) and isinstance(error.__cause__, ServiceError):
        error = error.__cause__
    if isinstance(error, Intercepted):  # a firewall answers while the API is down too
        return _Means.NOTHING
    if error.status == 500:  # whatever its body: a bad parameter may end in a gateway's page as well
        return _Means.PERHAPS_DOWN
    if isinstance(error, NotReached | GatewayFault):  # a time-out of the connecting is NotReached too
        return _Means.DOWN
    if error.status is None or error.status < 300:
        return _Means.UNCLEAR
    # Above 500 are codes of what stands in front of the API.
    return _Means.ALIVE if error.status < 500 else _Means.DOWN
