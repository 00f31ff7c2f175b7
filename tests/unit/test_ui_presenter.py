"""When a job's card is edited: seldom while it is under way, at once and for good when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import discord
import pytest

from repaint.errors import DeliveryError, DeliveryTooLarge, InferenceFailed, PictureUnreadable
from repaint.jobs.durations import Durations
from repaint.models import ApiState, Job, JobState, Origin
from repaint.ui import presenter
from repaint.ui.presenter import (
    EDIT_LIMIT,
    EDITS_AT_ONCE,
    PROGRESS_GAP,
    PROGRESS_GAP_BY_BOT,
    REPEAT_AFTER,
    SETTLE,
    STATE_GAP,
    TICK,
    CardPresenter,
)
from repaint.ui.reply import Build
from tests.unit.jobs import make_job, make_picture
from tests.unit.quick_time import Clock

Trouble = Callable[[], Awaitable[None]]


@dataclasses.dataclass
class Edit:
    at: float
    job: int
    text: str
    files: int


class World:
    """Replies that note what they are told instead of asking Discord, by a quick clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.began = self.clock.now
        self.edits: list[Edit] = []
        self.private: list[str] = []
        self.troubles: list[Trouble] = []  # what the next edits meet
        self.private_trouble: Exception | None = None
        self.by_bot = False
        world = self

        class FakeReply:
            shows_prompt = True

            def __init__(self, _: discord.Client, origin: Origin) -> None:
                self._id = origin.interaction_id

            @property
            def by_bot(self) -> bool:
                return world.by_bot

            async def edit(
                self,
                build: Build,
                files: Sequence[tuple[Path, str]] = (),
                *,
                tries: int = 6,  # noqa: ARG002
            ) -> None:
                text = str(build(self.shows_prompt).to_components())  # type: ignore[no-untyped-call]
                if world.troubles:
                    await world.troubles.pop(0)()
                world.edits.append(Edit(world.seconds, self._id, text, len(files)))

            async def replace_privately(self, sentence: str) -> None:
                if world.private_trouble:
                    raise world.private_trouble
                world.private.append(sentence)

        monkeypatch.setattr(presenter, "time", self.clock)
        monkeypatch.setattr(presenter, "Reply", FakeReply)
        self.presenter = CardPresenter(cast(discord.Client, None), Durations())

    @property
    def seconds(self) -> float:
        return round(self.clock.now - self.began, 3)

    def run(self, story: Callable[[], Awaitable[None]]) -> None:
        """Let the presenter run while the story goes on."""

        async def work() -> None:
            running = asyncio.create_task(self.presenter.run())
            await story()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

        self.clock.run(work())


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def _job(state: JobState = JobState.RUNNING, number: int = 1, **changes: Any) -> Job:
    base = make_job(id=f"job{number}", state=state, **changes)
    return dataclasses.replace(base, origin=dataclasses.replace(base.origin, interaction_id=number))


def _processing(world: World, number: int = 1) -> Job:
    return _job(
        number=number,
        api_state=ApiState.PROCESSING,
        submitted_at=world.clock.now,
        processing_at=world.clock.now,
    )


def _failing(error: Exception) -> Trouble:
    async def fail() -> None:
        raise error

    return fail


def _lasting(seconds: float) -> Trouble:
    async def last() -> None:
        await asyncio.sleep(seconds)

    return last


def test_changes_at_once_make_one_edit_of_the_latest(world: World) -> None:
    async def story() -> None:
        world.presenter.show(_job(JobState.QUEUED))
        world.presenter.show(_job(JobState.QUEUED, note="The image service is busy."))
        world.presenter.show(_processing(world))
        await asyncio.sleep(0.4)

    world.run(story)
    [edit] = world.edits
    assert "Processing" in edit.text
    assert edit.at <= 2 * TICK


def test_a_change_of_state_soon_after_an_edit_waits_for_the_gap(world: World) -> None:
    async def story() -> None:
        world.presenter.show(_job(JobState.QUEUED))
        await asyncio.sleep(0.2)
        world.presenter.show(_processing(world))
        await asyncio.sleep(1)

    world.run(story)
    first, second = world.edits
    assert STATE_GAP <= second.at - first.at <= STATE_GAP + 2 * TICK


def test_the_bar_moves_at_its_own_gap_however_often_the_job_is_polled(world: World) -> None:
    async def story() -> None:
        job = _processing(world)
        for _ in range(80):
            world.presenter.show(dataclasses.replace(job))
            await asyncio.sleep(0.25)

    world.run(story)
    assert len(world.edits) >= 4
    assert all(later.at - earlier.at >= PROGRESS_GAP - 0.001 for earlier, later in pairwise(world.edits))


def test_by_the_bots_token_the_bar_moves_more_seldom(world: World) -> None:
    world.by_bot = True

    async def story() -> None:
        world.presenter.show(_processing(world))
        await asyncio.sleep(100)

    world.run(story)
    gaps = [later.at - earlier.at for earlier, later in pairwise(world.edits)]
    assert gaps
    assert min(gaps) >= PROGRESS_GAP_BY_BOT - 0.001


def test_an_edit_that_would_change_nothing_is_left_out(world: World) -> None:
    async def story() -> None:
        world.presenter.show(_job(JobState.QUEUED))
        await asyncio.sleep(60)

    world.run(story)
    assert len(world.edits) == 1


def test_progress_that_discord_refuses_is_tried_again_later(world: World) -> None:
    world.troubles = [_failing(DeliveryError("500"))]

    async def story() -> None:
        world.presenter.show(_job(JobState.QUEUED))
        await asyncio.sleep(10)

    world.run(story)
    [edit] = world.edits
    assert edit.at >= PROGRESS_GAP


