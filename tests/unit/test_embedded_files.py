"""How long the embedded API keeps its files and requests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded.clock import Clock
from embedded.files import KEPT_SECONDS, REQUESTS_KEPT_SECONDS, Files
from embedded.state import State


class Store:
    def __init__(self, directory: Path) -> None:
        self.directory = directory / "files"
        self.clock = Clock()
        self.state = State(directory / "state.sqlite3")
        self.files = Files(self.directory, self.state, self.clock)

    async def complete(self, request_id: str) -> str:
        """Add a request with one output, and return the output's name."""
        self.state.submit(request_id, "model", "{}", 0.0076, self.clock.now())
        output = await self.files.write(b"output", "image/png")
        self.state.complete(request_id, 1, [output], self.clock.now())
        return output.name

    def on_disk(self) -> set[str]:
        return {path.name for path in self.directory.iterdir()}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path)
    yield store
    store.state.close()


async def test_files_are_deleted_after_a_week(store: Store) -> None:
    old = await store.complete("old")
    store.clock.advance(KEPT_SECONDS - 60)
    new = await store.complete("new")
    await store.files.tidy()
    assert store.on_disk() == {old, new}

    store.clock.advance(60)
    assert store.files.find(old) is None
    await store.files.tidy()

    assert store.on_disk() == {new}
    assert store.state.all_files() == {new}
    assert await store.files.read(new) == b"output"
    with pytest.raises(FileNotFoundError):
        await store.files.read(old)


async def test_ended_requests_are_forgotten_after_the_longest_window(store: Store) -> None:
    await store.complete("ended")
    store.state.submit("in flight", "model", "{}", 0.0076, store.clock.now())
    store.clock.advance(REQUESTS_KEPT_SECONDS - 60)
    await store.files.tidy()
    assert store.state.request("ended") is not None

    store.clock.advance(60)
    await store.files.tidy()

    assert store.state.request("ended") is None
    assert store.state.request("in flight") is not None
    assert store.state.total("billed") == 1


async def test_tidying_goes_on_after_an_error(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds: asyncio.Queue[int] = asyncio.Queue()

    async def failing() -> None:
        rounds.put_nowait(1)
        raise PermissionError("no")

    monkeypatch.setattr(store.files, "tidy", failing)
    tidying = asyncio.create_task(store.files.keep_tidy())
    for _ in range(2):
        await asyncio.sleep(0)
        store.clock.advance(3600)
        await rounds.get()
    tidying.cancel()

    assert "could not be cleared" in caplog.text
