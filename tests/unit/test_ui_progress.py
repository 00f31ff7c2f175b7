"""When a job's card is edited while it is under way: seldom, and only where something is seen."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections import Counter
from itertools import pairwise

import pytest

from repaint.errors import DatabaseAway, DeliveryError, DeliveryPutOff
from repaint.models import ApiState, JobState
from repaint.ui.agenda import EDITS_A_SECOND
from repaint.ui.progress import (
    EDITS_AT_ONCE,
    FAR_GAP,
    PROGRESS_GAP,
    PROGRESS_GAP_BY_BOT,
    STATE_GAP,
    TICK,
)
from tests.unit.ui_house import (
    START,
    UiHouse,
    asked_at,
    failing,
    job_id,
    lasting,
    make_card_job,
)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> UiHouse:
    return UiHouse(monkeypatch)


def _gaps(house: UiHouse) -> list[float]:
    return [round(later.at - earlier.at, 3) for earlier, later in pairwise(house.edits)]


def test_at_the_end_an_edit_in_hand_is_broken_off(house: UiHouse) -> None:
    """Else it would go on when there is nothing left to go by."""
    house.troubles = [lasting(2)]

    async def story() -> None:
        running = asyncio.create_task(house.presenter.run(house))
        house.show(make_card_job(JobState.QUEUED))
        await asyncio.sleep(1)
        running.cancel()
        await asyncio.wait([running])
        await asyncio.sleep(5)

    house.clock.run(story())
    assert house.troubles == []
    assert house.edits == []


def test_changes_at_once_make_one_edit_of_the_latest(house: UiHouse) -> None:
    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        house.show(make_card_job(JobState.QUEUED, note="The image service is busy."))
        house.show(house.processing())
        await asyncio.sleep(0.4)

    house.run(story)
    [edit] = house.edits
    assert "Processing" in edit.text
    assert edit.at <= 2 * TICK


def test_a_card_is_made_of_the_job_as_it_is_when_the_edit_is_due(house: UiHouse) -> None:
    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        house.jobs[job_id(1)] = house.processing()  # nobody says so
        await asyncio.sleep(0.4)

    house.run(story)
    [edit] = house.edits
    assert "Processing" in edit.text


def test_nothing_is_edited_before_the_login(house: UiHouse) -> None:
    house.online.clear()

    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        await asyncio.sleep(30)
        assert house.edits == []
        house.online.set()
        await asyncio.sleep(1)

    house.run(story)
    assert len(house.edits) == 1


def test_a_change_of_state_soon_after_an_edit_waits_for_the_gap(house: UiHouse) -> None:
    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        await asyncio.sleep(0.2)
        house.show(house.processing())
        await asyncio.sleep(1)

    house.run(story)
    [gap] = _gaps(house)
    assert STATE_GAP <= gap <= STATE_GAP + 2 * TICK


def test_a_change_during_an_edit_is_shown_after_it(house: UiHouse) -> None:
    house.troubles = [lasting(2)]

    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        await asyncio.sleep(1)
        house.show(house.processing())
        await asyncio.sleep(2)

    house.run(story)
    assert ["Processing" in edit.text for edit in house.edits] == [False, True]
    assert _gaps(house)[0] <= STATE_GAP + 2 * TICK


def test_the_bar_moves_at_its_own_gap_however_often_the_job_is_shown(house: UiHouse) -> None:
    async def story() -> None:
        job = house.processing()
        for _ in range(80):
            house.show(dataclasses.replace(job))
            await asyncio.sleep(0.25)

    house.run(story)
    assert len(house.edits) >= 4
    assert min(_gaps(house)) >= PROGRESS_GAP - 0.001


def test_by_the_bots_token_the_bar_moves_more_seldom(house: UiHouse) -> None:
    house.by_bot = True

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(100)

    house.run(story)
    assert _gaps(house)
    assert min(_gaps(house)) >= PROGRESS_GAP_BY_BOT - 0.001


def test_many_cards_by_the_bots_token_share_what_a_channel_lets_through(house: UiHouse) -> None:
    house.by_bot = True

    async def story() -> None:
        for number in range(60):
            house.show(make_card_job(JobState.QUEUED, number, origin=asked_at(START + number / 1000)))
        for second in range(1000):  # each look sees something new
            house.extras = {"position": second + 2}
            await asyncio.sleep(1)

    house.run(story)
    lately = [edit for edit in house.edits if edit.at > 300]
    assert lately
    assert len(lately) <= 700 / 2 + 1


def test_an_edit_that_would_change_nothing_is_left_out(house: UiHouse) -> None:
    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        await asyncio.sleep(60)

    house.run(story)
    assert len(house.edits) == 1


def test_a_new_state_that_looks_the_same_is_no_edit(house: UiHouse) -> None:
    async def story() -> None:
        for state in (JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING):
            house.show(make_card_job(state))
            await asyncio.sleep(2)
        house.show(house.processing())
        await asyncio.sleep(1)

    house.run(story)
    assert ["Processing" in edit.text for edit in house.edits] == [False, True]


def test_a_card_far_from_its_turn_is_looked_at_less_often(house: UiHouse) -> None:
    looks = {}

    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        for waits in (20.0, 400.0, 40_000.0):
            house.extras = {"position": 50, "waits": waits}
            await asyncio.sleep(2 * FAR_GAP)
            before = house.views
            await asyncio.sleep(2 * FAR_GAP)
            looks[waits] = house.views - before

    house.run(story)
    assert looks[20.0] == pytest.approx(2 * FAR_GAP / PROGRESS_GAP, abs=1)
    assert looks[400.0] == pytest.approx(2 * FAR_GAP / 50, abs=1)
    assert looks[40_000.0] == pytest.approx(2, abs=1)


@pytest.mark.parametrize("error", [DeliveryPutOff("500"), DeliveryError("403")])
def test_progress_that_discord_refuses_is_tried_again_later(house: UiHouse, error: Exception) -> None:
    house.troubles = [failing(error)]

    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        await asyncio.sleep(10)

    house.run(story)
    [edit] = house.edits
    assert edit.at >= PROGRESS_GAP


def test_a_job_that_cannot_be_looked_at_is_looked_at_again(
    house: UiHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.view_troubles = [DatabaseAway("gone"), RuntimeError("unforeseen")]

    async def story() -> None:
        house.show(make_card_job(JobState.QUEUED))
        await asyncio.sleep(10)

    with caplog.at_level(logging.WARNING):
        house.run(story)
    assert len(house.edits) == 1
    assert caplog.text.count("progress not shown") == 2


def test_only_so_many_edits_are_under_way_at_once(house: UiHouse) -> None:
    at_work = most = 0

    async def count() -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.8)
        at_work -= 1

    house.troubles = [count] * 40

    async def story() -> None:
        for number in range(40):
            house.show(make_card_job(JobState.QUEUED, number, origin=asked_at(START + number / 1000)))
        await asyncio.sleep(6)

    house.run(story)
    assert {edit.job for edit in house.edits} == {job_id(number) for number in range(40)}
    assert most == EDITS_AT_ONCE


def test_two_thousand_cards_stay_inside_the_budget_and_changes_come_first(house: UiHouse) -> None:
    house.extras = {"expected": 100_000.0}

    async def story() -> None:
        for number in range(2000):
            house.show(house.processing(number, origin=asked_at(START + number / 1000)))
        await asyncio.sleep(120)
        changed = dataclasses.replace(
            house.jobs[job_id(77)], api_state=ApiState.COMPLETED, note="a new state"
        )
        house.show(changed)
        told.append(house.seconds)
        await asyncio.sleep(120)

    told: list[float] = []
    house.run(story)
    by_second = Counter(int(edit.at) for edit in house.edits)
    assert max(by_second.values()) <= EDITS_A_SECOND + 1  # seconds of the wall cut across the budget's
    assert {edit.job for edit in house.edits} == {job_id(number) for number in range(2000)}
    seen = next(edit.at for edit in house.edits if "fetching" in edit.text)
    assert seen - told[0] <= 1.0


@pytest.mark.parametrize(
    "job",
    [
        make_card_job(JobState.FETCHED),
        make_card_job(JobState.DELIVERING),
        make_card_job(JobState.DONE, ended_at=1.0),
        make_card_job(JobState.FAILED, failure="No."),
        make_card_job(JobState.CANCELLED, cancelled_by=22),
        make_card_job(JobState.UNKNOWN, failure="Nobody knows."),
        make_card_job(JobState.UNKNOWN, ended_at=1.0),
    ],
    ids=lambda job: f"{job.state}",
)
def test_what_is_told_for_good_is_not_shown_as_progress(house: UiHouse, job) -> None:  # type: ignore[no-untyped-def]
    async def story() -> None:
        house.show(job)
        await asyncio.sleep(60)

    house.run(story)
    assert house.edits == []
    assert house.views == 1


def test_a_job_that_is_forgotten_or_unknown_is_not_shown(house: UiHouse) -> None:
    async def story() -> None:
        house.show(house.processing())
        house.presenter.forget(job_id(1))
        house.presenter.show(job_id(2))
        await asyncio.sleep(60)

    house.run(story)
    assert house.edits == []
    assert house.views == 1
