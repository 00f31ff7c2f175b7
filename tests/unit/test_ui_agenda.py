"""Which card is looked at next, what it costs to remember, and how many a second."""

import gc
import itertools
import math
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.ui.agenda import Agenda, Budget, Ticket, fingerprint, same_stage


def _taken(agenda: Agenda) -> list[str]:
    taken = []
    while (ticket := agenda.first()) is not None:
        agenda.take()
        taken.append(ticket.job_id)
    return taken


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 100)), max_size=400))
def test_the_last_word_on_each_job_counts_and_they_come_by_their_moments(puts: list[tuple[str, int]]) -> None:
    agenda = Agenda()
    last: dict[str, int] = {}
    for job_id, due in puts:
        agenda.put(Ticket(due, job_id))
        last[job_id] = due
    assert _taken(agenda) == sorted(last, key=lambda job_id: (last[job_id], job_id))


def test_a_job_that_is_dropped_or_not_due_by_itself_never_comes() -> None:
    agenda = Agenda()
    agenda.put(Ticket(1.0, "dropped"))
    agenda.put(Ticket(2.0, "parked"))
    agenda.drop("dropped")
    agenda.put(Ticket(math.inf, "parked"))
    assert agenda.first() is None
    assert agenda.get("parked") == Ticket(math.inf, "parked")


def test_cards_by_the_bots_token_are_counted() -> None:
    agenda = Agenda()
    agenda.put(Ticket(1.0, "a", by_bot=True))
    agenda.put(Ticket(2.0, "a", by_bot=True))
    agenda.put(Ticket(2.0, "b", by_bot=True))
    agenda.drop("b")
    assert agenda.by_bot == 1
    agenda.put(Ticket(3.0, "a"))
    assert agenda.by_bot == 0


def test_a_job_takes_at_most_300_bytes_however_often_it_is_put() -> None:
    count = 5000
    gc.collect()
    tracemalloc.start()
    try:
        agenda = Agenda()
        for round_, number in itertools.product(range(4), range(count)):
            agenda.put(
                Ticket(
                    1e6 + number + round_,
                    f"{number:010x}" if not round_ else agenda.get(f"{number:010x}").job_id,  # type: ignore[union-attr]
                    edited=5e5 + number,
                    shown=fingerprint(round_, number),
                )
            )
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(agenda) == count
    assert used / count <= 300


def test_a_fingerprint_tells_a_change_of_stage_from_a_bar_that_moved() -> None:
    one = fingerprint(("running",), "▰▱")
    moved = fingerprint(("running",), "▰▰")
    other = fingerprint(("done",), "▰▰")
    assert one != moved
    assert same_stage(one, moved)
    assert not same_stage(moved, other)


@pytest.mark.parametrize("step", [0.0, 0.01, 0.3])
def test_no_second_holds_more_than_the_budget(step: float) -> None:
    budget, now, spent = Budget(20), 100.0, []
    for _ in range(100):
        now += step
        now += budget.wait(now)
        budget.spend(now)
        spent.append(now)
    for first, over in zip(spent, spent[20:], strict=False):
        assert over - first >= 1.0 - 1e-9
    if step == 0.3:  # who asks seldom never waits
        assert spent[-1] == pytest.approx(100.0 + 100 * 0.3)
