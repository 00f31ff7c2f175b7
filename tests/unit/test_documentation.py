"""What is documented and what is there are the same."""

import re
from pathlib import Path

import discord
import pytest
from discord import app_commands

from embedded.preview.words import plan
from repaint.config import Settings
from scripts.sentences import tree

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    for link in links:
        if not re.match(r"[a-z]+:", link):
            assert (page.parent / link.partition("#")[0]).exists(), link


def test_links_are_found() -> None:
    assert {page.name for page in PAGES} >= {"README.md", "architecture.md", "real-server.md"}
    assert "](docs/images/repainted.jpg)" in PAGES[0].read_text("utf-8")


async def test_every_command_and_option_is_explained_to_those_who_use_it() -> None:
    page = (ROOT / "docs" / "using.md").read_text("utf-8")
    commands = await tree()
    for command in commands.walk_commands():
        if isinstance(command, app_commands.Command):
            assert f"/{command.qualified_name}" in page, command.qualified_name
    for option in ("style", "strength", "seed", "samples", "spoiler"):
        assert option in {each.name for each in commands.get_command("img2img").parameters}  # type: ignore[union-attr]
    for each in commands.get_command("img2img").parameters:  # type: ignore[union-attr]
        assert f"`{each.name}`" in page or f"{each.name}:" in page, each.name
    for menu in commands.get_commands(type=discord.AppCommandType.message):
        assert menu.name in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_measured_figure_is_filled_in(page: Path) -> None:
    assert "BENCH_" not in page.read_text("utf-8")


def listed(kind: str) -> list[str]:
    """The words that the README says the preview engine knows."""
    found = re.search(rf"^- {kind}: (.+?)(?=\n- |\n\n)", PAGES[0].read_text("utf-8"), re.M | re.S)
    assert found
    return re.split(r",\s+", found[1])


def test_each_style_in_the_readme_is_one_of_its_own() -> None:
    plans = [plan(word) for word in listed("styles")]
    assert all(each.understood and len(each.styles) == 1 for each in plans)
    assert len({each.styles for each in plans}) == len(plans)


def test_each_mood_in_the_readme_is_one_of_its_own() -> None:
    plans = [plan(word) for word in listed("moods")]
    assert all(len(each.moods) == 1 for each in plans)
    assert len({each.moods for each in plans}) == len(plans)


def test_each_colour_in_the_readme_is_one_of_its_own() -> None:
    plans = [plan(word) for word in listed("colours")]
    assert all(each.understood and len(each.tints) == 1 for each in plans)
    assert len({each.tints for each in plans}) == len(plans)
