"""The image API refuses a submit, loses it, or is not there: what the person reads, and what is paid."""

import pytest

from repaint.errors import (
    BadRequest,
    KeyRefused,
    ModelForbidden,
    ModelRetired,
    NotFound,
    OutOfCredits,
    Rejected,
    RepaintError,
    ServerFault,
    SubmitUnknown,
    WrongMethod,
)
from repaint.jobs.submitter import AWAY_NOTE, BUSY_NOTE
from tests.acceptance.asker import Asker, shown
from tests.acceptance.house import House

pytestmark = pytest.mark.usefixtures("calm_bot")


async def assert_works(house: House, asker: Asker, picture: bytes) -> None:
    """The next job gets as far as the API: what it refuses now is on the next job's card."""
    house.api_fault("submit", status=400)
    failed = await asker.until_failed(await asker.ask(picture, "the next job"))
    assert BadRequest.sentence in shown(failed)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        pytest.param(400, {"error": "Missing required field: image"}, BadRequest, id="400"),
        pytest.param(401, {"error": "Unauthorized"}, KeyRefused, id="401"),
        pytest.param(403, {"error": "Model not allowed"}, ModelForbidden, id="403"),
        pytest.param(404, {"error": "Model not found"}, NotFound, id="404"),
        pytest.param(405, None, WrongMethod, id="405 with HTML"),
        pytest.param(406, {"error": "Invalid value for sampler"}, Rejected, id="406 for a value"),
        pytest.param(406, {"error": "Insufficient credits: $0.001"}, OutOfCredits, id="406 for credits"),
        pytest.param(410, {"error": "This model is retired"}, ModelRetired, id="410"),
        pytest.param(500, {"error": "Internal error"}, ServerFault, id="500 in the API's own words"),
    ],
)
async def test_a_refused_submit_says_why_and_is_not_repeated(
    house: House,
    asker: Asker,
    small: bytes,
    status: int,
    body: dict[str, str] | None,
    error: type[RepaintError],
) -> None:
    house.api_fault("submit", status=status, body=body)
    prompt = f"refused: {error.__name__}"
    await asker.until_failed_with(error, await asker.ask(small, prompt))
    assert house.accepted(prompt) == []
    await assert_works(house, asker, small)


async def test_credits_that_are_used_up_are_said_and_nothing_is_charged(
    house: House, asker: Asker, small: bytes
) -> None:
    house.script(credits=0)
    before = house.api_saw()["billed"]
    await asker.until_failed_with(OutOfCredits, await asker.ask(small, "no money"))
    assert house.accepted("no money") == []
    assert house.api_saw()["billed"] == before


@pytest.mark.parametrize(
    ("fault", "accepted"),
    [
        pytest.param({"status": 500, "body": "<html>"}, 0, id="500 with HTML"),
        pytest.param({"status": 502}, 0, id="502 with HTML"),
        pytest.param({"status": 503, "body": "upstream connect error"}, 0, id="503 with text"),
        pytest.param({"status": 504}, 0, id="504 with HTML"),
        pytest.param({"drop": "before"}, 0, id="cut before it was accepted"),
        pytest.param({"drop": "after"}, 1, id="cut after it was accepted"),
        pytest.param({"body": "<html>OK</html>", "content_type": "text/html"}, 0, id="HTML with 200"),
        pytest.param({"body": {"status": "QUEUED"}}, 0, id="no id with 200"),
        pytest.param({"body": ["QUEUED"]}, 0, id="a list with 200"),
    ],
)
async def test_a_submit_that_may_have_been_accepted_is_never_sent_again(
    house: House, asker: Asker, small: bytes, fault: dict[str, object], accepted: int
) -> None:
    house.api_fault("submit", **fault)  # once: a second submit would be accepted, and counted
    prompt = f"lost: {fault}"
    await asker.until_failed_with(SubmitUnknown, await asker.ask(small, prompt))
    await assert_works(house, asker, small)
    assert len(house.accepted(prompt)) == accepted


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({}, id="which says until when"),
        pytest.param({"body": {"error": "Rate limit exceeded"}}, id="which says nothing"),
    ],
)
async def test_a_rate_limit_is_waited_out_and_the_card_says_so(
    house: House, asker: Asker, small: bytes, fault: dict[str, object]
) -> None:
    house.api_fault("submit", status=429, times=-1, **fault)
    prompt = f"busy: {fault}"
    interaction = await asker.ask(small, prompt)
    waiting = await asker.until_reply(interaction, BUSY_NOTE)
    assert "Queued" in shown(waiting)
    house.script(faults=[])
    done = await asker.until_done(interaction)
    assert done["id"] == waiting["id"]
    assert BUSY_NOTE not in shown(done)
    [request] = house.accepted(prompt)
    assert request["status"] == "COMPLETED"


async def test_an_api_that_is_down_is_tried_again_and_paid_once(
    house: House, asker: Asker, small: bytes
) -> None:
    with house.api_down():
        interaction = await asker.ask(small, "while it is down")
        waiting = await asker.until_reply(interaction, AWAY_NOTE)
    done = await asker.until_done(interaction)
    assert done["id"] == waiting["id"]
    assert len(await asker.pictures(done)) == 1
    [request] = house.accepted("while it is down")
    assert request["cost"] > 0
