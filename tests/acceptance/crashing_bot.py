"""The bot, with moments at which its process is killed or stopped: `python crashing_bot.py`.

CRASH_AT says when, e.g. `repaint.segmind.client:SegmindClient.submit after 1`: the first time that this
method has returned. `before`: when it is called. `during`: so many seconds (a fourth word) after it was
called. Words such as `state=submitting` count only the calls with this argument, `in=view` only those that
come from within a function of this name, `prompt=07` those for a request, or a job with one, whose prompt
begins so. CRASH_SIGNAL is KILL or STOP.

Several moments, with semicolons between them, have their turns one after another: whoever meets one is held
there for ever, "held" is printed, and the next moment has its turn. At the last one the process ends, with
each of them where a kill would have found it. Where it is stopped and continued, all of them go on.

LEASE_SECONDS shortens the lease, so that tests need not wait for it. The product has no hooks for this: the
methods are wrapped here.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import signal
import sys
from typing import Any


class Moments:
    """What is still to be met, in this order; `number` is the signal at the last one."""

    def __init__(self, points: list[str], number: int) -> None:
        self._left = points
        self._number = number
        self._released: asyncio.Event | None = None
        for point in points:
            self._arm(point)

    def _arm(self, point: str) -> None:
        """Wrap the method that `point` names."""
        place, moment, nth, *more = point.split()
        conditions = [word.partition("=")[::2] for word in more if "=" in word]
        owner, name = _found(place)
        inner = getattr(owner, name)
        calls = 0

        @functools.wraps(inner)
        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls

            def has_turn() -> bool:
                return bool(self._left) and self._left[0] is point

            if not (has_turn() and all(_holds(key, value, args, kwargs) for key, value in conditions)):
                return await inner(*args, **kwargs)
            if moment == "after":
                result = await inner(*args, **kwargs)  # what raises has not come to this moment
                calls += 1
                if calls == int(nth) and has_turn():
                    await self._met()
                return result
            calls += 1
            if calls != int(nth):
                return await inner(*args, **kwargs)
            if moment == "before":
                await self._met()
                return await inner(*args, **kwargs)
            under_way = asyncio.ensure_future(inner(*args, **kwargs))
            await asyncio.sleep(float(more[0]))
            await self._met()
            return await under_way

        setattr(owner, name, wrapped)

    async def _met(self) -> None:
        """The foremost moment has come."""
        if self._released is None:
            self._released = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, self._released.set)
        point = self._left.pop(0)
        if not self._left:
            os.kill(os.getpid(), self._number)
            return
        print("held", point, flush=True)  # noqa: T201  # the test waits for it
        await self._released.wait()


def _found(place: str) -> tuple[Any, str]:
    """Where a method is, and its name there."""
    module, _, path = place.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    return owner, name


def _holds(key: str, value: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a call is one of those that are meant."""
    if key == "prompt":
        requests = [getattr(each, "request", each) for each in args]
        return any(str(getattr(each, "prompt", "")).startswith(value) for each in requests)
    if key != "in":
        return str(kwargs.get(key)) == value
    frame = sys._getframe()
    while (frame := frame.f_back) is not None:  # type: ignore[assignment]
        if frame.f_code.co_name == value:
            return True
    return False


def shorten_lease(seconds: float) -> None:
    """Have all that is reckoned from the lease's length follow it. Before anything else is imported."""
    leases: Any = importlib.import_module("repaint.store.leases")
    leases.SURE_SECONDS *= seconds / leases.LEASE_SECONDS
    leases.LEASE_SECONDS = seconds
    keeper: Any = importlib.import_module("repaint.jobs.keeper")
    assert seconds / 3 == keeper.RENEW, "the keeper does not follow the lease"


def main() -> int:
    if seconds := os.environ.get("LEASE_SECONDS"):
        shorten_lease(float(seconds))
    if when := os.environ.get("CRASH_AT"):
        number = signal.SIGSTOP if os.environ.get("CRASH_SIGNAL") == "STOP" else signal.SIGKILL
        Moments([point.strip() for point in when.split(";")], number)
    import bot  # noqa: PLC0415  # after the wrapping

    return bot.main()


if __name__ == "__main__":
    sys.exit(main())
