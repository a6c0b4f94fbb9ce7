"""What became of a promise: a function of allocated money, never of what somebody said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from dunning.core.facts.event import Event
from dunning.core.ladder.case import Promise
from dunning.core.overdue.money import effective, paid


def judge(promise: Promise, events: Sequence[Event], *, as_of: dt.date) -> tuple[str, Decimal]:
    """
    Return the result of *promise* on *as_of* (open, kept, part_kept, broken) and the money that counts for it.

    Money counts that came from the day on which the promise was made to its due date and grace (both inclusive), net of
    what was returned by *as_of*. A promise is kept as soon as the amount less the tolerance is there (by no money at
    all, never), and judged otherwise only when its grace is over.
    """
    last = promise.due_on + dt.timedelta(days=promise.grace)
    known = effective(events, as_of)
    money = paid(known, came_by=min(last, as_of)) - paid(known, came_by=promise.made_on - dt.timedelta(days=1))
    money = max(money, Decimal(0))
    if money > 0 and money >= promise.amount - promise.tolerance:
        return "kept", money
    if as_of <= last:
        return "open", money
    return ("part_kept" if money > 0 else "broken"), money


def judged_after(promise: Promise) -> dt.date:
    """Return the first date on which an unpaid promise is judged."""
    return promise.due_on + dt.timedelta(days=promise.grace + 1)
