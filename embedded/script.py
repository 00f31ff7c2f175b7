"""What a test tells the server to do: how long requests take, how they end, what goes wrong on the wire.

The script is read at the moment it matters, not when a request is submitted, so a change also reaches the
requests in flight. It is not kept: a restarted server runs without a script.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from embedded.clock import Clock

Route = Literal["submit", "status", "result", "upload", "history", "credits", "output", "v1"]
Shape = Literal["list", "data_uri", "base64", "image_url", "images_only", "empty"]
Phase = Literal["queue_seconds", "inference_seconds"]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Fault(BaseModel):
    """Something that goes wrong with the next `times` requests to a route (-1: with all of them).

    In this order: wait `delay` seconds (by the server's clock), cut the connection if `drop` is "before",
    answer with `status` and `body` if either is given, else do what was asked, cut the connection if `drop`
    is "after", and add `headers`. A `status` without `body` and `headers` is answered the way the contract
    describes it: 405, 502 and 504 with HTML, 429 with `x-rate-limit-reset-at-utc`, others with JSON.
    `shape` changes how a result carries its pictures; on "history", "list" means a bare list of rows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    route: Route
    times: int = Field(default=1, ge=-1)
    status: int | None = Field(default=None, ge=200, le=599)
    body: str | dict[str, Any] | list[Any] | None = None
    content_type: str | None = None
    headers: dict[str, str] | None = None
    delay: Seconds = 0.0
    drop: Literal["before", "after"] | None = None
    shape: Shape | None = None


class Script(BaseModel):
    """What the admin route can set. The last two limits are None for "no limit"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    queue_seconds: Seconds | Literal["manual"] = 0.0
    """At least how long a request stays QUEUED; "manual": until released."""
    inference_seconds: Seconds | Literal["manual"] = 0.0
    """At least how long it stays PROCESSING; "manual": until released."""
    fail: str | None = None
    """Requests end as FAILED with this error."""
    block: bool = False
    """Requests end as FAILED with the content block's error."""
    history_body_seconds: Seconds = 0.0
    """A history row's `request_body` is null until the request is this old."""
    faults: tuple[Fault, ...] = ()
    engine: Literal["preview", "canned"] | None = None
    """None: the one from the command line."""
    credits: Annotated[float, Field(allow_inf_nan=False)] | None = None
    requests_per_minute: int | None = Field(default=None, ge=0)


class Control:
    """The running script, with what is used up of it: faults taken, requests released."""

    def __init__(self, clock: Clock) -> None:
        self.script = Script()
        self._clock = clock
        self._changed = clock.moved  # one bell: who waits for a phase waits for the clock or the script
        self._taken: list[int] = []
        self._releases: Counter[str] = Counter()

    def merge(self, given: Mapping[str, Any]) -> Script:
        """Replace what is given, keep the rest, and return what was given, checked.

        A new list of faults replaces the old one. Raises pydantic's ValidationError.
        """
        checked = Script.model_validate(given)
        self.script = self.script.model_copy(
            update={name: getattr(checked, name) for name in checked.model_fields_set}
        )
        if "faults" in checked.model_fields_set:
            self._taken = [0] * len(checked.faults)
        self._changed.ring()
        return checked

    def reset(self) -> None:
        """Run without a script again. Requests held by the old one go on."""
        self.script = Script()
        self._taken = []
        self._releases.clear()
        self._changed.ring()

    def take_fault(self, route: str) -> Fault | None:
        """Return the first fault left for a route, and count it as taken."""
        for index, fault in enumerate(self.script.faults):
            if fault.route == route and (fault.times < 0 or self._taken[index] < fault.times):
                self._taken[index] += 1
                return fault
        return None

    def release(self, request_ids: list[str]) -> None:
        """Let each of these requests pass one phase that is "manual", now or when it gets there."""
        self._releases.update(request_ids)
        self._changed.ring()

    def forget(self, request_id: str) -> None:
        """Drop releases that a request which has ended did not need."""
        self._releases.pop(request_id, None)

    async def hold(self, request_id: str, phase: Phase, since: float) -> None:
        """Return when a request has been long enough in a phase that began at `since`, or was released."""
        while True:
            seconds = getattr(self.script, phase)
            if seconds == "manual":
                if self._releases[request_id] > 0:
                    self._releases[request_id] -= 1
                    return
                await self._changed.wait()
            elif (left := since + seconds - self._clock.now()) > 0:
                await self._changed.wait(left)
            else:
                return
