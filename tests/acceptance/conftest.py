"""One house for the whole run, swept before each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.acceptance.asker import Asker, photo
from tests.acceptance.house import House, no_traceback
from tests.acceptance.launched import Run
from tests.unit.picture_samples import every_format


@pytest.fixture(scope="session")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    try:
        # Lost submits are looked for, and an API that is down is left alone, no longer than a test waits.
        bot = house.start_bot(SUBMIT_RECONCILE_SECONDS="4", API_BREAKER_SECONDS="1")
        house.ready()
        yield house
        assert bot.stop() == 0, house.logs()
        no_traceback(bot.log.read_text())
    finally:
        house.close()


@pytest.fixture
def house(running_house: House) -> Iterator[House]:
    """The shared house without a script, a fault or a changed setting."""
    running_house.reset()
    yield running_house
    running_house.reset()


@pytest.fixture
def calm_bot(house: House) -> Iterator[None]:
    """Nothing unforeseen happens in the shared bot during this test: its log gets no traceback."""
    assert house.bot is not None
    before = house.bot.log.stat().st_size
    yield
    with house.bot.log.open("rb") as log:
        log.seek(before)
        no_traceback(log.read().decode("utf-8", "replace"))


@pytest.fixture
async def asker(house: House) -> AsyncIterator[Asker]:
    """A member in the art channel."""
    async with Asker(house.discord) as person:
        yield person


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    """Put a run in here, and it is surely ended with the test."""
    started: list[Run] = []
    yield started
    for run in started:
        run.clear()


@pytest.fixture(scope="session")
def astronaut() -> bytes:
    """A photograph of 512 × 512 pixels."""
    return photo("astronaut")


@pytest.fixture(scope="session")
def small() -> bytes:
    """A photograph of 120 × 80 pixels, where its size does not matter."""
    return every_format()["jpeg"]
