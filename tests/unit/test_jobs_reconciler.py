"""The search for lost submits: when it reads the history, how far back, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Collection

import pytest

from repaint.errors import BadAnswer, GatewayFault, NoAnswer, RateLimited, ServiceError, StorageError
from repaint.jobs import reconciler
from repaint.jobs.lost import SLACK, Lost
from repaint.jobs.poller import LIFETIME
from repaint.jobs.reconciler import ENOUGH, PAGES, Reconciler
from repaint.models import HistoryRow, Request
from tests.unit.quick_time import Clock

WINDOW = 180.0
FOX = Request("a fox", 7)


def url(job_id: str) -> str:
    return f"https://assets.example/{job_id}.png"


class House:
    """A reconciler at work by a quick clock, the history that it reads, and what it told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, window: float = WINDOW) -> None:
        self.clock = Clock()
        self.epoch = 0.0  # what the clock's zero is in seconds since the epoch
        monkeypatch.setattr(reconciler, "time", self)
        self.began = self.clock.now
        self.rows: list[HistoryRow] = []  # newest first
        self.fails: Callable[[int], Exception | None] = lambda _: None  # by the page that is asked for
        self.pages: list[tuple[float, int, int]] = []  # when, which, of how many rows
        self.days: set[dt.date | None] = set()
        self.held_ids: set[str] = set()
        self.refuses: Callable[[str], Exception | None] = lambda _: None
        self.told: list[tuple[float, str, str | None]] = []
        self.reconciler = Reconciler(
            self, window=window, held=self.held, found=self.found, given_up=self.given_up
        )

    def time(self) -> float:
        return self.epoch + self.clock.now

    @property
    def age(self) -> float:
        return round(self.clock.now - self.began, 3)

    @property
    def reads(self) -> list[float]:
        """When reads of the history began."""
        return [at for at, page, _ in self.pages if page == 1]

    async def history(
        self, page: int = 1, per_page: int = 20, from_date: dt.date | None = None
    ) -> list[HistoryRow]:
        self.pages.append((self.age, page, per_page))
        self.days.add(from_date)
        await asyncio.sleep(0)
        if error := self.fails(page):
            raise error
        return self.rows[(page - 1) * per_page : page * per_page]

    async def held(self, ids: Collection[str]) -> set[str]:
        if error := self.refuses("held"):
            raise error
        return self.held_ids & set(ids)

    async def found(self, job_id: str, request_id: str) -> None:
        if error := self.refuses(job_id):
            raise error
        self.told.append((self.age, job_id, request_id))

    async def given_up(self, job_id: str) -> None:
        if error := self.refuses(job_id):
            raise error
        self.told.append((self.age, job_id, None))

    def lose(self, job_id: str, *, submitted: float = 0.0, unknown: float = 0.0) -> None:
        """A submit is lost; when it was made and its answer missed, in seconds since the beginning."""
        began = self.epoch + self.began
        lost = Lost(job_id, url(job_id), None, FOX, began + submitted, began + unknown)
        self.reconciler.look_for(lost)

    def row(self, name: str, at: float = 0.0) -> HistoryRow:
        return HistoryRow(f"request-{name}", "PENDING", {"image": url(name)}, self.began + at)

    def run(self, seconds: float, *acts: tuple[float, Callable[[], None]]) -> None:
        async def work() -> None:
            loop = asyncio.get_running_loop()
            for at, act in acts:
                loop.call_later(at, act)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.reconciler.run()

        self.clock.run(work())


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return House(monkeypatch)


def fails_until(house: House, moment: float, error: ServiceError) -> Callable[[int], Exception | None]:
    return lambda _: error if house.age < moment else None


# When it looks --------------------------------------------------------------------------------------------


def test_nothing_is_read_while_nothing_is_lost(house: House) -> None:
    house.run(10_000)
    assert house.pages == []


def test_a_lost_submit_is_looked_for_ever_more_seldom_to_the_end_of_the_window(house: House) -> None:
    house.run(1000, (0, lambda: house.lose("a")))
    assert house.reads == [2, 7, 17, 37, 67, 97, 127, 157, 180]
    assert house.told == [(180, "a", None)]


