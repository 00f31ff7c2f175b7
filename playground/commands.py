"""Application commands as the bot registers them (Discord API docs, Application Commands)."""

from __future__ import annotations

import re
from typing import Any

from playground.clock import Snowflakes
from playground.errors import DiscordError, Form, Path, unknown
from playground.events import Signal
from playground.places import APPLICATION_ID

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11

LIMITS = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
"""How many of each kind a scope holds."""

MAX_CHARACTERS = 8_000
"""Of all names, descriptions and choice values of one command."""

NAME = re.compile(r"[-_'\w]{1,32}")

Command = dict[str, Any]
OWN = ("id", "application_id", "version", "guild_id")
LOCALIZED = ("name_localizations", "description_localizations")


class Commands:
    """The registered commands, global (scope None) and for the guild."""

    def __init__(self, ids: Snowflakes) -> None:
        self._ids = ids
        self._scopes: dict[str | None, dict[str, Command]] = {}
        self.signal = Signal()

    @property
    def registered(self) -> bool:
        """Whether there are any, or there were and the bot took them away."""
        return bool(self._scopes)

    def all(self, scope: str | None) -> list[Command]:
        return list(self._scopes.get(scope, {}).values())

    def usable(self, guild: bool) -> list[Command]:
        """What is offered in a guild channel (a guild's own command hides a global one) or in a DM."""
        named = {(c["type"], c["name"]): c for c in self.all(None)}
        for scope in self._scopes if guild else ():
            if scope is not None:
                named |= {(c["type"], c["name"]): c for c in self.all(scope)}
        return list(named.values())

    def get(self, command_id: str, scope: str | None = None) -> Command:
        try:
            return self._scopes.get(scope, {})[command_id]
        except KeyError:
            raise unknown("application command") from None

    def overwrite(self, scope: str | None, given: object) -> list[Command]:
        """Replace all of a scope; those that are named as before keep their ids."""
        form = Form()
        if not isinstance(given, list):
            raise DiscordError(400, 50035, "Invalid Form Body")
        checked = [
            check(form, (number,), command) for number, command in enumerate(form.objects((), given, 0, 200))
        ]
        seen: set[tuple[int, str]] = set()
        for number, command in enumerate(checked):
            key = (command["type"], command["name"])
            if key in seen:
                form.add(
                    (number, "name"),
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                    "Application command names must be unique",
                )
            seen.add(key)
        form.refuse_if_wrong()
        for kind, limit in LIMITS.items():
            if sum(command["type"] == kind for command in checked) > limit:
                raise DiscordError(400, 30032, f"Maximum number of application commands reached ({limit})")
        self._scopes[scope] = {c["id"]: c for c in (self._numbered(scope, command) for command in checked)}
        self.signal.notify()
        return self.all(scope)

    def create(self, scope: str | None, given: object) -> tuple[Command, bool]:
        """Add one, or replace the one of that name; answers it and whether it is new."""
        form = Form()
        command = check(form, (), given if isinstance(given, dict) else {})
        form.refuse_if_wrong()
        command = self._numbered(scope, command)
        kept = self._scopes.setdefault(scope, {})
        fresh = command["id"] not in kept
        same_kind = sum(c["type"] == command["type"] for c in kept.values())
        if fresh and same_kind >= LIMITS[command["type"]]:
            raise DiscordError(400, 30032, "Maximum number of application commands reached")
        kept[command["id"]] = command
        self.signal.notify()
        return command, fresh

    def edit(self, scope: str | None, command_id: str, given: object) -> Command:
        old = self.get(command_id, scope)
        form = Form()
        merged = old | (given if isinstance(given, dict) else {}) | {"type": old["type"]}
        command = check(form, (), merged)
        form.refuse_if_wrong()
        kept = self._changed(old, command)
        self._scopes[scope][command_id] = kept
        self.signal.notify()
        return kept

    def delete(self, scope: str | None, command_id: str) -> None:
        self.get(command_id, scope)
        del self._scopes[scope][command_id]
        self.signal.notify()

    def _changed(self, old: Command, command: Command) -> Command:
        """The command with the other one's ids: nothing else is left of that, its localisations neither."""
        return _own(old) | command | {"version": self._ids.next()}

    def _numbered(self, scope: str | None, command: Command) -> Command:
        """With the id that it had before under that name, and a new version where it changed."""
        for old in self.all(scope):
            if (old["type"], old["name"]) == (command["type"], command["name"]):
                return old if old == _own(old) | command else self._changed(old, command)
        number = self._ids.next()
        out = {"id": number, "application_id": APPLICATION_ID, "version": number} | command
        return out | ({"guild_id": scope} if scope else {})


