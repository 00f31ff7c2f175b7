"""The workshop's view behind the stage: how everything stands, and the bot's process."""

from __future__ import annotations

from aiohttp import web

from playground.person import json_body
from playground.server import Server


class Backstage:
    """Handlers of /workshop/state and /workshop/bot. `embedded`: an image API here can be changed too."""

    def __init__(self, server: Server, *, embedded: bool) -> None:
        self._server = server
        self._embedded = embedded

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/workshop/state", self.state), web.post("/workshop/bot", self.bot)]

    async def state(self, _request: web.Request) -> web.Response:
        """How everything stands.

        bot (see `Keeper.json`; "starting" until it has come to the gateway), api ({"embedded": bool}),
        faults (those that are still to come, as they were ordered, with the times that are left), settings
        (all), now (unix seconds by the playground's clock).
        """
        server = self._server
        return web.json_response(
            {
                "bot": server.keeper.json(),
                "api": {"embedded": self._embedded},
                "faults": server.faults.pending(),
                "settings": server.world.settings.json(),
                "now": server.clock.now(),
            }
        )

    async def bot(self, request: web.Request) -> web.Response:
        """``{"do": "kill" | "stop" | "start"}`` → the bot's process as it is right then.

        What comes of it is told by the event "bot". 409 where nobody keeps the process, or it is not so.
        """
        self._server.keeper.order((await json_body(request)).get("do"))
        return web.json_response(self._server.keeper.json())
