"""The image API refuses a submit, loses it, or is not there: what the person reads, and what is paid."""

import pytest

from repaint.errors import (
    BadRequest,
    ModelRetired,
    NotFound,
    Rejected,
    RepaintError,
    ServerFault,
    SubmitUnknown,
    WrongMethod,
)
from repaint.jobs.breaker import NOTE as DOWN_NOTE
from repaint.jobs.submitter import AWAY_NOTE, BUSY_NOTE
from tests.acceptance.asker import Asker, shown
from tests.acceptance.discord_side import the_picture
from tests.acceptance.house import House
from tests.person import buttons

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
        pytest.param(404, {"error": "Model not found"}, NotFound, id="404"),
        pytest.param(405, None, WrongMethod, id="405 with HTML"),
        pytest.param(406, {"error": "Invalid value for sampler"}, Rejected, id="406 for a value"),
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
    failed = await asker.until_failed_with(error, await asker.ask(small, prompt))
    assert [each["label"] for each in buttons(failed)] == ["Retry", "Adjust", "Delete"]
    assert house.accepted(prompt) == []
    await assert_works(house, asker, small)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500, "body": "<html>"}, id="500 with HTML"),
        pytest.param({"status": 502}, id="502 with HTML"),
        pytest.param({"status": 503, "body": "upstream connect error"}, id="503 with text"),
        pytest.param({"status": 504}, id="504 with HTML"),
        pytest.param({"drop": "before"}, id="cut before it was accepted"),
        pytest.param({"body": "<html>OK</html>", "content_type": "text/html"}, id="HTML with 200"),
        pytest.param({"body": {"status": "QUEUED"}}, id="no id with 200"),
        pytest.param({"body": ["QUEUED"]}, id="a list with 200"),
    ],
)
async def test_a_submit_that_may_have_been_accepted_is_looked_for_and_never_sent_again(
    house: House, asker: Asker, small: bytes, fault: dict[str, object]
) -> None:
    house.api_fault("submit", **fault)  # once: a second submit would be accepted, and counted
    prompt = f"lost: {fault}"
    interaction = await asker.ask(small, prompt)
    await asker.until_reply(interaction, "Checking")
    failed = await asker.until_failed_with(SubmitUnknown, interaction)
    assert [each["label"] for each in buttons(failed)] == ["Retry (may be charged twice)", "Adjust", "Delete"]
    await assert_works(house, asker, small)
    assert house.accepted(prompt) == []


@pytest.mark.parametrize(
    "script",
    [
        pytest.param({}, id="at once"),
        pytest.param({"history_body_seconds": 2}, id="when the history has its input"),
        pytest.param({"faults": [{"route": "upload", "times": -1, "status": 500}]}, id="by its picture"),
        pytest.param({"faults": [{"route": "history", "times": 2, "status": 502}]}, id="at the third look"),
    ],
)
async def test_a_request_whose_answer_was_lost_is_found_and_its_picture_comes(
    house: House, asker: Asker, small: bytes, script: dict[str, object]
) -> None:
    lost = {"route": "submit", "drop": "after"}
    house.script(**script | {"faults": [lost, *script.get("faults", [])]})  # type: ignore[misc]
    prompt = f"found: {script}"
    interaction = await asker.ask(small, prompt)
    checking = await asker.until_reply(interaction, "Checking")
    done = await asker.until_done(interaction)
    assert done["id"] == checking["id"]
    await the_picture(asker, interaction)
    assert len(house.accepted(prompt)) == 1


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
        waiting = await asker.until_reply(interaction, AWAY_NOTE, DOWN_NOTE)
    done = await asker.until_done(interaction)
    assert done["id"] == waiting["id"]
    assert not any(BUSY_NOTE in line for line in await asker.lines_shown(done))
    assert len(await asker.pictures(done)) == 1
    [request] = house.accepted("while it is down")
    assert request["cost"] > 0
