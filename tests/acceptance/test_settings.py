"""bot.py with settings that are missing or wrong, and what people see where the key is wrong."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repaint.errors import KeyRefused
from tests.acceptance.asker import Asker, text
from tests.acceptance.house import ROOT, TOKEN, House, clean_environment, no_traceback
from tests.unit.picture_samples import encoded, photograph

SECRET = "a-secret-that-nobody-may-read"
COMPLETE = {"DISCORD_TOKEN": SECRET, "SEGMIND_API_KEY": f"{SECRET}-either"}


def end_of_bot(folder: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run bot.py where no `.env` lies, until it ends by itself."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, str(ROOT / "bot.py")],
        cwd=folder,
        env=clean_environment() | {"PYTHONWARNINGS": ""} | env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def said(end: "subprocess.CompletedProcess[str]", code: int = 2) -> list[str]:
    """What it said on standard error, log lines left out, when it ended; 2 is the code of a wrong setting."""
    assert end.returncode == code, end.stderr
    assert end.stdout == ""
    assert SECRET not in end.stderr
    no_traceback(end.stderr)
    return [line for line in end.stderr.splitlines() if " INFO " not in line]


def test_without_settings_the_bot_names_each_that_is_missing(tmp_path: Path) -> None:
    lines = said(end_of_bot(tmp_path))
    assert [line.split()[0] for line in lines] == ["DISCORD_TOKEN", "SEGMIND_API_KEY"]
    assert all("is missing" in line and ".env.example" in line for line in lines)


def test_an_empty_setting_is_a_missing_one(tmp_path: Path) -> None:
    [line] = said(end_of_bot(tmp_path, DISCORD_TOKEN=SECRET, SEGMIND_API_KEY=""))
    assert line.startswith("SEGMIND_API_KEY is missing")


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    wrong = {
        "DISCORD_API_URL": "discord.com",
        "SEGMIND_API_URL": f"https://user:{SECRET}@example.com",
        "JOBS_AT_ONCE": "many",
        "SUBMIT_RECONCILE_SECONDS": "0",
        "API_BREAKER_SECONDS": "soon",
        "KEEP_PICTURES_DAYS": "-1",
        "PICTURE_WORKERS": "0",
        "INPUT_MAX_MIB": "-1",
        "LOG_LEVEL": "loud",
    }
    lines = said(end_of_bot(tmp_path, **COMPLETE, **wrong))
    assert {line.split()[0] for line in lines} == set(wrong)
    assert all(" is wrong: " in line for line in lines)


def test_settings_are_read_from_a_file_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={SECRET}\nLOG_LEVEL=loud\n", "utf-8")
    lines = said(end_of_bot(tmp_path))
    assert [line.split()[0] for line in lines] == ["SEGMIND_API_KEY", "LOG_LEVEL"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param(f"mysql://user:{SECRET}@localhost/repaint", 2, id="another kind"),
        pytest.param(f"postgresql://user:{SECRET}@local host:port/", 2, id="no address"),
        pytest.param("sqlite:////dev/null/repaint.db", 2, id="no folder"),
        pytest.param(f"postgresql://user:{SECRET}@127.0.0.1:1/repaint", 1, id="nobody there yet"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_a_line_without_its_password(
    tmp_path: Path, url: str, code: int
) -> None:
    [line] = said(end_of_bot(tmp_path, **COMPLETE, DATABASE_URL=url), code)
    assert "DATABASE_URL" in line


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("These are notes and no database. " * 100)
    before = file.read_bytes()
    [line] = said(end_of_bot(tmp_path, **COMPLETE, DATABASE_URL=f"sqlite:///{file}"))
    assert line.startswith("DATABASE_URL ")
    assert file.read_bytes() == before


def test_a_token_that_discord_does_not_take_is_said_in_a_line(tmp_path: Path, house: House) -> None:
    [line] = said(end_of_bot(tmp_path, **COMPLETE, DISCORD_API_URL=f"{house.discord}/api/v10"))
    assert line == "DISCORD_TOKEN is wrong: Discord does not accept it."


def test_a_discord_that_cannot_be_reached_is_said_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as unused:  # bound, not listening
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/api/v10"
        [line] = said(end_of_bot(tmp_path, **COMPLETE, DISCORD_API_URL=address), code=1)
    assert line.startswith(f"Discord cannot be reached at {address}")


@pytest.mark.parametrize("path", ["/users/@me$", "/commands$"])
def test_a_discord_that_hangs_up_at_the_start_is_said_in_a_line(
    tmp_path: Path, house: House, path: str
) -> None:
    house.fault("rest", path_regex=path, drop=True, times=-1)
    settings = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": f"{house.discord}/api/v10"}
    [line] = said(end_of_bot(tmp_path, SEGMIND_API_KEY=SECRET, **settings), code=1)
    assert line.startswith(f"Discord cannot be reached at {house.discord}")


@pytest.mark.parametrize("key", ["two words", "schlüssel"])
def test_a_key_that_cannot_be_one_is_said_in_a_line(tmp_path: Path, house: House, key: str) -> None:
    settings = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": f"{house.discord}/api/v10", "SEGMIND_API_KEY": key}
    end = end_of_bot(tmp_path, **settings)
    [line] = said(end)
    assert line.startswith("SEGMIND_API_KEY is wrong")
    assert key not in end.stderr


# What people see of wrong and unusual ones ----------------------------------------------------------------


@contextlib.contextmanager
def house_with(folder: Path, **env: str) -> Iterator[House]:
    """A house whose bot runs with these settings, and never logs its key."""
    house = House(folder)
    try:
        bot = house.start_bot(SEGMIND_API_KEY=SECRET, LOG_LEVEL="debug", **env)
        house.ready()
        yield house
        assert bot.stop() == 0, house.logs()
        log = bot.log.read_text()
        no_traceback(log)
        assert SECRET not in log, "the key is never logged, not even when debugging"
    finally:
        house.close()


async def test_a_wrong_key_fails_the_job_in_a_sentence_and_later_ones_are_refused(
    tmp_path: Path, small: bytes
) -> None:
    with house_with(tmp_path) as house:
        async with Asker(house.discord) as visitor:
            await visitor.until_failed_with(KeyRefused, await visitor.ask(small))
            await visitor.ask(small)
            assert text(await visitor.until_told_privately()) == KeyRefused.sentence
        assert house.api_saw()["submits"] == 0


async def test_a_file_over_the_size_limit_is_refused_to_its_asker_alone(tmp_path: Path) -> None:
    file = encoded(photograph().resize((1024, 1024)), "BMP")
    with house_with(tmp_path, INPUT_MAX_MIB="1") as house:
        async with Asker(house.discord) as visitor:
            await visitor.ask(file)
            told = await visitor.until_told_privately()
            assert text(told) == "The attached file is too large. Please attach one of at most 1 MiB."
            assert [each["id"] for each in await visitor.new_messages()] == [told["id"]]
