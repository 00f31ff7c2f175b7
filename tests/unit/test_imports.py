"""Imports go one way: bot → cogs → repaint.ui → repaint.jobs → segmind, store, pictures → models → errors.

The two stand-ins share no code with the bot, so that one misreading of a protocol cannot cancel itself.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The first prefix that fits a module tells its layer. A module may import from its own and from lower layers.
LAYERS = {
    "bot": 9,
    "cogs": 8,
    "repaint.ui": 7,
    "repaint.jobs": 6,
    "repaint.workers": 5,
    "repaint.segmind": 4,
    "repaint.store": 4,
    "repaint.pictures": 4,
    "repaint.config": 3,
    "repaint.styles": 3,
    "repaint.models": 2,
    "repaint.logs": 2,
    "repaint.errors": 1,
    "repaint.text": 0,
    "repaint": 0,
}
PROGRAMS = ("embedded", "playground")
OWN = {"bot", "cogs", "repaint", "embedded", "playground", "scripts", "tests", "benchmarks"}


def modules(*folders: str) -> list[tuple[str, Path]]:
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(".".join(path.relative_to(ROOT).with_suffix("").parts), path) for path in files]


def imports(path: Path) -> set[str]:
    """The modules of this project that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return {name for name in found if name.split(".")[0] in OWN}


def layer(module: str) -> int:
    return next(number for prefix, number in LAYERS.items() if f"{module}.".startswith(f"{prefix}."))


def all_of_the_bot() -> list[tuple[str, Path]]:
    return [("bot", ROOT / "bot.py"), *modules("cogs", "repaint")]


@pytest.mark.parametrize(("module", "path"), all_of_the_bot(), ids=str)
def test_the_bot_imports_downwards(module: str, path: Path) -> None:
    for imported in imports(path):
        assert imported.split(".")[0] in {"cogs", "repaint"}, f"{module} imports {imported}"
        assert layer(imported) <= layer(module), f"{module} imports {imported}"


def test_cogs_never_import_cogs() -> None:
    for module, path in modules("cogs"):
        assert not any(name.startswith("cogs") for name in imports(path)), module


def test_only_bot_cogs_and_ui_know_discord() -> None:
    for module, path in all_of_the_bot():
        text = path.read_text("utf-8")
        knows = any(
            isinstance(node, ast.Import | ast.ImportFrom)
            and any(
                name.split(".")[0] == "discord"
                for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            )
            for node in ast.walk(ast.parse(text))
        )
        assert not knows or layer(module) >= LAYERS["repaint.ui"], module


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_stand_ins_are_programs_of_their_own(program: str) -> None:
    for module, path in modules(program):
        assert {name.split(".")[0] for name in imports(path)} <= {program}, module


def test_nothing_but_tests_and_benchmarks_imports_the_stand_ins() -> None:
    for module, path in [*all_of_the_bot(), *modules("scripts")]:
        assert not {name.split(".")[0] for name in imports(path)} & set(PROGRAMS), module


def test_the_walk_sees_something() -> None:
    assert len(all_of_the_bot()) > 20
    assert "repaint.config" in imports(ROOT / "bot.py")
