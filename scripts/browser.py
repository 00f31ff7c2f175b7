"""Opening the page for a person at a desktop, and for nobody else."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Mapping


def is_welcome(environment: Mapping[str, str], platform: str, *, terminal: bool) -> bool:
    """Whether somebody is there to see a browser: not in CI, not behind a pipe, not without a screen."""
    if environment.get("CI") or not terminal:
        return False
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def open_page(address: str) -> bool:
    """Open the page where somebody is there to see it; whether that is so.

    A thread does it: some browsers keep their caller waiting until they are closed.
    """
    if not is_welcome(os.environ, sys.platform, terminal=sys.stdout.isatty()) or _is_in_the_terminal():
        return False
    threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()
    return True


def _is_in_the_terminal() -> bool:
    """Whether Python finds no browser, or only one that would take this terminal (lynx, w3m).

    One that somebody chose by BROWSER looks like those.
    """
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return True
    return type(found) is webbrowser.GenericBrowser and not os.environ.get("BROWSER")
