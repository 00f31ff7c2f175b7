"""The menu of a message and `/repaint`, called as Discord calls them, over a made-up database."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
from aiohttp.test_utils import TestServer

from repaint.errors import DatabaseAway, TooManyJobs
from repaint.models import Credit, Job, Preferences
from repaint.store.styles import Scope
from repaint.styles import Style
from repaint.ui import held
from repaint.ui.again_form import FINAL, forgiving
from repaint.ui.client import RepaintBot
from repaint.ui.forms import Filled
from repaint.ui.paint_form import painted
from tests.unit.commands_house import BOT, MESSAGE, Discord
from tests.unit.commands_server import GUILD, SERVER
from tests.unit.jobs import make_job

ME, POSTER, SOMEBODY = 22, 77, 78
PICTURE = "https://cdn.discordapp.com/attachments/33/5/a.png?ex=1"
Interaction = discord.Interaction[RepaintBot]
_ids = itertools.count(1)


class FakeDrafts:
    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, dict[str, Any]]] = {}
        self.away = self.slow = False

    async def _moment(self) -> None:
        if self.away:
            raise DatabaseAway
        if self.slow:
            await asyncio.Event().wait()

    async def keep(self, user_id: int, document: dict[str, Any]) -> str:
        await self._moment()
        draft_id = f"{next(_ids):010x}"
        self.kept[draft_id] = (user_id, document)
        return draft_id

    async def get(self, draft_id: str, user_id: int) -> dict[str, Any] | None:
        await self._moment()
        owner, document = self.kept.get(draft_id, (0, {}))
        return document if owner == user_id else None


class FakeStyles:
    def __init__(self) -> None:
        self.mine: list[Style] = []

    async def of(self, scope: Scope, owner_id: int) -> list[Style]:
        return list(self.mine) if scope is Scope.MEMBER else []

    async def find(self, name: str, *, user_id: int, guild_id: int | None) -> Style | None:
        return next((each for each in self.mine if each.name == name), None)


class FakeRunner:
    def __init__(self) -> None:
        self.store = self
        self.jobs: dict[str, Job] = {}
        self.accepted: list[Job] = []
        self.trouble: Exception | None = None

    def check(self, user_id: int) -> None:
        if self.trouble:
            raise self.trouble

    async def get(self, job_id: str) -> Job | None:
        return self.jobs.get(job_id)

    async def accept(self, job: Job) -> None:
        self.accepted.append(job)


class House:
    def __init__(self, bot: RepaintBot, side: Discord) -> None:
        self.bot, self.discord = bot, side
        self.drafts, self.styles, self.runner = FakeDrafts(), FakeStyles(), FakeRunner()
        self.opted_out: set[int] = set()
        self.preferred = Preferences()
        bot.drafts, bot.styles, bot.runner = cast(Any, (self.drafts, self.styles, self.runner))
        bot.people = cast(
            Any,
            SimpleNamespace(
                preferences=lambda _: self.preferred, has_opted_out=lambda user: user in self.opted_out
            ),
        )
        bot.input_limit = 1000

    def _payload(self, kind: int, data: dict[str, Any], user: int, **more: Any) -> dict[str, Any]:
        person = {"id": str(user), "username": "somebody", "discriminator": "0", "avatar": None}
        now = discord.utils.time_snowflake(discord.utils.utcnow())
        return {
            "id": str(now), "application_id": "11", "type": kind, "token": "secret-token", "version": 1,
            "channel_id": "33", "locale": "en-US", "entitlements": [], "app_permissions": str((1 << 50) - 1),
            "attachment_size_limit": 10 * 2**20, "context": 0, "data": data, "guild_id": str(GUILD),
            "authorizing_integration_owners": {"0": str(GUILD)},
            "channel": {"id": "33", "type": 0, "name": "art", "permissions": "0", "position": 0},
            "guild": {"id": str(GUILD), "locale": "en-US", "features": []},
            "member": {
                "user": person, "roles": [], "flags": 0, "permissions": "0", "deaf": False, "mute": False,
                "joined_at": "2026-01-01T00:00:00+00:00",
            },
        } | more  # fmt: skip

    async def menu(self, user: int = ME, **message: Any) -> dict[str, Any]:
        """Use the menu of a message like this; the first response."""
        raw = {**MESSAGE, "id": "900", "author": BOT | {"id": str(POSTER)}, "flags": 0, "type": 0} | message
        data = {
            "id": "9", "name": "Repaint this image", "type": 3, "target_id": "900",
            "resolved": {"messages": {"900": raw}},
        }  # fmt: skip
        return await self._told(2, data, user)

    async def command(self) -> dict[str, Any]:
        return await self._told(2, {"id": "8", "name": "repaint", "type": 1}, ME)

    async def _told(self, kind: int, data: dict[str, Any], user: int) -> dict[str, Any]:
        before = len(self.discord.callbacks)
        state = self.bot._connection
        interaction = discord.Interaction[RepaintBot](
            data=cast(Any, self._payload(kind, data, user)), state=cast(Any, state)
        )
        if kind == 2:
            await cast(Any, self.bot.tree)._call(interaction)
        else:
            await self.bot.on_interaction(interaction)
        return self._response(before)

    def _response(self, before: int) -> dict[str, Any]:
        assert len(self.discord.callbacks) == before + 1
        return self.discord.callbacks[-1]

    async def press(
        self, shown: dict[str, Any], user: int = ME, values: list[str] | None = None, custom_id: str = ""
    ) -> dict[str, Any]:
        """Press the only button or menu of a private answer; the response."""
        before = len(self.discord.callbacks)
        part = _only(shown["data"]["components"])
        data = {"custom_id": custom_id or part["custom_id"], "component_type": part["type"], "id": 1}
        message = {**MESSAGE, "flags": 1 << 15 | 64, "components": shown["data"]["components"]}
        payload = self._payload(3, data | {"values": values or []}, user, message=message)
        self.bot._connection.parse_interaction_create(cast(Any, payload))
        await asyncio.gather(*(each for each in asyncio.all_tasks() if "dynamic-item" in each.get_name()))
        return self._response(before)

    async def send(
        self, form: dict[str, Any] | str, *, user: int = ME, upload: int | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Send a form in, which may be known by its id alone; the first response."""
        data: dict[str, Any] = {"custom_id": form if isinstance(form, str) else form["data"]["custom_id"]}
        given = {"prompt": "a fox", "style": ["-"], "strength": ["-"], "advanced": ""} | fields
        if upload is not None:
            given["picture"] = ["5"]
            data["resolved"] = {
                "attachments": {"5": {"id": "5", "url": PICTURE, "filename": "a.png", "size": upload}}
            }
        data["components"] = [
            {"type": 18, "component": _filled(name, value)} for name, value in given.items()
        ]
        return await self._told(5, data, user)


