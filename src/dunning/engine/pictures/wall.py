"""
Days on a wall clock, cut so that a picture can lay them side by side: rows of times of day, columns of dates.

A day on which the clock is put forward lacks some times, and one on which it is put back shows some twice. What a clock
shows for the second time has sections of its own, right before the time at which the first showing ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise

from attrs import frozen

from dunning.core.contact.wall import DAY, segments, wall_midnight

# Offsets stay below a day, so that two days on both sides hold every instant of a date.
_MARGIN = 2 * DAY
_ONE_DAY = dt.timedelta(days=1)


@frozen
class Strip:
    """
    A stretch of one date during which its wall clock runs on.

    Args:
        opens, closes: Seconds of the day on the wall, `closes` exclusive.
        start: The UTC second, counted from 1970, at which it begins.
        again: Whether the clock shows these times for the second time on this date.
        offset: Seconds that the wall is ahead of UTC.
    """

    opens: int
    closes: int
    start: int
    again: bool
    offset: int

    @property
    def until(self) -> int:
        """The UTC second at which it ends, exclusive."""
        return self.start + self.closes - self.opens


@frozen
class Day:
    """A date on the wall of a zone. It has no strips where the zone left the date out (Apia, 30 December 2011)."""

    date: dt.date
    strips: tuple[Strip, ...]

    @property
    def seconds(self) -> int:
        """How long it is: 86,400 unless the clock is put forward or back."""
        return sum(strip.closes - strip.opens for strip in self.strips)


@frozen
class Section:
    """A part of the axis of times that all days share; `closes` is exclusive."""

    opens: int
    closes: int
    again: bool = False


def days_of(zone: str, first: dt.date, count: int) -> tuple[Day, ...]:
    """Return *count* dates from *first* on, as the wall of *zone* shows them."""
    low, high = wall_midnight(first) - _MARGIN, wall_midnight(first) + count * DAY + _MARGIN
    stretches = segments(zone, low, high)
    dates = [first + index * _ONE_DAY for index in range(count)]
    return tuple(Day(date, tuple(_strips(wall_midnight(date), stretches))) for date in dates)


def _strips(midnight: int, stretches: Iterable[tuple[int, int, int]]) -> Iterator[Strip]:
    reached = 0
    for start, until, offset in stretches:
        opens, closes = max(start + offset - midnight, 0), min(until + offset - midnight, DAY)
        for again, low, high in (
            (True, opens, min(closes, reached)),
            (False, max(opens, reached), closes),
        ):
            if low < high:
                yield Strip(low, high, midnight + low - offset, again, offset)
        reached = max(reached, closes)


def sections_of(days: Iterable[Day]) -> tuple[Section, ...]:
    """Return the axis for *days*, from the top: 24 hours, and what some clock shows again where it does."""
    again = {Section(strip.opens, strip.closes, again=True) for day in days for strip in day.strips if strip.again}
    cuts = sorted({0, DAY, *(section.closes for section in again)})
    return tuple(sorted([*map(Section, cuts[:-1], cuts[1:]), *again], key=_from_the_top))


def _from_the_top(section: Section) -> tuple[int, int, int]:
    return (section.closes, 0, section.opens) if section.again else (section.opens, 1, 0)


def rows_of(days: tuple[Day, ...], edges: Iterable[int], *, every: int = 1800) -> tuple[Section, ...]:
    """
    Return rows so fine that nothing changes inside one.

    Args:
        edges: UTC seconds at which something changes.
        every: Seconds after which a new row begins in any case.
    """
    cuts: dict[bool, set[int]] = {False: set(range(0, DAY, every)), True: set(range(0, DAY, every))}
    strips = [strip for day in days for strip in day.strips]
    for strip in strips:
        cuts[strip.again] |= {strip.opens, strip.closes}
    for edge in edges:
        for strip in strips:
            if strip.start < edge < strip.until:
                cuts[strip.again].add(strip.opens + edge - strip.start)
    rows: list[Section] = []
    for section in sections_of(days):
        inner = [cut for cut in sorted(cuts[section.again]) if section.opens < cut < section.closes]
        bounds = [section.opens, *inner, section.closes]
        rows += [Section(low, high, section.again) for low, high in pairwise(bounds)]
    return tuple(rows)


def second_at(day: Day, row: Section) -> int | None:
    """Return the UTC second at which *row* begins on *day*; None where its clock does not show that time."""
    for strip in day.strips:
        if strip.again == row.again and strip.opens <= row.opens and row.closes <= strip.closes:
            return strip.start + row.opens - strip.opens
    return None
