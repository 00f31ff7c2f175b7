"""Single values from answers, in every form that they may come in."""

import datetime as dt
import email.utils
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaint.errors import BadAnswer
from repaint.segmind import fields

SECONDS = st.integers(1_000_000_000, 4_000_000_000)


@given(SECONDS)
def test_a_moment_reads_the_same_in_every_form(seconds: int) -> None:
    there = dt.datetime.fromtimestamp(seconds, dt.UTC)
    plus_two = there.astimezone(dt.timezone(dt.timedelta(hours=2)))
    forms: list[object] = [
        seconds,
        float(seconds),
        str(seconds),
        f" {seconds}.0 ",
        seconds * 1000,
        str(seconds * 1000),
        there.isoformat(),
        there.isoformat().replace("+00:00", "Z"),
        there.replace(tzinfo=None).isoformat(),
        there.replace(tzinfo=None).isoformat(" "),
        there.replace(tzinfo=None).isoformat(" ") + " UTC",
        there.replace(tzinfo=None).isoformat() + "GMT",
        there.isoformat(timespec="milliseconds"),
        there.strftime("%Y%m%dT%H%M%SZ"),
        plus_two.isoformat(),
        email.utils.format_datetime(there, usegmt=True),
        email.utils.format_datetime(plus_two),
    ]
    assert {fields.moment(form) for form in forms} == {float(seconds)}


@pytest.mark.parametrize(
    "nonsense",
    ["", " ", "soon", "30", "0", "-1", "nan", "inf", "1e400", "20260102", "99999999999999999", "9999-12-31",
     "0001-01-01", "Mon, 99 Abc 2026 00:00:00 GMT",
     "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None, True, [], {}, 3, -1.5, math.nan, 10**400],
)  # fmt: skip
def test_a_moment_that_makes_no_sense_is_none(nonsense: object) -> None:
    assert fields.moment(nonsense) is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system cannot change its time zone")
def test_a_moment_without_an_offset_is_utc_wherever_this_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "JST-9")
        time.tzset()
        found = fields.moment("2027-01-15T08:00:00")
    time.tzset()
    assert found == 1_800_000_000


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.none(), st.binary(max_size=5)))
def test_no_value_breaks_a_reader(value: object) -> None:
    found = fields.moment(value)
    assert found is None or fields.EARLIEST <= found <= fields.LATEST
    amount = fields.number(value)
    assert amount is None or (math.isfinite(amount) and amount >= 0)
    assert fields.integer(value) is None or isinstance(fields.integer(value), int)
    assert isinstance(fields.text(value), str)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("7.4", 7.4), (0, 0.0), ("x", None), (-1, None), (True, None), (None, None), ([1], None), ("NaN", None)],
)
def test_a_number_is_finite_and_not_negative(value: object, expected: float | None) -> None:
    assert fields.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("698845", 698845), (7, 7), (7.0, 7), (-1, -1), (7.5, None), (False, None), ("7.5", None), (None, None),
     (math.nan, None), (math.inf, None), ("9" * 5000, None)],
)  # fmt: skip
def test_an_integer_may_be_a_string(value: object, expected: int | None) -> None:
    assert fields.integer(value) == expected


@given(st.one_of(st.text(), st.binary()), st.integers(1, 50))
def test_a_text_for_the_log_is_one_short_printable_line(value: str | bytes, limit: int) -> None:
    line = fields.one_line(value, limit)
    assert len(line) <= limit
    assert line.isprintable()
    line.encode()


def test_a_page_of_html_becomes_its_words() -> None:
    page = b"<html>\r\n<head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>"
    assert fields.one_line(page) == "502 Bad Gateway nginx"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe\xfa", b"[" * 200_000, b"1" * 5000])
def test_what_is_no_json_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        fields.load(body)


def test_json_of_very_many_parts_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadAnswer, match="too many parts"):
        fields.load(b"[" + b"[]," * 60_000 + b"[]]")
    assert fields.load(b'"' + b"A" * 1_000_000 + b'"')
