"""A server's gallery: what the bot lacks there, which tags a post gets, and what it shows of a picture."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import discord
import pytest
from discord import ui

from repaint.errors import MissingPermission
from repaint.models import Credit, Job, JobState, Request, Shown
from repaint.ui.buttons import ShareButton
from repaint.ui.cards import done_card
from repaint.ui.galleries import check_own, gallery_in, missing, tags_for
from repaint.ui.languages import IN_ENGLISH, words
from repaint.ui.shared_view import card_link, shared_view, title
from repaint.ui.sharing import Claim, is_link
from tests.unit.jobs import make_job, make_picture
from tests.unit.ui_house import make_card_job

EVERYTHING = discord.Permissions(
    view_channel=True, send_messages=True, attach_files=True, read_message_history=True
)
TEXT, FORUM, CATEGORY = 0, 15, 4
REQUIRE_TAG = 1 << 4


def _guild(granted: discord.Permissions, kind: int = TEXT, **channel: Any) -> discord.Guild:
    """A server with one channel, 7, in which everybody has these permissions, the bot (11) too."""
    state = cast(Any, discord.Client(intents=discord.Intents(guilds=True)))._connection
    user = {"id": "11", "username": "repaint", "discriminator": "0", "avatar": None}
    state.user = discord.ClientUser(state=state, data=cast(Any, user))
    everyone = {"id": "44", "name": "@everyone", "permissions": str(granted.value), "position": 0}
    given = {"id": "7", "type": kind, "name": "gallery", "position": 0, "permission_overwrites": []}
    data = {
        "id": "44",
        "name": "x",
        "roles": [everyone | {"color": 0, "hoist": False, "managed": False, "mentionable": False}],
        "members": [{"user": user, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "flags": 0}],
        "channels": [given | channel],
        "owner_id": "1",
        "member_count": 1,
    }
    return discord.Guild(data=cast(Any, data), state=state)


def _without(*names: str) -> discord.Permissions:
    granted = discord.Permissions(EVERYTHING.value)
    granted.update(**dict.fromkeys(names, False))
    return granted


@pytest.mark.parametrize(
    ("kind", "lacks", "named"),
    [
        (TEXT, (), []),
        (FORUM, (), []),
        (TEXT, ("attach_files",), ["Attach Files"]),
        (TEXT, ("send_messages",), ["Send Messages", "Attach Files"]),  # files need a message
        (FORUM, ("send_messages",), ["Create Posts", "Attach Files"]),
        (FORUM, ("read_message_history",), ["Read Message History"]),
        (TEXT, ("view_channel", "attach_files"), ["View Channel"]),
    ],
)
def test_what_the_bot_lacks_is_named_as_discord_names_it(
    kind: int, lacks: tuple[str, ...], named: list[str]
) -> None:
    channel = gallery_in(_guild(_without(*lacks), kind), 7)
    assert missing(channel) == named
    if not named:
        assert check_own(channel, 7) is channel
        return
    with pytest.raises(MissingPermission) as refused:
        check_own(channel, 7)
    assert f"in <#7> to post pictures there: {', '.join(named)}." in refused.value.sentence


@pytest.mark.parametrize(("kind", "channel_id"), [(CATEGORY, 7), (TEXT, 8)])
def test_a_channel_that_is_unknown_or_of_another_kind_is_none(kind: int, channel_id: int) -> None:
    assert gallery_in(_guild(EVERYTHING, kind), channel_id) is None
    assert missing(None) == ["View Channel"]


# Tags -----------------------------------------------------------------------------------------------------


def _forum(*tags: str, moderated: tuple[str, ...] = (), may_all: bool = False, required: bool = False) -> Any:
    granted = discord.Permissions(EVERYTHING.value)
    granted.update(manage_threads=may_all)
    given = [
        {"id": str(n), "name": name, "moderated": name in moderated, "emoji_id": None, "emoji_name": None}
        for n, name in enumerate(tags, start=1)
    ]
    return gallery_in(_guild(granted, FORUM, available_tags=given, flags=REQUIRE_TAG if required else 0), 7)


@pytest.mark.parametrize(
    ("forum", "style", "names"),
    [
        (_forum("Comic", "Oil Painting"), "oil painting", ["Oil Painting"]),
        (_forum("Comic", "Anime"), "oil painting", []),
        (_forum("Comic", "Anime"), "", []),
        (_forum("Comic", "comic", "COMIC", "cOmic", "comiC", "CoMiC"), "comic", None),
        (_forum("Comic", moderated=("Comic",)), "comic", []),
        (_forum("Comic", moderated=("Comic",), may_all=True), "comic", ["Comic"]),
        (_forum("Comic", "Anime", required=True), "oil painting", ["Comic"]),
        (_forum("Comic", "Anime", moderated=("Comic",), required=True), "", ["Anime"]),
        (_forum("Comic", moderated=("Comic",), required=True), "comic", []),
        (_forum(required=True), "comic", []),
    ],
)
def test_a_post_has_the_tags_of_its_style(forum: Any, style: str, names: list[str] | None) -> None:
    tags = [tag.name for tag in tags_for(forum, style)]
    assert tags == names if names is not None else len(tags) == 5


# What is shown --------------------------------------------------------------------------------------------


def _job(**changes: Any) -> Job:
    return make_card_job(JobState.DONE, **({"shown": Shown.REPLY} | changes))


def _shown(job: Job) -> str:
    view = shared_view(job, ["attachment://a.png"], IN_ENGLISH)
    return str(view.to_components())  # type: ignore[no-untyped-call]


def test_it_says_whose_it_is_and_whose_picture_it_came_from() -> None:
    shown = _shown(_job(credit=Credit(77, "https://discord.com/channels/1/2/3"), style="comic"))
    for words_ in ("a cat", "by <@22>", "style comic", "from a picture by <@77>", "attachment://a.png"):
        assert words_ in shown


def test_a_prompt_is_inert_and_cut() -> None:
    shown = _shown(_job(request=Request(prompt="@everyone **x** " * 200, seed=1)))
    assert "@everyone" not in shown.partition("'items'")[0]
    assert len(shown) < 6000
    assert len(title(_job(request=Request(prompt="x " * 200, seed=1)), IN_ENGLISH)) <= 100


def test_a_hidden_prompt_stands_nowhere() -> None:
    job = _job(prompt_hidden=True, typed="something unspeakable")
    assert "unspeakable" not in _shown(job)
    assert title(job, IN_ENGLISH) == "A repainted picture"
    assert title(_job(request=Request(prompt="\u2800", seed=1)), words("en")) == "A repainted picture"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, Shown.DIRECT),
        ({}, Shown.KEPT),
        ({"ephemeral": True}, Shown.REPLY),
        ({"guild_id": None}, Shown.REPLY),
        ({"message_id": None}, Shown.REPLY),
    ],
)
def test_what_others_do_not_see_is_not_linked(changes: dict[str, Any], shown: Shown) -> None:
    job = _job()
    assert card_link(job) == "https://discord.com/channels/44/33/55"
    origin = dataclasses.replace(job.origin, **changes)
    assert card_link(_job(origin=origin, shown=shown)) == ""


@pytest.mark.parametrize("shareable", [True, False])
def test_a_card_has_the_button_only_where_there_is_a_gallery(shareable: bool) -> None:
    view = done_card(_job(), [("attachment://a.png", make_picture())], shareable=shareable)
    rows = [
        [button.item.label for button in row.children if isinstance(button, ShareButton)]
        for row in view.walk_children()
        if isinstance(row, ui.ActionRow)
    ]
    assert rows == [[], ["Share"] if shareable else []]
    assert all(len(row.children) <= 5 for row in view.walk_children() if isinstance(row, ui.ActionRow))


def test_a_claim_is_told_from_an_address() -> None:
    claim = Claim(10, 20)
    assert Claim.of(str(claim)) == claim
    assert not is_link(str(claim))
    for other in ("", "sharing", "https://discord.com/channels/1/2/3"):
        assert Claim.of(other) is None
    assert is_link("https://discord.com/channels/1/2/3")
    assert not is_link("https://example.com/channels/1/2/3")
    assert make_job().shared == ""
