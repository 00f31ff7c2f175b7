"""A bot with the cog `/jobs`, called as Discord calls it; the store and the runner behind it are made up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord import ui

from repaint.errors import DatabaseAway
from repaint.jobs.presenter import Cancelled, View
from repaint.jobs.runner import Runner
from repaint.jobs.studio import Studio
from repaint.models import GuildSettings, Job, JobState, Picture
from repaint.store.drafts import Drafts
from repaint.store.settings import Guilds
from repaint.ui.client import RepaintBot
from repaint.workers import PictureWorkers
from tests.unit import picture_samples as samples
from tests.unit.commands_server import GUILD, MANAGE, SERVER, STAFF
from tests.unit.jobs import ORIGIN, make_job
from tests.unit.picture_samples import encoded, write

ME, SOMEBODY, OTHER_GUILD = 22, 99, 45
UNKNOWN = "I know no such picture (any more). Please pick one from the list that appears while you type."
DEFERRED = {"type": 5, "data": {"flags": 64}}
BOT = {"id": "11", "username": "repaint", "discriminator": "0", "avatar": None}
MESSAGE = {
    "id": "55", "channel_id": "33", "author": BOT, "content": "", "attachments": [], "embeds": [],
    "mentions": [], "mention_roles": [], "type": 20, "tts": False, "pinned": False, "flags": 64,
    "mention_everyone": False, "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None,
    "components": [],
}  # fmt: skip
Interaction = discord.Interaction[RepaintBot]
_ids = itertools.count(1)


class Discord:
    """Takes what the bot sends, and answers a file that is over `file_limit` as Discord would."""

    def __init__(self) -> None:
        self.callbacks: list[dict[str, Any]] = []
        self.messages: list[tuple[str, dict[str, Any], dict[str, bytes]]] = []  # method, JSON, files
        self.file_limit = 25 * 2**20
        self.blocks = ""  # a text that AutoMod lets through nowhere
        self.refuses = 0
        self.held: asyncio.Event | None = None  # acknowledgements wait for it
        self.waits = asyncio.Event()  # one does

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/interactions/{id}/{token}/callback", self._callback)
        app.router.add_route("*", "/webhooks/{path:.*}", self._message)
        return app

    async def _callback(self, request: web.Request) -> web.Response:
        self.callbacks.append(await request.json())
        if self.held is not None and self.callbacks[-1]["type"] == 5:
            self.waits.set()
            await self.held.wait()
        interaction = {"id": request.match_info["id"], "type": 2, "response_message_id": "55"}
        return _json({"interaction": interaction, "resource": {"type": 5, "message": MESSAGE}})

    async def _message(self, request: web.Request) -> web.Response:
        files: dict[str, bytes] = {}
        if request.content_type == "multipart/form-data":
            parts = await request.post()
            body = json.loads(str(parts["payload_json"]))
            for part in parts.values():
                if isinstance(part, web.FileField):
                    files[part.filename] = part.file.read()
        else:
            body = await request.json() if request.can_read_body else {}
        self.messages.append((request.method, body, files))
        if self.refuses:
            return _json({"code": self.refuses, "message": "no"}, 400)
        if self.blocks and self.blocks in json.dumps(body):
            return _json({"code": 200000, "message": "blocked"}, 400)
        if any(len(data) > self.file_limit for data in files.values()):
            return _json({"code": 40005, "message": "too large"}, 413)
        if request.method == "DELETE":
            return web.Response(status=204)
        return _json(MESSAGE)


def _json(body: Any, status: int = 200) -> web.Response:
    """With exactly this content type: discord.py compares it to the letter."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"}
    )


