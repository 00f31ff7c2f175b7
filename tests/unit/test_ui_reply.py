"""What follows a failed edit of a reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from repaint.errors import DeliveryError, DeliveryPutOff, DeliveryTooLarge, PromptBlocked
from repaint.models import Origin
from repaint.ui import reply as reply_module
from repaint.ui.attempts import Verdict, judge
from repaint.ui.notices import notice
from repaint.ui.reply import PARTING, TOKEN_LIFETIME, TOKEN_MARGIN, Known, Reply
from tests.unit.ui_house import START, WallClock, asked_at, http_error
from tests.unit.ui_wire import Answer, Wire

TOKEN_PATH, BOT_PATH = "PATCH /webhooks/11/secret-token/messages/55", "PATCH /channels/33/messages/55"


@pytest.mark.parametrize(
    ("status", "code", "options", "verdict"),
    [
        (None, 0, {}, Verdict.AGAIN),  # no connection
        (500, 0, {}, Verdict.AGAIN),
        (503, 0, {}, Verdict.AGAIN),
        (429, 0, {}, Verdict.AGAIN),
        (401, 50027, {}, Verdict.BY_BOT),  # the token's fifteen minutes are over
        (404, 10015, {}, Verdict.BY_BOT),
        (401, 0, {}, Verdict.BY_BOT),
        (401, 0, {"by_bot": True}, Verdict.GIVE_UP),  # the bot's own token is refused
        (404, 10008, {}, Verdict.GONE),  # somebody deleted the reply
        (404, 10008, {"by_bot": True}, Verdict.GONE),
        (403, 50007, {"by_bot": True}, Verdict.GIVE_UP),  # takes no direct messages
        (404, 10003, {"by_bot": True}, Verdict.GIVE_UP),  # the channel is gone
        (403, 50001, {"by_bot": True}, Verdict.GIVE_UP),
        (403, 50013, {"by_bot": True}, Verdict.GIVE_UP),
        (400, 200000, {}, Verdict.HIDE_PROMPT),
        (400, 200001, {"by_bot": True}, Verdict.HIDE_PROMPT),
        (400, 200000, {"prompt_shown": False}, Verdict.GIVE_UP),
        (413, 40005, {"has_files": True}, Verdict.SMALLER),
        (413, 0, {"has_files": True}, Verdict.SMALLER),  # a proxy's HTML
        (400, 40005, {"has_files": True}, Verdict.SMALLER),
        (413, 0, {}, Verdict.GIVE_UP),
        (400, 50035, {"has_files": True}, Verdict.GIVE_UP),
    ],
)
def test_verdicts(status: int | None, code: int, options: dict[str, bool], verdict: Verdict) -> None:
    given = {"by_bot": False, "prompt_shown": True, "has_files": False} | options
    assert judge(status, code, **given) is verdict


class Desk:
    """A reply with a made-up Discord behind it, by a quick clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = WallClock()
        self.wire = Wire(monkeypatch)
        monkeypatch.setattr(reply_module, "time", self.clock)

    def reply(self, origin: Origin | None = None) -> Reply:
        return Reply(self.wire.client, origin or asked_at(START), Known())

    def run(self, act: Callable[[], Awaitable[None]]) -> None:
        async def work() -> None:
            await act()

        self.clock.run(work())


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def _card(with_prompt: bool) -> ui.LayoutView:
    return notice("the prompt" if with_prompt else "no prompt")


def _error(status: int, code: int = 0) -> Exception:
    return http_error(status, code)


def test_an_edit_goes_by_the_interactions_token_and_then_by_the_bots_own(desk: Desk) -> None:
    reply = desk.reply()

    async def story() -> None:
        await reply.edit(_card)
        desk.clock.now += TOKEN_LIFETIME - TOKEN_MARGIN
        assert reply.by_bot
        await reply.edit(_card)

    desk.run(story)
    assert desk.wire.names == [TOKEN_PATH, BOT_PATH]
    assert all(call.json["allowed_mentions"] == {"parse": []} for call in desk.wire.calls)
    assert reply.parts_at is None


def test_without_its_id_a_reply_is_the_original(desk: Desk) -> None:
    desk.run(lambda: desk.reply(asked_at(START, message_id=None)).edit(_card))
    assert desk.wire.names == ["PATCH /webhooks/11/secret-token/messages/%40original"]


