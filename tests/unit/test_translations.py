"""Every language's catalogue is complete, and what Discord is told of the commands is allowed."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from repaint.ui import languages
from repaint.ui.translator import NAME
from scripts import translations
from scripts.sentences import Sentence
from scripts.translations import (
    begun,
    catalogue,
    compiled,
    everything,
    misfilled,
    misnamed,
    outdated,
    path_of,
    read,
    spoken,
    translated_commands,
    unfit,
    untranslated,
    written,
)

EACH_LANGUAGE = pytest.mark.parametrize("language", begun())


# What there is --------------------------------------------------------------------------------------------


def test_all_languages_have_a_catalogue_or_none_has() -> None:
    assert begun() in ([], spoken())


@EACH_LANGUAGE
def test_a_language_is_complete(language: str) -> None:
    assert untranslated(read(language)) == []


@EACH_LANGUAGE
def test_a_translation_has_the_originals_fields(language: str) -> None:
    assert misfilled(read(language)) == []


@EACH_LANGUAGE
def test_a_translation_has_the_names_that_discord_shows(language: str) -> None:
    assert misnamed(read(language)) == []


@EACH_LANGUAGE
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in read(language) if message.fuzzy] == []
    assert list(read(language).obsolete) == []


@EACH_LANGUAGE
def test_a_catalogue_is_compiled(language: str) -> None:
    assert path_of(language, ".mo").read_bytes() == compiled(
        catalogue(everything(), language, read(language))
    )


def test_catalogues_are_as_the_source_is() -> None:
    assert outdated() == []


def test_commands_are_allowed_by_discord_in_all_languages() -> None:
    assert translations.problems_of_commands(translated_commands()) == []


# Catalogues -----------------------------------------------------------------------------------------------

SENTENCES = [
    Sentence("There is no {name}.", where="a.py"),
    Sentence("{n} cat", "{n} cats", where="a.py"),
    Sentence("show", context=NAME, note="/jobs show"),
]


def filled(language: str = "de", **changes: Any) -> Catalog:
    """A catalogue of SENTENCES with translations."""
    made = catalogue(SENTENCES, language)
    said: dict[str, Any] = {"none": "{name} gibt es nicht.", "cats": ("{n} Katze", "{n} Katzen")} | changes
    for sentence, string, context in (
        ("There is no {name}.", said["none"], None),
        ("{n} cat", said["cats"], None),
        ("show", "zeigen", NAME),
    ):
        message = made.get(sentence, context)
        assert message is not None
        message.string = string
    return made


def again(one: Catalog) -> Catalog:
    """As it is read from its file."""
    return translations.parsed(written(one), str(one.locale))


def test_what_is_filled_in_stays() -> None:
    once = written(catalogue(SENTENCES, "de", again(filled())))
    assert once == written(filled())
    assert written(catalogue(SENTENCES[::-1], "de", again(filled()))) != once  # in the source's order
    assert untranslated(again(filled())) == []
    assert misfilled(again(filled())) == []


def test_a_sentence_that_is_gone_leaves_nothing_and_a_new_one_is_missing() -> None:
    changed = [*SENTENCES[1:], Sentence("There is no such {name}.", where="a.py")]
    after = catalogue(changed, "de", again(filled()))
    assert untranslated(after) == ["not translated: “There is no such {name}.”"]
    assert b"gibt es nicht" not in written(after)


@pytest.mark.parametrize(
    ("original", "string", "is_right"),
    [
        ("See `/show`.", "Siehe `/zeigen`.", True),
        ("See `/show`.", "Siehe `/show`.", False),
        ("Leave `show` out.", "Lass `zeigen` weg.", True),
        ("Leave `show` out.", "Lass es weg.", False),
        ("`/show show:True` does it.", "`/zeigen zeigen:True` tut es.", True),
        ("`/show show:True` does it.", "`/show zeigen:True` tut es.", False),
        ("`name: value`", "`name: wert`", True),
    ],
)
def test_a_name_in_code_is_the_one_that_discord_shows(original: str, string: str, is_right: bool) -> None:
    one = catalogue([*SENTENCES, Sentence(original)], "de", filled())
    message = one.get(original)
    assert message is not None
    message.string = string
    assert (misnamed(again(one)) == []) is is_right


def test_a_sentence_that_gets_two_forms_is_missing() -> None:
    alone = catalogue([Sentence("{n} cat")], "de")
    message = alone.get("{n} cat")
    assert message is not None
    message.string = "{n} Katze"
    assert untranslated(catalogue(SENTENCES[1:2], "de", again(alone))) == ["not translated: “{n} cat”"]


@pytest.mark.parametrize("cats", [("{n} Katze", ""), ("", "")])
def test_each_form_is_needed(cats: tuple[str, str]) -> None:
    assert untranslated(again(filled(cats=cats))) == ["not translated: “{n} cat”"]


def test_a_language_with_one_form_needs_one() -> None:
    one = filled("ja", cats=("{n}匹",))
    assert untranslated(again(one)) == []
    assert misfilled(again(one)) == []
    assert written(catalogue(SENTENCES, "ja", again(one))) == written(one)


@pytest.mark.parametrize(
    "changes",
    [
        {"none": "{nam} gibt es nicht."},
        {"none": "Das gibt es nicht."},
        {"none": "{name} gibt es nicht: {n}."},
        {"none": "{name gibt es nicht."},
        {"cats": ("Eine Katze", "{n} Katzen")},
    ],
)
def test_other_fields_are_noticed(changes: dict[str, Any]) -> None:
    assert len(misfilled(again(filled(**changes)))) == 1


def test_the_bot_reads_what_is_compiled() -> None:
    read_back = gettext.GNUTranslations(io.BytesIO(compiled(again(filled()))))
    assert read_back.gettext("There is no {name}.") == "{name} gibt es nicht."
    assert [read_back.ngettext("{n} cat", "{n} cats", n) for n in (1, 5)] == ["{n} Katze", "{n} Katzen"]
    assert read_back.pgettext(NAME, "show") == "zeigen"
    assert read_back.gettext("show") == "show"


def test_nothing_of_a_file_changes_with_the_day_or_the_line() -> None:
    text = written(filled()).decode()
    assert "Date" not in text
    assert "Babel" not in text
    assert "a.py:" not in text


# Begun anew, in a folder of the test's --------------------------------------------------------------------


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setattr(languages, "LOCALES", tmp_path)
    languages.words.cache_clear()
    yield tmp_path
    languages.words.cache_clear()


def test_a_run_makes_files_that_the_check_finds_untranslated(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert translations.main(["--check"]) == 1
    assert "fr: no catalogue" in capsys.readouterr().out
    assert translations.main(["fr", "ja"]) == 0
    assert len(list(folder.glob("*/LC_MESSAGES/repaint.?o"))) == 4
    capsys.readouterr()
    assert outdated() == []
    assert translations.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert "de: no catalogue" in said
    assert "fr: not translated: “Nothing is under way.”" in said
    path_of("fr", ".mo").write_bytes(b"")
    assert outdated() == ["fr/LC_MESSAGES/repaint.mo is not up to date"]


def test_a_language_that_is_not_spoken_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        translations.main(["tlh"])
    assert list(folder.iterdir()) == []


# Commands -------------------------------------------------------------------------------------------------


def command(**changes: Any) -> dict[str, Any]:
    options = [
        {"type": 3, "name": "image", "description": "x", "name_localizations": {"de": "bild"}},
        {
            "type": 3,
            "name": "style",
            "description": "x",
            "choices": [
                {"name": "Soft", "value": "soft", "name_localizations": {"de": "Ganz sanft!"}},
                {"name": "Loud", "value": "loud"},
            ],
        },
    ]
    return {"type": 1, "name": "paint", "description": "x", "options": options} | changes


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name_localizations": {"de": "neu-malen", "ja": "描き直す", "fr": "l'été"}},
        {"description_localizations": {"de": "x" * 100}},
        {"type": 3, "options": [], "name_localizations": {"de": "Dieses Bild neu malen"}},
    ],
)
def test_what_discord_allows(changes: dict[str, Any]) -> None:
    assert unfit(command(**changes)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"name_localizations": {"de": "Malen"}},
        {"name_localizations": {"de": "neu malen"}},
        {"name_localizations": {"de": "x" * 33}},
        {"name_localizations": {"de": ""}},
        {"type": 3, "options": [], "name_localizations": {"de": "x" * 33}},
        {"description_localizations": {"de": "x" * 101}},
        {"options": [{"name": "a", "name_localizations": {"de": "B"}}]},
        {"options": [{"name": "a", "name_localizations": {"de": "b"}}, {"name": "b"}]},
        {
            "options": [
                {"name": "a", "choices": [{"name": "b", "value": 1, "name_localizations": {"de": "b" * 101}}]}
            ]
        },
        {"options": [{"name": f"a{n}", "description": "x" * 400} for n in range(20)]},
    ],
)
def test_what_discord_refuses(changes: dict[str, Any]) -> None:
    assert len(unfit(command(**changes))) == 1


def test_two_commands_have_two_names() -> None:
    one, other = command(name_localizations={"de": "malen"}), command(name="malen")
    assert len(translations.problems_of_commands([one, other])) == 1
    menu = {"type": 3, "name": "malen"}
    assert translations.problems_of_commands([one, menu]) == []
