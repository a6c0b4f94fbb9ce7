"""Dates of a schedule: months later, and business days."""

from __future__ import annotations

import calendar
import datetime as dt

from dunning.core.calendar import Calendar
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)
MONTH = 30  # days, as every table of labels counts a month


def later(day: dt.date, days: int) -> dt.date:
    """Return *day* moved by *days*; the first or last day there is where that lies beyond it, as of 9999-12-31."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))


def add_months(day: dt.date, months: int, *, due_day: int = 0) -> dt.date:
    """
    Return the same day *months* later, or the last day of that month where it has no such day.

    Args:
        due_day: The latest day of a month on which the schedule falls due, which the last day of a month may stand for.

    Raises:
        FactsError: That is after the year 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        raise FactsError(
            f"The day {months} months after {day} would be in the year {year}, and dates end with 9999. Correct the "
            "months, or the date.",
            field="months",
        )
    return dt.date(year, month + 1, min(_own_day(day, due_day), calendar.monthrange(year, month + 1)[1]))


def months_completed(start: dt.date, end: dt.date, *, due_day: int = 0) -> int:
    """
    Return how many months from *start* are completed on *end*; 0 where *end* is before it.

    A month is completed on the day of the month of *start*, or on the last day of a shorter month. Where *start* is the
    last day of its month, it may stand for a later day: then that is *due_day*, the latest on which the schedule falls
    due.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    day = _own_day(start, due_day)
    if months > 0 and end.day < min(day, calendar.monthrange(end.year, end.month)[1]):
        months -= 1
    return max(months, 0)


def _own_day(day: dt.date, due_day: int) -> int:
    """Return on which day of a month *day* lies, or would in a longer one."""
    return max(day.day, due_day) if day.day == calendar.monthrange(day.year, day.month)[1] else day.day


def calendar_months_between(start: dt.date, end: dt.date) -> int:
    """Return how many calendar months, first day to last, lie after the month of *start* and end by *end*."""
    after = later(end, 1)
    return max((after.year - start.year) * 12 + after.month - start.month - 1, 0)


def business_day(day: dt.date, *, shift: str, calendar: Calendar) -> dt.date:
    """
    Return *day* moved to a business day of *calendar*: `following`, `preceding` or `modified_following`.

    Raises:
        FactsError: The calendar does not know a day on the way.
    """
    moved = _step(day, -_ONE_DAY if shift == "preceding" else _ONE_DAY, calendar)
    if shift == "modified_following" and moved.month != day.month:
        return _step(day, -_ONE_DAY, calendar)
    return moved


def _step(day: dt.date, by: dt.timedelta, calendar: Calendar) -> dt.date:
    while not (worked := calendar.working(day)):
        if worked is None:
            raise FactsError(
                f"Due dates move to business days of the calendar {calendar.name!r}, which knows the days from "
                f"{calendar.known_from} to before {calendar.known_until} only, and not {day}. State its days.",
                field="calendar",
            )
        day += by
    return day
