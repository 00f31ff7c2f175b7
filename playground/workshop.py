"""The workshop's side: move the clock, order faults, change settings, and read the traffic."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from playground import posts
from playground.errors import PersonError
from playground.faults import Fault
from playground.person import json_body, whole
from playground.places import FORUM
from playground.server import Server
from playground.settings import Reader, Settings


class Workshop:
    """Handlers below /workshop."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/workshop/clock", self.clock),
            web.post("/workshop/faults", self.order),
            web.delete("/workshop/faults", self.clear_faults),
            web.post("/workshop/settings", self.settings),
            web.post("/workshop/messages", self.message),
            web.post("/workshop/delete", self.delete),
            web.post("/workshop/restore", self.restore),
            web.get("/workshop/traffic", self.traffic),
            web.delete("/workshop/traffic", self.clear_traffic),
        ]

    async def clock(self, request: web.Request) -> web.Response:
        """``{"advance": seconds}`` → ``{"now": unix seconds}``.

        Ids made from then on carry the advanced time, those of interactions too, so the bot, whose own clock
        stands still, takes them for young. For a token that is old by the bot's clock as well, a person's
        request takes ``age`` (see `Person.command`).
        """
        ahead = (await json_body(request)).get("advance")
        if isinstance(ahead, bool) or not isinstance(ahead, int | float) or not 0 <= ahead <= 10**9:
            raise PersonError("advance is a number of seconds, not negative.")
        self._server.clock.advance(ahead)
        return web.json_response({"now": self._server.clock.now()})

    async def order(self, request: web.Request) -> web.Response:
        """Queue a fault, or do what happens at once; answers what was done."""
        fault = self._server.faults.add(await json_body(request))
        return web.json_response({"kind": fault.kind} | self._at_once(fault))

    def _at_once(self, fault: Fault) -> dict[str, Any]:
        server, spec = self._server, fault.spec
        match fault.kind:
            case "gateway_drop":
                server.gateway.drop(int(spec.get("code", 4000)), forget=bool(spec.get("forget")))
            case "gateway_reconnect":
                server.gateway.reconnect()
            case "invalid_session":
                server.gateway.invalidate(resumable=bool(spec.get("resumable")))
            case "attachment_gone":
                wanted = spec.get("attachment")
                return {"attachments": server.files.lose(None if wanted is None else str(wanted))}
            case "token_expired":
                return {"tokens": server.interactions.revoke_tokens()}
            case _:
                return {"times": fault.times}
        return {}

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self._server.faults.clear()
        return web.json_response({})

    async def settings(self, request: web.Request) -> web.Response:
        """Change some settings and answer them all.

        attachment_size_limit (bytes), app_permissions ({channel: bits}, null takes one back), rate_limits
        (bool), heartbeat_interval (ms, for new connections), dms_closed (the users who take no direct
        messages of the bot), team (the users whose team owns the application, its owner first; [] for none),
        moderators ({channel: [users]}: who besides has Manage Messages there; {} for nobody), locale (the
        servers' preferred language), nsfw ({channel: bool}, null takes one back), no_external_apps (the
        channels where members lack Use External Apps), require_tag (bool: posts in the forum need a tag).
        All of them or, if one makes no sense, none.
        """
        server, world = self._server, self._server.world
        before = world.settings
        settings = Reader(world.user, world.channel).changed(before, await json_body(request))
        world.settings = settings
        server.limits.enabled = settings.rate_limits
        self._tell(before, settings)
        return web.json_response(settings.json())

    def _tell(self, before: Settings, after: Settings) -> None:
        """Tell the bot what of its server is not as it was."""
        server, world = self._server, self._server.world
        changed = {channel for channel, _ in before.moderators ^ after.moderators}
        changed |= before.no_external_apps ^ after.no_external_apps
        changed |= {each for each, _ in before.nsfw.items() ^ after.nsfw.items()}
        if before.require_tag != after.require_tag:
            changed |= {channel.id for channel in world.guild_channels() if channel.type == FORUM}
        for channel in changed & world.channels.keys():
            server.announce_change(world.channels[channel])
        if before.locale != after.locale:
            server.announce_guild()

    async def message(self, request: web.Request) -> web.Response:
        """``{channel, content?, embeds?, components?, flags?, attachments?: [id]}``: another bot posts it.

        Components are as a bot sends them; they name an upload as ``attachment://`` and its file name.
        """
        message = posts.post_as_another_bot(self._server, await json_body(request))
        return web.json_response(self._server.messages.person_json(message), status=201)

    async def delete(self, request: web.Request) -> web.Response:
        """``{message}`` or ``{channel}``: as if a moderator deleted it."""
        server, body = self._server, await json_body(request)
        if "message" in body:
            message = server.messages.get(body["message"])
            if message is None:
                raise PersonError("There is no such message.", 404)
            server.messages.remove(message)
        else:
            server.remove_channel(server.world.channel(body.get("channel")))
        return web.json_response({})

    async def restore(self, request: web.Request) -> web.Response:
        """``{channel}``: a deleted channel is there again, empty, with its threads → ``{channels: [id]}``."""
        back = self._server.restore_channel((await json_body(request)).get("channel"))
        return web.json_response({"channels": [channel.id for channel in back]})

    async def traffic(self, request: web.Request) -> web.Response:
        return web.json_response(self._server.traffic.since(whole(request.query.get("since"))))

    async def clear_traffic(self, _request: web.Request) -> web.Response:
        self._server.traffic.clear()
        return web.json_response({})
