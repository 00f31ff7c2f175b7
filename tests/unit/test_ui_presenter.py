"""How the end of a job is told: at once, for good, and whether a later attempt may succeed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from repaint.errors import DeliveryError, DeliveryPutOff, DeliveryTooLarge, InferenceFailed, PromptBlocked
from repaint.models import Job, JobState
from repaint.ui.presenter import REPEAT_AFTER
from repaint.ui.progress import EDIT_LIMIT, PROGRESS_GAP, SETTLE
from repaint.ui.reply import Known
from tests.unit.jobs import make_picture
from tests.unit.ui_house import (
    START,
    KnownTrouble,
    UiHouse,
    asked_at,
    failing,
    fine,
    lasting,
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


def test_a_delivery_comes_at_once_and_nothing_after_it(house: UiHouse) -> None:
    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(1)
        ready = _ready(outputs=(make_picture(), make_picture()))
        house.show(ready)
        await house.presenter.deliver(ready)
        await asyncio.sleep(60)

    house.run(story)
    progress, delivery = house.edits
    assert (progress.files, delivery.files) == (0, 2)
    assert "attachment://repaint-0000000001-2.png" in delivery.text
    assert delivery.at == 1


def test_no_progress_is_shown_while_a_delivery_takes_its_time(house: UiHouse) -> None:
    house.troubles = [fine, lasting(10)]

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(PROGRESS_GAP - 1)
        await house.presenter.deliver(_ready())

    house.run(story)
    assert [edit.files for edit in house.edits] == [0, 1]


def test_a_delivery_lets_an_edit_in_hand_end_first(house: UiHouse) -> None:
    house.troubles = [lasting(SETTLE - 0.5)]

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(0.1)
        await house.presenter.deliver(_ready())

    house.run(story)
    assert [edit.files for edit in house.edits] == [0, 1]


@pytest.mark.parametrize("forgotten", [False, True])
def test_an_edit_that_hangs_is_given_up_for_the_end_which_is_repeated(
    house: UiHouse, forgotten: bool
) -> None:
    """The broken-off edit may still take effect at Discord, behind the end."""
    house.troubles = [lasting(1000)]

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(0.1)
        if forgotten:
            house.presenter.forget(house.processing().id)
        await house.presenter.deliver(_ready())

    house.run(story)
    first, again = house.edits
    assert (first.files, again.files) == (1, 1)
    assert first.at == pytest.approx(0.1 + SETTLE)
    assert again.at - first.at == pytest.approx(REPEAT_AFTER)
    assert first.text == again.text


def test_an_edit_that_took_too_long_makes_the_end_repeated_too(house: UiHouse) -> None:
    house.troubles = [lasting(1000)]

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(EDIT_LIMIT + 0.5)
        await house.presenter.deliver(_ready())

    house.run(story)
    assert [edit.files for edit in house.edits][-2:] == [1, 1]


def test_a_delivery_that_is_put_off_is_still_repeated_for_the_edit_that_was_broken_off(
    house: UiHouse,
) -> None:
    house.troubles = [lasting(1000), failing(DeliveryPutOff("500"))]

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(0.1)
        with pytest.raises(DeliveryPutOff):
            await house.presenter.deliver(_ready())
        await house.presenter.deliver(_ready())

    house.run(story)
    assert [edit.files for edit in house.edits] == [1, 1]


def test_a_repetition_that_fails_does_not_undo_the_delivery(house: UiHouse) -> None:
    house.troubles = [lasting(1000), fine, failing(DeliveryError("gone"))]

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(0.1)
        await house.presenter.deliver(_ready())

    house.run(story)
    assert [edit.files for edit in house.edits] == [1]


@pytest.mark.parametrize(
    "error", [DeliveryTooLarge("40005"), DeliveryPutOff("503"), PromptBlocked("200000"), DeliveryError("403")]
)
@pytest.mark.parametrize("end", ["deliver", "fail", "cancelled"])
def test_an_end_that_cannot_be_shown_is_raised_and_may_be_tried_again(
    house: UiHouse, error: DeliveryError, end: str
) -> None:
    house.troubles = [failing(error)]
    acts: dict[str, Callable[[], Awaitable[None]]] = {
        "deliver": lambda: house.presenter.deliver(_ready()),
        "fail": lambda: house.presenter.fail(_failed(), SENTENCE),
        "cancelled": lambda: house.presenter.cancelled(make_card_job(JobState.CANCELLED)),
    }

    async def story() -> None:
        with pytest.raises(type(error)):
            await acts[end]()
        await acts[end]()

    house.run(story)
    assert len(house.edits) == 1


def test_a_prompt_that_automod_met_on_the_card_is_not_tried_with_the_picture(house: UiHouse) -> None:
    def hide(known: Known) -> None:
        known.hides_prompt = True

    house.troubles = [failing(KnownTrouble(hide, DeliveryError("200000")))]

    async def story() -> None:
        house.show(house.processing())
        await asyncio.sleep(1)
        with pytest.raises(PromptBlocked):
            await house.presenter.deliver(_ready())
        await house.presenter.deliver(_ready(prompt_hidden=True))

    house.run(story)
    [edit] = house.edits
    assert "a cat" not in edit.text


def test_a_failure_is_shown_on_the_card_and_nothing_after_it(house: UiHouse) -> None:
    async def story() -> None:
        house.show(house.processing())
        house.show(_failed())
        await house.presenter.fail(_failed(), SENTENCE)
        await asyncio.sleep(60)

    house.run(story)
    [edit] = house.edits
    assert SENTENCE in edit.text


def test_a_job_that_repeats_a_failed_one_takes_its_message_over(house: UiHouse) -> None:
    async def story() -> None:
        await house.presenter.fail(_failed(), SENTENCE)
        house.show(make_card_job(JobState.RECEIVED, 2, retry_of=_failed().id))
        await asyncio.sleep(1)

    house.run(story)
    failed, queued = house.edits
    assert "retry:0000000001" in failed.text
    assert "cancel:0000000002" in queued.text


def test_a_refusal_is_told_privately(house: UiHouse) -> None:
    async def story() -> None:
        await house.presenter.refuse(_failed(), "No picture.")
        await asyncio.sleep(60)

    house.run(story)
    assert house.private == ["No picture."]
    assert house.edits == []


def test_a_refusal_of_a_reply_that_only_the_asker_sees_takes_its_place(house: UiHouse) -> None:
    async def story() -> None:
        await house.presenter.refuse(_failed(origin=asked_at(START, ephemeral=True)), "No picture.")

    house.run(story)
    assert house.private == []
    [edit] = house.edits
    assert "No picture." in edit.text


def test_a_refusal_that_cannot_be_told_privately_stands_on_the_card_without_the_prompt(
    house: UiHouse,
) -> None:
    house.private_trouble = DeliveryError("401")

    async def story() -> None:
        await house.presenter.refuse(_failed(private_failure=True), "No picture.")

    house.run(story)
    [edit] = house.edits
    assert "No picture." in edit.text
    assert "a cat" not in edit.text
    assert "retry:" not in edit.text


def test_a_refusal_that_is_put_off_is_not_on_the_card(house: UiHouse) -> None:
    house.private_trouble = DeliveryPutOff("503")

    async def story() -> None:
        with pytest.raises(DeliveryPutOff):
            await house.presenter.refuse(_failed(), "No picture.")

    house.run(story)
    assert house.edits == []
