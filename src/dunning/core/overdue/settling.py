"""Money meets obligations: the machine behind `overdue_status` and `allocate`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Decimal

from attrs import define, field, frozen

from dunning.core.facts.event import MEETS, Event, EventKind
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.dates import later
from dunning.core.overdue.money import ZERO, Money, incoming, net, overdrawn, own_dated, paid
from dunning.core.overdue.obligations import Obligation, obligations
from dunning.core.overdue.order import COMPONENT_ORDER, Order
from dunning.core.values import minor_digits


@frozen(kw_only=True)
class Part:
    """
    A part of one payment or waiver that met a part of one obligation.

    Args:
        event: The id of the payment (or whatever meets obligations), or of the waiver.
        came_on: The day it came.
        instalment: The number of the instalment met; None for a charge, an accrual or a payment charged back.
        charge: The id of that one's event; empty for an instalment.
        due_on: When what it met fell or falls due.
        component: Which component was met.
    """

    event: str
    came_on: dt.date
    instalment: int | None
    charge: str
    due_on: dt.date
    component: str
    amount: Decimal


@define(kw_only=True)
class Settled:
    """Obligations after money met them, and what money is left: mutable, and never leaves this package."""

    owed: list[Obligation]
    convention: Convention
    unit: Decimal
    in_order: bool = False
    tracing: bool = False
    met: list[Part] = field(factory=list)
    waived: list[Part] = field(factory=list)
    left: list[Money] = field(factory=list)
    credit: Decimal = ZERO
    overdrawn: Decimal = ZERO

    def line(self, on: dt.date) -> dt.date:
        """Return the day before which that must lie which is past due on *on*."""
        return later(on, self.convention.first_day)

    def behind(self, on: dt.date) -> list[Obligation]:
        """Return what is past due on *on*, paid or not."""
        line = self.line(on)
        return [o for o in self.owed if o.past_from < line and (o.from_on is None or o.from_on <= on)]

    def late(self, on: dt.date) -> list[Obligation]:
        """Return what ages the loan on *on*: past due, and missing more than the convention tolerates of one."""
        met = self.convention.met
        return [
            o
            for o in self.behind(on)
            if o.ages and (unpaid := o.unpaid) > 0 and not met(amount=o.amount, unpaid=unpaid)
        ]

    def meet(self, obligation: Obligation, amount: Decimal, components: Iterable[str], by: Event | None) -> Decimal:
        """Meet *obligation* with *amount*; return what is left of it."""
        if not self.tracing or by is None:
            return obligation.pay(amount, components)
        for component in components:
            before = amount
            amount = obligation.pay(amount, (component,))
            if amount != before:
                (self.waived if by.kind is EventKind.WAIVER else self.met).append(
                    Part(
                        event=by.id,
                        came_on=by.effective_on,
                        instalment=obligation.number,
                        charge=obligation.id,
                        due_on=obligation.due_on,
                        component=component,
                        amount=before - amount,
                    )
                )
        return amount

    def pour(self, amount: Decimal, order: Order, *, on: dt.date, by: Event | None = None) -> Decimal:
        """Let *amount* meet what is open on *on*: what is past due in *order*, then the future; return what is left."""
        behind, coming = self._ranked(on)
        if self.convention.allocation.shortfalls == "last":
            amount = self._needs([*behind, *_due_by(coming, on)], amount, order, by)
        amount = self._behind(behind, amount, order, by)
        ahead = self.convention.allocation.ahead
        if ahead == "next":
            return self._each(coming, amount, order, by)
        due = [o for o in coming if o.past_from <= on or o.number is None]
        amount = self._each(due, amount, order, by)
        future = [o for o in coming if o.past_from > on and o.number is not None]
        match ahead:
            case "equal":
                return self._evenly(future, amount, order, by)
            case "last":
                return self._each(future[::-1], amount, order, by)
            case _:
                return amount

    def _needs(self, due: Sequence[Obligation], amount: Decimal, order: Order, by: Event | None) -> Decimal:
        """Meet of each instalment that fell due what it needs to count as met, in whole units, the oldest first."""
        for obligation in due:
            if amount > 0:
                part = min(amount, self._need(obligation))
                amount -= part - self.meet(obligation, part, order.components, by)
        return amount

    def _need(self, obligation: Obligation) -> Decimal:
        """Return what *obligation* still needs to count as met: nothing, if it ages no loan."""
        if not obligation.ages:
            return ZERO
        may_miss = min(self.convention.missing(obligation.amount), obligation.unpaid)
        # Of a share of an amount, a part of a unit may be left. Nobody can pay that.
        return obligation.unpaid - may_miss.quantize(self.unit, rounding=ROUND_FLOOR)

    def between(self, on: dt.date) -> Decimal:
        """Return what money of *on* meets that is not past due, before the last of what is past due is met."""
        behind, coming = self._ranked(on)
        if self.convention.allocation.shortfalls == "first" or all(o.unpaid == self._need(o) for o in behind):
            return ZERO
        return sum((self._need(o) for o in _due_by(coming, on)), ZERO)

    def _behind(self, behind: Sequence[Obligation], amount: Decimal, order: Order, by: Event | None) -> Decimal:
        if order.by == "instalment":
            return self._each(behind, amount, order, by)
        for component in order.components:
            for obligation in behind:
                amount = self.meet(obligation, amount, (component,), by)
        return amount

    def _each(self, them: Sequence[Obligation], amount: Decimal, order: Order, by: Event | None) -> Decimal:
        for obligation in them:
            if amount <= 0:
                break
            amount = self.meet(obligation, amount, order.components, by)
        return amount

    def _evenly(self, future: Sequence[Obligation], amount: Decimal, order: Order, by: Event | None) -> Decimal:
        """Meet the open ones of *future* in equal parts; what some do not need the others get."""
        while amount > 0 and (still := [o for o in future if o.unpaid > 0]):
            share = (amount / len(still)).quantize(self.unit, rounding=ROUND_FLOOR)
            odd = int((amount - share * len(still)) / self.unit)
            before = amount
            for place, obligation in enumerate(still):
                part = min(share + (self.unit if place < odd else ZERO), amount)
                amount -= part - self.meet(obligation, part, order.components, by)
            if amount == before:  # less than a minor unit
                return self.meet(still[0], amount, order.components, by)
        return amount

    def _ranked(self, on: dt.date) -> tuple[Sequence[Obligation], Sequence[Obligation]]:
        """
        Return what is past due on *on*, and what is not, each in the order in which money meets it.

        A fee is never paid before an instalment that is late; and whoever pays all that is past due has nothing past
        due left: the money does not run on to an instalment of next month while a fee of last month stays open.
        """
        line = self.line(on)
        behind = self.behind(on)
        coming = [o for o in self.owed if o.past_from >= line and (o.from_on is None or o.from_on <= on)]
        if self.in_order:
            return behind, coming
        behind.sort(key=lambda o: (not o.ages, o.past_from, o.number is None, o.number or 0, o.id))
        coming.sort(key=lambda o: (o.past_from, o.number is None, o.number or 0, o.id))
        return behind, coming

    def direct(self, event: Event, amount: Decimal, *, on: dt.date) -> Decimal:
        """
        Let a waiver, or money that says what it is for, meet that with *amount*; return what is left of it.

        A waiver that names nothing takes off the oldest.
        """
        components = (event.component,) if event.component else COMPONENT_ORDER
        for obligation in self._meant(event, on):
            amount = self.meet(obligation, amount, components, event)
        return amount

    def _meant(self, event: Event, on: dt.date) -> list[Obligation]:
        behind, coming = self._ranked(on)
        every = [*behind, *coming]
        if event.instalment is not None:
            return [o for o in every if o.number == event.instalment]
        named = [o for o in every if o.id and o.id == event.of]
        if named:
            return named
        if event.kind is EventKind.WAIVER:
            return every
        # Of another event, a debit or suspense money, is no name.
        return list(behind) if event.component else []

    def re_age(self, on: dt.date, last_due: dt.date | None) -> None:
        """Let everything still open that fell due up to *on* age from the last due date instead."""
        for obligation in self.owed:
            if (obligation.from_on or obligation.due_on) <= on and obligation.unpaid > 0 and last_due is not None:
                obligation.age_from(max(last_due, on))


def _due_by(coming: Iterable[Obligation], on: dt.date) -> list[Obligation]:
    return [o for o in coming if o.past_from <= on]


def settle(
    known: Loan, events: Sequence[Event], *, on: dt.date, convention: Convention, trace: bool = False
) -> Settled:
    """
    Return what a *known* loan owes after the money in *events* (effective by *on*) met it.

    On one day things take this order: what falls due, charges, waivers, what came before and is still unspent, money
    by id, re-ages. So the order in which a host states the events of a day never matters.

    Args:
        trace: Whether to note which money met what.
    """
    owed = obligations(known, events, convention=convention, on=on)
    settled = Settled(
        owed=owed,
        convention=convention,
        unit=Decimal(1).scaleb(-minor_digits(known.currency)),
        # Instalments come by date; charges and re-ages mix that up.
        in_order=all(o.number is not None for o in owed) and not any(e.kind is EventKind.RE_AGE for e in events),
        tracing=trace,
    )
    # Of the instalments alone: a fee charged after the last of them must not make the re-aged ones younger.
    last_due = max((o.due_on for o in settled.owed if o.number is not None), default=None)
    spent = counted(events, convention)
    settled.overdrawn = overdrawn(spent)
    if convention.allocation.money == "pooled":
        _pooled(settled, spent, on=on, last_due=last_due)
    else:
        _in_turn(settled, spent, on=on, last_due=last_due)
    settled.credit = sum((money.amount for money in settled.left), settled.credit)
    return settled


def settled_by(convention: Convention) -> object:
    """Return what settling asks of *convention*: under two that agree in it, money meets the same."""
    # Tolerances are asked for where money first meets what must be met, and where days behind switch the order.
    tolerant = convention.allocation.shortfalls != "first" or convention.allocation.switches
    return (
        convention.allocation,
        convention.chargebacks,
        convention.first_day,
        convention.ages_from,
        convention.shift,
        convention.workdays,
        (convention.tolerance_amount, convention.tolerance_share) if tolerant else None,
    )


def counted(events: Sequence[Event], convention: Convention) -> Sequence[Event]:
    """Return *events* as *convention* counts money: without chargebacks that are owed from their own date."""
    return own_dated(events) if convention.chargebacks == "own_date" else events


def _days_of(events: Sequence[Event], kind: EventKind) -> list[dt.date]:
    return sorted({event.effective_on for event in events if event.kind is kind})


def _waivers(events: Sequence[Event]) -> list[Event]:
    return sorted((e for e in events if e.kind is EventKind.WAIVER), key=lambda e: (e.effective_on, e.id))


def _pooled(settled: Settled, events: Sequence[Event], *, on: dt.date, last_due: dt.date | None) -> None:
    """
    Spend the sum of the money as of *on*.

    A re-age is a cut: money that came up to it is spent first.
    """
    for event in _waivers(events):
        settled.direct(event, net(event, events), on=on)
    order = settled.convention.allocation.order
    cuts = _days_of(events, EventKind.RE_AGE)
    plain = not any(e.kind in MEETS and (e.instalment is not None or e.component or e.of) for e in events)
    if plain and not cuts and not settled.tracing:
        settled.credit = settled.pour(paid(events), order, on=on)
        return
    moneys = incoming(events)
    start = 0
    for cut in (*cuts, None):
        end = len(moneys)
        if cut is not None:
            end = sum(money.event.effective_on <= cut for money in moneys)
        still = [*settled.left, *moneys[start:end]]
        spent_on = on if cut is None else cut
        still = [Money(m.event, settled.direct(m.event, m.amount, on=spent_on) if m.named else m.amount) for m in still]
        poured = [Money(m.event, settled.pour(m.amount, order, on=spent_on, by=m.event)) for m in still]
        settled.left = [money for money in poured if money.amount > 0]
        if cut is not None:
            settled.re_age(cut, last_due)
        start = end


def _in_turn(settled: Settled, events: Sequence[Event], *, on: dt.date, last_due: dt.date | None) -> None:
    """Spend each payment when it came; what it left over meets what falls due later."""
    allocation = settled.convention.allocation
    coming: dict[dt.date, list[Money]] = {}
    for money in incoming(events):
        coming.setdefault(money.event.effective_on, []).append(money)
    waivers: dict[dt.date, list[Event]] = {}
    for event in _waivers(events):
        waivers.setdefault(event.effective_on, []).append(event)
    re_ages = _days_of(events, EventKind.RE_AGE)
    falling = {o.past_from for o in settled.owed} | {o.from_on for o in settled.owed if o.from_on is not None}
    for day in sorted({*coming, *waivers, *re_ages, *(day for day in falling if day <= on), on}):
        for event in waivers.get(day, ()):
            settled.direct(event, net(event, events), on=day)
        behind = _days_behind(settled, day) if allocation.switches else 0
        still = []
        for money in (*settled.left, *coming.get(day, ())):
            left = settled.direct(money.event, money.amount, on=day) if money.named else money.amount
            left = settled.pour(left, allocation.order_for(money.event.kind, behind), on=day, by=money.event)
            still.append(Money(money.event, left))
        settled.left = [money for money in still if money.amount > 0]
        if day in re_ages:
            settled.re_age(day, last_due)


def _days_behind(settled: Settled, day: dt.date) -> int:
    oldest = min((o.ages_from for o in settled.late(day)), default=None)
    return (day - oldest).days + settled.convention.first_day if oldest is not None else 0