class FakeStore:
    """The lists of the store, in memory."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.away = False

    def keep(self, **changes: Any) -> Job:
        """Each later one is newer."""
        number = next(_ids)
        job = make_job(**{"id": f"{number:010x}", "created_at": 1000.0 + number} | changes)
        self.jobs[job.id] = job
        return job

    async def get(self, job_id: str) -> Job | None:
        if self.away:
            raise DatabaseAway
        return self.jobs.get(job_id)

    async def finished_of(self, user_id: int, *, limit: int, offset: int, search: str) -> list[Job]:
        return self._finished(user_id, search)[offset : offset + limit]

    async def count_finished(self, user_id: int, *, at_most: int, search: str) -> int:
        return min(at_most, len(self._finished(user_id, search)))

    def _finished(self, user_id: int, search: str) -> list[Job]:
        return self._list(
            lambda job: (
                job.origin.user_id == user_id
                and job.state is JobState.DONE
                and search.casefold() in job.request.prompt.casefold()
            ),
            over=True,
            limit=10**6,
        )

    async def of_member(self, user_id: int, **options: Any) -> list[Job]:
        return self._list(lambda job: job.origin.user_id == user_id, **options)

    async def of_guild(self, guild_id: int, **options: Any) -> list[Job]:
        return self._list(lambda job: job.origin.guild_id == guild_id, **options)

    def _list(
        self, fits: Callable[[Job], bool], *, over: bool | None, limit: int, before: float | None = None
    ) -> list[Job]:
        if self.away:
            raise DatabaseAway
        found = [
            job
            for job in self.jobs.values()
            if fits(job)
            and over in (None, job.ended_at is not None)
            and (before is None or job.created_at < before)
        ]
        return sorted(found, key=lambda job: -job.created_at)[:limit]


class FakeDrafts:
    """The drafts, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, dict[str, Any]]] = {}

    async def keep(self, user_id: int, document: dict[str, Any]) -> str:
        draft_id = f"{len(self.kept):010x}"
        self.kept[draft_id] = user_id, document
        return draft_id

    async def get(self, draft_id: str, user_id: int) -> dict[str, Any] | None:
        owner, document = self.kept.get(draft_id, (0, None))
        return document if owner == user_id else None


class FakeRunner:
    """What the commands need of the runner."""

    def __init__(self, store: FakeStore, studio: Studio) -> None:
        self.store = store
        self.studio = studio
        self.limits = SimpleNamespace(keep_pictures_days=7.0)
        self.outcome = Cancelled.GONE
        self.cancelled: list[tuple[str, int]] = []
        self.views: dict[str, View] = {}

    async def view(self, job_id: str) -> View | None:
        return self.views.get(job_id)

    async def cancel(self, job_id: str, *, by: int) -> Cancelled:
        self.cancelled.append((job_id, by))
        return self.outcome


class Here:
    """Does a worker's work in this process."""

    count = 1

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


