"""Which money counts on a day: payments less what undid them, and what is pending or in suspense."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen

from dunning.core.facts.event import MEETS, UNDOES, Event, EventKind

ZERO = Decimal(0)

# Changes of the terms that a reversal takes back as a whole; money is taken back by amount: see `net`.
_CHANGES_TERMS = (
    EventKind.RE_AGE,
    EventKind.EXTENSION,
    EventKind.DEFERRAL,
    EventKind.PAUSE,
    EventKind.WRITE_OFF,
    EventKind.ACCRUAL,
)
_WAITS = (EventKind.PENDING_PAYMENT, EventKind.DEBIT_PRESENTED, EventKind.SUSPENSE_RECEIVED)


def effective(events: Sequence[Event], as_of: dt.date) -> list[Event]:
    """Return the events effective on or before *as_of*, less the changes of terms that were undone by then."""
    known = [event for event in events if event.effective_on <= as_of]
    undoing = [event for event in known if event.kind in UNDOES]
    if not undoing:
        return known
    return [event for event in known if event.kind not in _CHANGES_TERMS or stands(event, undoing)]


def stands(event: Event, events: Sequence[Event]) -> bool:
    """Whether nothing in *events* undoes *event* as a whole. What undoes it may itself be undone."""
    for other in events:
        if other.of == event.id and other.kind in UNDOES and stands(other, events):
            if other.amount is None or event.amount is None:
                return False
            if net(event, events) == 0:
                return False
    return True


def net(event: Event, events: Sequence[Event]) -> Decimal:
    """Return what is left of *event*'s amount after everything in *events* that undoes it; never below 0."""
    return _left(event.amount or ZERO, event.id, events)


def _left(amount: Decimal, of: str, events: Sequence[Event]) -> Decimal:
    """What is left of *amount* of the event *of*: what undoes it without an amount undoes the whole, less its own."""
    left = amount
    for other in events:
        if other.of and other.of == of and other.kind in UNDOES:
            left -= _left(amount if other.amount is None else other.amount, other.id, events)
    return max(left, ZERO)


def paid(events: Sequence[Event], *, came_by: dt.date = dt.date.max) -> Decimal:
    """
    Return the money that meets obligations and came by a date: payments net of what undid them, less refunds.

    Returned and reversed money is gone from the day on which it was undone, so the oldest instalment that it had met
    is open again at its own due date.
    """
    came = sum((left for event, left in worth(events) if event.effective_on <= came_by), ZERO)
    went = sum((left for event, left in refunds(events) if event.effective_on <= came_by), ZERO)
    return max(came - went, ZERO)


def own_dated(events: Sequence[Event]) -> list[Event]:
    """Return *events* less the chargebacks of money: where those are owed from their own date, the money stays."""
    came = {event.id for event in events if event.kind in MEETS or event.kind in _WAITS}
    return [event for event in events if event.kind is not EventKind.CHARGEBACK or event.of not in came]


def charged_back(events: Sequence[Event]) -> list[tuple[Event, Decimal]]:
    """
    Return each chargeback of money with what it takes, beyond what was undone before: together no more than came.

    So a book owes the same whether a chargeback reopens what the money had met or is an obligation of its own date.
    """
    counted = own_dated(events)
    kept = {event.id for event in counted}
    before = sum((left for _, left in worth(counted)), ZERO)
    found = []
    for event in sorted((e for e in events if e.id not in kept), key=lambda e: (e.effective_on, e.id)):
        counted.append(event)
        after = sum((left for _, left in worth(counted)), ZERO)
        found.append((event, before - after))
        before = after
    return found


def overdrawn(events: Sequence[Event]) -> Decimal:
    """Return by how much refunds exceed all money that came: 0, unless a book begins after some of its payments."""
    if not any(event.kind is EventKind.REFUND for event in events):
        return ZERO
    came = sum((left for _, left in worth(events)), ZERO)
    return max(sum((left for _, left in refunds(events)), ZERO) - came, ZERO)


