"""The folder of the jobs: one process has it."""

from pathlib import Path

import pytest

from repaint.errors import ConfigError
from repaint.jobs.folder import held


def test_what_lies_there_is_left_alone(tmp_path: Path) -> None:
    kept = [tmp_path / "jobs" / "0123456789" / "input.png", tmp_path / "pictures" / "family.jpg"]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    with held(tmp_path) as folder:
        assert folder == tmp_path / "jobs"
    assert all(path.exists() for path in kept)


def test_a_second_bot_is_told_to_go_elsewhere(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(ConfigError, match="Another bot is running"), held(tmp_path):
        pass


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with held(tmp_path) as folder:
            assert folder.is_dir()


def test_a_place_that_cannot_be_used_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ConfigError, match="DATA_DIR is wrong"), held(tmp_path / "file"):
        pass
