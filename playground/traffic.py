"""A record of what went over the wire, for tests and for people who want to look."""

from __future__ import annotations

from collections import deque
from typing import Any

from playground.clock import Clock

MAX_ENTRIES = 5_000
MAX_STRING = 8_192


def _bounded(value: Any) -> Any:
    """The same JSON with over-long strings cut: a log is no place for a picture."""
    if isinstance(value, str) and len(value) > MAX_STRING:
        return f"{value[:MAX_STRING]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: _bounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_bounded(inner) for inner in value]
    return value


class Traffic:
    """The latest requests and gateway messages; `gateway_in` is what the bot sent."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: deque[dict[str, Any]] = deque(maxlen=MAX_ENTRIES)
        self._seq = 0

    def record(self, direction: str, **fields: Any) -> None:
        """Keep one entry; file contents are never among the fields, only their names and sizes."""
        self._seq += 1
        entry = {
            "seq": self._seq,
            "at": self._clock.now(),
            "direction": direction,
            "method": None,
            "path": None,
            "query": {},
            "content_type": None,
            "json": None,
            "files": [],
            "status": None,
            "ms": None,
        }
        entry |= fields
        entry["json"] = _bounded(entry["json"])
        self._entries.append(entry)

    def since(self, seq: int) -> list[dict[str, Any]]:
        return [entry for entry in self._entries if entry["seq"] > seq]

    def clear(self) -> None:
        self._entries.clear()
