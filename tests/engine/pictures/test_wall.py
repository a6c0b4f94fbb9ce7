"""Days on a wall clock, laid side by side: every second of them has one place, and no other time has any."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dunning.core.contact.instants import instant_of
from dunning.engine.pictures.wall import Section, days_of, rows_of, second_at, sections_of

HOUR = 3600


def shown(zone, first, count=1):
    """Return each strip of the days as from, to (hours of the wall) and whether it is shown again."""
    return [(s.opens / HOUR, s.closes / HOUR, s.again) for day in days_of(zone, first, count) for s in day.strips]


@pytest.mark.parametrize(
    ("zone", "date", "seconds", "strips"),
    [
        pytest.param("America/New_York", dt.date(2026, 3, 16), 86400, [(0, 24, False)], id="a usual day"),
        pytest.param("America/New_York", dt.date(2026, 3, 8), 82800, [(0, 2, False), (3, 24, False)], id="put forward at two"),
        pytest.param("America/New_York", dt.date(2026, 11, 1), 90000, [(0, 2, False), (1, 2, True), (2, 24, False)], id="put back at two"),
        pytest.param("Australia/Lord_Howe", dt.date(2026, 10, 4), 84600, [(0, 2, False), (2.5, 24, False)], id="half an hour forward"),
        pytest.param("Australia/Lord_Howe", dt.date(2026, 4, 5), 88200, [(0, 2, False), (1.5, 2, True), (2, 24, False)], id="half an hour back"),
        pytest.param("America/Santiago", dt.date(2026, 4, 4), 90000, [(0, 24, False), (23, 24, True)], id="put back at midnight"),
        pytest.param("America/Santiago", dt.date(2026, 9, 6), 82800, [(1, 24, False)], id="put forward at midnight"),
        pytest.param("America/Havana", dt.date(2026, 11, 1), 90000, [(0, 1, False), (0, 1, True), (1, 24, False)], id="put back to midnight"),
        pytest.param("America/St_Johns", dt.date(2006, 10, 29), 86460, [(0, 1 / 60, False), (0, 1 / 60, True), (1 / 60, 24, False)], id="a minute, then back into yesterday"),
        pytest.param("America/St_Johns", dt.date(2006, 10, 28), 89940, [(0, 24, False), (23 + 1 / 60, 24, True)], id="yesterday again but for a minute"),
        pytest.param("Pacific/Apia", dt.date(2011, 12, 30), 0, [], id="a date that was left out"),
    ],
)  # fmt: skip
def test_a_day_is_what_its_clock_shows(zone, date, seconds, strips):
    """Published changes of the tz database."""
    (day,) = days_of(zone, date, 1)

    assert seconds == day.seconds
    assert strips == shown(zone, date)


@pytest.mark.parametrize(
    ("zone", "first", "sections"),
    [
        pytest.param("America/New_York", dt.date(2026, 3, 2), [(0, 24, False)], id="put forward"),
        pytest.param("America/New_York", dt.date(2026, 10, 26), [(0, 2, False), (1, 2, True), (2, 24, False)], id="put back"),
        pytest.param("Australia/Lord_Howe", dt.date(2026, 3, 30), [(0, 2, False), (1.5, 2, True), (2, 24, False)], id="half an hour"),
        pytest.param("America/Santiago", dt.date(2026, 3, 30), [(0, 24, False), (23, 24, True)], id="at midnight"),
        pytest.param("America/Havana", dt.date(2026, 10, 26), [(0, 1, False), (0, 1, True), (1, 24, False)], id="to midnight"),
    ],
)  # fmt: skip
def test_what_is_shown_again_has_a_place_of_its_own(zone, first, sections):
    """Where the first showing ends."""
    found = sections_of(days_of(zone, first, 7))

    assert sections == [(section.opens / HOUR, section.closes / HOUR, section.again) for section in found]


def test_rows_are_finer_where_something_changes():
    """A row of one second for a rule that opens after eight; no row crosses an edge."""
    days = days_of("America/New_York", dt.date(2026, 3, 16), 7)
    eight = second_at(days[2], Section(8 * HOUR, 9 * HOUR))

    rows = rows_of(days, [eight, eight + 1, eight + 20])

    assert 48 + 2 == len(rows)
    assert [(28800, 28801), (28801, 28820), (28820, 30600)] == [(r.opens, r.closes) for r in rows[16:19]]


def test_a_time_that_the_clock_skips_has_no_instant():
    """Nor has a time that it shows once a second one."""
    forward, back = (
        days_of("America/New_York", dt.date(2026, 3, 8), 1)[0],
        days_of("America/New_York", dt.date(2026, 11, 1), 1)[0],
    )
    half = Section(HOUR * 2, HOUR * 5 // 2)

    assert second_at(forward, half) is None
    assert second_at(forward, Section(HOUR, HOUR * 2, again=True)) is None
    assert 3600 == second_at(back, Section(HOUR, HOUR * 2, again=True)) - second_at(back, Section(HOUR, HOUR * 2))


ZONES = [
    *("America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Africa/Casablanca", "UTC"),
    *("America/Havana", "Antarctica/Troll", "Pacific/Apia", "Asia/Shanghai", "Europe/Dublin", "America/St_Johns"),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.dates(dt.date(2012, 1, 1), dt.date(2037, 12, 1)), st.integers(1, 8))
@example("Pacific/Apia", dt.date(2011, 12, 27), 7)
@example("America/St_Johns", dt.date(2006, 10, 23), 7)
def test_every_second_stands_in_one_place(zone, first, count):
    """The strips follow each other without a hole, and each shows what the zone's clock shows."""
    days = days_of(zone, first, count)
    strips = sorted((strip.start, strip.until, day.date, strip) for day in days for strip in day.strips)
    cells = [second_at(day, row) for row in rows_of(days, []) for day in days]

    assert [until for _, until, _, _ in strips[:-1]] == [start for start, _, _, _ in strips[1:]]
    for start, until, date, strip in strips:
        for second, on_wall in ((start, strip.opens), (until - 1, strip.closes - 1)):
            here = instant_of(second).astimezone(ZoneInfo(zone))
            assert (date, on_wall) == (here.date(), here.hour * HOUR + here.minute * 60 + here.second)
    assert len({cell for cell in cells if cell is not None}) == len([cell for cell in cells if cell is not None])
    assert sum(day.seconds for day in days) == sum(
        row.closes - row.opens for row in rows_of(days, []) for day in days if second_at(day, row) is not None
    )
