"""Pauses: days in their union after the due date do not count as delinquent, and count once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dunning.core.facts.event import Event, EventKind
from dunning.core.overdue.dates import later


def pauses(events: Sequence[Event]) -> list[tuple[dt.date, dt.date | None]]:
    """Return the union of the pauses as disjoint intervals, start inclusive, end exclusive, None running."""
    spans = sorted(
        ((event.effective_on, event.until) for event in events if event.kind is EventKind.PAUSE),
        key=lambda span: (span[0], span[1] or dt.date.max),
    )
    union: list[tuple[dt.date, dt.date | None]] = []
    for start, end in spans:
        if union and (union[-1][1] is None or start <= union[-1][1]):
            last_end = union[-1][1]
            if last_end is not None and (end is None or end > last_end):
                union[-1] = (union[-1][0], end)
        else:
            union.append((start, end))
    return union


def every_day(events: Sequence[Event], *, as_of: dt.date) -> int:
    """
    Count the days of every pause up to *as_of* (inclusive), before a due date or not, and once for each pause.

    The older reading, under which an enclosing pause subtracts its days twice; a preset for migrations only.
    """
    after = later(as_of, 1)
    return sum(
        max((min(event.until or after, after) - event.effective_on).days, 0)
        for event in events
        if event.kind is EventKind.PAUSE
    )


def paused_days(spans: Sequence[tuple[dt.date, dt.date | None]], *, due_on: dt.date, as_of: dt.date) -> int:
    """Count the days d with due_on < d <= as_of that lie in a pause."""
    total = 0
    for start, end in spans:
        first = max(start, due_on + dt.timedelta(days=1))
        last = min(end - dt.timedelta(days=1), as_of) if end is not None else as_of
        total += max(0, (last - first).days + 1)
    return total


def delinquent_on(
    spans: Sequence[tuple[dt.date, dt.date | None]], *, due_on: dt.date, grace: int, days: int
) -> dt.date | None:
    """Return the first date on which *days* (at least 1) delinquent days have passed; None under a running pause."""
    wanted = grace + days
    day = due_on + dt.timedelta(days=wanted)
    while True:
        counted = (day - due_on).days - paused_days(spans, due_on=due_on, as_of=day)
        if counted >= wanted:
            return day
        for start, end in spans:
            if end is None and start <= day:
                return None
        day += dt.timedelta(days=wanted - counted)
