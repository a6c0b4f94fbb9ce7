"""A holiday calendar as data: which days it knows, which of those are holidays, and on which people work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)
_WEEK = 7


@frozen(kw_only=True, cache_hash=True)
class Calendar:
    """
    The holidays of a place or a lender.

    Args:
        name: As contact rules name it.
        known_from, known_until: The dates about which it speaks: inclusive start, exclusive end. A day that has not
            been announced is no working day; it is unknown, and a rule that needs it refuses.
        days: The holidays, all of them inside that range, on whatever weekday they fall.
        workdays: Days of the weekend that are worked by announcement, such as China's adjusted working days (调休),
            all of them inside that range; none of them a holiday.
        weekend: Weekdays without work, from 0 for Monday to 6 for Sunday. A day of the weekend is no holiday for that.
        source: Who says so, for people.
    """

    name: str = field(validator=values.text)
    known_from: dt.date = field(validator=values.day)
    known_until: dt.date = field(validator=values.day)
    days: frozenset[dt.date] = frozenset()
    workdays: frozenset[dt.date] = frozenset()
    weekend: tuple[int, ...] = field(default=(5, 6), validator=values.tuple_of(int))
    source: str = ""

    def __attrs_post_init__(self) -> None:
        if self.known_from >= self.known_until:
            raise FactsError(f"Calendar {self.name!r}: known_from must come before known_until.", field="known_until")
        for name, listed in (("days", self.days), ("workdays", self.workdays)):
            outside = [day for day in listed if not self.knows(day)]
            if outside:
                raise FactsError(
                    f"Calendar {self.name!r} lists {min(outside)}, which is outside the dates that it knows "
                    f"({self.known_from} to before {self.known_until}).",
                    field=name,
                )
        self._check_working_week()

    def knows(self, day: dt.date) -> bool:
        """Whether the calendar speaks about *day*."""
        return self.known_from <= day < self.known_until

    def holiday(self, day: dt.date) -> bool | None:
        """Whether *day* is a holiday; None is unknown."""
        return day in self.days if self.knows(day) else None

    def working(self, day: dt.date) -> bool | None:
        """Whether *day* is a business day: neither holiday nor weekend, or worked by announcement; None is unknown."""
        if not self.knows(day):
            return None
        return day in self.workdays or (day.weekday() not in self.weekend and day not in self.days)

    def business_days_before(self, day: dt.date, count: int) -> dt.date | None:
        """
        Return the last day on which something can happen that must happen *count* business days before *day*.

        It is itself a business day, and with it *count* of them lie before *day*, which is not counted; *count* 0 is
        *day*. None where the calendar does not know a day on the way.
        """
        return self._stepped(day, count, -_ONE_DAY)

    def business_days_after(self, day: dt.date, count: int) -> dt.date | None:
        """
        Return the business day that is the *count*-th after *day*, which is not counted; *count* 0 is *day*.

        None where the calendar does not know a day on the way.
        """
        return self._stepped(day, count, _ONE_DAY)

    def _stepped(self, day: dt.date, count: int, step: dt.timedelta) -> dt.date | None:
        if count < 0:
            raise FactsError(f"A number of business days is 0 or more, not {count}.", field="count")
        while count:
            if day in (dt.date.min, dt.date.max):  # which have no neighbour
                return None
            day += step
            worked = self.working(day)
            if worked is None:
                return None
            count -= worked
        return day

    def _check_working_week(self) -> None:
        if any(not 0 <= weekday < _WEEK for weekday in self.weekend):
            raise FactsError(
                f"Calendar {self.name!r}: a weekday is a number from 0 (Monday) to 6 (Sunday).", field="weekend"
            )
        contradictory = self.workdays & self.days
        if contradictory:
            raise FactsError(
                f"Calendar {self.name!r} lists {min(contradictory)} among its days and its workdays. Remove one.",
                field="workdays",
            )
        usual = [day for day in self.workdays if day.weekday() not in self.weekend]
        if usual:
            raise FactsError(
                f"Calendar {self.name!r} lists {min(usual)} among its workdays, which is no day of its weekend. "
                "Remove it: such a day is worked anyway.",
                field="workdays",
            )


Calendars = Mapping[str, Calendar]
