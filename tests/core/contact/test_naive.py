"""
Compiled hours against a naive definition: what the wall shows at an instant, looked up as a person would.

Every distinct window pattern of the shipped packs, at every edge of every date of two years, a second before, at it and a
second after; in twelve zones, with both changes of the clock, half-hour changes, a change of two hours, and zones that
stand at odd offsets.
"""

import datetime as dt
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import pytest

from dunning import rules
from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.core.calendar import Calendar
from dunning.core.contact.effects import HoursRule
from dunning.core.contact.hours import open_hours
from dunning.core.contact.instants import instant_of, second_of
from dunning.core.contact.wall import Frame
from dunning.core.facts.person import Hours

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/London",
    "Africa/Casablanca",  # the clock goes back for Ramadan
    "Antarctica/Troll",  # by two hours
    "Asia/Kathmandu",  # 5:45
    "Asia/Shanghai",
    "Asia/Tehran",
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",
    "Pacific/Chatham",  # 12:45, with summer time
)
START, UNTIL = (second_of(dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (2025, 2027))
DAY = dt.timedelta(days=1)
# One calendar for all: every seventeenth date a holiday, every nineteenth weekend date worked by announcement.
DATES = [dt.date(2024, 12, 25) + DAY * n for n in range(750)]
KNOWN = Calendar(
    name="any",
    known_from=DATES[0],
    known_until=DATES[-1] + DAY,
    days=frozenset(DATES[::17]),
    workdays=frozenset([day for day in DATES if day.weekday() in (5, 6)][::19]) - frozenset(DATES[::17]),
)

PASSING = HoursRule(
    windows=(
        Hours(weekdays=(0, 2, 4), opens=dt.time(20), closes=dt.time(2, 30)),
        Hours(weekdays=(1, 6), opens=dt.time(6), closes=dt.time(9)),
    ),
    opens_inclusive=False,
    closes_inclusive=True,
    holidays="own",
    holiday_windows=(Hours(weekdays=tuple(range(7)), opens=dt.time(23), closes=dt.time(0, 30)),),
    holiday_weekdays=(6,),
    adjusted_as=4,
    calendar="any",
)


def plain(rule):
    """The rule as a pattern: what differs only in its name or zone is looked at once."""
    windows = tuple(sorted(rule.windows, key=repr))
    calendar = "any" if rule.calendar else ""
    return HoursRule(
        windows=windows,
        opens_inclusive=rule.opens_inclusive,
        closes_inclusive=rule.closes_inclusive,
        holidays=rule.holidays,
        holiday_windows=rule.holiday_windows,
        holiday_weekdays=rule.holiday_weekdays,
        adjusted_as=rule.adjusted_as,
        calendar=calendar,
    )


SHIPPED = [rule for name in rules.pack_names() for rule in shipped_rule_pack(name).rules]
PATTERNS = sorted({plain(rule.effect) for rule in SHIPPED if isinstance(rule.effect, HoursRule)} | {PASSING}, key=repr)


@cache
def _holiday(rule, day):
    if rule.holidays == "ignored" or not rule.calendar:
        return False
    return day in KNOWN.days or (day.weekday() in rule.holiday_weekdays and day not in KNOWN.workdays)


@cache
def _bands(rule, day):
    weekday = day.weekday()
    if rule.adjusted_as is not None and rule.calendar and day in KNOWN.workdays:
        weekday = rule.adjusted_as
    every = rule.holiday_windows if _holiday(rule, day) else rule.windows
    if _holiday(rule, day) and rule.holidays == "closed":
        return []
    return [band for band in every if weekday in band.weekdays]


@lru_cache(maxsize=65_536)  # more than one zone shows
def shown(zone, second):
    """The date and the time that the wall of *zone* shows at the beginning of a UTC second."""
    wall = instant_of(second).astimezone(zone)
    return wall.date(), wall.time()


def naive(rule, zone, second):
    """Whether the wall of *zone* shows a time within a window of *rule*, at the beginning of a UTC second."""
    day, time = shown(zone, second)

    def after(edge):
        return time >= edge if rule.opens_inclusive else time > edge

    def before(edge):
        return time <= edge if rule.closes_inclusive else time < edge

    for band in _bands(rule, day):
        if after(band.opens) and (band.closes < band.opens or before(band.closes)):
            return True
    yesterday = day - DAY
    if _holiday(rule, yesterday) != _holiday(rule, day):
        return False
    return any(band.closes < band.opens and before(band.closes) for band in _bands(rule, yesterday))


@lru_cache(maxsize=64)
def seconds_of(time, zone):
    """Every second at which a wall clock of two years may show *time*, with its neighbours."""
    found = set()
    for day in DATES:
        for fold in (0, 1):
            at = second_of(dt.datetime.combine(day, time, tzinfo=zone).replace(fold=fold))
            found.update(second for second in (at - 1, at, at + 1) if START <= second < UNTIL)
    return frozenset(found)


def edges(rule, zone):
    """Every second at which a wall clock of two years may show an edge of *rule*, with its neighbours."""
    times = {edge for band in (*rule.windows, *rule.holiday_windows) for edge in (band.opens, band.closes)}
    return frozenset().union(*(seconds_of(time, zone) for time in (*times, dt.time(0))))


@pytest.mark.parametrize("zone", ZONES)
def test_compiled_hours_are_what_the_wall_shows(zone):
    """At every edge, for every pattern that we ship."""
    tz = ZoneInfo(zone)
    frame = Frame(START, UNTIL, (zone,))
    for rule in PATTERNS:
        compiled = open_hours(rule, frame, {"any": KNOWN})
        wrong = [instant_of(at) for at in sorted(edges(rule, tz)) if compiled.at_second(at) is not naive(rule, tz, at)]
        assert [] == wrong[:3], rule


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        pytest.param("America/New_York", ("2026-03-07", "2026-03-09"), id="the clock goes forward"),
        pytest.param("America/New_York", ("2026-10-31", "2026-11-02"), id="the clock goes back"),
        pytest.param("Australia/Lord_Howe", ("2026-04-04", "2026-04-06"), id="back by half an hour"),
        pytest.param("Africa/Casablanca", ("2026-02-14", "2026-02-16"), id="back for Ramadan"),
        pytest.param("Antarctica/Troll", ("2026-03-28", "2026-03-30"), id="forward by two hours"),
    ],
)
def test_every_minute_of_the_days_on_which_clocks_change(zone, days):
    """Exhaustively, for five patterns."""
    tz = ZoneInfo(zone)
    start, until = (second_of(dt.datetime.fromisoformat(day).replace(tzinfo=tz)) for day in days)
    frame = Frame(start, until, (zone,))
    for rule in (*PATTERNS[:2], *PATTERNS[-2:], PASSING):
        compiled = open_hours(rule, frame, {"any": KNOWN})
        assert [] == [at for at in range(start, until, 60) if compiled.at_second(at) is not naive(rule, tz, at)]
