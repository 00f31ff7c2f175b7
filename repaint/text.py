"""Sentences for people that can be said in another language later."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any, Self


class Text(str):
    """An English sentence that remembers what it was made of.

    It is the whole sentence in English, so logs and whoever knows no languages can use it as it is.
    `template` is what catalogues have, with `{name}` for each of `values`, which are texts or numbers; a
    value that is a Text itself is said in the other language, too.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any] | None = None) -> Self:
        made = super().__new__(cls, filled(template, values or {}))
        made.template = template
        made.values = dict(values or {})
        return made

    def __reduce__(self) -> tuple[Any, ...]:  # picture workers raise errors, which are pickled
        return type(self), (self.template, self.values)


def text(template: str, /, **values: Any) -> Text:
    """A sentence with its values. `template` is a literal: catalogues are made from the source."""
    return Text(template, values)


def filled(template: str, values: Mapping[str, Any]) -> str:
    """The template with its values put in. Values are inserted as they are: nothing in them is a field."""
    return string.Formatter().vformat(template, (), values) if values else template
