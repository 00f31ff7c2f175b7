"""What there is to translate: the sentences in the source, and the texts of the commands."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import importlib
import string
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot import EXTENSIONS
from repaint.ui.client import RepaintBot
from repaint.ui.translator import context_of

ROOT = Path(__file__).parents[1]
FOLDERS = ("repaint", "cogs")
SPOKEN = {"say", "text"}  # functions whose first argument is a sentence,
PLURAL = "plural"  # and the method that takes a sentence for one and a sentence for many


class NotLiteral(Exception):
    """A sentence that is put together where it is said, so no catalogue can have it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """What is translated as a whole. `many` is its other form in English; `where` is where it stands."""

    text: str
    many: str | None = None
    context: str | None = None
    where: str = ""
    note: str = ""


def in_source(root: Path = ROOT) -> list[Sentence]:
    """All sentences in the source, by file and in the order in which they stand there. Raises NotLiteral."""
    paths = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
    return [
        sentence
        for path in paths
        for sentence in in_module(path.read_text("utf-8"), path.relative_to(root).as_posix())
    ]


def in_module(source: str, where: str) -> list[Sentence]:
    """The sentences of one module. Raises NotLiteral."""
    calls = sorted(
        (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)),
        key=lambda call: (call.lineno, call.col_offset),
    )
    return [sentence for call in calls for sentence in _in_call(call, where)]


def _in_call(call: ast.Call, where: str) -> Iterator[Sentence]:
    place = f"{where}:{call.lineno}"
    if _is_spoken(call.func) and call.args:
        for sentence in _literals(call.args[0], place):
            yield Sentence(sentence, where=where)
    elif isinstance(call.func, ast.Attribute) and call.func.attr == PLURAL and len(call.args) > 1:
        ones, manies = (list(_literals(each, place)) for each in call.args[:2])
        for one, many in zip(ones, manies, strict=True):
            yield Sentence(one, many, where=where)


def _is_spoken(function: ast.expr) -> bool:
    match function:
        case ast.Name(id=name):
            return name in SPOKEN
        case ast.Attribute(attr="say") | ast.Call(func=ast.Name(id="words" | "own_words")):
            return True
    return False


def _literals(node: ast.expr, place: str) -> Iterator[str]:
    """The literals that an argument may be. A variable holds a sentence that stands elsewhere."""
    match node:
        case ast.Constant(value=str(sentence)):
            if sentence:
                yield sentence
        case ast.IfExp(body=body, orelse=other):
            yield from _literals(body, place)
            yield from _literals(other, place)
        case ast.JoinedStr() | ast.BinOp() | ast.Call(func=ast.Attribute(attr="format" | "join")):
            raise NotLiteral(f"{place}: the sentence must be one literal, with {{name}} for what is put in")


# The commands ---------------------------------------------------------------------------------------------


class _Recorder(app_commands.Translator):
    """Writes down what a translator is asked for."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], set[str]] = {}  # context and text: the commands that have it

    async def translate(
        self,
        string: app_commands.locale_str,
        _: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        if not _is_a_technical_choice(string.message, context):
            commands = self.asked.setdefault((context_of(context), string.message), set())
            commands.update(_command_of(context.data))
        return None


def _is_a_technical_choice(message: str, context: app_commands.TranslationContextTypes) -> bool:
    """A choice that is its own value is a name of the API's, which is the same everywhere."""
    return isinstance(context.data, app_commands.Choice) and context.data.value == message


def _command_of(data: Any) -> Iterable[str]:
    if isinstance(data, app_commands.Parameter):
        return [data.command.qualified_name]
    return [] if isinstance(data, app_commands.Choice) else [data.qualified_name]


async def tree() -> app_commands.CommandTree[Any]:
    """The tree of all commands, without a connection."""
    client = RepaintBot(discord.http.Route.BASE, extensions=())
    for name in EXTENSIONS:
        await importlib.import_module(name).setup(client)
    return client.tree


async def _asked() -> dict[tuple[str, str], set[str]]:
    commands, recorder = await tree(), _Recorder()
    for command in commands.get_commands():
        await command.get_translated_payload(commands, recorder)
    return recorder.asked


def of_commands() -> list[Sentence]:
    """The names and descriptions of all commands, their options and choices."""
    return [
        Sentence(message, context=context, note=", ".join(f"/{name}" for name in sorted(commands)))
        for (context, message), commands in sorted(asyncio.run(_asked()).items(), key=lambda each: each[0])
    ]


def fields(template: str) -> set[str]:
    """The names of what is put into a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
