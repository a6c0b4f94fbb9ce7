"""One spelling for each value; what is nearly right is refused with what was expected."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.codec import scalars


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        pytest.param(scalars.decimal, "1234.50", Decimal("1234.50"), id="an amount keeps its digits"),
        pytest.param(scalars.decimal, "-1", Decimal(-1), id="a negative number"),
        pytest.param(scalars.decimal, "1E+3", Decimal("1E+3"), id="an exponent"),
        pytest.param(scalars.whole, "0", 0, id="zero"),
        pytest.param(scalars.boolean, "true", True, id="true"),
        pytest.param(scalars.date, "2024-02-29", dt.date(2024, 2, 29), id="a leap day"),
        pytest.param(scalars.time, "08:30", dt.time(8, 30), id="a time of day"),
        pytest.param(scalars.time, "08:30:15", dt.time(8, 30, 15), id="with seconds"),
        pytest.param(
            scalars.instant,
            "2026-03-18T09:30:00Z",
            dt.datetime(2026, 3, 18, 9, 30, tzinfo=dt.UTC),
            id="an instant in UTC",
        ),
        pytest.param(
            scalars.instant,
            "2026-03-18T09:30:00+08:00",
            dt.datetime(2026, 3, 18, 1, 30, tzinfo=dt.UTC),
            id="an instant with an offset",
        ),
    ],
)
def test_what_is_read(read, text, value):
    assert value == read(text)


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        pytest.param(scalars.decimal, "1,234.50", "number such as 1234.50", id="thousands separator"),
        pytest.param(scalars.decimal, "NaN", "number", id="not a number"),
        pytest.param(scalars.decimal, "Infinity", "number", id="infinity"),
        pytest.param(scalars.decimal, "1_000", "number", id="underscores"),
        pytest.param(scalars.decimal, "\uff11\uff12", "number", id="full-width digits"),
        pytest.param(scalars.decimal, " 1", "number", id="a space"),
        pytest.param(scalars.decimal, "", "number", id="nothing"),
        pytest.param(scalars.whole, "1.0", "whole number", id="a fraction"),
        pytest.param(scalars.boolean, "yes", "true or false", id="yes"),
        pytest.param(scalars.boolean, "True", "true or false", id="a capital"),
        pytest.param(scalars.date, "18.03.2026", "YYYY-MM-DD", id="day first"),
        pytest.param(scalars.date, "20260318", "YYYY-MM-DD", id="without dashes"),
        pytest.param(scalars.date, "2026-02-29", "in no calendar", id="no leap year"),
        pytest.param(scalars.date, "2026-3-8", "YYYY-MM-DD", id="one digit"),
        pytest.param(scalars.time, "24:00", "HH:MM", id="midnight at the end"),
        pytest.param(scalars.time, "8:30", "HH:MM", id="one digit of an hour"),
        pytest.param(scalars.instant, "2026-03-18T09:30:00", "which has none", id="a local time"),
        pytest.param(scalars.instant, "2026-03-18", "expected an instant", id="a date"),
        pytest.param(scalars.instant, "2026-13-18T09:30:00Z", "expected an instant", id="month 13"),
        pytest.param(scalars.instant, "0001-01-01T00:00:00+08:00", "expected an instant", id="before the first year"),
    ],
)
def test_what_is_refused(read, text, said):
    with pytest.raises(ValueError, match=said):
        read(text)


@given(st.datetimes(timezones=st.timezones()))
def test_instants_survive(value):
    """Written and read again, an instant is the same instant, in UTC."""
    try:
        text = scalars.instant_text(value)
    except OverflowError:
        return  # the first and last hours of the calendar have no UTC
    assert value.astimezone(dt.UTC) == scalars.instant(text)
    assert text.endswith("Z")


def test_a_naive_instant_is_not_written():
    with pytest.raises(ValueError, match="without an offset"):
        scalars.instant_text(dt.datetime(2026, 3, 18, 9, 30))
