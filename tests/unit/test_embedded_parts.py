"""The small parts of the embedded API: clock, limits, data URLs, releases."""

import asyncio
import base64
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.clock import Clock, iso
from embedded.errors import ApiError
from embedded.files import content_type, read_base64, read_data_url
from embedded.inputs import url_name
from embedded.limits import Credits, RequestsPerMinute
from embedded.script import Control


async def test_moving_the_clock_wakes_only_who_is_due() -> None:
    clock = Clock()
    soon = asyncio.create_task(clock.sleep(1000))
    late = asyncio.create_task(clock.sleep(2000))
    await asyncio.sleep(0)

    clock.advance(1500)
    await soon

    assert not late.done()
    clock.advance(1500)
    await late


@given(st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000))
def test_times_are_written_in_utc_to_the_millisecond(moment: float) -> None:
    text = iso(moment)
    assert text.endswith("Z")
    assert datetime.fromisoformat(text).timestamp() == pytest.approx(moment, abs=0.001)


def test_a_minute_begins_with_its_first_request() -> None:
    clock = Clock()
    rate = RequestsPerMinute(clock, 2)
    rate.take()
    clock.advance(50)
    rate.take()
    with pytest.raises(ApiError) as refused:
        rate.take()
    assert refused.value.status == 429
    clock.advance(10)
    rate.take()


def test_no_limit_is_no_limit() -> None:
    rate = RequestsPerMinute(Clock(), None)
    for _ in range(1000):
        rate.take()
    account = Credits(None)
    account.check(1e9, spent=1e9, reserved=1e9)
    assert account.remaining(5) is None


def test_the_last_credit_can_be_spent_and_no_more() -> None:
    account = Credits(3 * 0.0076)
    account.check(0.0076, spent=0.0076, reserved=0.0076)
    with pytest.raises(ApiError) as refused:
        account.check(0.0076, spent=0.0076, reserved=2 * 0.0076)
    assert (refused.value.status, "$0.0000" in refused.value.message) == (406, True)


def test_a_new_balance_counts_from_now() -> None:
    account = Credits(1)
    account.set_remaining(0.5, spent=0.9)
    assert account.remaining(spent=1.0) == 0.4
    account.reset()
    assert account.remaining(spent=1.0) == 0


@given(st.binary(max_size=100), st.booleans())
def test_base64_is_read_however_it_is_wrapped_and_padded(data: bytes, padded: bool) -> None:
    text = base64.encodebytes(data).decode()
    assert read_base64(text if padded else text.replace("=", "")) == data
    assert read_data_url(f"data:image/PNG;charset=x;base64,{text}") == ("image/png", data)


@given(st.text(max_size=20))
def test_anything_else_is_a_value_error(text: str) -> None:
    for read in (read_base64, read_data_url):
        try:
            read(text)
        except ValueError:
            continue


@pytest.mark.parametrize(
    "url", ["data:image/png,aGVsbG8=", "data:;base65,aGVsbG8=", "image/png;base64,aGVsbG8="]
)
def test_only_a_base64_data_url_is_one(url: str) -> None:
    with pytest.raises(ValueError, match="data URL"):
        read_data_url(url)


def test_a_file_is_served_as_the_picture_it_is_named_after() -> None:
    assert content_type("a.jpg") == "image/jpeg"
    assert content_type("a.svg") == content_type("a") == "application/octet-stream"


def test_a_files_name_is_found_in_urls_of_our_own_shape() -> None:
    assert url_name("http://127.0.0.1:9000/assets/ab.png?x=1#y") == "ab.png"
    assert url_name("http://elsewhere/outputs/ab.png") == "ab.png"
    for other in ("http://elsewhere/ab.png", "http://[/assets/ab.png", "http://elsewhere"):
        assert url_name(other) is None


async def test_a_release_counts_for_one_manual_phase_and_a_reset_lets_all_pass() -> None:
    control = Control(Clock())
    control.merge({"queue_seconds": "manual", "inference_seconds": "manual"})
    control.release(["a"])
    await control.hold("a", "queue_seconds", 0)
    second = asyncio.create_task(control.hold("a", "inference_seconds", 0))
    await asyncio.sleep(0)
    assert not second.done()

    control.reset()

    await second
