"""The expected duration, the learned distribution, and the progress that is guessed."""

import math
import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.jobs.durations import ENOUGH, LEAST_SPREAD, REMEMBERED, TYPICAL, Durations, progress


@dataclass(frozen=True)
class Row:
    work_seconds: float | None
    api_seconds: float | None
    work: float


def test_the_vendors_average_until_something_is_known() -> None:
    assert Durations().expected(2.0) == 2 * TYPICAL


def test_the_median_of_what_was_seen_for_each_unit_of_work() -> None:
    durations = Durations()
    for seconds, work in ((1.0, 1.0), (400.0, 4.0), (6.0, 2.0)):
        durations.learn(seconds, None, work)
    assert durations.expected(1.0) == 3.0
    assert durations.expected(2.0) == 6.0


@pytest.mark.parametrize("seconds", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_nonsense_is_not_learned(seconds: float | None) -> None:
    durations = Durations()
    for _ in range(ENOUGH):
        durations.learn(seconds, seconds, 1.0)
        durations.learn(1.0, 1.0, 0.0)
    assert durations.expected() == TYPICAL
    assert durations.fit() is None


def test_old_ones_are_forgotten() -> None:
    durations = Durations()
    for seconds in [1.0] * REMEMBERED + [9.0] * REMEMBERED:
        durations.learn(seconds, seconds, 1.0)
    fit = durations.fit()
    assert durations.expected() == 9.0
    assert fit is not None
    assert math.exp(fit.mu) == pytest.approx(9.0)
    assert fit.sigma == LEAST_SPREAD


def test_a_distribution_is_fitted_from_enough_jobs_on() -> None:
    durations = Durations()
    durations.fill([Row(None, 7.0, 1.0)] * (ENOUGH - 1))
    assert durations.fit() is None
    durations.learn(None, 14.0, 2.0)
    assert durations.fit() is not None


def test_the_fit_finds_the_distribution_again() -> None:
    dice = random.Random(1)
    durations = Durations()
    works = [dice.choice((0.5, 1.0, 4.0)) for _ in range(REMEMBERED)]
    durations.fill(Row(1.0, dice.lognormvariate(2.0, 0.6) * work, work) for work in works)
    fit = durations.fit()
    assert fit is not None
    assert fit.mu == pytest.approx(2.0, abs=0.15)
    assert fit.sigma == pytest.approx(0.6, abs=0.1)


def test_a_fit_is_kept_until_something_new_is_learned() -> None:
    durations = Durations()
    durations.fill([Row(5.0, 7.0, 1.0)] * ENOUGH)
    first = durations.fit()
    durations.learn(6.0, None, 1.0)
    assert durations.fit() is first
    durations.learn(6.0, 60.0, 1.0)
    assert durations.fit() != first


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.01, 1e4))
def test_progress_only_grows_and_never_arrives(one: float, other: float, expected: float) -> None:
    early, late = sorted((one, other))
    assert 0 <= progress(early, expected) <= progress(late, expected) + 1e-9
    assert progress(late, expected) <= 0.95