def _filled(name: str, value: Any) -> dict[str, Any]:
    kind, key = (4, "value") if isinstance(value, str) else (3, "values")
    return {"type": kind, "custom_id": name, key: value}


def _only(components: list[dict[str, Any]]) -> dict[str, Any]:
    waiting, found = list(components), []
    while waiting:
        part = waiting.pop()
        waiting += part.get("components", [])
        found += [part] if "custom_id" in part else []
    [part] = found
    return part


def fields(form: dict[str, Any]) -> dict[str, Any]:
    assert form["type"] == 9, form
    return {row["component"]["custom_id"]: row["component"] for row in form["data"]["components"]}


def said(response: dict[str, Any]) -> str:
    """What somebody alone was told."""
    assert response["type"] == 4
    assert response["data"]["flags"] & 64
    return str(response["data"]["components"][0]["components"][0]["content"])


def attached(name: str = "a.png", **more: Any) -> dict[str, Any]:
    file = {"id": "5", "url": PICTURE, "proxy_url": PICTURE, "filename": name, "size": 900}
    return file | {"content_type": "image/png"} | more


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(discord.http.Route, "BASE", "https://discord.com/api/v10")
    side = Discord()
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(side.app()))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        bot = RepaintBot(str(server.make_url("")).rstrip("/"), extensions=())
        cast(Any, bot.http)._HTTPClient__session = session  # as after a login
        bot.loop = asyncio.get_running_loop()
        bot._connection.application_id = 11
        bot._connection.user = discord.ClientUser(state=bot._connection, data=cast(Any, BOT))
        bot._connection._add_guild(discord.Guild(data=cast(Any, SERVER), state=bot._connection))
        made = House(bot, side)
        await bot.load_extension("cogs.repaint")
        yield made


