"""Submits whose answer was lost, and which row of the request history each of them is. Pure.

A job's own input address is the proof. Where the input went as base64, it is all that was asked for
together, and the picture where the row still has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from repaint.models import HistoryRow, Request
from repaint.segmind import fields, wire

SLACK = 300.0  # seconds that our clock and the API's may differ


@dataclass(frozen=True, slots=True)
class Lost:
    """A job whose submit may have been accepted. Moments in seconds since the epoch.

    `image_digest` is `digest` of the base64 that was sent, None where it went as `input_url`, or where the
    picture is no longer there: then the job is known by all else, and by its time.
    """

    job_id: str
    input_url: str | None
    image_digest: str | None
    request: Request
    submitted_at: float
    unknown_at: float


def digest(image: str) -> str:
    """A name for a picture's base64, the same with and without a data URI's head, padding and line breaks."""
    content = image.partition(",")[2] if image[:5].lower() == "data:" else image
    return hashlib.sha256("".join(content.split()).rstrip("=").encode()).hexdigest()


class Guess(NamedTuple):
    """A row that may be a job's. They sort by how well they fit."""

    by_content: bool  # not by its own input address
    distance: float  # seconds between the row and the submit
    job_id: str
    request_id: str


def match(rows: Iterable[HistoryRow], jobs: Collection[Lost], held: Collection[str]) -> dict[str, str]:
    """The request_id of each job that is found. `held`: those that other jobs have.

    No request is given twice. Where several rows fit several jobs alike, the nearest in time go together.
    """
    return assign(guesses(rows, jobs), held)


def guesses(rows: Iterable[HistoryRow], jobs: Collection[Lost]) -> list[Guess]:
    """Every row that may be a job's, for each job that it may be."""
    by_url: dict[object, list[Lost]] = {}
    by_words: dict[tuple[str, int], list[Lost]] = {}
    for job in jobs:
        if job.input_url is not None:
            by_url.setdefault(job.input_url, []).append(job)
        else:
            by_words.setdefault((job.request.prompt.strip(), job.request.seed), []).append(job)
    return [guess for row in rows for guess in _guesses_of(row, by_url, by_words)]


def _guesses_of(
    row: HistoryRow, by_url: dict[object, list[Lost]], by_words: dict[tuple[str, int], list[Lost]]
) -> Iterator[Guess]:
    image = row.body.get("image")
    if isinstance(image, str):
        for job in by_url.get(image, ()):
            if has_its_words(row, job):
                yield Guess(False, _distance(row, job), job.job_id, row.request_id)
    seed = fields.integer(row.body.get("seed"))
    if seed is not None:
        for job in by_words.get((fields.text(row.body.get("prompt")), seed), ()):
            if _asks_for(row, job) and _is_near(row, job):
                yield Guess(True, _distance(row, job), job.job_id, row.request_id)


def assign(found: Iterable[Guess], held: Collection[str]) -> dict[str, str]:
    """Give each job its best row."""
    taken = set(held)
    given: dict[str, str] = {}
    for guess in sorted(found):
        if guess.job_id not in given and guess.request_id not in taken:
            given[guess.job_id] = guess.request_id
            taken.add(guess.request_id)
    return given


def _distance(row: HistoryRow, job: Lost) -> float:
    return float("inf") if row.created_at is None else abs(row.created_at - job.submitted_at)


def _is_near(row: HistoryRow, job: Lost) -> bool:
    """A row that says nothing of its time must have the very picture at least."""
    if row.created_at is None:
        return bool(row.body.get("image")) and job.image_digest is not None
    return _distance(row, job) <= SLACK


def _asks_for(row: HistoryRow, job: Lost) -> bool:
    """Whether a row's parameters are the job's. Those that are not in the row are not held against it."""
    image = row.body.get("image")
    if image and not (isinstance(image, str) and _may_be(image, job.image_digest)):
        return False
    return has_its_words(row, job)


def has_its_words(row: HistoryRow, job: Lost) -> bool:
    """Whether a row asks for what the job did, whatever the picture; what it leaves out may be anything."""
    sent = wire.parameters(job.request, "")
    names = sent.keys() & row.body.keys() - {"image", "base64"}  # how the picture goes and comes
    return all(_same(row.body[name], sent[name]) for name in names)


def _may_be(image: str, image_digest: str | None) -> bool:
    if image.startswith(wire.WEB):
        return False
    return image_digest is None or digest(image) == image_digest


def _same(there: object, sent: object) -> bool:
    """Numbers are the same however they are written: 5, 5.0, "5"."""
    if there == sent or there is None:
        return True
    if isinstance(sent, str):
        return fields.text(there) == sent.strip()
    number = fields.number(sent)
    return number is not None and fields.number(there) == number
