"""Hours: weekly windows on the wall, exact to the second in every zone."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.contact.effects import HoursRule
from dunning.core.contact.hours import open_hours, outside_bands
from dunning.core.contact.instants import UNKNOWN, instant_of, second_of
from dunning.core.contact.wall import Frame, months, segments
from dunning.core.facts.person import Hours
from dunning.errors import FactsError

UTC = dt.UTC
EVERY_DAY = tuple(range(7))
NEW_YORK = "America/New_York"


def band(opens, closes, weekdays=EVERY_DAY):
    return Hours(weekdays=weekdays, opens=dt.time.fromisoformat(opens), closes=dt.time.fromisoformat(closes))


def wall(text, zone=NEW_YORK, fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def frame_of(*instants, zones=(NEW_YORK,)):
    return Frame(*months(min(instants), max(instants) + dt.timedelta(seconds=1)), zones)


def is_open(rule, at, zones=(NEW_YORK,), calendars=None):
    return open_hours(rule, frame_of(at, zones=zones), calendars or {}).at(at)


@pytest.mark.parametrize(
    ("opens_inclusive", "closes_inclusive", "expected"),
    [
        pytest.param(True, False, [False, True, True, True, False, False], id="half-open"),
        pytest.param(False, False, [False, False, True, True, False, False], id="open at both ends"),
        pytest.param(True, True, [False, True, True, True, True, False], id="closed at both ends"),
        pytest.param(False, True, [False, False, True, True, True, False], id="open, then closed"),
    ],
)
def test_each_boundary_to_the_second(opens_inclusive, closes_inclusive, expected):
    """One second below, at and above each edge."""
    rule = HoursRule(
        windows=(band("08:00", "21:00"),), opens_inclusive=opens_inclusive, closes_inclusive=closes_inclusive
    )
    edges = ["07:59:59", "08:00:00", "08:00:01", "20:59:59", "21:00:00", "21:00:01"]

    assert expected == [is_open(rule, wall(f"2026-03-04T{edge}")) for edge in edges]


@pytest.mark.parametrize(
    ("closes", "closes_inclusive"),
    [
        pytest.param("23:59:59.999999", False, id="dt.time.max"),
        pytest.param("23:59:59", True, id="the last second, inclusive"),
    ],
)
def test_a_window_can_last_until_midnight(closes, closes_inclusive):
    """24:00 has two spellings; both end with the day and start no second of the next."""
    rule = HoursRule(windows=(band("12:00", closes, (2,)),), closes_inclusive=closes_inclusive)  # a Wednesday

    assert is_open(rule, wall("2026-03-04T23:59:59")) is True
    assert is_open(rule, wall("2026-03-05T00:00:00")) is False


def test_a_day_without_a_band_is_closed_and_bands_join():
    """Several windows a day; what touches at midnight is one stretch."""
    rule = HoursRule(
        windows=(band("08:00", "12:00", (0,)), band("13:00", "23:59:59.999999", (0,)), band("00:00", "01:00", (1,)))
    )
    monday, tuesday = "2026-03-02", "2026-03-03"
    at = [
        f"{monday}T11:59:59",
        f"{monday}T12:00:00",
        f"{monday}T13:00:00",
        f"{tuesday}T00:00:00",
        f"{tuesday}T01:00:00",
    ]

    assert [True, False, True, True, False] == [is_open(rule, wall(moment)) for moment in at]
    assert [False, False] == [is_open(rule, wall(f"2026-03-0{day}T11:00:00")) for day in (1, 4)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-03-04T10:59:59", False, id="before eight in Los Angeles"),
        pytest.param("2026-03-04T11:00:00", True, id="eight in Los Angeles"),
        pytest.param("2026-03-04T20:59:59", True, id="before nine in New York"),
        pytest.param("2026-03-04T21:00:00", False, id="nine in New York, though six in Los Angeles"),
    ],
)
def test_every_plausible_zone_must_be_open(at, expected):
    """12 CFR 1006, comment 6(b)(1)(i)-2: convenient in every place where the consumer may be."""
    rule = HoursRule(windows=(band("08:00", "21:00"),))

    assert expected is is_open(rule, wall(at), zones=(NEW_YORK, "America/Los_Angeles"))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("every", False, id="every zone"),
        pytest.param("residence", True, id="the first one is the residence"),
        pytest.param("America/Los_Angeles", False, id="a fixed zone"),
        pytest.param("UTC", True, id="a fixed zone that is none of the person's"),
    ],
)
def test_whose_wall_it_is(zone, expected):
    """At nine in New York it is six in Los Angeles and two in the afternoon in UTC."""
    rule = HoursRule(windows=(band("08:00", "21:00"),), zone=zone)

    assert expected is is_open(rule, wall("2026-03-04T09:00:00"), zones=(NEW_YORK, "America/Los_Angeles"))


def test_without_a_zone_nothing_is_known():
    """Unless the rule names its own."""
    rule = HoursRule(windows=(band("08:00", "21:00"),))
    fixed = HoursRule(windows=(band("08:00", "21:00"),), zone="UTC")

    assert is_open(rule, wall("2026-03-04T09:00:00"), zones=()) is None
    assert is_open(fixed, wall("2026-03-04T09:00:00"), zones=()) is True


HOLIDAYS = Calendar(
    name="bank",
    known_from=dt.date(2026, 1, 1),
    known_until=dt.date(2027, 1, 1),
    days=frozenset({dt.date(2026, 12, 25)}),
)


@pytest.mark.parametrize(
    ("holidays", "at", "expected"),
    [
        pytest.param("closed", "2026-12-24T10:00:00", True, id="closed: the day before"),
        pytest.param("closed", "2026-12-25T10:00:00", False, id="closed: the holiday"),
        pytest.param("closed", "2026-12-31T20:59:59", True, id="closed: the last second known and open"),
        pytest.param("closed", "2026-12-31T23:59:59", False, id="closed: the last second known"),
        pytest.param("closed", "2027-01-01T00:00:00", None, id="closed: nobody has announced that day"),
        pytest.param("closed", "2025-12-31T23:59:59", None, id="closed: before the calendar begins"),
        pytest.param("own", "2026-12-25T09:59:59", False, id="own: before its own window"),
        pytest.param("own", "2026-12-25T10:00:00", True, id="own: in its own window"),
        pytest.param("own", "2026-12-25T12:00:00", False, id="own: after its own window"),
        pytest.param("own", "2026-12-24T08:00:00", True, id="own: the usual window on a usual day"),
    ],
)
def test_holidays(holidays, at, expected):
    """Closed, or with their own window; past the calendar the answer is unknown."""
    rule = HoursRule(
        windows=(band("08:00", "21:00"),),
        holidays=holidays,
        holiday_windows=(band("10:00", "12:00"),) if holidays == "own" else (),
        calendar="bank",
    )

    assert expected is is_open(rule, wall(at), calendars={"bank": HOLIDAYS})


def test_only_a_rule_that_needs_the_calendar_misses_it():
    """A rule that ignores holidays answers in any year; one that needs a calendar that is not there answers never."""
    ignoring = HoursRule(windows=(band("08:00", "21:00"),))
    needing = HoursRule(windows=(band("08:00", "21:00"),), holidays="closed", calendar="bank")

    assert is_open(ignoring, wall("2031-01-04T10:00:00")) is True
    assert is_open(needing, wall("2026-03-04T10:00:00")) is None


@pytest.mark.parametrize(
    ("known_from", "known_until", "days", "message"),
    [
        pytest.param("2026-01-01", "2026-01-01", [], "before known_until", id="nothing known"),
        pytest.param("2026-01-01", "2027-01-01", ["2027-01-01"], "outside the dates", id="a holiday past the end"),
        pytest.param("2026-01-01", "2027-01-01", ["2025-12-31"], "outside the dates", id="a holiday before the start"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(known_from, known_until, days, message):
    """A calendar speaks only of the dates that it knows."""
    with pytest.raises(FactsError, match=message):
        Calendar(
            name="bank",
            known_from=dt.date.fromisoformat(known_from),
            known_until=dt.date.fromisoformat(known_until),
            days=frozenset(dt.date.fromisoformat(day) for day in days),
        )


def test_a_calendar_answers_for_the_days_it_knows():
    """Yes, no, or nobody knows."""
    days = [dt.date(2026, 12, 25), dt.date(2026, 12, 24), dt.date(2027, 1, 1)]

    assert [True, False, None] == [HOLIDAYS.holiday(day) for day in days]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-03-04T11:59:59", True, id="before the band"),
        pytest.param("2026-03-04T12:00:00", False, id="the band opens"),
        pytest.param("2026-03-04T12:59:59", False, id="the band's last second"),
        pytest.param("2026-03-04T13:00:00", True, id="the band is over"),
        pytest.param("2026-03-04T15:00:00", False, id="the band in the other plausible zone"),
        pytest.param("2026-03-05T12:00:00", True, id="another weekday"),
    ],
)
def test_inconvenient_bands_stop_in_any_plausible_zone(at, expected):
    """A Wednesday's lunch, in New York or in Los Angeles."""
    at = wall(at)
    bands = (band("12:00", "13:00", (2,)),)

    assert expected is outside_bands(bands, frame_of(at, zones=(NEW_YORK, "America/Los_Angeles"))).at(at)
    assert UNKNOWN == outside_bands(bands, frame_of(at, zones=()))


