"""Who may do what with a job."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from repaint.errors import RequestError
from repaint.models import Job, JobState, Shown
from repaint.ui import authority
from repaint.ui.authority import Verb, check
from tests.unit.jobs import ORIGIN, make_job, make_picture

ASKER, OTHER = ORIGIN.user_id, 99
DONE = make_job(state=JobState.DONE, outputs=(make_picture(),), shown=Shown.REPLY, ended_at=2000.0)
OF_OTHERS = [Verb.CONTINUE, Verb.SEED]


def _by(
    user: int, *, guild: int | None = 44, channel: int = 33, staff: bool = False
) -> discord.Interaction[Any]:
    permissions = discord.Permissions(manage_messages=staff)
    fake = SimpleNamespace(
        user=SimpleNamespace(id=user), guild_id=guild, channel_id=channel, permissions=permissions, guild=None
    )
    return cast("discord.Interaction[Any]", fake)


def _refused(interaction: discord.Interaction[Any], job: Job, verb: Verb) -> str:
    with pytest.raises(RequestError) as raised:
        check(interaction, job, verb)
    return raised.value.sentence


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("where", [{}, {"channel": 34}, {"guild": None, "channel": 5}])
def test_the_asker_may_do_all_with_a_finished_picture_anywhere(verb: Verb, where: dict[str, Any]) -> None:
    check(_by(ASKER, **where), DONE, verb)


@pytest.mark.parametrize("verb", list(Verb))
def test_nobody_may_do_anything_with_a_deleted_one(verb: Verb) -> None:
    assert _refused(_by(ASKER), dataclasses.replace(DONE, deleted_by=1), verb) == authority.UNKNOWN


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in OF_OTHERS])
def test_what_is_the_askers_is_not_anybody_elses(verb: Verb) -> None:
    _refused(_by(OTHER), DONE, verb)


@pytest.mark.parametrize("verb", OF_OTHERS)
def test_others_go_on_from_what_they_see(verb: Verb) -> None:
    check(_by(OTHER), DONE, verb)


@pytest.mark.parametrize("verb", [Verb.AGAIN, Verb.COMPARE])
def test_an_input_that_everybody_saw_may_be_used_by_everybody(verb: Verb) -> None:
    check(_by(OTHER), dataclasses.replace(DONE, input_public=True), verb)


@pytest.mark.parametrize(
    ("job", "verb", "sentence"),
    [
        (DONE, Verb.AGAIN, authority.CONTINUE_INSTEAD),
        (DONE, Verb.COMPARE, authority.INPUT_UNSEEN),
        (dataclasses.replace(DONE, state=JobState.FAILED), Verb.AGAIN, authority.INPUT_UNSEEN),
    ],
)
def test_whoever_may_not_use_the_input_hears_what_works_instead(job: Job, verb: Verb, sentence: str) -> None:
    assert _refused(_by(OTHER), job, verb) == sentence
    assert not authority.may(_by(OTHER), job, verb)
    assert authority.may(_by(ASKER), job, Verb.AGAIN)


@pytest.mark.parametrize("verb", [*OF_OTHERS, Verb.AGAIN, Verb.COMPARE])
@pytest.mark.parametrize(
    ("job", "by"),
    [
        (DONE, _by(OTHER, guild=45)),
        (DONE, _by(OTHER, channel=34)),
        (DONE, _by(OTHER, guild=None)),
        (dataclasses.replace(DONE, origin=dataclasses.replace(ORIGIN, ephemeral=True)), _by(OTHER)),
        (dataclasses.replace(DONE, private_failure=True), _by(OTHER)),
    ],
    ids=["another server", "another channel", "a direct message", "a private reply", "a private end"],
)
def test_what_others_do_not_see_is_not_for_them(verb: Verb, job: Job, by: discord.Interaction[Any]) -> None:
    open_job = dataclasses.replace(job, input_public=True)
    assert _refused(by, open_job, verb) == authority.NOT_HERE


@pytest.mark.parametrize("shown", [Shown.DIRECT, Shown.KEPT])
@pytest.mark.parametrize("verb", [Verb.CONTINUE, Verb.COMPARE])
def test_a_result_that_only_its_asker_got_is_not_for_others(verb: Verb, shown: Shown) -> None:
    job = dataclasses.replace(DONE, input_public=True, shown=shown)
    assert _refused(_by(OTHER), job, verb) == authority.NOT_HERE


@pytest.mark.parametrize("verb", [Verb.CONTINUE, Verb.SEED, Verb.AGAIN])
def test_a_hidden_prompt_is_given_to_nobody_else(verb: Verb) -> None:
    job = dataclasses.replace(DONE, input_public=True, prompt_hidden=True)
    assert _refused(_by(OTHER), job, verb) == authority.PROMPT_HIDDEN
    check(_by(ASKER), job, verb)


@pytest.mark.parametrize("verb", [Verb.CANCEL, Verb.DELETE])
def test_moderators_of_its_channel_may_take_it_away(verb: Verb) -> None:
    check(_by(OTHER, staff=True), DONE, verb)
    _refused(_by(OTHER, staff=True, guild=45), DONE, verb)
    _refused(_by(OTHER, staff=True, channel=34), DONE, verb)
    direct = dataclasses.replace(DONE, origin=dataclasses.replace(ORIGIN, guild_id=None))
    _refused(_by(OTHER, staff=True, guild=None), direct, verb)


@pytest.mark.parametrize("verb", [Verb.RETRY, Verb.SHARE])
def test_moderators_do_nothing_in_the_askers_name(verb: Verb) -> None:
    _refused(_by(OTHER, staff=True), DONE, verb)


@pytest.mark.parametrize("verb", [Verb.SHARE, Verb.COMPARE, Verb.CONTINUE])
def test_what_needs_a_finished_picture_waits_for_it(verb: Verb) -> None:
    running = dataclasses.replace(DONE, state=JobState.RUNNING, outputs=())
    assert _refused(_by(ASKER), running, verb) == authority.NOT_FINISHED
    posted = dataclasses.replace(DONE, state=JobState.DELIVERING)
    assert _refused(_by(ASKER), posted, verb) == authority.BEING_POSTED
