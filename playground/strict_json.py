"""JSON from outside: what Python's parser takes too generously is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64
"""Lists and objects within each other, many more than any of Discord's: what comes in is walked and written
out again by functions that call themselves."""


def loads(text: str | bytes) -> Any:
    """Parse JSON. Raises ValueError, also for NaN, Infinity, a number too large, and nesting too deep."""
    try:
        value = json.loads(text, parse_constant=_not_json, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _within(outer)]
    if level:
        raise ValueError("nested too deep")
    return value


def _within(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value
