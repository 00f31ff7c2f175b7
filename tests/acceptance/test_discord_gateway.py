"""The gateway's connection ends while a job is under way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.asker import Asker
from tests.acceptance.discord_side import the_picture
from tests.acceptance.house import House, until

IDENTIFY, RESUME = 2, 6


def _said(house: House, op: int) -> bool:
    sent = [each["json"]["op"] for each in house.traffic() if each["direction"] == "gateway_in"]
    return op in sent


@pytest.mark.parametrize(
    ("kind", "details", "comes_back_by"),
    [
        pytest.param("gateway_drop", {"code": 4000}, RESUME, id="dropped"),
        pytest.param("gateway_drop", {"code": 4000, "forget": True}, IDENTIFY, id="dropped and forgotten"),
        pytest.param("gateway_reconnect", {}, RESUME, id="asked to reconnect"),
        pytest.param("invalid_session", {"resumable": True}, RESUME, id="session invalid but resumable"),
        pytest.param("invalid_session", {"resumable": False}, IDENTIFY, id="session invalid"),
    ],
)
async def test_a_lost_gateway_costs_no_job_and_no_later_command(
    house: House,
    asker: Asker,
    astronaut: bytes,
    calm_bot: None,
    kind: str,
    details: dict[str, Any],
    comes_back_by: int,
) -> None:
    house.script(inference_seconds="manual")
    before = await asker.ask(astronaut, "before")
    await asker.until_reply(before, "Processing")
    house.fault(kind, **details)
    await until(lambda: _said(house, comes_back_by))
    house.ready()
    house.script(inference_seconds=0)
    house.release()
    after = await asker.ask(astronaut, "after")
    for interaction in (before, after):
        await asker.until_done(interaction)
        await the_picture(asker, interaction)


async def test_a_command_that_was_given_while_the_gateway_was_away_is_done(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    picture = await asker.upload(astronaut)
    house.fault("gateway_drop", code=4000)
    interaction = await asker.ask(picture)
    await asker.until_done(interaction)
    await the_picture(asker, interaction)
