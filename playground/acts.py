"""What a person does, as Discord's own client lets them: checks first, then an interaction."""

from __future__ import annotations

from typing import Any

from playground import installs, layouts, modals, options
from playground import interactions as life
from playground.commands import CHAT_INPUT, MESSAGE_MENU, USER_MENU, Command
from playground.errors import PersonError
from playground.interactions import ACKNOWLEDGED, Interaction, Manner
from playground.messages import Message
from playground.permissions import Permission
from playground.places import APPLICATION_ID, DM, FORUM, Channel, User
from playground.server import Server

Body = dict[str, Any]


def visible_channel(server: Server, reference: object, user: User) -> Channel:
    """The channel meant, if that user sees it."""
    channel = server.world.channel(reference, user)
    if not server.world.can_view(user.id, channel.id):
        raise PersonError(f"{user.display} cannot see that channel.", 403)
    return channel


def visible_message(server: Server, message_id: object, user: User) -> Message:
    """The message meant, if that user sees it."""
    message = server.messages.get(message_id)
    if message is None or not server.messages.visible(message, user.id):
        raise PersonError("There is no such message.", 404)
    return message


def place(server: Server, body: Body) -> tuple[User, Channel]:
    """Who acts and in which channel, which that user sees."""
    user = server.world.user(body.get("user"))
    return user, visible_channel(server, body.get("channel"), user)


def _command(server: Server, name: str, kind: int, user: User, channel: Channel, body: Body) -> Command:
    """The registered command, if Discord would offer it to this user here."""
    if channel.type == FORUM:
        raise PersonError("A forum takes no commands: use them in one of its posts.")
    install = installs.named_in(body)
    return installs.offered(server.world, server.commands, name, kind, user, channel, install)


def _data(command: Command, resolver: options.Resolver, **more: Any) -> Body:
    data: Body = {"id": command["id"], "name": command["name"], "type": command["type"]} | more
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if resolver.found:
        data["resolved"] = resolver.found
    return data


def _named_options(body: Body) -> tuple[str, Body]:
    """The command's name and its options; the name ``"jobs list"`` means the sub-command of /jobs."""
    name, *subs = str(body.get("name", "")).split(" ")
    given = body.get("options") or {}
    if not isinstance(given, dict):
        raise PersonError("options is an object of names and values.")
    for sub in reversed(subs):
        given = {sub: given}
    return name, given


def listed(body: Body, name: str, kind: type = object) -> list[Any]:
    """A list of the body; left out or null, it is an empty one."""
    given = body.get(name)
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(entry, kind) for entry in given):
        raise PersonError(f"{name} is a list{' of objects' if kind is dict else ''}.")
    return given


def _manner(body: Body) -> Manner:
    """How somebody acts: ``locale`` of their client, ``install`` (see `installs`), ``age`` in seconds."""
    age = body.get("age")
    age = 0 if age is None else age
    if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age <= life.TOKEN_LIFE:
        raise PersonError(f"age is a number of seconds from 0 to {life.TOKEN_LIFE}.")
    return Manner(str(body["locale"]) if body.get("locale") else None, installs.named_in(body), age)


def run_command(server: Server, body: Body) -> Interaction:
    """A slash command."""
    user, channel = place(server, body)
    name, given = _named_options(body)
    command = _command(server, name, CHAT_INPUT, user, channel, body)
    resolver = options.Resolver(server.world, server.files, channel, user)
    filled = options.fill_in(command, given, resolver)
    data = _data(command, resolver, **({"options": filled} if filled else {}))
    return server.interactions.open(life.COMMAND, user, channel, data, manner=_manner(body))


def autocomplete(server: Server, body: Body) -> Interaction:
    """What the client asks for while somebody types."""
    user, channel = place(server, body)
    name, given = _named_options(body)
    command = _command(server, name, CHAT_INPUT, user, channel, body)
    resolver = options.Resolver(server.world, server.files, channel, user)
    filled = options.partly_filled_in(command, given, str(body.get("option")), resolver)
    data = _data(command, resolver, options=filled)
    return server.interactions.open(life.AUTOCOMPLETE, user, channel, data, manner=_manner(body))


