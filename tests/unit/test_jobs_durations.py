"""The expected duration and the progress that is guessed from it."""

from hypothesis import given
from hypothesis import strategies as st

from repaint.jobs.durations import REMEMBERED, TYPICAL, Durations, progress


def test_the_vendors_average_until_something_is_known() -> None:
    assert Durations().expected() == TYPICAL


def test_the_median_of_what_was_seen() -> None:
    durations = Durations()
    for seconds in (1.0, 100.0, 3.0):
        durations.learn(seconds)
    assert durations.expected() == 3.0


def test_nonsense_is_not_learned() -> None:
    durations = Durations()
    for seconds in (0.0, -1.0, float("nan"), float("inf")):
        durations.learn(seconds)
    assert durations.expected() == TYPICAL


def test_old_ones_are_forgotten() -> None:
    durations = Durations()
    for seconds in [1.0] * REMEMBERED + [9.0] * REMEMBERED:
        durations.learn(seconds)
    assert durations.expected() == 9.0


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.01, 1e4))
def test_progress_only_grows_and_never_arrives(one: float, other: float, expected: float) -> None:
    early, late = sorted((one, other))
    assert 0 <= progress(early, expected) <= progress(late, expected) + 1e-9
    assert progress(late, expected) <= 0.95
