"""The workshop's side: move the clock, order faults, change settings, and read the traffic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from playground.errors import PersonError
from playground.faults import Fault
from playground.person import json_body, whole
from playground.server import Server


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
        moderators ({channel: [users]}: who besides has Manage Messages there; {} for nobody).
        All of them or, if one makes no sense, none.
        """
        server, settings = self._server, self._server.world.settings
        body = await json_body(request)
        changed = replace(settings)
        if "attachment_size_limit" in body:
            changed.attachment_size_limit = _positive(body["attachment_size_limit"])
        if body.get("app_permissions") is not None:
            changed.app_permissions = self._permissions(body["app_permissions"])
        if "rate_limits" in body and not isinstance(body["rate_limits"], bool):
            raise PersonError("rate_limits is true or false.")
        if "heartbeat_interval" in body:
            changed.heartbeat_interval = _positive(body["heartbeat_interval"])
        if "dms_closed" in body:
            changed.dms_closed = set(self._users(body, "dms_closed"))
        if "team" in body:
            changed.team = tuple(dict.fromkeys(self._users(body, "team")))
        if "moderators" in body:
            changed.moderators = self._moderators(body["moderators"])
        others = {channel for channel, _ in settings.moderators ^ changed.moderators}
        server.world.settings = settings = changed
        for channel in others & server.world.channels.keys():
            server.announce_change(server.world.channels[channel])
        server.limits.enabled = body.get("rate_limits", server.limits.enabled)
        return web.json_response(
            {
                "attachment_size_limit": settings.attachment_size_limit,
                "app_permissions": settings.app_permissions,
                "rate_limits": server.limits.enabled,
                "heartbeat_interval": settings.heartbeat_interval,
                "dms_closed": sorted(settings.dms_closed),
                "team": list(settings.team),
                "moderators": [list(each) for each in sorted(settings.moderators)],
            }
        )

    def _users(self, body: dict[str, Any], name: str) -> list[str]:
        """The ids of a list of users."""
        if not isinstance(body[name], list):
            raise PersonError(f"{name} is a list of users.")
        return [self._server.world.user(user).id for user in body[name]]

    def _moderators(self, given: object) -> frozenset[tuple[str, str]]:
        """All of them: channels that are not named have none."""
        if not isinstance(given, dict):
            raise PersonError("moderators is an object of channels and lists of users.")
        world = self._server.world
        channels = [world.channel(reference) for reference in given]
        if not all(channel in world.guild_channels() for channel in channels):
            raise PersonError("moderators are for the text channels of the bot's server.")
        return frozenset(
            (channel.id, user)
            for channel, name in zip(channels, given, strict=True)
            for user in self._users(given, name)
        )

    def _permissions(self, given: object) -> dict[str, int]:
        """The permissions by channel as they are with these changes."""
        world = self._server.world
        permissions = dict(world.settings.app_permissions)
        if not isinstance(given, dict):
            raise PersonError("app_permissions is an object of channels and permission bits.")
        for reference, bits in given.items():
            channel = world.channel(reference).id
            permissions.pop(channel, None)
            if bits is not None:
                permissions[channel] = _bits(bits)
        return permissions

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


def _positive(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise PersonError(f"{value!r} is not a positive whole number below 2,147,483,648.")
    return value


def _bits(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**64:
        raise PersonError(f"{value!r} is not a set of permission bits.")
    return value
