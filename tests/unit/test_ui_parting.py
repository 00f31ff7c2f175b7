"""Replies that cannot be edited any longer: the token is nearly over, or somebody deleted the message."""

from __future__ import annotations

import asyncio
import dataclasses
from itertools import pairwise

import pytest

from repaint.errors import DeliveryError, DeliveryPutOff
from repaint.models import JobState
from repaint.ui.progress import (
    PROGRESS_GAP,
    PROGRESS_GAP_BY_BOT,
)
from repaint.ui.reply import PARTING, TOKEN_LIFETIME, TOKEN_MARGIN, Known
from tests.unit.ui_house import (
    START,
    KnownTrouble,
    UiHouse,
    asked_at,
    failing,
    fine,
    make_card_job,
)

TOKEN_ONLY = asked_at(START, bot_can_edit=False)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> UiHouse:
    return UiHouse(monkeypatch)


@pytest.mark.parametrize("began", [0.0, 300.0, PARTING + 5])
def test_a_reply_that_cannot_be_edited_much_longer_says_so_once(house: UiHouse, began: float) -> None:
    """Also in a process that began later: the moment is in the interaction's id."""
    house.clock.now += began

    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED, origin=TOKEN_ONLY))
        await asyncio.sleep(TOKEN_LIFETIME)
        house.show(house.processing(origin=TOKEN_ONLY))
        await asyncio.sleep(100)

    house.run(story)
    last = house.edits[-1]
    assert "longer than Discord lets me change this reply" in last.text
    assert "Cancel" not in last.text
    assert last.at == pytest.approx(max(PARTING, began), abs=1)
    assert sum("longer than Discord" in edit.text for edit in house.edits) == 1
    assert house.views <= TOKEN_LIFETIME / PROGRESS_GAP  # nothing is looked up in a hurry


def test_the_notice_is_tried_again_while_the_token_lives(house: UiHouse) -> None:
    house.troubles = [fine, failing(DeliveryPutOff("500")), failing(DeliveryPutOff("500"))]

    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED, origin=TOKEN_ONLY))
        await asyncio.sleep(TOKEN_LIFETIME)

    house.run(story)
    assert "longer than Discord" in house.edits[-1].text
    assert len(house.edits) == 2


def test_a_token_that_is_over_is_not_used(house: UiHouse, caplog: pytest.LogCaptureFixture) -> None:
    house.clock.now += TOKEN_LIFETIME - TOKEN_MARGIN

    async def story() -> None:
        house.show(house.processing(origin=TOKEN_ONLY))
        await asyncio.sleep(100)

    house.run(story)
    assert caplog.text == ""
    assert house.edits == []


def test_a_public_reply_goes_on_by_the_bots_token(house: UiHouse) -> None:
    house.clock.now += PARTING + 5
    house.extras = {"expected": 1000.0}

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(600)

    house.run(story)
    assert not any("longer than Discord" in edit.text for edit in house.edits)
    assert all("▱" in edit.text for edit in house.edits)
    late = [edit.at for edit in house.edits if edit.at > TOKEN_LIFETIME]
    assert min(later - earlier for earlier, later in pairwise(late)) >= PROGRESS_GAP_BY_BOT - 0.001


def _gone(known: Known) -> None:
    known.gone = True


@pytest.mark.parametrize(
    ("state", "ephemeral", "withdrawals"),
    [
        (JobState.RECEIVED, False, 1),
        (JobState.QUEUED, False, 1),
        (JobState.QUEUED, True, 0),
        (JobState.SUBMITTING, False, 0),
        (JobState.RUNNING, False, 0),
    ],
)
def test_a_job_whose_reply_was_deleted_is_withdrawn_once_if_it_was_not_submitted(
    house: UiHouse, state: JobState, ephemeral: bool, withdrawals: int
) -> None:
    house.troubles = [failing(KnownTrouble(_gone, DeliveryError("10008")))] * 10
    job = make_card_job(state, origin=asked_at(START, ephemeral=ephemeral))

    async def story() -> None:
        house.show(job)
        await asyncio.sleep(60)
        house.show(dataclasses.replace(job, note="something new"))
        await asyncio.sleep(60)

    house.run(story)
    assert house.withdrawals == [job.id] * withdrawals
    assert len(house.troubles) == 9  # one edit: a deleted message is not edited again
