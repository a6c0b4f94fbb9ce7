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
from dunning.core.overdue.obligations import Obligation, obligations
from dunning.core.overdue.pauses import pauses
from dunning.core.overdue.settling import counted, settle

_ONE_DAY = dt.timedelta(days=1)
_Falling = tuple[dt.date, tuple[int | None, str], Decimal]  # the day, what falls due, and how much of it
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
class Unpaid:
    """
    What is past due and unpaid of an obligation, in its place on the sum of all that fell due.

    Args:
        number, id: The instalment's number; or None, and the id of the event.
        since: The day on which it fell due.
        low, high: The sums between which it lies.
    """

    number: int | None
    id: str
    since: dt.date
    low: Decimal
    high: Decimal


@frozen(kw_only=True)
class Curves:
    """
    The sums of a loan over time; each step is a day and the sum from that day on.

    Args:
        due: What fell or falls due, up to `until`: instalments by their due dates, charges, accruals.
        paid: What was paid and waived, as it stood on each day: a reversal takes down what it undoes on its own day.
        unpaid: What is past due on `as_of` and not met, from below; together the arrears. Between the sums lies less
            where money met what is not past due: it may name what it is for.
        ahead: How much of what was paid met nothing that is past due on `as_of`.
        marks: Day and kind of what else happened, by day.
        pauses: Start inclusive, end exclusive, None running.
    """

    as_of: dt.date
    until: dt.date
    due: Steps
    paid: Steps
    unpaid: tuple[Unpaid, ...]
    ahead: Decimal
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
    falling = sorted(_falling(known, events, until, convention), key=lambda each: each[0])
    behind = settle(known, events, on=as_of, convention=convention).behind(as_of)
    met = sum((o.amount - o.unpaid for o in behind), ZERO)
    return Curves(
        as_of=as_of,
        until=until,
        due=_summed((day, amount) for day, _, amount in falling),
        paid=_changes(paid),
        unpaid=tuple(_unpaid(falling, behind))[::-1],
        ahead=max(sum((came for _, came in paid[-1:]), ZERO) - met, ZERO),
        marks=tuple(sorted((e.effective_on, e.kind) for e in events if e.kind in MARKED)),
        pauses=tuple(pauses(events)),
    )


def _falling(known: Loan, events: Sequence[Event], until: dt.date, convention: Convention) -> Iterable[_Falling]:
    accruals = [event for event in events if event.kind is EventKind.ACCRUAL]
    ids = {event.id for event in accruals}
    for each in obligations(known, events, convention=convention, on=until):
        if each.id not in ids and each.due_on <= until:
            yield each.due_on, (each.number, each.id), each.amount
    for event in accruals:
        end = min(event.until or until, until)
        for after in range((end - event.effective_on).days):
            yield event.effective_on + after * _ONE_DAY, (None, event.id), event.amount or ZERO


def _unpaid(falling: Sequence[_Falling], behind: Iterable[Obligation]) -> Iterable[Unpaid]:
    """Yield from above what is unpaid of each obligation *behind*: the last of what fell due of it."""
    left: dict[tuple[int | None, str], Decimal] = {}
    last: dict[tuple[int | None, str], dt.date] = {}
    for o in behind:
        left[o.number, o.id] = left.get((o.number, o.id), ZERO) + o.unpaid
        last[o.number, o.id] = max(last.get((o.number, o.id), o.due_on), o.due_on)
    high = sum((amount for _, _, amount in falling), ZERO)
    for day, of, amount in reversed(falling):
        if left.get(of) and day <= last[of]:
            part = min(left[of], amount)
            left[of] -= part
            yield Unpaid(number=of[0], id=of[1], since=day, low=high - part, high=high)
        high -= amount


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
