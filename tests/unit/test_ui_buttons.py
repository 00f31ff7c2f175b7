"""Clicks on a card's buttons, from the payload through discord.py's dispatch to what is answered."""

from __future__ import annotations

import dataclasses

import pytest
from discord import ui

from repaint.errors import DatabaseAway, OutOfCredits, RepaintError, TooManyJobs
from repaint.jobs.presenter import Cancelled, View
from repaint.models import Job, JobState
from repaint.ui.cards import failed_card, working_card
from tests.unit.ui_bureau import ALL, ASKER, CALLBACK, MANAGE_MESSAGES, MODERATOR, SOMEBODY, Bureau
from tests.unit.ui_house import START, http_error, make_card_job, snowflake


@pytest.fixture
def bureau(monkeypatch: pytest.MonkeyPatch) -> Bureau:
    return Bureau(monkeypatch)


def _working(job: Job) -> ui.LayoutView:
    return working_card(View(job, expected=7.5), now=START)


RUNNING = make_card_job(JobState.RUNNING)
FAILED = make_card_job(JobState.FAILED, failure="No.", ended_at=START)


# Cancel ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "permissions"), [(ASKER, 0), (MODERATOR, MANAGE_MESSAGES), (ASKER, MANAGE_MESSAGES)]
)
@pytest.mark.parametrize("outcome", [Cancelled.GONE, Cancelled.DROPPED])
async def test_the_asker_and_moderators_can_cancel_and_the_card_says_the_rest(
    bureau: Bureau, by: int, permissions: int, outcome: Cancelled
) -> None:
    bureau.has(RUNNING)
    bureau.outcome = outcome
    await bureau.click(_working(RUNNING), by=by, permissions=permissions)
    assert bureau.cancelled == [(RUNNING.id, by)]
    assert bureau.acknowledged
    assert bureau.told == ""


async def test_a_click_is_acknowledged_before_anything_is_looked_up(bureau: Bureau) -> None:
    bureau.has(RUNNING)
    await bureau.click(_working(RUNNING))
    assert bureau.order == ["get after 1 calls"]


@pytest.mark.parametrize(
    ("permissions", "guild"),
    [
        (ALL & ~MANAGE_MESSAGES & ~(1 << 3), 44),
        (MANAGE_MESSAGES, 45),  # a moderator of another server
        (MANAGE_MESSAGES, None),
    ],
)
async def test_nobody_else_can_cancel(bureau: Bureau, permissions: int, guild: int | None) -> None:
    bureau.has(RUNNING)
    await bureau.click(_working(RUNNING), by=SOMEBODY, permissions=permissions, guild=guild)
    assert bureau.cancelled == []
    assert bureau.told == "Only the person who asked for this picture or a moderator can cancel it."


async def test_no_moderator_rules_over_direct_messages(bureau: Bureau) -> None:
    job = bureau.has(dataclasses.replace(RUNNING, origin=dataclasses.replace(RUNNING.origin, guild_id=None)))
    await bureau.click(_working(job), by=SOMEBODY, guild=None)
    assert bureau.cancelled == []


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Cancelled.TOO_LATE, "too late to cancel"),
        (Cancelled.UNKNOWN_JOB, "I no longer know this picture."),
        (DatabaseAway("gone"), DatabaseAway.sentence),
        (RuntimeError("unforeseen"), RepaintError.sentence),
    ],
)
async def test_what_goes_wrong_is_told_privately(
    bureau: Bureau, outcome: Cancelled | Exception, sentence: str
) -> None:
    bureau.has(RUNNING)
    bureau.outcome = outcome
    await bureau.click(_working(RUNNING))
    assert sentence in bureau.told


@pytest.mark.parametrize("view", [_working(RUNNING), failed_card(FAILED, "No.")], ids=["cancel", "retry"])
async def test_a_picture_that_nobody_knows_any_more_is_said_to_be_so(
    bureau: Bureau, view: ui.LayoutView
) -> None:
    await bureau.click(view)
    assert bureau.told == "I no longer know this picture."


