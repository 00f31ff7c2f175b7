"""The pictures of a message, found in its raw JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.ui.found import Found, Hosts, is_forward, job_of, pictures

CDN = "https://cdn.discordapp.com"
SIGNED = "?ex=1&is=2&hm=3&"


def attachment(name: str, kind: str | None = "image/png", number: int = 7, **more: Any) -> dict[str, Any]:
    url = f"{CDN}/attachments/33/{number}/{name}{SIGNED}"
    body = {"id": str(number), "filename": name, "url": url, "size": 1234, "width": 640, "height": 480}
    return body | ({} if kind is None else {"content_type": kind}) | more


def media(name: str, number: int = 7, **more: Any) -> dict[str, Any]:
    url = f"{CDN}/attachments/33/{number}/{name}{SIGNED}"
    proxy = url.replace("cdn.discordapp.com", "media.discordapp.net")
    return {"url": url, "proxy_url": proxy, "attachment_id": str(number), "content_type": "image/png"} | more


def names(message: dict[str, Any]) -> list[str]:
    return [each.filename for each in pictures(message)]


def test_an_attachment_comes_with_all_that_is_told_of_it() -> None:
    [found] = pictures({"attachments": [attachment("a.png")]})
    url = f"{CDN}/attachments/33/7/a.png{SIGNED}"
    assert found == Found(url, "a.png", 1234, 640, 480)
    assert (found.attachment.url, found.attachment.size) == (url, 1234)


@pytest.mark.parametrize(
    ("name", "kind", "taken"),
    [
        ("a.png", "image/png", True),
        ("a", "image/webp", True),
        ("a.txt", "image/heic; charset=x", True),
        ("A.JPEG", None, True),
        ("a.avif", "application/octet-stream", True),
        ("a.svg", "image/svg+xml", False),
        ("a.svg", None, False),
        ("a.mp4", "video/mp4", False),
        ("a.png", "video/mp4", False),
        ("a.txt", None, False),
        ("a", None, False),
    ],
)
def test_its_type_decides_or_else_its_name(name: str, kind: str | None, taken: bool) -> None:
    assert names({"attachments": [attachment(name, kind)]}) == [name] * taken


def test_components_are_searched_at_any_depth_in_their_order() -> None:
    gallery = {"type": 12, "items": [{"media": media("b.png", 2)}, {"media": media("c.png", 3)}]}
    section = {"type": 9, "components": [], "accessory": {"type": 11, "media": media("d.png", 4)}}
    file = {"type": 13, "file": media("x", 5, content_type=None), "name": "e.webp", "size": 99}
    thumbnail = {"type": 11, "media": media("a.png", 1)}
    message = {"components": [thumbnail, {"type": 17, "components": [gallery, section, file]}]}
    assert names(message) == ["a.png", "b.png", "c.png", "d.png", "e.webp"]
    assert pictures(message)[-1].size == 99


def test_videos_and_other_files_of_components_are_left_out() -> None:
    items = [{"media": media("a.mp4", content_type="video/mp4")}, {"media": media("b.gif", 8)}]
    text = {"type": 13, "file": media("c.txt", 9, content_type=None), "name": "c.txt"}
    assert names({"components": [{"type": 12, "items": items}, text]}) == ["b.gif"]


def test_foreign_media_come_from_the_proxy_alone() -> None:
    proxy = "https://images-ext-1.discordapp.net/external/x/https/evil.example/a.png"
    foreign = {"url": "https://evil.example/a.png", "proxy_url": proxy}
    unproxied = {"url": "https://evil.example/b.png"}
    message = {
        "embeds": [{"type": "rich", "image": foreign, "thumbnail": unproxied}],
        "components": [{"type": 12, "items": [{"media": unproxied}]}],
    }
    assert [each.url for each in pictures(message)] == [proxy]
    assert names({"components": [{"type": 11, "media": foreign}]}) == ["a.png"]


def test_videos_in_embeds_are_left_out() -> None:
    image = {"url": "https://a.example/x", "proxy_url": "https://images-ext-1.discordapp.net/external/x"}
    assert names({"embeds": [{"type": "gifv", "thumbnail": image}]}) == []
    assert names({"embeds": [{"type": "video", "thumbnail": image}]}) == []
    assert names({"embeds": [{"type": "image", "thumbnail": image}]}) == ["x"]


def test_the_same_picture_is_found_once() -> None:
    proxied = media("a.png")
    message = {
        "attachments": [attachment("a.png")],
        "embeds": [{"image": proxied, "thumbnail": proxied}],
        "components": [{"type": 11, "media": proxied}],
    }
    assert names(message) == ["a.png"]
    assert len(pictures({"attachments": [attachment("a.png"), attachment("a.png", number=8)]})) == 2


def test_ten_are_the_most() -> None:
    assert len(pictures({"attachments": [attachment("a.png", number=n) for n in range(1, 15)]})) == 10


def test_a_forward_holds_the_pictures_of_the_other_message() -> None:
    inner = {"attachments": [attachment("a.png")], "embeds": [{"image": media("b.png", 8)}]}
    message = {"message_reference": {"type": 1}, "message_snapshots": [{"message": inner}]}
    assert names(message) == ["a.png", "b.png"]
    assert is_forward(message)
    assert not is_forward({"message_reference": {"type": 0}})


def test_stickers_are_pictures_unless_lottie_draws_them() -> None:
    stickers = [{"id": str(each), "name": "x", "format_type": each} for each in (1, 2, 3, 4)]
    assert [each.url for each in pictures({"sticker_items": stickers})] == [
        f"{CDN}/stickers/1.png",
        f"{CDN}/stickers/2.png",
        "https://media.discordapp.net/stickers/4.gif",
    ]
    here = Hosts.of("http://127.0.0.1:9100/api/v10")
    assert pictures({"sticker_items": stickers}, here)[0].url == "http://127.0.0.1:9100/cdn/stickers/1.png"
    assert Hosts.of("https://discord.com/api/v10") == Hosts()
    assert pictures({"sticker_items": [{"id": "../../x", "format_type": 1}]}) == []


def test_what_is_covered_stays_covered() -> None:
    covered = {"type": 12, "items": [{"media": media("b.png", 8), "spoiler": True}]}
    container = {"type": 17, "spoiler": True, "components": [{"type": 11, "media": media("c.png", 9)}]}
    message = {
        "attachments": [attachment("SPOILER_a.png"), attachment("x.png", number=6, flags=8)],
        "components": [covered, container],
    }
    assert [each.spoiler for each in pictures(message)] == [True] * 4
    assert not pictures({"attachments": [attachment("a.png")]})[0].spoiler


def test_the_names_of_the_bots_own_files_tell_their_job() -> None:
    assert job_of("repaint-0123456789-1.png") == "0123456789"
    assert job_of("SPOILER_repaint-0123456789-4.jpg") == "0123456789"
    assert job_of("compare-0123456789.gif") == "0123456789"  # before and after
    assert job_of("0123456789.webp") == "0123456789"  # in a history
    assert job_of("my-repaint-0123456789-1.png") is None
    assert job_of("repaint-012345678-1.png") is None


def test_deep_components_do_no_harm() -> None:
    deep: dict[str, Any] = {"type": 11, "media": media("a.png")}
    for _ in range(5000):
        deep = {"type": 17, "components": [deep]}
    assert names({"components": [deep]}) == ["a.png"]


KEYS = (
    "attachments", "embeds", "components", "items", "media", "file", "accessory", "image", "thumbnail",
    "message_snapshots", "message", "sticker_items", "url", "proxy_url", "attachment_id", "filename", "id",
    "content_type", "format_type", "size", "width", "flags", "spoiler", "name", "type", "message_reference",
)  # fmt: skip
SURROGATES = st.text(st.characters(exclude_categories=()), max_size=20)
ADDRESSES = st.builds("https://{}".format, SURROGATES)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SURROGATES | ADDRESSES | st.just("image/png"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=40,
)


@given(ODD)
def test_no_message_makes_it_raise_and_all_that_is_found_can_be_kept(message: Any) -> None:
    is_forward(message)
    for found in pictures(message):
        assert found.url.isprintable()
        assert found.filename
        assert found.filename.isprintable()
        assert found.size >= 0


@given(st.dictionaries(st.sampled_from(("attachments", "embeds", "components")), st.lists(ODD), min_size=1))
def test_odd_parts_do_not_hide_the_good_ones(parts: dict[str, list[Any]]) -> None:
    good = attachment("good.png", number=987654)
    message = parts | {"attachments": [good, *parts.get("attachments", [])]}
    assert "good.png" in names(message)
