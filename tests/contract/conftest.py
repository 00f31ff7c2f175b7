"""The embedded API for every contract test that needs an image API."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.embedded_server import KEY, EmbeddedServer, StartEmbedded


@pytest.fixture
def start_embedded(tmp_path: Path) -> Iterator[StartEmbedded]:
    """Start embedded servers; without `data` each on a data directory of its own."""
    with contextlib.ExitStack() as stack:
        count = 0

        def start(*arguments: str, data: Path | None = None, **options: Any) -> EmbeddedServer:
            nonlocal count
            count += 1
            server = EmbeddedServer(data or tmp_path / f"embedded-{count}", *arguments, **options)
            stack.callback(server.kill)
            return server

        yield start


@pytest.fixture(scope="session")
def embedded_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One canned server for the whole run."""
    server = EmbeddedServer(tmp_path_factory.mktemp("embedded") / "data")
    yield server
    assert server.stop() == 0
    log = server.log.read_text()
    assert "Traceback" not in log, log
    assert KEY not in log


@pytest.fixture
def image_api(embedded_process: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """The shared canned server, with no script, and nothing left in flight for the next test."""
    embedded_process.reset()
    yield embedded_process
    embedded_process.reset()
    embedded_process.settle()
