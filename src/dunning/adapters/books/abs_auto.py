"""
Reader of US public auto-loan asset-level data (SEC Form ABS-EE, Schedule AL), as loans with schedules and payments.

The shape: a folder with `loans.csv.gz` (one row a loan, its state at the end of period 0) and `months.csv.gz` (one row
a loan and month). Both may also be plain `.csv`. What the data does not say is assumed, and each assumption stands in
`ASSUMPTIONS`, which every book of this kind carries as `assumptions`.

Schedule AL: 17 CFR 229.1125; the fields keep the names that they have there.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from statistics import median

from attrs import evolve

from dunning.adapters.books.abs_auto_files import History, read_histories
from dunning.adapters.books.memory import MemoryBook
from dunning.core import values
from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Attribute, Collateral, Instalment, Loan
from dunning.core.overdue.convention import Convention

DUE_DAY = 15
BUSINESS_ZONE = "America/New_York"

# Servicers round; a few cents missing of an instalment are not a missed instalment.
CONVENTION = Convention(name="abs_auto", tolerance_share=Decimal("0.02"))

ASSUMPTIONS = (
    f"Every instalment falls due on day {DUE_DAY} of its month: the data knows months, not days.",
    f"What was paid in a month was paid on its day {DUE_DAY}, in time for that month's instalment.",
    "One contractual payment falls due in each month that opens with a balance above 0, and none after.",
    (
        "Arrears at the start are the amount due next less one instalment, and never below 0: the instalments of the "
        "months before, with a payment for the part of the oldest that was already met."
    ),
    "Each fact was recorded at noon UTC of the day on which it took effect; an instalment on the first of its month.",
    f"The lender's business zone is {BUSINESS_ZONE}; the jurisdiction is the obligor's state.",
    "An instalment is stated as principal only: the data does not split the contractual payment.",
    "Extensions and payment holidays (spring 2020) are not in the data, so loans that the servicer re-aged look late.",
)


class AbsAutoBook(MemoryBook):
    """A `LoanBook` of one deal. It has no persons, points or zones: tiers can be asserted on it, contacts cannot."""

    assumptions = ASSUMPTIONS

    def __init__(self, folder: Path) -> None:
        self.histories = tuple(read_histories(folder))
        ends = [month.end for history in self.histories for month in history.months]
        super().__init__(
            loans=(loan_of(history) for history in self.histories),
            current_through=max(ends, default=max((history.start for history in self.histories), default=dt.date.min)),
            convention=CONVENTION,
        )


def loan_of(history: History) -> Loan:
    """Return *history* as a loan with its schedule and payments, under `ASSUMPTIONS`."""
    behind = _ceiling(history.arrears / history.instalment) if history.instalment else 0
    earlier = [_due(history.start, -back) for back in range(behind - 1, -1, -1)]
    born = _noon(history.start)
    schedule = [
        Instalment(number=n, due_on=due, principal=history.instalment, recorded_at=born)
        for n, due in enumerate(earlier, start=1)
    ]
    events = []
    met = history.instalment * behind - history.arrears
    if met > 0:
        events.append(
            Event(
                id="opening",
                kind=EventKind.PAYMENT,
                effective_on=history.start,
                amount=met,
                recorded_at=born,
                reason="already met of the oldest open instalment",
            )
        )
    for month in history.months:
        due = _due(month.end)
        if month.live:
            schedule.append(
                Instalment(
                    number=behind + month.k,
                    due_on=due,
                    principal=history.instalment,
                    recorded_at=_noon(due.replace(day=1)),
                )
            )
        for kind, amount in ((EventKind.PAYMENT, month.paid), (EventKind.RECOVERY, month.recovered)):
            if amount:
                events.append(
                    Event(
                        id=f"{kind}-{month.end:%Y-%m}",
                        kind=kind,
                        effective_on=due,
                        amount=amount,
                        recorded_at=_noon(due),
                    )
                )
    return Loan(
        id=history.id,
        creditor=history.deal,
        currency="USD",
        jurisdiction=f"US-{history.state}",
        business_zone=BUSINESS_ZONE,
        instalments=tuple(schedule),
        events=tuple(events),
        attributes=tuple(
            Attribute(name=name, value=value, effective_on=history.start, recorded_at=born)
            for name, value in history.attributes
        ),
        collateral=(Collateral(id=f"{history.id}-vehicle", description=f"model year {history.model_year}"),)
        if history.model_year
        else (),
        balance=max(values.ZERO, history.months[-1].closing) if history.months else values.ZERO,
    )


def _ceiling(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))  # `-(-a // b)` cuts towards 0 for decimals


def _due(day: dt.date, months: int = 0) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, DUE_DAY)


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


def no_payment_shares(histories: Iterable[History]) -> Mapping[dt.date, Decimal]:
    """Return, by month end, the share in percent of the loans still owed on at that end of which nothing was paid."""
    live, silent = Counter[dt.date](), Counter[dt.date]()
    for history in histories:
        for month in history.months:
            if month.live and month.closing > 0:
                live[month.end] += 1
                silent[month.end] += month.paid == 0
    return {end: Decimal(100 * silent[end]) / live[end] for end in sorted(live)}


def holiday_months(shares: Mapping[dt.date, Decimal], *, factor: Decimal = Decimal(2)) -> tuple[dt.date, ...]:
    """
    Return the months whose share of silent loans is above *factor* times the median.

    A hint, not a fact: the data does not say who was granted a holiday, only that unusually many paid nothing.
    """
    usual = median(shares.values())
    return tuple(end for end, share in shares.items() if share > factor * usual)


def with_payment_holiday(loan: Loan, months: Iterable[dt.date]) -> Loan:
    """
    Return *loan* with an extension for each of *months* in which it was due and nothing was paid.

    For asking *what if these were holidays*: the instalment of that month, and all after it, fall due a month later.
    Each extension is taken to be known on the first of its month.
    """
    paid_in = {event.effective_on for event in loan.events if event.kind is EventKind.PAYMENT and event.id != "opening"}
    due = {instalment.due_on: instalment.number for instalment in loan.instalments}
    events: list[Event] = []
    for month in sorted(months):
        on = _due(month)
        if on in due and on not in paid_in:
            first = month.replace(day=1)
            events.append(
                Event(
                    id=f"holiday-{month:%Y-%m}",
                    kind=EventKind.EXTENSION,
                    effective_on=first,
                    instalment=due[on] - len(events),  # earlier holidays have moved an earlier instalment here
                    months=1,
                    recorded_at=_noon(first),
                    reason="assumed payment holiday",
                )
            )
    return evolve(loan, events=(*loan.events, *events))
