"""Why a loan is as late as it is: every number of its overdue status, with what it was made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from attrs import evolve, field, frozen

from dunning.core.facts.event import MEETS, Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.allocate import Allocated, Share, allocate
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.counting import count, worth
from dunning.core.overdue.dates import later
from dunning.core.overdue.lateness import Lateness, lateness
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.obligations import Obligation
from dunning.core.overdue.pauses import every_day, paused_days, pauses
from dunning.core.overdue.settling import Settled, settle
from dunning.core.overdue.status import OverdueStatus, overdue_status

_ONE_DAY = dt.timedelta(days=1)
_SOON = (1, 7, 14)  # days after `as_of` on which somebody may say that they will pay


@frozen(kw_only=True)
class Owed:
    """
    One obligation as it stands.

    Args:
        number: The instalment's; None for a charge, an accrual or a payment charged back: then `id` is the event's.
        stated_on: When it was to fall due as stated, before extensions, deferrals and shifts.
        due_on: When it falls due.
        ages_from: The date that its lateness counts from.
        may_miss: How much of it may be missing while it counts as met.
        state: `met`; `tolerated`: past due, and missing no more than it may; `late`: past due and not met; `past_due`:
            the same of what makes no loan late (charges and accruals, and instalments where all of the arrears are
            tolerated or not material); `coming`: not past due.
    """

    number: int | None
    id: str
    stated_on: dt.date
    due_on: dt.date
    ages_from: dt.date
    amount: Decimal
    unpaid: Decimal
    may_miss: Decimal
    state: str


@frozen(kw_only=True)
class Measured:
    """
    Arrears against the thresholds of materiality.

    Args:
        since: The first of the unbroken days on which they were material; None: they are not.
    """

    arrears: Decimal
    exposure: Decimal
    above_amount: bool
    above_share: bool
    since: dt.date | None


@frozen(kw_only=True)
class Cure:
    """
    What cures the loan on a day, if nothing comes before.

    Args:
        amount: What, paid on `on`, leaves nothing past due: all that fell past due and accrued by then.
        days_past_due: What the loan is past due on that day if nothing is paid.
    """

    on: dt.date
    amount: Decimal
    days_past_due: int


@frozen(kw_only=True)
class Waiting:
    """Money that may yet count: `until` (exclusive) is the last word of whoever stated it, None if they gave none."""

    event: str
    kind: EventKind
    came_on: dt.date
    amount: Decimal
    until: dt.date | None


@frozen(kw_only=True)
class Explanation:
    """
    An overdue status with all that made it so.

    Args:
        status: What is explained.
        convention: As which it was counted.
        allocated: Which payment met what.
        undone: Of each payment that was undone, wholly or in part, how much.
        owed: Every obligation, by the day on which it falls due.
        oldest: The one that sets the age: the oldest that is late; None if nothing is late.
        anchor: The date that days past due count from; None if nothing is late.
        anchored_by: Why that date: `oldest`, `materiality`, or `full_payment`; empty if nothing is late.
        counted_on: The day up to which days are counted: `as_of`, or the day of the write-off if it froze them. None
            if the write-off dropped them.
        edges: Days of the count with their number: the first and the last, and in months every day on which thirty
            more were reached.
        worth: How many days of payments the arrears are worth, where the convention asks.
        aged_from: The date that delinquent days count from, before grace and pauses.
        grace, paused: The days after it that are not delinquent.
        pauses: The union of the loan's pauses: start inclusive, end exclusive, None running.
        tolerated: What is missing of instalments that count as met.
        all_tolerated: Whether nothing counts as late because all of the arrears come to no more than the convention
            tolerates.
        materiality: Where the convention has it.
        waiting: Money that moves no day yet.
        cures: On `as_of`, on days soon after it, on the next due date, and on the first day on which what falls due
            then is past due. Empty if no instalment is late.
    """

    status: OverdueStatus
    convention: Convention
    allocated: Allocated
    undone: tuple[Share, ...]
    owed: tuple[Owed, ...]
    oldest: Owed | None = None
    anchor: dt.date | None = None
    anchored_by: str = ""
    counted_on: dt.date | None = None
    edges: tuple[tuple[dt.date, int], ...] = ()
    worth: int | None = None
    aged_from: dt.date | None = None
    grace: int = 0
    paused: int = 0
    pauses: tuple[tuple[dt.date, dt.date | None], ...] = ()
    tolerated: Decimal = ZERO
    all_tolerated: bool = False
    materiality: Measured | None = None
    waiting: tuple[Waiting, ...] = ()
    cures: tuple[Cure, ...] = field(default=())


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
    owed = _owed(known, settled, status)
    own = money.own_dated(events) if convention.chargebacks == "own_date" else events
    explained = Explanation(
        status=status,
        convention=convention,
        allocated=allocate(loan, as_of=as_of, convention=convention, known_at=known_at),
        undone=tuple(
            Share(event=e.id, came_on=e.effective_on, amount=(e.amount or ZERO) - left)
            for e, left in money.worth(own)
            if left != e.amount
        ),
        owed=owed,
        counted_on=None if then is None else then.on,
        pauses=tuple(pauses(events)),
        tolerated=sum((each.unpaid for each in owed if each.state == "tolerated"), ZERO),
        all_tolerated=_all_tolerated(settled, as_of),
        materiality=_measured(known, settled, status),
        waiting=tuple(
            Waiting(event=e.id, kind=e.kind, came_on=e.effective_on, amount=left, until=e.until)
            for e, left in money.waiting(events, as_of)
        ),
        cures=_cures(known, status, convention),
    )
    if then is None or then.lateness.oldest is None:
        return explained
    anchor = then.lateness.oldest
    oldest = min(then.late, key=lambda o: (o.ages_from, o.due_on, o.number is None, o.number or 0, o.id))
    aged_from, grace, paused = _aged(then, anchor, convention)
    return evolve(
        explained,
        oldest=_line(oldest, {each.number: each.due_on for each in known.instalments}, convention, "late"),
        anchor=anchor,
        anchored_by=_anchored_by(anchor, oldest, convention),
        edges=_edges(anchor, then.on, convention),
        worth=worth(then.late, then.owed) if convention.count == "amount_equivalent" else None,
        aged_from=aged_from,
        grace=grace,
        paused=paused,
    )


@frozen(kw_only=True)
class _Then:
    """The day up to which days are counted, and the loan as it was then."""

    on: dt.date
    known: Loan
    events: Sequence[Event]
    owed: Sequence[Obligation]
    late: Sequence[Obligation]
    lateness: Lateness


def _counted(known: Loan, status: OverdueStatus, convention: Convention) -> _Then | None:
    on = status.as_of
    if status.written_off_on is not None and convention.charge_off == "drop":
        return None
    if status.written_off_on is not None and convention.charge_off == "freeze":
        on = status.written_off_on
    events = money.effective(known.events, on)
    settled = settle(known, events, on=on, convention=convention)
    return _Then(
        on=on,
        known=known,
        events=events,
        owed=settled.owed,
        late=settled.late(on),
        lateness=lateness(known, events, settled, on=on, convention=convention),
    )


def _aged(then: _Then, anchor: dt.date, convention: Convention) -> tuple[dt.date, int, int]:
    """Return the date that delinquent days count from, its grace, and the paused days after it."""
    loans = then.known.grace if then.known.grace is not None else convention.grace
    starts = {(anchor, loans)}
    if anchor == min(o.ages_from for o in then.late):
        starts = {(o.ages_from, loans if o.grace is None else o.grace) for o in then.late}
    spans = pauses(then.events)

    def paused(start: dt.date) -> int:
        if convention.pauses == "every_day":
            return every_day(then.events, as_of=then.on)
        return paused_days(spans, due_on=start, as_of=then.on)

    # What has the most delinquent days: the oldest, unless a younger one has less grace.
    _, start, grace = min((later(start, grace + paused(start)), start, grace) for start, grace in starts)
    return start, grace, paused(start)


def _anchored_by(anchor: dt.date, oldest: Obligation, convention: Convention) -> str:
    if convention.materiality is not None:
        return "materiality"
    return "full_payment" if convention.count == "recency" and anchor != oldest.ages_from else "oldest"


def _owed(known: Loan, settled: Settled, status: OverdueStatus) -> tuple[Owed, ...]:
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
        result.append(_line(o, stated, settled.convention, state))
    return tuple(result)


def _line(o: Obligation, stated: dict[int, dt.date], convention: Convention, state: str) -> Owed:
    return Owed(
        number=o.number,
        id=o.id,
        stated_on=o.due_on if o.number is None else stated[o.number],
        due_on=o.due_on,
        ages_from=o.ages_from,
        amount=o.amount,
        unpaid=o.unpaid,
        may_miss=convention.missing(o.amount) if o.ages else ZERO,
        state=state,
    )


def _all_tolerated(settled: Settled, on: dt.date) -> bool:
    arrears = sum((o.unpaid for o in settled.behind(on)), ZERO)
    return bool(settled.late(on)) and arrears <= settled.convention.tolerance_arrears


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


def _edges(anchor: dt.date, on: dt.date, convention: Convention) -> tuple[tuple[dt.date, int], ...]:
    first = (anchor, convention.first_day)
    last = (on, count(anchor, on, convention=convention))
    if not convention.in_months:
        return first, last
    found = [first]
    for after in range(1, (on - anchor).days + 1):
        day = anchor + after * _ONE_DAY
        if (days := count(anchor, day, convention=convention)) != found[-1][1]:
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
