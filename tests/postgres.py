"""A PostgreSQL server of the tests' own: made in a temporary folder, gone with it.

Run by itself (`python -m tests.postgres`) it serves until Ctrl-C, for looking around.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

NEEDED = os.environ.get("REPAINT_NEED_POSTGRES") == "1"
USER = "postgres"
# Nothing here must survive a power loss, and a hundred databases are made from the template.
FAST = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "shared_buffers=64MB")


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


@contextlib.contextmanager
def server(*options: str) -> Iterator[str]:
    """A running server. Gives the address of its first database: postgresql://postgres@127.0.0.1:PORT/postgres.

    `options` such as "fsync=on" come after those that make it fast. Raises where there are no binaries.
    """
    folder = binaries()
    if folder is None:
        raise FileNotFoundError("PostgreSQL's initdb is not on this machine")
    with tempfile.TemporaryDirectory(prefix="repaint-postgres-", ignore_cleanup_errors=True) as name:
        data = Path(name) / "data"
        if _is_root():  # PostgreSQL does not run as root
            shutil.chown(name, USER, USER)
        _run(folder / "initdb", "-D", data, "-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8")
        port = _free_port()
        settings = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={name}",
            *FAST,
            *options,
        ]
        start = " ".join(f"-c {setting}" for setting in settings)
        control = (folder / "pg_ctl", "-D", data, "-w", "-t", "50")
        _run(*control, "-o", start, "-l", Path(name) / "log", "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _run(*control, "-m", "immediate", "stop")


def _run(*command: str | Path) -> None:
    as_other = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if _is_root() else []
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    # The output goes to a file: the server that stays would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(  # noqa: S603  # our own words only
            [*as_other, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment | {"LC_ALL": "C"},
            cwd="/",
            check=False,
            timeout=60,
        )
        output.seek(0)
        assert done.returncode == 0, f"{Path(command[0]).name}: {output.read()}"


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    with server() as address, contextlib.suppress(KeyboardInterrupt):
        print(address, flush=True)  # noqa: T201
        while True:
            input()
