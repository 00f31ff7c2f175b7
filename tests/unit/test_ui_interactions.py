"""What a command does first: permissions, the acknowledgement, and where to answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest

from repaint.errors import MissingPermission, PictureEmpty
from repaint.ui.interactions import (
    ACKNOWLEDGE_TRIES,
    acknowledge,
    acknowledge_press,
    check_permissions,
    origin_of,
    tell,
)

Answers = list[Exception | int]


def _http_error(
    status: int, code: int, kind: type[discord.HTTPException] = discord.HTTPException
) -> Exception:
    response = cast(Any, SimpleNamespace(status=status, reason="no"))
    return kind(response, {"code": code, "message": "no"})


class FakeInteraction:
    """An interaction whose acknowledgement meets `answers`, one after the other."""

    def __init__(
        self, answers: Answers | None = None, original: Exception | int = 77, **changes: Any
    ) -> None:
        self.id = 123
        self.application_id = 11
        self.token = "secret-token"
        self.user = SimpleNamespace(id=22)
        self.channel_id = 33
        self.guild_id: int | None = 44
        self.channel: Any = None
        self.app_permissions = discord.Permissions.all()
        self.filesize_limit = 5000
        self.locale = "en-US"
        self.context = SimpleNamespace(dm_channel=False)
        self.guild_installed = True
        self.response = self.followup = self
        self._answers = answers or []
        self._original = original
        self.defers = 0
        self.done = False
        self.type: discord.InteractionResponseType | None = None
        self.deferred: tuple[bool, bool] | None = None
        self.deleted = False
        self.forced = False  # Discord makes the reply ephemeral by itself
        self.sent: list[tuple[str, bool]] = []
        self.send_error: Exception | None = None
        for name, value in changes.items():
            setattr(self, name, value)

    def is_guild_integration(self) -> bool:
        return self.guild_installed

    def is_done(self) -> bool:
        return self.done

    async def defer(self, *, thinking: bool = False, ephemeral: bool = False) -> Any:
        self.deferred = (thinking, ephemeral)
        answer = self._answers[self.defers]
        self.defers += 1
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(message_id=answer, is_ephemeral=lambda: self.forced)

    async def original_response(self) -> Any:
        if isinstance(self._original, Exception):
            raise self._original
        return SimpleNamespace(id=self._original, flags=SimpleNamespace(ephemeral=self.forced))

    async def delete_original_response(self) -> None:
        assert not self.sent
        self.deleted = True

    async def send(self, *, view: discord.ui.LayoutView, ephemeral: bool) -> None:
        await self._say("follow-up", view, ephemeral)

    async def send_message(self, *, view: discord.ui.LayoutView, ephemeral: bool) -> None:
        await self._say("response", view, ephemeral)

    async def _say(self, how: str, view: discord.ui.LayoutView, ephemeral: bool) -> None:
        assert "The attached file is empty" in str(view.to_components())  # type: ignore[no-untyped-call]
        if self.send_error:
            raise self.send_error
        self.sent.append((how, ephemeral))


def _real(fake: FakeInteraction) -> discord.Interaction[Any]:
    return cast("discord.Interaction[Any]", fake)


CUT = aiohttp.ServerDisconnectedError()
RESET = ConnectionResetError(104, "reset")
ALREADY = _http_error(400, 40060)


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        ([55], 55),
        ([CUT, 55], 55),
        ([RESET, CUT, 55], 55),
        ([CUT, ALREADY], 77),  # it had arrived: the reply is there
        ([TimeoutError(), ALREADY], 77),
        ([TypeError("a proxy's page"), 55], 55),
    ],
)
async def test_a_command_is_acknowledged_though_answers_get_lost(answers: Answers, reply: int) -> None:
    fake = FakeInteraction(answers)
    assert await acknowledge(_real(fake)) == (reply, False)
    assert fake.defers == len(answers)


@pytest.mark.parametrize("trouble", [CUT, RESET, _http_error(404, 10008, discord.NotFound)])
async def test_a_reply_whose_id_cannot_be_had_is_acknowledged_all_the_same(trouble: Exception) -> None:
    made = await acknowledge(_real(FakeInteraction([CUT, ALREADY], original=trouble)))
    assert made == (None, False)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([_http_error(404, 10062, discord.NotFound)], discord.NotFound),  # too late
        ([_http_error(500, 0, discord.DiscordServerError)], discord.DiscordServerError),
        ([ALREADY], discord.HTTPException),  # another process has it
        ([CUT] * ACKNOWLEDGE_TRIES, aiohttp.ServerDisconnectedError),
        ([RESET] * ACKNOWLEDGE_TRIES, ConnectionResetError),
    ],
)
async def test_what_discord_does_not_take_is_raised(answers: Answers, kind: type[Exception]) -> None:
    fake = FakeInteraction(answers)
    with pytest.raises(kind):
        await acknowledge(_real(fake))
    assert fake.defers == len(answers)


@pytest.mark.parametrize("answers", [[55], [CUT, ALREADY]])
async def test_a_reply_that_discord_makes_ephemeral_is_known_to_be(answers: Answers) -> None:
    fake = FakeInteraction(answers, forced=True)
    assert (await acknowledge(_real(fake))).ephemeral


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_whether_a_reply_is_for_the_asker_alone_is_said_with_the_acknowledgement(
    ephemeral: bool,
) -> None:
    fake = FakeInteraction([55])
    await acknowledge(_real(fake), ephemeral=ephemeral)
    assert fake.deferred == (True, ephemeral)


@pytest.mark.parametrize("answers", [[55], [CUT, 55], [RESET, ALREADY]])
async def test_a_click_is_acknowledged_and_leaves_the_message_as_it_is(answers: Answers) -> None:
    fake = FakeInteraction(answers)
    await acknowledge_press(_real(fake))
    assert fake.deferred == (False, False)
    assert fake.defers == len(answers)


@pytest.mark.parametrize(
    ("lacks", "in_thread", "named"),
    [
        (["attach_files"], False, "Attach Files"),
        (["view_channel", "attach_files"], False, "View Channel, Attach Files"),
        (["send_messages"], False, "Send Messages"),
        (["send_messages_in_threads"], True, "Send Messages in Threads"),
    ],
)
def test_a_missing_permission_is_named(lacks: list[str], in_thread: bool, named: str) -> None:
    permissions = discord.Permissions.all()
    permissions.update(**dict.fromkeys(lacks, False))
    thread = discord.Thread.__new__(discord.Thread) if in_thread else None
    fake = FakeInteraction(app_permissions=permissions, channel=thread)
    with pytest.raises(MissingPermission) as raised:
        check_permissions(_real(fake))
    assert f"to post the picture: {named}. Please" in raised.value.sentence


@pytest.mark.parametrize(
    ("lacks", "in_thread"),
    [
        ("send_messages", True),
        ("send_messages_in_threads", False),
        ("embed_links", False),
        ("manage_messages", True),
    ],
)
def test_a_permission_that_is_not_needed_there_may_be_missing(lacks: str, in_thread: bool) -> None:
    permissions = discord.Permissions.all()
    permissions.update(**{lacks: False})
    thread = discord.Thread.__new__(discord.Thread) if in_thread else None
    check_permissions(_real(FakeInteraction(app_permissions=permissions, channel=thread)))


def test_a_direct_message_needs_no_permission() -> None:
    check_permissions(_real(FakeInteraction(guild_id=None, app_permissions=discord.Permissions.none())))


@pytest.mark.parametrize(
    ("changes", "can_edit"),
    [
        ({}, True),
        ({"guild_installed": False}, False),  # installed by the user alone: the bot is no member
        ({"guild_id": None, "context": SimpleNamespace(dm_channel=True)}, True),
        ({"guild_id": None, "context": SimpleNamespace(dm_channel=False)}, False),
    ],
)
def test_an_origin_tells_whether_the_bots_own_token_can_edit_there(
    changes: dict[str, Any], can_edit: bool
) -> None:
    origin = origin_of(_real(FakeInteraction(**changes)), 99)
    assert origin.bot_can_edit is can_edit
    assert (origin.interaction_id, origin.message_id, origin.channel_id) == (123, 99, 33)
    assert origin.filesize_limit == 5000
    assert "secret-token" not in repr(origin)


def test_a_reply_that_only_the_asker_sees_cannot_be_edited_by_the_bots_own_token() -> None:
    origin = origin_of(_real(FakeInteraction()), 99, ephemeral=True)
    assert (origin.ephemeral, origin.bot_can_edit) == (True, False)


async def test_a_sentence_does_not_take_the_place_of_a_public_reply() -> None:
    """The first follow-up would: then everybody could read it."""
    fake = FakeInteraction(done=True, type=discord.InteractionResponseType.deferred_channel_message)
    await tell(_real(fake), PictureEmpty())
    assert fake.deleted
    assert fake.sent == [("follow-up", True)]


@pytest.mark.parametrize(("done", "how"), [(False, "response"), (True, "follow-up")])
async def test_a_sentence_is_told_to_the_asker_alone(done: bool, how: str) -> None:
    fake = FakeInteraction(done=done)
    await tell(_real(fake), PictureEmpty())
    assert fake.sent == [(how, True)]


@pytest.mark.parametrize("trouble", [CUT, RESET, _http_error(404, 10062, discord.NotFound)])
async def test_a_sentence_that_cannot_be_told_is_in_the_log(
    trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    await tell(_real(FakeInteraction(send_error=trouble)), PictureEmpty())
    assert "could not be told" in caplog.text
