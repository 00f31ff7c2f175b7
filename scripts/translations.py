"""Translations: what Repaint says, in the languages that it speaks.

    python -m scripts.translations [LANGUAGE …]     bring the catalogues up to date, and begin those named
    python -m scripts.translations --check          change nothing; say what is wrong, and exit with 1

A catalogue is `repaint/locales/LANGUAGE/LC_MESSAGES/repaint.po`: only its `msgstr` are edited by hand, all
else comes from the source. The bot reads the `.mo` beside it, which is made of it here.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from repaint.ui import languages
from repaint.ui.registration import payloads
from repaint.ui.translator import NAME, CatalogueTranslator
from scripts.sentences import Sentence, fields, in_source, of_commands, tree

WIDTH = 110
COMMENT = "# What Repaint says. Only the msgstr are edited by hand: see scripts/translations.py."
CHAT_NAME = re.compile(r"[-_'\w]{1,32}")  # of commands and options (Discord)
CODE = re.compile(r"`([^`{}]+)`")
NAME_LENGTH, DESCRIPTION_LENGTH, COMMAND_LENGTH = 32, 100, 8000  # characters (Discord)


class _Catalogue(Catalog):
    """Without what changes at each run or with Babel's version."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")]
        return [("Language", str(self.locale)), *headers, ("Plural-Forms", self.plural_forms)]

    @mime_headers.setter
    def mime_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Nothing else belongs there."""


# Files ----------------------------------------------------------------------------------------------------


def begun() -> list[str]:
    """The languages that have a catalogue, as their folders are called."""
    return sorted(
        path.parents[1].name for path in languages.LOCALES.glob(f"*/LC_MESSAGES/{languages.DOMAIN}.po")
    )


def spoken() -> list[str]:
    """The languages that should have one."""
    return sorted(code.replace("-", "_") for code in languages.LANGUAGES if code != languages.ENGLISH)


def path_of(language: str, suffix: str = ".po") -> Path:
    """Where a language's catalogue lies."""
    return languages.LOCALES / language / "LC_MESSAGES" / f"{languages.DOMAIN}{suffix}"


def read(language: str) -> Catalog:
    """A language's catalogue as it lies there; an empty one where there is none."""
    path = path_of(language)
    return parsed(path.read_bytes() if path.exists() else b"", language)


def parsed(file: bytes, language: str) -> Catalog:
    """A catalogue from what its `.po` file holds."""
    return read_po(io.BytesIO(file), locale=language)


def everything() -> list[Sentence]:
    """All that is to be translated, each time that it is said."""
    return [*in_source(), *of_commands()]


def catalogue(sentences: Iterable[Sentence], language: str, old: Catalog | None = None) -> Catalog:
    """A catalogue of these sentences, each with what `old` has for just this one."""
    made = _Catalogue(language, header_comment=COMMENT, charset="utf-8", fuzzy=False)
    for sentence in sentences:
        made.add(
            (sentence.text, sentence.many) if sentence.many is not None else sentence.text,
            locations=[(sentence.where, 0)] if sentence.where else [],
            auto_comments=[sentence.note] if sentence.note else [],
            context=sentence.context,
        )
    for message in messages(made):
        before = old.get(message.id, message.context) if old is not None else None
        if not isinstance(message.id, str):
            message.string = ("",) * made.num_plurals
        if before is None:
            continue
        message.user_comments = before.user_comments
        is_alike = isinstance(before.id, str) is isinstance(message.id, str)
        if is_alike and len(_forms(before)) == len(_forms(message)):
            message.string = before.string
    return made


def messages(of: Catalog) -> Iterator[Message]:
    """All but the head."""
    return (message for message in of if message.id)


