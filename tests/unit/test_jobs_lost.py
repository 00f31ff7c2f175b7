"""Which row of the history is which lost submit."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.jobs.lost import SLACK, Lost, digest, has_its_words, match
from repaint.models import HistoryRow, Request
from repaint.segmind.wire import parameters

NOW = 1_800_000_000.0
FOX = Request("a fox in the snow", 7)
PICTURE, OTHER = "aGVsbG8=", "d29ybGQ="
URL = "https://assets.example/a.png"


def by_url(job_id: str = "a", url: str = URL, at: float = NOW) -> Lost:
    return Lost(job_id, url, None, FOX, at, at + 60)


def as_base64(job_id: str = "a", picture: str = PICTURE, at: float = NOW, request: Request = FOX) -> Lost:
    return Lost(job_id, None, digest(picture), request, at, at + 60)


def row(request_id: str, image: str, at: float | None = NOW, request: Request = FOX) -> HistoryRow:
    return HistoryRow(request_id, "PENDING", parameters(request, image), at)


def without(found: HistoryRow, *names: str) -> HistoryRow:
    body = {name: value for name, value in found.body.items() if name not in names}
    return dataclasses.replace(found, body=body)


def saying(found: HistoryRow, **said: object) -> HistoryRow:
    return dataclasses.replace(found, body=found.body | said)


# By the input's address -----------------------------------------------------------------------------------


def test_a_job_is_the_row_with_its_input() -> None:
    rows = [row("r1", "https://assets.example/b.png"), row("r2", URL), row("r3", PICTURE)]
    assert match(rows, [by_url()], set()) == {"a": "r2"}


def test_the_address_is_enough_whatever_else_a_row_says_or_leaves_out() -> None:
    bare = HistoryRow("r1", "", {"image": URL})
    assert match([bare], [by_url()], set()) == {"a": "r1"}


def test_the_same_words_with_another_input_are_another_job() -> None:
    assert match([row("r1", "https://assets.example/b.png")], [by_url()], set()) == {}


@pytest.mark.parametrize(
    "body", [{}, {"image": None}, {"image": 7}, {"image": [URL]}, {"prompt": FOX.prompt}]
)
def test_a_row_without_its_body_yet_is_nobodys(body: dict[str, object]) -> None:
    assert match([HistoryRow("r1", "", body, NOW)], [by_url(), as_base64("b")], set()) == {}


# By what was asked for ------------------------------------------------------------------------------------


def test_an_input_in_the_request_is_known_by_all_that_was_asked_for() -> None:
    rows = [row("r1", OTHER), row("r2", PICTURE), row("r3", URL)]
    assert match(rows, [as_base64()], set()) == {"a": "r2"}


@pytest.mark.parametrize("image", [f"data:image/png;base64,{PICTURE}", "aGVs\nbG8", PICTURE.rstrip("=")])
def test_the_picture_may_be_written_otherwise(image: str) -> None:
    assert match([row("r1", image)], [as_base64()], set()) == {"a": "r1"}


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "a fox"},
        {"seed": 8},
        {"strength": 0.5},
        {"steps": 21},
        {"guidance": 5.5},
        {"samples": 2},
        {"negative_prompt": "blur"},
        {"sampler": "euler"},
        {"scheduler": "karras"},
    ],
    ids=str,
)
def test_a_row_that_asks_for_something_else_is_not_it(other: dict[str, object]) -> None:
    request = dataclasses.replace(FOX, **other)  # type: ignore[arg-type]
    assert match([row("r1", PICTURE, request=request)], [as_base64()], set()) == {}


def test_numbers_may_be_written_otherwise_and_ours_may_be_left_out() -> None:
    written = saying(row("r1", PICTURE), seed="7", guidance_scale="5", num_inference_steps=20.0, samples="1")
    left = without(row("r2", PICTURE), "sampler", "scheduler", "base64", "negative_prompt")
    assert match([written], [as_base64()], set()) == {"a": "r1"}
    assert match([left], [as_base64()], set()) == {"a": "r2"}


@pytest.mark.parametrize("name", ["prompt", "seed"])
def test_prompt_and_seed_must_be_there(name: str) -> None:
    assert match([without(row("r1", PICTURE), name)], [as_base64()], set()) == {}


def test_a_row_may_have_lost_the_picture_but_then_it_must_be_of_that_time() -> None:
    near, far, timeless = (
        without(row(name, PICTURE, at), "image")
        for name, at in [("r1", NOW + SLACK), ("r2", NOW + SLACK + 1), ("r3", None)]
    )
    assert match([near], [as_base64()], set()) == {"a": "r1"}
    assert match([far, timeless], [as_base64()], set()) == {}
    assert match([row("r4", PICTURE, None)], [as_base64()], set()) == {"a": "r4"}


def test_a_job_whose_picture_is_gone_is_known_by_all_else_and_its_time() -> None:
    job = dataclasses.replace(as_base64(), image_digest=None)
    assert match([row("r1", PICTURE)], [job], set()) == {"a": "r1"}
    others = [row("r1", PICTURE, NOW + SLACK + 1), row("r2", PICTURE, None), row("r3", URL)]
    assert match([*others, row("r4", PICTURE, request=Request("a fox", 7))], [job], set()) == {}


# Who gets what --------------------------------------------------------------------------------------------


def test_a_row_that_another_job_has_is_given_to_nobody() -> None:
    rows = [row("r1", URL), row("r2", PICTURE)]
    assert match(rows, [by_url(), as_base64("b")], {"r1", "r2"}) == {}


def test_jobs_alike_get_the_rows_that_are_nearest_in_time() -> None:
    jobs = [as_base64("a", at=NOW), as_base64("b", at=NOW + 20), as_base64("c", at=NOW + 40)]
    rows = [row("r2", PICTURE, NOW + 21), row("r3", PICTURE, NOW + 41), row("r1", PICTURE, NOW + 1)]
    assert match(rows, jobs, set()) == {"a": "r1", "b": "r2", "c": "r3"}
    assert match(rows[:2], jobs, set()) == {"b": "r2", "c": "r3"}
    assert match(rows, jobs, {"r2"}) == {"a": "r1", "c": "r3"}


def test_a_request_with_a_row_for_each_output_is_one_request() -> None:
    rows = [row("r1", PICTURE)] * 3
    assert match(rows, [as_base64("a"), as_base64("b", at=NOW + 1)], set()) == {"a": "r1"}


# Whatever comes -------------------------------------------------------------------------------------------

few = st.integers(0, 2)
requests = st.builds(lambda seed: dataclasses.replace(FOX, seed=seed), few)
moments = st.floats(NOW - 500, NOW + 500)
images = st.sampled_from([PICTURE, OTHER])
urls = few.map(lambda number: f"https://assets.example/{number}.png")
jobs = st.lists(
    st.builds(lambda url, at: by_url(url=url, at=at), urls, moments)
    | st.builds(lambda image, at, asked: as_base64("", image, at, asked), images, moments, requests),
    max_size=6,
).map(lambda found: [dataclasses.replace(job, job_id=str(number)) for number, job in enumerate(found)])
rows = st.lists(
    st.one_of(
        st.builds(
            row, st.integers(0, 9).map(str), urls | images | st.just(""), moments | st.none(), requests
        ),
        st.builds(HistoryRow, st.integers(0, 9).map(str), st.just(""), st.just({}), moments | st.none()),
    ),
    max_size=12,
)
held_ids = st.sets(st.integers(0, 9).map(str))


@given(rows, jobs, held_ids)
def test_no_row_is_given_twice_nor_one_that_another_job_has(
    rows: list[HistoryRow], jobs: list[Lost], held: set[str]
) -> None:
    given_rows = match(rows, jobs, held)
    assert len(set(given_rows.values())) == len(given_rows)
    assert not set(given_rows.values()) & held
    assert given_rows.keys() <= {job.job_id for job in jobs}
    assert set(given_rows.values()) <= {row.request_id for row in rows}


@given(rows, jobs, held_ids)
def test_an_own_address_with_its_words_always_wins(
    rows: list[HistoryRow], jobs: list[Lost], held: set[str]
) -> None:
    """Whose address is in a row that is free gets one of those, if its address is nobody else's."""
    given_rows = match(rows, jobs, held)
    for job in jobs:
        shared = [other for other in jobs if other.input_url == job.input_url]
        fitting = {
            row.request_id
            for row in rows
            if row.body.get("image") == job.input_url and has_its_words(row, job)
        }
        mixed = {row.request_id for row in rows if row.body.get("image") not in (job.input_url, None)}
        free = fitting - held - mixed  # an id that stands in rows of several inputs makes no sense
        if job.input_url is not None and len(shared) == 1 and free:
            assert given_rows[job.job_id] in fitting


@given(rows, jobs, held_ids)
def test_a_picture_is_never_given_to_a_job_with_another(
    rows: list[HistoryRow], jobs: list[Lost], held: set[str]
) -> None:
    by_id = {job.job_id: job for job in jobs}
    for job_id, request_id in match(rows, jobs, held).items():
        job = by_id[job_id]
        seen = [str(row.body.get("image", "")) for row in rows if row.request_id == request_id]
        if job.input_url is not None:
            assert job.input_url in seen
        else:
            assert any(image == "" or digest(image) == job.image_digest for image in seen)
