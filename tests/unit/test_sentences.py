"""Every sentence for people can be found in the source, so every catalogue can have it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.ui.translator import DESCRIPTION, NAME
from scripts.sentences import NotLiteral, fields, in_module, in_source, of_commands
from tests.unit.test_imports import modules


def test_the_search_sees_sentences_of_all_kinds() -> None:
    found = {(each.text, each.many, each.where) for each in in_source()}
    assert ("I know no such picture (any more). Please pick one from the list that appears while you type.",
            None, "cogs/jobs.py") in found  # fmt: skip
    assert ("Nothing is under way.", None, "cogs/jobs.py") in found
    assert (
        "The image service is busy; the picture keeps its place.",
        None,
        "repaint/jobs/submitter.py",
    ) in found
    assert ("{n} step", "{n} steps", "repaint/ui/cards.py") in found


def test_the_search_sees_all_of_the_commands() -> None:
    found = {(each.context, each.text): each.note for each in of_commands()}
    assert found[NAME, "img2img"] == "/img2img"
    assert "/jobs show" in found[NAME, "job"]
    assert (NAME, "jobs") in found
    assert (DESCRIPTION, "All about one picture") in found
    assert (DESCRIPTION, "karras") not in found  # a name of the API's
    assert (NAME, "cancel") in found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('text("a {b}", b=1)', [("a {b}", None)]),
        ('say("a" " b")', [("a b", None)]),
        ('self.say("a")', [("a", None)]),
        ('say("a" if b else "c")', [("a", None), ("c", None)]),
        ('words(job.language)("a")', [("a", None)]),
        ('own_words(interaction)("a")', [("a", None)]),
        ('say.plural("{n} cat", "{n} cats", 2)', [("{n} cat", "{n} cats")]),
        ('say(text("a"))', [("a", None)]),
        ("say(job.failure)", []),
        ('say("")', []),
        ('sa.text("SELECT 1")', []),
        ('label("a")', []),
    ],
)
def test_what_is_a_sentence(source: str, found: list[tuple[str, str | None]]) -> None:
    assert [(each.text, each.many) for each in in_module(source, "a.py")] == found


@pytest.mark.parametrize(
    "source",
    [
        'say(f"a {b}")',
        'text("a" + b)',
        'say("a {}".format(b))',
        'say.plural(f"{n}", "{n} cats", 2)',
        'say("%s" % b)',
    ],
)
def test_a_sentence_that_is_put_together_is_refused(source: str) -> None:
    with pytest.raises(NotLiteral, match=r"a\.py:1"):
        in_module(source, "a.py")


GIVERS = {
    node.name
    for _, path in modules("repaint", "cogs")
    for node in ast.walk(ast.parse(path.read_text("utf-8")))
    if isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == "Text"
}
"""Functions that give a sentence which can be translated."""


def _raised(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """Every `sentence=` that an error is made with, and the error's name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg == "sentence":
                assert isinstance(node, ast.Call)
                yield ast.unparse(node.func), keyword.value


def _is_translatable(value: ast.expr) -> bool:
    """A variable is looked at where it gets its value: the test below."""
    match value:
        case ast.IfExp(body=body, orelse=other):
            return _is_translatable(body) and _is_translatable(other)
        case ast.Call(func=ast.Name(id="text" | "say")) | ast.Call(func=ast.Attribute(attr="plural")):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in GIVERS
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return True
    return False


def _names(value: ast.expr) -> set[str]:
    """The variables that a sentence may be."""
    match value:
        case ast.Name(id=name):
            return {name}
        case ast.IfExp(body=body, orelse=other):
            return _names(body) | _names(other)
    return set()


def _of_operators(path: Path, error: str) -> bool:
    """What whoever starts the bot reads on the terminal, before there is any language."""
    return error == "ConfigError" or (error, path.name) == ("RepaintError", "client.py")


def test_no_error_is_raised_with_a_sentence_that_cannot_be_translated() -> None:
    seen = 0
    for module, path in modules("repaint/ui", "repaint/jobs", "repaint/pictures", "repaint/segmind", "cogs"):
        for error, value in _raised(path):
            seen += 1
            assert _of_operators(path, error) or _is_translatable(value), f"{module}: {ast.unparse(value)}"
    assert seen > 10


def test_no_constant_holds_a_sentence_that_cannot_be_translated() -> None:
    """A sentence that is raised by its name gets there by `text()`."""
    for module, path in modules("repaint/ui", "repaint/jobs", "cogs"):
        tree = ast.parse(path.read_text("utf-8"))
        named = {name for _, value in _raised(path) for name in _names(value)}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr):
                names = {each.id for each in node.targets if isinstance(each, ast.Name)}
                assert not names & named, f"{module}: {ast.unparse(node)}"


@given(st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), max_size=4))
def test_fields_are_found_by_their_names(names: list[str]) -> None:
    assert fields(" and ".join(f"{{{name}}}" for name in names)) == set(names)
