"""The background work of the embedded API: whatever goes wrong, a request ends with a sentence or goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from embedded import life
from embedded.clock import Clock
from embedded.engine import EngineError, Paint
from embedded.files import Files
from embedded.inputs import Inputs
from embedded.life import Lives
from embedded.script import Control
from embedded.state import State


class Painter:
    """Stands in for the engine: counts who paints, and does what the test says."""

    def __init__(self) -> None:
        self.painting: list[int] = []
        self.most = 0
        self.began: asyncio.Queue[int] = asyncio.Queue()
        self.go_on = asyncio.Event()
        self.failure: BaseException | None = None
        self.closed = False

    async def paint(self, request: Paint) -> bytes:
        self.painting.append(request.seed)
        self.most = max(self.most, len(self.painting))
        self.began.put_nowait(request.seed)
        try:
            await self.go_on.wait()
            if self.failure:
                raise self.failure
        finally:
            self.painting.remove(request.seed)
        return b"picture"

    async def close(self) -> None:
        self.closed = True


class Bench:
    """One state, and lives over it that can be ended and begun again."""

    def __init__(self, directory: Path, painter: Painter) -> None:
        self.clock = Clock()
        self.state = State(directory / "state.sqlite3")
        self.files = Files(directory / "files", self.state, self.clock)
        self.control = Control(self.clock)
        self.painter = painter
        self.lives = self.new_lives()

    def new_lives(self) -> Lives:
        inputs = Inputs(self.files)
        return Lives(self.state, self.files, inputs, self.control, self.clock, engine="preview", workers=2)

    def submit(self, name: str, **parameters: Any) -> None:
        body = {"prompt": "a", "image": "aGVsbG8="} | parameters
        self.state.submit(name, "model", json.dumps(body), 0.0076, self.clock.now())
        self.lives.begin(name)

    def status(self, name: str) -> tuple[str, str | None]:
        request = self.state.request(name)
        assert request is not None
        return request.status, request.error


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "AsyncIterator[Bench]":
    painter = Painter()
    made: Callable[..., Painter] = lambda *_, **__: painter  # noqa: E731
    monkeypatch.setattr(life, "Engine", made)
    bench = Bench(tmp_path, painter)
    yield bench
    await bench.lives.close()
    bench.state.close()


async def test_an_engines_sentence_becomes_the_error(bench: Bench) -> None:
    bench.painter.failure = EngineError("The picture cannot be read.")
    bench.painter.go_on.set()
    bench.submit("one")
    await bench.lives.ended("one")
    assert bench.status("one") == ("FAILED", "The picture cannot be read.")


async def test_an_unexpected_error_is_logged_and_fails_the_request_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.painter.failure = RuntimeError("secret detail")
    bench.painter.go_on.set()
    bench.submit("one")
    await bench.lives.ended("one")
    assert bench.status("one") == ("FAILED", "Internal error: the request could not be worked on.")
    assert "secret detail" in caplog.text

    bench.painter.failure = None
    bench.submit("two")
    await bench.lives.ended("two")
    assert bench.status("two") == ("COMPLETED", None)


async def test_requests_queue_while_the_painters_are_busy(bench: Bench) -> None:
    for number in range(5):
        bench.submit(str(number), seed=number)
    await bench.painter.began.get()
    await bench.painter.began.get()
    assert [bench.status(str(number))[0] for number in range(5)] == ["PROCESSING"] * 2 + ["QUEUED"] * 3

    bench.painter.go_on.set()
    for number in range(5):
        await bench.lives.ended(str(number))

    assert bench.painter.most == 2
    assert {bench.status(str(number))[0] for number in range(5)} == {"COMPLETED"}


async def test_what_a_stop_breaks_off_is_painted_by_the_next_server(bench: Bench) -> None:
    bench.submit("one")
    await bench.painter.began.get()

    await bench.lives.close()

    assert bench.painter.closed
    assert bench.status("one") == ("PROCESSING", None)
    bench.painter.go_on.set()
    bench.lives = bench.new_lives()
    bench.lives.begin("one")
    await bench.lives.ended("one")
    assert bench.status("one") == ("COMPLETED", None)
    assert bench.state.total("billed") == 1


async def test_a_request_that_has_ended_can_be_waited_for(bench: Bench) -> None:
    await bench.lives.ended("unknown")