def test_only_so_many_edits_are_under_way_at_once(world: World) -> None:
    at_work = most = 0

    async def count() -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.3)
        at_work -= 1

    world.troubles = [count] * 40

    async def story() -> None:
        for number in range(40):
            world.presenter.show(_job(JobState.QUEUED, number))
        await asyncio.sleep(3)

    world.run(story)
    assert {edit.job for edit in world.edits} == set(range(40))
    assert most == EDITS_AT_ONCE


def test_a_delivery_comes_at_once_and_nothing_after_it(world: World) -> None:
    async def story() -> None:
        job = _processing(world)
        world.presenter.show(job)
        await asyncio.sleep(1)
        world.presenter.show(dataclasses.replace(job, note="not shown any more"))
        await world.presenter.deliver(
            dataclasses.replace(job, state=JobState.DELIVERING, outputs=(make_picture(), make_picture()))
        )
        await asyncio.sleep(60)

    world.run(story)
    progress, delivery = world.edits
    assert (progress.files, delivery.files) == (0, 2)
    assert "attachment://repaint-job1-2.png" in delivery.text
    assert delivery.at == 1


def _delivery(world: World) -> Job:
    return _job(JobState.DELIVERING, outputs=(make_picture(),))


def test_no_progress_is_shown_while_a_delivery_takes_its_time(world: World) -> None:
    async def fine() -> None:
        pass

    world.troubles = [fine, _lasting(10)]

    async def story() -> None:
        world.presenter.show(_processing(world))
        await asyncio.sleep(PROGRESS_GAP - 1)
        await world.presenter.deliver(_delivery(world))

    world.run(story)
    assert [edit.files for edit in world.edits] == [0, 1]


def test_a_delivery_lets_an_edit_in_hand_end_first(world: World) -> None:
    world.troubles = [_lasting(SETTLE - 0.5)]

    async def story() -> None:
        world.presenter.show(_processing(world))
        await asyncio.sleep(0.1)
        await world.presenter.deliver(_delivery(world))

    world.run(story)
    assert [edit.files for edit in world.edits] == [0, 1]


def test_an_edit_that_hangs_is_given_up_for_the_delivery_which_is_repeated(world: World) -> None:
    """The broken-off edit may still take effect at Discord, behind the delivery."""
    world.troubles = [_lasting(1000)]

    async def story() -> None:
        world.presenter.show(_processing(world))
        await asyncio.sleep(0.1)
        await world.presenter.deliver(_delivery(world))

    world.run(story)
    first, again = world.edits
    assert (first.files, again.files) == (1, 1)
    assert first.at == pytest.approx(0.1 + SETTLE)
    assert again.at - first.at == pytest.approx(REPEAT_AFTER)
    assert first.text == again.text


def test_an_edit_that_took_too_long_makes_the_delivery_repeated_too(world: World) -> None:
    world.troubles = [_lasting(1000)]

    async def story() -> None:
        world.presenter.show(_processing(world))
        await asyncio.sleep(EDIT_LIMIT + 0.5)
        await world.presenter.deliver(_delivery(world))

    world.run(story)
    assert [edit.files for edit in world.edits][-2:] == [1, 1]


def test_a_repetition_that_fails_does_not_undo_the_delivery(world: World) -> None:
    async def fine() -> None:
        pass

    world.troubles = [_lasting(1000), fine, _failing(DeliveryError("gone"))]

    async def story() -> None:
        world.presenter.show(_processing(world))
        await asyncio.sleep(0.1)
        await world.presenter.deliver(_delivery(world))

    world.run(story)
    assert [edit.files for edit in world.edits] == [1]


def test_a_delivery_that_is_too_large_can_be_tried_again(world: World) -> None:
    world.troubles = [_failing(DeliveryTooLarge("40005"))]

    async def story() -> None:
        with pytest.raises(DeliveryTooLarge):
            await world.presenter.deliver(_delivery(world))
        await world.presenter.deliver(_delivery(world))

    world.run(story)
    assert [edit.files for edit in world.edits] == [1]


def test_a_delivery_that_cannot_be_made_is_told_and_its_failure_can_be_shown(world: World) -> None:
    world.troubles = [_failing(DeliveryError("403"))]

    async def story() -> None:
        with pytest.raises(DeliveryError):
            await world.presenter.deliver(_delivery(world))
        await world.presenter.fail(_delivery(world), DeliveryError())

    world.run(story)
    [edit] = world.edits
    assert DeliveryError.sentence in edit.text
    assert edit.files == 0


def test_a_failure_is_shown_on_the_card_and_nothing_after_it(world: World) -> None:
    async def story() -> None:
        job = _processing(world)
        world.presenter.show(job)
        await world.presenter.fail(job, InferenceFailed())
        await asyncio.sleep(60)

    world.run(story)
    [edit] = world.edits
    assert InferenceFailed.sentence in edit.text


def test_a_failure_that_nobody_can_be_told_is_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.troubles = [_failing(DeliveryError("404"))]

    async def story() -> None:
        await world.presenter.fail(_processing(world), InferenceFailed())

    with caplog.at_level(logging.ERROR):
        world.run(story)
    assert "nobody could be told" in caplog.text


def test_a_refusal_is_told_privately(world: World) -> None:
    async def story() -> None:
        await world.presenter.refuse(_job(JobState.FAILED), PictureUnreadable())
        await asyncio.sleep(60)

    world.run(story)
    assert world.private == [PictureUnreadable.sentence]
    assert world.edits == []


def test_a_refusal_that_cannot_be_told_privately_stands_on_the_card(world: World) -> None:
    world.private_trouble = DeliveryError("401")

    async def story() -> None:
        await world.presenter.refuse(_job(JobState.FAILED), PictureUnreadable())

    world.run(story)
    [edit] = world.edits
    assert PictureUnreadable.sentence in edit.text
