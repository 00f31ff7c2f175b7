"""What the image API says of a request while it is under way, and how it ends."""

import asyncio

import pytest

from repaint.errors import ContentBlocked, InferenceFailed, RepaintError, RequestExpired
from tests.acceptance.asker import Asker, opened, text
from tests.acceptance.house import House, until

pytestmark = pytest.mark.usefixtures("calm_bot")

PASSING: dict[str, dict[str, object]] = {
    "a rate limit": {"status": 429},
    "a fault": {"status": 500},
    "a gateway's page": {"status": 502},
    "a cut before": {"drop": "before"},
    "a cut after": {"drop": "after"},
    "garbage": {"body": "\x00 not JSON", "content_type": "application/json"},
    "no state": {"body": {"request_id": "?"}},
    "an unknown state": {"body": {"status": "DREAMING"}},
}


@pytest.mark.parametrize("route", ["status", "result"])
async def test_trouble_that_passes_costs_no_picture(
    house: House, asker: Asker, small: bytes, route: str
) -> None:
    house.script(faults=[{"route": route, **fault} for fault in PASSING.values()])
    prompt = f"trouble at {route}"
    asked = [await asker.ask(small, prompt) for _ in PASSING]  # each meets one
    done = await asyncio.gather(*map(asker.until_done, asked))
    assert [len(await asker.pictures(reply)) for reply in done] == [1] * len(PASSING)
    assert len({reply["id"] for reply in done}) == len(await asker.new_messages()) == len(PASSING)
    assert len(house.accepted(prompt)) == len(PASSING)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param({"fail": "CUDA out of memory"}, InferenceFailed, id="failed"),
        pytest.param({"fail": ""}, InferenceFailed, id="failed without a word"),
    ],
)
async def test_a_request_that_fails_says_why_and_costs_nothing(
    house: House, asker: Asker, small: bytes, script: dict[str, object], error: type[RepaintError]
) -> None:
    house.script(**script)
    prompt = f"{script}"
    await asker.until_failed_with(error, await asker.ask(small, prompt))
    [request] = house.accepted(prompt)
    assert (request["status"], request["cost"]) == ("FAILED", 0)


async def test_what_is_refused_for_its_content_does_not_stay_in_the_channel(
    house: House, asker: Asker, small: bytes
) -> None:
    house.script(block=True)
    await asker.ask(small, "something rude")
    told = await asker.until_told_privately()
    assert ContentBlocked.sentence in text(told)
    assert await asker.new_messages() == [told]
    [request] = house.accepted("something rude")
    assert (request["status"], request["cost"]) == ("FAILED", 0)


async def test_a_request_that_fails_after_a_while_says_so_in_the_same_reply(
    house: House, asker: Asker, small: bytes
) -> None:
    house.script(queue_seconds="manual", inference_seconds="manual", fail="out of memory")
    interaction = await asker.ask(small, "fails in the end")
    for word in ("Queued", "Processing"):
        reply = await asker.until_reply(interaction, word)
        await until(lambda: house.accepted("fails in the end"))
        house.release()
    failed = await asker.until_failed_with(InferenceFailed, interaction)
    assert failed["id"] == reply["id"]


@pytest.mark.parametrize(
    ("route", "status", "error"),
    [
        pytest.param("result", 404, RequestExpired, id="result expired"),
        pytest.param("result", 422, InferenceFailed, id="failed after all"),
    ],
)
async def test_a_final_answer_ends_the_job_in_a_sentence(
    house: House, asker: Asker, small: bytes, route: str, status: int, error: type[RepaintError]
) -> None:
    house.api_fault(route, status=status, times=-1)
    prompt = f"{route} answers {status}"
    await asker.until_failed_with(error, await asker.ask(small, prompt))
    assert len(house.accepted(prompt)) == 1


@pytest.mark.parametrize("route", ["status", "result"])
@pytest.mark.parametrize("status", [401, 403])
async def test_what_is_paid_for_is_not_given_up_where_the_key_is_refused_later(
    house: House, asker: Asker, small: bytes, route: str, status: int
) -> None:
    house.api_fault(route, status=status, times=2)
    prompt = f"{route} answers {status} for a while"
    done = await asker.until_done(await asker.ask(small, prompt))
    assert len(await asker.pictures(done)) == 1
    assert len(house.accepted(prompt)) == 1


async def test_a_request_that_is_unknown_at_first_is_asked_for_again(
    house: House, asker: Asker, small: bytes
) -> None:
    house.api_fault("status", status=404)
    await asker.until_done(await asker.ask(small))


@pytest.mark.parametrize("shape", ["list", "data_uri", "base64", "image_url", "images_only"])
async def test_a_result_of_any_form_is_posted_be_it_one_picture_or_two(
    house: House, asker: Asker, small: bytes, shape: str
) -> None:
    house.api_fault("result", shape=shape, times=2)
    asked = [await asker.ask(small, samples=samples) for samples in (1, 2)]
    for samples, done in enumerate(await asyncio.gather(*map(asker.until_done, asked)), start=1):
        pictures = await asker.pictures(done)
        assert [opened(picture).size for picture in pictures] == [(64, 64)] * samples


async def test_a_result_that_is_empty_at_first_is_asked_for_again(
    house: House, asker: Asker, small: bytes
) -> None:
    house.api_fault("result", shape="empty", times=2)
    done = await asker.until_done(await asker.ask(small, "empty at first"))
    assert len(await asker.pictures(done)) == 1
    [request] = house.accepted("empty at first")
    assert request["result_reads"] == 3
