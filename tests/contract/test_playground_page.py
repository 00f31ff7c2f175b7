"""The page's files, what every answer tells the browser to keep to, and who gets through the door."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from playground import page
from playground.app import Running, start
from playground.guard import MAX_JSON_BYTES
from tests.person import Event, Person, Refused

pytest_plugins = ("tests.contract.playground_fixtures",)

CODE = {
    path.relative_to(page.FILES).as_posix()
    for path in page.FILES.rglob("*")
    if path.suffix in (".html", ".css", ".js", ".svg")
}
SAMPLES = {f"samples/{path.name}" for path in page.SAMPLES.glob("*.jpg")}


@pytest.fixture
async def http(running: Running) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url) as session:
        yield session


async def test_the_page_is_at_the_root_and_only_there_is_it_html(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert await answer.read() == (page.FILES / "index.html").read_bytes()
    async with http.head("/") as answer:
        assert answer.status == 200
        assert await answer.read() == b""


@pytest.mark.parametrize("name", sorted(CODE | SAMPLES))
async def test_each_file_is_served_as_what_it_is(http: aiohttp.ClientSession, name: str) -> None:
    kind = page.TYPES[f".{name.rpartition('.')[2]}"]
    async with http.get(f"/page/{name}") as answer:
        assert answer.status == 200
        assert answer.content_type == kind
        assert answer.charset == (None if kind == "image/jpeg" else "utf-8")
        assert answer.headers["Content-Security-Policy"] == page.PAGE_POLICY
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_length
        assert len(await answer.read()) == answer.content_length


def test_there_is_a_sample_and_a_program() -> None:
    assert "samples/landscape.jpg" in SAMPLES
    assert {"index.html", "js/app.js", "css/base.css"} <= CODE


@pytest.mark.parametrize(
    "path",
    [
        "/page/",
        "/page/js",
        "/page/js/",
        "/page/nothing.js",
        "/page/../page.py",
        "/page/../samples/landscape.jpg",
        "/page/js/../../page.py",
        "/page/js/../index.html",
        "/page/%2e%2e/page.py",
        "/page/%2e%2e%2fpage.py",
        "/page/..%2fpage.py",
        "/page/..%5cpage.py",
        "/page/js%2fapp.js%00",
        "/page//etc/passwd",
        "/page/%2fetc%2fpasswd",
        "/page/samples/../../page.py",
        "/page/samples/LANDSCAPE.JPG",
        "/page/index.html/",
    ],
)
async def test_no_name_leads_anywhere_else(running: Running, path: str) -> None:
    """As they are, which no client of ours would send them."""
    url = URL(running.url)
    assert url.port
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"GET {path} HTTP/1.1\r\nHost: {url.authority}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode("latin-1"))
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    assert b"import" not in answer


async def test_by_another_of_this_machines_names_one_is_led_to_where_the_pictures_are(
    http: aiohttp.ClientSession, running: Running
) -> None:
    port = URL(running.url).port
    for name in (f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}"):
        async with http.get("/", headers={"Host": name}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, running.url)
    # Through a tunnel: there is nothing at that address for whoever comes from afar.
    async with http.get("/", headers={"Host": "localhost:1234"}, allow_redirects=False) as answer:
        assert answer.status == 200


# What every answer says -----------------------------------------------------------------------------------


async def everything(http: aiohttp.ClientSession, person: Person) -> dict[str, aiohttp.ClientResponse]:
    """One answer of each kind."""
    picture = await person.upload(b"\x89PNG\r\n\x1a\n", "a.png", "image/png")
    other = await person.upload(b"<script>", "a.html", "text/html")
    asked: dict[str, tuple[str, str, dict[str, Any]]] = {
        "page": ("GET", "/", {}),
        "program": ("GET", "/page/js/app.js", {}),
        "no file": ("GET", "/page/nothing", {}),
        "nothing": ("GET", "/nothing", {}),
        "wrong method": ("PUT", "/person/world", {}),
        "world": ("GET", "/person/world", {}),
        "refusal": ("GET", "/person/messages?user=nobody", {}),
        "workshop": ("GET", "/workshop/state", {}),
        "image API": ("GET", "/workshop/api/script", {}),
        "events": ("GET", "/person/events", {}),
        "rest": ("GET", "/api/v10/gateway", {}),
        "rest's refusal": ("GET", "/api/v10/users/@me", {}),
        "foreign host": ("GET", "/", {"headers": {"Host": "evil.example"}}),
        "foreign site": ("GET", "/person/world", {"headers": {"Origin": "https://evil.example"}}),
        "too much": ("POST", "/person/commands", {"data": b" " * (MAX_JSON_BYTES + 1)}),
        "picture": ("GET", str(URL(picture["url"]).relative()), {}),
        "download": ("GET", str(URL(other["url"]).relative()), {}),
        "no picture": ("GET", "/cdn/attachments/1/2/a.png", {}),
        "sticker": ("GET", "/cdn/stickers/nothing.png", {}),
    }
    return {name: await http.request(method, path, **more) for name, (method, path, more) in asked.items()}


PAGES = {"page", "program"}


async def test_every_answer_says_what_the_browser_may_do_with_it(
    http: aiohttp.ClientSession, person: Person
) -> None:
    answers = await everything(http, person)
    for name, answer in answers.items():
        for header, value in page.HEADERS.items():
            assert answer.headers.getall(header) == [value], name
        policy = page.PAGE_POLICY if name in PAGES else page.FILE_POLICY
        assert answer.headers.getall("Content-Security-Policy") == [policy], name
        assert "Access-Control-Allow-Origin" not in answer.headers, name
        answer.close()
    seen = {name: answer.status for name, answer in answers.items()}
    assert {name for name, status in seen.items() if status == 200} == {
        *("page", "program", "world", "workshop", "events", "rest", "picture", "download")
    }
    assert (seen["foreign host"], seen["foreign site"], seen["too much"]) == (403, 403, 413)
    assert answers["download"].headers["Content-Disposition"].startswith("attachment")
    assert "Content-Disposition" not in answers["picture"].headers


async def test_the_gateway_says_so_too(http: aiohttp.ClientSession) -> None:
    async with http.ws_connect("/gateway") as socket:
        assert socket._response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/person/world", 405)]
)
async def test_whatever_is_refused_is_refused_with_a_sentence(
    http: aiohttp.ClientSession, method: str, path: str, status: int
) -> None:
    async with http.request(method, path) as answer:
        assert answer.status == status
        assert path in (await answer.json())["error"]


async def test_a_request_in_json_has_a_limit(http: aiohttp.ClientSession, person: Person) -> None:
    for path in ("/person/commands", "/person/messages", "/workshop/settings", "/workshop/bot"):
        async with http.post(path, data=b" " * (MAX_JSON_BYTES + 1)) as answer:
            assert answer.status == 413
            assert (await answer.json())["error"] == "The request is larger than 256 KiB."
    just = b'{"x": "' + b"a" * (MAX_JSON_BYTES - 9) + b'"}'
    async with http.post("/workshop/settings", data=just) as answer:
        assert (len(just), answer.status) == (MAX_JSON_BYTES, 200)


async def test_an_upload_of_thousands_of_parts_is_refused(
    http: aiohttp.ClientSession, person: Person, running: Running
) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'
    before = set(running.server.files.scratch().parent.iterdir())
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    async with http.post("/person/attachments", data=part * 5_000 + b"--b--\r\n", headers=kind) as answer:
        assert answer.status == 400
    assert set(running.server.files.scratch().parent.iterdir()) == before


async def test_the_forum_holds_as_many_posts_as_discord_keeps_open(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.world.MAX_POSTS", 2)
    first = await person.post("member", "forum", "a", title="one")
    await person.post("member", "forum", "b", title="two")
    with pytest.raises(Refused, match="Maximum number"):
        await person.post("member", "forum", "c", title="three")
    await person.remove(channel=first["channel_id"])
    with pytest.raises(Refused, match="Maximum number"):  # it can be brought back
        await person.post("member", "forum", "d", title="four")


# The door -------------------------------------------------------------------------------------------------

VISIT = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
POST = {"data": b"{}", "headers": {"Content-Type": "text/plain"}}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/", VISIT, 200),
        ("GET", "/", {"Sec-Fetch-Mode": "navigate"}, 200),
        ("GET", "/?x=1", VISIT, 200),
        ("GET", "/", VISIT | {"Sec-Fetch-Dest": "iframe"}, 403),
        ("GET", "/", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ("GET", "/", {}, 403),
        ("POST", "/", VISIT, 403),
        ("HEAD", "/", VISIT, 403),
        ("GET", "/page/js/app.js", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, 403),
        ("GET", "/page/index.html", VISIT, 403),
        ("GET", "/person/world", VISIT, 403),
        ("GET", "/person/events", {"Sec-Fetch-Mode": "cors"}, 403),
        ("POST", "/workshop/bot", VISIT, 403),
        ("GET", "/workshop/api/requests", VISIT, 403),
        ("GET", "/cdn/stickers/1.png", {"Sec-Fetch-Mode": "no-cors"}, 403),
        ("GET", "/gateway", {"Sec-Fetch-Mode": "websocket"}, 403),
        ("GET", "/api/v10/gateway", {"Sec-Fetch-Mode": "cors"}, 403),
    ],
)
async def test_another_sites_page_may_only_lead_here(
    http: aiohttp.ClientSession, site: str, method: str, path: str, more: dict[str, str], status: int
) -> None:
    async with http.request(method, path, headers={"Sec-Fetch-Site": site} | more) as answer:
        assert answer.status == status


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_the_page_itself_and_who_types_an_address_get_through(
    http: aiohttp.ClientSession, site: str
) -> None:
    for path in ("/", "/person/world", "/workshop/state"):
        async with http.get(path, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors"}) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.2", 403),
        ("0.0.0.0", 403),  # noqa: S104  # what must not be
        ("", 403),
        ("[", 403),
        ("127.0.0.1", 200),
        ("localhost:80", 200),
        ("[::1]:9100", 200),
    ],
)
async def test_only_this_machines_own_names_are_answered(
    http: aiohttp.ClientSession, host: str, status: int
) -> None:
    async with http.get("/person/world", headers={"Host": host}) as answer:
        assert answer.status == status


async def test_an_origin_is_the_pages_own_or_refused(http: aiohttp.ClientSession, running: Running) -> None:
    port = URL(running.url).port
    for origin in (
        "null",
        "https://evil.example",
        f"http://localhost:{port}",
        f"https://127.0.0.1:{port}",
        "",
    ):
        async with http.post("/workshop/settings", **POST | {"headers": {"Origin": origin}}) as answer:  # type: ignore[arg-type]
            assert answer.status == 403, origin
    async with http.post("/workshop/settings", json={}, headers={"Origin": running.url}) as answer:
        assert answer.status == 200


# Where it listens -----------------------------------------------------------------------------------------


async def test_a_port_that_is_taken_is_an_error_or_leads_to_a_free_one(running: Running) -> None:
    taken = URL(running.url).port
    assert taken
    with pytest.raises(OSError, match="use"):
        await start(port=taken)
    other = await start(port=taken, or_free=True)
    try:
        assert other.url != running.url
        async with Person(other.url) as person:
            assert (await person.world())["bot"]["connected"] is False
    finally:
        await other.stop()
    port = URL(other.url).port
    assert port
    again = await start(port=port, or_free=True)
    try:
        assert again.url == other.url
    finally:
        await again.stop()


# What happens ---------------------------------------------------------------------------------------------


async def next_event(person: Person, since: int, headers: dict[str, str]) -> Event:
    """The first event that a browser with these headers gets at the address that says `since`."""
    async with Person(person.base_url) as other:
        other.session.headers.update(headers)
        async with asyncio.timeout(20), contextlib.aclosing(other.events("member", since)) as events:
            return await anext(events)


async def test_a_stream_that_broke_goes_on_where_it_was(person: Person) -> None:
    """A browser asks again with the address that it had at first, and says besides what came last."""
    sent = [await person.post("member2", "art", str(number)) for number in range(3)]
    first = await next_event(person, 0, {})
    assert first.data["id"] == sent[0]["id"]
    later = await next_event(person, 0, {"Last-Event-ID": str(first.seq + 1)})
    assert later.data["id"] == sent[2]["id"]
