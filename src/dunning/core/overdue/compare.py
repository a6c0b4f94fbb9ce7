"""One loan under many conventions: side by side, and the first day on which they part."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from attrs import frozen

from dunning.core.facts.event import EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import Convention, check_convention
from dunning.core.overdue.materiality import changing_days
from dunning.core.overdue.status import OverdueStatus, overdue_status
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)
Numbers = tuple[int, int]


@frozen(kw_only=True)
class Parting:
    """
    Since when a convention gives other days than the first of those compared.

    Args:
        on: The first day on which they give other days past due or delinquent days; None if there is none.
        days_past_due: What the first gives on that day, and what this one does.
        delinquent_days: The same.
    """

    convention: str
    on: dt.date | None
    days_past_due: Numbers = (0, 0)
    delinquent_days: Numbers = (0, 0)


@frozen(kw_only=True)
class Compared:
    """
    One loan under many conventions.

    Args:
        since, until: The days that were looked at, both inclusive.
        statuses: On the last day, in the order of the conventions.
        partings: One for each convention but the first: when it parts from the first.
    """

    loan_id: str
    since: dt.date
    until: dt.date
    statuses: tuple[OverdueStatus, ...]
    partings: tuple[Parting, ...]


def compare(
    loan: Loan,
    conventions: Sequence[Convention],
    *,
    since: dt.date,
    until: dt.date,
    known_at: dt.datetime | None = None,
) -> Compared:
    """
    Compare how late *loan* is under *conventions*, from *since* to *until* (both inclusive).

    Each is set against the first. Each day is judged by what was effective on it.

    Raises:
        FactsError: Fewer than two conventions, two of one name, *since* after *until*, or a convention needs a date, or
            a day of a calendar, that nobody stated.
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
    """
    for convention in conventions:
        check_convention(convention)
    names = [convention.name for convention in conventions]
    if len(names) < 2 or len(set(names)) < len(names):  # noqa: PLR2004 - one is compared with nothing
        raise FactsError(
            f"Two or more conventions of different names are compared, not {', '.join(names) or 'none'}.",
            field="conventions",
        )
    if since > until:
        raise FactsError(f"since ({since}) must not come after until ({until}).", field="since")
    known = known_loan(loan, known_at)
    asked = [_Asked(known, convention, since, until) for convention in conventions]
    statuses = tuple(
        overdue_status(loan, as_of=until, convention=convention, known_at=known_at) for convention in conventions
    )
    return Compared(
        loan_id=loan.id,
        since=since,
        until=until,
        statuses=statuses,
        partings=tuple(_parting(asked[0], other) for other in asked[1:]),
    )


class _Asked:
    """A loan under one convention, and what it answered so far."""

    def __init__(self, known: Loan, convention: Convention, since: dt.date, until: dt.date) -> None:
        self._known, self.convention = known, convention
        self._answers: dict[dt.date, OverdueStatus] = {}
        changing = changing_days(known, as_of=until, convention=convention)
        self.edges = {since, *(day for day in changing if day >= since), until + _ONE_DAY}

    @property
    def grows(self) -> bool:
        """Whether between two edges the numbers stand still, or grow by one a day once they have begun to."""
        paused = any(event.kind is EventKind.PAUSE for event in self._known.events)
        return self.convention.count in ("days", "recency") and (self.convention.pauses == "after_due" or not paused)

    def on(self, day: dt.date) -> Numbers:
        if day not in self._answers:
            self._answers[day] = overdue_status(self._known, as_of=day, convention=self.convention)
        return self._answers[day].days_past_due, self._answers[day].delinquent_days

    def current(self, day: dt.date) -> bool:
        """Whether no instalment is late on *day*: then none is until the next edge."""
        return self.on(day) == (0, 0) and not self._answers[day].instalments_missed


def _parting(first: _Asked, other: _Asked) -> Parting:
    edges = sorted(first.edges | other.edges)
    for start, end in pairwise(edges):
        day = _between(first, other, start, end - _ONE_DAY)
        if day is not None:
            (one, one_delinquent), (two, two_delinquent) = first.on(day), other.on(day)
            return Parting(
                convention=other.convention.name,
                on=day,
                days_past_due=(one, two),
                delinquent_days=(one_delinquent, two_delinquent),
            )
    return Parting(convention=other.convention.name, on=None)


def _between(first: _Asked, other: _Asked, start: dt.date, last: dt.date) -> dt.date | None:
    """Return the first day from *start* to *last* on which the two differ, where nothing happens in between."""

    def differ(days: int) -> bool:
        day = start + days * _ONE_DAY
        return first.on(day) != other.on(day)

    length = (last - start).days
    if first.current(start) and other.current(start):
        return None
    if differ(0):
        return start
    if first.grows and other.grows:
        # Two equal numbers that stand still, or grow by one a day once they begin to, part at most once, and do not
        # meet again.
        if not differ(length):
            return None
        return start + bisect_left(range(length + 1), True, key=differ) * _ONE_DAY  # noqa: FBT003 - what is looked for
    return _first(differ, length, start)


def _first(differ: Callable[[int], bool], length: int, start: dt.date) -> dt.date | None:
    return next((start + days * _ONE_DAY for days in range(length + 1) if differ(days)), None)
