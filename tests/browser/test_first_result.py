"""From nothing to a repainted picture, as somebody does who sees the page for the first time."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.acceptance.asker import photo
from tests.browser.chat import Chat


def photograph() -> FilePayload:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(photo())).save(buffer, "JPEG")
    return {"name": "astronaut.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def test_three_clicks_and_one_typed_line(chat: Chat) -> None:
    chat.page.get_by_role("button", name="Repaint a picture").click()  # one
    chat.page.get_by_role("group", name="Sample pictures").get_by_role("button").first.click()  # two
    chat.page.keyboard.type("a watercolor painting of a lake at sunset")
    chat.page.get_by_role("button", name="Run", exact=True).click()  # three
    card = chat.done("a watercolor painting of a lake at sunset")
    expect(card).to_contain_text("used /img2img")
    picture = card.get_by_role("img", name="a watercolor painting of a lake at sunset").first
    assert picture.evaluate("each => each.complete && each.naturalWidth") > 500
    chat.picture("playground")


def test_with_the_keyboard_alone(chat: Chat) -> None:
    keys = chat.page.keyboard
    chat.message_field.focus()
    keys.type("/img")
    expect(chat.page.get_by_role("option", name="/img2img")).to_be_visible()
    keys.press("Enter")
    samples = chat.page.get_by_role("group", name="Sample pictures").get_by_role("button")
    expect(samples.first).to_be_visible()
    for _ in range(4):  # past whatever comes before the first sample
        if samples.first.evaluate("each => each === document.activeElement"):
            break
        keys.press("Tab")
    keys.press("Enter")
    expect(chat.page.get_by_role("list", name="Chosen files")).to_contain_text("KB")
    keys.type("by keys alone")
    keys.press("Enter")
    chat.done("by keys alone")
    expect(chat.message_field).to_be_focused()


def test_ones_own_photograph(chat: Chat) -> None:
    chat.img2img("a comic of an astronaut", photograph())
    card = chat.done("a comic of an astronaut")
    card.locator("img").first.click()
    box = chat.page.get_by_role("dialog")
    expect(box).to_contain_text("a comic of an astronaut")
    chat.page.keyboard.press("Escape")
    expect(box).to_be_hidden()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (
            {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"},
            "I cannot read this file as a picture",
        ),
        ({"name": "cut.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}, "damaged or cut off"),
    ],
    ids=["a text", "a cut-off picture"],
)
def test_what_is_no_picture_is_said_to_be_none(chat: Chat, file: FilePayload, sentence: str) -> None:
    chat.begin("img2img")
    chat.pick(file)
    chat.option("prompt").fill(f"of {file['name']}")
    chat.run()
    told = chat.card(sentence)
    expect(told).to_be_visible()
    expect(told).to_contain_text("Only you can see this")


def test_what_is_missing_is_marked(chat: Chat) -> None:
    chat.begin("img2img")
    chat.option("prompt").fill("without a picture")
    chat.run()
    expect(chat.panel).to_be_visible()
    expect(chat.panel).to_contain_text("This is required.")
