"""`scripts/run` for one picture, or with a token: what it prints and saves, and that it leaves nothing."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.acceptance.asker import opened
from tests.acceptance.house import House, Program, no_traceback
from tests.acceptance.launched import SECONDS, Run

MOMENTS = [
    "No Discord needed",  # no process yet, or the first is just being started
    "/img2img",  # the bot is coming up
    "Queued",  # a job is under way, with picture workers
]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_no_process_and_no_file(
    tmp_path: Path, runs: list[Run], moment: str, number: signal.Signals
) -> None:
    runs.append(run := Run(tmp_path, "--once"))
    run.until(moment)
    run.process.send_signal(number)
    assert run.end() == 130
    assert run.alive() == []
    assert list(run.temporary.iterdir()) == []
    assert list(tmp_path.glob("repainted*")) == []
    no_traceback(run.said)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent is gone")
@pytest.mark.parametrize("moment", MOMENTS[1:])
def test_not_even_a_run_that_is_killed_leaves_a_process(tmp_path: Path, runs: list[Run], moment: str) -> None:
    runs.append(run := Run(tmp_path, "--once"))
    run.until(moment)
    children = [each for each in run.alive() if each.pid != run.process.pid]
    assert children
    run.process.kill()
    run.end()
    psutil.wait_procs(children, SECONDS)
    assert run.alive() == []


def test_a_run_that_nohup_started_outlives_its_terminal(tmp_path: Path, runs: list[Run]) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # inherited, as from nohup
    try:
        runs.append(run := Run(tmp_path, "--once"))
    finally:
        signal.signal(signal.SIGHUP, before)
    run.until("/img2img")
    run.process.send_signal(signal.SIGHUP)
    assert run.end() == 0, run.said


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_run_repaints_the_sample_whatever_the_terminal_can_show(
    tmp_path: Path, runs: list[Run], encoding: str
) -> None:
    runs.append(run := Run(tmp_path, "--once", PYTHONIOENCODING=encoding))
    assert run.end() == 0, run.said
    picture = tmp_path / "repainted.png"
    assert run.said.splitlines()[-1] == f"The picture is in {picture}"
    states = [line.split()[1] for line in run.said.splitlines() if line.startswith("  ")]
    assert states[0] == "Queued"
    assert states[-1] == "Done"
    assert opened(picture.read_bytes()).size == (1024, 768)
    assert run.alive() == []
    assert list(run.temporary.iterdir()) == []


def test_a_file_that_is_no_picture_ends_in_the_bots_sentence_and_one_more(
    tmp_path: Path, runs: list[Run]
) -> None:
    (tmp_path / "words.txt").write_text("no picture")
    runs.append(run := Run(tmp_path, "words.txt"))
    assert run.end() == 1
    said = run.said.splitlines()
    assert said[-2].startswith("  I cannot read this file as a picture.")
    assert said[-1] == "No picture was made."
    assert list(tmp_path.glob("repainted*")) == []


def test_a_run_has_a_database_of_its_own(tmp_path: Path, runs: list[Run]) -> None:
    """What is set is the bot's that people use: a stand-in's jobs have no business there."""
    theirs = tmp_path / "theirs.db"
    runs.append(run := Run(tmp_path, "--once", DATABASE_URL=f"sqlite:///{theirs}"))
    assert run.end() == 0, run.said
    assert not theirs.exists()


def test_a_second_picture_does_not_take_the_place_of_the_first(tmp_path: Path, runs: list[Run]) -> None:
    (tmp_path / "repainted.png").write_bytes(b"the first")
    runs.append(run := Run(tmp_path, "--seed", "7"))
    assert run.end() == 0, run.said
    assert (tmp_path / "repainted.png").read_bytes() == b"the first"
    assert (tmp_path / "repainted-2.png").is_file()


def test_a_key_that_the_api_refuses_is_told_to_whoever_runs_it(
    tmp_path: Path, runs: list[Run], house: House
) -> None:
    runs.append(run := Run(tmp_path, "--seed", "7", SEGMIND_API_KEY="wrong", SEGMIND_API_URL=house.api))
    assert run.end() == 1
    host = house.api.removeprefix("http://")
    assert f"the image API at {host} repaints the picture and may charge for it." in run.said
    assert run.said.splitlines()[-2:] == [
        "No picture was made.",
        f"SEGMIND_API_KEY was not accepted by {host}.",
    ]


def test_a_setting_that_is_wrong_ends_it_with_2_and_says_which(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "--once", JOBS_AT_ONCE="many"))
    assert run.end() == 2
    assert "JOBS_AT_ONCE is wrong" in run.said.splitlines()[-1]
    assert run.alive() == []


def test_with_a_token_it_is_the_bot_until_it_is_told_to_stop(
    tmp_path: Path, runs: list[Run], house: House
) -> None:
    """Against a stand-in of its own, since a token is one bot's."""
    discord = Program(tmp_path, "discord", "-m", "playground", "--port", "0")
    try:
        base = discord.address()
        settings = {"DISCORD_TOKEN": "playground", "DISCORD_API_URL": f"{base}/api/v10"}
        settings |= {"SEGMIND_API_KEY": "any", "SEGMIND_API_URL": house.api}
        runs.append(run := Run(tmp_path, DATA_DIR=str(tmp_path / "bot"), **settings))
        run.until("connected to Discord as")
        run.process.send_signal(signal.SIGTERM)
        assert run.end() == 0, run.said
        assert "stopped" in run.said.splitlines()[-1]
        assert run.alive() == []
    finally:
        discord.kill()


def test_a_wrong_token_ends_it_with_2(tmp_path: Path, runs: list[Run], house: House) -> None:
    settings = {"DISCORD_TOKEN": "wrong", "DISCORD_API_URL": f"{house.discord}/api/v10"}
    settings |= {"SEGMIND_API_KEY": "any", "SEGMIND_API_URL": house.api}
    runs.append(run := Run(tmp_path, DATA_DIR=str(tmp_path / "bot"), **settings))
    assert run.end() == 2
    assert "DISCORD_TOKEN is wrong: Discord does not accept it." in run.said
    assert run.said.splitlines()[-1] == "bot ended with exit code 2."
