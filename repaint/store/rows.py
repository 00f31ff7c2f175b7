"""Job ↔ row: what is searched for has a column, all the rest lies in a JSON document.

Keys of a document that are not known are left alone, missing ones take the default: an older row can always
be read.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from repaint.models import (
    ApiState,
    Attachment,
    Credit,
    Job,
    JobState,
    Origin,
    Picture,
    Request,
    Shown,
    Taken,
)
from repaint.store.documents import searchable, storable
from repaint.store.seal import Seal
from repaint.text import Text

JOB_COLUMNS = (
    "id",
    "state",
    "claimed",
    "created_at",
    "queued_at",
    "submitted_at",
    "unknown_at",
    "ended_at",
    "place",
    "request_id",
)
ORIGIN_COLUMNS = ("guild_id", "channel_id", "user_id", "interaction_id", "message_id")


_OF_A_JOB = re.compile(r"[\w-]+/[\w-][\w.-]*")  # its folder and a plain name


class Rows:
    """Reads and writes jobs. `folder` is where the jobs' pictures lie: documents name them relative to it."""

    def __init__(self, seal: Seal, folder: Path) -> None:
        self._seal = seal
        self._folder = folder
        self._decoders: dict[str, Callable[[Any], Any]] = {
            "request": lambda value: Request(**_known(Request, value)),
            "attachment": lambda value: Attachment(**_known(Attachment, value)),
            "takes": lambda value: Taken(**_known(Taken, value)),
            "credit": lambda value: Credit(**_known(Credit, value)),
            "note": _sentence,
            "change": _sentence,
            "failure": _sentence,
            "input": self._picture,
            "api_state": ApiState,
            "results": lambda value: tuple(self._inside(path) for path in value),
            "seeds": tuple,
            "owners": tuple,
            "outputs": lambda value: tuple(self._picture(each) for each in value),
            "shown": Shown,
        }

    def values(self, job: Job) -> dict[str, Any]:
        """The columns of a job: all but `owner`, `token` and `has_folder`."""
        columns: dict[str, Any] = {name: getattr(job, name) for name in JOB_COLUMNS}
        columns |= {name: getattr(job.origin, name) for name in ORIGIN_COLUMNS}
        columns["state"] = job.state.value
        columns["fair_key"] = job.origin.fair_key
        columns["work"] = job.request.work
        columns["prompt"] = searchable(job.request.prompt)
        columns["document"] = self._document(job)
        return columns

    def sealed(self, job: Job) -> str | None:
        """What goes into the column `token`."""
        return self._seal.close(job.origin.token) if job.origin.token else None

    def job(self, row: sa.Row[Any]) -> Job:
        """The job of a row of `jobs`. A token that cannot be opened is empty."""
        columns = row._mapping  # the public way to read by name, says SQLAlchemy of this underscore
        document: dict[str, Any] = columns["document"]
        token = self._seal.open(columns["token"]) if columns["token"] else None
        origin = Origin(
            **{name: columns[name] for name in ORIGIN_COLUMNS},
            **_known(Origin, document["origin"]),
            token=token or "",
        )
        fields = {
            name: self._decoders[name](value) if value is not None and name in self._decoders else value
            for name, value in _known(Job, document).items()
            if name != "origin"
        }
        fields |= {name: columns[name] for name in JOB_COLUMNS}
        return Job(**fields | {"state": JobState(columns["state"]), "origin": origin})

    def _document(self, job: Job) -> dict[str, Any]:
        rest = {
            field.name: getattr(job, field.name)
            for field in dataclasses.fields(job)
            if field.name not in JOB_COLUMNS and getattr(job, field.name) != field.default
        }
        document: dict[str, Any] = self._plain(rest)
        for name in (*ORIGIN_COLUMNS, "token"):
            del document["origin"][name]
        return document

    def _plain(self, value: Any) -> Any:  # noqa: PLR0911  # a table of kinds
        """Only what JSON has."""
        if isinstance(value, Text):
            return {"template": value.template, "values": self._plain(value.values)}
        if isinstance(value, str) and not isinstance(value, Enum):
            return storable(value)
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, float):
            return value if math.isfinite(value) else None  # PostgreSQL's JSON has no NaN
        if isinstance(value, Path):
            inside = value.relative_to(self._folder) if value.is_relative_to(self._folder) else value
            return inside.as_posix()
        if isinstance(value, Mapping):
            return {key: self._plain(each) for key, each in value.items()}
        if isinstance(value, tuple | list):
            return [self._plain(each) for each in value]
        if dataclasses.is_dataclass(value):
            return {
                field.name: self._plain(getattr(value, field.name)) for field in dataclasses.fields(value)
            }
        return value

    def _picture(self, value: dict[str, Any]) -> Picture:
        return Picture(**_known(Picture, value) | {"path": self._inside(value["path"])})

    def _inside(self, path: str) -> Path:
        """A file of a job. Whatever else a row names is looked for where nothing is."""
        return self._folder / (path if _OF_A_JOB.fullmatch(path) else "nothing")


def _sentence(value: Any) -> str:
    """A sentence with what it was made of; older rows have it as plain text."""
    if not isinstance(value, dict):
        return str(value)
    template = str(value["template"])
    try:
        return Text(template, {name: _value(each) for name, each in value["values"].items()})
    except (KeyError, IndexError, ValueError):  # of another version: better odd than unreadable
        return template


def _value(value: Any) -> Any:
    return _sentence(value) if isinstance(value, dict) else value


def _known(kind: type, document: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: document[field.name] for field in dataclasses.fields(kind) if field.name in document}