async def test_a_click_that_discord_no_longer_knows_does_nothing(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    bureau.has(RUNNING)
    bureau.wire.answers[CALLBACK] = [http_error(404, 10062)]
    await bureau.click(_working(RUNNING))
    assert bureau.cancelled == []
    assert "not acknowledged" in caplog.text


async def test_a_click_whose_acknowledgement_lost_its_answer_is_heard(bureau: Bureau) -> None:
    bureau.has(RUNNING)
    bureau.outcome = Cancelled.TOO_LATE
    already = http_error(400, 40060)
    bureau.wire.answers[CALLBACK] = [ConnectionResetError(), already, already]
    await bureau.click(_working(RUNNING))
    assert bureau.cancelled == [(RUNNING.id, ASKER)]
    assert "too late" in bureau.told


# Retry ----------------------------------------------------------------------------------------------------


async def test_the_asker_can_retry_in_the_same_message_with_a_fresh_token(bureau: Bureau) -> None:
    bureau.has(FAILED)
    await bureau.click(failed_card(FAILED, "No."))
    [(old_id, job)] = bureau.retried
    assert old_id == FAILED.id == job.retry_of
    assert job.id != FAILED.id
    assert job.state is JobState.RECEIVED
    assert (job.request, job.attachment) == (FAILED.request, FAILED.attachment)
    origin = job.origin
    assert (origin.token, origin.interaction_id) == ("fresh-token", snowflake(START + 60))
    assert (origin.message_id, origin.channel_id, origin.guild_id) == (55, 33, 44)
    assert (origin.bot_can_edit, origin.ephemeral, origin.filesize_limit) == (True, False, 5000)
    assert bureau.acknowledged
    assert bureau.told == ""


async def test_a_retry_in_a_reply_that_only_the_asker_sees_stays_there(bureau: Bureau) -> None:
    bureau.has(FAILED)
    await bureau.click(failed_card(FAILED, "No."), message={"flags": 1 << 15 | 64})
    [(_, job)] = bureau.retried
    assert (job.origin.ephemeral, job.origin.bot_can_edit) == (True, False)


async def test_a_retry_in_a_direct_message_of_the_bots_own_is_reached_as_original(bureau: Bureau) -> None:
    bureau.has(FAILED)
    await bureau.click(failed_card(FAILED, "No."), guild=None, message={"interaction_metadata": None})
    [(_, job)] = bureau.retried
    assert job.origin.message_id is None


@pytest.mark.parametrize("by", [SOMEBODY, MODERATOR])
async def test_nobody_else_can_retry(bureau: Bureau, by: int) -> None:
    bureau.has(FAILED)
    await bureau.click(failed_card(FAILED, "No."), by=by, permissions=MANAGE_MESSAGES)
    assert bureau.retried == []
    assert bureau.told == "Only the person who asked for this picture can retry it."


async def test_a_picture_of_who_opted_out_meanwhile_is_not_retried(bureau: Bureau) -> None:
    bureau.has(dataclasses.replace(FAILED, owners=(77,)))
    bureau.opted_out = {77}
    await bureau.click(failed_card(FAILED, "No."))
    assert bureau.retried == []
    assert "does not want others to repaint it" in bureau.told


@pytest.mark.parametrize("trouble", [TooManyJobs(), OutOfCredits()])
async def test_a_retry_that_cannot_be_taken_is_refused_privately(
    bureau: Bureau, trouble: RepaintError
) -> None:
    bureau.has(FAILED)
    bureau.trouble = trouble
    await bureau.click(failed_card(FAILED, "No."))
    assert bureau.retried == []
    assert bureau.told == trouble.sentence


async def test_a_retry_where_the_bot_lost_a_permission_is_refused_privately(bureau: Bureau) -> None:
    bureau.has(FAILED)
    await bureau.click(failed_card(FAILED, "No."), app_permissions="0")
    assert bureau.retried == []
    assert "I need these permissions" in bureau.told


async def test_what_was_retried_already_is_not_retried_again(bureau: Bureau) -> None:
    bureau.has(FAILED)
    bureau.takes_retries = False
    await bureau.click(failed_card(FAILED, "No."))
    assert "being tried again already" in bureau.told


async def test_what_was_refused_for_its_content_is_not_retried_by_an_old_button(bureau: Bureau) -> None:
    view = failed_card(FAILED, "No.")
    bureau.has(dataclasses.replace(FAILED, private_failure=True))
    await bureau.click(view)
    assert bureau.retried == []
    assert bureau.told == "No."


async def test_buttons_work_after_other_cards_were_shown_and_edited(bureau: Bureau) -> None:
    """discord.py forgets the pattern of buttons in a view that it keeps."""
    bureau.has(RUNNING)
    for _ in range(3):
        for view in (_working(RUNNING), failed_card(FAILED, "No.")):
            bureau.wire.state.store_view(view, 55)
    await bureau.click(_working(RUNNING))
    assert bureau.cancelled
    assert bureau.wire.state._view_store._views == {}