async def test_the_form_says_how_and_the_draft_what(house: House) -> None:
    form = await house.menu(attachments=[attached()])
    assert list(fields(form)) == ["prompt", "style", "strength", "advanced"]
    assert await house.send(form, strength=["0.5"]) == {"type": 5}
    [job] = house.runner.accepted
    assert (job.attachment.url, job.attachment.size) == (PICTURE, 900)
    assert job.credit == Credit(POSTER, f"https://discord.com/channels/{GUILD}/33/900")
    assert (job.owners, job.input_public, job.request.strength) == ((POSTER,), True, 0.5)


async def test_an_ephemeral_message_was_seen_by_nobody_else(house: House) -> None:
    await house.send(await house.menu(attachments=[attached()], flags=64))
    assert not house.runner.accepted[0].input_public


async def test_a_webhooks_message_is_nobodys(house: House) -> None:
    author = BOT | {"id": "500"}
    await house.send(await house.menu(attachments=[attached()], author=author, webhook_id="500"))
    [job] = house.runner.accepted
    assert (job.owners, job.credit and job.credit.author_id) == ((), None)


@pytest.mark.parametrize("role", ["asker", "credited", "owner"])
async def test_all_people_of_the_bots_own_card_are_asked(house: House, role: str) -> None:
    card = make_job(id="0123456789", credit=Credit(POSTER, "x"), owners=(SOMEBODY,))
    house.runner.jobs[card.id] = card
    house.opted_out = {{"asker": card.origin.user_id, "credited": POSTER, "owner": SOMEBODY}[role]}
    shown = {"attachments": [attached(f"repaint-{card.id}-1.png")], "author": BOT}
    assert said(await house.menu(99, **shown)) == FINAL[0]
    house.opted_out = set()
    await house.send(await house.menu(99, **shown), user=99)
    [job] = house.runner.accepted
    assert set(job.owners) == {card.origin.user_id, POSTER, SOMEBODY}
    assert job.credit == card.credit


async def test_whoever_opts_out_meanwhile_is_asked_again(house: House) -> None:
    form = await house.menu(attachments=[attached()])
    pick = await house.menu(attachments=[attached(), attached("b.png", url=PICTURE.replace("/5/", "/6/"))])
    house.opted_out = {POSTER}
    assert said(await house.send(form)) == FINAL[0]
    assert said(await house.press(pick, values=["0"])) == FINAL[0]


async def test_made_up_ids_and_other_peoples_drafts_are_refused(house: House) -> None:
    form = await house.menu(attachments=[attached()])
    [draft] = house.drafts.kept
    for custom_id, user in (
        (form["data"]["custom_id"], SOMEBODY),
        (f"form:menu:{draft}_7", ME),
        (f"form:menu:{draft}", ME),
        ("form:menu:0000000000_0", ME),
        (f"form:menu:again_{draft}", ME),
        (f"form:repaint:again_{draft}", ME),
    ):
        assert "Please begin anew" in said(await house.send(custom_id, user=user))
    assert house.runner.accepted == []


async def test_a_menu_takes_only_what_it_offers(house: House) -> None:
    files = [attached(), attached("b.png", url=PICTURE.replace("/5/", "/6/"))]
    shown = await house.menu(attachments=files)
    [draft] = house.drafts.kept
    assert "Please begin anew" in said(await house.press(shown, values=["2"]))
    assert "Please begin anew" in said(await house.press(shown, values=["x"]))
    assert "Please begin anew" in said(await house.press(shown, SOMEBODY, values=["0"]))
    form = await house.press(shown, values=["1"])
    assert form["data"]["custom_id"] == f"form:menu:{draft}_1"


