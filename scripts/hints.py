"""What the person who runs the bot should know when no picture was made: taken from the bot's log."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

SEGMIND = "https://api.segmind.com"

# A line of repaint/logs.py, e.g. "2026-01-31 12:00:00,000 WARNING repaint.jobs.runner: job …: KeyRefused: …"
_TROUBLE = re.compile(r"^\S+ \S+ (?:WARNING|ERROR|CRITICAL) +\S+: (.+)$", re.MULTILINE)


def host_of(api_url: str | None) -> str | None:
    """The host of an image API that is not Segmind's own, with its port."""
    if not api_url or api_url.rstrip("/") == SEGMIND:
        return None
    return urlsplit(api_url).netloc.rpartition("@")[2] or api_url


def payer(api_url: str | None) -> str:
    """Who repaints the picture where there is a key, and who pays."""
    if host := host_of(api_url):
        return f"SEGMIND_API_KEY is set: the image API at {host} repaints the picture and may charge for it."
    return "SEGMIND_API_KEY is set: Segmind repaints the picture and charges your account for it."


def operator_hint(log: str, api_url: str | None) -> str:
    """What to do about the last warning in the bot's log, or that warning itself; empty if there is none."""
    warnings = _TROUBLE.findall(log)
    if not warnings:
        return ""
    last, host = str(warnings[-1]), host_of(api_url)
    if "KeyRefused" in last:
        where = f"by {host}." if host else "by Segmind: check it at cloud.segmind.com › API keys."
        return f"SEGMIND_API_KEY was not accepted {where}"
    if "OutOfCredits" in last:
        return f"The account at {host or 'Segmind (cloud.segmind.com)'} has no credits left."
    return f"The last warning in the bot's log: {last}"
