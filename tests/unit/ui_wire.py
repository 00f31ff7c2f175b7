"""discord.py as it is, with a made-up Discord behind its two request methods."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

import discord
import pytest
from discord.webhook import async_

Answer = dict[str, Any] | list[Any] | Exception | None

MESSAGE: dict[str, Any] = {
    "id": "55",
    "channel_id": "33",
    "type": 0,
    "content": "",
    "author": {"id": "11", "username": "repaint", "discriminator": "0000", "avatar": None, "bot": True},
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "pinned": False,
    "flags": 1 << 15,
    "components": [],
}


class Call:
    """One request: method, path with its ids, and the JSON that went with it."""

    def __init__(self, route: Any, json_: dict[str, Any] | None, files: Iterable[Any] | None) -> None:
        self.method: str = route.method
        self.path: str = route.url.partition("/api/v10")[2]
        self.json = json_ or {}
        self.files = [each.filename for each in files or ()]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


class Wire:
    """`calls` is what was asked; `answers[part of a name]` what the next such calls get, the default last."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # The address is the whole process's, and another test's bot may have changed it.
        monkeypatch.setattr(discord.http.Route, "BASE", "https://discord.com/api/v10")
        self.calls: list[Call] = []
        self.answers: dict[str, list[Answer]] = {}
        self.client = discord.Client(
            intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none()
        )
        self.state = cast(Any, self.client)._connection
        self.state.application_id = 11
        self.state.user = discord.ClientUser(state=self.state, data=cast(Any, MESSAGE["author"]))
        cast(Any, self.client.http)._HTTPClient__session = object()  # as after the login
        wire = self

        async def by_webhook(_: Any, route: Any, session: Any, **given: Any) -> Any:
            body = given.get("payload") or _part(given.get("multipart"))
            return wire._answer(Call(route, body, given.get("files")))

        async def by_bot(_: Any, route: Any, *, files: Any = None, form: Any = None, **given: Any) -> Any:
            return wire._answer(Call(route, given.get("json") or _part(form), files))

        monkeypatch.setattr(async_.AsyncWebhookAdapter, "request", by_webhook)
        monkeypatch.setattr(discord.http.HTTPClient, "request", by_bot)

    def _answer(self, call: Call) -> Any:
        self.calls.append(call)
        for part, answers in self.answers.items():
            if part in call.name and answers:
                answer = answers.pop(0)
                if isinstance(answer, Exception):
                    raise answer
                return answer
        return _usual(call)

    @property
    def names(self) -> list[str]:
        return [call.name for call in self.calls]


def _part(multipart: Any) -> dict[str, Any] | None:
    for part in multipart or ():
        if part["name"] == "payload_json":
            return cast("dict[str, Any]", json.loads(part["value"]))
    return None


def _usual(call: Call) -> Any:
    if call.path.endswith("/callback"):
        return {"interaction": {"id": "1", "type": 3, "response_message_id": "55"}}
    if call.path == "/users/@me/channels":
        return {
            "id": "77",
            "type": 1,
            "last_message_id": None,
            "recipients": [{"id": "22", "username": "ann", "discriminator": "0", "avatar": None}],
        }
    if call.method == "GET":
        return []
    return None if call.method == "DELETE" else MESSAGE
