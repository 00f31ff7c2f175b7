"""A real browser, Debian's Chromium, at the page of a real `scripts/run`: once for each file.

Without Chromium the tests are skipped with a message; with REPAINT_NEED_CHROMIUM=1 they fail then.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.chat import Chat
from tests.browser.serving import Serving

SECONDS = 20  # for whatever is waited for
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")  # the first takes the least time
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
expect.set_options(timeout=SECONDS * 1000)
WIDE, PHONE = {"width": 1200, "height": 800}, {"width": 390, "height": 780}


def chromium() -> str:
    """The program; a skip, or a failure, where it is not installed."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        why = "Chromium is not installed (Debian: apt install chromium-headless-shell)"
        if os.environ.get("REPAINT_NEED_CHROMIUM") == "1":
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has no sandbox for root
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *as_root])
        yield started
        started.close()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(tmp_path_factory.mktemp("serving")) as running:
        yield running


@pytest.fixture(params=[WIDE], ids=["wide"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Somebody's browser: dark, in English, without what an earlier test left in it."""
    made = browser.new_context(
        viewport=request.param,
        color_scheme="dark",
        locale="en-US",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    made.set_default_timeout(SECONDS * 1000)
    yield made
    made.close()


@pytest.fixture
def chat(context: BrowserContext, serving: Serving) -> Iterator[Chat]:
    """The page, opened. Whatever it says of itself on the console is a failure."""
    serving.reset()
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(f"{error}"))
    page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    yield Chat(page, serving).open()
    assert said == []
