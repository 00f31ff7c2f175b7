"""What `scripts/run` takes and refuses before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.arguments import PROMPT, SAMPLE, parse


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the person stands who calls it, with a picture there."""
    monkeypatch.setenv("REPAINT_CALLED_FROM", str(tmp_path))
    (tmp_path / "photo.jpg").write_bytes(b"a picture")
    return tmp_path


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The last line of what is said to wrong arguments, which end the process with 2."""
    with pytest.raises(SystemExit) as ended:
        parse(argv)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()[-1]


def test_without_arguments_the_sample_is_repainted_and_nothing_of_ones_own(folder: Path) -> None:
    arguments = parse([])
    assert arguments.image == SAMPLE
    assert SAMPLE.is_file()
    assert arguments.options == {"prompt": PROMPT}
    assert not arguments.own
    assert not arguments.once
    assert arguments.opens
    assert arguments.folder == folder


def test_the_page_is_left_to_the_person_who_asks_for_that(folder: Path) -> None:
    arguments = parse(["--no-open"])
    assert not arguments.opens
    assert not arguments.own


@pytest.mark.parametrize("argv", [["photo.jpg"], ["--image", "photo.jpg"]])
def test_a_picture_is_named_with_or_without_its_option_from_where_one_stands(
    folder: Path, argv: list[str]
) -> None:
    arguments = parse(argv)
    assert arguments.image == folder / "photo.jpg"
    assert arguments.own


def test_options_reach_the_command_as_they_are(folder: Path) -> None:
    arguments = parse(["--prompt", "stained glass", "--strength", "0", "--seed", "4294967295"])
    assert arguments.options == {"prompt": "stained glass", "strength": 0.0, "seed": 4294967295}
    assert arguments.own


@pytest.mark.parametrize("value", ["-0.1", "1.01", "nan", "inf", "much", ""])
def test_a_strength_is_a_number_from_0_to_1(
    folder: Path, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    said = refusal(capsys, f"--strength={value}")
    assert f"argument --strength: must be a number from 0 to 1, not {value!r}" in said


@pytest.mark.parametrize("value", ["-1", "4294967296", "1.5", "x", ""])
def test_a_seed_is_a_whole_number_of_32_bits(
    folder: Path, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    said = refusal(capsys, f"--seed={value}")
    assert f"argument --seed: must be a whole number from 0 to 4294967295, not {value!r}" in said


@pytest.mark.parametrize("value", ["", "  "])
def test_a_prompt_has_words(folder: Path, capsys: pytest.CaptureFixture[str], value: str) -> None:
    assert "argument --prompt: must not be empty" in refusal(capsys, f"--prompt={value}")


def test_two_pictures_are_one_too_many(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "one picture, not two" in refusal(capsys, "photo.jpg", "--image", "photo.jpg")


def test_a_folder_is_no_picture(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, str(folder)).endswith(f"{folder} is a folder, not a picture")


def test_a_file_that_is_not_there_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "photo.png").endswith(f"there is no file {folder / 'photo.png'}")


@pytest.mark.parametrize(
    ("size", "shown"), [(10 * 2**20 + 1, "10.1"), (30 * 2**20, "30")], ids=["just", "clearly"]
)
def test_a_file_that_discord_does_not_take_is_refused_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str], size: int, shown: str
) -> None:
    with (folder / "photo.jpg").open("wb") as file:
        file.truncate(size)
    assert refusal(capsys, "photo.jpg").endswith(
        f"photo.jpg has {shown} MiB; Discord takes at most 10 MiB. Please use a smaller copy."
    )


def test_a_file_of_just_the_size_that_discord_takes_is_sent(folder: Path) -> None:
    with (folder / "photo.jpg").open("wb") as file:
        file.truncate(10 * 2**20)
    assert parse(["photo.jpg"]).image == folder / "photo.jpg"