def _own(command: Command) -> Command:
    """What is Discord's of a command, not its application's."""
    return {key: command[key] for key in OWN if key in command}


def check(form: Form, path: Path, given: Command) -> Command:
    """One command, checked; with Discord's defaults filled in."""
    kind = given.get("type") or CHAT_INPUT
    if not isinstance(kind, int) or kind not in LIMITS:
        form.add((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4}.")
        kind = CHAT_INPUT
    name = _name(form, (*path, "name"), given.get("name"), chat=kind == CHAT_INPUT)
    permissions = given.get("default_member_permissions")
    command: Command = {
        "type": kind,
        "name": name,
        "description": "",
        "default_member_permissions": None if permissions is None else str(permissions),
        "integration_types": _places(form, (*path, "integration_types"), given, 1) or [0],
        "contexts": _places(form, (*path, "contexts"), given, 2),
        "dm_permission": given.get("dm_permission") is not False,
        "nsfw": bool(given.get("nsfw")),
    }
    command |= _localized(form, path, given)
    if kind == CHAT_INPUT:
        command["description"] = form.text((*path, "description"), given.get("description"), 1, 100)
        command["options"] = _options(form, (*path, "options"), given.get("options"), depth=0)
        if _characters(command) > MAX_CHARACTERS:
            form.add(
                path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_CHARACTERS})"
            )
    elif given.get("options") or given.get("description"):
        form.add(
            path,
            "APPLICATION_COMMAND_INVALID_CONTEXT_MENU",
            "Context menus have no options and no description",
        )
    return command