@dataclasses.dataclass
class House:
    """A bot with the cog, its made-up neighbours, and who asks."""

    bot: RepaintBot
    discord: Discord
    store: FakeStore
    runner: FakeRunner
    filesize_limit: int = 10 * 2**20

    async def ask(
        self, name: str, *, user: int = ME, guild: int | None = GUILD, staff: bool = False,
        roles: tuple[int, ...] = (), focused: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        """Give `/jobs NAME` in ART, or (`focused`) type in its option. `staff` have STAFF; see SERVER."""
        roles = (*roles, STAFF) if staff else roles
        payload = self._payload(name, user, guild, roles, focused, options)
        await cast(Any, self.bot.tree)._call(self._interaction(payload))

    async def press(self, custom_id: str, *, user: int = ME, owner: int = ME) -> str:
        """Press a button below an answer that `owner` got; the texts of what the bot then sent last."""
        interaction = self._press(custom_id, user, owner)
        for template, kind in self.bot._connection._view_store._dynamic_items.items():
            if match := template.fullmatch(custom_id):
                item = await kind.from_custom_id(interaction, ui.Button(custom_id=custom_id), match)
                await item.callback(interaction)
        return self.texts()

    async def press_what_is_left(self, custom_id: str) -> str:
        """Press a button of a message that another version of the bot sent; what it then says."""
        await self.bot.on_interaction(self._press(custom_id, ME, ME))
        return self.texts()

    def _press(self, custom_id: str, user: int, owner: int) -> Interaction:
        self.discord.callbacks.clear()
        self.discord.messages.clear()
        payload = self._payload("", user, GUILD, (), False, {})
        asked = {
            "id": "54", "type": 2, "user": _person(owner), "authorizing_integration_owners": {},
        }  # fmt: skip
        payload["type"] = 3
        payload["data"] = {"custom_id": custom_id, "component_type": 2}
        payload["message"] = MESSAGE | {"interaction_metadata": asked}
        return self._interaction(payload)

    def _interaction(self, payload: dict[str, Any]) -> Interaction:
        state = self.bot._connection
        return discord.Interaction[RepaintBot](data=cast(Any, payload), state=cast(Any, state))

    def _payload(
        self, name: str, user: int, guild: int | None, roles: tuple[int, ...], focused: bool,
        options: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        kinds = {bool: 5, int: 4, str: 3}
        given = [
            {"name": key, "type": kinds[type(value)], "value": value} | ({"focused": True} if focused else {})
            for key, value in options.items()
        ]
        person = _person(user)
        now = discord.utils.time_snowflake(discord.utils.utcnow())
        payload: dict[str, Any] = {
            "id": str(now), "application_id": "11", "type": 4 if focused else 2, "token": "secret-token",
            "version": 1, "channel_id": "33", "locale": "en-US", "entitlements": [], "app_permissions": "0",
            "attachment_size_limit": self.filesize_limit, "context": 0 if guild else 1,
            "authorizing_integration_owners": {"0": str(guild or 0)},
            "channel": {
                "id": "33", "type": 0 if guild else 1, "name": "art", "permissions": "0", "position": 0,
            },
            "data": {
                "id": "9", "name": "jobs", "type": 1,
                "options": [{"name": name, "type": 1, "options": given}],
            },
        }  # fmt: skip
        if guild:
            payload["guild_id"] = str(guild)
            payload["guild"] = {"id": str(guild), "locale": "en-US", "features": []}
            payload["member"] = {
                "user": person, "roles": [str(role) for role in roles], "flags": 0,
                "permissions": MANAGE if roles else "0",
                "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False,
            }  # fmt: skip
        else:
            payload["user"] = person
        return payload

    async def answer(self, name: str, **options: Any) -> str:
        """The texts of the last message that the bot sent in answer, which only the asker sees."""
        self.discord.callbacks.clear()
        self.discord.messages.clear()
        await self.ask(name, **options)
        (callback,) = self.discord.callbacks
        assert callback["data"]["flags"] & 64
        return self.texts()

    def texts(self) -> str:
        body = self.discord.messages[-1][1] if self.discord.messages else self.discord.callbacks[-1]["data"]
        return "\n".join(_contents(body["components"]))

    @property
    def buttons(self) -> list[tuple[str, str, bool]]:
        """Label, custom id and whether it can be pressed, of each button in the last message."""
        rows = [
            each for each in self.discord.messages[-1][1]["components"][0]["components"] if each["type"] == 1
        ]
        return [
            (each["label"], each["custom_id"], not each["disabled"])
            for row in rows
            for each in row["components"]
        ]

    @property
    def files(self) -> dict[str, bytes]:
        return self.discord.messages[-1][2]

    async def choices(self, name: str, typed: str = "", **options: Any) -> list[str]:
        self.discord.callbacks.clear()
        await self.ask(name, job=typed, focused=True, **options)
        (callback,) = self.discord.callbacks
        assert callback["type"] == 8
        return [choice["value"] for choice in callback["data"]["choices"]]


def _person(user: int) -> dict[str, Any]:
    return {"id": str(user), "username": "somebody", "discriminator": "0", "avatar": None}


def _contents(components: list[dict[str, Any]]) -> list[str]:
    found = []
    for each in components:
        found += [each["content"]] if "content" in each else []
        found += _contents(each.get("components", []))
    return found


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[House]:
    """A house with nothing in it."""
    side = Discord()
    async with TestServer(side.app()) as server, aiohttp.ClientSession() as session:
        bot = RepaintBot(str(server.make_url("")).rstrip("/"), extensions=())
        cast(Any, bot.http)._HTTPClient__session = session  # as after a login
        bot._connection.application_id = 11
        bot._connection.user = discord.ClientUser(state=bot._connection, data=cast(Any, BOT))
        bot._connection._add_guild(discord.Guild(data=cast(Any, SERVER), state=bot._connection))
        store = FakeStore()
        runner = FakeRunner(store, Studio(cast(PictureWorkers, Here()), max_pixels=1_000_000))
        bot.runner = cast(Runner, runner)
        bot.drafts = cast(Drafts, FakeDrafts())
        bot.guild_settings = cast(Guilds, SimpleNamespace(settings=lambda _: GuildSettings()))
        await bot.load_extension("cogs.jobs")
        yield House(bot, side, store, runner)


def posted(house: House, folder: Path, *, count: int = 1, side: int = 512, **changes: Any) -> Job:
    """A finished job of mine with its pictures on the disk."""
    job = house.store.keep(
        **{"state": JobState.DONE, "ended_at": 2000.0, "seeds": tuple(range(count))} | changes
    )
    (folder / job.id).mkdir()
    outputs = []
    for number in range(count):
        data = encoded(samples.photograph().resize((side, side)), "PNG")
        path = write(folder / job.id, data, f"finished-{number}.png")
        outputs.append(Picture(path, "image/png", side, side, len(data)))
    house.store.jobs[job.id] = dataclasses.replace(job, outputs=tuple(outputs))
    return house.store.jobs[job.id]


def others(**changes: Any) -> dict[str, Any]:
    return {"origin": dataclasses.replace(ORIGIN, **{"user_id": SOMEBODY} | changes)}
