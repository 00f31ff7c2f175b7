"""What happens to a job that is over: deleted, shared, mentioned, searched for. On both databases."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from repaint.models import Job, JobState, Picture
from repaint.store import address, schema
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.postgres import PostgresBackend
from repaint.store.sqlite import SqliteBackend
from repaint.store.tables import jobs
from tests.store.stores import open_store, over, some_job


async def finished(store: JobStore, prompt: str = "a cat", **fields: object) -> Job:
    job = some_job()
    job = dataclasses.replace(job, request=dataclasses.replace(job.request, prompt=prompt))
    await store.add(job)
    changes = {"state": JobState.DONE, "ended_at": 1.0} | fields
    ended = await store.advance(job.id, JobState.RECEIVED, **changes)
    assert ended is not None
    return ended


async def test_deleted_pictures_are_in_no_history_and_their_prompt_is_gone(
    store: JobStore, folder: Path
) -> None:
    picture = Picture(folder / "x" / "output.png", "image/png", 64, 64, 100)
    job = await finished(store, "a secret", input=picture, outputs=(picture,), typed="a secret")
    assert await store.delete_pictures(job.id, by=5) == [job]
    assert await store.finished_of(22, limit=5) == []
    assert await store.count_finished(22) == await store.count_finished(22, search="secret") == 0
    found = await store.get(job.id)
    assert found is not None
    assert (found.deleted_by, found.input, found.outputs, found.said) == (5, None, (), "")
    query = sa.select(jobs.c.prompt, jobs.c.document).where(jobs.c.id == job.id)
    [row] = await store.database.read(lambda c: c.execute(query).all())
    assert "secret" not in str(row)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN])
async def test_what_is_over_is_deleted_once(store: JobStore, state: JobState) -> None:
    job = await over(store, state, ended_at=1.0)
    results = await asyncio.gather(*(store.delete_pictures(job.id, by=5) for _ in range(4)))
    assert sum(map(bool, results)) == 1
    found = await store.get(job.id)
    assert found is not None
    assert (found.state, found.deleted_by, found.request.prompt) == (JobState.CANCELLED, 5, "")


async def test_what_is_not_over_or_not_there_is_not_deleted(store: JobStore) -> None:
    shown = await finished(store, ended_at=None)
    for job_id in (shown.id, "0000000000"):
        assert await store.delete_pictures(job_id, by=5) == []


async def test_what_was_repeated_in_its_message_is_not_deleted(store: JobStore) -> None:
    failed = await over(store, JobState.FAILED, ended_at=1.0)
    assert await store.retry(failed.id, some_job())
    assert await store.delete_pictures(failed.id, by=5) == []


async def test_what_it_repeats_goes_with_it(store: JobStore) -> None:
    first = await over(store, JobState.FAILED, ended_at=1.0)
    again = [dataclasses.replace(some_job(), retry_of=first.id)]
    assert await store.retry(first.id, again[0])
    await store.advance(again[0].id, JobState.RECEIVED, state=JobState.FAILED, ended_at=2.0)
    again.append(dataclasses.replace(some_job(), retry_of=again[0].id))
    assert await store.retry(again[0].id, again[1])
    await store.advance(again[1].id, JobState.RECEIVED, state=JobState.DONE, ended_at=3.0)
    gone = await store.delete_pictures(again[1].id, by=5)
    assert [each.id for each in gone] == [again[1].id, again[0].id, first.id]
    for each in gone:
        found = await store.get(each.id)
        assert found is not None
        assert (found.request.prompt, found.deleted_by, found.input) == ("", 5, None)


async def test_what_was_deleted_is_not_repeated(store: JobStore) -> None:
    job = await finished(store)
    await store.delete_pictures(job.id, by=0)
    assert not await store.retry(job.id, some_job())


async def test_a_picture_is_shared_once(store: JobStore) -> None:
    job = await finished(store)
    claims = await asyncio.gather(*(store.set_shared(job.id, "claimed") for _ in range(4)))
    assert sum(claims) == 1
    assert await store.set_shared(job.id, "https://x", before="claimed")
    found = await store.get(job.id)
    assert found is not None
    assert found.shared == "https://x"
    assert not await store.set_shared(job.id, "", before="claimed")
    assert not await store.set_shared("0000000000", "claimed")
    await store.delete_pictures(job.id, by=5)
    assert not await store.set_shared(job.id, "again", before="https://x")


async def test_a_mention_is_made_once_at_most(store: JobStore) -> None:
    job = await finished(store, mention=True)
    claims = await asyncio.gather(*(store.set_mentioned(job.id) for _ in range(4)))
    assert sum(claims) == 1
    assert not await store.set_mentioned("0000000000")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("äpfel", ["Ein ÄPFELCHEN"]),
        ("ÄPFELCHEN ", ["Ein ÄPFELCHEN"]),
        ("STRASSE", ["die Straße"]),
        ("0% o", ["50% off"]),
        ("a_b", ["a_b"]),
        ("A\\B", ["a\\b"]),
        ("a/b", ["a/b"]),
        ("ねこ", ["ねこ"]),
        ("'; DROP TABLE jobs", []),
        ("nothing", []),
        ("a\0_b", ["a_b"]),
        ("\ud800", []),
        (" ", ["ねこ", "a/b", "a\\b", "aXb", "a_b", "50 off", "50% off", "die Straße", "Ein ÄPFELCHEN"]),
    ],
)
async def test_a_search_takes_every_character_for_itself(
    store: JobStore, search: str, found: list[str]
) -> None:
    for prompt in ("Ein ÄPFELCHEN", "die Straße", "50% off", "50 off", "a_b", "aXb", "a\\b", "a/b", "ねこ"):
        await finished(store, prompt)
    assert [job.said for job in await store.finished_of(22, limit=20, search=search)] == found
    assert await store.count_finished(22, search=search) == len(found)


async def test_what_is_found_comes_by_pages(store: JobStore) -> None:
    cats = [await finished(store, f"cat {number}") for number in range(5)]
    await finished(store, "a dog")
    assert await store.finished_of(22, limit=2, offset=2, search="CAT") == [cats[2], cats[1]]
    assert await store.count_finished(22, at_most=3, search="cat") == 3


async def test_a_database_of_the_first_version_is_taken_along(database_url: str, folder: Path) -> None:
    """With its jobs, which can be searched for."""
    place = address.parse(database_url)
    old = SqliteBackend(place) if isinstance(place, Path) else PostgresBackend(place)
    try:
        await old.transact(True, _make_first_version)
        job = some_job(state=JobState.DONE, ended_at=1.0)
        job = dataclasses.replace(job, request=dataclasses.replace(job.request, prompt="Ein ÄPFELCHEN"))
        store = await open_store(Database(old), folder)
        await store.add(job)
        query = sa.update(jobs).values(prompt=job.request.prompt)
        await old.transact(True, lambda c: c.execute(query))
        with pytest.raises(SQLAlchemyError):
            await old.transact(False, lambda c: c.execute(sa.text("SELECT * FROM people")))
    finally:
        await old.close()
    async with Database.open(database_url) as database:
        store = await open_store(database, folder)
        assert await store.get(job.id) == job
        assert await store.finished_of(22, limit=5, search="äpfel") == [job]
        assert await database.read(lambda c: c.scalar(sa.text("SELECT count(*) FROM people"))) == 0


def _make_first_version(c: sa.Connection) -> None:
    from alembic import command, config  # noqa: PLC0415  # as in the store: others do without

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    settings.attributes["connection"] = c
    command.upgrade(settings, "0001")
