"""What people and servers set is known without waiting, in every process. On both databases."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from repaint.errors import DatabaseAway
from repaint.models import GuildSettings, Preferences
from repaint.store.database import Database
from repaint.store.settings import Guilds, People

LIKED = Preferences(strength=0.4, style="anime", private=True, language="de", mention=True)


async def test_nothing_is_set_at_first(database: Database) -> None:
    people, guilds = await People.open(database), await Guilds.open(database)
    assert people.preferences(1) == Preferences()
    assert not people.has_opted_out(1)
    assert guilds.settings(1) == GuildSettings()


async def test_what_is_set_is_known_at_once_and_after_a_restart(database: Database) -> None:
    people, guilds = await People.open(database), await Guilds.open(database)
    await people.change_preferences(1, lambda _: LIKED)
    await people.set_opted_out(2, True)
    await guilds.set_settings(3, GuildSettings(gallery_id=2**62))
    for _ in range(2):
        assert people.preferences(1) == LIKED
        assert [people.has_opted_out(each) for each in (1, 2)] == [False, True]
        assert guilds.settings(3) == GuildSettings(gallery_id=2**62)
        people, guilds = await People.open(database), await Guilds.open(database)


async def test_one_setting_leaves_the_other_as_it_is(database: Database) -> None:
    people = await People.open(database)
    await people.set_opted_out(1, True)
    await people.change_preferences(1, lambda _: LIKED)
    assert people.has_opted_out(1)
    await people.set_opted_out(1, False)
    assert people.preferences(1) == LIKED


async def test_what_two_processes_change_at_once_is_all_kept(database: Database) -> None:
    one, other = await People.open(database), await People.open(database)
    await one.change_preferences(1, lambda before: dataclasses.replace(before, style="anime"))
    after = await other.change_preferences(1, lambda before: dataclasses.replace(before, strength=0.4))
    assert after == Preferences(style="anime", strength=0.4), "though the other one had not heard of it"


async def test_what_others_set_is_known_after_a_refresh(database: Database) -> None:
    one, other = await People.open(database), await People.open(database)
    await one.set_opted_out(1, True)
    assert not other.has_opted_out(1)
    await other.refresh()
    assert other.has_opted_out(1)
    await one.change_preferences(1, lambda _: LIKED)
    await one.set_opted_out(1, False)
    await one.change_preferences(1, lambda _: Preferences())
    await other.refresh()
    assert not other.has_opted_out(1)
    assert other.preferences(1) == Preferences(), "back at the defaults is seen, too"


async def test_a_server_that_is_left_is_forgotten_everywhere(database: Database) -> None:
    one, other = await Guilds.open(database), await Guilds.open(database)
    await one.set_settings(1, GuildSettings(gallery_id=5))
    await other.refresh()
    await one.forget(1)
    await one.forget(2)
    await other.refresh()
    assert one.settings(1) == other.settings(1) == GuildSettings()


async def test_fields_of_another_version_are_left_alone(database: Database) -> None:
    people = await People.open(database)
    await people.change_preferences(1, lambda _: LIKED)
    document = '{"strength": 0.9, "colour": "red"}'
    await database.write(
        lambda c: (
            c.execute(sa.text("UPDATE people SET document = :it"), {"it": document})
            if not database.is_shared
            else c.execute(sa.text("UPDATE people SET document = CAST(:it AS json)"), {"it": document})
        )
    )
    assert (await People.open(database)).preferences(1) == Preferences(strength=0.9)


async def test_a_change_that_is_not_committed_is_not_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise DatabaseAway("in this test")

    people = await People.open(database)
    monkeypatch.setattr(database, "write", away)
    with pytest.raises(DatabaseAway):
        await people.set_opted_out(1, True)
    assert not people.has_opted_out(1)


async def test_a_change_that_is_committed_is_known_although_nobody_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await People.open(database)
    committed, go_on, known = asyncio.Event(), asyncio.Event(), asyncio.Event()
    write, take = database.write, people._kept._take

    async def slow(*args: Any) -> Any:
        row = await write(*args)
        committed.set()
        await go_on.wait()
        return row

    def taken(row: sa.Row[Any]) -> None:
        take(row)
        known.set()

    monkeypatch.setattr(database, "write", slow)
    monkeypatch.setattr(people._kept, "_take", taken)
    setting = asyncio.create_task(people.set_opted_out(1, True))
    await committed.wait()
    setting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await setting
    go_on.set()
    await known.wait()
    assert people.has_opted_out(1)


async def test_a_slow_refresh_does_not_undo_a_later_change(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await People.open(database)
    await people.set_opted_out(1, False)
    has_read, go_on = asyncio.Event(), asyncio.Event()
    read = database.read

    async def slow(query: Callable[..., Any], *args: Any) -> Any:
        rows = await read(query, *args)
        has_read.set()
        await go_on.wait()
        return rows

    monkeypatch.setattr(database, "read", slow)
    refreshing = asyncio.create_task(people.refresh())
    await has_read.wait()
    await people.set_opted_out(1, True)
    go_on.set()
    await refreshing
    assert people.has_opted_out(1)


async def test_a_clock_that_is_set_back_hides_no_change(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await People.open(database)
    await people.set_opted_out(1, False)
    monkeypatch.setattr("repaint.store.dialects.now", lambda _: 5.0)
    await people.set_opted_out(1, True)
    await people.refresh()
    assert people.has_opted_out(1)


async def test_several_processes_may_set_the_first_thing_at_once(postgres_url: str) -> None:
    async with Database.open(postgres_url) as database:
        several = [await People.open(database) for _ in range(6)]
        await asyncio.gather(*(each.set_opted_out(1, True) for each in several))
        assert all(each.has_opted_out(1) for each in several)
