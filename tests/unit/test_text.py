"""A sentence is its English self, and remembers what it was made of."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.errors import PictureTooSmall
from repaint.models import JobState
from repaint.store.rows import Rows
from repaint.store.seal import Seal
from repaint.text import Text, text
from tests.unit.jobs import make_job

ALLOWED = text("a number from {low} to {high}", low=0, high=1.5)
WRONG = text("“{value}” is wrong: {allowed}.", value="{low} {} {", allowed=ALLOWED)


def test_it_is_the_english_sentence() -> None:
    assert WRONG == "“{low} {} {” is wrong: a number from 0 to 1.5."
    assert f"{WRONG}" == str(WRONG) == "“{low} {} {” is wrong: a number from 0 to 1.5."
    assert hash(WRONG) == hash(str(WRONG))
    assert str(WRONG) in {WRONG}
    assert isinstance(WRONG, str)


def test_it_remembers_template_and_values() -> None:
    assert WRONG.template == "“{value}” is wrong: {allowed}."
    assert WRONG.values == {"value": "{low} {} {", "allowed": ALLOWED}


def test_without_values_braces_mean_nothing() -> None:
    assert text("{PLACE} stays {") == "{PLACE} stays {"


def test_a_value_that_is_missing_is_noticed_where_the_sentence_is_written() -> None:
    with pytest.raises(KeyError):
        text("{one} and {two}", one=1)


@given(st.text(), st.one_of(st.text(), st.integers(), st.floats(allow_nan=False)))
def test_values_are_inserted_as_they_are(first: str, second: object) -> None:
    assert text("<{a}|{b}>", a=first, b=second) == f"<{first}|{second}>"


def pickled(value: object) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # it was made here


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_copies_remember_it_too(copied: Callable[[Text], Text]) -> None:
    other = copied(WRONG)
    assert type(other) is Text
    assert (other, other.template, other.values) == (WRONG, WRONG.template, WRONG.values)
    assert isinstance(other.values["allowed"], Text)


def test_an_error_from_a_picture_worker_keeps_it() -> None:
    error = pickled(PictureTooSmall("9 × 9", sentence=WRONG))
    assert isinstance(error.sentence, Text)
    assert error.sentence.values == WRONG.values


# In the store ---------------------------------------------------------------------------------------------


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    return Rows(Seal("a token"), tmp_path)


class Row:
    """A row as SQLAlchemy gives it."""

    def __init__(self, columns: dict[str, object]) -> None:
        self._mapping = columns


@pytest.mark.parametrize("field", ["failure", "note", "change"])
@pytest.mark.parametrize("sentence", [WRONG, ALLOWED, text("Nothing in it."), "An older one.", ""])
def test_a_job_keeps_it_in_its_row(rows: Rows, field: str, sentence: str) -> None:
    job = make_job(id="0123456789", state=JobState.FAILED, **{field: sentence})
    found = getattr(rows.job(Row(rows.values(job) | {"token": None})), field)  # type: ignore[arg-type]
    assert found == sentence
    assert getattr(found, "template", None) == getattr(sentence, "template", None)
    assert getattr(found, "values", None) == getattr(sentence, "values", None)
    assert type(found) is type(sentence)


def test_a_row_of_another_version_that_lacks_a_value_can_be_read(rows: Rows) -> None:
    columns = rows.values(make_job(id="0123456789", failure=WRONG)) | {"token": None}
    columns["document"]["failure"]["values"] = {"other": 1}
    assert rows.job(Row(columns)).failure == WRONG.template  # type: ignore[arg-type]
