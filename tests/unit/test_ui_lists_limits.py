"""Whatever the prompts are, what `/jobs` answers fits into a message."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from repaint.jobs.presenter import View
from repaint.models import Attachment, Job, JobState, Request
from repaint.ui.lists import AT_MOST, PER_PAGE, Kept, choice_name, history_view, job_view, unfinished_view
from tests.unit.jobs import ORIGIN, make_job

SOMEBODY = 99
NASTY = "@everyone <@22> <#33> **b** ```x``` ||s|| [l](https://x.example) # :smile: \\ `c` - > ~~ " * 30
LONG = dataclasses.replace(
    make_job(
        id="0123456789",
        state=JobState.FAILED,
        request=Request(
            prompt=NASTY[:2000],
            negative_prompt=NASTY[:1000],
            seed=4294967295,
            samples=4,
            sampler="dpmpp_2s_ancestral",
        ),
        attachment=Attachment("https://x.example", "*" * 250, 5),
        seeds=(4294967295, 4294967294, 4294967293, 4294967292),
        failure="A sentence. " * 90,
        note="A note. " * 90,
        engine="*" * 900,
        change="Compressed to fit Discord's size limit.",
        cost=0.123456,
        retry_of="aaaaaaaaaa",
        retried_as="bbbbbbbbbb",
        submitted_at=1_700_000_000.0,
        ended_at=1_700_000_000.0,
        created_at=1_700_000_000.0,
        origin=dataclasses.replace(
            ORIGIN, user_id=10**19, channel_id=10**19, guild_id=10**19, message_id=10**19
        ),
    )
)
ANY_TEXT = st.text(max_size=2000) | st.text("`@*\\", min_size=1900, max_size=2000)


def texts(view: ui.LayoutView) -> list[str]:
    return [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]


def assert_fits(view: ui.LayoutView) -> None:
    """Discord's limits of a message, and that each of its parts holds something."""
    assert len(list(view.walk_children())) <= 40
    assert all(texts(view))
    assert sum(map(len, texts(view))) <= 4000
    json.dumps(view.to_components())  # type: ignore[no-untyped-call]


def all_views(job: Job) -> list[ui.LayoutView]:
    view = View(job, expected=5.0, position=20_000, waits=50_000, trouble="Trouble. " * 60)
    pictures = [f"attachment://repaint-{job.id}-{n}.png" for n in range(4)]
    kept = Kept(job, Path(f"{job.id}.webp"), "A note. " * 40)
    return [
        unfinished_view([view] * AT_MOST, 10_000, viewer=SOMEBODY),
        job_view(view, pictures, viewer=SOMEBODY, note="A note. " * 10),
        history_view([kept] * PER_PAGE, 998, 999, viewer=SOMEBODY),
    ]


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("mark", ["@", "*", "`", "🦊", "\u202eא", "long words "])
def test_the_worst_prompts_fit(state: JobState, mark: str) -> None:
    prompt = (mark * 2000)[:2000]
    request = dataclasses.replace(LONG.request, prompt=prompt, negative_prompt=prompt[:1000])
    for job in (
        dataclasses.replace(LONG, state=state),
        dataclasses.replace(LONG, state=state, request=request),
    ):
        for view in all_views(job):
            assert_fits(view)
        assert 1 <= len(choice_name(job, SOMEBODY)) <= 100


def test_of_the_worst_job_the_prompt_is_still_shown() -> None:
    view = all_views(LONG)[1]
    assert len("".join(texts(view)).split("```")[1]) > 1500


@given(prompt=ANY_TEXT, negative=ANY_TEXT)
def test_any_prompt_fits_and_ends_no_block(prompt: str, negative: str) -> None:
    job = make_job(id="0123456789", request=Request(prompt=prompt, seed=7, negative_prompt=negative))
    for view in all_views(job):
        assert_fits(view)
    assert "".join(texts(all_views(job)[1])).count("```") in (2, 4)
