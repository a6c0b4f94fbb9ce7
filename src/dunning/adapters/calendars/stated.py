"""Calendars that a lender states as data: additions to a national one, or one of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from dunning.adapters.calendars.announced import is_national
from dunning.adapters.calendars.national import national_calendar
from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.documents import read_toml
from dunning.core import values
from dunning.core.calendar import Calendar
from dunning.errors import FactsError, Problem, StructureError

_ONE_DAY = dt.timedelta(days=1)
_SATURDAY_AND_SUNDAY = (5, 6)


@frozen(kw_only=True)
class Stated:
    """
    A calendar as a table of TOML.

    Args:
        base: The national calendar on which it builds; a calendar with a national name builds on that one.
        known_from, known_until: Inclusive start and exclusive end. With a base only `known_until` is stated, if at
            all: it extends the base, and `source` says who announced the days.
        days: Holidays; with a base, further ones.
        remove: Holidays of the base that are none here. Only in a calendar with a name of its own.
        workdays: Days of the weekend that are worked; with a base, further ones.
        weekend: Weekdays without work, from 0 for Monday; by default those of the base, or Saturday and Sunday.
        source: Who announced this.
    """

    base: str = ""
    known_from: dt.date | None = field(default=None, validator=values.maybe(values.day))
    known_until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    days: frozenset[dt.date] = frozenset()
    remove: frozenset[dt.date] = frozenset()
    workdays: frozenset[dt.date] = frozenset()
    weekend: tuple[int, ...] | None = None
    source: str = ""


def read_calendars(path: Path) -> tuple[Calendar, ...]:
    """
    Return the calendars of a TOML file with tables ``[calendars.NAME]``, as `dunning.toml` may hold them too.

    Raises:
        StructureError: Everything that is wrong with it, each problem with file, table and key.
    """
    tables = read_toml(path)
    problems = [
        Problem(where=path.name, field=key, what="there is no such table.", advice="Write [calendars.NAME].")
        for key in tables
        if key != "calendars"
    ]
    inside = tables.get("calendars", {})
    if not isinstance(inside, Mapping):
        what = "expected tables [calendars.NAME]."
        raise StructureError([*problems, Problem(where=path.name, field="calendars", what=what, advice="Write them.")])
    found = []
    for name, table in inside.items():
        try:
            found.append(stated_calendar(name, table, path.name))
        except StructureError as error:
            problems += error.problems
    if problems:
        raise StructureError(problems)
    return tuple(found)


def stated_calendar(name: str, table: Any, file: str) -> Calendar:
    """
    Return the calendar that the table ``[calendars.NAME]`` of *file* states.

    Raises:
        StructureError: With every problem, or the one why it cannot be a calendar.
    """
    where = f"{file}, calendars.{name}"
    if not isinstance(table, Mapping):
        what = f"expected a table, got {table!r}."
        raise StructureError([Problem(where=where, what=what, advice=f"Write [calendars.{name}].")])
    stated = structure(table, Stated, where)
    try:
        made = _built(name, stated)
        refuse_wider(made)
    except FactsError as error:
        raise StructureError([Problem(where=where, field=error.field, what=error.message)]) from error
    return made


def refuse_wider(calendar: Calendar) -> None:
    """
    Refuse a calendar that has the name of a national one and fewer holidays, or more working days, than that one.

    A rule of law names the national calendar. Whoever could take a day out of it would widen the law by a line of
    settings; in a calendar with a name of its own, which only house rules name, everything may be stated.

    Raises:
        FactsError: It is wider; the message names the first such day.
    """
    if not is_national(calendar.name):
        return
    national = national_calendar(calendar.name)
    day = max(national.known_from, calendar.known_from)
    until = min(national.known_until, calendar.known_until)
    advice = f'Take another name, with base = "{calendar.name}", and let rules of the house name that.'
    while day < until:
        if national.holiday(day) and not calendar.holiday(day):
            raise FactsError(
                f"{day} is a holiday of {calendar.name}, and rules of law may need it. {advice}", field="days"
            )
        if calendar.working(day) and not national.working(day):
            raise FactsError(
                f"{day} is no working day of {calendar.name}, and rules of law may need that. {advice}",
                field="workdays",
            )
        day += _ONE_DAY


def _built(name: str, stated: Stated) -> Calendar:
    base = stated.base or (name if is_national(name) else "")
    if base:
        return _upon(national_calendar(base), name, stated)
    for key in ("known_from", "known_until"):
        if getattr(stated, key) is None:
            raise FactsError(
                'it is missing. State it, as a date without quotes, or name a base such as base = "CN".',
                field=key,
            )
    if stated.remove:
        raise FactsError("there is no base whose days could be removed. Leave them out of days.", field="remove")
    return Calendar(
        name=name,
        known_from=stated.known_from or dt.date.min,
        known_until=stated.known_until or dt.date.min,
        days=stated.days,
        workdays=stated.workdays,
        weekend=_SATURDAY_AND_SUNDAY if stated.weekend is None else stated.weekend,
        source=stated.source,
    )


def _upon(base: Calendar, name: str, stated: Stated) -> Calendar:
    if stated.known_from is not None:
        raise FactsError(f"{base.name} is known from {base.known_from} on. Remove known_from.", field="known_from")
    until = stated.known_until or base.known_until
    if until < base.known_until:
        raise FactsError(
            f"{base.name} is known until {base.known_until}. State a later date, or remove it.", field="known_until"
        )
    if until > base.known_until and not stated.source.strip():
        raise FactsError(
            f"{base.name} is announced until {base.known_until} as far as we know. "
            f"State who announced the days from then on, and where.",
            field="source",
        )
    unknown = stated.remove - base.days
    if unknown:
        raise FactsError(f"{min(unknown)} is no holiday of {base.name}. Correct or remove it.", field="remove")
    days = (base.days - stated.remove) | stated.days
    weekend = base.weekend if stated.weekend is None else stated.weekend
    # The one that closes wins: a closure of one's own on an adjusted working day leaves no working day.
    worked = {day for day in base.workdays - stated.days if day.weekday() in weekend} | stated.workdays
    return Calendar(
        name=name,
        known_from=base.known_from,
        known_until=until,
        days=days,
        workdays=frozenset(worked),
        weekend=weekend,
        source=" ".join(said for said in (base.source, f"Stated: {stated.source}" if stated.source else "") if said),
    )
