"""How late a settled loan is: from the unmet instalments to days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.counting import count, last_full_payment, worth
from dunning.core.overdue.materiality import material_from
from dunning.core.overdue.money import ZERO
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


def lateness(
    known: Loan, events: Sequence[Event], settled: Settled, *, on: dt.date, convention: Convention
) -> Lateness:
    """Return how late a *settled* loan is on *on*."""
    late = settled.late(on)
    if not late or _tolerated(settled, on):
        return NOT_LATE
    anchor = oldest = min(o.ages_from for o in late)
    if convention.materiality is not None:
        start = material_from(known, as_of=on, convention=convention)
        if start is None:
            return NOT_LATE
        anchor = start - _ONE_DAY
    elif convention.count == "recency":
        anchor = max(oldest, last_full_payment(events, settled.owed, convention=convention) or oldest)
    most = worth(late, settled.owed) if convention.count == "amount_equivalent" else None
    past_due = count(anchor, on, convention=convention)
    paused = _Paused(events, convention, on)
    loans = known.grace if known.grace is not None else convention.grace
    # The oldest has the most delinquent days, unless a younger one has less grace.
    aged = (
        [(o.ages_from, loans if o.grace is None else o.grace) for o in late] if anchor == oldest else [(anchor, loans)]
    )
    shifted, start, grace = min((day + (grace + paused.since(day)) * _ONE_DAY, day, grace) for day, grace in set(aged))
    delinquent = count(shifted, on, convention=convention)
    if most is not None:
        past_due, delinquent = min(past_due, most), min(delinquent, most)
    return Lateness(
        days_past_due=past_due,
        delinquent_days=delinquent,
        oldest=anchor,
        delinquent_from=paused.first(start, grace) if delinquent > 0 and not convention.in_months else None,
        missed=len(late),
    )


def _tolerated(settled: Settled, on: dt.date) -> bool:
    most = settled.convention.tolerance_arrears
    return most > 0 and sum((o.unpaid for o in settled.behind(on)), ZERO) <= most


class _Paused:
    """The paused days of a loan up to a day, in the reading of a convention."""

    def __init__(self, events: Sequence[Event], convention: Convention, on: dt.date) -> None:
        self._spans = pauses(events)
        self._convention, self._on = convention, on
        self._every = every_day(events, as_of=on) if convention.pauses == "every_day" else None

    def since(self, day: dt.date) -> int:
        """The days after *day* that do not count."""
        return self._every if self._every is not None else paused_days(self._spans, due_on=day, as_of=self._on)

    def first(self, day: dt.date, grace: int) -> dt.date | None:
        """The first delinquent day of what ages from *day*."""
        days = 1 - self._convention.first_day
        if self._every is not None:
            return day + (grace + self._every + days) * _ONE_DAY
        return delinquent_on(self._spans, due_on=day, grace=grace, days=days)
