"""Pauses count once, and only after the due date."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.facts.event import Event
from dunning.core.overdue.pauses import delinquent_on, paused_days, pauses

DUE = dt.date(2026, 3, 1)


def day(number):
    """The day that is *number* days after the due date."""
    return DUE + dt.timedelta(days=number)


def pause(start, end, id_="Z"):
    return Event(id=id_, kind="pause", effective_on=day(start), until=None if end is None else day(end))


def union(*spans):
    return pauses([pause(start, end, f"Z{i}") for i, (start, end) in enumerate(spans)])


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([(5, 10)], [(5, 10)], id="one"),
        pytest.param([(5, 10), (20, 30)], [(5, 10), (20, 30)], id="apart"),
        pytest.param([(5, 10), (10, 15)], [(5, 15)], id="touching"),
        pytest.param([(5, 10), (8, 15)], [(5, 15)], id="overlapping"),
        pytest.param([(7, 8), (5, 10)], [(5, 10)], id="a new one contains an old one"),
        pytest.param([(5, 8), (5, 10)], [(5, 10)], id="the same start, ending later"),
        pytest.param([(5, 10), (5, 10)], [(5, 10)], id="twice the same"),
        pytest.param([(5, 10), (7, None)], [(5, None)], id="one still runs"),
        pytest.param([(5, None), (7, 10)], [(5, None)], id="what a running one contains"),
        pytest.param([(5, None), (1, 3)], [(1, 3), (5, None)], id="one before a running one"),
    ],
)
def test_the_union(spans, expected):
    assert [(day(s), None if e is None else day(e)) for s, e in expected] == union(*spans) == union(*spans[::-1])


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([(-45, -20)], 0, id="over before the due date"),
        pytest.param([(-10, 1)], 0, id="ends with the due date: day 0 never counts"),
        pytest.param([(-10, 2)], 1, id="one day reaches past the due date"),
        pytest.param([(1, 11)], 10, id="ten days"),
        pytest.param([(1, 11), (5, 16)], 15, id="days in two pauses count once"),
        pytest.param([(45, 50)], 1, id="today is paused"),
        pytest.param([(46, 50)], 0, id="from tomorrow on"),
        pytest.param([(40, None)], 6, id="still running: today included"),
    ],
)
def test_paused_days(spans, expected):
    """45 days after the due date."""
    assert expected == paused_days(union(*spans), due_on=DUE, as_of=day(45))


@pytest.mark.parametrize(
    ("spans", "grace", "days", "expected"),
    [
        pytest.param([], 0, 1, 1, id="the day after"),
        pytest.param([], 5, 1, 6, id="the day after grace"),
        pytest.param([(-30, -2)], 0, 10, 10, id="a pause before the due date moves nothing"),
        pytest.param([(5, 8)], 0, 10, 13, id="three days later"),
        pytest.param([(10, 20)], 0, 10, 20, id="reached on the first day after the pause"),
        pytest.param([(11, 20)], 0, 10, 10, id="reached on the day before the pause"),
        pytest.param([(9, 12), (13, 20)], 0, 10, 20, id="two pauses with one day between"),
        pytest.param([(5, None)], 0, 4, 4, id="reached before a running pause"),
        pytest.param([(5, None)], 0, 5, None, id="a running pause stands before it"),
    ],
)
def test_delinquent_on(spans, grace, days, expected):
    found = delinquent_on(union(*spans), due_on=DUE, grace=grace, days=days)
    assert (None if expected is None else day(expected)) == found


SPANS = st.lists(
    st.tuples(st.integers(-40, 80), st.integers(1, 40) | st.none()).map(
        lambda p: (p[0], None if p[1] is None else p[0] + p[1])
    ),
    max_size=4,
)


@settings(max_examples=80)
@given(SPANS, st.integers(0, 120))
def test_days_in_the_union_are_counted_one_by_one(spans, as_of):
    held = sum(any(s <= n and (e is None or n < e) for s, e in spans) for n in range(1, as_of + 1))
    assert held == paused_days(union(*spans), due_on=DUE, as_of=day(as_of))


@settings(max_examples=80)
@given(SPANS, st.integers(0, 5), st.integers(1, 40))
def test_delinquent_on_is_the_first_such_date(spans, grace, days):
    """On it that many delinquent days have passed, on the day before they have not; None: not within a year."""
    union_ = union(*spans)

    def delinquent(number):
        return number - grace - paused_days(union_, due_on=DUE, as_of=day(number))

    first = next((n for n in range(366) if delinquent(n) >= days), None)

    assert (None if first is None else day(first)) == delinquent_on(union_, due_on=DUE, grace=grace, days=days)
