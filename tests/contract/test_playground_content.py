"""What messages hold, and what of it the bot can read without the privileged intent."""

from __future__ import annotations

import io
import json

import discord
import pytest
from PIL import Image

from tests.bots import Bot, StartBot
from tests.contract.holding import PNG, Kept
from tests.person import JSON, Person, Refused

pytest_plugins = ("tests.contract.playground_fixtures",)

BOT = "1000000000000000001"
V2 = 1 << 15
GALLERY: list[JSON] = [
    {"type": 10, "content": "drawn by me"},
    {"type": 12, "items": [{"media": {"url": "attachment://a.png"}, "spoiler": True}]},
]


async def test_a_message_carries_stickers_whose_files_are_there(person: Person) -> None:
    names = {"sun": "png", "rolling sun": "png", "jumping sun": "gif"}
    posted = await person.post("member", "art", stickers=list(names))
    assert [(s["name"], s["format_type"]) for s in posted["sticker_items"]] == [
        ("sun", 1),
        ("rolling sun", 2),
        ("jumping sun", 4),
    ]
    frames = []
    for item in posted["sticker_items"]:
        url = f"{person.base_url}/cdn/stickers/{item['id']}.{names[item['name']]}"
        with Image.open(io.BytesIO(await person.download(url))) as image:
            assert image.size == (320, 320)
            frames.append(getattr(image, "n_frames", 1))
    assert frames == [1, 3, 3]
    drawn = (await person.post("member", "art", stickers=["drawn sun"]))["sticker_items"][0]
    assert drawn["format_type"] == 3
    url = f"{person.base_url}/cdn/stickers/{drawn['id']}"
    assert json.loads(await person.download(f"{url}.json"))["w"] == 320
    with pytest.raises(Refused):
        await person.download(f"{url}.png")
    for wrong, why in ((["moon"], "no sticker"), (["sun"] * 4, "at most")):
        with pytest.raises(Refused, match=why):
            await person.post("member", "art", stickers=wrong)


async def test_a_forward_carries_stickers_and_says_that_it_is_one(person: Person) -> None:
    first = await person.post("member", "art", stickers=["sun"])
    forward = await person.post("member2", "thread", forward=first["id"])
    assert forward["message_snapshots"][0]["message"]["sticker_items"] == first["sticker_items"]
    assert "sticker_items" not in forward
    assert discord.MessageFlags._from_value(forward["flags"]).forwarded


async def test_another_bot_posts_a_card_with_a_picture(person: Person, kept: Kept) -> None:
    picture = await person.upload(PNG, "a.png", "image/png")
    posted = await person.post_as_bot("art", attachments=[picture["id"]], components=GALLERY, flags=V2)
    assert (posted["author"]["username"], posted["author"]["bot"]) == ("inker", True)
    assert posted["attachments"] == []
    [item] = posted["components"][1]["items"]
    assert (item["spoiler"], item["media"]["attachment_id"]) == (True, picture["id"])
    assert await person.download(item["media"]["url"]) == PNG
    with pytest.raises(Refused, match="Invalid Form Body"):
        await person.post_as_bot("art", components=GALLERY, flags=V2)
    button = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Go", "custom_id": "go:1"}]}
    other = await person.post_as_bot("art", "press", components=[button])
    with pytest.raises(Refused, match="not the bot's"):
        await person.press("member", other["id"], "go:1")
    theirs = await kept.channel().fetch_message(int(posted["id"]))
    assert theirs.components == []


async def test_the_bot_reads_nothing_of_what_others_wrote_but_who_and_when(
    person: Person, start_bot: StartBot
) -> None:
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    seen: list[discord.Message] = []

    def prepare(bot: Bot) -> None:
        async def on_message(message: discord.Message) -> None:
            seen.append(message)

        bot.add_listener(on_message)

    async with start_bot(prepare, intents=intents) as bot:
        picture = await person.upload(PNG, "a.png", "image/png")
        more = {"embeds": [{"title": "t"}], "stickers": ["sun"]}
        first = await person.post("member", "art", "secret", [picture["id"]], **more)
        forward = await person.post("member", "art", forward=first["id"])
        await person.post("member", "art", f"hello <@{BOT}>")
        channel = next(c for guild in bot.guilds for c in guild.text_channels if c.name == "art")
        mine = await channel.send("my own")
        await person.post("member", "art", "in answer", reply_to=str(mine.id))
        await person.post("member", "dm", "in private")
        await bot.saw("MESSAGE_CREATE", times=6)
        read = ["", "", f"hello <@{BOT}>", "my own", "in answer"]
        assert [m.content for m in seen] == [*read, "in private"]
        fetched = [m async for m in channel.history(oldest_first=True)]
        assert [m.content for m in fetched] == read
        for empty in (seen[0], fetched[0], await channel.fetch_message(int(first["id"]))):
            assert (empty.author.name, empty.attachments, empty.embeds) == ("mika", [], [])
            assert len(empty.stickers) == 1
        hidden = await channel.fetch_message(int(forward["id"]))
        assert [(s.content, s.attachments) for s in hidden.message_snapshots] == [("", [])]
        assert (await person.messages())[0]["content"] == "secret"


async def test_a_menu_brings_the_whole_message(person: Person, start_bot: StartBot) -> None:
    def prepare(bot: Bot) -> None:
        @bot.tree.context_menu(name="Look")
        async def look(interaction: discord.Interaction, message: discord.Message) -> None:
            inner = message.message_snapshots[0]
            said = f"{inner.content} {len(inner.attachments)} {len(inner.embeds)} {len(message.stickers)}"
            await interaction.response.send_message(said)

    async with start_bot(prepare):
        picture = await person.upload(PNG, "a.png", "image/png")
        first = await person.post("member", "art", "whole", [picture["id"]], embeds=[{"title": "t"}])
        forward = await person.post("member2", "art", forward=first["id"], stickers=["sun"])
        await person.context("moderator", "art", "Look", forward["id"])
        await person.wait_message(lambda m: m["content"] == "whole 1 1 1")


async def test_the_bot_deletes_its_own_and_with_permission_those_of_others(
    person: Person, kept: Kept
) -> None:
    channel = kept.channel("showcase")
    mine = await channel.send("mine")
    theirs = channel.get_partial_message(int((await person.post("member", "showcase", "theirs"))["id"]))
    with pytest.raises(discord.Forbidden) as refused:
        await theirs.delete()
    assert refused.value.code == 50013
    await mine.delete()
    await person.settings(app_permissions={"showcase": (1 << 10) | (1 << 11) | (1 << 13)})
    await theirs.delete()
    assert await person.messages("member", "showcase") == []
    private = await person.post("member", "dm", "mine alone")
    dm = await (await kept.bot.fetch_user(int(private["author"]["id"]))).create_dm()
    with pytest.raises(discord.Forbidden) as never:
        await dm.get_partial_message(int(private["id"])).delete()
    assert never.value.code == 50003


async def test_a_repeated_nonce_makes_no_second_message(person: Person, kept: Kept) -> None:
    channel = kept.channel("showcase")
    first, again = [await channel.send("once", nonce="job-7") for _ in range(2)]
    assert first.id == again.id
    assert len(await person.messages("member", "showcase")) == 1
