"""How late a settled loan is: from the unmet instalments to days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from attrs import frozen

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.counting import count, last_full_payment, worth
from dunning.core.overdue.dates import later
from dunning.core.overdue.materiality import material_from
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.obligations import due_day_of
from dunning.core.overdue.pauses import delinquent_on, every_day, paused_days, pauses
from dunning.core.overdue.settling import Settled

_ONE_DAY = dt.timedelta(days=1)


@frozen(kw_only=True)
class Lateness:
    """The part of a status that a charge-off may freeze: see `OverdueStatus` for what each number means."""

    days_past_due: int = 0
    delinquent_days: int = 0
    oldest: dt.date | None = None
    delinquent_from: dt.date | None = None
    missed: int = 0


NOT_LATE = Lateness()


class _Paused:
    """The paused days of a loan, in the reading of a convention."""

    def __init__(self, events: Sequence[Event], convention: Convention) -> None:
        self._spans = pauses(events)
        self._events, self._convention = events, convention

    def since(self, start: dt.date, on: dt.date) -> int:
        """The days after *start* and up to *on* that do not count."""
        if self._convention.pauses == "every_day":
            return every_day(self._events, as_of=on)
        return paused_days(self._spans, due_on=start, as_of=on)

    def first(self, start: dt.date, grace: int, on: dt.date) -> dt.date | None:
        """The first delinquent day of what ages from *start*, as it is known *on*."""
        days = 1 - self._convention.first_day
        if self._convention.pauses == "every_day":
            return start + (grace + self.since(start, on) + days) * _ONE_DAY
        return delinquent_on(self._spans, due_on=start, grace=grace, days=days)


@frozen(kw_only=True)
class Ageing:
    """
    What a loan's days are counted from, as of one day; it holds until a fact changes or something falls past due.

    Args:
        anchor: The date that lateness counts from.
        starts: The dates from which what is late ages, each with its grace: those of them that can have most
            delinquent days.
        most: The days that the arrears are worth, where the convention bounds days by them.
        missed: How many instalments are late.
        due_day: For which day of a month its last one may stand: see `due_day_of`.
    """

    convention: Convention
    paused: _Paused
    anchor: dt.date
    starts: tuple[tuple[dt.date, int], ...]
    most: int | None
    missed: int
    due_day: int = 0

    def most_delinquent(self, day: dt.date) -> tuple[dt.date, int, int]:
        """
        Return what delinquent days on *day* count from: a date, its grace, and the paused days after it.

        It is the oldest, unless a younger one has less grace.
        """
        found = ((since, grace, self.paused.since(since, day)) for since, grace in self.starts)
        return min(found, key=lambda each: (later(each[0], each[1] + each[2]), each))

    def on(self, day: dt.date) -> Lateness:
        """Return the lateness on *day*, if nothing has changed since the day that this was asked for."""
        past_due = count(self.anchor, day, convention=self.convention, due_day=self.due_day)
        start, grace, paused = self.most_delinquent(day)
        delinquent = count(later(start, grace + paused), day, convention=self.convention, due_day=self.due_day)
        if self.most is not None:
            past_due, delinquent = min(past_due, self.most), min(delinquent, self.most)
        return Lateness(
            days_past_due=past_due,
            delinquent_days=delinquent,
            oldest=self.anchor,
            delinquent_from=self.paused.first(start, grace, day)
            if delinquent > 0 and not self.convention.in_months
            else None,
            missed=self.missed,
        )


def lateness(
    known: Loan, events: Sequence[Event], settled: Settled, *, on: dt.date, convention: Convention
) -> Lateness:
    """Return how late a *settled* loan is on *on*."""
    ageing = ageing_of(known, events, settled, on=on, convention=convention)
    return ageing.on(on) if ageing is not None else NOT_LATE


def ageing_of(
    known: Loan,
    events: Sequence[Event],
    settled: Settled,
    *,
    on: dt.date,
    convention: Convention,
    material_since: Callable[[dt.date], dt.date | None] | None = None,
) -> Ageing | None:
    """
    Return what a *settled* loan's days count from on *on*; None where nothing is late.

    Args:
        material_since: Knows since when arrears have been material on a day, for who has walked the days before;
            None looks at them.
    """
    late = settled.late(on)
    if not late or all_tolerated(settled, on):
        return None
    anchor = oldest = min(o.ages_from for o in late)
    if convention.materiality is not None:
        start = material_since(on) if material_since else material_from(known, as_of=on, convention=convention)
        if start is None:
            return None
        anchor = start - _ONE_DAY
    elif convention.count == "recency":
        anchor = max(oldest, last_full_payment(events, settled.owed, convention=convention) or oldest)
    loans = known.grace if known.grace is not None else convention.grace
    starts = {loans: anchor}
    if anchor == oldest:
        starts = {}
        for o in late:
            grace = loans if o.grace is None else o.grace
            starts[grace] = min(o.ages_from, starts.get(grace, o.ages_from))
    return Ageing(
        convention=convention,
        paused=_Paused(events, convention),
        anchor=anchor,
        starts=tuple((since, grace) for grace, since in starts.items()),
        most=worth(late, settled.owed) if convention.count == "amount_equivalent" else None,
        missed=len(late),
        due_day=due_day_of(known, convention) if convention.in_months else 0,
    )


def all_tolerated(settled: Settled, on: dt.date) -> bool:
    """Whether all that is past due on *on* comes to no more than the convention tolerates of a loan."""
    most = settled.convention.tolerance_arrears
    return most > 0 and sum((o.unpaid for o in settled.behind(on)), ZERO) <= most