def run_context_menu(server: Server, body: Body) -> Interaction:
    """A command from a message's or a user's menu."""
    user, channel = place(server, body)
    name = str(body.get("name"))
    resolver = options.Resolver(server.world, server.files, channel, user)
    if body.get("message"):
        command = _command(server, name, MESSAGE_MENU, user, channel, body)
        message = visible_message(server, body["message"], user)
        if message.channel != channel.id:
            raise PersonError("That message is in another channel.")
        target = message.id
        resolver.found["messages"] = {target: server.messages.json(message)}
    else:
        command = _command(server, name, USER_MENU, user, channel, body)
        target = resolver.user(body.get("target_user"))
    data = _data(command, resolver, target_id=target)
    return server.interactions.open(life.COMMAND, user, channel, data, manner=_manner(body))


def use_component(server: Server, body: Body) -> Interaction:
    """Press a button, or choose in a select menu, of a message."""
    user = server.world.user(body.get("user"))
    message = visible_message(server, body.get("message"), user)
    component = layouts.find(message.components, str(body.get("custom_id")))
    if component is None:
        raise PersonError("The message has no such component.")
    if component.get("disabled"):
        raise PersonError("That component is disabled.")
    if message.application is None and message.author != APPLICATION_ID:
        raise PersonError("That message is not the bot's.")
    channel = server.world.channels[message.channel]
    data: Body = {
        "custom_id": component["custom_id"],
        "component_type": component["type"],
        "id": component["id"],
    }
    if component["type"] in layouts.SELECTS:
        resolver = options.Resolver(server.world, server.files, channel, user)
        data["values"] = _chosen(component, listed(body, "values"), resolver)
        if resolver.found:
            data["resolved"] = resolver.found
    return server.interactions.open(
        life.COMPONENT, user, channel, data, message=message, manner=_manner(body)
    )


def _chosen(component: layouts.Component, values: list[Any], resolver: options.Resolver) -> list[Any]:
    name = component["custom_id"]
    low, high = component["min_values"], component["max_values"]
    modals.check_count(name, values, low, high, required=low > 0)
    if component["type"] == layouts.STRING_SELECT:
        modals.check_among(component, values)
        return values
    find = {
        layouts.USER_SELECT: resolver.user,
        layouts.ROLE_SELECT: resolver.role,
        layouts.MENTIONABLE_SELECT: resolver.mentionable,
        layouts.CHANNEL_SELECT: resolver.channel,
    }[component["type"]]
    return [find(value) for value in values]


def submit_modal(server: Server, body: Body) -> Interaction:
    """Send in the modal that an interaction was answered with."""
    user = server.world.user(body.get("user"))
    origin = server.interactions.get(str(body.get("interaction")))
    if origin is None or origin.user.id != user.id or origin.modal is None or origin.status != ACKNOWLEDGED:
        raise PersonError("No modal is open for that interaction.", 404)
    fields = body.get("fields") or {}
    if not isinstance(fields, dict):
        raise PersonError("fields is an object of custom ids and values.")
    resolver = options.Resolver(server.world, server.files, origin.channel, user)
    filled = modals.fill_in(origin.modal, fields, resolver)
    data: Body = {"custom_id": origin.modal["custom_id"], "components": filled}
    if resolver.found:
        data["resolved"] = resolver.found
    message = server.messages.get(origin.source) if origin.source else None
    return server.interactions.open(
        life.MODAL, user, origin.channel, data, message=message, origin=origin, manner=_manner(body)
    )


def delete_message(server: Server, message_id: str, reference: object) -> None:
    """Take a message away, if that user may; an ephemeral one is dismissed by its only reader."""
    user = server.world.user(reference)
    message = visible_message(server, message_id, user)
    channel = server.world.channels[message.channel]
    staff = channel.type != DM and server.world.may(user.id, channel, Permission.MANAGE_MESSAGES)
    if user.id not in (message.author, message.visible_to) and not staff:
        raise PersonError(f"{user.display} may not delete that message.", 403)
    server.messages.remove(message)
