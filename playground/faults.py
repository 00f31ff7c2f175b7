"""Trouble to order: what the workshop asks to go wrong, and how often."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playground.errors import PersonError
from playground.multipart import Body

MAX_FAULTS = 200

QUEUED = ("rest", "rate_limit", "automod", "silent_gateway")
"""Kinds that wait for their occasion. The others happen at once and are not kept."""

AT_ONCE = ("gateway_drop", "gateway_reconnect", "invalid_session", "attachment_gone", "token_expired")


Test = Callable[[Any], bool]


def _number(low: float, high: float, *, whole: bool = False) -> Test:
    kinds = int if whole else int | float
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high


def _is(kind: type) -> Test:
    return lambda value: isinstance(value, kind)


DETAILS: dict[str, tuple[Test, str]] = {
    "method": (_is(str), "text"),
    "path_regex": (_is(str), "text"),
    "status": (_number(200, 599, whole=True), "an HTTP status from 200 to 599"),
    "code": (_number(0, 2**31, whole=True), "a whole number"),
    "message": (_is(str), "text"),
    "drop": (_is(bool), "true or false"),
    "drop_after": (_is(bool), "true or false"),
    "via": (_is(bool), "true or false"),
    "delay": (_number(0, 60), "a number of seconds up to 60"),
    "has_files": (_is(bool), "true or false"),
    "body_regex": (_is(str), "text"),
    "retry_after": (_number(0, 86_400), "a number of seconds up to 86,400"),
    "forget": (_is(bool), "true or false"),
    "resumable": (_is(bool), "true or false"),
    "keyword": (_is(str), "text"),
}
"""What an order can say besides its kind and times, as far as only some values make sense."""

CLOSE_CODES = _number(1000, 4999, whole=True)


@dataclass
class Fault:
    """One kind of trouble, `times` left to happen (-1: until cleared)."""

    kind: str
    times: int = 1
    method: str | None = None
    path: re.Pattern[str] = field(default_factory=lambda: re.compile(""))
    body: re.Pattern[str] | None = None
    spec: dict[str, Any] = field(default_factory=dict)

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and self.path.search(path) is not None

    def concerns(self, body: Body) -> bool:
        """Whether what was ordered of the body is so; where nothing was, any will do."""
        if self.spec.get("has_files", bool(body.uploads)) is not bool(body.uploads):
            return False
        return self.body is None or self.body.search(_text(body.json)) is not None


def _text(given: object) -> str:
    """JSON without spaces between its parts and with every letter as it is; nothing is an empty text."""
    return "" if given is None else json.dumps(given, ensure_ascii=False, separators=(",", ":"))


def _pattern(spec: dict[str, Any], name: str) -> re.Pattern[str] | None:
    """The regular expression of that name, where there is one."""
    try:
        return re.compile(spec[name]) if name in spec else None
    except (re.error, RecursionError, OverflowError) as error:
        raise PersonError(f"{name} is not a regular expression: {error}.") from error


class Faults:
    """The queue of faults; the oldest that fits is used first."""

    def __init__(self) -> None:
        self._queue: deque[Fault] = deque(maxlen=MAX_FAULTS)

    def add(self, body: dict[str, Any]) -> Fault:
        """Take an order such as ``{"kind": "rest", "path_regex": "@original", "status": 500, "times": 2}``.

        A "rest" fault with ``"via": false`` takes the Via header from the answer: discord.py gives up at once
        on a 429 without it. ``"has_files"`` (true or false) and ``"body_regex"`` (searched in the JSON of the
        body, written without spaces) say which requests are its occasion. What is null counts as left out.
        Raises PersonError for an unknown kind, a bad pattern or a value that makes no sense. Faults of an
        `AT_ONCE` kind are answered but not queued.
        """
        spec = {name: value for name, value in body.items() if value is not None}
        kind, times = spec.get("kind"), spec.get("times", 1)
        if kind not in QUEUED + AT_ONCE:
            raise PersonError(
                f"There is no fault of kind {kind!r}: it is one of {', '.join(QUEUED + AT_ONCE)}."
            )
        if isinstance(times, bool) or not isinstance(times, int) or times < -1 or times == 0:
            raise PersonError("times is a positive number, or -1 for always.")
        for name, (makes_sense, what) in DETAILS.items():
            if name in spec and not makes_sense(spec[name]):
                raise PersonError(f"{name} is {what}.")
        if kind == "gateway_drop" and not CLOSE_CODES(spec.get("code", 4000)):
            raise PersonError("code is a close code from 1000 to 4999.")
        path = _pattern(spec, "path_regex") or re.compile("")
        method = spec["method"].upper() if spec.get("method") else None
        fault = Fault(str(kind), times, method, path, _pattern(spec, "body_regex"), spec)
        if kind in QUEUED:
            self._queue.append(fault)
        return fault

    def pending(self) -> list[dict[str, Any]]:
        """What is still to come, as it was ordered, with the times that are left."""
        return [fault.spec | {"times": fault.times} for fault in self._queue]

    def clear(self) -> None:
        self._queue.clear()

    def rest(self, method: str, path: str, body: Body) -> Fault | None:
        """The fault for this request, used up by asking; the path is without the API's base."""
        return self._take("rest", lambda fault: fault.matches(method, path) and fault.concerns(body))

    def rate_limit(self, method: str, path: str) -> Fault | None:
        return self._take("rate_limit", lambda fault: fault.matches(method, path))

    def blocks(self, text: str) -> bool:
        """Whether AutoMod blocks a message with this text."""
        return (
            self._take("automod", lambda fault: str(fault.spec.get("keyword", "")).lower() in text.lower())
            is not None
        )

    @property
    def silent_gateway(self) -> bool:
        """Heartbeats get no answer; it stays until cleared."""
        return any(fault.kind == "silent_gateway" for fault in self._queue)

    def _take(self, kind: str, fits: Any) -> Fault | None:
        for fault in self._queue:
            if fault.kind == kind and fits(fault):
                if fault.times > 0:
                    fault.times -= 1
                if fault.times == 0:
                    self._queue.remove(fault)
                return fault
        return None
