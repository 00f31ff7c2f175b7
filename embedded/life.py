"""The life of an accepted request: QUEUED → PROCESSING → COMPLETED or FAILED.

A request waits for a free slot as long as painters are busy, so its states are real. Every step is written
down, so that a restarted server goes on where the last one was killed; a picture that was being painted is
painted again.
"""

import asyncio
import json
import logging
import re
from typing import Literal

from embedded.clock import Clock
from embedded.engine import Engine, EngineError, Paint
from embedded.errors import PaintingFailed
from embedded.files import Files
from embedded.inputs import Inputs
from embedded.parameters import Parameters, parse
from embedded.script import Control
from embedded.state import State, StoredFile

log = logging.getLogger(__name__)

EngineKind = Literal["preview", "canned"]
PAINT_SECONDS = 120.0
CANNED_AT_ONCE = 50
"""Canned pictures take no time; this only keeps thousands of inputs from being in memory together."""

BLOCKED_WORDS = ("gore", "nsfw", "nude", "nudity", "porn")
"""Words in a prompt that the content filter blocks: a small sample of what Segmind's would."""
BLOCKED = re.compile(rf"\b(?:{'|'.join(BLOCKED_WORDS)})\b", re.IGNORECASE)
CONTENT_BLOCK = "Content blocked: the request was flagged by the content filter."


class Lives:
    """Runs each request's life in a task of its own."""

    def __init__(
        self,
        state: State,
        files: Files,
        inputs: Inputs,
        control: Control,
        clock: Clock,
        *,
        engine: EngineKind,
        workers: int,
    ) -> None:
        self._state = state
        self._files = files
        self._inputs = inputs
        self._control = control
        self._clock = clock
        self._default_engine = engine
        self._engines: dict[EngineKind, Engine] = {}
        self._workers = workers
        self._slots: dict[EngineKind, asyncio.Semaphore] = {
            "preview": asyncio.Semaphore(workers),
            "canned": asyncio.Semaphore(CANNED_AT_ONCE),
        }
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def engine_kind(self) -> EngineKind:
        """Which engine paints now."""
        return self._control.script.engine or self._default_engine

    def begin(self, request_id: str) -> None:
        """Start or go on with a request that the state holds."""
        task = asyncio.create_task(self._live(request_id), name=f"request {request_id}")
        self._tasks[request_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(request_id, None))

    async def ended(self, request_id: str) -> None:
        """Return when a request has ended. The waiter may be cancelled without harm to the request."""
        if task := self._tasks.get(request_id):
            await asyncio.wait({task})

    def stop(self) -> None:
        """Break off all that runs. Nothing is written down, so it goes on after the next start."""
        for task in self._tasks.values():
            task.cancel()

    async def close(self) -> None:
        """Stop, and end the workers."""
        self.stop()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for engine in self._engines.values():
            await engine.close()

    async def _live(self, request_id: str) -> None:
        error: str | None = None
        try:
            await self._to_the_end(request_id)
        except (PaintingFailed, EngineError) as failure:
            error = str(failure)
        except Exception:
            log.exception("request %s failed unexpectedly", request_id)
            error = "Internal error: the request could not be worked on."
        finally:
            self._control.forget(request_id)
        if error is not None:
            self._state.fail(request_id, error, self._clock.now())

    async def _to_the_end(self, request_id: str) -> None:
        request = self._state.request(request_id)
        if request is None:
            raise LookupError(request_id)
        if request.started_at is None:
            await self._control.hold(request_id, "queue_seconds", request.created_at)
        async with self._slots[self.engine_kind]:
            started = request.started_at
            if started is None:
                started = self._clock.now()
                self._state.start(request_id, started)
            failure: Exception | None = None
            try:
                parameters, outputs = await self._paint(request_id)
            except (PaintingFailed, EngineError) as error:
                failure = error
        # Held outside the slot: Segmind has more workers than this machine, so long scripted durations
        # must not make the requests queue behind each other.
        await self._control.hold(request_id, "inference_seconds", started)
        script = self._control.script
        if script.block:
            raise PaintingFailed(CONTENT_BLOCK)
        if script.fail is not None:
            raise PaintingFailed(script.fail)
        if failure is not None:
            raise failure
        self._state.complete(request_id, parameters.seed, outputs, self._clock.now())

    async def _paint(self, request_id: str) -> tuple[Parameters, list[StoredFile]]:
        """Paint every sample, and write the pictures to files that nobody can find yet."""
        parameters = parse(json.loads(self._state.body(request_id)))
        if BLOCKED.search(parameters.prompt):
            raise PaintingFailed(CONTENT_BLOCK)
        image = await self._inputs.load(parameters.image)
        engine = self._engine()
        outputs = []
        for seed in parameters.seeds:
            picture = await engine.paint(
                Paint(
                    image=image,
                    prompt=parameters.prompt,
                    negative_prompt=parameters.negative_prompt,
                    strength=parameters.strength,
                    guidance=parameters.guidance_scale,
                    steps=parameters.num_inference_steps,
                    seed=seed,
                )
            )
            outputs.append(await self._files.write(picture, "image/png"))
        return parameters, outputs

    def _engine(self) -> Engine:
        kind = self.engine_kind
        if kind not in self._engines:
            self._engines[kind] = Engine(kind, workers=self._workers, time_limit=PAINT_SECONDS)
        return self._engines[kind]
