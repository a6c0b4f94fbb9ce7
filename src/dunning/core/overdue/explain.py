"""Why a loan is as late as it is: every number of its overdue status, with what it was made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve, frozen

from dunning.core.facts.event import MEETS, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.allocate import Allocated, Share, allocate
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.counting import count
from dunning.core.overdue.dates import later
from dunning.core.overdue.explanation import Cure, Explanation, Measured, Owed, Waiting
from dunning.core.overdue.lateness import Ageing, ageing_of, all_tolerated
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.obligations import Obligation
from dunning.core.overdue.pauses import pauses
from dunning.core.overdue.settling import Settled, counted, settle
from dunning.core.overdue.status import OverdueStatus, overdue_status

_ONE_DAY = dt.timedelta(days=1)
_SOON = (1, 7, 14)  # days after `as_of` on which somebody may say that they will pay


def explain_overdue(
    loan: Loan, *, as_of: dt.date, convention: Convention = OLDEST_UNPAID, known_at: dt.datetime | None = None
) -> Explanation:
    """
    Explain how late *loan* is on *as_of* (inclusive), as *convention* counts; its numbers are `overdue_status`'s.

    What cures it later is said from what was effective by *as_of*: nothing that came after it counts.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
        FactsError: The convention needs a date, or a day of a calendar, that nobody stated.
    """
    status = overdue_status(loan, as_of=as_of, convention=convention, known_at=known_at)
    known = known_loan(loan, known_at)
    events = money.effective(known.events, as_of)
    settled = settle(known, events, on=as_of, convention=convention)
    then = _counted(known, status, convention)
    allocated = allocate(loan, as_of=as_of, convention=convention, known_at=known_at)
    owed = _owed(known, settled, status, allocated)
    own = counted(events, convention)
    explained = Explanation(
        status=status,
        convention=convention,
        allocated=allocated,
        undone=tuple(
            Share(event=e.id, came_on=e.effective_on, amount=(e.amount or ZERO) - left)
            for e, left in money.worth(own)
            if left != e.amount
        ),
        owed=owed,
        counted_on=None if then is None else then.on,
        pauses=tuple(pauses(events)),
        tolerated=sum((each.unpaid for each in owed if each.state == "tolerated"), ZERO),
        all_tolerated=bool(settled.late(as_of)) and all_tolerated(settled, as_of),
        materiality=_measured(known, settled, status),
        waiting=tuple(
            Waiting(event=e.id, kind=e.kind, came_on=e.effective_on, amount=left, until=e.until)
            for e, left in money.waiting(events, as_of)
        ),
        cures=_cures(known, status, convention),
    )
    if then is None or then.ageing is None:
        return explained
    anchor = then.ageing.anchor
    oldest = min(then.late, key=lambda o: (o.ages_from, o.due_on, o.number is None, o.number or 0, o.id))
    aged_from, grace, paused = then.ageing.most_delinquent(then.on)
    return evolve(
        explained,
        oldest=_line(oldest, {each.number: each.due_on for each in known.instalments}, convention, "late", allocated),
        anchor=anchor,
        anchored_by=_anchored_by(anchor, oldest, convention),
        edges=_edges(then.ageing, then.on),
        worth=then.ageing.most,
        aged_from=aged_from,
        grace=grace,
        paused=paused,
    )


@frozen(kw_only=True)
class _Then:
    """The day up to which days are counted, and the loan as it was then."""

    on: dt.date
    late: Sequence[Obligation]
    ageing: Ageing | None


def _counted(known: Loan, status: OverdueStatus, convention: Convention) -> _Then | None:
    on = status.as_of
    if status.written_off_on is not None and convention.charge_off == "drop":
        return None
    if status.written_off_on is not None and convention.charge_off == "freeze":
        on = status.written_off_on
    events = money.effective(known.events, on)
    settled = settle(known, events, on=on, convention=convention)
    ageing = ageing_of(known, events, settled, on=on, convention=convention)
    return _Then(on=on, late=settled.late(on), ageing=ageing)


def _anchored_by(anchor: dt.date, oldest: Obligation, convention: Convention) -> str:
    if convention.materiality is not None:
        return "materiality"
    return "full_payment" if convention.count == "recency" and anchor != oldest.ages_from else "oldest"


def _owed(known: Loan, settled: Settled, status: OverdueStatus, allocated: Allocated) -> tuple[Owed, ...]:
    on = status.as_of
    stated = {each.number: each.due_on for each in known.instalments}
    late = {id(o) for o in settled.late(on)} if status.cures else set()
    behind = {id(o) for o in settled.behind(on)}
    result = []
    for o in sorted(settled.owed, key=lambda o: (o.due_on, o.number is None, o.number or 0, o.id)):
        if not o.unpaid:
            state = "met"
        elif id(o) not in behind:
            state = "coming"
        elif id(o) in late:
            state = "late"
        elif o.ages and settled.convention.met(amount=o.amount, unpaid=o.unpaid):
            state = "tolerated"
        else:
            state = "past_due"
        result.append(_line(o, stated, settled.convention, state, allocated))
    return tuple(result)


def _line(o: Obligation, stated: dict[int, dt.date], convention: Convention, state: str, allocated: Allocated) -> Owed:
    of = o.number, o.id, o.due_on  # what accrued is owed in parts
    waived = (part.amount for part in allocated.waived if (part.instalment, part.charge, part.due_on) == of)
    return Owed(
        number=o.number,
        id=o.id,
        stated_on=o.due_on if o.number is None else stated[o.number],
        due_on=o.due_on,
        ages_from=o.ages_from,
        amount=o.amount,
        unpaid=o.unpaid,
        waived=sum(waived, ZERO),
        may_miss=convention.missing(o.amount) if o.ages else ZERO,
        state=state,
    )


def _measured(known: Loan, settled: Settled, status: OverdueStatus) -> Measured | None:
    limits = settled.convention.materiality
    if limits is None:
        return None
    principal = {each.number: each.principal for each in known.instalments}
    behind = settled.behind(status.as_of)
    arrears = sum((o.unpaid for o in behind), ZERO)
    past_due = {o.number for o in behind}
    exposure = arrears + sum((amount for number, amount in principal.items() if number not in past_due), ZERO)
    anchor = status.oldest_unpaid_due_on
    return Measured(
        arrears=arrears,
        exposure=exposure,
        above_amount=arrears > limits.amount,
        above_share=arrears > limits.share * exposure,
        since=None if anchor is None else anchor + _ONE_DAY,
    )


def _edges(ageing: Ageing, on: dt.date) -> tuple[tuple[dt.date, int], ...]:
    anchor, convention, due_day = ageing.anchor, ageing.convention, ageing.due_day
    first = (anchor, convention.first_day)
    last = (on, count(anchor, on, convention=convention, due_day=due_day))
    if not convention.in_months:
        return first, last
    found = [first]
    for after in range(1, (on - anchor).days + 1):
        day = anchor + after * _ONE_DAY
        if (days := count(anchor, day, convention=convention, due_day=due_day)) != found[-1][1]:
            found.append((day, days))
    return tuple(found) if found[-1] == last else (*found, last)


def _cures(known: Loan, status: OverdueStatus, convention: Convention) -> tuple[Cure, ...]:
    if not status.cures:
        return ()
    cut = _until(known, status.as_of)
    days = {status.as_of + ahead * _ONE_DAY for ahead in (0, *_SOON)}
    if status.next_due_on is not None:
        past_due = later(status.next_due_on, 1 - convention.first_day)
        days = {day for day in days if day < past_due} | {max(status.next_due_on, status.as_of), past_due}
    # A calendar that ends soon tells nothing about the days after it.
    ends = dt.date.max if convention.workdays is None else convention.workdays.known_until
    days = {day for day in days if day < ends} | {status.as_of}
    found = []
    for day in sorted(days):
        then = overdue_status(cut, as_of=day, convention=convention)
        found.append(Cure(on=day, amount=then.cures, days_past_due=then.days_past_due))
    return tuple(found)


def _until(known: Loan, as_of: dt.date) -> Loan:
    """Return *known* as if nothing came after *as_of*; what is `of` a later event is of nothing yet."""
    kept = {event.id: event for event in known.events if event.effective_on <= as_of}
    while loose := [event for event in kept.values() if event.of and event.of not in kept]:
        for event in loose:
            if event.kind in MEETS or event.kind is EventKind.WAIVER:
                kind = EventKind.PAYMENT if event.kind is EventKind.SUSPENSE_APPLIED else event.kind
                kept[event.id] = evolve(event, of="", kind=kind)
            else:
                del kept[event.id]
    return evolve(known, events=tuple(kept.values()))
