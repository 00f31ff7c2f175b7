"""What is told by a direct message, because the reply cannot be reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from repaint.errors import InferenceFailed
from repaint.models import Job, JobState
from repaint.ui.direct import DirectMessages
from tests.unit.jobs import make_picture
from tests.unit.ui_house import (
    UiHouse,
    make_card_job,
)

SENTENCE = InferenceFailed.sentence


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> UiHouse:
    return UiHouse(monkeypatch)


def _ready(**changes: Any) -> Job:
    return make_card_job(JobState.DELIVERING, **({"outputs": (make_picture(),)} | changes))


def _failed(**changes: Any) -> Job:
    return make_card_job(JobState.FAILED, **({"failure": SENTENCE} | changes))


class Letters:
    """Direct messages that are noted instead of sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, there: bool = False) -> None:
        self.sent: list[tuple[int, str, str, int]] = []
        letters = self

        async def send(
            _: DirectMessages,
            user_id: int,
            view: ui.LayoutView,
            nonce: str,
            files: Sequence[tuple[Path, str]] = (),
        ) -> None:
            text = str(view.to_components())  # type: ignore[no-untyped-call]
            letters.sent.append((user_id, nonce, text, len(files)))

        async def shows(_: DirectMessages, user_id: int, name: str) -> bool:
            assert (user_id, name) == (22, "repaint-0000000001-1.png")
            return there

        monkeypatch.setattr(DirectMessages, "send", send)
        monkeypatch.setattr(DirectMessages, "shows", shows)


def test_a_picture_can_be_sent_directly_and_says_where_it_was_asked_for(
    house: UiHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = Letters(monkeypatch)

    async def story() -> None:
        await house.presenter.deliver_directly(_ready())

    house.run(story)
    [(user, nonce, text, files)] = letters.sent
    assert (user, nonce, files) == (22, "0000000001", 1)
    assert "Asked for in <#33>" in text
    assert "attachment://repaint-0000000001-1.png" in text


@pytest.mark.parametrize(
    ("again", "there", "sent"), [(True, True, 0), (True, False, 1), (False, True, 1), (False, False, 1)]
)
def test_a_picture_is_sent_again_only_if_it_did_not_arrive(
    house: UiHouse, monkeypatch: pytest.MonkeyPatch, again: bool, there: bool, sent: int
) -> None:
    letters = Letters(monkeypatch, there=there)

    async def story() -> None:
        await house.presenter.deliver_directly(_ready(), again=again)

    house.run(story)
    assert len(letters.sent) == sent


def test_a_failure_can_be_told_directly(house: UiHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(monkeypatch)

    async def story() -> None:
        await house.presenter.tell_directly(_failed(), SENTENCE)

    house.run(story)
    [(user, nonce, text, files)] = letters.sent
    assert (user, nonce, files) == (22, "end-0000000001", 0)
    assert SENTENCE in text
    assert "retry:0000000001" in text
