"""Since when arrears have been material without a break: the day counter of article 178 CRR and its reset."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.dates import later
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.obligations import obligations
from dunning.core.overdue.settling import Settled, settle

_ONE_DAY = dt.timedelta(days=1)


def material_from(known: Loan, *, as_of: dt.date, convention: Convention) -> dt.date | None:
    """
    Return the first of the unbroken days up to *as_of* (inclusive) on which arrears were material; None if none is.

    Each day is judged by what was effective on it: money that came later, or was taken back later, changes no day
    before.
    """
    first = None
    for day in reversed(changing_days(known, as_of=as_of, convention=convention)):
        if not material(known, on=day, convention=convention):
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
    limits = settled.convention.materiality
    if limits is None:
        return arrears > 0
    not_due = sum(_principal(settled, known, on), ZERO)
    return limits.exceeded(arrears=arrears, exposure=not_due + arrears)


def _principal(settled: Settled, known: Loan, on: dt.date) -> list[Decimal]:
    stated = {each.number: each.principal for each in known.instalments}
    line = settled.line(on)
    return [stated[o.number] for o in settled.owed if o.number is not None and o.past_from >= line]


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
    for at in sorted(day for day in days if day <= as_of):
        events = money.effective(known.events, at)
        schedules.append(settle(known, events, on=at, convention=convention).owed)
    for owed in schedules:
        days |= {later(o.past_from, 1 - convention.first_day) for o in owed}
    return sorted(day for day in days if day <= as_of)


def _of_event(event: Event, as_of: dt.date) -> set[dt.date]:
    days = {event.effective_on, later(event.effective_on, 1)}
    if event.until is not None:
        days |= {event.until, later(event.until, 1)}
    if event.kind == "accrual":
        end = min(event.until or as_of, as_of)
        days |= {event.effective_on + n * _ONE_DAY for n in range((end - event.effective_on).days + 1)}
    return days
