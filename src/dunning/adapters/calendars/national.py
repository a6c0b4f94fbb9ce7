"""National and regional calendars, made of what python-holidays knows and cut where it is no longer announced."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from dunning.adapters.calendars.announced import announced_for
from dunning.core.calendar import Calendar
from dunning.errors import FactsError

if TYPE_CHECKING:
    from holidays import HolidayBase

_PART = re.compile(r"[A-Z0-9]{1,3}")
_MOST = 256


@lru_cache(maxsize=_MOST)
def national_calendar(name: str) -> Calendar:
    """
    Return the public holidays of a country or of a part of it, with its weekend and its adjusted working days.

    Args:
        name: A country as ISO 3166-1 (`CN`), or a subdivision as ISO 3166-2 (`AU-NSW`).

    The calendar ends where the country's announcements end: see ``dunning holidays list``. A subdivision has the days
    of its country and its own.

    Raises:
        FactsError: Nobody said until when the holidays of this country are announced, or there is no such place.
    """
    stated = announced_for(name)
    if stated is None:
        raise FactsError(
            f"There is no announced-until date for {name!r}; state its calendar yourself, "
            "as [calendars.NAME] with known_from, known_until and days.",
            field="calendar",
        )
    # With the year after: its announcement may move working days into this one.
    found = _library(name, range(stated.since.year, stated.until.year + 1), stated.categories)
    weekend = tuple(sorted(int(day) for day in found.weekend))
    inside = {day for day in found if stated.since <= day < stated.until} | stated.more
    worked = frozenset(
        day for day in found.weekend_workdays if stated.since <= day < stated.until and day.weekday() in weekend
    )
    return Calendar(
        name=name,
        known_from=stated.since,
        known_until=stated.until,
        days=frozenset(inside - worked),
        workdays=worked,
        weekend=weekend,
        source=f"python-holidays {version('holidays')}; announced until {stated.until}: {stated.why}.",
    )


def holiday_names(name: str, year: int) -> dict[dt.date, str]:
    """Return what the library calls the holidays of a national calendar in *year*, in English where it can."""
    stated = announced_for(name)
    return dict(_library(name, range(year, year + 1), stated.categories, english=True)) if stated is not None else {}


def parts_of(country: str) -> tuple[str, ...]:
    """Return the subdivisions of *country* that have calendars, sorted, as ISO 3166-2: `AU-NSW`."""
    import holidays

    parts = holidays.list_supported_countries(include_aliases=False).get(country, [])
    # The library also knows towns and districts by name, which are no subdivisions of the standard.
    return tuple(sorted(f"{country}-{part}" for part in parts if _PART.fullmatch(part)))


def _library(name: str, years: range, categories: tuple[str, ...], *, english: bool = False) -> HolidayBase:
    import holidays

    country, _, part = name.partition("-")
    known = parts_of(country)
    if name != country and name not in known:
        raise FactsError(
            f"{country} has no calendar {name}. "
            + (f"There are {country}, {', '.join(known)}." if known else f"There is {country} alone."),
            field="calendar",
        )
    spoken = holidays.country_holidays(country).supported_languages if english else ()
    return holidays.country_holidays(
        country,
        subdiv=part or None,
        years=years,
        categories=categories,
        language="en_US" if "en_US" in spoken else None,
    )
