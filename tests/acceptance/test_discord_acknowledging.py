"""Trouble with the acknowledgement: one reply, one submit, one picture all the same."""

from typing import Any

import pytest

from tests.acceptance.asker import Asker
from tests.acceptance.discord_side import the_picture, works
from tests.acceptance.house import House

CALLBACK = "/callback$"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"drop": True}, id="cut before it arrived"),
        pytest.param({"drop_after": True}, id="its answer cut"),
        pytest.param({"status": 500}, id="answered 500"),
    ],
)
async def test_a_command_whose_acknowledgement_went_wrong_is_done_once(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None, fault: dict[str, Any]
) -> None:
    house.fault("rest", path_regex=CALLBACK, **fault)
    interaction = await asker.ask(astronaut, "acknowledged badly")
    assert (await asker.acknowledged(interaction))["status"] == "acknowledged"
    await asker.until_done(interaction)
    await the_picture(asker, interaction)
    assert house.api_saw()["requests"][-1]["body"]["prompt"] == "acknowledged badly"
    await works(house, asker, astronaut)


async def test_a_command_that_cannot_be_acknowledged_is_never_submitted(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    submits = house.api_saw()["submits"]
    house.fault("rest", path_regex=CALLBACK, status=404, code=10062)
    interaction = await asker.ask(astronaut)
    assert (await asker.acknowledged(interaction))["status"] == "failed"
    assert house.api_saw()["submits"] == submits
    await works(house, asker, astronaut)