def _places(form: Form, path: Path, given: Command, high: int) -> list[int] | None:
    """``integration_types`` or ``contexts``, numbers from 0 to `high` of which each comes once."""
    listed = form.items(path, given.get(str(path[-1])), 0, high + 1)
    if any(type(number) is not int or not 0 <= number <= high for number in listed):
        form.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {set(range(high + 1))}.")
    elif len(set(listed)) != len(listed):
        form.add(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    return listed or None


def _localized(form: Form, path: Path, given: Command) -> Command:
    """``name_localizations`` and ``description_localizations``, where there are any."""
    out: Command = {}
    for key, high in zip(LOCALIZED, (32, 100), strict=True):
        texts = given.get(key)
        if isinstance(texts, dict):
            out[key] = {str(k): form.text((*path, key, str(k)), text, 1, high) for k, text in texts.items()}
        elif texts:
            form.add((*path, key), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    return {key: texts for key, texts in out.items() if texts}


def _name(form: Form, path: Path, given: object, *, chat: bool) -> str:
    name = form.text(path, given, 1, 32)
    if chat and name and (not NAME.fullmatch(name) or name != name.lower()):
        form.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    return name


def _options(form: Form, path: Path, given: object, *, depth: int) -> list[Command]:
    out, names, optional_seen = [], set(), False
    listed = form.objects(path, given, 0, 25)
    for number, option in enumerate(listed):
        at = (*path, number)
        checked = _option(form, at, option, depth)
        if checked["name"] in names:
            form.add(
                (*at, "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE",
                "Option names must be unique",
            )
        names.add(checked["name"])
        if checked.get("required") and optional_seen:
            form.add(
                at,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not checked.get("required")
        out.append(checked)
    nested = [o["type"] in (SUBCOMMAND, GROUP) for o in out]
    if any(nested) and not all(nested):
        form.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands and options cannot be mixed")
    return out


def _option(form: Form, path: Path, given: Command, depth: int) -> Command:
    kind = given.get("type")
    allowed = range(1, 12) if depth < 2 else range(3, 12)
    if not isinstance(kind, int) or kind not in allowed or (kind == GROUP and depth > 0):
        form.add((*path, "type"), "BASE_TYPE_CHOICES", "Value is not an option type that is possible here.")
        kind = STRING
    out: Command = {
        "type": kind,
        "name": _name(form, (*path, "name"), given.get("name"), chat=True),
        "description": form.text((*path, "description"), given.get("description"), 1, 100),
    }
    out |= _localized(form, path, given)
    if kind in (SUBCOMMAND, GROUP):
        out["options"] = _options(form, (*path, "options"), given.get("options"), depth=depth + 1)
        return out
    out["required"] = bool(given.get("required"))
    for name, kinds in (
        ("min_value", (INTEGER, NUMBER)),
        ("max_value", (INTEGER, NUMBER)),
        ("min_length", (STRING,)),
        ("max_length", (STRING,)),
        ("channel_types", (CHANNEL,)),
    ):
        if given.get(name) is not None:
            if kind not in kinds:
                form.add(
                    (*path, name), "APPLICATION_COMMAND_OPTION_FIELD_INVALID", "This type has no such field"
                )
            out[name] = given[name]
    choices = form.objects((*path, "choices"), given.get("choices"), 0, 25)
    if choices:
        out["choices"] = [_choice(form, (*path, "choices", n), c, kind) for n, c in enumerate(choices)]
    if given.get("autocomplete"):
        out["autocomplete"] = True
        if choices or kind not in (STRING, INTEGER, NUMBER):
            form.add(
                (*path, "autocomplete"),
                "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
                "Autocomplete goes with text and numbers, and without choices",
            )
    return out


def _choice(form: Form, path: Path, given: Command, kind: int) -> Command:
    right: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float)}
    value = given.get("value")
    if kind not in right or isinstance(value, bool) or not isinstance(value, right.get(kind, ())):
        form.add((*path, "value"), "BASE_TYPE_CHOICES", "The value does not fit the option's type.")
    elif isinstance(value, str):
        form.text((*path, "value"), value, 1, 100)
    out = {"name": form.text((*path, "name"), given.get("name"), 1, 100), "value": value}
    return out | _localized(form, path, {"name_localizations": given.get("name_localizations")})


def _characters(command: Command) -> int:
    """Names, descriptions and choices of a command and all its options; the longest localisation counts."""
    total = 0
    for key in ("name", "description"):
        texts = [str(command.get(key, "")), *map(str, (command.get(f"{key}_localizations") or {}).values())]
        total += max(map(len, texts))
    if "value" in command:
        total += len(str(command["value"]))
    return total + sum(_characters(c) for key in ("options", "choices") for c in command.get(key, []))


def check_choices(given: object) -> list[Command]:
    """An autocomplete's answer: at most 25 choices, each with a name of 1–100 characters and a value."""
    form = Form()
    out = []
    for number, choice in enumerate(form.objects(("data", "choices"), given, 0, 25)):
        at = ("data", "choices", number)
        name = form.text((*at, "name"), choice.get("name"), 1, 100)
        value = choice.get("value")
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            form.add((*at, "value"), "BASE_TYPE_REQUIRED", "This field is required")
        elif isinstance(value, str):
            form.text((*at, "value"), value, 1, 100)
        out.append({"name": name, "value": value})
    form.refuse_if_wrong()
    return out
