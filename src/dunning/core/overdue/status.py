"""
Overdue status: how late and how much, under one convention, as of one date.

Source of the day count: the due date is day 0, so a loan due on the 1st and unpaid on the 2nd is one day past due
(Metro 2 and Regulation AB count from the due date alike).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.event import COMPONENTS, Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Amounts, Loan
from dunning.core.overdue import money
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.obligations import ORDER, Obligation, obligations
from dunning.core.overdue.pauses import paused_days, pauses


@frozen(kw_only=True)
class OverdueStatus:
    """
    How late and how much.

    Args:
        days_past_due: Calendar days from the oldest unmet due date to `as_of`; 0 if nothing is unmet or it is due
            today.
        delinquent_days: days_past_due less the convention's grace and the days in pauses after the due date.
        oldest_unpaid_due_on: Due date of the earliest instalment that is past due and not met.
        arrears: Unpaid money that fell due before `as_of` (exclusive: due today is not past due), by component.
        instalments_missed: Instalments past due and not met.
        next_due_on, next_due: The first instalment due on or after `as_of` with something unpaid, and how much.
        cures: The amount that, paid on `as_of`, leaves nothing past due, charges included; 0 where no instalment is
            late.
        waiting: Pending and suspense money that may yet count. It moves no day.
        credit: Money beyond all obligations.
    """

    loan_id: str
    as_of: dt.date
    known_at: dt.datetime | None = None
    convention: str
    currency: str
    days_past_due: int = field(validator=values.at_least(0))
    delinquent_days: int = field(validator=values.at_least(0))
    oldest_unpaid_due_on: dt.date | None = None
    arrears: Amounts = field(factory=Amounts)
    instalments_missed: int = 0
    next_due_on: dt.date | None = None
    next_due: Decimal = values.ZERO
    cures: Decimal = values.ZERO
    waiting: Decimal = values.ZERO
    credit: Decimal = values.ZERO
    written_off_on: dt.date | None = None

    @property
    def late(self) -> bool:
        """Whether any instalment is past due and not met."""
        return self.days_past_due > 0


def overdue_status(
    loan: Loan, *, as_of: dt.date, convention: Convention = OLDEST_UNPAID, known_at: dt.datetime | None = None
) -> OverdueStatus:
    """
    Age *loan* by its oldest unpaid instalment.

    Args:
        as_of: Business date, inclusive: events effective on it count.
        known_at: Only facts recorded at or before this instant count; None counts everything stated.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
    """
    known = known_loan(loan, known_at)
    events = money.effective(known.events, as_of)
    owed, credit = met_obligations(known, events, on=as_of)
    late = [o for o in owed if o.number is not None and o.ages_from < as_of and not _met(o, convention)]
    oldest = min((o.ages_from for o in late), default=None)
    days = (as_of - oldest).days if oldest else 0
    paused = paused_days(pauses(events), due_on=oldest, as_of=as_of) if oldest else 0
    past_due = [o.open for o in owed if o.ages_from < as_of]
    arrears = Amounts(**{name: sum([still[name] for still in past_due], values.ZERO) for name in COMPONENTS})
    coming = _coming(owed, as_of)
    written_off = [e.effective_on for e in events if e.kind is EventKind.WRITE_OFF]
    return OverdueStatus(
        loan_id=loan.id,
        as_of=as_of,
        known_at=known_at,
        convention=convention.name,
        currency=loan.currency,
        days_past_due=days,
        delinquent_days=max(0, days - convention.grace - paused),
        oldest_unpaid_due_on=oldest,
        arrears=arrears,
        instalments_missed=len(late),
        next_due_on=coming.ages_from if coming else None,
        next_due=coming.unpaid if coming else values.ZERO,
        cures=arrears.total if late else values.ZERO,
        waiting=sum((left for _, left in money.waiting(events, as_of)), values.ZERO),
        credit=credit,
        written_off_on=min(written_off, default=None),
    )


def _coming(owed: Sequence[Obligation], as_of: dt.date) -> Obligation | None:
    """The first instalment due on or after *as_of* with something unpaid."""
    ahead = sorted(
        (o for o in owed if o.number is not None and o.ages_from >= as_of), key=lambda o: (o.ages_from, o.number or 0)
    )
    return next((o for o in ahead if o.unpaid > 0), None)


def met_obligations(
    known: Loan, events: Sequence[Event], *, on: dt.date = dt.date.max
) -> tuple[list[Obligation], Decimal]:
    """
    Return the obligations of a *known* loan after the money in *events* met them, and the money left over.

    Only the pool of money matters, never the order in which it came on a day. A re-age is a cut: money that came up to
    it is spent first, then everything still open that fell due up to it ages from the last due date instead.

    Args:
        on: The day on which it is asked what is past due: see `_in_order`.
    """
    owed = obligations(known, events)
    # Of the instalments alone: a fee charged after the last of them must not make the re-aged ones younger.
    last_due = max((o.due_on for o in owed if o.number is not None), default=None)
    for event in sorted((e for e in events if e.kind is EventKind.WAIVER), key=lambda e: (e.effective_on, e.id)):
        waive(owed, event, money.net(event, events), on=on)
    total = money.paid(events)
    spent = left = values.ZERO
    for cut in sorted({e.effective_on for e in events if e.kind is EventKind.RE_AGE}):
        # Money that was refunded after the cut is gone, however much had come before it.
        pool = min(money.paid(events, came_by=cut), total)
        left = _spend(owed, left + max(pool - spent, values.ZERO), on=cut)
        spent = max(pool, spent)
        for obligation in owed:
            if obligation.due_on <= cut and obligation.unpaid > 0 and last_due is not None:
                obligation.ages_from = max(last_due, cut)
    left = _spend(owed, left + total - spent, on=on)
    return owed, left


def waive(owed: list[Obligation], event: Event, amount: Decimal, *, on: dt.date) -> None:
    """Take *amount* off the oldest open obligations, or off the instalment and component that the waiver names."""
    components = (event.component,) if event.component else ORDER
    for obligation in _in_order(owed, on=on):
        if event.instalment is None or obligation.number == event.instalment:
            amount = obligation.pay(amount, components)


def _spend(owed: list[Obligation], left: Decimal, *, on: dt.date) -> Decimal:
    for obligation in _in_order(owed, on=on):
        if left <= 0:
            break
        left = obligation.pay(left, ORDER)
    return left


def _in_order(owed: list[Obligation], *, on: dt.date) -> list[Obligation]:
    """
    Order obligations as money meets them: instalments past due by age, charges past due, then what is not past due.

    A fee is never paid before an instalment that is late; and whoever pays all that is past due has nothing past due
    left: the money does not run on to an instalment of next month while a fee of last month stays open.
    """
    if all(o.ages_from is o.due_on and o.number is not None for o in owed):
        return owed  # `obligations` gives them by due date, and neither a charge nor a re-age changed that
    return sorted(owed, key=lambda o: (o.ages_from >= on, o.number is None, o.ages_from, o.number or 0))


def _met(obligation: Obligation, convention: Convention) -> bool:
    unpaid = obligation.unpaid
    return unpaid <= 0 or convention.met(amount=obligation.amount, unpaid=unpaid)
