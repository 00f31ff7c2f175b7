"""What is shown is said in the language of whoever it is for: nothing of it is English by accident."""

from __future__ import annotations

import dataclasses
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from repaint.errors import InferenceFailed
from repaint.jobs.account import ADVICE, Account
from repaint.jobs.presenter import View
from repaint.jobs.studio import CHANGES
from repaint.jobs.submitter import BUSY_NOTE
from repaint.models import ApiState, Job, JobState, Shown
from repaint.ui.languages import words
from repaint.ui.lists import Kept, choice_name, history_view, job_view, state_line, unfinished_view
from repaint.ui.shelf import Shelf
from tests.unit.jobs import ORIGIN, make_job, make_picture
from tests.unit.test_ui_presenter_direct import Letters
from tests.unit.ui_house import START, UiHouse, asked_at, make_card_job

FRENCH, GERMAN = "fr", "de"
NOT_SAID = (
    r"`[^`]*`|<t:[^>]*>|<@\d+>|https?://[^)]*|a cat|dpmpp_2m|sgm_uniform|cat\.png|low quality, less details"
)


class Marked(gettext.NullTranslations):
    """Says each sentence in English between marks that name the language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def gettext(self, message: str) -> str:
        return f"{self.language}‹{message}›"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def translation(*_: Any, languages: list[str], **__: Any) -> Marked:
        return Marked(languages[0])

    monkeypatch.setattr(gettext, "translation", translation)
    words.cache_clear()
    yield
    words.cache_clear()


def english_in(text: str) -> str:
    """What of a text was said in no language: the marked sentences are taken out from within."""
    while (shorter := re.sub(r"fr‹[^‹›]*›", "", text)) != text:
        text = shorter
    return " ".join(re.findall("[A-Za-z]{2,}", re.sub(NOT_SAID, "", text)))


def texts(view: ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


STATES: list[dict[str, Any]] = [
    {"state": JobState.QUEUED},
    {"state": JobState.QUEUED, "note": BUSY_NOTE},
    {"state": JobState.RUNNING, "api_state": ApiState.PROCESSING, "submitted_at": 5.0},
    {"state": JobState.UNKNOWN},
    {"state": JobState.FAILED, "failure": InferenceFailed.sentence, "ended_at": 9.0},
    {"state": JobState.CANCELLED, "cancelled_by": 99, "submitted_at": 5.0},
    {"state": JobState.DONE, "took": 7.4, "ended_at": 9.0, "cost": 0.01, "change": CHANGES["scaled"]},
    {"state": JobState.DONE, "seeds": (1, 2), "retry_of": "1" * 10, "retried_as": "2" * 10},
    {"state": JobState.DONE, "shown": Shown.DIRECT},
    {"state": JobState.DONE, "shown": Shown.KEPT},
    {"state": JobState.DONE, "prompt_hidden": True, "outputs": (make_picture(), make_picture())},
]


@pytest.mark.parametrize("viewer", [ORIGIN.user_id, 99])
@pytest.mark.parametrize("changes", STATES, ids=str)
def test_the_lists_speak_their_viewers_language(changes: dict[str, Any], viewer: int) -> None:
    say = words(FRENCH)
    job = dataclasses.replace(make_job(id="0123456789"), language=GERMAN, **changes)
    shown = View(job, expected=5.0, position=3, waits=20.0, trouble=BUSY_NOTE)
    kept = [Kept(job, Path("x.webp"), InferenceFailed.sentence)]
    note = CHANGES["re-encoded"]
    for view in (
        unfinished_view([shown], 3, viewer=viewer, say=say),
        unfinished_view([dataclasses.replace(shown, trouble="")], 0, viewer=viewer, say=say),
        job_view(shown, ["attachment://x.png"], viewer=viewer, note=note, say=say),
        history_view(kept, 1, 2, viewer=viewer, say=say),
    ):
        assert english_in(texts(view)) == ""
        assert "de‹" not in texts(view)
    assert english_in(state_line(shown, say)) == ""
    assert english_in(choice_name(job, viewer, say).replace(job.id, "").replace("…", "›")) == ""


async def test_why_a_picture_is_not_shown_can_be_said_in_any_language(tmp_path: Path) -> None:
    gone = make_job(id="0123456789", state=JobState.DONE)
    for days in (1, 7):
        shelf = Shelf(None, keep_days=days)  # type: ignore[arg-type]  # nothing is there, so nothing is asked
        [kept] = await shelf.previews([gone], tmp_path)
        said = words(FRENCH)(kept.note)
        assert english_in(said) == ""
        assert f"{days} day" in said


def test_what_the_operator_is_told_can_be_said_in_any_language() -> None:
    account = Account(None, None, lambda: None)  # type: ignore[arg-type]  # nobody asks for the balance
    for kind, advice in ADVICE.items():
        account.trouble = kind()
        assert english_in(words(FRENCH)(account.advice)) == ""
        assert advice in account.advice


# What only the asker sees ---------------------------------------------------------------------------------


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> UiHouse:
    return UiHouse(monkeypatch)


def job_of_both(state: JobState, **changes: Any) -> Job:
    return make_card_job(state, language=GERMAN, own_language=FRENCH, **changes)


def test_a_direct_message_speaks_the_askers_language(house: UiHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(monkeypatch)

    async def story() -> None:
        await house.presenter.deliver_directly(job_of_both(JobState.DELIVERING, outputs=(make_picture(),)))
        failed = job_of_both(JobState.FAILED, failure=InferenceFailed.sentence)
        await house.presenter.tell_directly(failed, failed.failure)

    house.run(story)
    for _, _, text, _ in letters.sent:
        assert "fr‹-# Asked for in <#33>" in text
        assert "de‹" not in text
    assert f"fr‹{InferenceFailed.sentence}›" in letters.sent[1][2]


def test_a_refusal_speaks_the_askers_language_and_a_card_its_own(house: UiHouse) -> None:
    sentence = InferenceFailed.sentence

    async def story() -> None:
        await house.presenter.refuse(job_of_both(JobState.FAILED), sentence)
        ephemeral = asked_at(START, ephemeral=True)
        await house.presenter.refuse(job_of_both(JobState.FAILED, origin=ephemeral), sentence)
        await house.presenter.fail(job_of_both(JobState.FAILED), sentence)

    house.run(story)
    assert house.private == [f"fr‹{sentence}›"]
    in_place, card = (edit.text for edit in house.edits)
    assert f"fr‹{sentence}›" in in_place
    assert f"de‹{sentence}›" in card
