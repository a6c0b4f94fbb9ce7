"""`dunning holidays`: which holidays are known, until when, and who says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dunning.cli.asked import Asked, calendars_option, common
from dunning.cli.output import say, tell

if TYPE_CHECKING:
    from dunning.core.calendar import Calendar

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.group
def holidays() -> None:
    """Say which holidays are known, until when, and who says so."""


@holidays.command("list")
@calendars_option
@common
@click.pass_obj
def list_(asked: Asked, calendars: Path | None) -> None:
    """
    List the calendars, and until when each is known.

    Those that the folder or FILE states, and one a country. `show` knows parts of countries too.
    """
    from dunning.adapters.calendars.announced import announced
    from dunning.cli.table import table

    rows = [
        (calendar.name, calendar.known_from, calendar.known_until, "stated", calendar.source)
        for calendar in _stated(asked, calendars)
    ]
    own = {name for name, *_ in rows}
    rows += [
        (name, found.since, found.until, "national", f"{found.why}.")
        for name, found in announced().items()
        if name not in own
    ]
    if asked.json:
        keys = ("name", "known_from", "known_until", "origin", "source")
        tell({"calendars": [dict(zip(keys, (str(cell) for cell in row), strict=True)) for row in rows]})
        return
    shown = [tuple(str(cell) for cell in row) for row in rows]
    say(table(("calendar", "known from", "until before", "origin", "source"), shown))


@holidays.command
@click.argument("name")
@click.option("--year", type=click.IntRange(1900, 2199), required=True, help="Whose days to show.")
@calendars_option
@common
@click.pass_obj
def show(asked: Asked, name: str, *, year: int, calendars: Path | None) -> None:
    """
    Show a year of the calendar NAME: a country, a part of one, or one that is stated.

    With its holidays, its adjusted working days, and from where to where it is known.
    """
    from dunning.adapters.calendars.announced import is_national
    from dunning.adapters.calendars.national import holiday_names, national_calendar, parts_of

    stated = {calendar.name: calendar for calendar in _stated(asked, calendars)}
    found = stated[name] if name in stated else national_calendar(name)
    called = holiday_names(name, year) if is_national(name) else {}
    days = [day for day in sorted(found.days) if day.year == year]
    worked = [day for day in sorted(found.workdays) if day.year == year]
    parts = parts_of(name) if is_national(name) and "-" not in name else ()
    if asked.json:
        tell(
            {
                "name": found.name,
                "year": year,
                "known_from": found.known_from.isoformat(),
                "known_until": found.known_until.isoformat(),
                "weekend": list(found.weekend),
                "source": found.source,
                "days": [{"date": day.isoformat(), "called": called.get(day, "")} for day in days],
                "workdays": [day.isoformat() for day in worked],
                "parts": list(parts),
            }
        )
        return
    say(f"{found.name} is known from {found.known_from} to before {found.known_until}.")
    say(_unknown(found, year))
    if found.source:
        say(f"Source: {found.source}")
    say(f"Weekend: {', '.join(_WEEKDAYS[day] for day in found.weekend) or 'none'}.")
    say(f"  {day}  {_WEEKDAYS[day.weekday()]}  {called.get(day, 'holiday')}" for day in days)
    say(f"  {day}  {_WEEKDAYS[day.weekday()]}  worked" for day in worked)
    if parts:
        say(f"Parts: {', '.join(parts)}.")


def _unknown(calendar: Calendar, year: int) -> list[str]:
    """Return a sentence if the calendar does not know the whole of *year*."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    if calendar.knows(first) and calendar.knows(last):
        return []
    some = "Not all" if calendar.known_until > first and calendar.known_from <= last else "Nothing"
    return [f"{some} of {year} is known: a rule that needs an unknown day refuses."]


def _stated(asked: Asked, calendars: Path | None) -> list[Calendar]:
    from dunning.adapters.calendars.stated import read_calendars

    settings = asked.settings_if_any()
    return [
        *(settings.calendars if settings is not None else ()),
        *(read_calendars(calendars) if calendars is not None else ()),
    ]
