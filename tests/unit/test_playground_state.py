"""The parts that the playground stands on: time and ids, permissions, files, rate limits, faults, records."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from playground import images, world
from playground.clock import Clock, Snowflakes, created_at
from playground.errors import PersonError, RateLimited
from playground.events import EventLog, Signal
from playground.faults import Faults
from playground.files import FileStore, clean_name
from playground.multipart import Body, Upload
from playground.permissions import ALL, EVERYONE, Overwrite, Permission, resolve
from playground.ratelimits import RULES, RateLimits
from playground.traffic import MAX_ENTRIES, Traffic
from playground.world import World


def test_ids_rise_and_tell_their_time() -> None:
    clock = Clock()
    ids = Snowflakes(clock)
    made = [int(ids.next()) for _ in range(1000)]
    assert made == sorted(set(made))
    clock.advance(3600)
    assert created_at(ids.next()) == pytest.approx(clock.now(), abs=5)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


def test_an_aged_id_tells_an_earlier_time_and_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    ids = Snowflakes(Clock())
    made = [ids.aged(0) for _ in range(100)] + [ids.next() for _ in range(100)]
    assert len(set(made)) == len(made)
    assert created_at(ids.aged(600)) == 1_800_000_000 - 600


def test_the_bot_is_in_one_server_and_no_group() -> None:
    here = World()
    for channel in (world.ELSEWHERE, world.GROUP_CHAT):
        assert here.can_view(world.MEMBER.id, channel.id)
        assert not here.can_view(world.BOT.id, channel.id)
    assert not here.can_view(world.MODERATOR.id, world.GROUP_CHAT.id)
    assert not here.may(world.MODERATOR.id, world.ELSEWHERE, Permission.MANAGE_MESSAGES)
    assert not here.may(world.OWNER.id, world.ELSEWHERE, Permission.MANAGE_MESSAGES)
    said = [here.app_permissions(c) for c in (here.direct(world.MEMBER.id), world.GROUP_CHAT)]
    assert said == [442_368, 180_224]
    here.settings.app_permissions[world.ELSEWHERE.id] = 5
    assert here.app_permissions(world.ELSEWHERE) == 5
    assert not here.can_view(world.BOT.id, world.ELSEWHERE.id)


def test_a_channel_comes_back_with_its_threads_and_no_thread_without_its_channel() -> None:
    here = World()
    before = dict(here.channels)
    here.remove_channel(world.ART_THREAD.id)
    here.remove_channel(world.ART.id)
    with pytest.raises(PersonError, match="no deleted channel 'thread'"):
        here.restore_channel("thread")
    assert here.restore_channel("art") == [world.ART, world.ART_THREAD]
    assert here.channels == before
    with pytest.raises(PersonError, match="no deleted channel 'art'"):
        here.restore_channel("art")


def test_each_role_may_do_what_its_kind_may() -> None:
    here = World()
    assert not here.can_view(world.MEMBER.id, world.STAFF.id)
    assert here.can_view(world.MODERATOR.id, world.STAFF.id)
    assert here.permissions(world.OWNER.id, world.STAFF) == ALL
    assert here.may(world.MODERATOR.id, world.ART, Permission.MANAGE_MESSAGES)
    assert not here.may(world.BOT.id, world.ART, Permission.MANAGE_MESSAGES)
    assert here.may(world.BOT.id, world.ART_THREAD, Permission.SEND_MESSAGES_IN_THREADS)
    mine = here.direct(world.MEMBER.id)
    assert here.can_view(world.MEMBER.id, mine.id)
    assert not here.can_view(world.OWNER.id, mine.id)
    here.settings.app_permissions[world.ART.id] = 0
    assert not here.can_view(world.BOT.id, world.ART_THREAD.id)


def test_overwrites_apply_for_everyone_then_roles_then_the_member() -> None:
    attach = int(Permission.ATTACH_FILES)
    deny = Overwrite("0", 0, deny=attach)
    by_role = Overwrite("1", 0, allow=attach)
    by_member = Overwrite("9", 1, deny=attach)

    def may(*overwrites: Overwrite, roles: tuple[str, ...] = ("1",)) -> bool:
        return bool(resolve(EVERYONE, overwrites, "0", roles, "9") & attach)

    assert may()
    assert not may(deny)
    assert may(by_role, deny)
    assert not may(by_role, deny, roles=())
    assert not may(by_member, by_role)
    mute = Overwrite("0", 0, deny=int(Permission.SEND_MESSAGES))
    assert not may(mute)


@given(st.text())
def test_a_files_name_is_always_safe(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned
    assert cleaned.isascii()
    assert not set(cleaned) & set("/\\ \0\"'<>")
    assert not cleaned.startswith(".")
    assert clean_name(cleaned) == cleaned


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "exif": b"Exif\x00\x00" + bytes(5000)}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\x00\x00"}),
    ],
)
def test_a_pictures_size_is_read_from_its_header(
    tmp_path: Path, format_: str, options: dict[str, Any]
) -> None:
    path = tmp_path / "picture"
    Image.new("RGB", (321, 123), "teal").save(path, format_, **options)
    assert images.look(path, "picture") == (f"image/{format_.lower()}", (321, 123))


@given(
    st.binary(max_size=64),
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBP"]),
)
def test_no_broken_header_breaks_the_reading(rest: bytes, start: bytes) -> None:
    found = images.dimensions(start + rest)
    assert found is None or len(found) == 2
    looping = b"\xff\xd8" + b"\xff\xe0" + struct.pack(">H", 0) * 40
    assert images.dimensions(looping) is None


@pytest.fixture
def files() -> Iterator[FileStore]:
    clock = Clock()
    store = FileStore(clock, Snowflakes(clock))
    yield store
    store.close()


def test_the_oldest_files_go_before_the_disk_is_full(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.files.MAX_TOTAL_BYTES", 100)
    kept = []
    for size in (60, 30, 10, 40, 60):
        path = files.scratch()
        path.write_bytes(bytes(size))
        kept.append(files.keep(path, f"{size}.bin"))
    assert [files.get(file.id) is not None for file in kept] == [False, False, False, True, True]
    assert [file.path.exists() for file in kept] == [False, False, False, True, True]


def test_dropped_files_leave_the_disk(files: FileStore) -> None:
    path = files.scratch()
    path.write_bytes(b"hello")
    kept = files.keep(path, "../../etc/passwd", declared="text/plain")
    assert (kept.filename, kept.size, kept.content_type) == ("passwd", 5, "text/plain")
    assert files.by_url(files.url(kept)) is kept
    files.drop(kept.id)
    assert not path.exists()
    assert files.get(kept.id) is None


def test_a_bucket_refuses_with_the_seconds_to_wait() -> None:
    limits = RateLimits()
    for left in (4, 3, 2, 1, 0):
        assert limits.spend("webhook", "token")["X-RateLimit-Remaining"] == str(left)
    with pytest.raises(RateLimited) as refused:
        limits.spend("webhook", "token")
    assert 0 < refused.value.retry_after <= RULES["webhook"][1]
    assert refused.value.headers["Via"]
    assert refused.value.body()["global"] is False
    assert limits.spend("webhook", "another")["X-RateLimit-Remaining"] == "4"


def test_all_requests_of_a_second_are_counted_together() -> None:
    limits = RateLimits()

    def many() -> None:
        for _ in range(200):
            limits.spend_global()

    with pytest.raises(RateLimited) as refused:
        many()
    assert refused.value.body()["global"] is True
    limits.enabled = False
    many()


def test_a_fault_happens_as_often_as_it_was_ordered() -> None:
    faults = Faults()
    faults.add({"kind": "rest", "method": "patch", "path_regex": "@original$", "times": 2})
    faults.add({"kind": "rest", "path_regex": "^/channels", "times": -1})
    hits = [faults.rest("PATCH", "/webhooks/1/t/messages/@original", Body()) is not None for _ in range(3)]
    assert hits == [True, True, False]
    assert all(faults.rest("GET", "/channels/1", Body()) for _ in range(5))
    faults.clear()
    assert faults.rest("GET", "/channels/1", Body()) is None


def test_faults_that_are_still_to_come_are_told_as_they_were_ordered() -> None:
    faults = Faults()
    order = {"kind": "rest", "path_regex": "@original$", "status": 500, "times": 2}
    faults.add(order)
    faults.add({"kind": "silent_gateway"})
    faults.add({"kind": "gateway_drop"})  # happens at once
    faults.rest("PATCH", "/webhooks/1/t/messages/@original", Body())
    assert faults.pending() == [order | {"times": 1}, {"kind": "silent_gateway", "times": 1}]


def test_a_fault_can_wait_for_files_or_for_words_of_the_body() -> None:
    upload = Upload("files[0]", "a.png", "image/png", 1, Path("a.png"))
    for order, occasion, other in (
        ({"has_files": True}, Body({}, [upload]), Body({})),
        ({"has_files": False}, Body({}), Body({}, [upload])),
        ({"body_regex": '"prompt":"für'}, Body({"data": {"prompt": "für"}}), Body({"prompt": "fur"})),
        ({"body_regex": "."}, Body({}), Body()),
        ({"has_files": True, "body_regex": "x"}, Body({"x": 1}, [upload]), Body({"x": 1})),
    ):
        faults = Faults()
        faults.add({"kind": "rest"} | order)
        assert faults.rest("PATCH", "/x", other) is None
        assert faults.rest("PATCH", "/x", occasion) is not None
        assert faults.rest("PATCH", "/x", occasion) is None


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"kind": "flood"},
        {"kind": "rest", "times": 0},
        {"kind": "rest", "path_regex": "("},
        {"kind": "rest", "body_regex": "("},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order: dict[str, Any]) -> None:
    with pytest.raises(PersonError):
        Faults().add(order)


def test_the_record_is_bounded_and_cuts_long_texts() -> None:
    traffic = Traffic(Clock())
    for number in range(MAX_ENTRIES + 10):
        traffic.record("rest", json={"n": number, "image": ["x" * 100_000]} if number < 5 else None)
    entries = traffic.since(0)
    assert len(entries) == MAX_ENTRIES
    assert entries[0]["seq"] == 11
    assert traffic.since(MAX_ENTRIES + 9) == entries[-1:]
    traffic.record("rest", json={"image": ["x" * 100_000]})
    assert len(traffic.since(0)[-1]["json"]["image"][0]) < 10_000


def test_a_signal_calls_its_listeners_each_time() -> None:
    signal, calls = Signal(), [0]
    signal.listeners.append(lambda: calls.__setitem__(0, calls[0] + 1))
    signal.notify()
    signal.notify()
    assert calls == [2]


async def test_a_signal_wakes_those_whose_wish_came_true() -> None:
    signal, seen = Signal(), [0]
    waiting = asyncio.create_task(signal.wait_for(lambda: seen[0] >= 2, 20))
    for _ in range(2):
        await asyncio.sleep(0)
        seen[0] += 1
        signal.notify()
    assert await waiting
    assert not await signal.wait_for(lambda: False, 0.0)


def test_events_are_for_those_who_see_the_channel_or_are_meant() -> None:
    log = EventLog(World())
    log.publish("message_create", {}, world.STAFF.id)
    log.publish("message_create", {}, world.ART.id, only_for=world.MEMBER.id)
    assert [e.seq for e in log.since(0, world.MEMBER.id)] == [2]
    assert [e.seq for e in log.since(0, world.MODERATOR.id)] == [1]
    assert [e.seq for e in log.since(1, None)] == [2]


def test_an_event_without_a_channel_is_for_everybody_who_is_meant() -> None:
    log = EventLog(World())
    log.publish("bot", {}, None)
    log.publish("bot", {}, None, only_for=world.MEMBER.id)
    assert [e.seq for e in log.since(0, world.OWNER.id)] == [1]
    assert [e.seq for e in log.since(0, world.MEMBER.id)] == [1, 2]
