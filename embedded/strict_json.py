"""JSON from outside: what Python's parser takes too generously is refused."""

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64
"""Lists and objects within each other. What comes in is written out again at any depth of the call stack."""


def loads(text: str | bytes) -> Any:
    """Parse JSON. Raises ValueError, also for NaN, Infinity, a number too large, and nesting too deep."""
    try:
        value = json.loads(text, parse_constant=_not_json, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if _deeper_than(MAX_DEPTH, value):
        raise ValueError("nested too deep")
    return value


def _deeper_than(depth: int, value: object) -> bool:
    level = [value]
    for _ in range(depth + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value
