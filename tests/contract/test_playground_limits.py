"""What Discord refuses, refused here in the same words: oversize, too often, blocked, cut off."""

from __future__ import annotations

import aiohttp
import discord
import pytest
from discord import ui

from tests.contract.holding import Kept, png
from tests.person import Person, Refused, text_of

pytest_plugins = ("tests.contract.playground_fixtures",)

MIB = 1024 * 1024


async def test_files_over_the_limit_are_refused_and_the_message_stays(person: Person, kept: Kept) -> None:
    await person.settings(attachment_size_limit=MIB)
    await person.command("member", "art", "hold")
    held = await kept.next()
    assert held.filesize_limit == MIB
    await held.response.send_message("before")
    with pytest.raises(discord.HTTPException) as refused:
        await held.edit_original_response(content="after", attachments=[png(MIB + 1)])
    assert (refused.value.status, refused.value.code) == (413, 40005)
    await person.settings(attachment_size_limit=10 * MIB)
    with pytest.raises(discord.HTTPException) as refused:
        await held.edit_original_response(attachments=[png(9 * MIB) for _ in range(3)])
    assert refused.value.code == 40005
    assert [m["content"] for m in await person.messages()] == ["before"]
    message = await held.edit_original_response(attachments=[png(MIB)])
    assert message.attachments[0].size == MIB
    too_big = await person.upload(bytes(11 * MIB), "big.bin")
    with pytest.raises(Refused):
        await person.command("member", "art", "hold", image=too_big["id"])


async def test_edits_of_one_token_are_limited_and_discord_py_waits_it_out(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.defer()
    for number in range(7):
        await held.edit_original_response(content=str(number))
    edits = [t for t in await person.traffic() if t["method"] == "PATCH"]
    assert [t["status"] for t in edits] == [200] * 7
    assert (await person.messages())[0]["content"] == "6"


async def test_a_429_carries_what_discord_py_needs_to_come_back(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.defer()
    await person.fault("rate_limit", path_regex="@original", retry_after=0.05, times=2)
    await person.fault("rate_limit", path_regex="^/channels/", retry_after=0.05)
    await held.edit_original_response(content="through")
    await kept.channel().send("this too")
    statuses = [t["status"] for t in await person.traffic() if t["direction"] == "rest"]
    assert statuses.count(429) == 3


async def test_a_repeated_nonce_makes_no_second_message(person: Person, kept: Kept) -> None:
    first = await kept.channel().send("once", nonce="job-1")
    second = await kept.channel().send("once", nonce="job-1")
    assert first.id == second.id
    await person.advance(600)
    assert (await kept.channel().send("once", nonce="job-1")).id != first.id
    assert len(await person.messages()) == 2


async def test_components_v2_rules_are_held(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay("a card"))
    await held.response.send_message(view=view)
    with pytest.raises(discord.HTTPException, match="content"):
        await held.edit_original_response(content="text")
    gallery = ui.LayoutView(timeout=None)
    gallery.add_item(ui.MediaGallery(discord.MediaGalleryItem("attachment://nothing.png")))
    with pytest.raises(discord.HTTPException, match=r"nothing\.png"):
        await held.edit_original_response(view=gallery)
    with pytest.raises(discord.HTTPException) as refused:
        await held.edit_original_response(view=None)
    assert refused.value.code == 50006
    assert [text_of(m) for m in await person.messages()] == ["a card"]


async def test_kept_pictures_stay_and_others_go_when_a_card_is_edited(person: Person, kept: Kept) -> None:
    await person.command("member", "art", "hold")
    held = await kept.next()
    await held.response.send_message("two", files=[png(100), png(200)])
    message = await held.original_response()
    small, large = sorted(message.attachments, key=lambda a: a.size)
    edited = await held.edit_original_response(attachments=[large, png(300)])
    assert [a.size for a in edited.attachments] == [200, 300]
    assert edited.attachments[0].id == large.id
    with pytest.raises(Refused):
        await person.download(small.url)


async def test_attachment_addresses_expire_and_files_can_vanish(person: Person, kept: Kept) -> None:
    picture = await person.upload(b"\x89PNG\r\n\x1a\n" + bytes(100), "a.png", "image/png")
    assert len(await person.download(picture["url"])) == 108
    with pytest.raises(Refused, match="no longer"):
        await person.download(picture["url"].replace("hm=", "hm=0"))
    posted = await person.post("member", "art", attachments=[picture["id"]])
    await person.advance(25 * 3600)
    with pytest.raises(Refused, match="no longer"):
        await person.download(posted["attachments"][0]["url"])
    fresh = (await person.messages())[0]["attachments"][0]
    assert len(await person.download(fresh["url"])) == 108
    await person.fault("attachment_gone")
    with pytest.raises(Refused, match="no longer"):
        await person.download(fresh["url"])


async def test_automod_blocks_the_bots_message_by_its_words(person: Person, kept: Kept) -> None:
    await person.fault("automod", keyword="dragon")
    with pytest.raises(discord.HTTPException) as refused:
        await kept.channel().send("a red Dragon")
    assert refused.value.code == 200000
    await kept.channel().send("a red dragon")


@pytest.mark.parametrize(("spec", "posted"), [({"drop": True}, 0), ({"drop_after": True}, 1)])
async def test_an_answer_can_be_cut_before_or_after_the_deed(
    person: Person, kept: Kept, spec: dict[str, bool], posted: int
) -> None:
    await person.fault("rest", method="POST", path_regex="/messages$", **spec)
    with pytest.raises(aiohttp.ClientError):
        await kept.channel().send("hello")
    assert len(await person.messages()) == posted


async def test_an_ordered_error_is_answered_in_discords_shape(person: Person, kept: Kept) -> None:
    await person.fault("rest", path_regex="/messages$", status=403, code=50013, message="Missing Permissions")
    with pytest.raises(discord.Forbidden) as refused:
        await kept.channel().send("hello")
    assert (refused.value.code, refused.value.text) == (50013, "Missing Permissions")
    await person.fault("rest", path_regex="/messages$", status=502, body="<html>bad gateway</html>")
    await kept.channel().send("discord.py tried again")
