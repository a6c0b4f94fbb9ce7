"""What happened to a loan: money and changes of its terms, on two time axes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError


class EventKind(StrEnum):
    """Every kind of event that a host can state."""

    PAYMENT = "payment"
    PENDING_PAYMENT = "pending_payment"
    DEBIT_PRESENTED = "debit_presented"
    DEBIT_RETURNED = "debit_returned"
    SUSPENSE_RECEIVED = "suspense_received"
    SUSPENSE_APPLIED = "suspense_applied"
    THIRD_PARTY_ADVANCE = "third_party_advance"
    REVERSAL = "reversal"
    CHARGEBACK = "chargeback"
    REFUND = "refund"
    WAIVER = "waiver"
    CHARGE = "charge"
    ACCRUAL = "accrual"
    RE_AGE = "re_age"
    EXTENSION = "extension"
    DEFERRAL = "deferral"
    PAUSE = "pause"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"


COMPONENTS = ("principal", "interest", "fees", "penalties")

# Money that meets obligations. A third party's advance counts: what the lender was paid is no longer owed to the
# lender. A recovery after write-off counts: the debt goes on.
# A tuple: to look for a member in one is quicker than to hash it, and every event of every loan is looked at.
MEETS = (
    EventKind.PAYMENT,
    EventKind.THIRD_PARTY_ADVANCE,
    EventKind.RECOVERY,
    EventKind.SUSPENSE_APPLIED,
)
# What takes back the event that it is `of`.
UNDOES = (EventKind.REVERSAL, EventKind.CHARGEBACK, EventKind.DEBIT_RETURNED)

# What each kind needs beside id, effective_on and recorded_at, and what it may have.
# A field that a kind neither needs nor may have is an error: it would be read and ignored.
FIELDS: dict[EventKind, tuple[frozenset[str], frozenset[str]]] = {
    EventKind.PAYMENT: (frozenset({"amount"}), frozenset({"of", "instalment", "component", "reason"})),
    EventKind.PENDING_PAYMENT: (frozenset({"amount"}), frozenset({"until", "reason"})),
    EventKind.DEBIT_PRESENTED: (frozenset({"amount"}), frozenset({"until", "reason"})),
    EventKind.DEBIT_RETURNED: (frozenset({"of"}), frozenset({"amount", "reason"})),
    EventKind.SUSPENSE_RECEIVED: (frozenset({"amount"}), frozenset({"until", "reason"})),
    EventKind.SUSPENSE_APPLIED: (frozenset({"of", "amount"}), frozenset({"instalment", "component", "reason"})),
    EventKind.THIRD_PARTY_ADVANCE: (frozenset({"amount"}), frozenset({"of", "instalment", "component", "reason"})),
    EventKind.REVERSAL: (frozenset({"of"}), frozenset({"amount", "reason"})),
    EventKind.CHARGEBACK: (frozenset({"of"}), frozenset({"amount", "component", "reason"})),
    EventKind.REFUND: (frozenset({"amount"}), frozenset({"reason"})),
    EventKind.WAIVER: (frozenset({"amount"}), frozenset({"of", "component", "instalment", "reason"})),
    EventKind.CHARGE: (frozenset({"amount", "component"}), frozenset({"reason"})),
    EventKind.ACCRUAL: (frozenset({"amount", "component"}), frozenset({"until", "reason"})),
    EventKind.RE_AGE: (frozenset(), frozenset({"reason"})),
    EventKind.EXTENSION: (frozenset({"instalment", "months"}), frozenset({"reason"})),
    EventKind.DEFERRAL: (frozenset({"instalment"}), frozenset({"until", "reason"})),
    EventKind.PAUSE: (frozenset(), frozenset({"until", "reason"})),
    EventKind.WRITE_OFF: (frozenset(), frozenset({"amount", "reason"})),
    EventKind.RECOVERY: (frozenset({"amount"}), frozenset({"of", "instalment", "component", "reason"})),
}


@frozen(kw_only=True)
class Event:
    """
    One thing that happened to a loan.

    Args:
        id: The host's own id, unique in the loan; `of` refers to it.
        effective_on: The business date from which it counts, inclusive.
        recorded_at: When the host came to know it; None where the host cannot say, and then `known_at` refuses.
        amount: In the loan's currency, never negative: the kind says which way it goes. Of an accrual, the amount of
            each day, from `effective_on` on. A reversal or returned
            debit without an amount undoes the whole of the event that it is `of`.
        of: The id of the event that this one undoes, applies or answers; for money and a waiver, a charge or accrual
            that it is meant for.
        instalment: The instalment's number, where money or a waiver names one; for an extension, the first that
            moves; for a deferral, the one that does.
        component: Which part of the debt a charge, an accrual or a chargeback is; which part money or a waiver is for.
        months: For an extension, by how many calendar months the instalments move.
        until: For a pause, its end, exclusive (None: still running); for an accrual, the first day that no longer
            accrues (None: it runs on); for a deferral, the new due date (None: a month after the last one); for
            pending and suspense money, the first day on which it no longer holds contacts (None: the policy's default).
    """

    id: str = field(validator=values.text)
    kind: EventKind = field(converter=EventKind)
    effective_on: dt.date = field(validator=values.day)
    recorded_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    amount: Decimal | None = field(default=None, validator=values.maybe(values.money))
    of: str = ""
    instalment: int | None = field(default=None, validator=values.maybe(values.at_least(0)))
    component: str = field(default="", validator=values.one_of("", *COMPONENTS))
    months: int | None = field(default=None, validator=values.maybe(values.at_least(1)))
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        required, allowed = FIELDS[self.kind]
        stated = {
            name
            for name in ("amount", "of", "instalment", "component", "months", "until", "reason")
            if getattr(self, name) not in (None, "")
        }
        for name in sorted(required - stated):
            raise FactsError(f"An event of kind {self.kind} needs the field {name!r}.", field=name)
        for name in sorted(stated - required - allowed):
            raise FactsError(f"An event of kind {self.kind} has no field {name!r}; leave it out.", field=name)
        if self.until is not None and self.until <= self.effective_on:
            raise FactsError(f"until ({self.until}) must come after effective_on ({self.effective_on}).", field="until")
