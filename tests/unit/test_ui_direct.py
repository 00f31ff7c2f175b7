"""Direct messages: posted once, and what follows where that fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from repaint.errors import DeliveryError, DeliveryPutOff, DeliveryTooLarge
from repaint.jobs.tools import DIRECT_BYTES
from repaint.ui.direct import TRIES, DirectMessages, asked_in
from repaint.ui.notices import notice
from tests.unit.ui_house import START, WallClock, asked_at, http_error
from tests.unit.ui_wire import Wire

OPEN, POST = "POST /users/@me/channels", "POST /channels/77/messages"


class Office:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = WallClock()
        self.wire = Wire(monkeypatch)
        self.direct = DirectMessages(self.wire.client)

    def run(self, act: Callable[[], Awaitable[Any]]) -> Any:
        async def work() -> Any:
            return await act()

        return self.clock.run(work())

    def send(self, **options: Any) -> None:
        self.run(lambda: self.direct.send(22, notice("Hello."), "the-nonce", **options))


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(monkeypatch)


def test_a_message_has_a_nonce_that_discord_enforces(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"picture")
    office.send(files=[(path, "repaint-1.png")])
    assert office.wire.names == [OPEN, POST]
    message = office.wire.calls[-1]
    assert (message.json["nonce"], message.json["enforce_nonce"]) == ("the-nonce", True)
    assert message.json["flags"] & 1 << 15
    assert message.json["allowed_mentions"] == {"parse": []}
    assert message.files == ["repaint-1.png"]


def test_what_passes_is_repeated_with_the_same_nonce(office: Office) -> None:
    office.wire.answers[POST] = [http_error(500, 0), ConnectionResetError()]
    office.send()
    posts = [call for call in office.wire.calls if call.name == POST]
    assert [each.json["nonce"] for each in posts] == ["the-nonce"] * 3


@pytest.mark.parametrize("part", [OPEN, POST])
def test_what_does_not_pass_is_put_off(office: Office, part: str) -> None:
    office.wire.answers[part] = [http_error(503, 0)] * 100
    with pytest.raises(DeliveryPutOff):
        office.send()
    assert office.wire.names.count(part) == TRIES


@pytest.mark.parametrize("code", [50007, 50278])
def test_somebody_who_takes_no_messages_is_not_asked_again(office: Office, code: int) -> None:
    office.wire.answers[POST] = [http_error(403, code)]
    with pytest.raises(DeliveryError) as raised:
        office.send()
    assert not isinstance(raised.value, DeliveryPutOff)
    assert office.wire.names.count(POST) == 1


@pytest.mark.parametrize("by_discord", [False, True])
def test_what_is_too_large_is_told(office: Office, tmp_path: Path, by_discord: bool) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(bytes(10 if by_discord else DIRECT_BYTES + 1))
    office.wire.answers[POST] = [http_error(413, 40005)]
    with pytest.raises(DeliveryTooLarge):
        office.send(files=[(path, "repaint-1.png")])
    assert office.wire.names.count(POST) == by_discord


@pytest.mark.parametrize("name", ["repaint-1-1.png", "another.png"])
def test_it_can_be_seen_whether_a_picture_arrived_long_ago(office: Office, name: str) -> None:
    url = "https://cdn.discordapp.com/attachments/1/2/repaint-1-1.png?ex=1"
    office.wire.answers["GET /channels/77/messages"] = [
        [{"id": "5", "attachments": [], "components": [{"items": [{"media": {"url": url}}]}]}]
    ]
    assert office.run(lambda: office.direct.shows(22, name)) is (name in url)


def test_the_card_of_a_job_is_deleted_and_no_other_message(office: Office) -> None:
    cards = [
        {"id": str(n), "components": [{"custom_id": f"delete:{job}"}]} for n, job in ((5, "a"), (6, "b"))
    ]
    office.wire.answers["GET /channels/77/messages"] = [cards]
    office.wire.answers["DELETE /channels/77/messages/6"] = [None]
    office.run(lambda: office.direct.remove(22, "b"))
    assert [each for each in office.wire.names if each.startswith("DELETE")] == [
        "DELETE /channels/77/messages/6"
    ]


@pytest.mark.parametrize(("status", "code", "kind"), [(500, 0, DeliveryPutOff), (403, 50001, DeliveryError)])
def test_where_that_cannot_be_seen_it_is_raised(
    office: Office, status: int, code: int, kind: type[Exception]
) -> None:
    office.wire.answers["GET"] = [http_error(status, code)]
    with pytest.raises(kind) as raised:
        office.run(lambda: office.direct.shows(22, "x"))
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("team", "user"), [(None, "5"), (SimpleNamespace(owner_id=6), "6")], ids=["a person", "a team"]
)
def test_the_operator_is_the_owner_of_the_application(office: Office, team: Any, user: str) -> None:
    cast(Any, office.wire.client)._application = SimpleNamespace(team=team, owner=SimpleNamespace(id=5))
    assert office.run(lambda: office.direct.tell_operator("The credits are used up."))
    assert office.run(lambda: office.direct.tell_operator("The credits are used up."))
    assert office.wire.calls[0].json == {"recipient_id": int(user)}
    posts = [call for call in office.wire.calls if call.name == POST]
    first, second = (call.json["nonce"] for call in posts)
    assert first == second
    assert len(first) <= 25
    assert "The credits are used up." in str(posts[0].json["components"])


def test_an_operator_who_cannot_be_told_is_in_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    assert not office.run(lambda: office.direct.tell_operator("Trouble."))  # nobody is logged in
    cast(Any, office.wire.client)._application = SimpleNamespace(team=None, owner=SimpleNamespace(id=5))
    office.wire.answers[POST] = [http_error(403, 50007)]
    assert not office.run(lambda: office.direct.tell_operator("Trouble."))
    assert "could not be told" in caplog.text


def test_a_picture_says_where_it_was_asked_for() -> None:
    assert "Asked for in <#33>" in asked_in(asked_at(START))
    assert "<#" not in asked_in(asked_at(START, guild_id=None))
