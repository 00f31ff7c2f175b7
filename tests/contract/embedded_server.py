"""The embedded API as a real process, steered over its admin routes."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
KEY = "a-key-for-tests"
MODEL = "sd3-med-img2img"
PICTURE = "aGVsbG8="
"""Any base64: the canned engine does not look at its input."""
READY = re.compile(r"embedded API listening on (http://127\.0\.0\.1:\d+)\n")


class EmbeddedServer:
    """A running `python -m embedded`. `http` carries the key; `script`, `advance`, `release` steer it."""

    def __init__(
        self, data: Path, *arguments: str, admin: bool = True, engine: str = "canned", key: str = KEY
    ) -> None:
        self.data = data
        self.key = key
        self.log = data.with_suffix(".log")
        command = [sys.executable, "-m", "embedded", "--port", "0", "--data", str(data), "--engine", engine]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  our own server
                [*command, *(["--admin"] if admin else []), *arguments],
                cwd=ROOT,
                env={**os.environ, "SEGMIND_API_KEY": key},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        ready = READY.fullmatch(line)
        if ready is None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            raise AssertionError(f"not ready: {line!r}, {self.log.read_text()}")
        self.url = ready[1]
        self.http = httpx.Client(base_url=self.url, headers={"x-api-key": key}, timeout=20, trust_env=False)

    def submit(self, **parameters: Any) -> str:
        """Submit a request that is accepted, and return its id."""
        body = {"prompt": "a cat", "image": PICTURE} | parameters
        answer = self.http.post(f"/v2/{MODEL}", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["request_id"])

    def status(self, request_id: str) -> httpx.Response:
        return self.http.get(f"/v2/requests/{request_id}/status")

    def result(self, request_id: str) -> httpx.Response:
        return self.http.get(f"/v2/requests/{request_id}")

    def until(self, request_id: str, *states: str) -> dict[str, Any]:
        """Poll, as the protocol wants it, until the request is in one of these states."""
        deadline = time.monotonic() + 20
        while True:
            body: dict[str, Any] = self.status(request_id).json()
            if body["status"] in states:
                return body
            assert time.monotonic() < deadline, body
            time.sleep(0.01)

    def finished(self, request_id: str) -> dict[str, Any]:
        """Poll until the request has ended, and return its status body."""
        return self.until(request_id, "COMPLETED", "FAILED")

    def script(self, **script: Any) -> None:
        self._admin("POST", "/admin/script", script)

    def reset(self) -> None:
        self._admin("DELETE", "/admin/script")

    def settle(self) -> None:
        """Wait until nothing is in flight: a request that ends later would still spend credits."""
        deadline = time.monotonic() + 20
        while left := self.release():
            assert time.monotonic() < deadline, left
            time.sleep(0.005)

    def advance(self, seconds: float) -> float:
        """Move the clock, and return its new time."""
        return float(self._admin("POST", "/admin/clock", {"advance": seconds})["now"])

    def release(self, request_id: str | None = None) -> list[str]:
        given = {} if request_id is None else {"request_id": request_id}
        return list(self._admin("POST", "/admin/release", given)["released"])

    def seen(self) -> dict[str, Any]:
        """Return /admin/requests."""
        return self._admin("GET", "/admin/requests")

    def _admin(self, method: str, path: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.http.request(method, path, json=given)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def stop(self) -> int:
        """End the process as a person would, and return its exit code."""
        self.http.close()
        self.process.terminate()
        try:
            return self.process.wait(timeout=20)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it as the machine might (SIGKILL)."""
        self.http.close()
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


StartEmbedded = Callable[..., EmbeddedServer]
"""Starts a server: command line arguments, then `data=`, `admin=`, `engine=`, `key=`."""
