"""What `/jobs` answers: complete, inert, and each to the eyes it is for."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from repaint.jobs.presenter import View
from repaint.models import ApiState, Attachment, JobState, Request, Shown
from repaint.ui.cards import cancelled_card, done_card, failed_card, working_card
from repaint.ui.lists import (
    HIDDEN,
    Kept,
    choice_name,
    history_view,
    job_view,
    state_line,
    unfinished_view,
)
from tests.unit.jobs import ORIGIN, make_job, make_picture

ME, SOMEBODY = ORIGIN.user_id, 99


def texts(view: ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


def gallery(view: ui.LayoutView) -> list[tuple[str, str | None]]:
    return [
        (item.media.url, item.description)
        for child in view.walk_children()
        if isinstance(child, ui.MediaGallery)
        for item in child.items
    ]


def shown(**changes: Any) -> View:
    return View(make_job(id="0123456789", **changes), expected=5.0)


def one(viewer: int = ME, **changes: Any) -> str:
    return texts(job_view(shown(**changes), [], viewer=viewer))


# Under way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "is_told"), [(ME, False), (0, False), (None, False), (SOMEBODY, True)])
def test_only_a_moderators_cancelling_is_called_so(by: int | None, is_told: bool) -> None:
    line = state_line(shown(state=JobState.CANCELLED, cancelled_by=by))
    assert ("by a moderator" in line) is is_told


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": JobState.RECEIVED}, "Queued"),
        ({"state": JobState.QUEUED}, "Queued"),
        ({"state": JobState.SUBMITTING}, "Queued"),
        ({"state": JobState.RUNNING, "api_state": ApiState.QUEUED}, "Queued"),
        ({"state": JobState.RUNNING, "api_state": ApiState.PROCESSING}, "Processing"),
        ({"state": JobState.RUNNING, "api_state": ApiState.COMPLETED}, "Processing"),
        ({"state": JobState.FETCHED}, "Processing"),
        ({"state": JobState.DELIVERING}, "Processing"),
        ({"state": JobState.UNKNOWN}, "Checking"),
        ({"state": JobState.UNKNOWN, "ended_at": 5.0}, "Failed"),
        ({"state": JobState.FAILED}, "Failed"),
        ({"state": JobState.CANCELLED}, "Cancelled"),
        ({"state": JobState.DONE, "took": 7.44}, "Done"),
    ],
)
def test_a_state_has_the_cards_word(changes: dict[str, Any], word: str) -> None:
    view = shown(**changes)
    if view.job.state is JobState.DONE:
        card = done_card(view.job, [("attachment://a.png", make_picture())])
    elif view.job.state is JobState.CANCELLED:
        card = cancelled_card(view.job)
    elif word == "Failed":
        card = failed_card(view.job, "No.")
    else:
        card = working_card(view, now=1001.0)
    sign = state_line(view).split("**")[0]
    assert f"{sign}**{word}**" in state_line(view)
    assert f"{sign}**{word}**" in texts(card)


def test_a_waiting_job_has_its_place_and_an_estimate() -> None:
    job = make_job(id="0123456789", state=JobState.QUEUED)
    assert state_line(View(job, expected=5, position=1)) == "🕒 **Queued** · next"
    assert (
        state_line(View(job, expected=5, position=3, waits=20)) == "🕒 **Queued** · 3rd in line, about 20 s"
    )


def test_a_listed_job_has_all_that_finds_it_again() -> None:
    text = texts(unfinished_view([shown(state=JobState.QUEUED, created_at=1234.9)], 0, viewer=ME))
    assert text == (
        "**a cat**\n🕒 **Queued** · <t:1234:R> · `0123456789` · [open](https://discord.com/channels/44/33/55)"
    )


@pytest.mark.parametrize(
    ("origin", "link"),
    [
        ({"guild_id": None}, "[open](https://discord.com/channels/@me/33/55)"),
        ({"message_id": None}, None),
        ({"ephemeral": True}, None),  # it vanishes for its asker, too
    ],
)
def test_the_way_to_the_message(origin: dict[str, Any], link: str | None) -> None:
    text = one(origin=dataclasses.replace(ORIGIN, **origin))
    assert (link in text) if link else ("discord.com" not in text)


@pytest.mark.parametrize(
    ("where", "words"), [(Shown.DIRECT, "sent to you directly"), (Shown.KEPT, "kept here alone")]
)
def test_no_link_leads_to_a_message_without_the_picture(where: Shown, words: str) -> None:
    text = one(state=JobState.DONE, shown=where)
    assert words in text
    assert "discord.com" not in text


def test_what_did_not_find_room_is_counted() -> None:
    assert texts(unfinished_view([shown()], 3, viewer=ME)).endswith("-# and 3 more")
    assert "more" not in texts(unfinished_view([shown()], 0, viewer=ME))


def test_trouble_is_told_once() -> None:
    views = [dataclasses.replace(shown(), trouble="The image service is down.") for _ in range(3)]
    assert texts(unfinished_view(views, 0, viewer=ME)).count("is down") == 1


def test_staff_see_whose_a_job_is() -> None:
    assert "<@22>" in texts(unfinished_view([shown()], 0, viewer=SOMEBODY))
    assert "<@22>" not in texts(unfinished_view([shown()], 0, viewer=ME))


# Prompts --------------------------------------------------------------------------------------------------


def test_a_prompt_that_automod_hides_is_for_its_author() -> None:
    job = shown(prompt_hidden=True, state=JobState.DONE, request=Request("a cat", 7, "a dog"))
    kept = [Kept(job.job, Path("x.webp"))]
    for viewer, readable in ((ME, True), (SOMEBODY, False)):
        for view in (
            unfinished_view([job], 0, viewer=viewer),
            job_view(job, ["attachment://x.png"], viewer=viewer),
            history_view(kept, 1, 1, viewer=viewer),
        ):
            everything = texts(view) + str(gallery(view))
            assert ("a cat" in everything) is readable
            assert (HIDDEN in everything) is not readable
            assert readable or "a dog" not in everything
        assert ("a cat" in choice_name(job.job, viewer)) is readable


def test_no_prompt_is_shown_where_discord_lets_none_through() -> None:
    job = shown(state=JobState.DONE)
    for view in (
        unfinished_view([job], 0, viewer=ME, with_prompts=False),
        job_view(job, ["attachment://x.png"], viewer=ME, with_prompt=False),
        history_view([Kept(job.job, Path("x.webp"))], 1, 1, viewer=ME, with_prompts=False),
    ):
        assert "a cat" not in texts(view) + str(gallery(view))


def test_a_shown_prompt_is_whole_and_in_a_block_that_nothing_ends() -> None:
    prompt = ("x``` @everyone <@22> **b** ```` y " * 80)[:2000]
    text = one(request=Request(prompt=prompt, seed=7, negative_prompt=""))
    assert text.count("```") == 2
    block = text.split("```")[1]
    assert block.replace("ˋ", "`").strip() == prompt.strip()


def test_a_listed_prompt_is_inert() -> None:
    job = shown(request=Request(prompt="**b** @everyone <@22> [l](https://x.example)", seed=7))
    for view in (unfinished_view([job], 0, viewer=ME), history_view([Kept(job.job)], 1, 1, viewer=ME)):
        text = texts(view)
        assert r"\*\*b\*\*" in text
        assert "@everyone" not in text
        assert "<@22>" not in text
        assert "](https://x.example" not in text


# One job --------------------------------------------------------------------------------------------------


def test_a_job_shows_all_of_its_settings() -> None:
    text = one(
        request=Request("a cat", 7, "rain", 0.35, 33, 6.5, 2, "euler", "karras"),
        attachment=Attachment("https://x.example", "my_photo.png", 5),
    )
    for part in (
        "strength **0.35**", "steps **33**", "guidance **6.5**", "samples **2**", "sampler **euler**",
        "scheduler **karras**", "seed **7**", r"picture **my\_photo.png**", "```\nrain\n```", "`0123456789`",
    ):  # fmt: skip
        assert part in text


def test_a_job_shows_its_times_and_what_it_cost() -> None:
    text = one(state=JobState.DONE, took=7.44, cost=0.03, submitted_at=1010.0, ended_at=1020.0)
    assert "asked <t:1000:f> · sent to the image service <t:1010:T> · over <t:1020:T>" in text
    assert "**Done** in 7.4 s" in text
    assert "cost $0.03\n" in text + "\n"
    assert "cost" not in one(state=JobState.DONE)


@pytest.mark.parametrize(
    ("cost", "told"), [(0.0, "$0"), (1.0, "$1"), (10.5, "$10.5"), (0.000012, "$0.000012")]
)
def test_costs_are_told_as_they_are(cost: float, told: str) -> None:
    assert f"cost {told}\n" in one(cost=cost) + "\n"


def test_a_failed_job_says_why() -> None:
    assert "The image service had a fault." in one(
        state=JobState.FAILED, failure="The image service had a fault.", ended_at=5.0
    )


def test_a_cancelled_job_says_by_whom_and_at_what_cost() -> None:
    assert "may charge" not in one(state=JobState.CANCELLED, cancelled_by=ME)
    text = one(state=JobState.CANCELLED, cancelled_by=SOMEBODY, submitted_at=5.0)
    assert "by a moderator" in text
    assert "may charge" in text


def test_samples_with_seeds_of_their_own_show_them() -> None:
    assert "seeds **7, 8**" in one(seeds=(7, 8))


def test_a_note_that_the_job_has_already_is_not_repeated() -> None:
    view = job_view(shown(change="Compressed."), [], viewer=ME, note="Compressed.")
    assert texts(view).count("Compressed.") == 1


def test_a_jobs_pictures_have_descriptions() -> None:
    view = job_view(shown(), ["attachment://a.png", "attachment://b.png"], viewer=ME)
    assert gallery(view) == [("attachment://a.png", "a cat"), ("attachment://b.png", "a cat")]


# The history ----------------------------------------------------------------------------------------------


def test_a_page_tells_prompt_date_seed_and_link_of_each() -> None:
    job = shown(state=JobState.DONE, seeds=(8,)).job
    text = texts(history_view([Kept(job, Path("0123456789.webp"))], 1, 1, viewer=ME))
    assert "page 1 of 1" in text
    assert "**1. a cat**" in text
    assert "<t:1000:f> · seed 8 · `0123456789` · [open](https://discord.com/channels/44/33/55)" in text


def test_pictures_are_counted_as_they_stand_in_the_gallery() -> None:
    jobs = [make_job(id=f"{n:010}", request=Request(f"cat {n}", n)) for n in range(3)]
    page = [
        Kept(jobs[0], Path("a.webp")),
        Kept(jobs[1], note="Its picture is gone."),
        Kept(jobs[2], Path("c.webp")),
    ]
    view = history_view(page, 1, 2, viewer=ME)
    assert gallery(view) == [("attachment://a.webp", "cat 0"), ("attachment://c.webp", "cat 2")]
    assert re.findall(r"\*\*(.*cat \d)\*\*", texts(view)) == ["1. cat 0", "cat 1", "2. cat 2"]
    assert "-# Its picture is gone." in texts(view)


def test_a_page_without_any_picture_has_no_gallery() -> None:
    assert gallery(history_view([Kept(shown().job, note="Gone.")], 1, 1, viewer=ME)) == []
