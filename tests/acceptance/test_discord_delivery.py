"""Trouble on the way of the finished picture: exactly one message shows it in the end."""

from typing import Any

import pytest

from tests.acceptance.asker import Asker, everything, shown, text
from tests.acceptance.discord_side import all_over, answers, edits, sent, the_picture, works
from tests.acceptance.house import House

REPLY = "/webhooks/.*/messages/"


async def _running(
    house: House, asker: Asker, picture: bytes, prompt: str = "a watercolor", engine: str = "canned"
) -> str:
    """A job whose card shows Processing; `house.release()` lets it finish."""
    house.script(inference_seconds="manual", engine=engine)
    interaction = await asker.ask(picture, prompt)
    await asker.until_reply(interaction, "Processing")
    return interaction


@pytest.mark.parametrize("end", ["revoked", "fifteen minutes"])
async def test_when_the_token_has_expired_the_bot_edits_the_reply_by_its_own(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None, end: str
) -> None:
    interaction = await _running(house, asker, astronaut)
    if end == "revoked":
        house.fault("token_expired")
    else:
        await asker.person.advance(15 * 60)
    house.release()
    await asker.until_done(interaction)
    message = await the_picture(asker, interaction)
    assert [each["status"] for each in sent(house, "PATCH", "/channels/", message["id"])] == [200]
    house.script(inference_seconds=0)
    await works(house, asker, astronaut)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([{"status": 500}, {"status": 502, "body": "<html>"}], id="500 and 502"),
        pytest.param([{"status": 429, "body": "<html>slow down</html>"}], id="429 of a proxy"),
        pytest.param([{"status": 429, "body": "<html>slow down</html>", "via": False}], id="429 without Via"),
        pytest.param([{"drop": True}], id="cut before it took effect"),
        pytest.param([{"drop_after": True}], id="cut after it took effect"),
    ],
)
async def test_a_delivery_that_went_wrong_is_repeated(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None, faults: list[dict[str, Any]]
) -> None:
    interaction = await _running(house, asker, astronaut)
    for fault in faults:
        house.fault("rest", method="PATCH", path_regex=REPLY, has_files=True, **fault)
    house.release()
    reply = await asker.until_done(interaction)
    await all_over(house)
    message = await the_picture(asker, interaction)
    assert shown(message) == shown(reply)
    uploads = [each for each in edits(house, message) if each["files"]]
    assert len(uploads) == len(faults) + 1
    house.script(inference_seconds=0)
    await works(house, asker, astronaut)


async def test_a_delivery_that_is_rate_limited_waits_as_long_as_discord_says(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    interaction = await _running(house, asker, astronaut)
    house.fault("rate_limit", path_regex=REPLY, retry_after=0.5, times=2)
    house.release()
    message = await asker.until_done(interaction)
    await all_over(house)
    await the_picture(asker, interaction)
    answers_to_uploads = [each["status"] for each in edits(house, message) if each["files"]]
    assert answers_to_uploads == [429, 429, 200]


async def test_a_picture_that_discord_finds_too_large_after_all_is_made_smaller(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    interaction = await _running(house, asker, astronaut, engine="preview")
    house.fault("rest", method="PATCH", path_regex=REPLY, status=413, code=40005, times=1)
    house.release()
    message = await asker.until_done(interaction)
    await all_over(house)
    await the_picture(asker, interaction)
    first, second = (each["files"][0]["size"] for each in edits(house, message) if each["files"])
    assert second <= first // 2
    assert "size limit" in text(message)


async def test_a_limit_that_shrinks_between_the_command_and_the_delivery_is_kept(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    interaction = await _running(house, asker, astronaut, engine="preview")
    house.discord_settings(attachment_size_limit=100_000)
    house.release()
    message = await asker.until_done(interaction)
    await all_over(house)
    await the_picture(asker, interaction)
    sizes = [each["files"][0]["size"] for each in edits(house, message) if each["files"]]
    assert sizes[0] > 100_000 >= sizes[-1]


async def test_automod_hides_the_prompt_and_not_the_picture(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    house.fault("automod", keyword="forbidden", times=-1)
    interaction = await asker.ask(astronaut, "a forbidden place", negative_prompt="forbidden too")
    message = await asker.until_done(interaction)
    assert "forbidden" not in everything(await the_picture(asker, interaction))
    assert "The prompt is not shown here" in text(message)
    [picture] = await asker.pictures(message)
    assert b"forbidden" not in picture  # nor in its metadata
    await works(house, asker, astronaut)


async def test_automod_hides_the_prompt_from_a_delivery_alone(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    interaction = await _running(house, asker, astronaut, "a forbidden place")
    house.fault("automod", keyword="forbidden", times=-1)
    house.release()
    message = await asker.until_done(interaction)
    assert "forbidden" not in everything(await the_picture(asker, interaction))
    [picture] = await asker.pictures(message)
    assert b"forbidden" not in picture


async def test_a_reply_that_a_moderator_deleted_stays_deleted(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    interaction = await _running(house, asker, astronaut)
    [reply] = await answers(asker, interaction)
    await asker.person.remove(message=reply["id"])
    house.release()
    await all_over(house)
    assert await answers(asker, interaction) == []
    house.script(inference_seconds=0)
    await works(house, asker, astronaut)


async def test_a_failure_is_told_though_discord_faults_at_first(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    house.script(inference_seconds="manual", fail="out of memory")
    interaction = await asker.ask(astronaut)
    await asker.until_reply(interaction, "Processing")
    house.fault("rest", method="PATCH", path_regex=REPLY, drop=True)
    house.release()
    await asker.until_failed(interaction)
    [message] = await answers(asker, interaction)
    assert message["attachment_files"] == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"method": "DELETE", "drop": True}, id="the deletion was cut"),
        pytest.param({"method": "DELETE", "drop_after": True}, id="the deletion was done, its answer cut"),
        pytest.param({"method": "POST", "drop": True}, id="the sentence was cut"),
        pytest.param({"method": "POST", "status": 500}, id="the sentence met 500"),
    ],
)
async def test_a_bad_picture_is_told_privately_though_the_connection_was_cut(
    house: House, asker: Asker, calm_bot: None, fault: dict[str, Any]
) -> None:
    house.fault("rest", path_regex="/webhooks/", **fault)
    interaction = await asker.ask(b"no picture at all")
    told = await asker.until_told_privately()
    await all_over(house)
    assert "cannot read" in text(told)
    assert await answers(asker, interaction) == [told]
