"""Keeping house: the lease, what a dead process left, and what is old."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from repaint.errors import DatabaseAway, LeaseLost
from repaint.jobs import keeper
from repaint.jobs.keeper import RENEW, SWEEP, Keeper
from repaint.jobs.tools import Limits, Tools
from repaint.store.queue import ClaimLimits
from tests.unit.memory_store import MemoryStore
from tests.unit.quick_time import Clock
from tests.unit.runner_house import a_job

DAY = 86_400.0


class Store(MemoryStore):
    """Hands out what it is told to sweep."""

    def __init__(self) -> None:
        super().__init__()
        self.old: list[list[str]] = []
        self.asked: list[tuple[float, float]] = []
        self.gone: list[str] = []
        self.renewals = 0
        self.lease.renew = self._renew
        self.faults: list[Exception] = []

    async def _renew(self) -> None:
        self.renewals += 1
        if self.faults:
            raise self.faults.pop(0)

    async def sweep(self, rows_before: float, pictures_before: float) -> list[str]:
        self.asked.append((rows_before, pictures_before))
        return self.old.pop(0) if self.old else []

    async def folders_gone(self, job_ids: Any) -> None:
        self.gone += job_ids


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    async def at_once(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return work(*args, **kwargs)

    clock = Clock()
    monkeypatch.setattr(keeper, "time", clock)
    monkeypatch.setattr(asyncio, "to_thread", at_once)  # the quick clock would not wait for a thread
    return clock


class Settings:
    """Counts how often it is told to look."""

    def __init__(self) -> None:
        self.looks = 0

    async def refresh(self) -> None:
        self.looks += 1


def _keeper(store: Store, folder: Path, looks: list[int], *settings: Settings) -> Keeper:
    limits = Limits(ClaimLimits(0, 0, 0, 0), keep_jobs_days=30, keep_pictures_days=7)

    async def look() -> None:
        looks.append(1)

    tools = SimpleNamespace(store=store, folder=folder, limits=limits, settings=settings)
    return Keeper(cast(Tools, tools), look)


def _run(keeper: Keeper, clock: Clock, seconds: float) -> None:
    async def work() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await keeper.run()

    clock.run(work())


def test_the_lease_is_renewed_and_orphans_are_looked_for_three_times_within_it(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    looks: list[int] = []
    _run(_keeper(store, tmp_path, looks), clock, 4.5 * RENEW)
    assert store.renewals == len(looks) == 5


def test_a_database_that_is_away_is_waited_out(store: Store, clock: Clock, tmp_path: Path) -> None:
    looks: list[int] = []
    store.faults = [DatabaseAway("restarted")]
    _run(_keeper(store, tmp_path, looks), clock, 2.5 * RENEW)
    assert (store.renewals, len(looks)) == (4, 3)  # again at once, and orphans are looked for meanwhile


def test_a_lost_lease_ends_it(store: Store, clock: Clock, tmp_path: Path) -> None:
    store.faults = [LeaseLost("taken")]
    with pytest.raises(ExceptionGroup) as caught:
        _run(_keeper(store, tmp_path, []), clock, 60)
    assert isinstance(caught.value.exceptions[0], LeaseLost)


def test_what_is_old_goes_and_what_no_row_knows_and_nothing_else(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    young = "0000000005"  # perhaps of a database that is set again tomorrow
    for name in ("0000000001", "0000000002", "0000000003", "0000000004", young, "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "input.png").write_bytes(b"x")
        moment = clock.now if name == young else clock.now - 8 * DAY
        os.utime(tmp_path / name, (moment, moment))
    store.old = [["0000000001"], ["0000000002"]]
    for number in (1, 2, 3):
        job_id = f"000000000{number}"
        store.jobs[job_id] = dataclasses.replace(a_job(number), id=job_id)
    asyncio.run(_keeper(store, tmp_path, []).sweep())
    assert {each.name for each in tmp_path.iterdir()} == {"0000000003", young, "notes"}
    assert store.gone == ["0000000001", "0000000002"]
    assert store.asked[0] == (clock.now - 30 * DAY, clock.now - 7 * DAY)


def test_it_sweeps_at_the_start_and_then_hourly(store: Store, clock: Clock, tmp_path: Path) -> None:
    _run(_keeper(store, tmp_path, []), clock, 2.5 * SWEEP)
    assert len(store.asked) == 3


@pytest.mark.parametrize(("is_shared", "looks"), [(True, 3), (False, 0)])
def test_settings_are_read_again_where_others_may_change_them(
    store: Store, clock: Clock, tmp_path: Path, is_shared: bool, looks: int
) -> None:
    several = Settings(), Settings()
    store.inline.is_shared = is_shared
    _run(_keeper(store, tmp_path, [], *several), clock, 2.5 * RENEW)
    assert [each.looks for each in several] == [looks, looks]
