"""Attachments come from Discord's own hosts, whole and within the limit, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from repaint.errors import PictureEmpty, PictureGone, PictureTooLarge, StorageError
from repaint.jobs import intake
from repaint.jobs.intake import AT_ONCE, NOT_KEPT, TRIES, Intake
from repaint.models import Attachment

LIMIT = 100_000  # bytes

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Cdn:
    """A server whose answers a test decides; the last one is repeated."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked = 0
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        answer = self.answers[min(self.asked, len(self.answers)) - 1]
        return await answer(request)


@pytest.fixture
async def cdn(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cdn]:
    monkeypatch.setattr(intake, "PAUSE", 0.0)
    cdn = Cdn()
    app = web.Application()
    app.router.add_get("/{tail:.*}", cdn.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    cdn.url = f"http://127.0.0.1:{runner.addresses[0][1]}/attachments/1/2/photo.png?ex=1"
    yield cdn
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def _answer(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=headers)

    return answer


async def _cut(request: web.Request) -> web.StreamResponse:
    """Half of what was announced, then no connection."""
    response = web.StreamResponse(headers={"Content-Length": "2000"})
    await response.prepare(request)
    await response.write(b"x" * 1000)
    assert request.transport is not None
    request.transport.close()
    return response


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 50_000)
    except aiohttp.ClientConnectionResetError:
        return response


async def _fetch(session: aiohttp.ClientSession, url: str, target: Path) -> None:
    await Intake(session, limit=LIMIT, any_host=True).fetch(Attachment(url, "photo.png", 5), target)


@pytest.mark.parametrize("size", [1, LIMIT])
async def test_an_attachment_up_to_the_limit_is_written_whole(
    session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path, size: int
) -> None:
    cdn.answers = [_answer(b"x" * size)]
    await _fetch(session, cdn.url, tmp_path / "it")
    assert (tmp_path / "it").read_bytes() == b"x" * size
    assert cdn.asked == 1


@pytest.mark.parametrize("answer", [_answer(b"x" * (LIMIT + 1)), _endless])
async def test_more_than_the_limit_is_not_read(
    session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path, answer: Answer
) -> None:
    cdn.answers = [answer]
    with pytest.raises(PictureTooLarge):
        await _fetch(session, cdn.url, tmp_path / "it")
    assert (tmp_path / "it").stat().st_size <= LIMIT
    assert cdn.asked == 1


async def test_nothing_is_an_empty_picture(session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path) -> None:
    cdn.answers = [_answer()]
    with pytest.raises(PictureEmpty):
        await _fetch(session, cdn.url, tmp_path / "it")


@pytest.mark.parametrize("status", [204, 206, 403, 404, 410])
async def test_an_attachment_that_is_gone_is_asked_for_once(
    session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path, status: int
) -> None:
    cdn.answers = [_answer(status=status)]
    with pytest.raises(PictureGone, match=str(status)):
        await _fetch(session, cdn.url, tmp_path / "it")
    assert cdn.asked == 1


async def test_a_redirect_is_not_followed(session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path) -> None:
    cdn.answers = [_answer(status=302, Location="/elsewhere"), _answer(b"elsewhere")]
    with pytest.raises(PictureGone):
        await _fetch(session, cdn.url, tmp_path / "it")
    assert cdn.asked == 1


@pytest.mark.parametrize("trouble", [_answer(status=500), _answer(b"<html>", status=503), _cut])
async def test_what_may_pass_is_tried_again_from_the_start(
    session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path, trouble: Answer
) -> None:
    cdn.answers = [trouble] * (TRIES - 1) + [_answer(b"whole")]
    await _fetch(session, cdn.url, tmp_path / "it")
    assert (tmp_path / "it").read_bytes() == b"whole"
    assert cdn.asked == TRIES


@pytest.mark.parametrize("trouble", [_answer(status=500), _cut])
async def test_what_does_not_pass_is_given_up(
    session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path, trouble: Answer
) -> None:
    cdn.answers = [trouble]
    with pytest.raises(PictureGone):
        await _fetch(session, cdn.url, tmp_path / "it")
    assert cdn.asked == TRIES


async def test_a_disk_that_fails_is_no_fault_of_the_picture(
    session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path
) -> None:
    cdn.answers = [_answer(b"whole")]
    with pytest.raises(StorageError):
        await _fetch(session, cdn.url, tmp_path / "no such folder" / "it")


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/attachments/1/2/x.png",
        "https://cdn.discordapp.com.example.com/x.png",
        "https://example.com/x.png",
        "https://cdn.discordapp.com@example.com/x.png",
        "https://127.0.0.1/x.png",
        "ftp://cdn.discordapp.com/x.png",
        "file:///etc/passwd",
    ],
)
async def test_only_discords_own_hosts_are_asked(
    session: aiohttp.ClientSession, tmp_path: Path, url: str
) -> None:
    with pytest.raises(PictureGone, match="not one of Discord's addresses"):
        await Intake(session, limit=LIMIT).fetch(Attachment(url, "x.png", 5), tmp_path / "it")


async def test_what_never_had_an_address_is_not_asked_for(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    with pytest.raises(PictureGone) as raised:
        await Intake(session, limit=LIMIT).fetch(Attachment("", "x.png", 5), tmp_path / "it")
    assert raised.value.sentence == NOT_KEPT


@pytest.mark.parametrize(
    "host",
    [
        "cdn.discordapp.com",
        "media.discordapp.net",
        "images-ext-1.discordapp.net",
        "images-ext-2.discordapp.net",
    ],
)
def test_discords_own_hosts_are_allowed(host: str) -> None:
    asked = Intake.__new__(Intake)
    asked._any_host = False
    assert asked._is_allowed(f"https://{host}/attachments/1/2/x.png?ex=1&is=2&hm=3")


async def test_only_a_few_are_fetched_at_once(
    session: aiohttp.ClientSession, cdn: Cdn, tmp_path: Path
) -> None:
    at_work = most = 0
    full = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        if at_work == AT_ONCE:
            full.set()
        await full.wait()
        at_work -= 1
        return web.Response(body=b"whole")

    cdn.answers = [slow]
    it = Intake(session, limit=LIMIT, any_host=True)
    attachment = Attachment(cdn.url, "photo.png", 5)
    await asyncio.gather(*(it.fetch(attachment, tmp_path / f"{n}") for n in range(2 * AT_ONCE)))
    assert most == AT_ONCE
