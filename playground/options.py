"""What a person fills in for a command: checked against its options, written as an interaction's data."""

from __future__ import annotations

import math
from typing import Any

from playground import commands, payloads
from playground.errors import PersonError
from playground.files import FileStore
from playground.places import APPLICATION_ID, Channel, User
from playground.world import World

Resolved = dict[str, dict[str, Any]]


class Resolver:
    """Collects the things that ids in an interaction stand for (``data.resolved``)."""

    def __init__(self, world: World, files: FileStore, channel: Channel, asker: User) -> None:
        self._world = world
        self._files = files
        self._channel = channel
        self._asker = asker
        self.found: Resolved = {}

    def attachment(self, value: object) -> str:
        attachment = self._files.get(value)
        if attachment is None:
            raise PersonError(f"There is no attachment {value!r}.", 404)
        limit = self._world.settings.attachment_size_limit
        if attachment.size > limit:
            raise PersonError(f"{attachment.filename} is larger than the {limit} bytes allowed here.", 413)
        if not attachment.channel:  # an option's file belongs to the command, not to a message
            attachment.channel = APPLICATION_ID
            attachment.ephemeral = True
        self.found.setdefault("attachments", {})[attachment.id] = self._files.json(attachment)
        return attachment.id

    def user(self, value: object) -> str:
        user = self._world.bot if value == self._world.bot.id else self._world.user(value)
        self.found.setdefault("users", {})[user.id] = payloads.user_json(user)
        if self._world.is_member(user.id, self._channel.guild):
            member = payloads.member_json(self._world, user, self._channel, with_user=False)
            self.found.setdefault("members", {})[user.id] = member
        return user.id

    def channel(self, value: object) -> str:
        channel = self._world.channel(value)
        elsewhere = self._channel.guild is not None and channel.guild != self._channel.guild
        if elsewhere or not self._world.can_view(self._asker.id, channel.id):
            raise PersonError(f"There is no channel {value!r}.", 404)
        body = payloads.interaction_channel_json(self._world, channel, self._asker)
        self.found.setdefault("channels", {})[channel.id] = body
        return channel.id

    def role(self, value: object) -> str:
        for role in self._world.roles.values():
            if value in (role.id, role.name):
                self.found.setdefault("roles", {})[role.id] = payloads.role_json(role)
                return role.id
        raise PersonError(f"There is no role {value!r}.", 404)

    def mentionable(self, value: object) -> str:
        try:
            return self.user(value)
        except PersonError:
            return self.role(value)


def fill_in(command: commands.Command, given: dict[str, Any], resolver: Resolver) -> list[dict[str, Any]]:
    """The ``options`` of a command interaction, in the registered order.

    `given` maps names to values; a sub-command is ``{"sub": {…}}``. Raises PersonError for what Discord's
    client does not let anyone send: a missing, unknown or wrong value.
    """
    options = command.get("options") or []
    if options and options[0]["type"] in (commands.SUBCOMMAND, commands.GROUP):
        return [_nested(options, given, resolver)]
    known = {option["name"]: option for option in options}
    strange = set(given) - set(known)
    if strange:
        raise PersonError(f"/{command['name']} has no option {sorted(strange)[0]!r}.")
    out = []
    for name, option in known.items():
        if given.get(name) is None:
            if option.get("required"):
                raise PersonError(f"The option {name!r} is required.")
            continue
        value = _value(option, given[name], resolver)
        out.append({"name": name, "type": option["type"], "value": value})
    return out


def _nested(options: list[Any], given: dict[str, Any], resolver: Resolver) -> dict[str, Any]:
    for option in options:
        if option["name"] in given and len(given) == 1:
            inner = given[option["name"]]
            if not isinstance(inner, dict):
                raise PersonError(f"{option['name']!r} is a sub-command: give its options as an object.")
            return {
                "name": option["name"],
                "type": option["type"],
                "options": fill_in(option, inner, resolver),
            }
    names = ", ".join(option["name"] for option in options)
    raise PersonError(f"Choose one of the sub-commands {names}.")


def _value(option: commands.Command, value: Any, resolver: Resolver) -> Any:
    kind, name = option["type"], option["name"]
    by_reference = {
        commands.ATTACHMENT: resolver.attachment,
        commands.USER: resolver.user,
        commands.ROLE: resolver.role,
        commands.MENTIONABLE: resolver.mentionable,
        commands.CHANNEL: resolver.channel,
    }
    if kind in by_reference:
        found = by_reference[kind](value)
        types = option.get("channel_types")
        if types and resolver.found["channels"][found]["type"] not in types:
            raise PersonError(f"{name!r} does not take a channel of that type.")
        return found
    if kind == commands.BOOLEAN:
        if not isinstance(value, bool):
            raise PersonError(f"{name!r} is true or false.")
        return value
    checked = _text(option, value) if kind == commands.STRING else _number(option, value)
    choices = option.get("choices")
    if choices and checked not in [choice["value"] for choice in choices]:
        raise PersonError(f"{name!r} must be one of its choices.")
    return checked


def _text(option: commands.Command, value: Any) -> str:
    name = option["name"]
    if not isinstance(value, str):
        raise PersonError(f"{name!r} is text.")
    low, high = option.get("min_length", 0), option.get("max_length", 6_000)
    if not low <= len(value) <= high:
        raise PersonError(f"{name!r} must have between {low} and {high} characters.")
    return value


def _number(option: commands.Command, value: Any) -> int | float:
    name, whole = option["name"], option["type"] == commands.INTEGER
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise PersonError(f"{name!r} is a {'whole ' if whole else ''}number.")
    low, high = option.get("min_value", -(2**53)), option.get("max_value", 2**53)
    if not math.isfinite(value) or not low <= value <= high:
        raise PersonError(f"{name!r} must be between {low} and {high}.")
    return float(value) if not whole and isinstance(value, float) else value


def partly_filled_in(
    command: commands.Command, given: dict[str, Any], focused: str, resolver: Resolver
) -> list[dict[str, Any]]:
    """The ``options`` of an autocomplete interaction: whatever was typed so far, one of them focused.

    As with Discord, the focused value comes as text or number as typed, and unfinished ones are not checked.
    """
    options = command.get("options") or []
    if options and options[0]["type"] in (commands.SUBCOMMAND, commands.GROUP):
        for option in options:
            if isinstance(given.get(option["name"]), dict):
                inner = partly_filled_in(option, given[option["name"]], focused, resolver)
                return [{"name": option["name"], "type": option["type"], "options": inner}]
        raise PersonError("Choose a sub-command first.")
    option = next((o for o in options if o["name"] == focused), None)
    if option is None or not option.get("autocomplete"):
        raise PersonError(f"/{command['name']} has no option {focused!r} that completes itself.")
    out = []
    for entry in options:
        name = entry["name"]
        if name == focused:
            out.append({"name": name, "type": entry["type"], "value": given.get(name, ""), "focused": True})
        elif given.get(name) is not None:
            value = given[name]
            if entry["type"] == commands.ATTACHMENT:
                value = resolver.attachment(value)
            out.append({"name": name, "type": entry["type"], "value": value})
    return out
