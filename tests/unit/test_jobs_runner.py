"""The life of a job, stage by stage, with made-up neighbours."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from repaint.errors import (
    ContentBlocked,
    DeliveryError,
    DeliveryPutOff,
    DeliveryTooLarge,
    GatewayFault,
    InferenceFailed,
    ModelRetired,
    NoAnswer,
    NotReached,
    OutputUnavailable,
    PictureGone,
    PictureUnreadable,
    PromptBlocked,
    RateLimited,
    RepaintError,
    RequestExpired,
    ServiceError,
    Stopped,
    StorageError,
    TooManyJobs,
    WorkerError,
)
from repaint.jobs import repeat
from repaint.jobs.submitter import AWAY_NOTE, BUSY_NOTE
from repaint.models import ApiState, Job, JobState, Output, Shown
from tests.unit.runner_house import RunnerHouse, a_job, house_of, states


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RunnerHouse]:
    """After each test every job is over, and only what is kept of it lies on the disk."""
    house = house_of(monkeypatch, tmp_path)
    yield house
    assert [job.id for job in house.store.jobs.values() if job.ended_at is None] == []
    kept = {
        picture.path
        for job in house.store.jobs.values()
        for picture in (*job.outputs, *([job.input] if job.input else []))
    }
    assert {each for each in house.folder.rglob("*") if each.is_file()} <= kept
    assert not house.runner._own


async def _told(house: RunnerHouse, job: Job) -> str:
    await house.accept(job)
    [(_, sentence)] = house.failed + house.refused
    return sentence


def test_a_job_goes_through_all_its_stages_in_order(house: RunnerHouse) -> None:
    house.run(lambda: house.accept(a_job()))
    assert house.calls == [
        *("fetch", "normalise", "upload", "submit", "status"),
        *("result", "download", "finish", "deliver"),
    ]
    [delivered] = house.delivered
    assert delivered.state is JobState.DELIVERING
    assert states(house, "job1") == [
        *(JobState.RECEIVED, JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING),
        *(JobState.FETCHED, JobState.DELIVERING, JobState.DONE),
    ]
    assert house.store.jobs["job1"].shown is Shown.REPLY
    assert delivered.request_id == "request-1"
    assert delivered.change == "smaller"
    assert [(job.state, job.api_state) for job in house.shown] == [
        (JobState.QUEUED, None),
        (JobState.RUNNING, ApiState.QUEUED),
    ]
    assert house.submits[0][2] == "https://example.com/job1.png"
    assert house.durations.expected() == 3.0  # what the API told of the work itself


def test_the_card_follows_the_apis_state(house: RunnerHouse) -> None:
    house.state = ApiState.PROCESSING

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: house.calls.count("status") >= 2)
        assert house.shown[-1].api_state is ApiState.PROCESSING
        house.state = ApiState.COMPLETED
        await house.until_over("job1")

    house.run(story)
    assert house.delivered


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("fetch", PictureGone()),
        ("normalise", PictureUnreadable()),
    ],
)
def test_a_bad_picture_is_refused_and_never_submitted(
    house: RunnerHouse, call: str, error: RepaintError
) -> None:
    house.faults[call] = [error]
    house.run(lambda: house.accept(a_job()))
    [(job, told)] = house.refused
    assert told == job.failure == error.sentence
    assert house.submits == []
    assert house.failed == []


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("fetch", StorageError()),
        ("normalise", WorkerError()),
        ("submit", ModelRetired()),
        ("result", RequestExpired()),
        ("result", InferenceFailed()),
        ("finish", OutputUnavailable()),
    ],
)
def test_a_stage_that_fails_ends_the_job_with_its_sentence(
    house: RunnerHouse, call: str, error: RepaintError
) -> None:
    house.faults[call] = [error]
    house.run(lambda: house.accept(a_job()))
    [(job, told)] = house.failed
    assert told == job.failure == error.sentence
    assert job.state is JobState.FAILED
    assert house.calls.count("submit") <= 1


@pytest.mark.parametrize("call", ["fetch", "normalise", "upload", "status", "result", "download", "finish"])
def test_what_nobody_foresaw_ends_in_a_sentence_too(house: RunnerHouse, call: str) -> None:
    house.faults[call] = [ZeroDivisionError("secret detail")]

    async def story() -> None:
        assert await _told(house, a_job()) == RepaintError.sentence
        house.failed.clear()
        await house.accept(a_job(2))  # and the next job is done

    house.run(story)
    assert [job.id for job in house.delivered] == ["job2"]


@pytest.mark.parametrize(
    ("said", "kind"), [("CUDA out of memory", InferenceFailed), ("blocked by content policy", ContentBlocked)]
)
def test_a_failed_request_ends_in_the_sentence_of_its_cause(
    house: RunnerHouse, said: str, kind: type[RepaintError]
) -> None:
    house.state, house.error = ApiState.FAILED, said

    async def story() -> None:
        assert await _told(house, a_job()) == kind.sentence

    house.run(story)


def test_a_failed_upload_makes_the_picture_go_as_base64(house: RunnerHouse) -> None:
    house.faults["upload"] = [GatewayFault(), NoAnswer(), GatewayFault()]
    house.run(lambda: house.accept(a_job()))
    assert house.calls.count("upload") == 3
    [(_, _, image)] = house.submits
    assert image == "YW4gYXR0YWNoZWQgcGljdHVyZQ=="
    assert house.delivered[0].input_url is None
    assert house.delivered[0].as_base64


@pytest.mark.parametrize(
    ("call", "error"), [("result", NoAnswer()), ("result", GatewayFault()), ("download", NoAnswer())]
)
def test_a_result_that_cannot_be_had_at_once_is_asked_for_again(
    house: RunnerHouse, call: str, error: ServiceError
) -> None:
    house.faults[call] = [error, error]
    house.run(lambda: house.accept(a_job()))
    assert house.calls.count(call) == 3
    assert len(house.delivered) == 1


def test_a_result_that_is_not_there_yet_is_asked_for_again_and_then_given_up(house: RunnerHouse) -> None:
    house.faults["result"] = [NoAnswer("not yet")] * 1000
    house.run(lambda: house.accept(a_job()))
    assert house.calls.count("result") > 1
    assert house.calls.count("submit") == 1
    assert len(house.failed) == 1


@pytest.mark.parametrize(("error", "note"), [(RateLimited(), BUSY_NOTE), (NotReached(), AWAY_NOTE)])
def test_a_submit_that_was_surely_not_accepted_waits_in_the_queue_and_is_made_again(
    house: RunnerHouse, error: ServiceError, note: str
) -> None:
    house.faults["submit"] = [error, error]
    house.run(lambda: house.accept(a_job()))
    assert len(house.submits) == 3
    waiting = [job for job in house.shown if job.note]
    assert [(job.state, job.note, job.submitted_at) for job in waiting] == [(JobState.QUEUED, note, None)] * 2
    assert house.delivered[0].note == ""
    assert house.calls.count("upload") == 1


def test_a_rate_limit_holds_every_other_submit_until_it_ends(house: RunnerHouse) -> None:
    reset = house.clock.now + 50
    house.faults["submit"] = [RateLimited(reset_at=reset)]

    async def story() -> None:
        await house.runner.accept(a_job(1))
        await house.until(lambda: bool(house.submits))
        await house.accept(a_job(2), a_job(3))

    house.run(story)
    assert len(house.delivered) == 3
    assert house.submits[0][0] < reset
    assert all(at >= reset for at, _, _ in house.submits[1:])


@pytest.mark.parametrize("room", [1, 3])
def test_no_more_jobs_than_the_limit_are_at_the_api(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, room: int
) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_at_once=room)
    house.state = ApiState.PROCESSING

    async def story() -> None:
        for number in range(6):
            await house.runner.accept(a_job(number))
        await house.until(lambda: house.calls.count("status") >= 3 * room)
        assert len(house.submits) == room
        house.state = ApiState.COMPLETED
        await house.until_over(*(f"job{number}" for number in range(6)))

    house.run(story)
    assert [request.seed for _, request, _ in house.submits] == list(range(6))  # in the order of acceptance


def test_without_a_limit_all_jobs_are_at_the_api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_at_once=0)
    house.run(lambda: house.accept(*(a_job(number) for number in range(30))))
    assert len(house.delivered) == 30


def test_a_picture_that_is_too_large_is_made_smaller_each_time(house: RunnerHouse) -> None:
    house.faults["deliver"] = [DeliveryTooLarge(), DeliveryTooLarge()]
    house.run(lambda: house.accept(a_job()))
    assert house.limits_asked == [10 * 2**20, 2000, 1000]
    assert len(house.delivered) == 1


def test_a_picture_that_no_size_fits_ends_in_a_sentence(house: RunnerHouse) -> None:
    house.faults["deliver"] = [DeliveryTooLarge()] * 10
    house.run(lambda: house.accept(a_job()))
    assert house.store.jobs["job1"].shown is Shown.KEPT
    assert house.failed == []


def test_several_pictures_share_what_a_message_may_hold(house: RunnerHouse) -> None:
    house.outputs = tuple(Output(url=f"https://example.com/{number}.png") for number in range(4))
    house.run(lambda: house.accept(a_job(samples=4)))
    assert house.limits_asked == [25 * 2**20 // 4]
    assert len(house.delivered[0].outputs) == 4


def test_a_job_that_cannot_be_stored_ends_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house = house_of(monkeypatch, tmp_path)
    house.folder.rmdir()
    house.folder.write_text("no folder")

    async def story() -> None:
        assert await _told(house, a_job()) == StorageError.sentence

    house.run(story)


def test_at_the_end_a_picture_that_is_here_is_still_posted(house: RunnerHouse) -> None:
    async def slow() -> None:
        await asyncio.sleep(2)

    house.before["finish"] = slow

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "finish" in house.calls)
        await house.runner.close()

    house.run(story)
    assert len(house.delivered) == 1
    assert house.failed == []


def test_at_the_end_a_failure_that_is_being_told_is_told(house: RunnerHouse) -> None:
    house.faults["submit"] = [GatewayFault()]

    async def slow() -> None:
        await asyncio.sleep(2)

    house.before["fail"] = slow

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "fail" in house.calls)
        await house.runner.close()

    house.run(story)
    assert [job.id for job, _ in house.failed] == ["job1"]


def test_one_that_waits_for_its_result_keeps_nobody_from_his(house: RunnerHouse) -> None:
    house.faults["result"] = [NoAnswer("not yet")] * 5

    async def story() -> None:
        for number in range(1, 7):
            await house.runner.accept(a_job(number))
        began = house.clock.now
        await house.until(lambda: bool(house.delivered))
        assert house.clock.now - began < 3
        await house.until_over(*(f"job{number}" for number in range(1, 7)))

    house.run(story)


def test_where_automod_blocks_the_prompt_the_file_is_made_without_it(house: RunnerHouse) -> None:
    house.faults["deliver"] = [PromptBlocked()]
    house.run(lambda: house.accept(a_job()))
    assert house.calls.count("finish") == 2
    assert [job.prompt_hidden for job in house.delivered] == [True]


def test_each_sample_has_its_own_seed_where_the_api_tells_it(house: RunnerHouse) -> None:
    house.outputs = (Output(url="https://example.com/1.png", seed=8), Output(url="https://example.com/2.png"))
    house.run(lambda: house.accept(a_job(1, samples=2)))
    assert house.delivered[0].seeds == (8, 1)


def test_more_pictures_than_were_asked_for_are_not_fetched(house: RunnerHouse) -> None:
    house.outputs = tuple(Output(url=f"https://example.com/{number}.png") for number in range(4))
    house.run(lambda: house.accept(a_job(samples=2)))
    assert house.calls.count("download") == 2
    assert len(house.delivered[0].outputs) == 2


def test_a_closed_runner_takes_nothing_more(house: RunnerHouse) -> None:
    async def story() -> None:
        house.runner.check(22)
        await house.runner.close()
        with pytest.raises(Stopped, match="restarted"):
            house.runner.check(22)

    house.run(story)


def test_a_member_has_no_more_jobs_than_the_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_per_member=2)
    house.state = ApiState.PROCESSING

    async def story() -> None:
        for number in (1, 2):
            house.runner.check(a_job().origin.user_id)
            await house.runner.accept(a_job(number))
        with pytest.raises(TooManyJobs):
            house.runner.check(a_job().origin.user_id)
        house.runner.check(a_job().origin.user_id + 1)
        house.state = ApiState.COMPLETED
        await house.until_over("job1", "job2")
        house.runner.check(a_job().origin.user_id)

    house.run(story)


def test_of_many_commands_at_once_no_more_are_accepted_than_the_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house = house_of(monkeypatch, tmp_path, jobs_per_member=3)
    house.state = ApiState.PROCESSING

    async def story() -> None:
        for _ in range(10):
            house.runner.check(22)  # before any of them is accepted
        taken = await asyncio.gather(
            *(house.runner.accept(a_job(number)) for number in range(10)), return_exceptions=True
        )
        assert sum(isinstance(each, TooManyJobs) for each in taken) == 7
        assert len(house.store.jobs) == 3

    house.run(story)


def test_at_the_end_a_delivery_under_way_may_finish(house: RunnerHouse) -> None:
    async def slow() -> None:
        await asyncio.sleep(2)

    house.before["deliver"] = slow

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "deliver" in house.calls)
        await house.runner.close()

    house.run(story)
    assert len(house.delivered) == 1
    assert house.failed == []


def test_at_the_end_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    house = house_of(monkeypatch, tmp_path)

    async def hang() -> None:
        await asyncio.Event().wait()

    house.before = {"deliver": hang, "fail": hang}

    async def story() -> None:
        await house.runner.accept(a_job())
        await house.until(lambda: "deliver" in house.calls)
        began = house.clock.now
        await house.runner.close()
        assert house.clock.now - began <= 10

    house.run(story)


def test_the_limit_of_the_interaction_is_kept(house: RunnerHouse) -> None:
    job = a_job()
    small = dataclasses.replace(job, origin=dataclasses.replace(job.origin, filesize_limit=5000))
    house.run(lambda: house.accept(small))
    assert house.limits_asked == [5000]


# Delivery ---------------------------------------------------------------------------------------------------


def test_a_delivery_that_discord_cannot_take_now_is_made_later(house: RunnerHouse) -> None:
    house.faults["deliver"] = [DeliveryPutOff()] * 7
    house.run(lambda: house.accept(a_job()))
    assert len(house.delivered) == 1
    assert house.direct == []


def test_where_the_reply_is_over_the_picture_comes_directly_and_fits_there(house: RunnerHouse) -> None:
    house.faults["deliver"] = [DeliveryError("unknown channel")]
    job = a_job()
    roomy = dataclasses.replace(job, origin=dataclasses.replace(job.origin, filesize_limit=25 * 2**20))
    house.run(lambda: house.accept(roomy))
    assert house.delivered == []
    [direct] = house.direct
    assert direct.shown is Shown.DIRECT
    assert house.store.jobs["job1"].shown is Shown.DIRECT
    assert house.limits_asked == [25 * 2**20, 10 * 2**20]


def test_where_no_message_can_be_sent_the_picture_is_kept(house: RunnerHouse) -> None:
    house.faults["deliver"] = [DeliveryError("unknown channel")]
    house.faults["deliver_directly"] = [DeliveryPutOff(), DeliveryError("cannot send to this user")]
    house.run(lambda: house.accept(a_job()))
    job = house.store.jobs["job1"]
    assert (job.state, job.shown) == (JobState.DONE, Shown.KEPT)
    assert job.outputs[0].path.exists()


def test_a_failure_that_the_card_cannot_show_is_told_directly(house: RunnerHouse) -> None:
    house.faults["submit"] = [ModelRetired()]
    house.faults["fail"] = [DeliveryPutOff(), DeliveryError("unknown message")]
    house.run(lambda: house.accept(a_job()))
    assert [sentence for _, sentence in house.told_directly] == [ModelRetired.sentence]
    assert house.calls.count("fail") == 2


def test_a_failure_that_nobody_can_be_told_is_over_all_the_same(house: RunnerHouse) -> None:
    house.faults["submit"] = [ModelRetired()]
    house.faults["fail"] = [DeliveryError()]
    house.faults["tell_directly"] = [DeliveryError()]
    house.run(lambda: house.accept(a_job()))
    assert house.store.jobs["job1"].failure == ModelRetired.sentence


@pytest.mark.parametrize("call", ["download", "finish"])
def test_a_full_disk_costs_no_picture_that_is_paid_for(house: RunnerHouse, call: str) -> None:
    house.faults[call] = [StorageError("no space left")] * 5
    house.run(lambda: house.accept(a_job()))
    assert len(house.delivered) == 1
    assert house.failed == []


def test_what_nobody_foresaw_at_the_delivery_makes_it_come_directly(house: RunnerHouse) -> None:
    house.faults["deliver"] = [ZeroDivisionError()]
    house.run(lambda: house.accept(a_job()))
    assert len(house.direct) == 1


def test_a_fault_of_discords_that_does_not_pass_is_a_refusal_in_the_end(
    house: RunnerHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeat, "PUT_OFF_LIMIT", 60.0)
    house.faults["deliver"] = [DeliveryPutOff()] * 1000
    house.run(lambda: house.accept(a_job()))
    assert len(house.direct) == 1


def test_one_members_slow_pictures_keep_nobody_else(house: RunnerHouse) -> None:
    hold = asyncio.Event()

    async def slow() -> None:
        if house.calls.count("fetch") == 1:
            await hold.wait()

    house.before["fetch"] = slow

    async def story() -> None:
        for number in range(1, 30):
            await house.runner.accept(a_job(number))
        await house.runner.accept(a_job(99, user_id=7))
        await house.until(lambda: house.store.jobs.are_over("job99"))
        assert house.calls.count("fetch") == 2
        hold.set()
        await house.until_over(*(f"job{number}" for number in range(1, 30)))

    house.run(story)
