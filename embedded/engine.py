"""What paints the embedded API's pictures.

Two engines stand behind one class. `preview` repaints a picture with filters, in worker processes; it is a
stand-in for a diffusion model, not Stable Diffusion: it restyles what is there and never adds an object.
`canned` answers at once with a small plain picture, for tests and benchmarks.

This module stays light: OpenCV, NumPy and Pillow are imported in the workers alone, so that an idle server
holds none of them.
"""

import asyncio
import logging
import math
import multiprocessing
import random
import re
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pebble import ProcessExpired, ProcessPool

log = logging.getLogger(__name__)

CANNED_SIZE = re.compile(r"\bsize=(\d{1,3}) ?(KiB|MiB)\b", re.IGNORECASE)
SHUT_DOWN = "The engine was shut down while it was painting."


class EngineError(Exception):
    """The picture could not be painted. The message is a sentence for people, the API's `error`."""


@dataclass(frozen=True, slots=True)
class Paint:
    """One picture to paint."""

    image: bytes
    """The input picture as received: PNG, JPEG, WebP, GIF, … (judged by its bytes)."""
    prompt: str
    negative_prompt: str
    strength: float
    """0 (nearly the input) to 1 (wholly repainted)."""
    guidance: float
    """1 (faint) to 20 (exaggerated)."""
    steps: int
    """Accepted because a diffusion model has them; the preview engine has no steps and ignores them."""
    seed: int


def preview(request: Paint) -> bytes:
    """Run the preview engine. Called in a worker process, where the heavy imports belong."""
    from embedded.preview.painter import paint  # noqa: PLC0415  OpenCV must not reach the server's process

    return paint(request)


class Engine:
    """Paints pictures off the event loop, several at once, each within a time limit.

    `painter` is what a worker runs; another one is for tests. The worker processes start with the first
    picture and end after `idle_seconds` without one.
    """

    def __init__(
        self,
        kind: Literal["preview", "canned"],
        workers: int = 2,
        time_limit: float = 30.0,
        *,
        idle_seconds: float = 60.0,
        painter: Callable[[Paint], bytes] = preview,
    ) -> None:
        self.kind = kind
        self.workers = workers
        self.time_limit = time_limit
        self.idle_seconds = idle_seconds
        self._painter = painter
        self._pool: ProcessPool | None = None
        self._painting: set[Future[bytes]] = set()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> bool:
        """Whether worker processes exist (for tests and the health page)."""
        return self._pool is not None

    async def paint(self, request: Paint) -> bytes:
        """Return the painted picture as PNG.

        Raises EngineError if the picture cannot be read, painting takes longer than the time limit (its
        worker is killed), the worker dies, the engine is closed meanwhile, or the painter fails. Cancelling
        this call also kills its worker.
        """
        if self.kind == "canned":
            return canned(request)
        self._stop_idle_timer()
        pool = self._ready_pool()
        future = pool.schedule(self._painter, args=(request,), timeout=self.time_limit)
        self._painting.add(future)
        try:
            return await asyncio.wrap_future(future)
        except EngineError:
            raise
        except TimeoutError as error:
            limit = f"{self.time_limit:g} seconds"
            raise EngineError(f"Painting took longer than {limit} and was stopped.") from error
        except (ProcessExpired, BrokenProcessPool) as error:
            if pool is not self._pool:
                raise EngineError(SHUT_DOWN) from error
            raise EngineError("The painting process ended unexpectedly. Try again.") from error
        except Exception as error:
            log.exception("the painter failed")  # with the worker's own traceback, which pebble attaches
            raise EngineError("The engine could not paint this picture.") from error
        finally:
            self._painting.discard(future)
            if not self._painting:
                loop = asyncio.get_running_loop()
                self._idle_timer = loop.call_later(self.idle_seconds, self._end_pool)

    def _ready_pool(self) -> ProcessPool:
        if self._pool is not None and not self._pool.active:  # a worker was killed while it was idle
            self._end_pool()
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")  # fork would copy the server's threads and sockets
            self._pool = ProcessPool(max_workers=self.workers, context=spawn)
        return self._pool

    async def close(self) -> None:
        """End the workers, whatever they are doing. A later paint() starts new ones."""
        self._stop_idle_timer()
        self._end_pool()
        while self._endings:
            await asyncio.gather(*self._endings)

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _end_pool(self) -> None:
        """Let go of the pool and its unfinished pictures."""
        if self._pool is None:
            return
        ending = asyncio.ensure_future(_end(self._pool, tuple(self._painting)))
        self._pool = None
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)


async def _end(pool: ProcessPool, unfinished: tuple[Future[bytes], ...]) -> None:
    """Kill a pool's processes, then fail their unfinished pictures: pebble leaves most of them pending."""
    pool.stop()  # type: ignore[no-untyped-call]
    await asyncio.to_thread(pool.join)
    for future in unfinished:
        if not future.done():
            future.set_exception(EngineError(SHUT_DOWN))


def canned(request: Paint) -> bytes:
    """Return a 64×64 PNG in a colour drawn from the seed.

    A prompt that holds `size=300KiB` or `size=12MiB` gets a PNG of noise, at least that large, instead: it
    does not compress, and is the same for every seed.
    """
    if match := CANNED_SIZE.search(request.prompt):
        unit = {"kib": 1 << 10, "mib": 1 << 20}[match[2].lower()]
        return _noise_png(int(match[1]) * unit)
    colour = random.Random(request.seed).randbytes(3)
    return _png(64, 64, (b"\0" + colour * 64) * 64, level=9)


@lru_cache(maxsize=4)
def _noise_png(size: int) -> bytes:
    side = math.ceil(math.sqrt(size / 3))
    noise = random.Random(size)
    return _png(side, side, b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(side)), level=0)


def _png(width: int, height: int, rows: bytes, level: int) -> bytes:
    """Return an 8-bit RGB PNG. `rows`: each row is its filter type (0: none), then its pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, level))
        + chunk(b"IEND", b"")
    )
