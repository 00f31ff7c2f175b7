"""Lost submits found again in the embedded API's history, over real connections."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import pytest

from repaint import errors
from repaint.jobs.lost import Lost, digest
from repaint.jobs.reconciler import Reconciler
from repaint.models import Request
from repaint.segmind import SegmindClient
from tests.contract.embedded_server import KEY, EmbeddedServer, StartEmbedded
from tests.contract.odd_server import IMAGE, REQUEST, client_of

PNG = b"\x89PNG\r\n\x1a\n"
WINDOW = 3.0
DROP = {"route": "submit", "drop": "after"}


@pytest.fixture
def server(start_embedded: StartEmbedded) -> EmbeddedServer:
    """One of its own: the shared one's clock and history are other tests'."""
    return start_embedded()


@pytest.fixture
async def search(server: EmbeddedServer) -> "AsyncIterator[Search]":
    async with client_of(server.url, KEY) as client:
        search = Search(client)
        work = asyncio.create_task(search.reconciler.run())
        yield search
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


class Search:
    """A reconciler at work, and how its searches end."""

    def __init__(self, client: SegmindClient) -> None:
        self.client = client
        self.held_ids: set[str] = set()
        self.ends: dict[str, asyncio.Future[str | None]] = {}
        self.reconciler = Reconciler(
            client, window=WINDOW, held=self.held, found=self.found, given_up=self.given_up
        )

    async def held(self, ids: Collection[str]) -> set[str]:
        return self.held_ids & set(ids)

    async def found(self, job_id: str, request_id: str) -> None:
        self.held_ids.add(request_id)
        self.ends[job_id].set_result(request_id)

    async def given_up(self, job_id: str) -> None:
        self.ends[job_id].set_result(None)

    async def lose(self, job_id: str, image: str, request: Request = REQUEST) -> Lost:
        """Submit something whose answer is lost."""
        at = time.time()
        with pytest.raises(errors.SubmitUnknown):
            await self.client.submit(request, image)
        is_url = image.startswith("http")
        return Lost(
            job_id,
            image if is_url else None,
            None if is_url else digest(image),
            request,
            submitted_at=at,
            unknown_at=time.time(),
        )

    async def end(self, *jobs: Lost) -> list[str | None]:
        """The request ids that are found, None for those given up."""
        for lost in jobs:
            self.ends[lost.job_id] = asyncio.get_running_loop().create_future()
            self.reconciler.look_for(lost)
        async with asyncio.timeout(20):
            return [await self.ends[lost.job_id] for lost in jobs]


async def uploaded(client: SegmindClient, folder: Path, content: bytes = b"") -> str:
    picture = folder / "input.png"
    picture.write_bytes(PNG + content)
    return await client.upload(picture, "image/png")


def accepted(server: EmbeddedServer) -> list[str]:
    """The ids of all requests that the server has, oldest first."""
    return [row["request_id"] for row in server.seen()["requests"]]


async def test_a_submit_whose_answer_was_cut_off_is_found_by_its_input(
    server: EmbeddedServer, search: Search, tmp_path: Path
) -> None:
    mine, another = [await uploaded(search.client, tmp_path) for _ in range(2)]
    await search.client.submit(REQUEST, another)
    server.script(faults=[DROP], queue_seconds="manual")
    lost = await search.lose("a", mine)
    await search.client.submit(REQUEST, another)

    [found] = await search.end(lost)

    assert found == accepted(server)[1]
    assert found is not None
    assert (await search.client.status(found)).state == "QUEUED"
    assert server.seen()["submits"] == 3


async def test_a_submit_with_the_picture_in_it_is_found_by_all_that_was_asked_for(
    server: EmbeddedServer, search: Search
) -> None:
    for request in (Request("a fox in the snow", 8), Request("a fox in the snow", 7, strength=0.5)):
        await search.client.submit(request, IMAGE)
    await search.client.submit(REQUEST, "d29ybGQ=")
    server.script(faults=[DROP])
    lost = await search.lose("a", IMAGE)
    assert await search.end(lost) == [accepted(server)[3]]


async def test_jobs_that_are_alike_get_a_request_each_and_none_that_is_held(
    server: EmbeddedServer, search: Search
) -> None:
    search.held_ids.add((await search.client.submit(REQUEST, IMAGE)).request_id)
    server.script(faults=[{**DROP, "times": 2}])
    first = await search.lose("a", IMAGE)
    await asyncio.sleep(0.05)  # so that their moments differ
    second = await search.lose("b", IMAGE)
    assert await search.end(second, first) == accepted(server)[:0:-1]


async def test_a_row_whose_body_is_late_is_waited_for(
    server: EmbeddedServer, search: Search, tmp_path: Path
) -> None:
    server.script(faults=[DROP], history_body_seconds=1.5)
    lost = await search.lose("a", await uploaded(search.client, tmp_path))
    began = time.monotonic()
    assert await search.end(lost) == accepted(server)
    assert time.monotonic() - began > 1


async def test_a_submit_that_never_arrived_is_given_up_at_the_end_of_the_window(
    server: EmbeddedServer, search: Search, tmp_path: Path
) -> None:
    mine, another = [await uploaded(search.client, tmp_path) for _ in range(2)]
    await search.client.submit(REQUEST, another)
    server.script(faults=[{"route": "submit", "drop": "before"}])
    lost = await search.lose("a", mine)
    began = time.monotonic()
    assert await search.end(lost) == [None]
    assert time.monotonic() - began > WINDOW - 0.5
    assert server.seen()["submits"] == 1


async def test_a_history_that_fails_at_first_is_read_again(
    server: EmbeddedServer, search: Search, tmp_path: Path
) -> None:
    faults = [DROP, {"route": "history", "status": 502}, {"route": "history", "body": "<html>"}]
    server.script(faults=faults)
    lost = await search.lose("a", await uploaded(search.client, tmp_path))
    assert await search.end(lost) == accepted(server)


async def test_a_submit_is_found_behind_many_others(
    server: EmbeddedServer, search: Search, tmp_path: Path
) -> None:
    mine = await uploaded(search.client, tmp_path)
    server.script(faults=[DROP], queue_seconds="manual")
    lost = await search.lose("a", mine)
    with contextlib.ExitStack() as stack:
        stack.callback(server.settle)
        for _ in range(130):
            server.submit()
        assert await search.end(lost) == accepted(server)[:1]
