"""What a message shows: its words and its buttons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

JSON = dict[str, Any]


def text_of(message: JSON) -> str:
    """All text that a message shows: content and text displays, a line each."""
    lines = [str(message["content"])]

    def walk(components: list[JSON]) -> None:
        for component in components:
            if "content" in component:
                lines.append(component["content"])
            walk(component.get("components", []))

    walk(message["components"])
    return "\n".join(line for line in lines if line)


def custom_ids(message: JSON) -> list[str]:
    """The custom ids of all enabled buttons and menus of a message."""
    return [c["custom_id"] for c in _parts(message) if c.get("custom_id") and not c.get("disabled")]


def buttons(message: JSON) -> list[JSON]:
    """The buttons of a message that call the bot, disabled ones too."""
    return [c for c in _parts(message) if c["type"] == 2 and c.get("custom_id")]


def _parts(message: JSON) -> Iterator[JSON]:
    """All components of a message, outer ones first."""
    waiting = list(message["components"])
    while waiting:
        part = waiting.pop(0)
        yield part
        waiting[:0] = [*part.get("components", []), *([part["accessory"]] if "accessory" in part else [])]
