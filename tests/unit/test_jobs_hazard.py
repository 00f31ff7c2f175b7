"""When a look is worth its while, by a distribution."""

import bisect
import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.jobs.hazard import FIRST, INTERVAL, LONGEST, SHORTEST, Lognormal, interval

MUS = st.floats(-2, 6)
SIGMAS = st.floats(0.1, 2.0)
LOOKS = st.floats(0.5, 60)
LEARNED = st.none() | st.builds(Lognormal, MUS, SIGMAS)


def _schedule(distribution: Lognormal, looks: float) -> list[float]:
    """The ages at which a job is looked at, until the distribution tells nothing more."""
    ages = [0.0]
    while (age := distribution.next_look(ages[-1], looks)) is not None:
        ages.append(age)
    return ages[1:]


@given(MUS, SIGMAS, st.floats(0.001, 100), st.floats(1.001, 10))
def test_the_looks_due_only_grow_with_age(mu: float, sigma: float, typical: float, later: float) -> None:
    distribution = Lognormal(mu, sigma)
    age = typical * math.exp(mu)
    assert 0 <= distribution.cumulative(age) <= distribution.cumulative(age * later)


@given(MUS, SIGMAS, LOOKS)
def test_each_look_is_later_than_the_one_before_and_one_look_further(
    mu: float, sigma: float, looks: float
) -> None:
    distribution = Lognormal(mu, sigma)
    ages = [0.0, *_schedule(distribution, looks)]
    for earlier, later in itertools.pairwise(ages):
        assert later > earlier
        gained = looks * (distribution.cumulative(later) - distribution.cumulative(earlier))
        assert gained == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("sigma", [0.2, 0.6, 1.0])
def test_the_density_is_the_root_of_the_hazard(sigma: float) -> None:
    distribution = Lognormal(math.log(7), sigma)
    step = 0.002
    due, k, at = 0.0, 0.0, {}
    for number in range(200_000):
        age = (number + 0.5) * step
        root = math.sqrt(distribution.hazard(age)) * step if distribution.survival(age) > 1e-12 else 0.0
        due += root
        k += root * distribution.survival(age)
        at[number + 1] = due
    for age in (3.0, 5.0, 7.0, 10.0, 12.0):
        if distribution.survival(age) > 0.002:  # the tail is left out of the table
            expected = at[round(age / step)] / k
            assert distribution.cumulative(age) == pytest.approx(expected, rel=0.02, abs=0.005)


@pytest.mark.parametrize("looks", [1.0, 3.0, 8.0, 30.0])
@pytest.mark.parametrize("sigma", [0.3, 0.6, 1.0])
def test_a_job_gets_as_many_looks_as_were_asked_for(looks: float, sigma: float) -> None:
    distribution = Lognormal(math.log(7), sigma)
    ages = _schedule(distribution, looks)
    dice = random.Random(1)
    jobs = [dice.lognormvariate(distribution.mu, sigma) for _ in range(20_000)]
    at_work = sum(bisect.bisect_left(ages, job) for job in jobs) / len(jobs)
    # A schedule that begins with a whole step has half a look less, which the last one makes up for.
    assert at_work + 0.5 == pytest.approx(looks, rel=0.05, abs=0.15)


def test_a_job_is_left_alone_while_nothing_can_be_done() -> None:
    distribution = Lognormal(math.log(7), 0.3)
    first, second, *_ = _schedule(distribution, 8)
    assert first > 3
    assert second - first < 2


def test_beyond_the_tail_nothing_is_told() -> None:
    assert Lognormal(0, 0.5).next_look(1000, 8) is None


@given(
    LEARNED,
    st.floats(0, 3600),
    st.floats(0.05, 20),
    st.floats(0.01, 2000),
)
def test_the_time_between_two_looks_is_bounded(
    learned: Lognormal | None, age: float, work: float, each: float
) -> None:
    seconds = interval(learned, age, work, each)
    assert SHORTEST <= seconds <= max(LONGEST, 3 * each)


def test_until_something_is_learned_it_is_a_second() -> None:
    assert interval(None, 0, 1, 0.25) == FIRST
    assert interval(None, 5, 1, 0.25) == INTERVAL
    assert interval(None, 5, 1, 3.0) == 3.0


def test_a_first_look_is_taken_only_where_looks_are_plenty() -> None:
    learned = Lognormal(math.log(7), 0.6)
    assert interval(learned, 0, 1, 0.5) == FIRST
    assert interval(learned, 0, 1, 1.0) > 2


def test_twice_the_work_is_looked_at_at_twice_the_ages() -> None:
    learned = Lognormal(math.log(7), 0.6)
    assert interval(learned, 6.0, 2, 2.0) == pytest.approx(2 * interval(learned, 3.0, 1, 1.0))


def test_jobs_older_than_anything_learned_leave_room_for_the_others() -> None:
    learned = Lognormal(math.log(7), 0.6)
    assert interval(learned, 600, 1, 0.25) == pytest.approx(12)
    assert interval(learned, 600, 1, 100) == pytest.approx(150)
