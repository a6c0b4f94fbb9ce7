"""Since when arrears have been material without a break: the day counter of article 178 CRR and its reset."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import accumulate

from dunning.core.facts.event import MEETS, UNDOES, Event, EventKind
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.dates import later
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.obligations import obligations
from dunning.core.overdue.settling import Settled, settle

_ONE_DAY = dt.timedelta(days=1)
# What moves due dates. Charges and accruals fall due on the days of their own events.
_MOVES = (EventKind.EXTENSION, EventKind.DEFERRAL)
# What neither adds to instalments, nor moves them, nor meets one that it names.
_FLOWS = (
    *MEETS,
    *UNDOES,
    EventKind.REFUND,
    EventKind.PENDING_PAYMENT,
    EventKind.DEBIT_PRESENTED,
    EventKind.SUSPENSE_RECEIVED,
    EventKind.PAUSE,
    EventKind.WRITE_OFF,
)


def material_from(known: Loan, *, as_of: dt.date, convention: Convention) -> dt.date | None:
    """
    Return the first of the unbroken days up to *as_of* (inclusive) on which arrears were material; None if none is.

    Each day is judged by what was effective on it: money that came later, or was taken back later, changes no day
    before.
    """
    first = None
    judge = _judge(known, as_of=as_of, convention=convention)
    for day in reversed(changing_days(known, as_of=as_of, convention=convention)):
        if not judge(day):
            break
        first = day
    return first


def material(known: Loan, *, on: dt.date, convention: Convention) -> bool:
    """Whether arrears are material on *on*; a convention without materiality finds all of them so."""
    settled = settle(known, money.effective(known.events, on), on=on, convention=convention)
    return material_when(known, settled, on=on)


def material_when(known: Loan, settled: Settled, *, on: dt.date) -> bool:
    """Whether arrears of a *settled* loan are material: see `material`."""
    arrears = sum((o.unpaid for o in settled.behind(on)), ZERO)
    line = settled.line(on)
    stated = {each.number: each.principal for each in known.instalments}
    not_due = sum((stated[o.number] for o in settled.owed if o.number is not None and o.past_from >= line), ZERO)
    return _exceeded(settled.convention, arrears, not_due)


def _exceeded(convention: Convention, arrears: Decimal, not_due: Decimal) -> bool:
    limits = convention.materiality
    return arrears > 0 if limits is None else limits.exceeded(arrears=arrears, exposure=not_due + arrears)


def _judge(known: Loan, *, as_of: dt.date, convention: Convention) -> Callable[[dt.date], bool]:
    """
    Return what says of a day up to *as_of* whether arrears were material on it.

    What pooled money leaves of all that is past due is the same in whichever order it meets it, so that sums do where
    nothing else meets, moves or adds to the instalments: no day need be settled.
    """
    if not pours(known, convention):
        return partial(_settled, known, convention)
    principal = {each.number: each.principal for each in known.instalments}
    owed = sorted(
        (o.past_from, o.amount, principal[o.number or 0])
        for o in obligations(known, (), convention=convention, on=as_of)
    )
    falls = [past_from for past_from, _, _ in owed]
    due = [ZERO, *accumulate(amount for _, amount, _ in owed)]
    to_come = [ZERO, *accumulate(stated for _, _, stated in owed)]

    def judge(day: dt.date) -> bool:
        behind = bisect_left(falls, later(day, convention.first_day))
        arrears = max(due[behind] - money.paid(money.effective(known.events, day)), ZERO)
        return _exceeded(convention, arrears, to_come[-1] - to_come[behind])

    return judge


def _settled(known: Loan, convention: Convention, day: dt.date) -> bool:
    return material(known, on=day, convention=convention)


def pours(known: Loan, convention: Convention) -> bool:
    """
    Return whether money only pours over the instalments of *known*, pooled: what is left of each is a matter of sums.

    Nothing is named, waived, charged or accrued, and no instalment moves.
    """
    allocation = convention.allocation
    return (
        allocation.money == "pooled"
        and allocation.shortfalls == "first"
        and all(
            event.kind in _FLOWS
            and event.instalment is None
            and not event.component
            and (event.kind not in MEETS or not event.of)
            and (event.kind is not EventKind.CHARGEBACK or convention.chargebacks == "reopen")
            for event in known.events
        )
    )


def changing_days(known: Loan, *, as_of: dt.date, convention: Convention) -> list[dt.date]:
    """
    Return, ascending, the days up to *as_of* on which what is past due, or how much, may differ from the day before.

    An accrual changes it every day.
    """
    days = {as_of}
    for event in known.events:
        days |= _of_event(event, as_of)
    # The schedule before any event counts, too: what an extension moves was past due before it.
    schedules = [obligations(known, (), convention=convention, on=as_of)]
    kinds = {event.kind for event in known.events}
    if EventKind.RE_AGE in kinds:  # which moves what is unpaid
        for at in sorted(day for day in days if day <= as_of):
            events = money.effective(known.events, at)
            schedules.append(settle(known, events, on=at, convention=convention).owed)
    elif not kinds.isdisjoint(_MOVES):
        told = {event.effective_on for event in known.events if event.kind in (*_MOVES, *UNDOES)}
        schedules += [
            obligations(known, money.effective(known.events, at), convention=convention, on=at)
            for at in told
            if at <= as_of
        ]
    for owed in schedules:
        days |= {later(o.past_from, 1 - convention.first_day) for o in owed}
        if convention.allocation.due_day_counts:
            days |= {o.past_from for o in owed}
    return sorted(day for day in days if day <= as_of)


def _of_event(event: Event, as_of: dt.date) -> set[dt.date]:
    days = {event.effective_on, later(event.effective_on, 1)}
    if event.until is not None:
        days |= {event.until, later(event.until, 1)}
    if event.kind == "accrual":
        end = min(event.until or as_of, as_of)
        days |= {event.effective_on + n * _ONE_DAY for n in range((end - event.effective_on).days + 1)}
    return days