def test_a_submit_that_is_found_is_told_and_looked_for_no_more(house: House) -> None:
    house.rows = [house.row("x"), house.row("a")]
    house.run(1000, (0, lambda: house.lose("a")))
    assert house.told == [(2, "a", "request-a")]
    assert house.reads == [2]


def test_a_row_that_comes_late_is_found(house: House) -> None:
    house.run(1000, (0, lambda: house.lose("a")), (150, lambda: house.rows.append(house.row("a"))))
    assert house.told == [(157, "a", "request-a")]


def test_a_row_whose_body_comes_late_is_found(house: House) -> None:
    house.rows = [HistoryRow("request-a", "PENDING", {}, house.began)]
    house.run(1000, (0, lambda: house.lose("a")), (170, lambda: house.rows.__setitem__(0, house.row("a"))))
    assert house.told == [(180, "a", "request-a")]


def test_one_read_serves_all(house: House) -> None:
    names = [f"job{number}" for number in range(50)]
    house.rows = [house.row(name) for name in names[::2]]
    house.run(
        1000, *((0.01 * number, lambda name=name: house.lose(name)) for number, name in enumerate(names))
    )
    assert {job_id for _, job_id, found in house.told if found} == set(names[::2])
    assert {job_id for _, job_id, found in house.told if not found} == set(names[1::2])
    assert len(house.reads) < 20


def test_many_losses_do_not_make_many_reads(house: House) -> None:
    house.run(60, *((0.1 * number, lambda n=number: house.lose(f"job{n}")) for number in range(500)))
    assert len(house.reads) <= 31


def test_a_short_window_still_has_enough_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(monkeypatch, window=2.0)
    house.run(1000, (0, lambda: house.lose("a")))
    assert house.told == [(2.0, "a", None)]
    assert len(house.reads) == 4


def test_a_window_that_passed_while_the_bot_was_away_is_not_the_end(house: House) -> None:
    house.run(1000, (0, lambda: house.lose("a", submitted=-900, unknown=-800)))
    assert house.told == [(17, "a", None)]
    assert len(house.reads) == ENOUGH


def test_a_forgotten_job_is_not_told_of(house: House) -> None:
    house.run(1000, (0, lambda: house.lose("a")), (20, lambda: house.reconciler.forget("a")))
    assert house.told == []
    assert "a" not in house.reconciler
    assert house.reads == [2, 7, 17]


def test_a_job_that_is_forgotten_during_the_read_that_finds_it_is_not_told_of(house: House) -> None:
    house.rows = [house.row("b")]
    house.fails = lambda _: house.reconciler.forget("b")
    house.run(1000, (0, lambda: house.lose("b")))
    assert house.told == []


def test_what_another_job_has_is_not_found(house: House) -> None:
    house.rows = [house.row("a")]
    house.held_ids = {"request-a"}
    house.run(1000, (0, lambda: house.lose("a")))
    assert house.told == [(180, "a", None)]


# How far it reads -----------------------------------------------------------------------------------------


def test_it_pages_back_past_the_earliest_submit(house: House) -> None:
    house.rows = [house.row(f"x{number}", -number) for number in range(2000)]
    house.rows[350] = house.row("a", -350)
    house.run(10, (0, lambda: house.lose("b", submitted=-10)), (0, lambda: house.lose("a", submitted=-349)))
    assert house.told == [(2, "a", "request-a")]
    first = [(page, per_page) for at, page, per_page in house.pages if at == 2]
    assert first == [(page, 100) for page in range(1, 8)]  # 349 and 300 seconds, a row a second


def test_a_short_history_is_read_to_its_end(house: House) -> None:
    house.rows = [house.row(f"x{number}") for number in range(130)]
    house.run(3, (0, lambda: house.lose("a")))
    assert [page for _, page, _ in house.pages] == [1, 2, 3]


def test_rows_without_a_time_are_read_too(house: House) -> None:
    house.rows = [HistoryRow(f"r{number}", "", {}) for number in range(150)] + [house.row("a")]
    house.run(3, (0, lambda: house.lose("a")))
    assert house.told == [(2, "a", "request-a")]


def test_a_server_that_knows_no_pages_is_not_read_for_ever(house: House) -> None:
    whole = house.history

    async def always_the_first(
        page: int = 1, per_page: int = 20, from_date: dt.date | None = None
    ) -> list[HistoryRow]:
        await whole(page, per_page, from_date)
        return house.rows

    house.rows = [house.row("x"), house.row("y")]
    house.history = always_the_first  # type: ignore[method-assign]
    house.run(1000, (0, lambda: house.lose("a")))
    assert len(house.pages) == 2 * len(house.reads)
    assert house.told == [(180, "a", None)]


