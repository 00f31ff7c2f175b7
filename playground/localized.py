"""Commands in one language, as a client shows them (Discord API docs, Localization)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.commands import LOCALIZED, Command

FALLBACKS = {"en-US": "en-GB", "en-GB": "en-US", "es-419": "es-ES"}
"""Whose texts are taken where a language has none."""


def localized(command: Command, locale: str) -> Command:
    """A command, an option or a choice with its localized fields, where it has any in that language.

    The dictionaries with all languages are left out, of its options and their choices, too.
    """
    out = {key: value for key, value in command.items() if key not in LOCALIZED}
    for key in LOCALIZED:
        texts = command.get(key) or {}
        text = texts.get(locale) or texts.get(FALLBACKS.get(locale, ""))
        if text:
            out[key.replace("localizations", "localized")] = text
    for key in ("options", "choices"):
        if isinstance(out.get(key), list):
            out[key] = [localized(each, locale) for each in out[key]]
    return out


def locale_of(headers: Mapping[str, Any], own: str) -> str:
    """The requester's language: X-Discord-Locale, then Accept-Language, then their `own`."""
    accepted = str(headers.get("Accept-Language", "")).split(",")[0].split(";")[0].strip()
    return str(headers.get("X-Discord-Locale") or accepted or own)
