"""Where a command is given, who sees what comes of it, and what the bot may do there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.permissions import ALL, Permission
from tests.acceptance.asker import Asker, shown, text
from tests.acceptance.discord_side import all_over, answers, the_picture, works
from tests.acceptance.house import House, no_traceback


@pytest.mark.parametrize("kind", ["art", "age_restricted", "dm", "thread"])
async def test_a_command_works_in_every_kind_of_channel(
    house: House, astronaut: bytes, calm_bot: None, kind: str
) -> None:
    async with Asker(house.discord, kind=kind) as asker:
        interaction = await asker.ask(astronaut, "everywhere")
        await asker.until_done(interaction)
        await the_picture(asker, interaction)


async def test_in_a_direct_message_too_the_bot_can_edit_by_its_own_token(
    house: House, astronaut: bytes, calm_bot: None
) -> None:
    house.script(inference_seconds="manual")
    async with Asker(house.discord, kind="dm") as asker:
        interaction = await asker.ask(astronaut)
        await asker.until_reply(interaction, "Processing")
        house.fault("token_expired")
        house.release()
        await asker.until_done(interaction)
        await the_picture(asker, interaction)


async def test_the_moderators_repaint_in_their_own_channel(
    house: House, astronaut: bytes, calm_bot: None
) -> None:
    async with Asker(house.discord, role="moderator", kind="staff") as asker:
        interaction = await asker.ask(astronaut)
        await asker.until_done(interaction)
        await the_picture(asker, interaction)


async def test_others_see_the_reply_and_nothing_that_is_for_the_asker_alone(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    refused = await asker.ask(b"no picture at all")
    private = await asker.until_told_privately()
    interaction = await asker.ask(astronaut)
    public = await asker.until_done(interaction)
    async with Asker(house.discord, role="member2") as other:
        seen = await other.messages()
        assert [each["id"] for each in seen if each["id"] in (private["id"], public["id"])] == [public["id"]]
        assert await answers(other, refused) == []
        assert shown((await answers(other, interaction))[0]) == shown(public)


@pytest.mark.parametrize(
    ("kind", "lacks", "named"),
    [
        ("art", Permission.ATTACH_FILES, "Attach Files"),
        ("art", Permission.VIEW_CHANNEL, "View Channel"),
        ("art", Permission.SEND_MESSAGES, "Send Messages"),
        ("thread", Permission.SEND_MESSAGES_IN_THREADS, "Send Messages in Threads"),
        ("thread", Permission.ATTACH_FILES | Permission.VIEW_CHANNEL, "View Channel, Attach Files"),
    ],
)
async def test_a_missing_permission_is_named_to_the_asker_alone(
    house: House, astronaut: bytes, calm_bot: None, kind: str, lacks: Permission, named: str
) -> None:
    submits = house.api_saw()["submits"]
    async with Asker(house.discord, kind=kind) as asker:
        house.discord_settings(app_permissions={asker.channel: ALL & ~int(lacks)})
        interaction = await asker.ask(astronaut)
        told = await asker.until_told_privately()
        assert f"to post the picture: {named}." in text(told)
        assert await answers(asker, interaction) == [told]
    assert house.api_saw()["submits"] == submits


@pytest.fixture(scope="module")
def other_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: a channel that is deleted there is missed nowhere else."""
    house = House(tmp_path_factory.mktemp("places"))
    try:
        bot = house.start_bot()
        house.ready()
        yield house
        assert bot.stop() == 0, house.logs()
        no_traceback(bot.log.read_text())
    finally:
        house.close()


async def test_a_channel_that_is_deleted_takes_its_jobs_with_it_and_no_other(
    other_house: House, astronaut: bytes
) -> None:
    house = other_house
    house.script(inference_seconds="manual")
    async with Asker(house.discord) as asker, Asker(house.discord, kind="age_restricted") as elsewhere:
        doomed = await asker.ask(astronaut)
        await asker.until_reply(doomed, "Processing")
        await asker.person.remove(channel=asker.channel)
        house.release()
        await all_over(house)
        house.script(inference_seconds=0)
        await works(house, elsewhere, astronaut)