# --- every change of the clock, against the definition ---------------------------------------------------------------

PATTERNS = {
    "day": (band("08:00", "21:00"),),
    "around midnight": (band("00:00", "00:30"), band("23:30", "23:59:59.999999")),
    "around the change": (band("01:15", "02:45"),),
    "one weekday": (band("00:00", "23:59:59.999999", (6,)),),
}


def shows(moment, zone, bands):
    """The definition: does the wall of *zone*, read at *moment*, stand in one of *bands*?"""
    here = moment.astimezone(ZoneInfo(zone))
    return any(here.weekday() in one.weekdays and one.opens <= here.time() < one.closes for one in bands)


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
@pytest.mark.parametrize(
    ("zone", "change"),
    [
        pytest.param("America/New_York", "2026-03-08", id="New York, an hour missing"),
        pytest.param("America/New_York", "2026-11-01", id="New York, an hour twice"),
        pytest.param("Australia/Lord_Howe", "2026-04-05", id="Lord Howe, half an hour twice"),
        pytest.param("Australia/Lord_Howe", "2026-10-04", id="Lord Howe, half an hour missing"),
        pytest.param("Africa/Casablanca", "2026-02-15", id="Casablanca, into Ramadan"),
        pytest.param("Africa/Casablanca", "2026-03-22", id="Casablanca, out of Ramadan"),
        pytest.param("Antarctica/Troll", "2026-03-29", id="Troll, two hours missing"),
        pytest.param("Antarctica/Troll", "2026-10-25", id="Troll, two hours twice"),
        pytest.param("America/Havana", "2026-03-08", id="Havana, midnight missing"),
        pytest.param("America/Havana", "2026-11-01", id="Havana, an hour twice"),
        pytest.param("Asia/Beirut", "2026-03-29", id="Beirut, midnight missing"),
        pytest.param("America/St_Johns", "2006-10-29", id="Newfoundland, back into the day before"),
        pytest.param("Pacific/Apia", "2011-12-30", id="Apia, a whole day missing"),
        pytest.param("Pacific/Apia", "2011-09-24", id="Apia, an hour missing"),
        pytest.param("Asia/Kathmandu", "2026-03-08", id="Kathmandu, five hours and three quarters"),
        pytest.param("Asia/Shanghai", "1991-09-15", id="Shanghai, the last summer time"),
        pytest.param("Europe/Lisbon", "1992-09-27", id="Lisbon, the clock changes its zone"),
    ],
)
def test_the_compiled_form_is_the_definition_minute_by_minute(zone, change, pattern):
    """Three days around a change of the clock: the last second of each minute and the first of the next."""
    bands = PATTERNS[pattern]
    start = dt.datetime.fromisoformat(change).replace(tzinfo=UTC) - dt.timedelta(days=1, hours=12)
    compiled = open_hours(HoursRule(windows=bands), frame_of(start, start + dt.timedelta(days=3), zones=(zone,)), {})
    wrong = []
    for minute in range(3 * 24 * 60):
        for shift in (-1, 0):
            moment = start + dt.timedelta(minutes=minute, seconds=shift)
            if shows(moment, zone, bands) is not compiled.at(moment):
                wrong.append(moment.isoformat())

    assert [] == wrong


