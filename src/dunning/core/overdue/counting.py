"""From dates to days: what each convention counts between the date that lateness runs from and the day asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from dunning.core.facts.event import Event
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.dates import MONTH, calendar_months_between, later, months_completed
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.money import worth as worth_of
from dunning.core.overdue.obligations import Obligation


def count(anchor: dt.date, on: dt.date, *, convention: Convention, due_day: int = 0) -> int:
    """
    Return the days from *anchor* to *on* as *convention* counts them; never below 0.

    Sources: MBA and OTS: a loan due on 1 April and unpaid is 30 days late at the end of 30 April under MBA, and at the
    end of 1 May under OTS, so that a report of month ends shows it a month later.

    Args:
        due_day: The latest day of a month on which the loan falls due: see `months_completed`.
    """
    match convention.count:
        case "mba":
            return MONTH * months_completed(anchor, later(on, 1), due_day=due_day)
        case "ots":
            return MONTH * months_completed(anchor, on, due_day=due_day)
        case "calendar_months":
            return MONTH * calendar_months_between(anchor, on)
        case _:
            return max((on - anchor).days + convention.first_day, 0)


def worth(late: Sequence[Obligation], owed: Sequence[Obligation]) -> int | None:
    """
    Return how many days of payments the unpaid parts of *late* are worth: each its share of the days it pays for.

    What falls due on one day, be it one instalment or its parts stated apart, pays for the days since the due date
    before, as the schedule stood before extensions and deferrals; what falls due first for as many as what comes next.
    None where there is only one due date, so that nothing says what a day is worth. Rounded down for each due date.

    Source: APS 220, attachment A: past due for 90 days is 90 calendar days, and at least 90 days' worth of payments.
    """
    amounts: dict[dt.date, Decimal] = {}
    for o in owed:
        if o.number is not None:
            amounts[o.paced_on] = amounts.get(o.paced_on, ZERO) + o.amount
    if len(amounts) <= 1:
        return None
    dates = sorted(amounts)
    periods = [(after - before).days for before, after in pairwise(dates)]
    unpaid = dict.fromkeys(dates, ZERO)
    for o in late:
        if o.number is not None:
            unpaid[o.paced_on] += o.unpaid
    return sum(
        int(days * unpaid[on] // amounts[on])
        for on, days in zip(dates, [periods[0], *periods], strict=True)
        if amounts[on]
    )


def last_full_payment(events: Sequence[Event], owed: Sequence[Obligation], *, convention: Convention) -> dt.date | None:
    """
    Return the last day on which as much came as an instalment, less what may be missing of one; None if it never did.

    Money that was taken back since did not come; refunds are looked at apart.

    The yardstick is the last instalment due on or before that day; before the first, the first.
    """
    dated = sorted((o for o in owed if o.number is not None and o.amount), key=_by_due_date)
    if not dated:
        return None
    came: dict[dt.date, Decimal] = {}
    for event, left in worth_of(events):
        if left > 0:
            came[event.effective_on] = came.get(event.effective_on, ZERO) + left
    for day in sorted(came, reverse=True):
        yardstick = max((o for o in dated if o.due_on <= day), key=_by_due_date, default=dated[0])
        if came[day] >= yardstick.amount - convention.missing(yardstick.amount):
            return day
    return None


def _by_due_date(obligation: Obligation) -> tuple[dt.date, dt.date, int]:
    return obligation.due_on, obligation.past_from, obligation.number or 0
