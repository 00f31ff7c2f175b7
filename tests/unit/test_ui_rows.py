"""Which buttons stand where."""

from __future__ import annotations

from typing import Any

import pytest

from repaint.models import JobState
from repaint.ui.languages import IN_ENGLISH
from repaint.ui.rows import of_shown, rows
from tests.unit.jobs import ORIGIN, make_job, make_picture

ALL = ["again", "softer", "stronger", "adjust", "continue", "compare", "seed", "share", "delete"]
OVER: dict[str, Any] = {"ended_at": 2000.0, "outputs": (make_picture(),)}


def _verbs(
    *, viewer: int = ORIGIN.user_id, shareable: bool = True, is_kept: bool = True, **changes: Any
) -> list[str]:
    job = make_job(id="00000000aa", **changes)
    found = of_shown(job, IN_ENGLISH, viewer=viewer, shareable=shareable, is_kept=is_kept)
    return [button.custom_id.partition(":")[0] for row in found for button in row]


def test_the_asker_can_do_all_with_what_is_shown_again() -> None:
    assert _verbs(state=JobState.DONE, **OVER) == ALL
    assert "share" not in _verbs(state=JobState.DONE, shareable=False, **OVER)


def test_what_is_no_longer_kept_can_only_be_made_anew() -> None:
    assert _verbs(state=JobState.DONE, is_kept=False, **OVER) == ["seed", "delete"]


def test_a_moderator_can_delete_it() -> None:
    assert _verbs(viewer=99, state=JobState.DONE, **OVER) == ["delete"]


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN])
def test_what_has_no_picture_can_be_deleted(state: JobState) -> None:
    assert _verbs(state=state, ended_at=2000.0) == ["delete"]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": JobState.RUNNING},
        {"state": JobState.DONE, **OVER, "ended_at": None},
        {"state": JobState.CANCELLED, "ended_at": 1.0, "deleted_by": 5},
        {"state": JobState.FAILED, "ended_at": 1.0, "retried_as": "aaaaaaaaaa"},
    ],
)
def test_what_is_not_over_or_is_gone_has_none(changes: dict[str, Any]) -> None:
    assert _verbs(**changes) == []


def test_rows_hold_five_at_most() -> None:
    job = make_job(id="00000000aa", state=JobState.DONE, **OVER)
    made = rows(of_shown(job, IN_ENGLISH, viewer=22, shareable=True, is_kept=True))
    assert [len(row.children) for row in made] == [5, 4]