def test_a_token_that_ends_early_is_not_used_again(desk: Desk) -> None:
    reply = desk.reply()
    desk.wire.answers["PATCH"] = [_error(401, 50027)]

    async def story() -> None:
        await reply.edit(_card)
        await reply.edit(_card)

    desk.run(story)
    assert desk.wire.names == [TOKEN_PATH, BOT_PATH, BOT_PATH]


@pytest.mark.parametrize("early", [False, True])
def test_where_only_the_token_reaches_its_end_is_final(desk: Desk, early: bool) -> None:
    reply = desk.reply(asked_at(START, bot_can_edit=False))
    assert reply.parts_at == pytest.approx(START + PARTING)
    desk.wire.answers["PATCH"] = [_error(401, 50027)]
    if not early:
        desk.clock.now += TOKEN_LIFETIME - TOKEN_MARGIN

    async def story() -> None:
        with pytest.raises(DeliveryError) as raised:
            await reply.edit(_card)
        assert not isinstance(raised.value, DeliveryPutOff)

    desk.run(story)
    assert not reply.reachable
    assert desk.wire.names == [TOKEN_PATH] * early


@pytest.mark.parametrize("answer", [_error(500), _error(429), ConnectionResetError(), TypeError("html")])
def test_what_passes_is_tried_again_and_then_put_off(desk: Desk, answer: Exception) -> None:
    desk.wire.answers["PATCH"] = [answer] * 100

    async def story() -> None:
        with pytest.raises(DeliveryPutOff):
            await desk.reply().edit(_card)
        with pytest.raises(DeliveryPutOff):
            await desk.reply().edit(_card, tries=1)

    desk.run(story)
    assert len(desk.wire.calls) == 6 + 1


def test_an_edit_that_gets_through_in_the_end_is_fine(desk: Desk) -> None:
    desk.wire.answers["PATCH"] = [_error(502), ConnectionResetError()]
    desk.run(lambda: desk.reply().edit(_card))
    assert len(desk.wire.calls) == 3


@pytest.mark.parametrize(
    ("answer", "kind", "gone"),
    [
        (_error(404, 10008), DeliveryError, True),
        (_error(404, 10003), DeliveryError, False),
        (_error(403, 50001), DeliveryError, False),
    ],
)
def test_what_is_refused_for_good_is_final(
    desk: Desk, answer: Answer, kind: type[Exception], gone: bool
) -> None:
    desk.wire.answers["PATCH"] = [answer]
    reply = desk.reply()

    async def story() -> None:
        with pytest.raises(kind) as raised:
            await reply.edit(_card)
        assert type(raised.value) is kind

    desk.run(story)
    assert reply.known.gone is gone
    assert len(desk.wire.calls) == 1


def test_a_prompt_that_automod_blocks_is_left_out(desk: Desk) -> None:
    desk.wire.answers["PATCH"] = [_error(400, 200000)]
    desk.run(lambda: desk.reply().edit(_card))
    assert ["no prompt" in str(call.json) for call in desk.wire.calls] == [False, True]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(_error(400, 200000), PromptBlocked), (_error(413, 40005), DeliveryTooLarge)],
)
def test_a_picture_may_have_to_be_made_anew(
    desk: Desk, tmp_path: Path, answer: Answer, kind: type[Exception]
) -> None:
    desk.wire.answers["PATCH"] = [answer]
    path = tmp_path / "x.png"
    path.write_bytes(b"picture")

    async def story() -> None:
        with pytest.raises(kind):
            await desk.reply().edit(_card, [(path, "repaint-1.png")])

    desk.run(story)
    [call] = desk.wire.calls
    assert call.files == ["repaint-1.png"]


def test_a_private_sentence_takes_the_public_reply_away_first(desk: Desk) -> None:
    desk.wire.answers["DELETE"] = [_error(500)]
    desk.run(lambda: desk.reply().replace_privately("No."))
    assert [call.method for call in desk.wire.calls] == ["DELETE", "DELETE", "POST"]
    assert desk.wire.calls[-1].json["flags"] & 64


@pytest.mark.parametrize(
    ("answers", "kind"),
    [([_error(500)] * 9, DeliveryPutOff), ([_error(401, 50027)], DeliveryError)],
)
def test_a_private_sentence_that_cannot_be_told_is_raised(
    desk: Desk, answers: list[Any], kind: type[Exception]
) -> None:
    desk.wire.answers["POST"] = answers

    async def story() -> None:
        with pytest.raises(kind) as raised:
            await desk.reply().replace_privately("No.")
        assert type(raised.value) is kind

    desk.run(story)