@pytest.mark.parametrize("how", ["away", "slow"])
async def test_a_database_that_is_away_is_told_in_time(
    house: House, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "LOOK_LIMIT", 0.01)
    form = await house.command()
    setattr(house.drafts, how, True)
    assert said(await house.menu(attachments=[attached()])) == DatabaseAway.sentence
    told = await house.send(form, upload=5, advanced="?")
    assert "I do not understand the line" in said(told)  # without a button, for nothing could be kept
    assert "custom_id" not in str(told["data"]["components"])


async def test_what_is_preferred_stands_in_the_form(house: House) -> None:
    house.preferred = Preferences(style="comic")
    options = fields(await house.command())["style"]["options"]
    assert [each["value"] for each in options if each.get("default")] == ["comic"]
    house.preferred = Preferences(style="gone by now")
    options = fields(await house.command())["style"]["options"]
    assert [each["value"] for each in options if each.get("default")] == ["-"]


async def test_a_refused_form_comes_back_as_it_was_written(house: House) -> None:
    house.styles.mine = [Style("my own")]
    wrong: dict[str, Any] = {"style": ["my own"], "strength": ["0.3"], "advanced": "seed: x\nsteps: 3"}
    told = await house.send(await house.command(), upload=5, **wrong)
    form = await house.press(told)
    shown = fields(form)
    assert shown["prompt"]["value"] == "a fox"
    assert shown["advanced"]["value"] == wrong["advanced"]
    for name in ("style", "strength"):
        chosen = [each["value"] for each in shown[name]["options"] if each.get("default")]
        assert chosen == wrong[name]
    assert shown["picture"]["required"] is False
    assert form["data"]["title"] == "Repaint a picture"
    await house.send(form, style=["my own"], strength=["0.3"], picture=[], advanced="seed: 7\nsteps: 3")
    [job] = house.runner.accepted
    assert (job.attachment.url, job.attachment.filename, job.attachment.size) == (PICTURE, "a.png", 5)
    assert (job.request.seed, job.request.steps, job.style) == (7, 3, "my own")
    assert not job.input_public


async def test_another_picture_takes_the_place_of_the_kept_one(house: House) -> None:
    told = await house.send(await house.command(), upload=5, advanced="?")
    await house.send(await house.press(told), upload=6)
    assert house.runner.accepted[0].attachment.size == 6


async def test_nobody_opens_what_another_person_wrote(house: House) -> None:
    told = await house.send(await house.command(), upload=5, advanced="?")
    assert "Please begin anew" in said(await house.press(told, SOMEBODY))


async def test_too_many_pictures_under_way_lose_no_words(house: House) -> None:
    form = await house.menu(attachments=[attached()])
    house.runner.trouble = TooManyJobs()
    told = await house.send(form)
    assert said(told) == TooManyJobs.sentence
    house.runner.trouble = None
    await house.send(await house.press(told))
    assert house.runner.accepted[0].credit is not None


async def test_a_picture_that_is_too_large_is_not_kept(house: House) -> None:
    told = await house.send(await house.command(), upload=1001)
    assert "too large" in said(told)
    assert fields(await house.press(told))["picture"].get("required") is not False


async def test_a_form_that_lets_choose_lets_choose_again(house: House) -> None:
    seen: list[tuple[str, int]] = []

    async def handler(interaction: Interaction, filled: Filled) -> None:
        given = painted(filled)
        seen.append((filled.ref, given.picked))
        await interaction.response.send_message("fine", ephemeral=True)

    async def picks(_: Interaction, ref: str) -> int:
        return {"0123456789": 3}[ref]

    house.bot.forms.register("continue", forgiving("continue", "Title", handler, picks=picks))
    told = await house.send("form:continue:0123456789", picked=["1"], advanced="?")
    form = await house.press(told)
    options = fields(form)["picked"]["options"]
    assert [each.get("default", False) for each in options] == [False, True, False]
    await house.send(form, picked=["2"])
    assert seen == [("0123456789", 2)]
