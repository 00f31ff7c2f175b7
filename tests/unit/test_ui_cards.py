"""The card in each of its states, as Discord gets it."""

from typing import Any

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from repaint.errors import InferenceFailed
from repaint.jobs.presenter import View
from repaint.models import ApiState, Credit, Job, JobState, Request
from repaint.ui.cards import cancelled_card, done_card, failed_card, parted_card, working_card
from repaint.ui.notices import notice
from tests.unit.jobs import make_picture
from tests.unit.ui_house import make_card_job


def texts(view: ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


def buttons(view: ui.LayoutView) -> list[tuple[str | None, str]]:
    """Label and custom_id of each."""
    items = [item.item for item in view.walk_children() if isinstance(item, ui.DynamicItem)]
    assert not any(type(item) is ui.Button for item in view.walk_children())
    return [(item.label, item.custom_id) for item in items]


def working(job: Job, *, now: float = 1001.0, **extras: Any) -> str:
    return texts(working_card(View(job, **({"expected": 7.5} | extras)), now=now))


def test_a_queued_job_says_queued() -> None:
    assert "**Queued**" in working(make_card_job(state=JobState.QUEUED))


def test_a_job_that_the_api_has_queued_says_queued() -> None:
    job = make_card_job(state=JobState.RUNNING, api_state=ApiState.QUEUED, submitted_at=1000.0)
    assert "**Queued**" in working(job)


def test_a_cold_start_is_explained() -> None:
    job = make_card_job(state=JobState.RUNNING, api_state=ApiState.QUEUED, submitted_at=1000.0)
    assert "starting up" not in working(job, now=1010.0)
    assert "starting up" in working(job, now=1060.0)


def test_the_reason_for_waiting_is_said() -> None:
    assert "keeps its place" in working(
        make_card_job(state=JobState.QUEUED, note="The picture keeps its place.")
    )


def test_the_bar_moves_and_never_ends_before_the_job() -> None:
    job = make_card_job(
        state=JobState.RUNNING, api_state=ApiState.PROCESSING, submitted_at=900.0, processing_at=1000.0
    )
    filled = [working(job, now=1000.0 + seconds).count("▰") for seconds in (0, 3, 6, 9, 60, 6000)]
    assert filled == sorted(filled)
    assert filled[0] == 0
    assert filled[2] > filled[1] > 0
    assert "▱" in working(job, now=1_000_000.0)


def test_a_completed_job_is_still_processing_until_its_picture_is_here() -> None:
    job = make_card_job(state=JobState.RUNNING, api_state=ApiState.COMPLETED, submitted_at=1000.0)
    assert "**Processing**" in working(job)


def test_a_finished_job_shows_its_pictures_with_alt_text() -> None:
    job = make_card_job(state=JobState.DONE, took=7.44)
    view = done_card(job, [("attachment://a.png", make_picture()), ("attachment://b.png", make_picture())])
    assert "**Done** in 7.4 s" in texts(view)
    gallery = next(item for item in view.walk_children() if isinstance(item, ui.MediaGallery))
    assert [item.media.url for item in gallery.items] == ["attachment://a.png", "attachment://b.png"]
    assert [item.description for item in gallery.items] == ["a cat (1 of 2)", "a cat (2 of 2)"]


def test_short_jobs_do_not_make_the_next_one_look_slow() -> None:
    queued = make_card_job(state=JobState.RUNNING, api_state=ApiState.QUEUED, submitted_at=1000.0)
    at_work = make_card_job(
        state=JobState.RUNNING, api_state=ApiState.PROCESSING, submitted_at=1000.0, processing_at=1000.0
    )
    for job in (queued, at_work):
        early = working(job, now=1001.0, expected=0.01)
        assert "starting up" not in early
        assert "longer" not in early
    assert "longer than usual" in working(at_work, now=1060.0, expected=0.01)


def test_samples_with_seeds_of_their_own_show_them() -> None:
    job = make_card_job(state=JobState.DONE, seeds=(7, 8))
    assert "seeds 7, 8" in texts(done_card(job, [("attachment://a.png", make_picture())] * 2))
    job = make_card_job(state=JobState.DONE, seeds=(7, 7))
    assert "seed 7" in texts(done_card(job, [("attachment://a.png", make_picture())] * 2))


def test_one_step_is_no_steps() -> None:
    assert "1 step " in working(make_card_job(request=Request(prompt="x", seed=1, steps=1)))


def test_without_the_prompt_it_is_nowhere() -> None:
    job = make_card_job(request=Request(prompt="forbidden", seed=1, negative_prompt="forbidden too"))
    for view in (
        done_card(job, [("attachment://a.png", make_picture())], with_prompt=False),
        failed_card(job, "No.", with_prompt=False),
        working_card(View(job, expected=7.0), now=1.0, with_prompt=False),
        cancelled_card(job, with_prompt=False),
        parted_card(job, with_prompt=False),
    ):
        assert "forbidden" not in str(view.to_components())  # type: ignore[no-untyped-call]


def test_a_failure_says_its_sentence() -> None:
    assert InferenceFailed.sentence in texts(failed_card(make_card_job(), InferenceFailed.sentence))


def test_the_small_print_has_the_settings() -> None:
    request = Request(
        prompt="x", seed=698845, strength=0.55, steps=31, guidance=6.5, samples=3, negative_prompt="rain"
    )
    shown = working(make_card_job(state=JobState.QUEUED, request=request))
    for word in ("strength 0.55", "31 steps", "guidance 6.5", "seed 698845", "3 pictures", "without: rain"):
        assert word in shown
    assert "dpmpp\\_2m / sgm\\_uniform" in shown


def test_an_engine_that_is_not_the_real_one_is_named() -> None:
    job = make_card_job(engine="preview engine, not Stable Diffusion")
    view = done_card(job, [("attachment://a.png", make_picture())])
    assert "preview engine, not Stable Diffusion" in texts(view)


@given(st.text(min_size=1, max_size=2000), st.text(max_size=1000))
def test_any_prompt_fits_on_each_card(prompt: str, negative: str) -> None:
    job = make_card_job(
        request=Request(prompt=prompt, seed=1, negative_prompt=negative, samples=4),
        seeds=(2**32 - 1, 2**32 - 2, 2**32 - 3, 2**32 - 4),
        change="x" * 300,
        engine="e" * 1000,
        note="n" * 300,
        submitted_at=1.0,
        cancelled_by=1,
    )
    for view in (
        done_card(job, [("attachment://a.png", make_picture())] * 4, where="w" * 100),
        failed_card(job, "s" * 500, where="w" * 100),
        cancelled_card(job),
        parted_card(job),
        working_card(View(job, expected=1.0, position=20_000, waits=1e6), now=1e6),
    ):
        assert view.content_length() <= 4000
        assert view.total_children_count <= 40
        assert view.timeout is None


@pytest.mark.parametrize("sentence", ["One sentence.", InferenceFailed.sentence])
def test_a_notice_is_its_sentence(sentence: str) -> None:
    assert texts(notice(sentence)) == sentence


@pytest.mark.parametrize(
    ("position", "waits", "line"),
    [
        (None, None, "🕒 **Queued**"),
        (1, None, "🕒 **Queued** · next"),
        (1, 3.0, "🕒 **Queued** · next, a few seconds"),
        (3, 41.0, "🕒 **Queued** · 3rd in line, about 40 s"),
        (112, 1900.0, "🕒 **Queued** · 112th in line, about 30 min"),
    ],
)
def test_a_queued_card_says_when_its_turn_comes(position: int | None, waits: float | None, line: str) -> None:
    shown = working(make_card_job(state=JobState.QUEUED), position=position, waits=waits)
    assert line in shown.splitlines()


def test_a_queued_card_says_what_is_wrong_with_the_service() -> None:
    job = make_card_job(state=JobState.QUEUED)
    assert "The service is down." in working(job, trouble="The service is down.")
    met = make_card_job(state=JobState.QUEUED, note="Met before.")
    assert "\nMet before.\n" in working(met)
    assert "Met before." not in working(met, trouble="The service is down.")


def test_while_there_is_trouble_nobody_says_when_a_turn_comes() -> None:
    waiting = working(make_card_job(state=JobState.QUEUED), position=2, waits=41.0, trouble="Down.")
    assert "🕒 **Queued** · 2nd in line" in waiting.splitlines()


def test_what_an_earlier_try_met_is_over_once_the_service_has_the_job() -> None:
    job = make_card_job(state=JobState.RUNNING, api_state=ApiState.QUEUED, note="Met before.")
    assert "Met before." not in working(job)


@pytest.mark.parametrize(
    "state",
    [JobState.RECEIVED, JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING, JobState.UNKNOWN],
)
def test_what_is_under_way_can_be_cancelled(state: JobState) -> None:
    view = working_card(View(make_card_job(state=state), expected=7.5), now=1001.0)
    assert buttons(view) == [("Cancel", "cancel:0000000001")]


def test_a_lost_submit_is_looked_for() -> None:
    assert "🔎 **Checking** — the image service gave no clear answer" in working(
        make_card_job(state=JobState.UNKNOWN)
    )


def test_a_failed_job_can_be_retried() -> None:
    job = make_card_job(state=JobState.FAILED)
    assert buttons(failed_card(job, "No.")) == [
        ("Retry", "retry:0000000001"),
        ("Adjust", "adjust:0000000001"),
        ("Delete", "delete:0000000001"),
    ]


def test_a_retry_that_may_cost_twice_says_so() -> None:
    first, *_ = buttons(failed_card(make_card_job(state=JobState.UNKNOWN), "Nobody knows."))
    assert first == ("Retry (may be charged twice)", "retry:0000000001")


@pytest.mark.parametrize("changes", [{"private_failure": True}, {"retried_as": "0000000002"}])
def test_what_need_not_be_retried_has_no_button(changes: dict[str, Any]) -> None:
    assert buttons(failed_card(make_card_job(state=JobState.FAILED, **changes), "No.")) == []


@pytest.mark.parametrize(
    ("by", "submitted_at", "said", "unsaid"),
    [
        (22, None, "🚫 **Cancelled**", "moderator"),
        (0, None, "🚫 **Cancelled**", "moderator"),
        (99, None, "🚫 **Cancelled** by a moderator", "charge"),
        (22, 1.0, "may charge for it; its result is dropped", "moderator"),
    ],
)
def test_a_cancelled_card_says_by_whom_and_what_it_costs(
    by: int, submitted_at: float | None, said: str, unsaid: str
) -> None:
    view = cancelled_card(make_card_job(state=JobState.CANCELLED, cancelled_by=by, submitted_at=submitted_at))
    assert said in texts(view)
    assert unsaid not in texts(view)
    assert buttons(view) == [("Delete", "delete:0000000001")]


def test_a_picture_that_is_shown_elsewhere_says_where_it_belongs() -> None:
    view = done_card(make_card_job(), [("attachment://a.png", make_picture())], where="Asked for in <#1>.")
    assert "Asked for in <#1>." in texts(view)


def test_a_finished_picture_has_what_can_be_done_with_it() -> None:
    view = done_card(make_card_job(), [("attachment://a.png", make_picture())])
    labels = [label for label, _ in buttons(view)]
    assert labels == [
        "Again", "Softer", "Stronger", "Adjust", "Continue", "Compare", "Use this seed", "Delete",
    ]  # fmt: skip


@pytest.mark.parametrize(("strength", "off"), [(0.0, ["Softer"]), (1.0, ["Stronger"]), (0.05, [])])
def test_what_makes_no_sense_at_an_end_of_the_strength_cannot_be_pressed(
    strength: float, off: list[str]
) -> None:
    job = make_card_job(request=Request(prompt="a cat", seed=7, strength=strength))
    view = done_card(job, [("attachment://a.png", make_picture())])
    items = [item.item for item in view.walk_children() if isinstance(item, ui.DynamicItem)]
    assert [item.label for item in items if item.disabled] == off


def test_a_spoiler_is_covered() -> None:
    view = done_card(make_card_job(spoiler=True), [("attachment://a.png", make_picture())])
    [gallery] = [item for item in view.walk_children() if isinstance(item, ui.MediaGallery)]
    assert [item.spoiler for item in gallery.items] == [True]


def test_whose_picture_it_was_is_said_with_the_way_there() -> None:
    credit = Credit(77, "https://discord.com/channels/1/2/3")
    said = texts(done_card(make_card_job(credit=credit), [("attachment://a.png", make_picture())]))
    assert "-# from a picture by <@77> · [message](https://discord.com/channels/1/2/3)" in said


def test_who_pressed_a_button_for_it_is_said() -> None:
    asked = "asked for by <@22>"
    picture = [("attachment://a.png", make_picture())]
    assert asked in texts(done_card(make_card_job(parent="0000000002"), picture))
    assert asked not in texts(done_card(make_card_job(), picture))  # Discord itself says who gave a command


def test_a_forwarded_picture_has_no_author() -> None:
    credit = Credit(None, "https://discord.com/channels/1/2/3")
    assert "from a forwarded picture" in working(make_card_job(credit=credit))


def test_the_prompt_stands_as_it_was_written_and_the_style_by_its_name() -> None:
    job = make_card_job(typed="a cat", style="ink", request=Request(prompt="a drawing of a cat", seed=7))
    said = working(job)
    assert "**a cat**" in said
    assert "style ink" in said
    assert "a drawing of" not in said


@pytest.mark.parametrize(
    ("samples", "price", "said"), [(4, 0.0303, True), (1, 0.0076, False), (4, None, False)]
)
def test_the_price_of_several_pictures_is_said_before_they_are_made(
    samples: int, price: float | None, said: bool
) -> None:
    job = make_card_job(state=JobState.QUEUED, request=Request(prompt="a cat", seed=7, samples=samples))
    assert ("4 pictures, together about $0.030" in working(job, price=price)) == said
