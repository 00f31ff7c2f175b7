"""The page for everyone: on a phone, light and dark, by name and by key. And each state of the card."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat import Chat
from tests.browser.conftest import PHONE

# ruff: noqa: E501  # what runs in the page is not Python
AT_ONCE_PER_MEMBER = 4  # the usual JOBS_AT_ONCE_PER_MEMBER
NAMELESS = """() => [...document.querySelectorAll("button, input, select, textarea, a[href]")]
    .filter((each) => each.checkVisibility())
    .filter((each) => !(each.labels?.length || each.getAttribute("aria-label") || each.getAttribute("aria-labelledby")
        || each.innerText?.trim() || each.querySelector("img[alt]:not([alt=''])") || each.title))
    .map((each) => each.outerHTML)"""
CONTRAST = """() => {
    const channels = (css) => css.match(/[\\d.]+/g).map(Number).map((each, n) => (css.startsWith("color(srgb") && n < 3 ? each * 255 : each));
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


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.thorough)])
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


@pytest.mark.thorough  # it waits for each state; the docs' pictures come from it
@pytest.mark.timeout(180)
def test_each_state_of_the_card(chat: Chat) -> None:
    serving = chat.serving

    def ask(words: str, state: str, name: str) -> Locator:
        chat.begin("img2img")
        chat.pick("landscape")
        chat.option("prompt").fill(words)
        chat.run()
        return shown(words, state, name)

    def shown(words: str, state: str, name: str) -> Locator:
        card = chat.card(words)
        expect(card).to_contain_text(state, timeout=30_000)
        chat.picture(f"card-{name}", of=card.locator(".card"))
        return card

    serving.script(inference_seconds="manual")
    first = ask("stained glass, a lake in the morning", "▰", "processing")
    for number in range(AT_ONCE_PER_MEMBER):  # all at work, and one that waits
        chat.img2img(f"one of many, {number}")
    queued = ask("anime, a lake with a boat", "in line", "queued")
    chat.press(queued, "Cancel")
    shown("anime, a lake with a boat", "Cancelled", "cancelled-early")
    chat.press(first, "Cancel")
    shown("stained glass, a lake in the morning", "may charge for it", "cancelled")

    serving.script(inference_seconds=0)
    for number in range(AT_ONCE_PER_MEMBER):
        chat.done(f"one of many, {number}")
    chat.begin("img2img")
    chat.pick("landscape")
    chat.option("prompt").fill("a mosaic of a lake")
    chat.more("samples").fill("2")
    serving.script(queue_seconds="manual")
    chat.run()
    shown("a mosaic of a lake", "2 pictures, together about", "price")
    serving.script(queue_seconds=0)
    shown("a mosaic of a lake", "Done", "several")

    ask("anime, a lake at noon", "Done", "done")
    serving.script(fail="The worker ran out of memory.")
    ask("a comic of a lake", "Failed", "failed")
    lost = {"route": "submit", "drop": "before", "times": -1}
    serving.script(fail=None, faults=[lost, {"route": "history", "status": 503, "times": -1}])
    ask("a pencil sketch of a lake", "Checking", "checking")