times = st.builds(
    lambda seconds: (dt.datetime(2000, 1, 1) + dt.timedelta(seconds=seconds)).time(), st.integers(0, 86_399)
)
bands = st.builds(
    lambda weekdays, edges: Hours(weekdays=tuple(sorted(weekdays)), opens=min(edges), closes=max(edges)),
    st.sets(st.integers(0, 6), min_size=1),
    st.tuples(times, times).filter(lambda edges: edges[0] != edges[1]),
)
ZONES = [
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Shanghai",
]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(bands, min_size=1, max_size=3),
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True),
    st.tuples(st.booleans(), st.booleans()),
    st.integers(second_of(dt.datetime(2005, 1, 1, tzinfo=UTC)), second_of(dt.datetime(2030, 1, 1, tzinfo=UTC))),
    st.data(),
)
def test_any_windows_in_any_zones_are_the_definition(windows, zones, inclusive, second, data):
    """At a random second, and one second around each edge of the wall on that day."""
    opens_in, closes_in = inclusive
    rule = HoursRule(windows=tuple(windows), opens_inclusive=opens_in, closes_inclusive=closes_in)
    zone = data.draw(st.sampled_from(zones))
    edge = data.draw(st.sampled_from([side for one in windows for side in (one.opens, one.closes)]))
    day = instant_of(second).astimezone(ZoneInfo(zone)).date()
    at_edge = dt.datetime.combine(day, edge, ZoneInfo(zone)).astimezone(UTC)
    moments = [instant_of(second), *(at_edge + dt.timedelta(seconds=shift) for shift in (-1, 0, 1))]
    compiled = open_hours(rule, frame_of(*moments, zones=tuple(zones)), {})

    def within(moment, place):
        here = moment.astimezone(ZoneInfo(place))
        return any(
            here.weekday() in one.weekdays
            and (
                one.opens < here.time() < one.closes
                or (opens_in and here.time() == one.opens)
                or (closes_in and here.time() == one.closes)
            )
            for one in windows
        )

    for moment in moments:
        assert all(within(moment, place) for place in zones) is compiled.at(moment)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 40 * 365), st.integers(1, 400))
def test_segments_cover_the_time_line_with_the_right_offsets(zone, day, length):
    """No gap, no overlap, and the offset of each is the tz database's."""
    start, until = day * 86_400, (day + length) * 86_400
    found = segments(zone, start, until)

    assert start == found[0][0]
    assert until == found[-1][1]
    assert all(left[1] == right[0] and left[2] != right[2] for left, right in pairwise(found))
    for opened, closed, offset in found:
        for second in (opened, closed - 1):
            assert offset == instant_of(second).astimezone(ZoneInfo(zone)).utcoffset().total_seconds()