def written(one: Catalog) -> bytes:
    """A catalogue as a `.po` file."""
    file = io.BytesIO()
    write_po(file, one, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def compiled(one: Catalog) -> bytes:
    """A catalogue as the `.mo` file that the bot reads."""
    file = io.BytesIO()
    write_mo(file, one)
    return file.getvalue()


def files(also: Iterable[str] = ()) -> dict[Path, bytes]:
    """All files as they should be: two for each language that is begun or in `also`."""
    sentences = everything()
    made: dict[Path, bytes] = {}
    for language in sorted({*begun(), *also}):
        one = catalogue(sentences, language, read(language))
        made[path_of(language)] = written(one)
        made[path_of(language, ".mo")] = compiled(one)
    return made


# What may be wrong ----------------------------------------------------------------------------------------


def outdated() -> list[str]:
    """Files that are not what a run would make of them."""
    return [
        f"{path.relative_to(languages.LOCALES)} is not up to date"
        for path, content in files().items()
        if not path.exists() or path.read_bytes() != content
    ]


def untranslated(one: Catalog) -> list[str]:
    """Sentences without a translation, or without one of its forms."""
    return [f"not translated: {_shown(message)}" for message in messages(one) if not all(_forms(message))]


def misfilled(one: Catalog) -> list[str]:
    """Translations with other fields than the original."""
    wrong = []
    for message in messages(one):
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        known = [fields(original) for original in originals]
        for form in _forms(message):
            try:
                found = fields(form)
            except ValueError as error:  # a brace alone
                wrong.append(f"{error}: “{form}”")
                continue
            if form and found not in known:
                wrong.append(f"other fields than in {_shown(message)}: “{form}”")
    return wrong


def misnamed(one: Catalog) -> list[str]:
    """Translations in which a command or an option in `code` has not the name that Discord shows it by."""
    wrong = []
    for message in messages(one):
        if message.context is not None:
            continue
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        for name in {each for original in originals for each in CODE.findall(original)}:
            shown = _shown_name(one, name)
            wrong += [
                f"`{name}` is called `{shown}`: “{form}”"
                for form in _forms(message)
                if form and shown is not None and f"`{shown}`" not in form
            ]
    return wrong


def _shown_name(one: Catalog, name: str) -> str | None:
    """What `/style save for_server:True` or `strength` is called; None for what is no name."""
    words = []
    for word in name.removeprefix("/").split(" "):
        called, colon, value = word.partition(":")
        found = one.get(called, NAME)
        if found is None or not found.string:
            return None
        words.append(f"{found.string}{colon}{value}")
    return ("/" if name.startswith("/") else "") + " ".join(words)


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string
    return (
        (string or "",) if isinstance(string, str) or string is None else tuple(each or "" for each in string)
    )


def _shown(message: Message) -> str:
    context = f" ({message.context})" if message.context else ""
    return f"“{message.id if isinstance(message.id, str) else message.id[0]}”{context}"


def translated_commands() -> list[dict[str, Any]]:
    """The payloads of all commands with all their localisations, as the compiled catalogues have them."""

    async def made() -> list[dict[str, Any]]:
        commands = await tree()
        await commands.set_translator(CatalogueTranslator())
        return await payloads(commands)

    return asyncio.run(made())


def problems_of_commands(commands: list[dict[str, Any]]) -> list[str]:
    """What Discord would refuse of these commands together."""
    found = [each for command in commands for each in unfit(command)]
    for kind in sorted({command.get("type", 1) for command in commands}):
        found += _alike("Repaint", [each for each in commands if each.get("type", 1) == kind])
    return found


def unfit(command: dict[str, Any]) -> list[str]:
    """What Discord would refuse of a command's localisations."""
    is_menu = command.get("type", 1) != 1
    wrong = [] if _length(command) <= COMMAND_LENGTH else [f"{command['name']}: too long altogether"]
    for part in _parts(command):
        wrong += _unfit_names(part, is_free=is_menu or "value" in part)
        for locale, said in (part.get("description_localizations") or {}).items():
            if not 1 <= len(said) <= DESCRIPTION_LENGTH:
                wrong.append(f"{locale}: a description has at most {DESCRIPTION_LENGTH} characters: “{said}”")
        for children in ("options", "choices"):
            wrong += _alike(part["name"], part.get(children) or [])
    return wrong


def _unfit_names(part: dict[str, Any], *, is_free: bool) -> Iterator[str]:
    most = DESCRIPTION_LENGTH if "value" in part else NAME_LENGTH
    for locale, name in (part.get("name_localizations") or {}).items():
        if not 1 <= len(name) <= most:
            yield f"{locale}: a name has at most {most} characters: “{name}”"
        elif not is_free and (not CHAT_NAME.fullmatch(name) or name != name.lower()):
            yield f"{locale}: such a name has small letters, digits, - and _ alone: “{name}”"


def _alike(parent: str, children: list[dict[str, Any]]) -> Iterator[str]:
    """Names that two of some neighbours have in one language."""
    locales = {locale for each in children for locale in each.get("name_localizations") or {}}
    for locale in sorted(locales):
        names = [(each.get("name_localizations") or {}).get(locale, each["name"]) for each in children]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{locale}: two in {parent} have the name “{name}”"


def _parts(command: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield command
    for children in ("options", "choices"):
        for child in command.get(children) or []:
            yield from _parts(child)


def _length(command: dict[str, Any]) -> int:
    """Of all names, descriptions and values; of localisations the longest counts (Discord)."""
    total = 0
    for part in _parts(command):
        for key in ("name", "description"):
            said = [part.get(key, ""), *(part.get(f"{key}_localizations") or {}).values()]
            total += max(map(len, said))
        total += len(str(part.get("value", "")))
    return total


def problems() -> list[str]:
    """All that is wrong with the catalogues."""
    found = [f"{language}: no catalogue" for language in spoken() if language not in begun()]
    found += outdated()
    for language in begun():
        one = read(language)
        found += [f"{language}: {each}" for each in (*untranslated(one), *misfilled(one), *misnamed(one))]
    return found + problems_of_commands(translated_commands())


def main(arguments: list[str] | None = None) -> int:
    """0 if all is well."""
    parser = argparse.ArgumentParser(prog="python -m scripts.translations", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="to begin: " + ", ".join(spoken()))
    parser.add_argument("--check", action="store_true", help="change nothing; say what is wrong")
    given = parser.parse_args(arguments)
    if unknown := set(given.languages) - set(spoken()):
        parser.error(f"not spoken here: {', '.join(sorted(unknown))}")
    if not given.check:
        for path, content in files(given.languages).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    found = problems()
    for each in found:
        print(each)
    return 1 if found and given.check else 0


if __name__ == "__main__":
    sys.exit(main())
