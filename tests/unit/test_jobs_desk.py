"""What a card says besides the job: the position, and how long it takes."""

from __future__ import annotations

import asyncio
import dataclasses
from types import SimpleNamespace
from typing import cast

import pytest

from repaint.jobs.desk import Outlook
from repaint.jobs.durations import TYPICAL, Durations
from repaint.jobs.presenter import View
from repaint.jobs.prices import Prices
from repaint.jobs.tools import Limits, Tools
from repaint.models import JobState
from repaint.store.queue import ClaimLimits
from tests.unit.memory_store import MemoryStore
from tests.unit.runner_house import a_job


def _outlook(store: MemoryStore, *, at_once: int = 0, per_minute: int = 0, owned: bool = True) -> Outlook:
    limits = Limits(ClaimLimits(at_once, 0, 0, per_minute))
    tools = cast(Tools, SimpleNamespace(store=store, durations=Durations(), prices=Prices(), limits=limits))
    return Outlook(tools, lambda: "It is down.", lambda _: owned)


def _view(outlook: Outlook, job_id: str = "job1") -> View | None:
    return asyncio.run(outlook.view(job_id))


@pytest.fixture
def store() -> MemoryStore:
    """Three jobs wait."""
    store = MemoryStore()
    for number in (1, 2, 3):
        store.jobs[f"job{number}"] = dataclasses.replace(a_job(number), state=JobState.QUEUED)
    return store


def test_a_job_that_waits_has_a_position_and_learns_why(store: MemoryStore) -> None:
    view = _view(_outlook(store), "job3")
    assert view is not None
    assert (view.position, view.trouble, view.expected) == (3, "It is down.", TYPICAL)


@pytest.mark.parametrize(
    ("at_once", "per_minute", "seconds"),
    [(0, 0, 0.0), (2, 0, 3 * TYPICAL / 2), (0, 30, 6.0), (2, 6, 30.0)],
    ids=["no limit", "by the room", "by the plan", "by the slower one"],
)
def test_the_wait_is_what_the_limits_make_of_those_before_it(
    store: MemoryStore, at_once: int, per_minute: int, seconds: float
) -> None:
    view = _view(_outlook(store, at_once=at_once, per_minute=per_minute), "job3")
    assert view is not None
    assert view.waits == pytest.approx(seconds)


def test_a_job_that_does_not_wait_has_none_of_this(store: MemoryStore) -> None:
    store.jobs["job1"] = dataclasses.replace(store.jobs["job1"], claimed=True)
    claimed = _view(_outlook(store))
    store.jobs["job1"] = dataclasses.replace(store.jobs["job1"], state=JobState.RUNNING)
    running = _view(_outlook(store))
    for view in (claimed, running):
        assert view is not None
        assert view.position is view.waits is None


def test_a_card_is_left_alone_where_the_job_may_be_another_processs(store: MemoryStore) -> None:
    assert _view(_outlook(store, owned=False)) is None
    store.lease.is_sure = False
    assert _view(_outlook(store)) is None


def test_what_is_over_or_unknown_has_no_view(store: MemoryStore) -> None:
    store.jobs["job1"] = dataclasses.replace(store.jobs["job1"], ended_at=5.0)
    assert _view(_outlook(store)) is None
    assert _view(_outlook(store), "job9") is None
