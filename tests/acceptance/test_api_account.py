"""An account that may not use the model, and an operator who cannot be told of such trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from repaint.errors import ModelForbidden, OutOfCredits, RepaintError
from tests.acceptance.asker import Asker, text
from tests.acceptance.discord_side import answers
from tests.acceptance.house import House, no_traceback, until
from tests.person import buttons


@pytest.fixture(scope="module")
def poor_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in which each test starts a bot of its own, since a bot remembers this trouble."""
    house = House(tmp_path_factory.mktemp("poor"))
    try:
        yield house
    finally:
        house.close()


@pytest.fixture
def house(poor_house: House, request: pytest.FixtureRequest) -> Iterator[House]:
    """With a bot that has just been started, in a folder of its own."""
    poor_house.reset()
    bot = poor_house.start_bot(data=request.node.name)
    poor_house.ready()
    yield poor_house
    assert bot.stop() == 0, poor_house.logs()
    no_traceback(bot.log.read_text())


@pytest.fixture
async def asker(house: House) -> AsyncIterator[Asker]:
    async with Asker(house.discord) as person:
        yield person


async def assert_refused_privately(asker: Asker, picture: bytes, error: type[RepaintError]) -> None:
    """A new command is answered to its asker alone."""
    interaction = await asker.ask(picture, "in vain")
    await asker.acknowledged(interaction)
    [told] = await answers(asker, interaction)
    assert told["ephemeral"]
    assert text(told) == error.sentence


async def test_a_model_that_the_account_may_not_use_is_not_asked_for_again(
    house: House, asker: Asker, small: bytes
) -> None:
    house.api_fault("submit", status=403, body={"error": "Model not allowed"}, times=-1)
    failed = await asker.until_failed_with(ModelForbidden, await asker.ask(small, "not allowed"))
    async with Asker(house.discord, role="member2") as other:  # of one member's alone it says nothing
        await other.until_failed_with(ModelForbidden, await other.ask(small, "not allowed"))
    assert [each["label"] for each in buttons(failed)] == ["Retry", "Adjust", "Delete"]
    uploads = house.api_saw()["uploads"]
    await assert_refused_privately(asker, small, ModelForbidden)
    assert house.api_saw()["uploads"] == uploads
    assert house.accepted("not allowed") == []
    told = await asker.person.wait_message(lambda each: "Segmind" in text(each), "owner", "dm")
    assert "use the image model" in text(told)


async def test_an_operator_who_takes_no_messages_costs_nobody_a_sentence(
    house: House, asker: Asker, small: bytes
) -> None:
    house.discord_settings(dms_closed=["owner"])
    house.script(credits=0)
    before = await asker.person.messages("owner", "dm")
    await asker.until_failed_with(OutOfCredits, await asker.ask(small, "nobody hears"))
    await assert_refused_privately(asker, small, OutOfCredits)
    assert house.bot is not None
    log = house.bot.log
    await until(lambda: "the operator could not be told" in log.read_text())
    assert await asker.person.messages("owner", "dm") == before
