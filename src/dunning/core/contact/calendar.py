"""A holiday calendar as data: which days it knows, and which of those are holidays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError


@frozen(kw_only=True, cache_hash=True)
class Calendar:
    """
    The holidays of a place or a lender.

    Args:
        name: As contact rules name it.
        known_from, known_until: The dates about which it speaks: inclusive start, exclusive end. A day that has not
            been announced is no working day; it is unknown, and a rule that needs it refuses.
        days: The holidays, all of them inside that range.
        workdays: Days of the weekend that are worked by announcement (调休).
        weekend: The weekdays, from 0 (Monday), on which nobody works unless announced.
    """

    name: str = field(validator=values.text)
    known_from: dt.date = field(validator=values.day)
    known_until: dt.date = field(validator=values.day)
    days: frozenset[dt.date] = frozenset()
    workdays: frozenset[dt.date] = frozenset()
    weekend: tuple[int, ...] = (5, 6)

    def __attrs_post_init__(self) -> None:
        if self.known_from >= self.known_until:
            raise FactsError(f"Calendar {self.name!r}: known_from must come before known_until.", field="known_until")
        outside = [day for day in self.days if not self.knows(day)]
        if outside:
            raise FactsError(
                f"Calendar {self.name!r} lists {min(outside)}, which is outside the dates that it knows "
                f"({self.known_from} to before {self.known_until}).",
                field="days",
            )

    def knows(self, day: dt.date) -> bool:
        """Whether the calendar speaks about *day*."""
        return self.known_from <= day < self.known_until

    def holiday(self, day: dt.date) -> bool | None:
        """Whether *day* is a holiday; None is unknown."""
        return day in self.days if self.knows(day) else None

    def working(self, day: dt.date) -> bool | None:
        """Whether *day* is a business day; None is unknown."""
        if not self.knows(day):
            return None
        return day in self.workdays or (day not in self.days and day.weekday() not in self.weekend)


Calendars = Mapping[str, Calendar]
