"""The page for everyone: on a phone, light and dark, by name and by key. And each state of the card."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import PHONE

# ruff: noqa: E501  # what runs in the page is not Python
NAMELESS = """() => [...document.querySelectorAll("button, input, select, textarea, a[href]")]
    .filter((each) => each.checkVisibility())
    .filter((each) => !(each.labels?.length || each.getAttribute("aria-label") || each.getAttribute("aria-labelledby")
        || each.innerText?.trim() || each.querySelector("img[alt]:not([alt=''])") || each.title))
    .map((each) => each.outerHTML)"""
CONTRAST = """() => {
    const channels = (css) => css.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
    const ground = (node) => {
        for (let each = node; each; each = each.parentElement) {
            const colour = channels(getComputedStyle(each).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const bad = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest(":disabled, .unseen, .skip, noscript")) continue;
        const [one, other] = [light(channels(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
        const ratio = (one + 0.05) / (other + 0.05);
        if (ratio < 4.5) bad.push(`${ratio.toFixed(2)} ${node.tagName}.${node.className}: ${walker.currentNode.data.trim().slice(0, 40)}`);
    }
    return [...new Set(bad)];
}"""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_everything_has_a_name_and_can_be_read(chat: Chat, theme: str) -> None:
    chat.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    words = f"a card in the {theme}"
    chat.img2img(words)
    chat.done(words)
    chat.page.get_by_role("button", name="Workshop").first.click()
    expect(chat.page.locator("#bot-state")).to_be_visible()
    chat.begin("img2img")
    chat.more("style")
    assert chat.page.evaluate(NAMELESS) == []
    assert chat.page.evaluate(CONTRAST) == []
    chat.picture(f"page-{theme}")


@pytest.mark.parametrize("context", [PHONE], ids=["phone"], indirect=True)
def test_on_a_phone(chat: Chat) -> None:
    assert chat.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    chat.page.get_by_role("button", name="Channels and people").click()
    chat.go("dm")
    expect(chat.page.locator("#side")).not_to_be_in_viewport()
    chat.img2img("on a small screen")
    chat.done("on a small screen")
    assert chat.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    chat.picture("phone")
    chat.page.get_by_role("button", name="Workshop").first.click()
    expect(chat.page.locator("#bot-state")).to_be_visible()
    assert chat.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_each_state_of_the_card(chat: Chat) -> None:
    serving = chat.serving

    def shown(words: str, state: str, name: str) -> None:
        card = chat.card(words)
        expect(card).to_contain_text(state, timeout=30_000)
        chat.picture(f"card-{name}", of=card.locator(".card"))

    serving.script(inference_seconds="manual")
    chat.img2img("stained glass, a lake in the morning")
    shown("stained glass, a lake in the morning", "Processing", "processing")
    chat.press(chat.card("stained glass, a lake in the morning"), "Cancel")
    shown("stained glass, a lake in the morning", "Cancelled", "cancelled")

    serving.script(queue_seconds="manual")
    chat.img2img("anime, a lake with a boat")
    shown("anime, a lake with a boat", "Queued", "queued")
    serving.call("DELETE", "/workshop/api/script")
    serving.script(queue_seconds=0, inference_seconds=0)
    chat.done("anime, a lake with a boat")
    shown("anime, a lake with a boat", "Done", "done")

    serving.script(fail="The worker ran out of memory.")
    chat.img2img("a mosaic of a lake")
    shown("a mosaic of a lake", "Failed", "failed")

    serving.script(
        fail=None,
        faults=[
            {"route": "submit", "drop": "before", "times": -1},
            {"route": "history", "status": 503, "times": -1},
        ],
    )
    chat.img2img("a pencil sketch of a lake")
    shown("a pencil sketch of a lake", "Checking", "checking")
