"""Hours: weekly windows on the wall, compiled once for each zone and year to sorted UTC spans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from dunning.core.calendar import Calendar, Calendars
from dunning.core.contact.effects import HoursRule
from dunning.core.contact.instants import UNKNOWN, Edges, Instants, instant_of, merged
from dunning.core.contact.wall import DAY, Frame, from_wall, months, wall_midnight
from dunning.core.facts.person import Hours

_ONE_DAY = dt.timedelta(days=1)
_YEARS = 1024  # of one rule in one zone; a lender in fifty places asks for a few hundred


def open_hours(rule: HoursRule, frame: Frame, calendars: Calendars) -> Instants:
    """
    Return when *rule* is open, over *frame*.

    Known is what lies in the frame and, where the rule does not ignore holidays, on dates that its calendar knows; with
    a calendar that is not there, or without a zone, nothing is known.
    """
    zones = frame.zones_for(rule.zone)
    calendar = calendars.get(rule.calendar) if rule.calendar else None
    if not zones or (rule.calendar and calendar is None):
        return UNKNOWN
    return _compiled(rule, zones, calendar, frame.start, frame.until)


def outside_bands(bands: tuple[Hours, ...], frame: Frame) -> Instants:
    """Return when the wall shows none of *bands* in any plausible zone of *frame*: opens in, closes out."""
    return _outside(bands, frame.zones, frame.start, frame.until) if frame.zones else UNKNOWN


@lru_cache(maxsize=1024)
def _compiled(rule: HoursRule, zones: tuple[str, ...], calendar: Calendar | None, start: int, until: int) -> Instants:
    """Return the years from *start* to *until* put together. The numbers are those that `_year` keeps."""
    result = Instants((start, until), (start, until))
    years = range(instant_of(start).year, instant_of(until - 1).year + 1)
    for zone in zones:
        parts = [_year(rule, zone, calendar, year).clipped(start, until) for year in years]
        result &= Instants(_joined(part.edges for part in parts), _joined(part.known for part in parts))
    return result


@lru_cache(maxsize=_YEARS)
def _year(rule: HoursRule, zone: str, calendar: Calendar | None, year: int) -> Instants:
    """
    Return when *rule* is open in one UTC year, compiled once and kept.

    A year of one window a day takes 32 kB, so the cache, full of such years, 33 MB.
    """
    start, until = months(dt.datetime(year, 1, 1, tzinfo=dt.UTC), dt.datetime(year, 12, 31, tzinfo=dt.UTC))
    spans = _pairs(merged(_open_on_the_wall(rule, calendar, start, until)))
    domain: Edges = (start, until)
    if calendar is not None:
        announced = [(wall_midnight(calendar.known_from), wall_midnight(calendar.known_until))]
        domain = merged(from_wall(zone, announced, start, until))
    return Instants.of(from_wall(zone, spans, start, until), known=domain)


def _joined(parts: Iterable[Edges]) -> Edges:
    """Return the edges of stretches that follow one another."""
    edges: list[int] = []
    for part in parts:
        if edges and part and edges[-1] == part[0]:
            edges.pop()
            edges += part[1:]
        else:
            edges += part
    return tuple(edges)


def _open_on_the_wall(rule: HoursRule, calendar: Calendar | None, start: int, until: int) -> Iterator[tuple[int, int]]:
    usual = _week(rule.windows, opens_inclusive=rule.opens_inclusive, closes_inclusive=rule.closes_inclusive)
    special = _week(rule.holiday_windows, opens_inclusive=rule.opens_inclusive, closes_inclusive=rule.closes_inclusive)
    for day in _dates(start, until):
        holiday = _holiday(rule, calendar, day)
        midnight = wall_midnight(day)
        week = special if holiday else usual
        for low, high in week[_weekday(rule, calendar, day)]:
            yield midnight + low, midnight + min(high, DAY)
            if high > DAY and _holiday(rule, calendar, day + _ONE_DAY) == holiday:
                yield midnight + DAY, midnight + high


def _holiday(rule: HoursRule, calendar: Calendar | None, day: dt.date) -> bool:
    if calendar is None or rule.holidays == "ignored":
        return False
    return calendar.holiday(day) is True or (day.weekday() in rule.holiday_weekdays and day not in calendar.workdays)


def _weekday(rule: HoursRule, calendar: Calendar | None, day: dt.date) -> int:
    if rule.adjusted_as is not None and calendar is not None and day in calendar.workdays:
        return rule.adjusted_as
    return day.weekday()


@lru_cache(maxsize=512)
def _outside(bands: tuple[Hours, ...], zones: tuple[str, ...], start: int, until: int) -> Instants:
    week = _week(bands, opens_inclusive=True, closes_inclusive=False)
    walls = [
        (wall_midnight(day) + low, wall_midnight(day) + high)
        for day in _dates(start, until)
        for low, high in week[day.weekday()]
    ]
    spans = _pairs(merged(walls))
    stopped = (span for zone in zones for span in from_wall(zone, spans, start, until))
    return ~Instants(merged(stopped), (start, until))


def _week(bands: Sequence[Hours], *, opens_inclusive: bool, closes_inclusive: bool) -> list[list[tuple[int, int]]]:
    """
    Return, for each weekday from Monday, the open seconds of the day as half-open spans; past a day: the next one's.

    A whole second is open when it lies between the boundaries as they are: so 24:00 is written as `dt.time.max` (the
    second 23:59:59 begins before it), or as 23:59:59 with an inclusive close.
    """
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for band in bands:
        opens, opens_early = _second_of_day(band.opens)
        closes, closes_early = _second_of_day(band.closes)
        # A boundary inside a second (`early` is False) excludes that second from opening and includes it in closing.
        low = opens if opens_early and opens_inclusive else opens + 1
        high = closes if closes_early and not closes_inclusive else closes + 1
        for weekday in set(band.weekdays):
            week[weekday].append((low, high if band.closes > band.opens else high + DAY))
    return week


def _second_of_day(time: dt.time) -> tuple[int, bool]:
    """Return the second of the day in which *time* lies, and whether it is its beginning."""
    return time.hour * 3600 + time.minute * 60 + time.second, time.microsecond == 0


def _dates(start: int, until: int) -> list[dt.date]:
    """Every date that some wall clock can show between two seconds."""
    first = instant_of(start).date() - 2 * _ONE_DAY  # one more, for the windows that pass midnight
    return [first + dt.timedelta(days=index) for index in range((until - start) // DAY + 5)]


def _pairs(edges: Edges) -> list[tuple[int, int]]:
    return list(zip(edges[::2], edges[1::2], strict=True))
