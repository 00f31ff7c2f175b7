"""`/jobs` as Discord calls it: real interactions through the real command tree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from repaint.jobs.presenter import Cancelled, View
from repaint.models import JobState, Request
from tests.contract.openapi import Document, document_path
from tests.unit.commands_house import DEFERRED, ME, OTHER_GUILD, SOMEBODY, UNKNOWN, House, opened, others
from tests.unit.commands_server import ART, GUILD, HIDDEN, KEEPERS, LOBBY, NOWHERE, SECRET_THREAD


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as one:
        yield one


# The command at Discord -----------------------------------------------------------------------------------


def test_the_command_is_as_discord_documents_it(house: House) -> None:
    (command,) = [each.to_dict(house.bot.tree) for each in house.bot.tree.get_commands()]
    assert (command["name"], command["contexts"], command["integration_types"]) == ("jobs", [0, 1, 2], [0, 1])
    assert [each["name"] for each in command["options"]] == ["list", "show", "cancel", "history"]
    path = document_path()
    if path is None:
        pytest.skip("DISCORD_OPENAPI does not say where Discord's OpenAPI document is")
    request = {"method": "PUT", "path": "/api/v10/applications/1/commands", "query": {}, "json": [command]}
    assert Document(path).complaints(request | {"content_type": "application/json"}) == []


@pytest.mark.parametrize(
    ("name", "options"), [("list", {}), ("show", {"job": "x"}), ("cancel", {"job": "x"}), ("history", {})]
)
async def test_each_is_acknowledged_at_once_and_for_the_asker_alone(
    house: House, name: str, options: dict[str, Any]
) -> None:
    for guild in (GUILD, None):
        await house.answer(name, guild=guild, **options)
        assert house.discord.callbacks == [DEFERRED]


@pytest.mark.parametrize(
    ("name", "options"),
    [("list", {}), ("show", {"job": "0" * 10}), ("cancel", {"job": "0" * 10}), ("history", {})],
)
async def test_records_that_are_away_are_told(house: House, name: str, options: dict[str, Any]) -> None:
    house.store.away = True
    assert "cannot reach my records" in await house.answer(name, **options)


# list -----------------------------------------------------------------------------------------------------


async def test_only_ones_own_unfinished_jobs_are_listed_oldest_first(house: House) -> None:
    house.store.keep(request=Request("first", 1), state=JobState.RUNNING)
    second = house.store.keep(request=Request("second", 1), state=JobState.QUEUED)
    house.store.keep(request=Request("finished", 1), state=JobState.DONE, ended_at=5.0)
    house.store.keep(request=Request("foreign", 1), **others())
    house.runner.views[second.id] = View(second, expected=5.0, position=3, waits=20.0)
    text = await house.answer("list")
    assert text.index("first") < text.index("second")
    assert "3rd in line, about 20 s" in text
    assert "finished" not in text
    assert "foreign" not in text


async def test_more_than_ten_are_counted(house: House) -> None:
    for number in range(253):
        house.store.keep(request=Request(f"cat number {number}.", 1))
    text = await house.answer("list")
    assert [f"cat number {number}." in text for number in (0, 9, 10)] == [True, True, False]
    assert "and 243 more" in text


async def test_nothing_under_way_is_said(house: House) -> None:
    assert await house.answer("list") == "Nothing is under way."


async def test_staff_see_what_everybody_on_this_server_could_see(house: House) -> None:
    house.store.keep(request=Request("public", 1), **others())
    house.store.keep(request=Request("mine", 1))
    house.store.keep(request=Request("private", 1), **others(ephemeral=True))
    house.store.keep(request=Request("elsewhere", 1), **others(guild_id=OTHER_GUILD))
    house.store.keep(request=Request("direct", 1), **others(guild_id=None))
    house.store.keep(request=Request("refused", 1), private_failure=True, **others())
    text = await house.answer("list", staff=True, everyone=True)
    words = ("public", "mine", "private", "elsewhere", "direct", "refused")
    assert [word for word in words if word in text] == ["public", "mine"]
    assert f"<@{SOMEBODY}>" in text
    assert house.discord.messages[-1][1]["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(("staff", "guild"), [(False, GUILD), (True, None)])
async def test_everyones_list_is_for_staff_in_a_server(house: House, staff: bool, guild: int | None) -> None:
    house.store.keep(request=Request("public", 1), **others())
    text = await house.answer("list", staff=staff, guild=guild, everyone=True)
    assert text.startswith("Only moderators")
    assert house.discord.messages == []


# Whose jobs one sees --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["show", "cancel"])
@pytest.mark.parametrize(
    ("staff", "origin"),
    [
        (False, {}),
        (True, {"guild_id": OTHER_GUILD}),
        (True, {"guild_id": None}),
        (True, {"ephemeral": True}),
    ],
)
async def test_somebody_elses_job_is_as_good_as_unknown(
    house: House, name: str, staff: bool, origin: dict[str, Any]
) -> None:
    job = house.store.keep(request=Request("foreign", 1), **others(**origin))
    assert await house.answer(name, staff=staff, job=job.id) == UNKNOWN
    assert await house.answer(name, staff=staff, job="f" * 10) == UNKNOWN
    assert house.runner.cancelled == []
    assert await house.choices(name, staff=staff) == []


async def test_staff_of_one_channel_are_strangers_in_all_others(house: House) -> None:
    here = house.store.keep(request=Request("cat in art", 1), **others(channel_id=ART))
    elsewhere = [
        house.store.keep(request=Request(f"cat in {channel}", 1), **others(channel_id=channel))
        for channel in (HIDDEN, LOBBY, SECRET_THREAD, NOWHERE)
    ]
    keeper: dict[str, Any] = {"roles": (KEEPERS,)}
    text = await house.answer("list", everyone=True, **keeper)
    assert "cat in art" in text
    assert not any(f"cat in {channel}" in text for channel in (HIDDEN, LOBBY, SECRET_THREAD, NOWHERE))
    for name in ("show", "cancel"):
        assert await house.choices(name, **keeper) == [here.id]
        for job in elsewhere:
            assert await house.answer(name, job=job.id, **keeper) == UNKNOWN
    assert house.runner.cancelled == []
    assert "cat in art" in await house.answer("show", job=here.id, **keeper)
    await house.answer("cancel", job=here.id, **keeper)
    assert house.runner.cancelled == [(here.id, ME)]


async def test_a_channel_that_staff_do_not_see_is_not_theirs(house: House) -> None:
    job = house.store.keep(**others(channel_id=HIDDEN))
    assert await house.answer("show", staff=True, job=job.id) == UNKNOWN
    assert await house.choices("show", staff=True) == []


async def test_a_direct_message_shows_no_job_of_others_even_to_staff(house: House) -> None:
    job = house.store.keep(**others(guild_id=None))
    assert await house.answer("show", guild=None, staff=True, job=job.id) == UNKNOWN


@pytest.mark.parametrize("typed", ["", "a cat", "../../etc/passwd", "@everyone", "0123456789abcdef"])
async def test_what_is_no_id_is_unknown(house: House, typed: str) -> None:
    assert await house.answer("show", job=typed) == UNKNOWN


# Autocompletion -------------------------------------------------------------------------------------------


async def test_choices_are_ones_own_newest_first_then_for_staff_the_servers(house: House) -> None:
    old = house.store.keep(state=JobState.DONE, ended_at=5.0)
    foreign = house.store.keep(**others())
    new = house.store.keep()
    assert await house.choices("show") == [new.id, old.id]
    assert await house.choices("show", staff=True) == [new.id, old.id, foreign.id]
    assert await house.choices("show", staff=True, guild=None) == [new.id, old.id]


async def test_choices_fit_what_is_typed_in_the_prompt_or_the_id(house: House) -> None:
    fox = house.store.keep(request=Request("A red FOX", 1), id="ab00000001")
    cat = house.store.keep(request=Request("a cat", 1), id="cd00000002")
    assert await house.choices("show", " fox") == [fox.id]
    assert await house.choices("show", "CD0") == [cat.id]
    assert await house.choices("show", "00002") == []


async def test_a_hidden_prompt_of_somebody_cannot_be_searched(house: House) -> None:
    job = house.store.keep(prompt_hidden=True, **others())
    assert await house.choices("show", "cat", staff=True) == []
    assert await house.choices("show", job.id[:4], staff=True) == [job.id]


async def test_only_what_can_be_cancelled_is_offered(house: House) -> None:
    house.store.keep(state=JobState.DONE, ended_at=5.0)
    house.store.keep(state=JobState.FAILED)  # its sentence is still to be shown
    house.store.keep(state=JobState.DELIVERING)
    running = house.store.keep(state=JobState.RUNNING)
    assert await house.choices("cancel") == [running.id]


async def test_no_more_choices_than_discord_takes(house: House) -> None:
    for _ in range(30):
        house.store.keep()
    assert len(await house.choices("show")) == 25


async def test_without_records_there_are_no_choices(house: House) -> None:
    house.store.away = True
    assert await house.choices("show") == []


# cancel ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Cancelled.GONE, "costs nothing"),
        (Cancelled.DROPPED, "cannot be stopped and may charge for it; its result is dropped"),
        (Cancelled.TOO_LATE, "too late to cancel"),
        (Cancelled.UNKNOWN_JOB, UNKNOWN),
    ],
)
async def test_what_became_of_cancelling_is_told(house: House, outcome: Cancelled, words: str) -> None:
    job = house.store.keep()
    house.runner.outcome = outcome
    text = await house.answer("cancel", job=f" {job.id.upper()} ")
    assert words in text
    assert "\n" not in text
    assert house.runner.cancelled == [(job.id, ME)]


async def test_staff_of_the_jobs_server_cancel_too(house: House) -> None:
    job = house.store.keep(**others())
    assert "Cancelled" in await house.answer("cancel", staff=True, job=job.id)
    assert house.runner.cancelled == [(job.id, ME)]


OLD_BUTTON = "This button is from an older version of me and does nothing any more."


@pytest.mark.parametrize("custom_id", ["again", "again:xyz", "gone:0000000001", "x" * 100])
async def test_a_button_that_is_nobodys_says_so(custom_id: str) -> None:
    async with opened() as house:
        assert await house.press_what_is_left(custom_id) == OLD_BUTTON


async def test_a_button_that_is_somebodys_is_left_to_it() -> None:
    async with opened() as house:
        with pytest.raises(IndexError):  # nothing was said
            await house.press_what_is_left("history:1:-")
