"""Which message goes with a deleted job, and which must not."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, cast

import pytest

from repaint.errors import RequestError
from repaint.models import JobState
from repaint.ui.buttons.more import is_at_home
from repaint.ui.removal import check_place
from tests.unit.jobs import ORIGIN, make_job

JOB = make_job(state=JobState.DONE, origin=dataclasses.replace(ORIGIN, message_id=500))


def _from(
    message: int | None,
    *,
    answers: int | None = 1,
    private: bool = False,
    guild: int | None = 44,
    dm: bool = False,
) -> Any:
    """The form, sent in from a message that answers an interaction."""
    on = None
    if message is not None:
        metadata = None if answers is None else SimpleNamespace(id=answers)
        on = SimpleNamespace(
            id=message, interaction_metadata=metadata, flags=SimpleNamespace(ephemeral=private)
        )
    context = SimpleNamespace(dm_channel=dm)
    return cast(Any, SimpleNamespace(message=on, guild_id=guild, channel_id=33, context=context))


@pytest.mark.parametrize(
    "interaction",
    [
        _from(500),
        _from(501, answers=ORIGIN.interaction_id),
        _from(501, private=True),
        _from(501, answers=None, guild=None, dm=True),
    ],
    ids=["the card", "the card, whose id was never told", "an answer about it", "a direct message"],
)
def test_delete_is_pressed_on_the_card_or_on_an_answer_about_it(interaction: Any) -> None:
    check_place(interaction, JOB)


@pytest.mark.parametrize(
    "interaction", [_from(501), _from(501, answers=None), _from(None), _from(501, guild=None)]
)
def test_no_other_message_goes(interaction: Any) -> None:
    with pytest.raises(RequestError, match="another place"):
        check_place(interaction, JOB)


@pytest.mark.parametrize(
    ("guild", "channel", "is_home"), [(44, 33, True), (44, 34, False), (45, 33, False), (None, 33, False)]
)
def test_what_people_saw_there_others_did_not(guild: int | None, channel: int, is_home: bool) -> None:
    interaction = cast(Any, SimpleNamespace(guild_id=guild, channel_id=channel))
    assert is_at_home(interaction, JOB) is is_home
