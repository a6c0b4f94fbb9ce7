"""What an explanation of an overdue status holds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen

from dunning.core.facts.event import EventKind
from dunning.core.overdue.allocate import Allocated, Share
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.status import OverdueStatus


@frozen(kw_only=True)
class Owed:
    """
    One obligation as it stands.

    Args:
        number: The instalment's; None for a charge, an accrual or a payment charged back: then `id` is the event's.
        stated_on: When it was to fall due as stated, before extensions, deferrals and shifts.
        due_on: When it falls due.
        ages_from: The date that its lateness counts from.
        waived: How much of it waivers took off: neither paid nor unpaid.
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
    waived: Decimal
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
