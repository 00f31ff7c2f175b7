"""Bodies and orders that make no sense are refused with a sentence, and never answered 500."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import discord
import pytest

from playground.app import Running
from playground.files import remove_left_folders
from tests.bots import StartBot
from tests.person import Person, Refused

pytest_plugins = ("tests.contract.playground_fixtures",)

DEEP = "[" * 50_000 + "]" * 50_000
DEEP_ENOUGH = '{"x":' * 300 + "1" + "}" * 300
"""Parses anywhere, but would be more than some writers of JSON take."""

POSTS = (
    "/person/commands",
    "/person/context",
    "/person/autocomplete",
    "/person/components",
    "/person/modals",
    "/person/messages",
    "/workshop/clock",
    "/workshop/faults",
    "/workshop/settings",
    "/workshop/delete",
    "/workshop/restore",
)
MESSAGES = "/api/v10/channels/1000000000000000401/messages"
BOT = {"Authorization": "Bot playground"}


async def send(person: Person, path: str, body: bytes, kind: str) -> tuple[int, dict[str, Any]]:
    """Post bytes as the bot or anyone; the status and JSON of the answer."""
    headers = BOT | {"Content-Type": kind}
    async with person.session.post(person.base_url + path, data=body, headers=headers) as answer:
        return answer.status, json.loads(await answer.read())


@pytest.mark.parametrize(
    "body", [DEEP, DEEP[:50_000], f'{{"x": {DEEP_ENOUGH}}}', '{"x": NaN}', '{"x": 1e999}', "\xff"]
)
@pytest.mark.parametrize("path", POSTS)
async def test_what_is_no_sensible_json_is_refused_on_the_persons_side(
    person: Person, path: str, body: str
) -> None:
    status, answer = await send(person, path, body.encode("latin-1"), "application/json")
    assert (status, answer) == (400, {"error": "The body is not JSON."})


@pytest.mark.parametrize(
    "body", [DEEP, f'{{"content": "a", "embeds": [{DEEP_ENOUGH}]}}', '{"content": "a", "flags": NaN}']
)
@pytest.mark.parametrize("multipart", [False, True])
async def test_what_is_no_sensible_json_is_refused_on_the_bots_side(
    person: Person, body: str, multipart: bool
) -> None:
    raw, kind = body.encode(), "application/json"
    if multipart:
        raw = b'--b\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n' + raw + b"\r\n--b--\r\n"
        kind = "multipart/form-data; boundary=b"
    status, answer = await send(person, MESSAGES, raw, kind)
    assert (status, answer["code"]) == (400, 50109)
    assert await person.messages() == []


async def test_a_deep_message_on_the_gateway_is_a_decode_error(running: Running, person: Person) -> None:
    for text in ("[" * 4_000, '{"op": 2, "d": []}', '{"op": 6, "d": "x"}'):
        async with person.session.ws_connect(f"{running.url}/gateway") as socket:
            await socket.receive_json()
            await socket.send_str(text)
            message = await socket.receive()
            assert message.data == 4002


FILE = b'Content-Disposition: form-data; name="file"; filename="a'


@pytest.mark.parametrize(
    "head",
    [
        FILE + b'\x0b"',
        FILE + b'"\r\nX: \x00',
        FILE + b'"\r\nX y: 1',
        FILE + b'"\r\nnothing',
        FILE + b'"\r\nContent-Type: a/b\r\nContent-Type: c/d',
        FILE + b'"\r\nX: ' + b"a" * 100_000,
        b"\r\n".join(b"X%d: 1" % number for number in range(500)),
        b'Content-Disposition: form-data; name="_charset_"',
    ],
)
@pytest.mark.parametrize("path", ["/person/attachments", MESSAGES])
async def test_a_broken_part_of_a_form_is_refused(person: Person, path: str, head: bytes) -> None:
    body = b"--b\r\n" + head + b"\r\n\r\n" + b"x" * 60 + b"\r\n--b--\r\n"
    status, answer = await send(person, path, body, "multipart/form-data; boundary=b")
    assert status == 400
    assert "Invalid Form Body" in answer.values()


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "gateway_drop", "code": "x"},
        {"kind": "gateway_drop", "code": 70_000},
        {"kind": "gateway_drop", "forget": 1},
        {"kind": "rest", "code": "x"},
        {"kind": "rest", "status": "500"},
        {"kind": "rest", "status": 99},
        {"kind": "rest", "status": True},
        {"kind": "rest", "delay": "soon"},
        {"kind": "rest", "delay": -1},
        {"kind": "rest", "via": "no"},
        {"kind": "rest", "drop": "yes"},
        {"kind": "rest", "method": 5},
        {"kind": "rest", "path_regex": ["a"]},
        {"kind": "rest", "has_files": 1},
        {"kind": "rest", "body_regex": 5},
        {"kind": "rest", "times": True},
        {"kind": "rate_limit", "retry_after": [1]},
        {"kind": "automod", "keyword": 3},
        {"kind": ["rest"]},
    ],
)
async def test_an_order_with_a_senseless_value_is_refused(person: Person, order: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        await person.fault(**order)
    assert refused.value.status == 400
    assert refused.value.sentence.endswith(".")
    await person.upload(b"x", "a.bin")


@pytest.mark.parametrize(
    "change",
    [
        {"app_permissions": [1]},
        {"app_permissions": {"art": "all"}},
        {"app_permissions": {"art": -1}},
        {"dms_closed": 5},
        {"dms_closed": "member"},
        {"dms_closed": [[]]},
        {"moderators": ["art"]},
        {"moderators": {"art": "member"}},
        {"moderators": {"dm": ["member"]}},
        {"moderators": {"elsewhere": ["member"]}},
        {"team": "owner"},
        {"team": ["nobody"]},
        {"rate_limits": "off"},
        {"heartbeat_interval": 10**400},
        {"attachment_size_limit": 0},
    ],
)
async def test_a_senseless_setting_is_refused_and_nothing_changes(
    person: Person, change: dict[str, Any]
) -> None:
    before = await person.settings()
    with pytest.raises(Refused) as refused:
        await person.settings(**({"attachment_size_limit": 1_000, "rate_limits": False} | change))
    assert 400 <= refused.value.status < 500
    assert await person.settings() == before


async def test_a_message_with_senseless_lists_is_refused(person: Person) -> None:
    for more in ({"attachments": 5}, {"embeds": 5}, {"embeds": ["x"]}):
        body = {"user": "member", "channel": "art", "content": "a"} | more
        status, answer = await send(person, "/person/messages", json.dumps(body).encode(), "application/json")
        assert (status, " is a list" in answer["error"]) == (400, True)


async def test_a_number_of_thousands_of_digits_is_no_sequence_number(person: Person) -> None:
    for path in ("/workshop/traffic", "/person/events"):
        async with person.session.get(f"{person.base_url}{path}?since={'1' * 5_000}") as answer:
            assert answer.status == 400
            assert "sequence number" in (await answer.json())["error"]
    async with person.session.get(f"{person.base_url}{MESSAGES}?limit={'1' * 5_000}", headers=BOT) as answer:
        assert answer.status == 200


async def test_an_ordered_429_without_via_is_final_for_discord_py(
    person: Person, start_bot: StartBot
) -> None:
    async with start_bot() as bot:
        channel = next(c for guild in bot.guilds for c in guild.text_channels if c.name == "art")
        spec = {"path_regex": "/messages$", "status": 429, "message": "banned"}
        await person.fault("rest", via=False, **spec)
        with pytest.raises(discord.HTTPException) as refused:
            await channel.send("hello")
        assert refused.value.status == 429
        assert "Via" not in refused.value.response.headers
        seen = [t["status"] for t in await person.traffic() if t["path"] == MESSAGES]
        assert seen == [429]
        await channel.send("later")


async def test_answers_carry_via_unless_ordered_otherwise(person: Person) -> None:
    for via in (None, True, False):
        await person.fault("rest", path_regex="/users/@me$", status=429, via=via)
        async with person.session.get(f"{person.base_url}/api/v10/users/@me", headers=BOT) as answer:
            assert answer.status == 429
            assert ("Via" in answer.headers) is (via is not False)


def folders(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()}


@pytest.mark.skipif(os.name == "nt", reason="left alone there")
def test_the_folder_of_a_killed_server_goes_when_the_next_one_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "playground", "--port", "0"]

    def begin() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603  our own server
        assert process.stdout is not None
        assert b"listening" in process.stdout.readline()
        return process

    def end(process: subprocess.Popen[bytes], number: int) -> None:
        process.send_signal(number)
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()

    killed = begin()
    end(killed, signal.SIGKILL)
    (left,) = folders(tmp_path)
    assert left.startswith(f"playground-{killed.pid}-")
    (tmp_path / left / "upload").write_bytes(b"x")
    living = begin()
    other = begin()
    try:
        assert left not in folders(tmp_path)
        assert {int(name.split("-")[1]) for name in folders(tmp_path)} == {living.pid, other.pid}
    finally:
        end(living, signal.SIGTERM)
        end(other, signal.SIGTERM)
    assert folders(tmp_path) == set()


def test_only_folders_that_are_ours_and_left_are_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_bytes(b"x")
    keep = {
        f"playground-{os.getpid()}-abc",
        f"playground-{ended.pid}",
        f"playground-{ended.pid}-a b",
        "elsewhere",
    }
    for name in (*keep, f"playground-{ended.pid}-abc"):
        (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / f"playground-{ended.pid}-link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / f"playground-{ended.pid}-file").write_bytes(b"x")

    remove_left_folders(tmp_path)

    kept = {name for name in folders(tmp_path) if not re.search("-(link|file)$", name)}
    assert kept == (keep if os.name != "nt" else keep | {f"playground-{ended.pid}-abc"})
    assert (tmp_path / "elsewhere" / "kept").exists()
    assert Path(tempfile.gettempdir()).exists()
