"""The whole house as real processes: the bot, the stand-in for Discord, the embedded API."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "key-of-the-tests"
TOKEN = "playground"
STOP_SECONDS = 20


class Program:
    """One process of ours. `log` is where its standard error goes.

    It runs in `folder`, where no developer's `.env` lies.
    """

    def __init__(self, folder: Path, name: str, *arguments: str, **env: str) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._began = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, *arguments],
                cwd=folder,
                env=clean_environment() | env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    @property
    def output(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def said(self) -> str:
        """What it wrote into its log; earlier processes of this name are left out."""
        with self.log.open("rb") as log:
            log.seek(self._began)
            return log.read().decode("utf-8", "replace")

    def address(self) -> str:
        """The base address that a stand-in prints first."""
        line = self.output.readline()
        assert " listening on " in line, f"{self.name}: {line!r} {self.log.read_text()}"
        return line.rsplit(" ", 1)[1].strip()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.output.close()


def clean_environment() -> dict[str, str]:
    """The environment without any of the bot's settings, which a developer may have set."""
    from repaint.config import Settings  # noqa: PLC0415  # only its names

    names = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name.upper() not in names}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default", "PYTHONPATH": str(ROOT)}


class House:
    """Bot, playground and embedded API, each a process; `bot` is started by `start_bot`."""

    def __init__(self, folder: Path, *, engine: str = "canned") -> None:
        self.folder = folder
        self._running = contextlib.ExitStack()
        self.playground = self._keep(Program(folder, "playground", "-m", "playground", "--port", "0"))
        self.discord = self.playground.address()
        self.embedded = self.start_embedded(engine)
        self.api = self.embedded.address()
        self.bot: Program | None = None
        self.http = self._running.enter_context(httpx.Client(timeout=30, trust_env=False))
        settings = self.discord_settings()
        self._usual_settings = {name: settings[name] for name in ("attachment_size_limit", "rate_limits")}

    def start_embedded(self, engine: str = "canned", port: int = 0) -> Program:
        return self._keep(
            Program(
                self.folder,
                "embedded",
                *("-m", "embedded", "--port", str(port), "--admin", "--engine", engine),
                *("--data", str(self.folder / "embedded")),
                SEGMIND_API_KEY=KEY,
            )
        )

    def start_bot(
        self, *, data: str = "bot", crash_at: str = "", crash_signal: str = "KILL", **env: str
    ) -> Program:
        """Start the bot against the two others; settings can be given. Use `ready` to wait for it.

        `data` is the name of its folder; `crash_at` a moment at which it is killed or stopped, see
        crashing_bot.py.
        """
        settings = {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_URL": f"{self.discord}/api/v10",
            "SEGMIND_API_KEY": KEY,
            "SEGMIND_API_URL": self.api,
            "SEGMIND_REQUESTS_PER_MINUTE": "0",  # the tests do not wait for a plan's minute
            "DATA_DIR": str(self.folder / data),
            "JOBS_AT_ONCE_PER_MEMBER": "0",  # one person asks for all
            "JOBS_PER_MEMBER": "0",
        }
        program = ROOT / "bot.py"
        if crash_at or "LEASE_SECONDS" in env:
            program = ROOT / "tests" / "acceptance" / "crashing_bot.py"
            settings |= {"CRASH_AT": crash_at, "CRASH_SIGNAL": crash_signal}
        self.bot = self._keep(Program(self.folder, data, str(program), **(settings | env)))
        return self.bot

    @contextlib.contextmanager
    def api_down(self) -> Iterator[None]:
        """The image API's process is ended, and at the end of the block there again at its address."""
        assert self.embedded.stop() == 0, self.logs()
        try:
            yield
        finally:
            self.embedded = self.start_embedded(port=int(self.api.rpartition(":")[2]))
            assert self.embedded.address() == self.api

    def ready(self) -> None:
        """Wait until the bot is connected and its commands are known."""
        answer = self.http.get(f"{self.discord}/person/ready", params={"timeout": "30"})
        assert answer.status_code == 200, self.logs()

    def reset(self) -> None:
        """No script, no faults and no changed settings for the next test."""
        self.http.delete(f"{self.api}/admin/script").raise_for_status()
        self.http.post(f"{self.api}/admin/release", json={})
        self.http.delete(f"{self.discord}/workshop/faults").raise_for_status()
        self.http.delete(f"{self.discord}/workshop/traffic").raise_for_status()
        changed = self.discord_settings()["app_permissions"]
        self.discord_settings(
            **self._usual_settings,
            app_permissions=dict.fromkeys(changed),
            dms_closed=[],
            team=[],
            moderators={},
        )

    def script(self, **script: Any) -> None:
        """Change how the embedded API behaves (its /admin/script)."""
        self.http.post(f"{self.api}/admin/script", json=script).raise_for_status()

    def release(self) -> None:
        """Let every request pass a phase that is "manual"."""
        self.http.post(f"{self.api}/admin/release", json={}).raise_for_status()

    def api_saw(self) -> dict[str, Any]:
        """What the embedded API counted: submits, billed, uploads, and each request."""
        answer = self.http.get(f"{self.api}/admin/requests").raise_for_status()
        seen: dict[str, Any] = answer.json()
        return seen

    def accepted(self, prompt: str) -> list[dict[str, Any]]:
        """The requests with this prompt that the embedded API accepted, oldest first."""
        return [each for each in self.api_saw()["requests"] if each["body"]["prompt"] == prompt]

    def input_of(self, request: dict[str, Any]) -> bytes:
        """The input picture of a request that was uploaded before."""
        return self.http.get(request["body"]["image"]).raise_for_status().content

    def api_fault(self, route: str, **fault: Any) -> None:
        """One kind of trouble at the embedded API, and no other."""
        self.script(faults=[{"route": route, **fault}])

    def fault(self, kind: str, **details: Any) -> None:
        """Order trouble at the stand-in for Discord (its /workshop/faults)."""
        self.http.post(f"{self.discord}/workshop/faults", json={"kind": kind, **details}).raise_for_status()

    def discord_settings(self, **settings: Any) -> dict[str, Any]:
        """Change settings of the stand-in for Discord; all of them as they are then."""
        answer = self.http.post(f"{self.discord}/workshop/settings", json=settings).raise_for_status()
        running: dict[str, Any] = answer.json()
        return running

    def traffic(self) -> list[dict[str, Any]]:
        """What the bot and the stand-in for Discord said to each other since the last reset."""
        answer = self.http.get(f"{self.discord}/workshop/traffic").raise_for_status()
        seen: list[dict[str, Any]] = answer.json()
        return seen

    def logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{path.read_text('utf-8', 'replace')[-4000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def close(self) -> None:
        self._running.close()

    def _keep(self, program: Program) -> Program:
        self._running.callback(program.kill)
        return program


def no_traceback(log: str) -> None:
    """Fail with the first traceback that stands in this log, and with what was written around it."""
    before, found, after = log.partition("Traceback")
    if found:
        around = [*before.splitlines(keepends=True)[-5:], found, *after.splitlines(keepends=True)[:50]]
        pytest.fail("".join(around), pytrace=False)


async def until(check: Any, seconds: float = 20.0) -> Any:
    """Ask again and again until `check()` is true and return what it gave: for what sends no event."""
    async with asyncio.timeout(seconds):
        while not (found := check()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found
