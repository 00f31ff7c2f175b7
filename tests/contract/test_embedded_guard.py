"""What the embedded API keeps out: other sites' pages, other people's files and addresses, odd numbers."""

from __future__ import annotations

import http.server
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from embedded.app import Options, create_app
from embedded.guard import is_loopback
from tests.contract.embedded_server import EmbeddedServer, StartEmbedded

HISTORY = "/inference-request/request-history"
DEEP = '{"x":' * 50_000 + "1" + "}" * 50_000
DEEP_ENOUGH = '{"x":' * 300 + "1" + "}" * 300
"""Parses anywhere, but would be more than some writers of JSON take."""


def port_of(server: EmbeddedServer) -> int:
    return int(server.url.rpartition(":")[2])


@pytest.mark.parametrize("path", ["/health", "/admin/requests", HISTORY, "/nothing"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:PORT", "127.0.0.1.evil.example", "10.0.0.1", "a b", ""]
)
def test_a_foreign_host_is_refused_on_every_route(image_api: EmbeddedServer, path: str, host: str) -> None:
    answer = image_api.http.get(path, headers={"Host": host.replace("PORT", str(port_of(image_api)))})
    assert answer.status_code == 403
    assert "names of this machine" in answer.json()["error"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:80", "127.0.0.2:9"])
def test_every_name_of_this_machine_is_answered(image_api: EmbeddedServer, host: str) -> None:
    assert image_api.http.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:PORT", "https://127.0.0.1:PORT", ""]
)
def test_another_sites_page_is_refused_before_anything_happens(
    image_api: EmbeddedServer, origin: str
) -> None:
    image_api.script(queue_seconds=7)
    headers = {"Origin": origin.replace("PORT", str(port_of(image_api)))}
    for method, path in (("DELETE", "/admin/script"), ("GET", "/health"), ("OPTIONS", "/v2/x")):
        answer = image_api.http.request(method, path, headers=headers)
        assert answer.status_code == 403
        assert "other sites" in answer.json()["error"]
    assert image_api.http.get("/admin/script").json()["queue_seconds"] == 7


def test_a_foreign_request_uses_up_no_fault(image_api: EmbeddedServer) -> None:
    image_api.script(faults=[{"route": "history", "status": 502}])
    assert image_api.http.get(HISTORY, headers={"Origin": "https://evil.example"}).status_code == 403
    assert image_api.http.get(HISTORY).status_code == 502


def test_the_servers_own_page_may_ask(image_api: EmbeddedServer) -> None:
    headers = {"Origin": image_api.url}
    assert image_api.http.request("DELETE", "/admin/script", headers=headers).status_code == 200


@pytest.mark.parametrize(("host", "status"), [("0.0.0.0", 200), ("127.0.0.1", 403)])  # noqa: S104
async def test_a_server_for_other_machines_takes_any_host(tmp_path: Path, host: str, status: int) -> None:
    app = create_app(Options(data=tmp_path / "data", key="k", engine="canned", host=host))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/health", headers={"Host": "pictures.example"})
        assert answer.status == status


def test_an_address_of_the_network_is_not_loopback() -> None:
    assert [is_loopback(host) for host in ("localhost", "127.8.0.1", "::1")] == [True] * 3
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.1", "example.org", "", None))  # noqa: S104


@pytest.mark.parametrize("path", ["/admin/script", "/admin/clock", "/admin/release"])
@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_admin_posts_need_their_content_type_even_with_nothing_in_them(
    image_api: EmbeddedServer, path: str, kind: str | None
) -> None:
    answer = image_api.http.post(path, headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 400
    assert "application/json" in answer.json()["error"]


def test_only_files_of_the_servers_own_making_are_cleared(start_embedded: StartEmbedded) -> None:
    first = start_embedded()
    first.kill()
    strangers = [
        first.data / "files" / f"{'ab' * 16}.png",
        first.data / "embedded-files" / "holiday.png",
        first.data / "embedded-files" / f"{'ab' * 16}.png.backup",
        first.data / "embedded-files" / f"{'cd' * 16}.png" / "inside.txt",
    ]
    for path in strangers:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"mine")
    stray = first.data / "embedded-files" / f"{'ef' * 16}.png"
    stray.write_bytes(b"half a pict")

    start_embedded(data=first.data)

    assert all(path.exists() for path in strangers)
    assert not stray.exists()


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_what_is_stored_is_for_its_owner_only(start_embedded: StartEmbedded) -> None:
    previous = os.umask(0o022)
    try:
        server = start_embedded()
    finally:
        os.umask(previous)
    server.finished(server.submit())
    upload = {"data_urls": ["data:image/png;base64,aGVsbG8="]}
    assert server.http.post("/upload-asset", json=upload).status_code == 200
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (server.data, *server.data.rglob("*"))}
    assert len(found) >= 5
    assert found == {path: 0o700 if path.is_dir() else 0o600 for path in found}


