"""`scripts/run` as a process of its own, with all that it starts."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import psutil

from tests.acceptance.house import ROOT, clean_environment

KEYS = {"DISCORD_TOKEN": "", "SEGMIND_API_KEY": ""}  # set and empty: a developer's .env does not count
SECONDS = 40.0


class Run:
    """One `scripts/run` in a folder of its own. Its processes are known by a mark in their environment."""

    def __init__(self, folder: Path, *arguments: str, **env: str) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self._mark = uuid.uuid4().hex
        settings = {"REPAINT_MARK": self._mark, "TMPDIR": str(self.temporary)}
        self.process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-m", "scripts.launch", *arguments],
            cwd=ROOT,
            env=clean_environment() | KEYS | settings | {"REPAINT_CALLED_FROM": str(folder)} | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.said = ""

    def until(self, words: str) -> None:
        """Read what it prints until these words come."""
        assert self.process.stdout is not None
        while words not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line.decode()

    def end(self) -> int:
        """The exit code, when it has ended; `said` is then all that it printed."""
        rest, _ = self.process.communicate(timeout=SECONDS)
        self.said += rest.decode()
        return self.process.returncode

    def alive(self) -> list[psutil.Process]:
        """The processes that belong to it, also those whose parent is gone."""
        return [each for each in psutil.process_iter() if self._mark in _environment(each)]

    def clear(self) -> None:
        for each in self.alive():
            each.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _environment(process: psutil.Process) -> str:
    try:
        return process.environ().get("REPAINT_MARK", "")
    except psutil.Error:
        return ""
