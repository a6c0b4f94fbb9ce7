"""Allocate: which payment met which part of which instalment, to the cent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.settling import Part, counted, settle


@frozen(kw_only=True)
class Share:
    """Of the event `event` that came on `came_on`: `amount` of its money."""

    event: str
    came_on: dt.date
    amount: Decimal


@frozen(kw_only=True)
class Allocated:
    """
    What became of every cent that came by `as_of`.

    For each payment, what it met, what was given back of it and what is unapplied sum to what is left of it after
    everything that undid it.

    Args:
        met: Which part of which payment met which part of which obligation, in the order of the payments.
        waived: The same of waivers. What a waiver takes off beyond what is open is nothing.
        refunded: What refunds gave back, of the latest money first.
        unapplied: Credit: money that met nothing.
        open: What is still unpaid of each obligation: (instalment number or None, event id or "", due date, amount).
    """

    loan_id: str
    as_of: dt.date
    convention: str
    currency: str
    met: tuple[Part, ...] = ()
    waived: tuple[Part, ...] = ()
    refunded: tuple[Share, ...] = ()
    unapplied: tuple[Share, ...] = ()
    open: tuple[tuple[int | None, str, dt.date, Decimal], ...] = field(default=())

    def of_payment(self, event: str) -> tuple[Part, ...]:
        """Return what the payment *event* met."""
        return tuple(part for part in self.met if part.event == event)

    def of_instalment(self, number: int) -> tuple[Part, ...]:
        """Return what met instalment *number*, waivers aside."""
        return tuple(part for part in self.met if part.instalment == number)


def allocate(
    loan: Loan, *, as_of: dt.date, convention: Convention = OLDEST_UNPAID, known_at: dt.datetime | None = None
) -> Allocated:
    """
    Say which payment met which part of which instalment by *as_of* (inclusive), as *convention* allocates.

    A payment that was undone later met nothing; one that will be undone after *as_of* did.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
        FactsError: The convention needs a date, or a day of a calendar, that nobody stated.
    """
    values.as_of_day("as_of", as_of)
    known = known_loan(loan, known_at)
    events = money.effective(known.events, as_of)
    settled = settle(known, events, on=as_of, convention=convention, trace=True)
    own = counted(events, convention)
    kept = {m.event.id: m.amount for m in money.incoming(own)}
    refunded = [(event, left - kept.get(event.id, ZERO)) for event, left in money.worth(own)]
    return Allocated(
        loan_id=loan.id,
        as_of=as_of,
        convention=convention.name,
        currency=loan.currency,
        met=tuple(sorted(settled.met, key=lambda part: (part.came_on, part.event))),
        waived=tuple(settled.waived),
        refunded=tuple(
            sorted(
                (Share(event=e.id, came_on=e.effective_on, amount=left) for e, left in refunded if left),
                key=lambda share: (share.came_on, share.event),
            )
        ),
        unapplied=tuple(
            Share(event=m.event.id, came_on=m.event.effective_on, amount=m.amount) for m in settled.left if m.amount
        ),
        open=tuple((o.number, o.id, o.due_on, o.unpaid) for o in settled.owed if o.unpaid),
    )
