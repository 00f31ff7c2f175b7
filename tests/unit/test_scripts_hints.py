"""What the person who runs the bot is told about a real image API."""

from __future__ import annotations

import logging

import pytest

from repaint.config import SEGMIND_API_URL
from repaint.errors import KeyRefused, OutOfCredits, RepaintError
from repaint.logs import WithoutSecrets
from scripts.hints import SEGMIND, operator_hint, payer

OTHER = "http://127.0.0.1:9000"


def line(level: int, text: str, *values: object) -> str:
    """A line as the bot logs it."""
    record = logging.LogRecord("repaint.jobs.runner", level, "", 0, text, values, None)
    return WithoutSecrets().format(record) + "\n"


def failed(error: RepaintError) -> str:
    """The line about a job that failed, as repaint/jobs/ending.py words it."""
    return line(logging.WARNING, "job %s %s: %s: %s", "9e6c18d85a", "failed", type(error).__name__, error)


def test_the_default_is_the_bots_default() -> None:
    assert SEGMIND == SEGMIND_API_URL


@pytest.mark.parametrize("url", [None, "", SEGMIND, f"{SEGMIND}/"])
def test_segmind_is_named_where_it_is_paid(url: str | None) -> None:
    assert (
        payer(url) == "SEGMIND_API_KEY is set: Segmind repaints the picture and charges your account for it."
    )


def test_another_api_is_named_by_its_host() -> None:
    assert payer(OTHER) == (
        "SEGMIND_API_KEY is set: the image API at 127.0.0.1:9000 repaints the picture and may charge for it."
    )


def test_a_refused_key_is_to_be_checked() -> None:
    log = failed(KeyRefused("401"))
    assert operator_hint(log, None) == (
        "SEGMIND_API_KEY was not accepted by Segmind: check it at cloud.segmind.com › API keys."
    )
    assert operator_hint(log, OTHER) == "SEGMIND_API_KEY was not accepted by 127.0.0.1:9000."


def test_used_up_credits_are_said() -> None:
    log = failed(OutOfCredits("406"))
    assert operator_hint(log, None) == "The account at Segmind (cloud.segmind.com) has no credits left."
    assert operator_hint(log, OTHER) == "The account at 127.0.0.1:9000 has no credits left."


def test_of_any_other_trouble_the_last_warning_is_shown() -> None:
    log = line(logging.WARNING, "one") + line(logging.ERROR, "two: %s", "three") + line(logging.INFO, "four")
    assert operator_hint(log, None) == "The last warning in the bot's log: two: three"


def test_without_a_warning_nothing_is_said() -> None:
    assert operator_hint(line(logging.INFO, "connected") + "WARNING in a word of its own", None) == ""
