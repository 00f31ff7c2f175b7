"""A job comes back from the database as it went in."""

import dataclasses
import string
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repaint.models import Job, JobState, Origin, Picture
from repaint.store.database import Database
from repaint.store.jobs import JobStore
from repaint.store.rows import Rows
from repaint.store.seal import Seal
from repaint.store.tables import jobs
from tests.store.stores import numbers, open_store, some_job

FOLDER = Path("/data/jobs")
SNOWFLAKES = st.integers(0, 2**63 - 1)

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, SNOWFLAKES)
paths = st.text(string.ascii_lowercase + string.digits + "_-", min_size=1).map(
    lambda name: FOLDER / "job" / f"{name}.png"
)
st.register_type_strategy(Path, paths)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
st.register_type_strategy(str, texts)
origins = st.builds(Origin, token=texts)
any_job = st.builds(Job, origin=origins)


@given(any_job)
def test_every_field_makes_the_round_trip(job: Job) -> None:
    rows = Rows(Seal("bot token"), FOLDER)
    row = rows.values(job) | {"token": rows.sealed(job)}

    class FakeRow:
        _mapping = row

    assert rows.job(FakeRow()) == job  # type: ignore[arg-type]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(job=any_job)
async def test_and_through_a_real_database(database: Database, job: Job) -> None:
    number = next(numbers)
    job = dataclasses.replace(
        job,
        id=f"{number:010x}",
        request_id=job.request_id and f"request-{number}",
        origin=dataclasses.replace(job.origin, interaction_id=number),
        place=0.0 if job.place is None else job.place,
    )
    store = await open_store(database, FOLDER)
    await store.add(job)
    assert await store.get(job.id) == job


async def test_the_token_lies_sealed_and_nowhere_else(store: JobStore) -> None:
    job = some_job()
    await store.add(job)
    row = await store.database.read(lambda c: c.execute(sa.select(jobs)).one())
    assert job.origin.token not in str(row)
    assert Seal("bot token").open(row.token) == job.origin.token


async def test_a_token_sealed_with_another_secret_is_empty(store: JobStore, folder: Path) -> None:
    job = some_job()
    await store.add(job)
    other = await open_store(store.database, folder, secret="a new bot token")
    found = await other.get(job.id)
    assert found is not None
    assert found.origin.token == ""
    assert found == dataclasses.replace(job, origin=dataclasses.replace(job.origin, token=""))


def test_a_damaged_seal_cannot_be_opened() -> None:
    assert Seal("a").open("nonsense") is None
    assert Seal("a").open(Seal("b").close("text")) is None
    assert Seal("a").open(Seal("a").close("text")) == "text"


def plain_row(job: Job, **document: Any) -> Any:
    rows = Rows(Seal("x"), FOLDER)
    row = rows.values(job) | {"token": None}
    row["document"] |= document
    return type("FakeRow", (), {"_mapping": row})()


def test_what_a_later_version_wrote_is_left_alone() -> None:
    rows = Rows(Seal("x"), FOLDER)
    job = some_job()
    row = plain_row(job, something_new=[1, 2])
    row._mapping["document"]["request"]["upscale"] = 2
    row._mapping["document"]["origin"]["locale"] = "de"
    assert rows.job(row).request == job.request


def test_what_an_earlier_version_did_not_write_takes_its_default() -> None:
    rows = Rows(Seal("x"), FOLDER)
    row = plain_row(some_job())
    del row._mapping["document"]["request"]["sampler"]
    del row._mapping["document"]["origin"]["ephemeral"]
    found = rows.job(row)
    assert found.request.sampler == "dpmpp_2m"
    assert found.origin.ephemeral is False


def test_paths_are_kept_relative_to_the_folder() -> None:
    picture = Picture(FOLDER / "id" / "input.png", "image/png", 64, 64, 1000)
    job = some_job(input=picture, results=(FOLDER / "id" / "result-0.png",))
    document = Rows(Seal("x"), FOLDER).values(job)["document"]
    assert document["input"]["path"] == "id/input.png"
    moved = Rows(Seal("x"), Path("/elsewhere")).job(plain_row(job))
    assert moved.results == (Path("/elsewhere/id/result-0.png"),)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\0cat", "acat"), ("half a pair \ud800", "half a pair ?"), ("🐈 ünïcödé", "🐈 ünïcödé")],
)
async def test_what_a_database_cannot_hold_hinders_no_query(store: JobStore, text: str, kept: str) -> None:
    """PostgreSQL reads no JSON that has it, and one such job would fail every query over many."""
    job = some_job()
    request = dataclasses.replace(job.request, prompt=text, negative_prompt=text)
    await store.add(dataclasses.replace(job, request=request, input_url=text, cost=float("nan")))
    found = await store.get(job.id)
    assert found is not None
    assert found.request == dataclasses.replace(job.request, prompt=kept, negative_prompt=kept)
    assert found.input_url == kept
    assert found.cost is None  # a number that is none is not known
    assert [one.id for one in await store.mine()] == [job.id]
    await store.advance(job.id, job.state, state=JobState.DONE, api_seconds=1.0, ended_at=5.0)
    assert len(await store.durations()) == 1


@pytest.mark.parametrize("path", ["/etc/passwd", "../../.env", "id/../../.env", ".env", "id/.env"])
def test_a_row_names_no_file_but_those_of_jobs(path: str) -> None:
    rows = Rows(Seal("x"), FOLDER)
    [found] = rows.job(plain_row(some_job(), results=[path])).results
    assert found == FOLDER / "nothing"
