"""Restarts, lost answers, cancelling and repeating: nothing accepted is lost, nothing is paid twice."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from repaint.errors import (
    DatabaseAway,
    GatewayFault,
    KeyRefused,
    ModelForbidden,
    ModelRetired,
    NotReached,
    OutOfCredits,
    RepaintError,
    SubmitUnknown,
)
from repaint.jobs.account import PRICE
from repaint.jobs.course import TOO_DEAR
from repaint.jobs.presenter import Cancelled
from repaint.models import ApiState, HistoryRow, Job, JobState, Shown
from tests.unit.runner_house import RunnerHouse, a_job, house_of, states


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunnerHouse:
    return house_of(monkeypatch, tmp_path)


async def _hang() -> None:
    await asyncio.Event().wait()


def _row(job: Job, request_id: str = "request-of-the-history", **changes: object) -> HistoryRow:
    body: dict[str, object] = {"image": job.input_url, "prompt": job.request.prompt, "seed": job.request.seed}
    row = HistoryRow(request_id, "PENDING", body, created_at=job.submitted_at)
    return dataclasses.replace(row, **changes)  # type: ignore[arg-type]


# A kill at any instant ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call", ["fetch", "normalise", "upload", "status", "result", "download", "finish", "deliver"]
)
def test_a_job_whose_process_was_killed_is_done_by_the_next_one(house: RunnerHouse, call: str) -> None:
    house.before[call] = _hang

    async def killed() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: call in house.calls)

    house.run(killed)
    house.before.clear()
    house.start()
    house.run(lambda: house.until_over("job1"))
    assert len(house.delivered) == 1
    assert len(house.submits) == 1


def test_a_picture_that_was_posted_before_the_kill_is_at_most_posted_again_to_the_same_message(
    house: RunnerHouse,
) -> None:
    house.store.away_after = {}

    async def killed() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: bool(house.delivered))  # and DONE is not committed yet

    async def no_end(job_id: str, *from_states: JobState, **changes: object) -> Job | None:
        if changes.get("state") is JobState.DONE:
            await _hang()
        return await advance(job_id, *from_states, **changes)

    advance = house.store.advance
    house.store.advance = no_end  # type: ignore[method-assign]
    house.run(killed)
    house.store.advance = advance  # type: ignore[method-assign]
    house.start()
    house.run(lambda: house.until_over("job1"))
    assert [job.origin.message_id for job in house.delivered] == [55, 55]
    assert house.direct == []


@pytest.mark.parametrize(
    ("error", "call"), [(ModelRetired(), "fail"), (None, "cancelled")], ids=["failed", "cancelled"]
)
def test_an_end_that_was_not_told_before_the_kill_is_told_by_the_next_process(
    house: RunnerHouse, error: RepaintError | None, call: str
) -> None:
    house.before[call] = _hang
    house.faults["submit"] = [error]
    house.state = ApiState.PROCESSING

    async def killed() -> None:
        await house.runner.accept(a_job())
        if error is None:
            await house.until(lambda: "status" in house.calls)
            await house.runner.cancel("job1", by=22)
        await house.until(lambda: call in house.calls)

    house.run(killed)
    house.before.clear()
    house.start()
    house.run(lambda: house.until_over("job1"))
    assert len(house.failed) + len(house.cancelled_cards) == 1
    assert len(house.submits) == 1


def test_after_a_kill_in_the_middle_of_a_submit_the_request_is_found_in_the_history(
    house: RunnerHouse,
) -> None:
    house.before["submit"] = _hang

    async def killed() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "submit" in house.calls)

    house.run(killed)
    house.before.clear()
    house.rows = [_row(house.store.jobs["job1"])]
    house.start()
    house.run(lambda: house.until_over("job1"))
    assert len(house.submits) == 1
    [delivered] = house.delivered
    assert delivered.request_id == "request-of-the-history"


def test_a_submit_that_the_history_does_not_know_is_told_and_never_repeated(house: RunnerHouse) -> None:
    house.faults["submit"] = [SubmitUnknown()]
    began = house.clock.now
    house.run(lambda: house.accept(a_job()))
    assert len(house.submits) == 1
    assert house.calls.count("history") >= 3
    assert house.clock.now - began >= 180
    [(job, sentence)] = house.failed
    assert (job.state, sentence) == (JobState.UNKNOWN, SubmitUnknown.sentence)
    house.start()
    house.run(house.until_idle)
    assert len(house.submits) == 1


def test_an_answer_that_was_lost_while_the_process_lived_is_found_too(house: RunnerHouse) -> None:
    house.faults["submit"] = [SubmitUnknown()]

    async def accepted() -> None:
        job = house.store.jobs["job1"]
        if job.input_url:
            house.rows = [_row(job)]

    house.before["history"] = accepted
    house.run(lambda: house.accept(a_job()))
    assert len(house.submits) == 1
    assert len(house.delivered) == 1
    assert JobState.UNKNOWN in states(house, "job1")
    assert JobState.UNKNOWN in [job.state for job in house.shown]


def test_unfinished_jobs_of_the_last_process_count_for_their_member(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_per_member=1)
    house.state = ApiState.PROCESSING

    async def killed() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "status" in house.calls)

    async def story() -> None:
        with pytest.raises(RepaintError, match="user 22"):
            house.runner.check(22)
        house.state = ApiState.COMPLETED
        await house.until_over("job1")
        house.runner.check(22)

    house.run(killed)
    house.start()
    house.run(story)


def test_pictures_that_are_not_on_this_machine_are_fetched_again(house: RunnerHouse) -> None:
    house.before["finish"] = _hang

    async def killed() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "finish" in house.calls)

    house.run(killed)
    house.before.clear()
    for path in house.store.jobs["job1"].results:
        path.unlink()
    house.start()
    house.run(lambda: house.until_over("job1"))
    assert len(house.delivered) == 1
    assert len(house.submits) == 1


def test_an_input_that_is_not_on_this_machine_is_fetched_again(house: RunnerHouse) -> None:
    house.before["upload"] = _hang

    async def killed() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "upload" in house.calls)

    house.run(killed)
    house.before.clear()
    kept = house.store.jobs["job1"].input
    assert kept is not None
    kept.path.unlink()
    house.start()
    house.run(lambda: house.until_over("job1"))
    assert house.calls.count("fetch") == 2
    assert len(house.delivered) == 1


# A process that was away ------------------------------------------------------------------------------------


def test_a_process_that_lost_its_lease_starts_over_and_posts_nothing_with_the_old_one(
    house: RunnerHouse,
) -> None:
    house.state = ApiState.PROCESSING
    taken: list[object] = []

    async def anew() -> object:
        taken.append(house.store.lease)
        return type(house.store.lease)()

    house.store.lease.anew = anew

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "status" in house.calls)
        house.store.lease.lost = True
        await house.until(lambda: bool(taken))
        house.state = ApiState.COMPLETED
        await house.until_over("job1")

    house.run(story)
    assert len(taken) == 1
    assert len(house.delivered) == len(house.submits) == 1


def test_nothing_is_submitted_while_the_lease_is_not_sure(house: RunnerHouse) -> None:
    async def story() -> None:
        house.store.lease.is_sure = False
        await house.runner.accept(a_job())
        await house.until(lambda: "upload" in house.calls)
        await asyncio.sleep(60)
        assert house.submits == []
        house.store.lease.is_sure = True
        await house.until_over("job1")

    house.run(story)
    assert len(house.submits) == 1


# The database is away ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done, and the answer lost"])
@pytest.mark.parametrize("nth", range(1, 9))
def test_no_fault_of_the_database_costs_a_job_or_a_second_payment(
    house: RunnerHouse, nth: int, *, done: bool
) -> None:
    """The n-th change of the job meets a database that is away, three times."""
    advance, count = house.store.advance, 0

    async def faulty(job_id: str, *from_states: JobState, **changes: object) -> Job | None:
        nonlocal count
        count += 1
        if nth <= count < nth + 3:
            (house.store.away_after if done else house.store.away)["advance"] = 1
        return await advance(job_id, *from_states, **changes)

    house.store.advance = faulty  # type: ignore[method-assign]
    house.run(lambda: house.accept(a_job()))
    assert len(house.submits) == 1
    assert house.store.jobs["job1"].state is JobState.DONE
    assert house.failed == []


@pytest.mark.parametrize("method", ["record_request", "claim", "get"])
@pytest.mark.parametrize("times", [1, 4])
def test_every_other_call_of_the_database_is_waited_out_as_well(
    house: RunnerHouse, method: str, times: int
) -> None:
    async def story() -> None:
        await house.runner.accept(a_job())
        house.store.away[method] = times
        await house.until_over("job1")

    house.run(story)
    assert len(house.submits) == len(house.delivered) == 1


def test_a_job_whose_acceptance_was_committed_after_all_is_not_refused(house: RunnerHouse) -> None:
    house.store.away_after["add"] = 1
    house.run(lambda: house.accept(a_job()))
    assert len(house.delivered) == 1


def test_a_job_that_cannot_be_committed_is_not_accepted(house: RunnerHouse) -> None:
    house.store.away["add"] = 10

    async def story() -> None:
        with pytest.raises(DatabaseAway):
            await house.runner.accept(a_job())
        house.runner.check(22)

    house.run(story)
    assert house.store.jobs == {}
    assert not house.runner._own


# Cancelling -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("fetch", Cancelled.GONE),
        ("normalise", Cancelled.GONE),
        ("upload", Cancelled.GONE),
        ("submit", Cancelled.DROPPED),
        ("status", Cancelled.DROPPED),
        ("download", Cancelled.DROPPED),
        ("deliver", Cancelled.TOO_LATE),
    ],
)
def test_a_job_can_be_cancelled_until_it_is_posted(house: RunnerHouse, call: str, outcome: Cancelled) -> None:
    go_on = asyncio.Event()
    house.before[call] = go_on.wait  # type: ignore[assignment]

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: call in house.calls)
        assert await house.runner.cancel("job1", by=7) is outcome
        house.before.clear()
        go_on.set()
        await house.until_over("job1")
        await house.until(lambda: not house.store.jobs["job1"].claimed)
        assert await house.runner.cancel("job1", by=7) is Cancelled.TOO_LATE

    house.run(story)
    job = house.store.jobs["job1"]
    if outcome is Cancelled.TOO_LATE:
        assert len(house.delivered) == 1
    else:
        assert (job.state, job.cancelled_by) == (JobState.CANCELLED, 7)
        assert len(house.cancelled_cards) == 1
        assert house.delivered == []
    if outcome is Cancelled.GONE:
        assert house.submits == []


def test_a_cancelled_request_takes_up_room_until_the_api_is_done_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_at_once=1)
    house.state = ApiState.PROCESSING

    async def story() -> None:
        await house.runner.accept(a_job(1))
        await house.until(lambda: "status" in house.calls)
        await house.runner.cancel("job1", by=22)
        await house.runner.accept(a_job(2))
        await asyncio.sleep(60)
        assert len(house.submits) == 1
        house.state = ApiState.COMPLETED
        await house.until_over("job1", "job2")

    house.run(story)
    assert len(house.submits) == 2


def test_a_job_nobody_knows_cannot_be_cancelled(house: RunnerHouse) -> None:
    async def story() -> None:
        assert await house.runner.cancel("job9", by=7) is Cancelled.UNKNOWN_JOB

    house.run(story)


def test_a_reply_that_was_deleted_withdraws_what_is_not_submitted(house: RunnerHouse) -> None:
    house.before["upload"] = _hang

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "upload" in house.calls)
        await house.runner.withdrawn("job1")
        await house.until(lambda: house.store.jobs["job1"].ended_at is not None)

    house.run(story)
    assert house.store.jobs["job1"].state is JobState.CANCELLED
    assert house.submits == []


def test_one_that_waited_long_is_not_submitted_where_its_reply_is_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_at_once=1)
    house.state = ApiState.PROCESSING

    async def story() -> None:
        await house.runner.accept(a_job(1))
        await house.until(lambda: "status" in house.calls)
        await house.runner.accept(a_job(2))
        await asyncio.sleep(60)
        house.gone = True
        house.state = ApiState.COMPLETED
        await house.until_over("job1", "job2")

    house.run(story)
    assert [request.seed for _, request, _ in house.submits] == [1]
    assert house.store.jobs["job2"].state is JobState.CANCELLED


# Repeating --------------------------------------------------------------------------------------------------


def test_a_failed_job_is_repeated_once_with_the_input_that_was_kept(house: RunnerHouse) -> None:
    house.faults["submit"] = [ModelRetired()]

    async def story() -> None:
        await house.accept(a_job(1))
        new = dataclasses.replace(a_job(2), retry_of="job1", request=a_job(1).request)
        assert await house.runner.retry("job1", new)
        assert not await house.runner.retry("job1", a_job(3))
        await house.until_over("job2")

    house.run(story)
    assert house.calls.count("fetch") == 1
    assert [request.seed for _, request, _ in house.submits] == [1, 1]
    assert [job.id for job in house.delivered] == ["job2"]


def test_where_the_kept_input_is_gone_the_attachment_is_fetched_again(house: RunnerHouse) -> None:
    house.faults["submit"] = [ModelRetired()]

    async def story() -> None:
        await house.accept(a_job(1))
        kept = house.store.jobs["job1"].input
        assert kept is not None
        kept.path.unlink()
        assert await house.runner.retry("job1", dataclasses.replace(a_job(2), retry_of="job1"))
        await house.until_over("job2")

    house.run(story)
    assert house.calls.count("fetch") == 2
    assert len(house.delivered) == 1


# The image service ------------------------------------------------------------------------------------------


def test_while_the_service_is_down_jobs_wait_and_go_on_by_themselves(house: RunnerHouse) -> None:
    house.faults["submit"] = [NotReached()] * 30
    house.faults["alive"] = [NotReached()] * 3

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "alive" in house.calls)
        view = await house.runner.view("job1")
        assert view is not None
        assert "down" in view.trouble
        tried = len(house.submits)
        await house.until(lambda: house.calls.count("alive") == 3)
        assert len(house.submits) == tried
        house.faults["submit"].clear()
        await house.until_over("job1")

    house.run(story)
    assert len(house.delivered) == 1


@pytest.mark.parametrize("error", [OutOfCredits("empty"), KeyRefused("wrong")])
def test_an_account_that_cannot_pay_fails_those_who_wait_and_refuses_new_ones_until_it_can(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: RepaintError
) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_at_once=1)
    house.faults["submit"] = [error]
    house.faults["credits"] = [error] * 3
    hold = asyncio.Event()

    async def until_all_wait() -> None:
        await hold.wait()

    house.before["submit"] = until_all_wait

    async def story() -> None:
        for number in (1, 2, 3):
            await house.runner.accept(a_job(number))
        await house.until(lambda: house.calls.count("normalise") == 3)
        hold.set()
        await house.until_over("job1", "job2", "job3")
        with pytest.raises(type(error)):
            house.runner.check(22)
        await house.until(lambda: house.calls.count("credits") >= 4)
        await asyncio.sleep(1)
        house.runner.check(22)
        await house.accept(a_job(4))

    house.run(story)
    assert [sentence for _, sentence in house.failed] == [error.sentence] * 3
    assert len(house.submits) == 2
    assert len(house.operator) == 1
    assert "Segmind" in house.operator[0]
    assert [job.id for job in house.delivered] == ["job4"]


@pytest.mark.parametrize(
    ("balance", "failed"), [(10.0, [2]), (2.5 * PRICE, [2, 1, 3]), (PRICE / 2, [2, 1, 3, 4])]
)
def test_credits_that_do_not_pay_for_one_job_fail_those_alone_that_cannot_be_paid_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, balance: float, failed: list[int]
) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_at_once=1)
    house.balance = balance
    house.faults["submit"] = [OutOfCredits("not for four")]
    hold = asyncio.Event()

    async def until_all_wait() -> None:
        await hold.wait()

    house.before["submit"] = until_all_wait

    async def story() -> None:
        await house.runner.accept(a_job(2, samples=4))
        await house.until(lambda: bool(house.submits))
        for number, samples in ((1, 3), (3, 4), (4, 2)):
            await house.runner.accept(a_job(number, samples=samples, user_id=20 + number))
        await house.until(lambda: house.calls.count("normalise") == 4)
        hold.set()
        await house.until_over("job1", "job2", "job3", "job4")
        if balance >= PRICE:
            house.runner.check(22)

    house.run(story)
    assert {job.id for job, _ in house.failed} == {f"job{number}" for number in failed}
    for job, sentence in house.failed:  # for a large job, smaller ones may still be paid
        large = job.request.work > 1 and job.submitted_at is not None
        assert sentence == (TOO_DEAR if large else OutOfCredits.sentence)
    assert len(house.operator) == (1 if balance < PRICE else 0)


@pytest.mark.parametrize("error", [KeyRefused("by a prompt"), ModelForbidden("by a prompt")], ids=repr)
def test_what_only_one_members_jobs_are_refused_for_keeps_nobody_else(
    house: RunnerHouse, error: RepaintError
) -> None:
    house.faults["submit"] = [error, error]

    async def story() -> None:
        await house.accept(a_job(1))
        await house.accept(a_job(2))
        house.runner.check(23)
        await house.accept(a_job(3, user_id=23))

    house.run(story)
    assert [job.id for job, _ in house.failed] == ["job1", "job2"]
    assert [job.id for job in house.delivered] == ["job3"]
    assert house.operator == []


def test_a_model_that_two_members_are_refused_is_asked_for_no_more(house: RunnerHouse) -> None:
    house.faults["submit"] = [ModelForbidden("no"), ModelForbidden("no")]

    async def story() -> None:
        await house.accept(a_job(1))
        await house.accept(a_job(2, user_id=23))
        with pytest.raises(ModelForbidden):
            house.runner.check(24)

    house.run(story)
    assert len(house.operator) == 1


def test_an_account_that_could_not_pay_before_the_restart_is_remembered(house: RunnerHouse) -> None:
    house.faults["submit"] = [OutOfCredits("empty")]
    house.balance = 0.0

    async def story() -> None:
        with pytest.raises(OutOfCredits):
            house.runner.check(22)

    house.run(lambda: house.accept(a_job()))
    house.start()
    house.run(story)
    assert len(house.operator) == 1


def test_a_gateways_error_page_on_submit_is_looked_for_and_not_repeated(house: RunnerHouse) -> None:
    house.faults["submit"] = [SubmitUnknown("502", status=502), GatewayFault()]
    house.run(lambda: house.accept(a_job()))
    assert len(house.submits) == 1
    assert house.store.jobs["job1"].state is JobState.UNKNOWN


# The end of the process -------------------------------------------------------------------------------------


def test_at_the_end_the_rest_is_left_to_the_next_start(
    house: RunnerHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    house.state = ApiState.PROCESSING

    async def story() -> None:
        await house.runner.accept(a_job(1))
        await house.until(lambda: "status" in house.calls)
        house.before["normalise"] = _hang
        await house.runner.accept(a_job(2))
        await house.until(lambda: house.calls.count("normalise") == 2)
        await house.runner.close()

    house.run(story)
    assert "2 unfinished jobs are kept" in caplog.text
    assert house.failed == house.refused == []
    assert house.store.lease.released
    house.before.clear()
    house.state = ApiState.COMPLETED
    house.start()
    house.run(lambda: house.until_over("job1", "job2"))
    assert len(house.delivered) == len(house.submits) == 2


def test_a_job_that_is_accepted_while_the_bot_stops_is_done_by_the_next_one(house: RunnerHouse) -> None:
    async def story() -> None:
        await house.runner.close()
        await house.runner.accept(a_job())  # its command was acknowledged just before
        await asyncio.sleep(5)

    house.run(story)
    assert house.calls == []
    house.start()
    house.run(lambda: house.until_over("job1"))
    assert len(house.delivered) == 1


def test_at_the_end_the_answer_to_a_submit_in_hand_is_waited_for(house: RunnerHouse) -> None:
    async def slow() -> None:
        await asyncio.sleep(4)

    house.state = ApiState.PROCESSING
    house.before["submit"] = slow

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "submit" in house.calls)
        await house.runner.close()

    house.run(story)
    assert house.store.jobs["job1"].state is JobState.RUNNING
    assert house.store.jobs["job1"].shown is Shown.NOWHERE
