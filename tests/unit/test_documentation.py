"""What is documented and what is there are the same."""

import re
from pathlib import Path

from repaint.config import Settings

ROOT = Path(__file__).parents[2]


def example() -> dict[str, str]:
    text = (ROOT / ".env.example").read_text("utf-8")
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_every_setting_is_in_the_example_and_nothing_else_is() -> None:
    assert set(example()) == {name.upper() for name in Settings.model_fields}


def test_the_example_shows_the_defaults() -> None:
    for name, field in Settings.model_fields.items():
        shown = example()[name.upper()]
        if field.is_required():
            assert shown == ""
        elif isinstance(field.default, int | float):
            assert float(shown) == field.default
        else:
            assert shown == str(field.default)


def test_every_setting_has_a_comment_above_it() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"^[A-Z_]+=", line):
            above = lines[number - 1]
            assert above.startswith("# ") or re.match(r"^SEGMIND_\w+=", above), line


def test_the_changelog_names_the_version() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
