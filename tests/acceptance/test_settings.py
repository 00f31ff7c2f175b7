"""bot.py with settings that are missing or wrong, and what people see where the key is wrong."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from repaint.errors import KeyRefused
from tests.acceptance.asker import Asker, text
from tests.acceptance.house import ROOT, TOKEN, House, clean_environment
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
    assert "Traceback" not in end.stderr
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


def test_a_token_that_discord_does_not_take_is_said_in_a_line(tmp_path: Path, house: House) -> None:
    [line] = said(end_of_bot(tmp_path, **COMPLETE, DISCORD_API_URL=f"{house.discord}/api/v10"))
    assert line == "DISCORD_TOKEN is wrong: Discord does not accept it."


def test_a_discord_that_cannot_be_reached_is_said_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as unused:  # bound, not listening
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/api/v10"
        [line] = said(end_of_bot(tmp_path, **COMPLETE, DISCORD_API_URL=address), code=1)
    assert line.startswith(f"Discord cannot be reached at {address}")


@pytest.mark.parametrize("key", ["two words", "schlüssel"])
def test_a_key_that_cannot_be_one_is_said_in_a_line(tmp_path: Path, house: House, key: str) -> None:
    settings = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": f"{house.discord}/api/v10", "SEGMIND_API_KEY": key}
    end = end_of_bot(tmp_path, **settings)
    [line] = said(end)
    assert line.startswith("SEGMIND_API_KEY is wrong")
    assert key not in end.stderr


# A house whose bot has the wrong key and takes small files only -------------------------------------------


@pytest.fixture(scope="module")
def strict_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("strict"))
    try:
        bot = house.start_bot(SEGMIND_API_KEY=SECRET, INPUT_MAX_MIB="1", LOG_LEVEL="debug")
        house.ready()
        yield house
        assert bot.stop() == 0, house.logs()
        log = bot.log.read_text()
        assert "Traceback" not in log, house.logs()
        assert SECRET not in log, "the key is never logged, not even when debugging"
    finally:
        house.close()


@pytest.fixture
async def visitor(strict_house: House) -> AsyncIterator[Asker]:
    async with Asker(strict_house.discord) as person:
        yield person


async def test_a_wrong_key_fails_the_job_in_a_sentence(
    strict_house: House, visitor: Asker, small: bytes
) -> None:
    await visitor.until_failed_with(KeyRefused, await visitor.ask(small))
    assert strict_house.api_saw()["submits"] == 0


async def test_a_file_over_the_size_limit_is_refused_to_its_asker_alone(
    strict_house: House, visitor: Asker
) -> None:
    file = encoded(photograph().resize((1024, 1024)), "BMP")
    await visitor.ask(file)
    told = await visitor.until_told_privately()
    assert text(told) == "The attached file is too large. Please attach one of at most 1 MiB."
    assert [each["id"] for each in await visitor.new_messages()] == [told["id"]]
