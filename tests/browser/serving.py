"""`scripts/run` without a token, as a process: the page and all that is behind it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.acceptance.house import ROOT, clean_environment

SECONDS = 60.0
KEYS = {"DISCORD_TOKEN": "", "SEGMIND_API_KEY": ""}  # set and empty: a developer's .env does not count


class Serving:
    """The running page. `url` is its address, `pictures` the folder for pictures of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pictures = Path(os.environ.get("REPAINT_SCREENSHOTS") or folder / "pictures")
        self.pictures.mkdir(parents=True, exist_ok=True)
        (folder / "tmp").mkdir()
        self._output = folder / "output.log"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(  # our own program
                [sys.executable, "-m", "scripts.launch", "--no-open"],
                cwd=ROOT,
                env=clean_environment() | KEYS | {"TMPDIR": str(folder / "tmp")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
            )
        self.url = ""

    def __enter__(self) -> Self:
        try:
            self.url = self._address()
            self._client = httpx.Client(base_url=self.url, timeout=30)
            answer = self._client.get("/person/ready", params={"timeout": 30})
            assert answer.status_code == 200, answer.text
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        assert self._end() == 0, self._output.read_text("utf-8")

    def _address(self) -> str:
        assert self._process.stdout is not None
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
            line = self._process.stdout.readline().decode()
            assert line, said + self._output.read_text("utf-8")
            said += line
        return found[0]

    def _end(self) -> int:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        return self._process.returncode

    def call(self, method: str, path: str, json: Any = None) -> Any:
        """Ask the page's server for something."""
        answer = self._client.request(method, path, json=json)
        assert answer.status_code < 400, answer.text
        return answer.json()

    def script(self, **values: Any) -> None:
        """Have the image API behave so (embedded/script.py)."""
        self.call("POST", "/workshop/api/script", values)

    def restart_bot(self) -> None:
        """Have the bot end and begin anew."""
        self.call("POST", "/workshop/bot", {"do": "kill"})
        while self.call("GET", "/workshop/state")["bot"]["state"] != "ended":
            time.sleep(0.02)  # the page hears of it by an event; here nothing else waits
        self.reset()

    def reset(self) -> None:
        """No faults, no script: the engine's own pace. The bot is there."""
        self.call("DELETE", "/workshop/faults")
        self.call("DELETE", "/workshop/api/script")
        if self.call("GET", "/workshop/state")["bot"]["state"] == "ended":
            self.call("POST", "/workshop/bot", {"do": "start"})
        self.call("GET", "/person/ready?timeout=30")
