"""Money that the host saw before its book shows it: each kind is the event of the same name in the book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.event import Event, EventKind
from dunning.engine.receive.kinds.told import Told


@frozen(kw_only=True)
class Money(Told):
    """
    What all money has.

    Args:
        event_id: The id under which the book will show it. It counts until then, and is never added to the book's.
        effective_on: The business date from which it counts (inclusive).
        currency: Where stated, it must be the loan's; nothing is ever converted.
    """

    event_id: str = field(validator=values.text)
    effective_on: dt.date = field(validator=values.told_day)
    currency: str = ""
    reason: str = ""


@frozen(kw_only=True)
class Payment(Money):
    """Money that stands. `of`: the pending money that it settles."""

    amount: Decimal = field(validator=values.money)
    of: str = ""


@frozen(kw_only=True)
class _Waiting(Money):
    """Money that moves no day and holds collection contacts, to `until` (exclusive) or as long as the policy says."""

    amount: Decimal = field(validator=values.money)
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))


@frozen(kw_only=True)
class PendingPayment(_Waiting):
    """Money on its way."""


@frozen(kw_only=True)
class DebitPresented(_Waiting):
    """A direct debit was presented to the bank."""


@frozen(kw_only=True)
class SuspenseReceived(_Waiting):
    """Money came that is not applied to the loan yet."""


@frozen(kw_only=True)
class SuspenseApplied(Money):
    """Money in suspense was applied to the loan: from now on it counts. `of`: where it was received."""

    of: str = field(validator=values.text)
    amount: Decimal = field(validator=values.money)


@frozen(kw_only=True)
class _Undoing(Money):
    """`of` is undone: `amount` of it, or all where none is stated."""

    of: str = field(validator=values.text)
    amount: Decimal | None = field(default=None, validator=values.maybe(values.money))


@frozen(kw_only=True)
class DebitReturned(_Undoing):
    """A presented debit came back unpaid, and with it the payments of that presentation."""


@frozen(kw_only=True)
class Reversal(_Undoing):
    """A payment, or something else that happened, was taken back."""


@frozen(kw_only=True)
class Chargeback(_Undoing):
    """A payment was taken back by the payer's bank."""


EVENTS: Mapping[type[Money], EventKind] = {
    Payment: EventKind.PAYMENT,
    PendingPayment: EventKind.PENDING_PAYMENT,
    DebitPresented: EventKind.DEBIT_PRESENTED,
    DebitReturned: EventKind.DEBIT_RETURNED,
    SuspenseReceived: EventKind.SUSPENSE_RECEIVED,
    SuspenseApplied: EventKind.SUSPENSE_APPLIED,
    Reversal: EventKind.REVERSAL,
    Chargeback: EventKind.CHARGEBACK,
}


def event_of(message: Money) -> Event:
    """Return the event that *message* tells of. FactsError if there can be no such event."""
    return Event(
        id=message.event_id,
        kind=EVENTS[type(message)],
        effective_on=message.effective_on,
        recorded_at=message.at,
        amount=getattr(message, "amount", None),
        of=getattr(message, "of", ""),
        until=getattr(message, "until", None),
        reason=message.reason,
    )
