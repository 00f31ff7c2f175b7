"""What the server remembers, in one SQLite file: requests, files, what was billed, the clock.

Everything runs on the event loop: each statement takes well under a millisecond. The file is opened in
exclusive mode, so that a second server on the same data directory is refused; the lock dies with its process.
"""

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    body TEXT NOT NULL,              -- JSON, as sent
    price REAL NOT NULL,             -- USD, if it completes
    status TEXT NOT NULL,
    error TEXT,
    seed TEXT,
    created_at REAL NOT NULL,        -- all times: unix seconds by the server's clock
    started_at REAL,
    ended_at REAL
) STRICT;
CREATE INDEX IF NOT EXISTS requests_by_age ON requests (created_at);
CREATE INDEX IF NOT EXISTS requests_in_flight ON requests (created_at, price) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS files (   -- uploaded inputs, and outputs (those with a request)
    name TEXT PRIMARY KEY,
    request_id TEXT REFERENCES requests (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    size INTEGER NOT NULL,
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS files_of_request ON files (request_id, position);
CREATE INDEX IF NOT EXISTS files_by_age ON files (created_at);
CREATE TABLE IF NOT EXISTS totals (name TEXT PRIMARY KEY, value REAL NOT NULL) STRICT;
INSERT OR IGNORE INTO totals VALUES ('spent', 0), ('submits', 0), ('billed', 0), ('uploads', 0), ('clock', 0);
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, without its body."""

    id: str
    model: str
    price: float
    status: Status
    error: str | None
    seed: str | None
    created_at: float
    started_at: float | None
    ended_at: float | None

    @property
    def cost(self) -> float:
        """What was billed, in USD: only what completed."""
        return self.price if self.status == "COMPLETED" else 0.0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the data directory, known by its unguessable name."""

    name: str
    size: int
    created_at: float


REQUEST_COLUMNS = ", ".join(f"requests.{name}" for name in Request.__slots__)


class State:
    """The database of one data directory. Raises sqlite3.OperationalError if another server has it open."""

    def __init__(self, path: Path) -> None:
        # Only its owner may read it; SQLite gives the files that it keeps beside it the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        # Autocommit, and BEGIN where two statements belong together. WAL with synchronous=NORMAL outlives a
        # kill of the process; a power loss may take the last seconds, which is no more than a test loses.
        self.db = sqlite3.connect(path, timeout=2.0, isolation_level=None)
        self.db.executescript(
            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "PRAGMA foreign_keys=ON;" + SCHEMA
        )

    def close(self) -> None:
        self.db.close()

    def total(self, name: Literal["spent", "submits", "billed", "uploads", "clock"]) -> float:
        """Return a running total: USD spent, how many requests or files, how far the clock was moved."""
        (value,) = self.db.execute("SELECT value FROM totals WHERE name = ?", (name,)).fetchone()
        return float(value)

    def _add(self, name: str, value: float) -> None:
        self.db.execute("UPDATE totals SET value = value + ? WHERE name = ?", (value, name))

    def move_clock(self, seconds: float) -> None:
        """Keep how far the clock was moved, so that ages agree after a restart."""
        self._add("clock", seconds)

    # Requests

    def submit(self, request_id: str, model: str, body: str, price: float, now: float) -> None:
        """Add a QUEUED request."""
        with self.db:
            self.db.execute("BEGIN")
            self.db.execute(
                "INSERT INTO requests (id, model, body, price, status, created_at) "
                "VALUES (?, ?, ?, ?, 'QUEUED', ?)",
                (request_id, model, body, price, now),
            )
            self._add("submits", 1)

    def start(self, request_id: str, now: float) -> None:
        """QUEUED → PROCESSING."""
        self.db.execute(
            "UPDATE requests SET status = 'PROCESSING', started_at = ? WHERE id = ?", (now, request_id)
        )

    def complete(self, request_id: str, seed: int, outputs: Sequence[StoredFile], now: float) -> None:
        """PROCESSING → COMPLETED: keep the outputs and bill the request, all or nothing."""
        with self.db:
            self.db.execute("BEGIN")
            self.db.executemany(
                "INSERT INTO files (name, request_id, position, size, created_at) VALUES (?, ?, ?, ?, ?)",
                [(file.name, request_id, n, file.size, file.created_at) for n, file in enumerate(outputs)],
            )
            (price,) = self.db.execute(
                "UPDATE requests SET status = 'COMPLETED', seed = ?, ended_at = ? WHERE id = ? "
                "RETURNING price",
                (str(seed), now, request_id),
            ).fetchone()
            self._add("spent", price)
            self._add("billed", 1)

    def fail(self, request_id: str, error: str, now: float) -> None:
        """QUEUED or PROCESSING → FAILED, with a sentence. Not billed."""
        self.db.execute(
            "UPDATE requests SET status = 'FAILED', error = ?, ended_at = ?, "
            "started_at = coalesce(started_at, ?) WHERE id = ?",
            (error, now, now, request_id),
        )

    def request(self, request_id: str) -> Request | None:
        row = self.db.execute(
            f"SELECT {REQUEST_COLUMNS} FROM requests WHERE id = ?",  # noqa: S608  column names
            (request_id,),
        ).fetchone()
        return Request(*row) if row else None

    def requests(self) -> list[tuple[Request, str]]:
        """Return every request with its body, oldest first."""
        rows = self.db.execute(
            f"SELECT {REQUEST_COLUMNS}, body FROM requests ORDER BY created_at, rowid"  # noqa: S608
        )
        return [(Request(*row[:-1]), row[-1]) for row in rows]

    def body(self, request_id: str) -> str:
        """Return a request's JSON as sent."""
        (body,) = self.db.execute("SELECT body FROM requests WHERE id = ?", (request_id,)).fetchone()
        return str(body)

    def in_flight(self) -> list[str]:
        """Return the ids of all requests that have not ended, oldest first."""
        rows = self.db.execute("SELECT id FROM requests WHERE ended_at IS NULL ORDER BY created_at, rowid")
        return [request_id for (request_id,) in rows]

    def reserved(self) -> float:
        """Return what the requests in flight will cost together, in USD."""
        (total,) = self.db.execute("SELECT total(price) FROM requests WHERE ended_at IS NULL").fetchone()
        return float(total)

    # Files

    def outputs(self, request_id: str) -> list[StoredFile]:
        """Return a request's pictures in the order of their seeds."""
        rows = self.db.execute(
            "SELECT name, size, created_at FROM files WHERE request_id = ? ORDER BY position", (request_id,)
        )
        return [StoredFile(*row) for row in rows]

    def add_asset(self, file: StoredFile) -> None:
        """Remember an uploaded input."""
        with self.db:
            self.db.execute("BEGIN")
            self.db.execute(
                "INSERT INTO files (name, position, size, created_at) VALUES (?, 0, ?, ?)",
                (file.name, file.size, file.created_at),
            )
            self._add("uploads", 1)

    def file(self, name: str) -> StoredFile | None:
        row = self.db.execute("SELECT name, size, created_at FROM files WHERE name = ?", (name,)).fetchone()
        return StoredFile(*row) if row else None

    def files_older_than(self, moment: float) -> list[str]:
        rows = self.db.execute("SELECT name FROM files WHERE created_at <= ?", (moment,))
        return [name for (name,) in rows]

    def all_files(self) -> set[str]:
        return {name for (name,) in self.db.execute("SELECT name FROM files")}

    def forget_files(self, names: Sequence[str]) -> None:
        self.db.executemany("DELETE FROM files WHERE name = ?", [(name,) for name in names])

    def forget_requests_older_than(self, moment: float) -> None:
        """Drop requests that ended and are this old; those in flight stay."""
        self.db.execute("DELETE FROM requests WHERE created_at <= ? AND ended_at IS NOT NULL", (moment,))