def test_a_history_without_end_is_not_enough_to_give_up(house: House) -> None:
    house.rows = [house.row(f"x{number}") for number in range(PAGES * 100 + 1)]
    house.run(400, (0, lambda: house.lose("a")))
    assert house.told == []
    assert max(page for _, page, _ in house.pages) == PAGES


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        ("2027-03-01T00:04:59", dt.date(2027, 2, 28)),
        ("2027-03-01T00:05:00", dt.date(2027, 3, 1)),
        ("2027-01-01T00:00:00", dt.date(2026, 12, 31)),
    ],
)
def test_the_days_are_of_utc_also_around_midnight(house: House, submitted: str, day: dt.date) -> None:
    house.epoch = dt.datetime.fromisoformat(f"{submitted}+00:00").timestamp() - house.began
    house.run(3, (0, lambda: house.lose("a")))
    assert house.days == {day}
    assert SLACK == 300


# When it cannot read --------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [GatewayFault(), NoAnswer(), RateLimited(), BadAnswer()], ids=repr)
def test_a_read_that_fails_does_not_count(house: House, error: ServiceError) -> None:
    house.fails = fails_until(house, 600, error)
    house.run(2000, (0, lambda: house.lose("a")))
    [(at, job_id, found)] = house.told
    assert (job_id, found) == ("a", None)
    assert at >= 600 + (ENOUGH - 1) * 30


def test_a_read_whose_later_page_fails_does_not_count_but_may_find(house: House) -> None:
    house.rows = [house.row(f"x{number}") for number in range(200)]
    house.rows[50] = house.row("b")
    house.fails = lambda page: GatewayFault() if page == 2 else None
    house.run(1000, (0, lambda: house.lose("a")), (0, lambda: house.lose("b")))
    assert house.told == [(2, "b", "request-b")]


def test_nothing_is_given_while_it_is_not_known_what_others_have(house: House) -> None:
    house.rows = [house.row("a")]
    house.refuses = lambda name: StorageError() if name == "held" and house.age < 600 else None
    house.run(2000, (0, lambda: house.lose("a")))
    [(at, job_id, found)] = house.told
    assert (job_id, found) == ("a", "request-a")
    assert at >= 600


def test_after_the_hour_that_the_api_keeps_a_request_it_is_given_up(house: House) -> None:
    house.fails = lambda _: GatewayFault()
    house.run(2 * LIFETIME, (0, lambda: house.lose("a", submitted=-60)))
    [(at, job_id, found)] = house.told
    assert (job_id, found) == ("a", None)
    assert LIFETIME - 60 <= at <= LIFETIME


def test_pages_that_are_too_long_are_read_in_smaller_ones(house: House) -> None:
    house.rows = [house.row(f"x{number}") for number in range(30)] + [house.row("a")]
    whole = house.history

    async def short(page: int = 1, per_page: int = 20, from_date: dt.date | None = None) -> list[HistoryRow]:
        rows = await whole(page, per_page, from_date)
        if len(rows) > 20:
            raise BadAnswer("a body of more than so many bytes")
        return rows

    house.history = short  # type: ignore[method-assign]
    house.run(1000, (0, lambda: house.lose("a")), (0, lambda: house.lose("b")))
    assert house.told == [(2, "a", "request-a"), (180, "b", None)]


# When it cannot be told -----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [StorageError(), ZeroDivisionError()], ids=repr)
@pytest.mark.parametrize("is_there", [True, False])
def test_an_end_that_cannot_be_told_is_told_later_and_others_do_not_wait(
    house: House, error: Exception, is_there: bool
) -> None:
    house.rows = [house.row("b")] + [house.row("a")] * is_there
    house.refuses = lambda name: error if name == "a" and house.age < 300 else None
    house.run(1000, (0, lambda: house.lose("a")), (0, lambda: house.lose("b")))
    (_, *first), (at, *second) = house.told
    assert (first, second) == (["b", "request-b"], ["a", "request-a" if is_there else None])
    assert at >= 300