class _Web(http.server.BaseHTTPRequestHandler):
    """A web server that counts what it was asked, and redirects to itself."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/picture.png":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"picture")
        else:
            self.send_response(302)
            self.send_header("Location", "/picture.png")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A web server of this machine: its address, and the paths that it was asked for."""
    handler = type("Web", (_Web,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{web.server_port}", handler.asked  # type: ignore[attr-defined]
        finally:
            web.shutdown()
            thread.join()


def test_an_image_elsewhere_is_not_fetched_unless_that_is_allowed(image_api: EmbeddedServer) -> None:
    with elsewhere() as (base, asked):
        for path in ("/picture.png", f"/assets/{'ab' * 16}.png"):
            body = image_api.finished(image_api.submit(image=base + path))
            assert body["status"] == "FAILED"
            assert "--fetch-urls" in body["error"]
    assert asked == []


def test_no_redirect_is_followed_even_where_fetching_is_allowed(start_embedded: StartEmbedded) -> None:
    server = start_embedded("--fetch-urls")
    with elsewhere() as (base, asked):
        moved = server.finished(server.submit(image=f"{base}/moved"))
        there = server.finished(server.submit(image=f"{base}/picture.png"))
    assert moved["error"] == "Could not load image: its URL answered 302."
    assert there["status"] == "COMPLETED"
    assert asked == ["/moved", "/picture.png"]


@pytest.mark.parametrize("name", ["from_date", "to_date"])
@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "3000-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_refused(image_api: EmbeddedServer, name: str, day: str) -> None:
    answer = image_api.http.get(HISTORY, params={name: day})
    assert answer.status_code == 400
    assert answer.json() == {"error": f"{name} must be in the years 1970 to 2999"}
    assert image_api.http.get(HISTORY, params={"to_date": "1970-01-01"}).json()["total"] == 0


def test_the_clock_stays_in_the_calendar(start_embedded: StartEmbedded) -> None:
    server = start_embedded()
    ten_years = 10 * 365 * 86_400
    for _ in range(10):
        server.advance(ten_years)
    answer = server.http.post("/admin/clock", json={"advance": ten_years})
    assert (answer.status_code, "all together" in answer.json()["error"]) == (400, True)
    assert server.http.get(HISTORY).status_code == 200


@pytest.mark.parametrize(
    "body", [DEEP, "[" * 50_000, f'{{"faults": [{{"route": "v1", "body": {DEEP_ENOUGH}}}]}}']
)
@pytest.mark.parametrize("path", ["/admin/script", "/admin/clock", "/admin/release", "/v2/sd3-med-img2img"])
def test_json_that_is_nested_too_deep_is_no_json(image_api: EmbeddedServer, path: str, body: str) -> None:
    answer = image_api.http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]
    assert image_api.http.get("/admin/script").status_code == 200


@pytest.mark.parametrize(
    "body", ['{"credits": NaN}', '{"credits": Infinity}', '{"credits": 1e999}', '{"credits": "nan"}']
)
def test_credits_are_a_number(image_api: EmbeddedServer, body: str) -> None:
    answer = image_api.http.post("/admin/script", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert image_api.http.get("/admin/script").json()["credits"] is None


@pytest.mark.parametrize("credit", ["nan", "inf"])
def test_credits_of_the_command_line_are_a_number(start_embedded: StartEmbedded, credit: str) -> None:
    with pytest.raises(AssertionError, match="invalid _usd value"):
        start_embedded("--credits", credit)


def test_a_server_on_a_folder_of_somebody_else_leaves_it_as_it_is(
    start_embedded: StartEmbedded, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    (folder / "files").mkdir()
    (folder / "files" / "notes.txt").write_text("mine")
    before = stat.S_IMODE(folder.stat().st_mode)
    start_embedded(data=folder)
    assert stat.S_IMODE(folder.stat().st_mode) == before
    assert (folder / "files" / "notes.txt").read_text() == "mine"
