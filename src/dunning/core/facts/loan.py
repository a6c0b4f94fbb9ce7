"""What the host states about a loan. Frozen: a change is a new version, never an edit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.event import COMPONENTS, UNDOES, Event, EventKind
from dunning.errors import FactsError

ROLES = (
    "borrower",
    "co_borrower",
    "guarantor",
    "dealer_guarantor",
    "insurer_guarantor",
    "representative",
    "contact_person",
)


@frozen(kw_only=True)
class Instalment:
    """
    One obligation of the schedule.

    Two instalments with the same `number` are versions of one; the one recorded last is the one known.

    Args:
        invoiced_on: When it was invoiced, for conventions that age from there.
        ages_from: Another date from which its lateness counts, for conventions that ask for it.
        grace: Its own days of grace; None takes the loan's.
    """

    number: int = field(validator=values.at_least(0))
    due_on: dt.date = field(validator=values.day)
    principal: Decimal = field(default=values.ZERO, validator=values.money)
    interest: Decimal = field(default=values.ZERO, validator=values.money)
    fees: Decimal = field(default=values.ZERO, validator=values.money)
    penalties: Decimal = field(default=values.ZERO, validator=values.money)
    invoiced_on: dt.date | None = field(default=None, validator=values.maybe(values.day))
    ages_from: dt.date | None = field(default=None, validator=values.maybe(values.day))
    grace: int | None = field(default=None, validator=values.maybe(values.at_least(0)))
    recorded_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))

    @property
    def amount(self) -> Decimal:
        """The sum of all components."""
        return self.principal + self.interest + self.fees + self.penalties

    def component(self, name: str) -> Decimal:
        """Return one of principal, interest, fees, penalties."""
        amount: Decimal = getattr(self, name)
        return amount


@frozen(kw_only=True)
class Party:
    """
    A person's part in a loan.

    Args:
        liable: Whether this person owes the debt.
        may_know: Whether this person may know of the debt. The debtor may; a contact person may not.
        since, until: Inclusive start, exclusive end; None is open.
    """

    person_id: str = field(validator=values.text)
    role: str = field(validator=values.one_of(*ROLES))
    liable: bool
    may_know: bool
    since: dt.date | None = field(default=None, validator=values.maybe(values.day))
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    recorded_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))

    def active(self, on: dt.date) -> bool:
        """Whether the part is played on *on*: from `since` inclusive to `until` exclusive."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)

    def bound(self, on: dt.date) -> bool:
        """Whether the person may be addressed in this part on *on*: a debtor's part only while they owe."""
        return self.active(on) and (self.liable or self.role in ("representative", "contact_person"))


@frozen(kw_only=True)
class Attribute:
    """
    A dated attribute of a loan; the latest one effective on a day is the one that holds.

    Args:
        value: Not shown by `repr`: what a host keeps here may be personal.
    """

    name: str = field(validator=values.text)
    value: str = field(default="", repr=False)
    effective_on: dt.date = field(validator=values.day)
    recorded_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))


@frozen(kw_only=True)
class Collateral:
    """What secures the loan; for auto finance the vehicle."""

    id: str = field(validator=values.text)
    kind: str = field(default="vehicle", validator=values.text)
    description: str = ""
    status: str = ""


@frozen(kw_only=True)
class DebitMandate:
    """The borrower's leave to collect by direct debit."""

    id: str = field(validator=values.text)
    person_id: str = field(validator=values.text)
    since: dt.date = field(validator=values.day)
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))


