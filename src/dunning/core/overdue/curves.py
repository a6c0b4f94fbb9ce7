"""What fell due and what was paid, as two sums that grow day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import frozen

from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.allocate import allocate
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.obligations import obligations
from dunning.core.overdue.pauses import pauses
from dunning.core.overdue.settling import counted

_ONE_DAY = dt.timedelta(days=1)
Steps = tuple[tuple[dt.date, Decimal], ...]

# What moves one of the sums, or a day, and is neither money that came nor something that fell due.
MARKED = (
    EventKind.REVERSAL,
    EventKind.CHARGEBACK,
    EventKind.DEBIT_RETURNED,
    EventKind.REFUND,
    EventKind.WAIVER,
    EventKind.RE_AGE,
    EventKind.EXTENSION,
    EventKind.DEFERRAL,
    EventKind.WRITE_OFF,
)


@frozen(kw_only=True)
class Curves:
    """
    The sums of a loan over time; each step is a day and the sum from that day on.

    Args:
        due: What fell or falls due, up to `until`: instalments by their due dates, charges, accruals.
        paid: What was paid and waived, as it stood on each day: a reversal takes down what it undoes on its own day.
        marks: Day and kind of what else happened, by day.
        pauses: Start inclusive, end exclusive, None running.
    """

    as_of: dt.date
    until: dt.date
    due: Steps
    paid: Steps
    marks: tuple[tuple[dt.date, EventKind], ...]
    pauses: tuple[tuple[dt.date, dt.date | None], ...]

    def due_on(self, day: dt.date) -> Decimal:
        """Return what had fallen due by *day*, that day included."""
        return _at(self.due, day)

    def paid_on(self, day: dt.date) -> Decimal:
        """Return what was paid and waived by *day*, that day included."""
        return _at(self.paid, day)


def curves(
    loan: Loan,
    *,
    as_of: dt.date,
    until: dt.date,
    convention: Convention = OLDEST_UNPAID,
    known_at: dt.datetime | None = None,
) -> Curves:
    """
    Return what fell due of *loan* until *until* and what was paid until *as_of* (both inclusive), by its events so far.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
        FactsError: The convention needs a date, or a day of a calendar, that nobody stated.
    """
    known = known_loan(loan, known_at)
    events = money.effective(known.events, as_of)
    waived = allocate(loan, as_of=as_of, convention=convention, known_at=known_at).waived
    paid = []
    for day in sorted({event.effective_on for event in events}):
        then = money.effective(known.events, day)
        came = money.paid(counted(then, convention))
        paid.append((day, came + sum((part.amount for part in waived if part.came_on <= day), ZERO)))
    return Curves(
        as_of=as_of,
        until=until,
        due=_summed(_falling(known, events, until, convention)),
        paid=_changes(paid),
        marks=tuple(sorted((e.effective_on, e.kind) for e in events if e.kind in MARKED)),
        pauses=tuple(pauses(events)),
    )


def _falling(
    known: Loan, events: Sequence[Event], until: dt.date, convention: Convention
) -> Iterable[tuple[dt.date, Decimal]]:
    accruals = [event for event in events if event.kind is EventKind.ACCRUAL]
    ids = {event.id for event in accruals}
    for each in obligations(known, events, convention=convention, on=until):
        if each.id not in ids and each.due_on <= until:
            yield each.due_on, each.amount
    for event in accruals:
        end = min(event.until or until, until)
        for after in range((end - event.effective_on).days):
            yield event.effective_on + after * _ONE_DAY, event.amount or ZERO


def _summed(falling: Iterable[tuple[dt.date, Decimal]]) -> Steps:
    by_day: dict[dt.date, Decimal] = {}
    for day, amount in falling:
        by_day[day] = by_day.get(day, ZERO) + amount
    total, steps = ZERO, []
    for day in sorted(by_day):
        total += by_day[day]
        steps.append((day, total))
    return _changes(steps)


def _changes(steps: Iterable[tuple[dt.date, Decimal]]) -> Steps:
    kept: list[tuple[dt.date, Decimal]] = []
    for day, total in steps:
        if total != (kept[-1][1] if kept else ZERO):
            kept.append((day, total))
    return tuple(kept)


def _at(steps: Steps, day: dt.date) -> Decimal:
    return next((total for start, total in reversed(steps) if start <= day), ZERO)