def worth(events: Sequence[Event]) -> list[tuple[Event, Decimal]]:
    """
    Return each event that meets obligations, with what is left of it after everything that undid it, refunds aside.

    A returned debit or a reversed receipt takes with it the payments that are `of` it: the payment was only ever that
    presentation's own money, so of a debit and its payments no more counts than is left of the debit. A payment that
    came on a later day than the return is other money, and stands. Of suspense money no more is applied than came.
    """
    undoing = [event for event in events if event.kind in UNDOES]
    meeting = [event for event in events if event.kind in MEETS]
    if not undoing and not any(event.of for event in meeting):
        return [(event, event.amount or ZERO) for event in meeting]
    waits = {event.id: event for event in events if event.kind in _WAITS}
    counted: dict[str, Decimal] = {}
    result = []
    for event in sorted(meeting, key=lambda e: (e.effective_on, e.id)):
        left = net(event, undoing)
        source = waits.get(event.of)
        if source is not None:
            later = [u for u in undoing if u.of != source.id or u.effective_on >= event.effective_on]
            room = net(source, later)
            if room < (source.amount or ZERO) or source.kind is EventKind.SUSPENSE_RECEIVED:
                left = min(left, max(room - counted.get(source.id, ZERO), ZERO))
            counted[source.id] = counted.get(source.id, ZERO) + left
        result.append((event, left))
    return result


@frozen
class Money:
    """What is left of an event that meets obligations, after what undid it and what was refunded of it."""

    event: Event
    amount: Decimal

    @property
    def named(self) -> bool:
        """Whether it says what it is meant for."""
        return self.event.instalment is not None or bool(self.event.component or self.event.of)


def incoming(events: Sequence[Event]) -> list[Money]:
    """
    Return the money that meets obligations, as it came, on a day by id; it sums to `paid`.

    A refund gives back the latest money that had come by then; what was refunded before it came is gone as well.
    """
    stack: list[Money] = []
    gone = ZERO
    # Refunds of a day first: what comes on it may be meant to cure, and is not what was given back.
    flows = [(e.effective_on, 1, e.id, e, left) for e, left in worth(events)]
    flows += [(e.effective_on, 0, e.id, e, left) for e, left in refunds(events)]
    for _, comes, _, event, left in sorted(flows, key=lambda flow: flow[:3]):
        if comes:
            kept = max(left - gone, ZERO)
            gone -= left - kept
            stack.append(Money(event, kept))
            continue
        gone += left
        while gone > 0 and stack:
            last = stack.pop()
            kept = max(last.amount - gone, ZERO)
            gone -= last.amount - kept
            if kept:
                stack.append(Money(last.event, kept))
    return [money for money in stack if money.amount > 0]


def refunds(events: Sequence[Event]) -> list[tuple[Event, Decimal]]:
    """Return each refund with what is left of it."""
    return [(event, net(event, events)) for event in events if event.kind is EventKind.REFUND]


def waiting(events: Sequence[Event], as_of: dt.date, *, default_days: int | None = None) -> list[tuple[Event, Decimal]]:
    """
    Return pending and suspense money that has no result yet, with what is left of it.

    A pending payment or presented debit ends with a payment that is `of` it, a return, or its expiry; suspense money
    with its application. Expiry is `until` (exclusive), or *default_days* after it came where none is stated.
    """
    reversals = [event for event in events if event.kind is EventKind.REVERSAL]
    result = []
    for event in events:
        if event.kind not in _WAITS:
            continue
        until = event.until
        if until is None and default_days is not None:
            until = event.effective_on + dt.timedelta(days=default_days)
        if until is not None and as_of >= until:
            continue
        left = net(event, events)
        for other in events:
            if other.of == event.id and other.kind in MEETS:
                # Suspense money whose application was reversed is in suspense again; a reversed payment went back.
                again = reversals if other.kind is EventKind.SUSPENSE_APPLIED else ()
                left -= net(other, again)
        if left > 0:
            result.append((event, left))
    return result


def returned_debits(events: Sequence[Event], *, since: dt.date | None = None) -> int:
    """Count debits returned unpaid, from *since* on (inclusive); a return that was itself reversed is none."""
    return sum(
        event.kind is EventKind.DEBIT_RETURNED
        and (since is None or event.effective_on >= since)
        and stands(event, events)
        for event in events
    )