@frozen(kw_only=True)
class Loan:
    """
    A loan as the host states it, with every version of every fact.

    All money is in `currency`. `instalments`, `parties` and `attributes` may hold several versions of one thing, told
    apart by `recorded_at`; `dunning.core.facts.known` picks the one known at an instant.

    Raises:
        FactsError: A field cannot be true; the error names it.
    """

    id: str = field(validator=values.text)
    creditor: str = field(validator=values.text)
    currency: str = field(validator=values.currency)
    jurisdiction: str = field(validator=values.jurisdiction)
    business_zone: str = field(validator=values.zone)
    instalments: tuple[Instalment, ...] = field(validator=values.tuple_of(Instalment))
    events: tuple[Event, ...] = field(default=(), validator=values.tuple_of(Event))
    parties: tuple[Party, ...] = field(default=(), validator=values.tuple_of(Party))
    attributes: tuple[Attribute, ...] = field(default=(), validator=values.tuple_of(Attribute))
    collateral: tuple[Collateral, ...] = field(default=(), validator=values.tuple_of(Collateral))
    mandates: tuple[DebitMandate, ...] = field(default=(), validator=values.tuple_of(DebitMandate))
    brand: str = ""
    product: str = field(default="auto", validator=values.text)
    origination_channel: str = ""
    host_status: str = ""
    balance: Decimal | None = field(default=None, validator=values.maybe(values.money))
    accelerated_on: dt.date | None = field(default=None, validator=values.maybe(values.day))
    grace: int | None = field(default=None, validator=values.maybe(values.at_least(0)))

    def __attrs_post_init__(self) -> None:
        _require_once("event id", Counter(event.id for event in self.events), self.id, "events")
        _require_once(
            "version of instalment (same number and recorded_at)",
            Counter((instalment.number, instalment.recorded_at) for instalment in self.instalments),
            self.id,
            "instalments",
        )
        _require_named(self)
        of = {event.id: event.of for event in self.events}
        for event in self.events:
            if event.of and event.of not in of:
                raise FactsError(
                    f"Event {event.id!r} of loan {self.id!r} is of event {event.of!r}, which the loan does not have.",
                    field="events",
                )
            seen, at = {event.id}, event.of
            while at:
                if at in seen:
                    raise FactsError(
                        f"Event {event.id!r} of loan {self.id!r} is, through {event.of!r}, of itself: what undoes what "
                        "cannot be told.",
                        field="events",
                    )
                seen.add(at)
                at = of[at]
        _require_whole(self)


def _require_named(loan: Loan) -> None:
    """Refuse events that name an instalment that there is not; extensions move what follows, and need any of those."""
    named = [event for event in loan.events if event.instalment is not None]
    if named:
        numbers = {instalment.number for instalment in loan.instalments}
        last = max(numbers, default=-1)
        for event in named:
            number = event.instalment or 0
            if number not in numbers and (event.kind is not EventKind.EXTENSION or number > last):
                raise FactsError(
                    f"Event {event.id!r} of loan {loan.id!r} names instalment {event.instalment}, which the loan does "
                    "not have.",
                    field="events",
                )


def _require_whole(loan: Loan) -> None:
    """Refuse amounts of what takes an accrual back: its own is that of a day, and nobody says of how many days."""
    accruals = {event.id for event in loan.events if event.kind is EventKind.ACCRUAL}
    for event in loan.events:
        if event.of in accruals and event.amount is not None and event.kind in UNDOES:
            raise FactsError(
                f"Event {event.id!r} of loan {loan.id!r} takes an amount of the accrual {event.of!r} back, and an "
                "accrual is taken back as a whole. Leave the amount out, or waive it.",
                field="events",
            )


def _require_once(what: str, counts: Counter[object], loan_id: str, name: str) -> None:
    for value, count in counts.items():
        if count > 1:
            raise FactsError(f"Loan {loan_id!r} has the {what} {value!r} {count} times; it must be unique.", field=name)


@frozen(kw_only=True)
class Amounts:
    """Money by component, in the loan's currency."""

    principal: Decimal = field(default=values.ZERO, validator=values.money)
    interest: Decimal = field(default=values.ZERO, validator=values.money)
    fees: Decimal = field(default=values.ZERO, validator=values.money)
    penalties: Decimal = field(default=values.ZERO, validator=values.money)

    @property
    def total(self) -> Decimal:
        """The sum of the components."""
        return self.principal + self.interest + self.fees + self.penalties

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(**{name: getattr(self, name) + getattr(other, name) for name in COMPONENTS})


@frozen(kw_only=True)
class Quote:
    """What is owed on a day on the host's ledger, accruals included."""

    loan_id: str = field(validator=values.text)
    on: dt.date = field(validator=values.day)
    currency: str = field(validator=values.currency)
    overdue: Amounts
    payoff: Decimal | None = field(default=None, validator=values.maybe(values.money))
