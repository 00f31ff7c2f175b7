"""The account's trouble: how it begins, how often it is told, and what ends it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable

import pytest

from repaint.errors import (
    BadAnswer,
    BadRequest,
    GatewayFault,
    Intercepted,
    KeyRefused,
    ModelForbidden,
    NoAnswer,
    NotFound,
    NotReached,
    OutOfCredits,
    RateLimited,
    Rejected,
    ServiceError,
    StorageError,
)
from repaint.jobs import account as account_module
from repaint.jobs.account import FACT, LIFTED_AFTER, PRICE, TOLD_AGAIN, Account
from tests.unit.quick_time import Clock

KINDS = [OutOfCredits, KeyRefused, ModelForbidden]
ANN, BEN, CAT = 1, 2, 3


class Facts:
    """A store's small memory; it outlives the accounts of a test."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.is_away = False

    async def fact(self, key: str) -> object | None:
        return json.loads(self.known[key]) if key in self.known else None

    async def set_fact(self, key: str, value: object | None) -> None:
        if self.is_away:
            raise StorageError
        if value is None:
            self.known.pop(key, None)
        else:
            self.known[key] = json.dumps(value)


class Bank:
    """The API's account: a balance, or what stands in the way of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now
        self.balance: float | ServiceError = 0.0
        self.looks: list[float] = []
        self.cleared: list[float] = []
        self.facts = Facts()

    @property
    def age(self) -> float:
        return self._clock.now - self._began

    async def credits(self) -> float:
        self.looks.append(self.age)
        if isinstance(self.balance, ServiceError):
            raise self.balance
        return self.balance

    def account(self) -> Account:
        return Account(self, self.facts, lambda: self.cleared.append(self.age))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(account_module, "time", clock)
    return clock


@pytest.fixture
def bank(clock: Clock) -> Bank:
    return Bank(clock)


async def meet(account: Account, error: ServiceError) -> float:
    """The jobs of two members end with this."""
    await account.met(error, ANN)
    return await account.met(error, BEN)


def tell(clock: Clock, account: Account, story: Callable[[], Awaitable[None]]) -> None:
    """Tell a story while the account is watched."""

    async def main() -> None:
        await account.load()
        work = asyncio.create_task(account.run())
        try:
            await story()
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    clock.run(main())


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_of_the_account_is_a_trouble(clock: Clock, bank: Bank, kind: type[ServiceError]) -> None:
    account = bank.account()
    bank.balance = kind()

    async def story() -> None:
        account.check()
        assert await meet(account, kind("no")) == 0
        assert isinstance(account.trouble, kind)
        with pytest.raises(kind, match="no"):
            account.check()

    tell(clock, account, story)


@pytest.mark.parametrize(
    "error", [Rejected(), BadRequest(), NotReached(), GatewayFault(), RateLimited(), Intercepted(status=401)]
)
def test_other_errors_are_no_trouble(clock: Clock, bank: Bank, error: ServiceError) -> None:
    account = bank.account()

    async def story() -> None:
        assert await meet(account, error) == math.inf
        account.check()

    tell(clock, account, story)
    assert bank.facts.known == {}
    assert bank.looks == []


# What one job's refusal says of the others ----------------------------------------------------------------


@pytest.mark.parametrize("pictures", [1, 1.5, 3, 4])
def test_credits_that_are_left_still_pay_for_smaller_jobs(clock: Clock, bank: Bank, pictures: float) -> None:
    account = bank.account()
    bank.balance = pictures * PRICE

    async def story() -> None:
        most = await account.met(OutOfCredits(), ANN)
        assert pictures <= most < pictures + 0.01
        account.check()
        assert not account.is_to_be_told

    tell(clock, account, story)
    assert bank.looks == [0]


@pytest.mark.parametrize(("balance", "most"), [(PRICE / 2, 0.5), (0.0, 0.0), (-3.0, 0.0)])
def test_credits_that_pay_for_no_picture_are_a_trouble(
    clock: Clock, bank: Bank, balance: float, most: float
) -> None:
    account = bank.account()
    bank.balance = balance

    async def story() -> None:
        assert await account.met(OutOfCredits(), ANN) == pytest.approx(most, abs=1e-6)
        with pytest.raises(OutOfCredits):
            account.check()
        assert account.is_to_be_told

    tell(clock, account, story)


def test_a_key_that_the_balance_can_be_seen_with_was_refused_to_that_job_alone(
    clock: Clock, bank: Bank
) -> None:
    account = bank.account()

    async def story() -> None:
        for member in (ANN, BEN, CAT):
            assert await account.met(KeyRefused(), member) == math.inf
        account.check()

    tell(clock, account, story)
    assert bank.looks == [0, 0, 0]


@pytest.mark.parametrize("kind", [OutOfCredits, KeyRefused])
@pytest.mark.parametrize("answer", [NotReached(), GatewayFault(), BadAnswer(), NotFound()], ids=repr)
def test_where_the_balance_cannot_be_seen_a_refusal_is_believed(
    clock: Clock, bank: Bank, kind: type[ServiceError], answer: ServiceError
) -> None:
    account = bank.account()
    bank.balance = answer

    async def story() -> None:
        assert await account.met(kind(), ANN) == 0
        with pytest.raises(kind):
            account.check()

    tell(clock, account, story)


def test_a_model_is_forbidden_when_two_members_met_it(clock: Clock, bank: Bank) -> None:
    account = bank.account()

    async def story() -> None:
        for _ in range(5):
            assert await account.met(ModelForbidden(), ANN) == math.inf
            account.check()
        await account.succeeded()
        assert await account.met(ModelForbidden(), BEN) == math.inf  # ANN's are out of date
        account.check()
        assert await account.met(ModelForbidden(), CAT) == 0
        with pytest.raises(ModelForbidden):
            account.check()

    tell(clock, account, story)
    assert bank.looks == []


def test_a_look_at_another_jobs_refusal_may_find_the_end_of_the_trouble(clock: Clock, bank: Bank) -> None:
    account = bank.account()

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        bank.balance = 2 * PRICE
        assert await account.met(OutOfCredits(), ANN) == pytest.approx(2, abs=0.01)
        account.check()

    tell(clock, account, story)
    assert bank.cleared == [0]


# How often the operator is told ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_operator_is_told_once_in_six_hours_however_often_it_comes_and_goes(
    clock: Clock, bank: Bank, kind: type[ServiceError]
) -> None:
    told: list[float] = []

    async def story() -> None:
        for _ in range(13 * 60):
            bank.balance = kind()
            await meet(account, kind())
            if account.is_to_be_told:
                assert "Segmind" in account.advice
                await account.told()
                told.append(bank.age)
            bank.balance = 1.0
            await account.succeeded()
            assert not account.is_to_be_told
            await asyncio.sleep(60)

    account = bank.account()
    tell(clock, account, story)
    assert told == [0, TOLD_AGAIN, 2 * TOLD_AGAIN]


def test_a_restart_does_not_make_the_operator_be_told_again(clock: Clock, bank: Bank) -> None:
    told: list[float] = []

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        if account.is_to_be_told:
            await account.told()
            told.append(bank.age)
        await account.succeeded()
        await asyncio.sleep(3600)

    for _ in range(8):
        account = bank.account()
        tell(clock, account, story)
    assert told == [0, TOLD_AGAIN]


def test_a_moment_in_the_future_was_a_wrong_clocks(clock: Clock, bank: Bank) -> None:
    account = bank.account()

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        await account.told()
        clock.now -= 1000.0
        assert account.is_to_be_told

    tell(clock, account, story)


# When it is over ------------------------------------------------------------------------------------------


def test_the_balance_is_looked_at_ever_more_seldom(clock: Clock, bank: Bank) -> None:
    account = bank.account()

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        await asyncio.sleep(260)

    tell(clock, account, story)
    assert bank.looks == [0, 5, 15, 35, 75, 135, 195, 255]
    assert isinstance(account.trouble, OutOfCredits)


@pytest.mark.parametrize(("balance", "is_over"), [(PRICE, True), (PRICE / 2, False), (-1.0, False)])
def test_used_up_credits_are_over_when_they_pay_for_a_picture(
    clock: Clock, bank: Bank, balance: float, is_over: bool
) -> None:
    account = bank.account()

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        bank.balance = balance
        await asyncio.sleep(6)
        assert (account.trouble is None) is is_over
        assert bank.cleared == ([5] if is_over else [])

    tell(clock, account, story)


def test_a_refused_key_is_over_when_it_is_taken_whatever_the_balance(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.balance = KeyRefused()

    async def story() -> None:
        await account.met(KeyRefused(), ANN)
        await asyncio.sleep(2 * LIFTED_AFTER)
        assert isinstance(account.trouble, KeyRefused)
        bank.balance = 0.0
        await asyncio.sleep(60)
        account.check()

    tell(clock, account, story)
    assert len(bank.cleared) == 1


@pytest.mark.parametrize("error", [NotReached(), NoAnswer(), GatewayFault(), RateLimited()], ids=repr)
def test_a_look_that_fails_for_a_while_ends_nothing(clock: Clock, bank: Bank, error: ServiceError) -> None:
    account = bank.account()
    bank.balance = error

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        await asyncio.sleep(2 * LIFTED_AFTER)
        assert isinstance(account.trouble, OutOfCredits)
        bank.balance = 1.0
        await asyncio.sleep(60)
        account.check()

    tell(clock, account, story)


@pytest.mark.parametrize(
    ("trouble", "answer"),
    [
        (OutOfCredits(), NotFound()),
        (OutOfCredits(), BadAnswer()),
        (OutOfCredits(), KeyRefused()),
        (KeyRefused(), NotFound()),
        (KeyRefused(), ModelForbidden()),
        (ModelForbidden(), 100.0),
    ],
    ids=repr,
)
def test_what_no_look_can_see_the_end_of_is_tried_anew_after_ten_minutes(
    clock: Clock, bank: Bank, trouble: ServiceError, answer: float | ServiceError
) -> None:
    account = bank.account()
    bank.balance = answer

    async def story() -> None:
        assert await meet(account, trouble) == 0
        await asyncio.sleep(LIFTED_AFTER - 1)
        assert account.trouble is trouble
        await asyncio.sleep(61)
        account.check()
        assert len(bank.cleared) == 1
        assert await account.met(trouble, CAT) == 0  # one more is enough
        await asyncio.sleep(LIFTED_AFTER - 1)
        assert account.trouble is trouble
        await asyncio.sleep(61)
        account.check()

    tell(clock, account, story)


def test_of_another_kind_of_trouble_the_operator_is_told_too(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.balance = GatewayFault()

    async def story() -> None:
        await account.met(KeyRefused(), ANN)
        await account.told()
        await account.met(OutOfCredits(), ANN)
        assert account.is_to_be_told
        assert isinstance(account.trouble, OutOfCredits)

    tell(clock, account, story)


def test_an_episode_ends_with_a_submit_that_is_accepted(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.balance = NotFound()  # so it is lifted after ten minutes, and met again

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        await asyncio.sleep(LIFTED_AFTER + 60)
        account.check()
        bank.looks.clear()
        await account.met(OutOfCredits(), ANN)
        await asyncio.sleep(200)
        assert bank.looks == [660, 720, 780, 840]  # the pauses are those of the same episode
        await account.succeeded()
        account.check()
        assert bank.facts.known == {}
        bank.looks.clear()
        await asyncio.sleep(120)  # past the last one's pause
        await account.met(OutOfCredits(), ANN)
        await asyncio.sleep(40)
        assert bank.looks == [980, 985, 995, 1015]

    tell(clock, account, story)


def test_an_accepted_submit_alone_changes_nothing(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.facts.is_away = True
    tell(clock, account, account.succeeded)
    assert bank.cleared == []


def test_a_trouble_outlives_a_restart_and_is_looked_at_at_once(clock: Clock, bank: Bank) -> None:
    first = bank.account()

    async def before() -> None:
        await first.met(OutOfCredits(), ANN)
        await first.told()

    tell(clock, first, before)
    bank.looks.clear()
    second = bank.account()

    async def after() -> None:
        with pytest.raises(OutOfCredits):
            second.check()
        assert not second.is_to_be_told
        await asyncio.sleep(1)
        assert len(bank.looks) == 1
        bank.balance = PRICE
        await asyncio.sleep(60)
        second.check()

    tell(clock, second, after)


def test_what_was_not_told_before_a_restart_is_to_be_told_after_it(clock: Clock, bank: Bank) -> None:
    first, second = bank.account(), bank.account()

    async def before() -> None:
        await first.met(KeyRefused(), ANN)

    async def after() -> None:
        assert second.is_to_be_told

    bank.balance = KeyRefused()
    tell(clock, first, before)
    tell(clock, second, after)


def test_a_lifted_trouble_is_not_back_after_a_restart_but_known(clock: Clock, bank: Bank) -> None:
    first, second = bank.account(), bank.account()

    async def before() -> None:
        await meet(first, ModelForbidden())
        await first.told()
        await asyncio.sleep(LIFTED_AFTER + 60)

    async def after() -> None:
        second.check()
        assert await meet(second, ModelForbidden()) == 0
        assert not second.is_to_be_told

    tell(clock, first, before)
    tell(clock, second, after)


@pytest.mark.parametrize(
    "fact",
    [
        *("OutOfCredits", 7, [], {}, {"trouble": "Stopped", "told": {"Stopped": 1.0}}),
        *({"trouble": [], "told": []}, {"trouble": {}, "told": {"OutOfCredits": "now"}}),
    ],
    ids=repr,
)
def test_a_fact_that_makes_no_sense_is_no_trouble(clock: Clock, bank: Bank, fact: object) -> None:
    account = bank.account()
    bank.facts.known[FACT] = json.dumps(fact)

    async def story() -> None:
        account.check()

    tell(clock, account, story)


def test_a_store_that_is_away_keeps_no_trouble_from_beginning_or_ending(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.facts.is_away = True

    async def story() -> None:
        await account.met(OutOfCredits(), ANN)
        await account.told()
        assert not account.is_to_be_told
        bank.balance = 1.0
        await asyncio.sleep(6)
        account.check()

    tell(clock, account, story)
    assert bank.cleared == [5]
