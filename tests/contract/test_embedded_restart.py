"""What survives when the server is killed or stopped."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.embedded_server import MODEL, PICTURE, ROOT, EmbeddedServer, StartEmbedded


def test_requests_in_flight_at_a_kill_are_finished_by_the_next_server(start_embedded: StartEmbedded) -> None:
    first = start_embedded("--credits", "1")
    done = first.submit(seed=1)
    first.finished(done)
    first.script(inference_seconds="manual")
    processing = first.submit(seed=2)
    first.until(processing, "PROCESSING")
    first.script(queue_seconds="manual")
    queued = first.submit(seed=3)
    picture = first.http.get(first.result(done).json()["output"]).content
    first.kill()

    second = start_embedded("--credits", "1", data=first.data)

    for request_id, seed in ((processing, "2"), (queued, "3")):
        assert second.finished(request_id)["status"] == "COMPLETED"
        assert second.result(request_id).json()["seed"] == seed
    output = second.result(done).json()["output"]
    assert output.startswith(second.url)
    assert second.http.get(output).content == picture
    rows = second.http.get("/inference-request/request-history").json()["data"]
    assert [row["request_id"] for row in rows] == [queued, processing, done]
    seen = second.seen()
    assert (seen["submits"], seen["billed"]) == (3, 3)
    assert second.status(done).json()["metrics"]["remaining_credits"] == pytest.approx(1 - 3 * 0.0076)


def test_a_processing_request_does_not_go_back_to_the_queue(start_embedded: StartEmbedded) -> None:
    first = start_embedded()
    first.script(inference_seconds="manual")
    request_id = first.submit()
    first.until(request_id, "PROCESSING")
    first.advance(100)
    first.kill()

    second = start_embedded(data=first.data)

    metrics = second.until(request_id, "COMPLETED")["metrics"]
    assert metrics["queue_time"] < 90
    assert metrics["inference_time"] > 90


def test_an_uploaded_input_outlives_the_server_and_its_port(start_embedded: StartEmbedded) -> None:
    first = start_embedded()
    (url,) = first.http.post("/upload-asset", json={"data_urls": ["data:image/png;base64,aGVsbG8="]}).json()[
        "file_urls"
    ]
    first.script(queue_seconds="manual")
    request_id = first.submit(image=url)
    first.kill()

    second = start_embedded(data=first.data)

    assert second.finished(request_id)["status"] == "COMPLETED"


def test_a_file_that_was_being_written_at_the_kill_is_cleared(start_embedded: StartEmbedded) -> None:
    first = start_embedded()
    request_id = first.submit()
    first.finished(request_id)
    first.kill()
    (first.data / "embedded-files" / f"{'0123' * 8}.png").write_bytes(b"half a pict")

    second = start_embedded(data=first.data)

    kept = [path.name for path in (second.data / "embedded-files").iterdir()]
    assert kept == [second.result(request_id).json()["images"][0]["file_name"]]


def test_a_stop_is_clean_while_requests_are_waiting(start_embedded: StartEmbedded) -> None:
    server = start_embedded()
    server.script(queue_seconds="manual")
    request_id = server.submit()

    assert server.stop() == 0

    assert "Traceback" not in server.log.read_text()
    again = start_embedded(data=server.data)
    assert again.finished(request_id)["status"] == "COMPLETED"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a server that cannot start, to its end."""
    command = [sys.executable, "-m", "embedded", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603


def test_a_second_server_on_the_same_data_is_refused_in_one_line(image_api: EmbeddedServer) -> None:
    second = run("--port", "0", "--data", str(image_api.data))
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1
    assert "is another server using it?" in second.stderr


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = run("--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "data"))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "in use" in refused.stderr


def test_an_empty_key_means_local(start_embedded: StartEmbedded, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start_embedded(key="")
    body = {"prompt": "a", "image": PICTURE}
    assert server.http.post(f"/v2/{MODEL}", json=body, headers={"x-api-key": "local"}).status_code == 200
    assert server.http.post(f"/v2/{MODEL}", json=body, headers={"x-api-key": ""}).status_code == 401
