"""The person's side: run commands, press buttons, fill in modals, upload, post, and read as a given user.

Answers are JSON; a refusal is ``{"error": "sentence"}`` with a 4xx status.
"""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from playground import acts, payloads, posts, strict_json
from playground.errors import PersonError
from playground.interactions import PENDING, Interaction
from playground.localized import localized
from playground.multipart import Body, read_body
from playground.server import Server
from playground.stream import stream_events

MAX_WAIT = 60.0
MAX_DIGITS = 20


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object."""
    if not request.can_read_body:
        return {}
    try:
        body = strict_json.loads(await request.read())
    except ValueError as error:
        raise PersonError("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise PersonError("The body is not a JSON object.")
    return body


def seconds(text: str | None, default: float) -> float:
    """A number of seconds from the query, at most a minute."""
    try:
        return min(MAX_WAIT, max(0.0, float(text))) if text else default
    except ValueError as error:
        raise PersonError(f"{text!r} is not a number of seconds.") from error


def whole(text: str | None) -> int:
    """A sequence number from the query; absent is 0."""
    if text and not (text.isdecimal() and len(text) <= MAX_DIGITS):
        raise PersonError(f"{text!r} is not a sequence number.")
    return int(text or 0)


class Person:
    """Handlers below /person."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/person/world", self.world),
            web.get("/person/ready", self.ready),
            web.post("/person/attachments", self.upload),
            web.post("/person/commands", self.command),
            web.post("/person/context", self.context),
            web.post("/person/autocomplete", self.autocomplete),
            web.post("/person/components", self.component),
            web.post("/person/modals", self.modal),
            web.get("/person/interactions/{id}", self.interaction),
            web.get("/person/messages", self.messages),
            web.post("/person/messages", self.post),
            web.delete("/person/messages/{id}", self.delete),
            web.get("/person/events", self.events),
        ]

    async def world(self, request: web.Request) -> web.Response:
        """The guild, channels, users, roles, commands, and whether the bot is there.

        With ``locale`` in the query, commands besides have ``name_localized`` and ``description_localized``
        as a client in that language shows them.
        """
        server, world = self._server, self._server.world
        locale, commands = request.query.get("locale"), server.commands.usable(guild=True)
        channels = []
        for channel in world.channels.values():
            entry: dict[str, Any] = {"id": channel.id, "name": channel.name, "kind": channel.kind}
            entry |= {
                "type": channel.type,
                "guild": channel.guild,
                "nsfw": world.nsfw(channel),
                "parent": channel.parent,
                "user": channel.recipient,
                "tags": world.tags(channel),
            }
            entry["visible_to"] = [u.id for u in world.people() if world.can_view(u.id, channel.id)]
            channels.append(entry)
        users = [
            {"id": u.id, "name": u.display, "username": u.username, "role": u.role, "locale": u.locale}
            for u in world.people()
        ]
        guild = payloads.guild_json(world)
        return web.json_response(
            {
                "guild": {key: guild[key] for key in ("id", "name", "owner_id", "preferred_locale")},
                "channels": channels,
                "users": users,
                "roles": [{"id": r.id, "name": r.name} for r in world.roles.values()],
                "commands": [localized(c, locale) for c in commands] if locale else commands,
                "bot": {"connected": server.gateway.connected, "user": payloads.user_json(world.bot)},
                "last_event": server.events.last,
                "run": server.run,
                "attachment_size_limit": world.settings.attachment_size_limit,
            }
        )

    async def ready(self, request: web.Request) -> web.Response:
        """Wait until the bot is connected and has commands; 408 when it did not come in time."""
        server, timeout = self._server, seconds(request.query.get("timeout"), 10.0)
        end = time.monotonic() + timeout
        if not await server.gateway.signal.wait_for(lambda: server.gateway.connected, timeout):
            raise PersonError("The bot did not connect.", 408)
        if not await server.commands.signal.wait_for(
            lambda: server.commands.registered, max(0.0, end - time.monotonic())
        ):
            raise PersonError("The bot connected but registered no commands.", 408)
        return web.json_response({"connected": True, "commands": len(server.commands.usable(guild=True))})

    async def upload(self, request: web.Request) -> web.Response:
        """Take the multipart field ``file``."""
        files, body = self._server.files, Body()
        try:
            await read_body(request, files, body)
            upload = next((u for u in body.uploads if u.field == "file"), None)
            if upload is None:
                raise PersonError("Send the file as the multipart field 'file'.")
            if body.oversize:
                raise PersonError("The file is larger than 30 MiB.", 413)
            declared = upload.content_type
            if declared in ("application/octet-stream", ""):
                declared = None
            attachment = files.keep(upload.path, upload.filename, declared=declared)
            upload.kept = True
        finally:
            body.discard()
        return web.json_response(files.json(attachment), status=201)

    async def command(self, request: web.Request) -> web.Response:
        """``{user, channel, name, options?, locale?, install?, age?}``.

        A sub-command is run by its full name, ``"jobs show"``, with its own ``options``; the bot gets them
        nested, as Discord sends them. ``install`` is "guild", or "user" for who installed the app for
        themselves, which alone works in the channels "elsewhere" and "group". ``age``, at most 900, makes the
        interaction's id look so many seconds old, and its token ends so much earlier; its 3 seconds begin
        when it is sent. All requests that make an interaction take locale, install and age; a component and
        a modal are always of the installation of the command before them.
        """
        return _started(acts.run_command(self._server, await json_body(request)))

    async def context(self, request: web.Request) -> web.Response:
        """``{user, channel, name, message}``, or ``target_user`` in place of the message."""
        return _started(acts.run_context_menu(self._server, await json_body(request)))

    async def autocomplete(self, request: web.Request) -> web.Response:
        """``{user, channel, name, option, options}`` → ``{choices}``; 504 when nothing comes in 3 s.

        ``option`` is what is being typed, its text so far among ``options``; names as for a command.
        """
        interaction = acts.autocomplete(self._server, await json_body(request))
        await self._settled(interaction, 5.0)
        if interaction.choices is None:
            raise PersonError("Loading options failed.", 504)
        return web.json_response({"interaction": interaction.id, "choices": interaction.choices})

    async def component(self, request: web.Request) -> web.Response:
        """``{user, message, custom_id, values?}``; 400 for a component that is gone or disabled."""
        return _started(acts.use_component(self._server, await json_body(request)))

    async def modal(self, request: web.Request) -> web.Response:
        """``{user, interaction, fields}``, where `interaction` was answered with a modal."""
        return _started(acts.submit_modal(self._server, await json_body(request)))

    async def _settled(self, interaction: Interaction, within: float) -> None:
        await self._server.interactions.signal.wait_for(lambda: interaction.status != PENDING, within)

    async def interaction(self, request: web.Request) -> web.Response:
        interaction = self._server.interactions.get(request.match_info["id"])
        if interaction is None:
            raise PersonError("There is no such interaction.", 404)
        await self._settled(interaction, seconds(request.query.get("wait"), 0.0))
        return web.json_response(interaction.view())

    async def messages(self, request: web.Request) -> web.Response:
        """What a user sees in a channel, oldest first."""
        server = self._server
        user = server.world.user(request.query.get("user"))
        channel = acts.visible_channel(server, request.query.get("channel"), user)
        seen = [m for m in server.messages.in_channel(channel.id) if server.messages.visible(m, user.id)]
        return web.json_response([server.messages.person_json(m) for m in seen])

    async def post(self, request: web.Request) -> web.Response:
        """``{user, channel, content?, attachments?: [id], embeds?, stickers?, forward?: id, reply_to?}``.

        In a forum also ``title`` and ``tags?: [name]``; the message that is answered names the new post as
        its channel.
        """
        message = posts.post_message(self._server, await json_body(request))
        return web.json_response(self._server.messages.person_json(message), status=201)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete one's own message, any with Manage Messages, or dismiss an ephemeral one."""
        acts.delete_message(self._server, request.match_info["id"], request.query.get("user"))
        return web.json_response({})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, filtered by what `user` sees; without a user, everything.

        They begin after event number ``since``. A browser whose stream broke asks with the same address and
        says in Last-Event-ID where it really is.
        """
        name = request.query.get("user")
        user = self._server.world.user(name).id if name else None
        since = request.headers.get("Last-Event-ID") or request.query.get("since")
        start = self._server.events.last if since is None else whole(since)
        return await stream_events(request, self._server, user, start)


def _started(interaction: Interaction) -> web.Response:
    return web.json_response({"interaction": interaction.id}, status=202)
