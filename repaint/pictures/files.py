"""Picture files on this machine's disk: a file under its final name is always whole."""

from __future__ import annotations

from pathlib import Path

from repaint.errors import StorageError
from repaint.models import Picture
from repaint.pictures.kinds import Kind


def store(target: Path, kind: Kind, data: bytes, size: tuple[int, int]) -> Picture:
    """Write an encoded picture of `size` (width, height) beside `target`, with the suffix of its kind.

    Raises StorageError (disk full, no permission, fault) and then leaves nothing behind.
    """
    path = target.with_suffix(kind.suffix)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(f"writing {path}: {error!r}") from error
    return Picture(path, kind.media_type, *size, len(data))
