"""The engine's processes: time limit, crash, idle end; and the canned pictures."""

import asyncio
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from embedded.engine import Engine, EngineError, Paint

REPOSITORY = Path(__file__).parents[2]


def request(prompt: str = "anything", seed: int = 1) -> Paint:
    return Paint(
        image=b"", prompt=prompt, negative_prompt="", strength=0.7, guidance=7.5, steps=20, seed=seed
    )


def scripted(paint: Paint) -> bytes:
    """Do what the prompt says. Runs in a worker."""
    match paint.prompt:
        case "hang":
            time.sleep(600)
        case "crash":
            os._exit(9)
        case "bug":
            raise ZeroDivisionError
        case "refuse":
            raise EngineError("This is not a picture.")
    return str(os.getpid()).encode()


async def test_what_the_worker_returns_arrives() -> None:
    engine = Engine("preview", workers=1, painter=scripted)
    try:
        assert int(await engine.paint(request())) != os.getpid()
    finally:
        await engine.close()


async def test_a_picture_over_the_time_limit_is_stopped_with_its_worker_and_the_next_one_works() -> None:
    engine = Engine("preview", workers=1, time_limit=0.5, painter=scripted)
    try:
        first = int(await engine.paint(request()))
        with pytest.raises(EngineError, match=r"longer than 0\.5 seconds"):
            await engine.paint(request("hang"))
        assert not psutil.pid_exists(first)
        assert int(await engine.paint(request())) != first
    finally:
        await engine.close()


async def test_a_crashed_worker_is_an_error_and_the_next_picture_works() -> None:
    engine = Engine("preview", workers=1, painter=scripted)
    try:
        with pytest.raises(EngineError, match="ended unexpectedly"):
            await engine.paint(request("crash"))
        assert await engine.paint(request())
    finally:
        await engine.close()


async def test_a_worker_killed_while_idle_does_not_spoil_the_next_picture() -> None:
    engine = Engine("preview", workers=1, painter=scripted)
    try:
        worker = psutil.Process(int(await engine.paint(request())))
        worker.kill()
        assert engine._pool is not None
        for loop in engine._pool._loops:  # pebble's threads end when they notice
            await asyncio.to_thread(loop.join, 5)
            if not engine._pool.active:
                break
        assert await engine.paint(request())
    finally:
        await engine.close()


async def test_a_sentence_from_the_worker_is_kept() -> None:
    engine = Engine("preview", workers=1, painter=scripted)
    try:
        with pytest.raises(EngineError, match=r"^This is not a picture\.$"):
            await engine.paint(request("refuse"))
    finally:
        await engine.close()


async def test_a_bug_in_the_painter_is_logged_and_becomes_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = Engine("preview", workers=1, painter=scripted)
    try:
        with pytest.raises(EngineError, match="could not paint"):
            await engine.paint(request("bug"))
        assert "ZeroDivisionError" in caplog.text
    finally:
        await engine.close()


async def test_closing_fails_the_picture_being_painted() -> None:
    engine = Engine("preview", workers=1, painter=scripted)
    await engine.paint(request())
    painting = asyncio.create_task(engine.paint(request("hang")))
    await asyncio.sleep(0)
    await engine.close()
    with pytest.raises(EngineError, match="shut down"):
        await painting


async def test_workers_start_with_the_first_picture_and_end_when_idle() -> None:
    engine = Engine("preview", workers=1, idle_seconds=0, painter=scripted)
    try:
        assert not engine.running
        worker = int(await engine.paint(request()))
        await asyncio.sleep(0)  # the idle timer, at once
        await asyncio.sleep(0)
        assert not engine.running
        await engine.close()  # waits for the ending processes
        assert not psutil.pid_exists(worker)
        assert int(await engine.paint(request())) != worker
    finally:
        await engine.close()


async def test_pictures_are_painted_side_by_side() -> None:
    engine = Engine("preview", workers=2, time_limit=30, painter=scripted)
    try:
        hanging = asyncio.create_task(engine.paint(request("hang")))
        assert await engine.paint(request())
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
    finally:
        await engine.close()


async def test_the_canned_engine_draws_its_colour_from_the_seed_without_a_worker() -> None:
    engine = Engine("canned")
    first, again, other = [await engine.paint(request(seed=seed)) for seed in (1, 1, 2)]
    assert first == again != other
    picture = Image.open(io.BytesIO(first))
    picture.load()
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (64, 64))
    assert not engine.running


@pytest.mark.parametrize(("prompt", "size"), [("size=300KiB", 300 << 10), ("a cat, size=1MiB", 1 << 20)])
async def test_a_canned_picture_has_at_least_the_size_in_the_prompt(prompt: str, size: int) -> None:
    result = await Engine("canned").paint(request(prompt))
    assert size <= len(result) < size * 1.05
    Image.open(io.BytesIO(result)).load()


@pytest.mark.parametrize("kind", ["canned", "preview"])
def test_the_servers_process_loads_no_imaging_library(kind: str) -> None:
    program = (
        "import asyncio, sys\n"
        "import embedded.app, embedded.preview.words\n"
        "from embedded.engine import Engine, EngineError, Paint\n"
        "async def main():\n"
        f"    engine = Engine({kind!r}, workers=1)\n"
        "    try:\n"
        "        await engine.paint(Paint(b'no picture', 'x', '', 0.5, 7.5, 20, 1))\n"
        "    except EngineError as error:\n"
        "        print(error)\n"
        "    await engine.close()\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
        "    print({'cv2', 'numpy', 'PIL'} & set(sys.modules))\n"
    )
    # As a file: a spawned worker imports its parent's main module again.
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines()[-1] == "set()"
    if kind == "preview":
        assert "could not be read" in answer.stdout
