"""What anybody writes stays text: no markup, no script, no mention that is none."""
# ruff: noqa: E501  # what runs in the page is not Python

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.chat import Chat

PAGE = Path(__file__).resolve().parents[2] / "playground" / "page"
CASES = json.loads((Path(__file__).parent / "markdown_cases.json").read_text("utf-8"))
NEVER = [
    "[onclick]",
    "[onerror]",
    "[style]",
    "form",
    "iframe",
    "img",
    "input",
    "object",
    "script",
    "style",
    "svg",
]
NASTY = [
    "\n",
    "\n> ",
    "\n```\n",
    "  - a\n",
    "# ",
    "*",
    "** __ ~~ || * _ ",
    "**a ",
    "*_~|`",
    "*a _b __c ~~d ||e `f ",
    "- ",
    "-# a\n",
    "1. a\n",
    "<",
    "</a",
    "</a:1>",
    "<@",
    "<@1>",
    "<t:",
    "<t:1:R>",
    ">",
    "> ",
    "@everyone",
    "[",
    "[[](",
    "[a](",
    "[a](https://x.y ",
    "\\",
    "_",
    "__a__ ",
    "`",
    "`` ",
    "``` ",
    "``a`b ",
    "https://",
    "https://]",
    "https://a(",
    "|",
    "||a",
    "||a||",
    "~",
    "\u202e",
    "\ud83c\udfa8",
]
HOSTILE = (
    '<img src=x onerror="document.title=1"> <script>document.title=1</script> **bold** '
    "[a](javascript:alert(1)) "
    "@everyone <@1000000000000000302> ||hidden|| `code` \u202eback\u202c"
)


def test_a_hostile_prompt_is_shown_as_it_was_written(chat: Chat) -> None:
    title = chat.page.title()
    chat.begin("img2img")
    chat.pick("landscape")
    chat.option("prompt").fill(HOSTILE)
    chat.run()
    card = chat.done('<img src=x onerror="document.title=1">')
    expect(card).to_contain_text("**bold** [a](javascript:alert(1))")
    expect(card).to_contain_text("||hidden|| `code`")
    assert card.locator("script, img[onerror], img[src='x'], .spoiler, code").count() == 0
    assert card.locator("a[href^='javascript']").count() == 0
    assert card.locator(".mention").filter(has_text="Noor").count() == 0
    assert chat.page.title() == title
    chat.become("another member")
    assert chat.page.locator("li .mentioned, li.mentioned, article.mentioned").count() == 0


def test_a_hostile_message_of_a_person_is_text_too(chat: Chat) -> None:
    chat.message_field.fill('<b onclick="x">not bold</b> **bold** <script>1</script> &lt;')
    chat.page.get_by_role("button", name="Send").click()
    message = chat.card("not bold")
    expect(message).to_contain_text('<b onclick="x">not bold</b> bold <script>1</script> &lt;')
    assert message.locator("b, script").count() == 0


def test_markdown_is_read_as_people_know_it(chat: Chat) -> None:
    """And nothing in it becomes an element that acts."""
    wrong = chat.page.evaluate(
        """async ([cases, never]) => {
            const { markup } = await import("/page/js/markdown.js");
            const host = document.createElement("div");
            document.body.append(host);
            const tidy = (text) => text.split(/\\s+/).filter(Boolean).join(" ");
            return cases.flatMap(({ text, shows, has = [], no = [] }) => {
                host.replaceChildren(markup(text));
                return [
                    tidy(host.innerText) === tidy(shows) ? [] : [`${text}: ${host.innerText}`],
                    has.filter((each) => !host.querySelector(each)).map((each) => `${text} has no ${each}`),
                    [...no, ...never].filter((each) => host.querySelector(each)).map((each) => `${text} has ${each}`),
                ].flat();
            });
        }""",
        [CASES, NEVER],
    )
    assert wrong == []


def test_markdown_of_any_length_is_soon_read(chat: Chat) -> None:
    """Not how fast: that none of it needs more than a moment, where a bad pattern would need years."""
    chat.page.evaluate(
        """async (all) => {
            const { render } = await import("/page/js/markdown.js");
            for (const text of all) render(text);
        }""",
        [(part * 4000)[:4000] for part in NASTY],
    )


def test_nothing_is_ever_made_of_html() -> None:
    for path in [*PAGE.glob("js/*.js"), PAGE / "index.html"]:
        text = path.read_text("utf-8")
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
        ):
            assert word not in text, f"{word} in {path.name}"
        assert " onclick=" not in text
        assert "javascript:" not in text
