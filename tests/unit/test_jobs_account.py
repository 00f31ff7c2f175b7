"""The account's trouble: how it begins, how often it is told, and what ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from repaint.errors import (
    BadAnswer,
    BadRequest,
    GatewayFault,
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
from repaint.jobs.account import FACT, LIFTED_AFTER, PRICE, Account
from tests.unit.quick_time import Clock

KINDS = [OutOfCredits, KeyRefused, ModelForbidden]


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
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bank(clock: Clock) -> Bank:
    return Bank(clock)


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
def test_a_refusal_of_the_account_is_a_trouble_that_is_told_once(
    clock: Clock, bank: Bank, kind: type[ServiceError]
) -> None:
    account = bank.account()

    async def story() -> None:
        account.check()
        assert [await account.met(kind("no")) for _ in range(3)] == [True, False, False]
        assert isinstance(account.trouble, kind)
        to_be_told = [account.is_to_be_told]
        await account.told()
        assert [*to_be_told, account.is_to_be_told] == [True, False]
        with pytest.raises(kind, match="no"):
            account.check()

    tell(clock, account, story)


@pytest.mark.parametrize("error", [Rejected(), BadRequest(), NotReached(), GatewayFault(), RateLimited()])
def test_other_errors_are_no_trouble(clock: Clock, bank: Bank, error: ServiceError) -> None:
    account = bank.account()

    async def story() -> None:
        assert not await account.met(error)
        account.check()

    tell(clock, account, story)
    assert bank.facts.known == {}


def test_the_balance_is_looked_at_ever_more_seldom(clock: Clock, bank: Bank) -> None:
    account = bank.account()

    async def story() -> None:
        await account.met(OutOfCredits())
        await asyncio.sleep(260)

    tell(clock, account, story)
    assert bank.looks == [5, 15, 35, 75, 135, 195, 255]
    assert isinstance(account.trouble, OutOfCredits)


@pytest.mark.parametrize(
    ("pictures", "balance", "is_over"),
    [(1, PRICE, True), (1, PRICE / 2, False), (4, 3 * PRICE, False), (4, 4 * PRICE, True), (1, -1.0, False)],
)
def test_used_up_credits_are_over_when_they_pay_for_what_was_asked(
    clock: Clock, bank: Bank, pictures: int, balance: float, is_over: bool
) -> None:
    account = bank.account()
    bank.balance = balance

    async def story() -> None:
        await account.met(OutOfCredits(), pictures=pictures)
        await asyncio.sleep(6)
        assert (account.trouble is None) is is_over
        assert bank.cleared == ([5] if is_over else [])

    tell(clock, account, story)


def test_a_refused_key_is_over_when_it_is_taken_whatever_the_balance(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.balance = KeyRefused()

    async def story() -> None:
        await account.met(KeyRefused())
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
        await account.met(OutOfCredits())
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
        assert await account.met(trouble)
        await asyncio.sleep(LIFTED_AFTER - 1)
        assert account.trouble is trouble
        await asyncio.sleep(61)
        account.check()
        assert len(bank.cleared) == 1
        assert not await account.met(trouble)  # still the same episode: told already
        await asyncio.sleep(LIFTED_AFTER - 1)
        assert account.trouble is trouble
        await asyncio.sleep(61)
        account.check()

    tell(clock, account, story)


def test_another_trouble_is_another_episode(clock: Clock, bank: Bank) -> None:
    account = bank.account()

    async def story() -> None:
        assert await account.met(KeyRefused())
        await account.told()
        assert await account.met(OutOfCredits())
        assert account.is_to_be_told
        assert isinstance(account.trouble, OutOfCredits)

    tell(clock, account, story)


def test_an_episode_ends_with_a_submit_that_is_accepted(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.balance = 1.0  # which the API does not find enough

    async def story() -> None:
        assert await account.met(OutOfCredits())
        for _ in range(3):
            await asyncio.sleep(60)
            account.check()
            assert not await account.met(OutOfCredits())
        await account.succeeded()
        account.check()
        assert bank.facts.known == {}
        assert await account.met(OutOfCredits())

    tell(clock, account, story)
    assert bank.looks[:3] == [5, 70, 140]  # the pauses go on growing through the episode


def test_an_accepted_submit_alone_changes_nothing(clock: Clock, bank: Bank) -> None:
    account = bank.account()
    bank.facts.is_away = True
    tell(clock, account, account.succeeded)
    assert bank.cleared == []


def test_a_trouble_outlives_a_restart_and_is_looked_at_at_once(clock: Clock, bank: Bank) -> None:
    first = bank.account()

    async def before() -> None:
        await first.met(OutOfCredits(), pictures=2)
        await first.told()

    tell(clock, first, before)
    bank.balance = PRICE
    second = bank.account()

    async def after() -> None:
        with pytest.raises(OutOfCredits):
            second.check()
        assert not second.is_to_be_told
        assert not await second.met(OutOfCredits(), pictures=2)
        await asyncio.sleep(1)
        assert len(bank.looks) == 1
        bank.balance = 2 * PRICE
        await asyncio.sleep(60)
        second.check()

    tell(clock, second, after)


def test_what_was_not_told_before_a_restart_is_to_be_told_after_it(clock: Clock, bank: Bank) -> None:
    first, second = bank.account(), bank.account()

    async def before() -> None:
        await first.met(KeyRefused())

    async def after() -> None:
        assert second.is_to_be_told

    tell(clock, first, before)
    bank.balance = KeyRefused()
    tell(clock, second, after)


def test_a_lifted_trouble_is_not_back_after_a_restart_but_known(clock: Clock, bank: Bank) -> None:
    first, second = bank.account(), bank.account()

    async def before() -> None:
        await first.met(ModelForbidden())
        await first.told()
        await asyncio.sleep(LIFTED_AFTER + 60)

    async def after() -> None:
        second.check()
        assert not await second.met(ModelForbidden())
        assert not second.is_to_be_told

    tell(clock, first, before)
    tell(clock, second, after)


@pytest.mark.parametrize(
    "fact",
    ["OutOfCredits", 7, [], {}, {"kind": "Stopped", "told": True, "need": 0.1, "lifted": False}],
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
    bank.balance = 1.0

    async def story() -> None:
        assert await account.met(OutOfCredits())
        await account.told()
        await asyncio.sleep(6)
        account.check()

    tell(clock, account, story)
    assert bank.cleared == [5]
