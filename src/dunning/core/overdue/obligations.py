"""What fell due: instalments after extensions and re-ages, and charges, in the order in which money meets them."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import define, field

from dunning.core.facts.event import COMPONENTS, Event, EventKind
from dunning.core.facts.loan import Amounts, Loan
from dunning.core.overdue.money import ZERO, net


@define(kw_only=True)
class Obligation:
    """
    A sum that falls due on a day. Mutable, and never leaves this package.

    `ages_from` is the due date that lateness counts from: a re-age moves it, `due_on` stays. Charges have no number
    and never age a loan: days past due counts instalments (fees that are part of an instalment count with it).
    """

    number: int | None
    due_on: dt.date
    ages_from: dt.date
    amount: Decimal
    open: dict[str, Decimal] = field(factory=dict)

    @property
    def unpaid(self) -> Decimal:
        """What is still missing."""
        return sum(self.open.values(), ZERO)

    def amounts(self) -> Amounts:
        """What is still missing, by component."""
        return Amounts(**self.open)

    def pay(self, money: Decimal, components: Iterable[str]) -> Decimal:
        """Meet *components* in order with *money*; return what is left of it."""
        still = self.open
        for name in components:
            missing = still[name]
            met = missing if missing < money else money  # noqa: FURB136 - `min` takes twice as long
            still[name] = missing - met
            money -= met
        return money


# Inside one instalment money meets interest before principal, then fees, then penalties. The order moves no day of
# lateness; it only splits the arrears by component.
ORDER = ("interest", "principal", "fees", "penalties")


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day *months* later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def obligations(loan: Loan, events: Sequence[Event]) -> list[Obligation]:
    """Return the obligations of a known *loan* under effective *events*: instalments by due date, then charges."""
    extensions = [event for event in events if event.kind is EventKind.EXTENSION]
    result = []
    for instalment in loan.instalments:
        due_on = instalment.due_on
        if extensions:
            months = sum(e.months or 0 for e in extensions if instalment.number >= (e.instalment or 0))
            due_on = add_months(due_on, months) if months else due_on
        parts = {
            "principal": instalment.principal,
            "interest": instalment.interest,
            "fees": instalment.fees,
            "penalties": instalment.penalties,
        }
        result.append(
            Obligation(
                number=instalment.number,
                due_on=due_on,
                ages_from=due_on,
                amount=sum(parts.values(), ZERO),
                open=parts,
            )
        )
    result.sort(key=lambda o: (o.due_on, o.number or 0))
    charges = [event for event in events if event.kind is EventKind.CHARGE]
    for event in sorted(charges, key=lambda e: (e.effective_on, e.id)):
        amount = net(event, events)
        result.append(
            Obligation(
                number=None,
                due_on=event.effective_on,
                ages_from=event.effective_on,
                amount=amount,
                open={name: amount if name == event.component else ZERO for name in COMPONENTS},
            )
        )
    return result
