"""Styles and drafts that are kept. On both databases."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from repaint.errors import RequestError
from repaint.store.database import Database
from repaint.store.drafts import Drafts
from repaint.store.jobs import JobStore
from repaint.store.styles import AT_MOST, Scope, Styles
from repaint.styles import Style
from tests.store.stores import some_job

FULL = Style("Mine", "{prompt} in mine", "no", 0.3, 30, 6.5, "euler", "karras")


async def test_a_style_comes_back_as_it_was_kept(database: Database) -> None:
    styles = Styles(database)
    for style in (FULL, Style("bare")):
        await styles.save(Scope.MEMBER, 1, style)
    assert await styles.of(Scope.MEMBER, 1) == [Style("bare"), FULL]
    assert await styles.of(Scope.GUILD, 1) == await styles.of(Scope.MEMBER, 2) == []


async def test_names_are_the_same_in_upper_and_lower_case(database: Database) -> None:
    styles = Styles(database)
    await styles.save(Scope.MEMBER, 1, Style("Große  Kunst", "old"))
    await styles.save(Scope.MEMBER, 1, Style("GROSSE kunst", "new"))
    assert await styles.of(Scope.MEMBER, 1) == [Style("GROSSE kunst", "new")]
    assert await styles.find(" große kunst ", user_id=1, guild_id=None) is not None
    assert await styles.delete(Scope.MEMBER, 1, "grosse KUNST")
    assert not await styles.delete(Scope.MEMBER, 1, "grosse KUNST")


async def test_ones_own_style_goes_before_the_servers(database: Database) -> None:
    styles = Styles(database)
    own, server = Style("ours", "own"), Style("ours", "server")
    await styles.save(Scope.GUILD, 7, server)
    assert await styles.find("ours", user_id=1, guild_id=7) == server
    assert await styles.find("ours", user_id=1, guild_id=None) is None
    assert await styles.find("ours", user_id=7, guild_id=8) is None, "ids of people are none of servers"
    await styles.save(Scope.MEMBER, 1, own)
    assert await styles.find("ours", user_id=1, guild_id=7) == own


async def test_there_is_a_most_and_one_may_still_be_replaced(database: Database) -> None:
    styles = Styles(database)
    for number in range(AT_MOST - 1):
        await styles.save(Scope.GUILD, 1, Style(f"s{number}"))
    results = await asyncio.gather(
        *(styles.save(Scope.GUILD, 1, Style(f"late {number}")) for number in range(5)),
        return_exceptions=True,
    )
    refused = [each for each in results if each is not None]
    assert len(refused) == 4
    assert all(isinstance(each, RequestError) and "delete" in each.sentence for each in refused)
    assert len(await styles.of(Scope.GUILD, 1)) == AT_MOST
    await styles.save(Scope.GUILD, 1, Style("S0", "another"))
    await styles.save(Scope.GUILD, 2, Style("one more"))


async def test_the_same_style_saved_twice_at_once_is_kept_once(database: Database) -> None:
    styles = Styles(database)
    await asyncio.gather(*(styles.save(Scope.MEMBER, 1, FULL) for _ in range(6)))
    assert await styles.of(Scope.MEMBER, 1) == [FULL]


async def test_a_style_that_is_wrong_is_not_kept(database: Database) -> None:
    with pytest.raises(RequestError):
        await Styles(database).save(Scope.MEMBER, 1, Style("ΐ" * 40))  # folded, 120 letters
    assert await Styles(database).of(Scope.MEMBER, 1) == []


async def test_what_a_database_cannot_hold_is_left_out_of_a_style(database: Database) -> None:
    styles = Styles(database)
    await styles.save(Scope.MEMBER, 1, Style("odd", "a\0b \ud800", "\0"))
    assert await styles.of(Scope.MEMBER, 1) == [Style("odd", "ab ?", "")]
    assert await styles.find("o\0dd", user_id=1, guild_id=None) is not None
    assert await styles.find("\ud800", user_id=1, guild_id=None) is None


async def test_a_draft_is_its_authors_alone(database: Database) -> None:
    drafts = Drafts(database)
    document = {"prompt": "a\0b \ud800", "pictures": [{"url": "https://x", "size": 5}]}
    draft_id = await drafts.keep(1, document)
    assert len(draft_id) == 10
    assert int(draft_id, 16) >= 0
    assert await drafts.get(draft_id, 1) == document
    assert await drafts.get(draft_id, 2) is None
    assert await drafts.get("0000000000", 1) is None


async def test_a_draft_is_gone_after_a_day_and_swept_with_all_else(store: JobStore) -> None:
    drafts = Drafts(store.database)
    old, new = await drafts.keep(1, {"is": "old"}), await drafts.keep(1, {"is": "new"})
    age = sa.text("UPDATE drafts SET created_at = created_at - 90000 WHERE id = :id")
    await store.database.write(lambda c: c.execute(age, {"id": old}))
    await store.add(some_job())
    assert await drafts.get(old, 1) is None
    await store.sweep(0.0, 0.0)
    left = await store.database.read(lambda c: c.scalars(sa.text("SELECT id FROM drafts")).all())
    assert left == [new]
