"""Transport compression of the gateway: one stream a connection, flushed after each message."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any

Compress = Callable[[bytes], bytes]


def _zlib_stream() -> Compress:
    stream = zlib.compressobj()

    def compress(data: bytes) -> bytes:
        return stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)

    return compress


def _zstd_stream() -> Compress | None:
    """Zstandard by Python 3.14's own module, or by the zstandard package where it is installed."""
    for name in ("compression.zstd", "zstandard"):
        try:
            module: Any = importlib.import_module(name)
        except ImportError:
            continue
        if name == "compression.zstd":
            compressor = module.ZstdCompressor()
            return lambda data: bytes(compressor.compress(data, mode=compressor.FLUSH_BLOCK))
        stream = module.ZstdCompressor().compressobj()
        return lambda data: stream.compress(data) + bytes(stream.flush(module.COMPRESSOBJ_FLUSH_BLOCK))
    return None


def stream(kind: str | None) -> Compress | None:
    """The compression that ``compress=`` asked for; None: send text, which every client understands."""
    if kind == "zlib-stream":
        return _zlib_stream()
    if kind == "zstd-stream":
        return _zstd_stream()
    return None
