"""A calendar as data: holidays, adjusted working days, business days counted both ways."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.errors import FactsError


def day(text):
    return dt.date.fromisoformat(text)


def a_calendar(**more):
    stated = {"name": "cn", "known_from": day("2026-01-01"), "known_until": day("2027-01-01"), **more}
    return Calendar(**stated)


# National Day of China in 2026, as the State Council announced it: off from Thursday 1 to Wednesday 7 October, at work
# on Sunday 20 September and Saturday 10 October.
AUTUMN = a_calendar(
    days=frozenset(day(f"2026-10-{number:02d}") for number in (1, 2, 3, 5, 6, 7)),
    workdays=frozenset({day("2026-09-20"), day("2026-10-10")}),
)


@pytest.mark.parametrize(
    ("on", "holiday", "working"),
    [
        pytest.param("2025-12-31", None, None, id="before what is known"),
        pytest.param("2026-01-01", False, True, id="its first day"),
        pytest.param("2026-09-19", False, False, id="a Saturday is no holiday, and nobody works"),
        pytest.param("2026-09-20", False, True, id="a Sunday that is worked"),
        pytest.param("2026-09-30", False, True, id="the day before"),
        pytest.param("2026-10-01", True, False, id="the first day off"),
        pytest.param("2026-10-03", True, False, id="a Saturday that is a holiday"),
        pytest.param("2026-10-04", False, False, id="a Sunday among days off"),
        pytest.param("2026-10-07", True, False, id="the last day off"),
        pytest.param("2026-10-08", False, True, id="the day after"),
        pytest.param("2026-10-10", False, True, id="a Saturday that is worked"),
        pytest.param("2026-12-31", False, True, id="its last day"),
        pytest.param("2027-01-01", None, None, id="the first day that nobody announced"),
    ],
)
def test_holidays_and_working_days(on, holiday, working):
    """Three answers: yes, no, and unknown."""
    assert (holiday, working) == (AUTUMN.holiday(day(on)), AUTUMN.working(day(on)))


@pytest.mark.parametrize(
    ("on", "count", "before", "after"),
    [
        pytest.param("2026-10-08", 0, "2026-10-08", "2026-10-08", id="none is the day itself"),
        pytest.param("2026-10-01", 0, "2026-10-01", "2026-10-01", id="also on a holiday"),
        pytest.param("2026-10-08", 1, "2026-09-30", "2026-10-09", id="over the days off"),
        pytest.param("2026-10-08", 3, "2026-09-28", "2026-10-12", id="the Saturday that is worked counts"),
        pytest.param("2026-10-04", 1, "2026-09-30", "2026-10-08", id="from a day off"),
        pytest.param("2026-09-21", 1, "2026-09-20", "2026-09-22", id="the Sunday before is worked"),
        pytest.param("2026-09-21", 2, "2026-09-18", "2026-09-23", id="and the Saturday before it is not"),
        pytest.param("2026-01-02", 1, "2026-01-01", "2026-01-05", id="the first day that is known"),
        pytest.param("2026-01-02", 2, None, "2026-01-06", id="a day that nobody announced"),
        pytest.param("2027-01-01", 1, "2026-12-31", None, id="from the day after the last one known"),
        pytest.param("2026-12-31", 1, "2026-12-30", None, id="over the end"),
    ],
)
def test_business_days(on, count, before, after):
    """Notice n business days before: on that day at the latest. What is not known on the way is not guessed."""
    found = AUTUMN.business_days_before(day(on), count), AUTUMN.business_days_after(day(on), count)

    assert (before, after) == tuple(None if one is None else one.isoformat() for one in found)


def test_the_ends_of_time():
    """They have no neighbour, and nothing is known of one."""
    assert AUTUMN.business_days_before(dt.date.min, 1) is None
    assert AUTUMN.business_days_after(dt.date.max, 1) is None


def test_a_negative_number_of_business_days():
    """Is asked of the other method."""
    with pytest.raises(FactsError, match="0 or more, not -1"):
        AUTUMN.business_days_before(day("2026-10-08"), -1)


@given(st.dates(day("2026-02-01"), day("2026-11-30")), st.integers(1, 15))
def test_before_and_after_are_each_others_way_back(start, count):
    """And what they return is worked, with exactly so many business days on the way."""
    there = AUTUMN.business_days_after(start, count)
    back = AUTUMN.business_days_before(there, count)

    assert AUTUMN.working(there)
    assert AUTUMN.working(back)
    between = [start + dt.timedelta(days=n) for n in range(1, (there - start).days + 1)]
    assert count == sum(AUTUMN.working(one) for one in between)
    assert back <= start
    assert (back == start) == AUTUMN.working(start)


@pytest.mark.parametrize(
    ("weekend", "friday", "saturday", "sunday"),
    [
        pytest.param((5, 6), True, False, False, id="Saturday and Sunday"),
        pytest.param((4, 5), False, False, True, id="Friday and Saturday"),
        pytest.param((6,), True, True, False, id="Sunday alone"),
        pytest.param((), True, True, True, id="none"),
    ],
)
def test_weekends_differ(weekend, friday, saturday, sunday):
    """From 0 for Monday."""
    calendar = a_calendar(weekend=weekend)

    assert [friday, saturday, sunday] == [calendar.working(day(f"2026-03-{n:02d}")) for n in (6, 7, 8)]


@pytest.mark.parametrize(
    ("stated", "field", "says"),
    [
        pytest.param({"known_until": day("2026-01-01")}, "known_until", "known_from must come before", id="no day"),
        pytest.param({"days": frozenset({day("2027-01-01")})}, "days", "lists 2027-01-01, which is outside", id="days"),
        pytest.param(
            {"workdays": frozenset({day("2025-12-27")})},
            "workdays",
            "lists 2025-12-27, which is outside",
            id="workdays",
        ),
        pytest.param({"weekend": (7,)}, "weekend", "from 0 .Monday. to 6 .Sunday.", id="no weekday"),
        pytest.param(
            {"days": frozenset({day("2026-10-10")}), "workdays": frozenset({day("2026-10-10")})},
            "workdays",
            "lists 2026-10-10 among its days and its workdays",
            id="off and at work",
        ),
        pytest.param(
            {"workdays": frozenset({day("2026-10-09")})},
            "workdays",
            "2026-10-09 .* no day of its weekend",
            id="a Friday",
        ),
    ],
)
def test_what_cannot_be(stated, field, says):
    """Each field by its name."""
    with pytest.raises(FactsError, match=says) as caught:
        a_calendar(**stated)

    assert field == caught.value.field
