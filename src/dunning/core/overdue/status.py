"""
Overdue status: how late and how much, under one convention, as of one date.

Source of the plain day count: the due date is day 0, so a loan due on the 1st and unpaid on the 2nd is one day past
due (Metro 2 and Regulation AB count from the due date alike). Other conventions say what they count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.event import COMPONENTS, Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Amounts, Loan
from dunning.core.overdue import money
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.lateness import NOT_LATE, Lateness, lateness
from dunning.core.overdue.obligations import Obligation
from dunning.core.overdue.settling import Settled, settle


@frozen(kw_only=True)
class OverdueStatus:
    """
    How late and how much.

    Args:
        days_past_due: Days from the date that the oldest unmet instalment ages from to `as_of`, as the convention
            counts them; 0 if nothing is late. Conventions in months give thirty for each.
        delinquent_days: The same after grace and the days in pauses after the due date.
        oldest_unpaid_due_on: The date that lateness counts from: the due date of the earliest instalment that is past
            due and not met, or what the convention takes in its place.
        delinquent_from: The first of the delinquent days, if there is any and the convention counts in days.
        arrears: Unpaid money that fell due before `as_of` (exclusive: due today is not past due, unless the due date
            is day 1), by component.
        instalments_missed: Instalments past due and not met.
        next_due_on, next_due: The first instalment not past due with something unpaid, and how much.
        cures: The amount that, paid on `as_of`, leaves nothing past due, charges included, in whole minor units; 0
            where no instalment is late. Where shortfalls come last, an instalment that falls due on `as_of` takes what
            it needs before them, so that is a part of the amount.
        waiting: Pending and suspense money that may yet count. It moves no day.
        credit: Money beyond all obligations, or held for what is not due yet.
        re_aged: How often the loan was re-aged: such a loan is current, and not cured.
    """

    loan_id: str
    as_of: dt.date
    known_at: dt.datetime | None = None
    convention: str
    currency: str
    days_past_due: int = field(validator=values.at_least(0))
    delinquent_days: int = field(validator=values.at_least(0))
    oldest_unpaid_due_on: dt.date | None = None
    delinquent_from: dt.date | None = None
    arrears: Amounts = field(factory=Amounts)
    instalments_missed: int = 0
    next_due_on: dt.date | None = None
    next_due: Decimal = values.ZERO
    cures: Decimal = values.ZERO
    waiting: Decimal = values.ZERO
    credit: Decimal = values.ZERO
    written_off_on: dt.date | None = None
    re_aged: int = 0

    @property
    def late(self) -> bool:
        """Whether any instalment is past due and not met."""
        return self.days_past_due > 0


def overdue_status(
    loan: Loan, *, as_of: dt.date, convention: Convention = OLDEST_UNPAID, known_at: dt.datetime | None = None
) -> OverdueStatus:
    """
    Say how late *loan* is on *as_of*, and how much of it is past due, as *convention* counts.

    Args:
        as_of: Business date, inclusive: events effective on it count.
        known_at: Only facts recorded at or before this instant count; None counts everything stated.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
        FactsError: The convention needs a date, or a day of a calendar, that nobody stated.
    """
    values.as_of_day("as_of", as_of)
    known = known_loan(loan, known_at)
    events = money.effective(known.events, as_of)
    settled = settle(known, events, on=as_of, convention=convention)
    late, shown = how_late(known, events, settled, on=as_of, convention=convention)
    return status_of(known, events, settled, as_of=as_of, known_at=known_at, late=late, shown=shown)


def how_late(
    known: Loan, events: Sequence[Event], settled: Settled, *, on: dt.date, convention: Convention
) -> tuple[Lateness, Lateness]:
    """Return how late a *settled* loan is, and how late it is shown to be: a charge-off may hide or freeze it."""
    late = lateness(known, events, settled, on=on, convention=convention)
    written_off = written_off_on(events)
    if written_off is None or convention.charge_off == "continue":
        return late, late
    return late, _after_charge_off(known, written_off, convention)


def written_off_on(events: Sequence[Event]) -> dt.date | None:
    """Return the day of the first write-off among the effective *events*."""
    return min((event.effective_on for event in events if event.kind is EventKind.WRITE_OFF), default=None)


def status_of(
    known: Loan,
    events: Sequence[Event],
    settled: Settled,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None,
    late: Lateness,
    shown: Lateness,
) -> OverdueStatus:
    """Return the status of a *settled* loan that is *late*, and whose days are *shown*: a charge-off may hide them."""
    arrears = _arrears(settled, as_of)
    coming = _coming(settled, as_of)
    return OverdueStatus(
        loan_id=known.id,
        as_of=as_of,
        known_at=known_at,
        convention=settled.convention.name,
        currency=known.currency,
        days_past_due=shown.days_past_due,
        delinquent_days=shown.delinquent_days,
        oldest_unpaid_due_on=shown.oldest,
        delinquent_from=shown.delinquent_from,
        arrears=arrears,
        instalments_missed=shown.missed,
        next_due_on=coming.past_from if coming else None,
        next_due=coming.unpaid if coming else values.ZERO,
        cures=_cures(settled, arrears.total, as_of) if late.missed else values.ZERO,
        waiting=sum((left for _, left in money.waiting(events, as_of)), values.ZERO),
        credit=settled.credit,
        written_off_on=written_off_on(events),
        re_aged=sum(event.kind is EventKind.RE_AGE for event in events),
    )


def _cures(settled: Settled, arrears: Decimal, on: dt.date) -> Decimal:
    """What cures, or the next amount up that can be paid: accruals may come to fractions of a cent."""
    amount = arrears + settled.overdrawn + settled.between(on)
    whole = amount.quantize(settled.unit, rounding=ROUND_CEILING)
    return amount if whole == amount else whole


def _arrears(settled: Settled, on: dt.date) -> Amounts:
    past_due = [o.open for o in settled.behind(on)]
    return Amounts(**{name: sum([still[name] for still in past_due], values.ZERO) for name in COMPONENTS})


def _after_charge_off(known: Loan, on: dt.date, convention: Convention) -> Lateness:
    if convention.charge_off == "drop":
        return NOT_LATE
    events = money.effective(known.events, on)
    return lateness(known, events, settle(known, events, on=on, convention=convention), on=on, convention=convention)


def _coming(settled: Settled, as_of: dt.date) -> Obligation | None:
    """The first instalment not past due with something unpaid."""
    line = settled.line(as_of)
    ahead = [o for o in settled.owed if o.number is not None and o.past_from >= line and o.unpaid > 0]
    return min(ahead, key=lambda o: (o.past_from, o.number or 0), default=None)
