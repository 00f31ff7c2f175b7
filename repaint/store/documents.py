"""Small values as JSON documents, one a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def storable(text: str) -> str:
    """PostgreSQL's text has no NUL, and neither database has half a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def searchable(text: str) -> str:
    """A text as it is looked for: the databases do not agree on what upper and lower case are."""
    return storable(text).casefold()


def written(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not at their defaults."""
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    defaults = {field.name: field.default for field in dataclasses.fields(value)}
    return {
        name: storable(each) if isinstance(each, str) else each
        for name, each in fields.items()
        if each != defaults[name]
    }


def read(kind: type[T], document: Mapping[str, Any]) -> T:
    """A dataclass from a document. What it does not know is left alone, what is missing is at its default."""
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in document.items() if name in names})
