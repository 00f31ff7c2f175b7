"""A picture arrives after its interaction's token is dead: in the reply, else directly, else in `/jobs`."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator

import pytest

from repaint.errors import InferenceFailed, SubmitUnknown
from tests.acceptance.asker import Asker, Message, everything, opened, text
from tests.acceptance.discord_side import all_over, edits, sent, the_picture
from tests.acceptance.house import House
from tests.acceptance.jobs_side import (
    answered,
    calls_nobody,
    click,
    command,
    direct,
    house_with,
    job,
    labels,
    line,
    prompts_sent,
    restart,
    until_direct,
    until_job,
    until_over,
)

TOKEN_SECONDS = 870.0  # from the command, after which the bot no longer relies on the interaction's token
NEARLY_OVER = TOKEN_SECONDS - 3


async def _running(house: House, asker: Asker, picture: bytes, prompt: str, **options: object) -> str:
    """A job whose card shows Processing; `house.release()` lets it finish."""
    house.script(inference_seconds="manual")
    interaction = await asker.ask(picture, prompt, **options)  # type: ignore[arg-type]
    await asker.until_reply(interaction, "Processing")
    return interaction


async def _one_picture(asker: Asker, message: Message) -> None:
    [picture] = await asker.pictures(message)
    assert opened(picture).size >= (64, 64)


# Whose token ----------------------------------------------------------------------------------------------


async def test_while_the_token_lives_the_reply_is_edited_by_it(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    interaction = await asker.ask(small)
    message = await asker.until_done(interaction)
    assert all("/webhooks/" in each["path"] for each in edits(house, message))


async def test_when_fifteen_minutes_are_over_the_bots_own_token_brings_the_picture(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    house.script(inference_seconds=TOKEN_SECONDS - NEARLY_OVER + 1)
    interaction = await asker.ask(small, age=NEARLY_OVER)
    message = await asker.until_done(interaction)
    await the_picture(asker, interaction)
    [upload] = [each for each in edits(house, message) if each["files"]]
    assert "/channels/" in upload["path"]
    assert [each["status"] for each in edits(house, message) if each["status"] != 200] == []
    assert calls_nobody(message)


async def test_the_end_without_a_picture_is_told_after_fifteen_minutes_too(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    house.script(inference_seconds=TOKEN_SECONDS - NEARLY_OVER + 1, fail="out of memory")
    interaction = await asker.ask(small, age=NEARLY_OVER)
    message = await asker.until_failed_with(InferenceFailed, interaction)
    assert "/channels/" in edits(house, message)[-1]["path"]
    assert labels(message) == ["Retry", "Adjust", "Delete"]


# Replies that only the token reaches ----------------------------------------------------------------------


async def test_a_private_reply_says_in_time_how_the_picture_will_come_and_so_it_comes(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    house.script(inference_seconds=TOKEN_SECONDS - NEARLY_OVER + 1)
    interaction = await asker.ask(small, "a private harbour", age=NEARLY_OVER, private=True)
    parted = await asker.until_reply(interaction, "I will send you the picture")
    assert parted["ephemeral"]
    assert "direct message" in text(parted)
    assert "/jobs history" in text(parted)
    message = await until_direct(asker, "a private harbour", "Done")
    await _one_picture(asker, message)
    assert len(await direct(asker, "a private harbour")) == 1
    await all_over(house)
    reply = await asker.reply(interaction)
    assert reply is not None
    assert text(reply) == text(parted)  # nothing could change it any more
    history = await command(asker, "jobs history")
    assert "a private harbour" in text(history)
    assert "sent to you directly" in text(history)
    assert len(history["attachment_files"]) >= 1


async def test_a_private_reply_whose_picture_is_early_enough_shows_it(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    interaction = await _running(house, asker, small, "a private garden", private=True)
    house.release()
    message = await asker.until_done(interaction)
    assert message["ephemeral"]
    await the_picture(asker, interaction)
    assert await direct(asker, "a private garden") == []


async def test_where_no_direct_message_may_be_sent_the_picture_is_kept_for_its_asker(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    house.discord_settings(dms_closed=[asker.user])
    interaction = await _running(house, asker, small, "a private cellar", private=True)
    house.fault("token_expired")
    house.release()
    over = await until_over(house, interaction)
    assert over["shown"] == "kept"
    shown = await command(asker, "jobs show", job=over["id"])
    assert "kept here alone" in text(shown)
    await _one_picture(asker, shown)
    async with Asker(house.discord, role="moderator") as moderator:  # it was private
        told = await command(moderator, "jobs show", job=over["id"])
        assert "cellar" not in text(told)
        assert told["attachment_files"] == []


# Places that are gone -------------------------------------------------------------------------------------


async def test_a_picture_whose_reply_was_deleted_comes_directly(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    interaction = await _running(house, asker, small, "a deleted lake")
    reply = await asker.reply(interaction)
    assert reply is not None
    await asker.person.remove(message=reply["id"])
    house.release()
    message = await until_direct(asker, "a deleted lake", "Done")
    await _one_picture(asker, message)
    assert f"<#{asker.channel}>" in text(message)  # where it was asked for
    assert calls_nobody(message)


async def test_a_picture_whose_channel_was_deleted_comes_directly_and_lies_in_the_history(
    house: House, small: bytes, calm_bot: None
) -> None:
    async with (
        Asker(house.discord, kind="age_restricted") as asker,
        Asker(house.discord) as elsewhere,
    ):
        interaction = await _running(house, asker, small, "a vanished island")
        await asker.person.remove(channel="age_restricted")
        try:
            house.release()
            message = await until_direct(elsewhere, "a vanished island", "Done")
            await _one_picture(elsewhere, message)
            await until_over(house, interaction)
            history = await command(elsewhere, "jobs history")
            assert "a vanished island" in text(history)
        finally:
            await asker.person.restore("age_restricted")


async def test_a_picture_whose_channel_the_bot_may_no_longer_see_comes_directly(
    house: House, small: bytes, calm_bot: None
) -> None:
    async with Asker(house.discord) as asker:
        interaction = await _running(house, asker, small, "a locked tower", age=TOKEN_SECONDS - 2)
        house.discord_settings(app_permissions={"art": 0})
        house.fault("token_expired")
        house.release()
        message = await until_direct(asker, "a locked tower", "Done")
        await _one_picture(asker, message)
        assert (await until_over(house, interaction))["shown"] == "direct"


async def test_a_picture_that_has_no_place_at_all_is_kept(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    house.discord_settings(dms_closed=[asker.user])
    interaction = await _running(house, asker, small, "a lost valley")
    reply = await asker.reply(interaction)
    assert reply is not None
    await asker.person.remove(message=reply["id"])
    house.release()
    over = await until_over(house, interaction)
    assert over["shown"] == "kept"
    await _one_picture(asker, await command(asker, "jobs show", job=over["id"]))


# Discord's limits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "scaled"), [(0.5, False), (0.02, True)])
async def test_a_picture_over_the_size_limit_is_made_smaller_before_it_is_sent_and_that_is_said(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None, part: float, scaled: bool
) -> None:
    blurred = io.BytesIO()
    opened(astronaut).convert("RGB").save(blurred, "JPEG", quality=2)  # a small file of many pixels
    house.script(engine="preview")
    whole = await asker.until_done(await asker.ask(blurred.getvalue(), "a detailed forest"))
    [picture] = await asker.pictures(whole)
    limit = round(len(picture) * part)
    upload = await asker.upload(blurred.getvalue())
    house.discord_settings(attachment_size_limit=limit)
    fitted = await asker.until_done(await asker.ask(upload, "a detailed forest"))
    [smaller] = await asker.pictures(fitted)
    assert len(smaller) <= limit
    assert [each["files"][0]["size"] <= limit for each in edits(house, fitted) if each["files"]] == [True]
    assert "limit" in line(fitted, "size")
    assert (opened(smaller).size < opened(picture).size) is scaled


async def test_automod_hides_the_prompt_in_whatever_follows_too(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    house.script(fail="out of memory")
    house.fault("automod", keyword="unspeakable", times=-1)
    failed = await asker.until_failed(await asker.ask(small, "an unspeakable place"))
    await all_over(house)
    assert "unspeakable" not in everything(failed)
    house.script(fail=None)
    await asker.click(failed, "Retry")
    done = await asker.until(_done(failed))
    assert "unspeakable" not in everything(done)
    [picture] = await asker.pictures(done)
    assert b"unspeakable" not in picture


# Retry ----------------------------------------------------------------------------------------------------


def _done(card: Message):  # type: ignore[no-untyped-def]
    """Finds this message once it shows a finished picture."""
    return lambda messages: next((m for m in messages if m["id"] == card["id"] and "Done" in text(m)), None)


async def _failed(house: House, asker: Asker, picture: bytes, prompt: str) -> Message:
    house.script(fail="out of memory")
    failed = await asker.until_failed(await asker.ask(picture, prompt))
    await all_over(house)
    house.script(fail=None)
    return failed


async def test_retry_asks_for_the_same_again_in_the_same_message(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    failed = await _failed(house, asker, small, "a second chance")
    press = await asker.click(failed, "Retry")
    done = await asker.until(_done(failed))
    await _one_picture(asker, done)
    first, second = (each["body"] for each in house.accepted("a second chance"))
    assert {**first, "image": None} == {**second, "image": None}
    assert house.input_of({"body": first}) == house.input_of({"body": second})
    assert line(done, "-# strength") == line(failed, "-# strength")
    assert "Retry" not in labels(done)
    assert [each["id"] for each in await asker.new_messages()] == [failed["id"]]
    assert (await until_over(house, press))["retry_of"]


async def test_of_two_presses_of_retry_one_wins_and_the_other_is_told(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    failed = await _failed(house, asker, small, "pressed twice")
    presses = await asyncio.gather(*(asker.click(failed, "Retry") for _ in range(2)))
    await asker.until(_done(failed))
    await all_over(house)
    assert len(house.accepted("pressed twice")) == 2
    [loser] = [each for each in presses if not job(house, each)]
    told = await answered(asker, loser)
    assert text(told) == "This picture is being tried again already."


async def test_somebody_else_cannot_retry_and_is_told_so_privately(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    failed = await _failed(house, asker, small, "not yours")
    async with Asker(house.discord, role="member2") as other, Asker(house.discord, role="moderator") as staff:
        for somebody in (other, staff):
            told = await click(somebody, failed, "Retry")
            assert text(told) == "Only the person who asked for this picture can retry it."
    assert len(house.accepted("not yours")) == 1


# With a bot of its own ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_with(tmp_path_factory.mktemp("outlives"), SUBMIT_RECONCILE_SECONDS="1") as house:
        yield house


@pytest.fixture
async def member(own: House) -> AsyncIterator[Asker]:
    own.reset()
    async with Asker(own.discord) as person:
        yield person
    own.reset()


async def test_a_job_whose_fate_is_unknown_says_so_and_can_be_retried(
    own: House, member: Asker, small: bytes
) -> None:
    own.api_fault("submit", drop="before")
    interaction = await member.ask(small, "never arrived")
    checking = await member.until_reply(interaction, "Checking")
    assert labels(checking) == ["Cancel"]
    failed = await member.until_failed(interaction)
    assert SubmitUnknown.sentence in text(failed)
    assert labels(failed) == ["Retry (may be charged twice)", "Adjust", "Delete"]
    await all_over(own)
    assert prompts_sent(own).count("never arrived") == 0
    await member.click(failed, "retry:")
    await _one_picture(member, await member.until(_done(failed)))
    assert prompts_sent(own).count("never arrived") == 1


async def test_after_a_restart_retry_works_and_the_attachment_need_not_be_there(
    own: House, member: Asker, small: bytes
) -> None:
    failed = await _failed(own, member, small, "after a restart")
    await asyncio.to_thread(restart, own, SUBMIT_RECONCILE_SECONDS="1")
    own.fault("attachment_gone")
    await member.click(failed, "Retry")
    await _one_picture(member, await member.until(_done(failed)))


async def test_a_restart_while_the_token_dies_costs_no_picture(
    own: House, member: Asker, small: bytes
) -> None:
    public = await _running(own, member, small, "over night", age=TOKEN_SECONDS - 5)
    private = await member.ask(small, "in secret", age=TOKEN_SECONDS - 4, private=True)
    await member.until_reply(private, "I will send you the picture")
    await until_job(own, private, "running")
    await asyncio.to_thread(restart, own, kill=True, SUBMIT_RECONCILE_SECONDS="1")
    own.fault("token_expired")
    own.release()
    await member.until_done(public)
    await the_picture(member, public)
    await _one_picture(member, await until_direct(member, "in secret", "Done"))
    await all_over(own)
    assert len(await direct(member, "in secret")) == 1
    assert sent(own, "POST", "/channels/")[-1]["json"]["enforce_nonce"] is True
