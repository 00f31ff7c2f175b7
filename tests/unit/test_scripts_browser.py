"""Whether a browser is opened: only for somebody at a desktop."""

from __future__ import annotations

import threading
import webbrowser

import pytest

from scripts import browser

DESKTOP = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("environment", "platform", "terminal", "welcome"),
    [
        (DESKTOP, "linux", True, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True, True),
        ({}, "linux", True, False),
        ({"DISPLAY": ""}, "linux", True, False),
        ({}, "darwin", True, True),
        ({}, "win32", True, True),
        (DESKTOP, "linux", False, False),
        ({}, "win32", False, False),
        (DESKTOP | {"CI": "true"}, "linux", True, False),
        ({"CI": "1"}, "darwin", True, False),
    ],
)
def test_a_browser_is_welcome_at_a_desktop_and_nowhere_else(
    environment: dict[str, str], platform: str, terminal: bool, welcome: bool
) -> None:
    assert browser.is_welcome(environment, platform, terminal=terminal) is welcome


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "is_welcome", lambda *_, **__: True)
    monkeypatch.delenv("BROWSER", raising=False)


@pytest.mark.usefixtures("desktop")
def test_the_page_is_opened_without_waiting_for_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, closed = threading.Event(), threading.Event()
    seen: list[str] = []

    def slow(address: str) -> None:
        seen.append(address)
        opened.set()
        closed.wait(20)

    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.BackgroundBrowser("firefox"))
    monkeypatch.setattr(webbrowser, "open", slow)
    try:
        assert browser.open_page("http://127.0.0.1:9100")
        assert opened.wait(20)
        assert seen == ["http://127.0.0.1:9100"]
    finally:
        closed.set()


@pytest.mark.usefixtures("desktop")
def test_a_browser_that_would_take_the_terminal_is_left_alone_unless_it_was_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = threading.Event()
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("lynx"))
    monkeypatch.setattr(webbrowser, "open", lambda _address: opened.set())
    assert not browser.open_page("http://127.0.0.1:9100")
    monkeypatch.setenv("BROWSER", "lynx")
    assert browser.open_page("http://127.0.0.1:9100")
    assert opened.wait(20)


@pytest.mark.usefixtures("desktop")
def test_where_there_is_no_browser_none_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    assert not browser.open_page("http://127.0.0.1:9100")
