"""Worker processes: they come on demand, end when idle, and whatever one of them does harms no other call."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from repaint import pictures
from repaint.errors import PictureTooManyPixels, PictureTruncated, StorageError, WorkerError
from repaint.workers import PictureWorkers
from tests.unit import picture_samples as samples

posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits are POSIX")


@pytest.fixture
async def workers() -> AsyncIterator[PictureWorkers]:
    async with open_workers() as opened:
        yield opened


class open_workers:  # noqa: N801  # reads as the function it stands for
    """Workers that are closed at the end, and a check that they left no process."""

    def __init__(self, **options: float) -> None:
        self._workers = PictureWorkers(**options)  # type: ignore[arg-type]

    async def __aenter__(self) -> PictureWorkers:
        return self._workers

    async def __aexit__(self, *_: object) -> None:
        await self._workers.close()
        assert worker_pids() == set()


def worker_pids() -> set[int]:
    """The worker processes of this one; multiprocessing's resource tracker is none of them."""
    found = set()
    for child in psutil.Process().children():
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline()):
                found.add(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found


async def until(condition: Callable[[], bool]) -> None:
    """Processes give no event that could be awaited. The test's own time limit ends this."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def begin_and_hang(mark: Path) -> None:
    mark.write_text(str(os.getpid()))
    time.sleep(600)


def pid_in(mark: Path) -> int:
    return int(mark.read_text() or 0) if mark.exists() else 0


def wait_for(mark: Path) -> int:
    while not mark.exists():
        time.sleep(0.005)
    return os.getpid()


def mark_and_wait_for(mark: Path, other: Path) -> int:
    mark.touch()
    return wait_for(other)


def fail_in(kind: type[Exception]) -> None:
    raise kind("as told")


def fill_disk(target: Path) -> None:
    """Normalise a picture under a limit that the file system enforces."""
    import resource  # noqa: PLC0415  # not on Windows

    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    pictures.normalise(target.with_name("source"), target, max_pixels=1_000_000)


# Calls ----------------------------------------------------------------------------------------------------


async def test_a_call_runs_in_another_process_and_the_next_one_in_the_same(workers: PictureWorkers) -> None:
    first = await workers.run(os.getpid)
    assert first != os.getpid()
    assert await workers.run(os.getpid) == first


async def test_arguments_and_results_cross_the_border(workers: PictureWorkers, tmp_path: Path) -> None:
    source = samples.write(tmp_path, samples.every_format()["heic"])
    picture = await workers.run(pictures.normalise, source, tmp_path / "out", max_pixels=2_000)
    assert picture.path == tmp_path / "out.jpg"
    assert picture.width * picture.height <= 2_000


async def test_a_refusal_crosses_the_border_with_its_detail_and_the_worker_lives_on(
    workers: PictureWorkers, tmp_path: Path
) -> None:
    before = await workers.run(os.getpid)
    bomb = samples.write(tmp_path, samples.png_bomb(9000))
    with pytest.raises(PictureTooManyPixels, match="9000 × 9000") as refusal:
        await workers.run(pictures.normalise, bomb, tmp_path / "out", max_pixels=1_000_000)
    assert refusal.value.detail
    cut = samples.write(tmp_path, samples.every_format()["png"][:999])
    with pytest.raises(PictureTruncated):
        await workers.run(pictures.normalise, cut, tmp_path / "out", max_pixels=1_000_000)
    assert await workers.run(os.getpid) == before


async def test_a_bug_in_a_function_arrives_as_it_is(workers: PictureWorkers) -> None:
    with pytest.raises(ZeroDivisionError, match="as told"):
        await workers.run(fail_in, ZeroDivisionError)


@posix
async def test_a_disk_that_is_full_crosses_the_border_as_storage_error(
    workers: PictureWorkers, tmp_path: Path
) -> None:
    samples.write(tmp_path, samples.every_format()["jpeg"], "source")
    with pytest.raises(StorageError):
        await workers.run(fill_disk, tmp_path / "out")
    assert os.listdir(tmp_path) == ["source"]  # noqa: PTH208  # names are what matters


async def test_two_calls_run_at_once_and_the_third_waits_its_turn(tmp_path: Path) -> None:
    one, two, free = (tmp_path / name for name in ("one", "two", "free"))
    async with open_workers(count=2) as workers:
        first = asyncio.create_task(workers.run(mark_and_wait_for, one, two))
        second = asyncio.create_task(workers.run(mark_and_wait_for, two, free))
        third = asyncio.create_task(workers.run(wait_for, free))
        assert await first != os.getpid()  # it saw the second one at work
        await until(lambda: len(worker_pids()) == 2)
        free.touch()
        pids = {await second, await third, await first}
        assert len(pids) == 2
        assert pids == worker_pids()


# Ends -----------------------------------------------------------------------------------------------------


async def test_no_process_before_the_first_call_and_none_after_the_idle_time() -> None:
    async with open_workers(idle_seconds=0.05) as workers:
        assert worker_pids() == set()
        first = await workers.run(os.getpid)
        await until(lambda: worker_pids() == set())
        assert await workers.run(os.getpid) != first


async def test_a_call_that_takes_too_long_is_killed_and_the_next_one_works() -> None:
    async with open_workers(count=1, time_limit=4) as workers:
        before = await workers.run(os.getpid)
        with pytest.raises(WorkerError) as failure:
            await workers.run(time.sleep, 600)
        assert "TimeoutError" in failure.value.detail
        assert await workers.run(os.getpid) != before
        assert not psutil.pid_exists(before)


async def test_a_worker_that_dies_is_an_error_and_the_next_call_works() -> None:
    async with open_workers(count=1) as workers:
        for _ in range(2):
            with pytest.raises(WorkerError, match="ProcessExpired"):
                await workers.run(os._exit, 3)
            assert await workers.run(os.getpid)


@posix
async def test_a_worker_that_is_shot_is_an_error_and_the_next_call_works() -> None:
    async with open_workers(count=1) as workers:
        with pytest.raises(WorkerError, match="ProcessExpired"):
            await workers.run(signal.raise_signal, signal.SIGKILL)  # as the system does when memory is short
        assert await workers.run(os.getpid)


async def test_a_call_that_fails_takes_no_other_call_with_it(workers: PictureWorkers, tmp_path: Path) -> None:
    free = tmp_path / "free"
    survivor = asyncio.create_task(workers.run(wait_for, free))
    with pytest.raises(WorkerError):
        await workers.run(os._exit, 3)
    free.touch()
    assert await survivor


@posix
@pytest.mark.parametrize("noticed", [True, False])
async def test_a_worker_that_is_killed_while_idle_is_replaced_unseen(noticed: bool) -> None:
    async with open_workers(count=1) as workers:
        pid = await workers.run(os.getpid)
        os.kill(pid, signal.SIGKILL)
        if noticed:
            await until(lambda: not psutil.pid_exists(pid))
        assert await workers.run(os.getpid) != pid


@posix
async def test_the_interrupt_of_a_terminal_does_not_reach_a_worker(workers: PictureWorkers) -> None:
    pid = await workers.run(os.getpid)
    os.kill(pid, signal.SIGINT)
    assert await workers.run(os.getpid) == pid


@posix
async def test_memory_beyond_the_limit_is_refused_and_the_next_call_works(workers: PictureWorkers) -> None:
    with pytest.raises(WorkerError, match="MemoryError"):
        await workers.run(bytearray, 2 * 1024**3)
    assert len(await workers.run(bytearray, 1024)) == 1024


async def test_a_cancelled_call_is_stopped_and_frees_its_turn(tmp_path: Path) -> None:
    async with open_workers(count=1) as workers:
        mark = tmp_path / "mark"
        call = asyncio.create_task(workers.run(begin_and_hang, mark))
        await until(lambda: pid_in(mark) != 0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await workers.run(os.getpid) != pid_in(mark)
        assert not psutil.pid_exists(pid_in(mark))


async def test_a_call_that_is_cancelled_while_it_waits_takes_no_turn(tmp_path: Path) -> None:
    async with open_workers(count=1) as workers:
        free = tmp_path / "free"
        running = asyncio.create_task(workers.run(wait_for, free))
        waiting = asyncio.create_task(workers.run(os.getpid))
        await asyncio.sleep(0)
        waiting.cancel()
        free.touch()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await running == await workers.run(os.getpid)


async def test_close_ends_running_and_waiting_calls_and_refuses_later_ones(tmp_path: Path) -> None:
    workers = PictureWorkers(count=1)
    mark = tmp_path / "mark"
    calls = [asyncio.create_task(workers.run(begin_and_hang, mark)) for _ in range(3)]
    await until(mark.exists)
    await workers.close()
    assert worker_pids() == set()
    for call in calls:
        with pytest.raises(WorkerError, match="closed"):
            await call
    with pytest.raises(WorkerError, match="closed"):
        await workers.run(os.getpid)
    await workers.close()


async def test_workers_that_were_never_used_can_be_closed() -> None:
    await PictureWorkers().close()


# Processes ------------------------------------------------------------------------------------------------

CRASH = """
import asyncio, os, time
from repaint.workers import PictureWorkers
async def main():
    workers = PictureWorkers(count=1)
    print(await workers.run(os.getpid), flush=True)
    time.sleep(600)
if __name__ == "__main__":
    asyncio.run(main())
"""


@posix
async def test_workers_end_with_a_bot_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASH)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(  # noqa: S603, ASYNC220  # this very Python
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment
    ) as bot:
        assert bot.stdout is not None
        pid = int(bot.stdout.readline())
        assert psutil.pid_exists(pid)
        bot.kill()
        await until(lambda: not psutil.pid_exists(pid) or _is_zombie(pid))


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)  # where nobody collects orphans
    except psutil.NoSuchProcess:
        return True


def test_importing_workers_and_pictures_loads_no_imaging_library() -> None:
    code = (
        "import sys, repaint.workers, repaint.pictures;"
        "print(sorted({'PIL', 'pillow_heif', 'numpy', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603  # this very Python
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=50
    )
    assert done.stdout.strip() == "[]"
