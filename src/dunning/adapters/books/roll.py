"""How loans move between months: buckets, shares and one-month roll rates of a book."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.status import overdue_status

BUCKETS = ("current", "1-30", "31-60", "61-90", "90+")

# The classes of US servicers' monthly reports. A month is a class, whatever its length: the last day of the class is
# inclusive.
_LAST_DAYS = (0, 30, 60, 90)


def bucket(days: int) -> str:
    """Return the bucket of *days* past due: 30 is still 1-30, 31 is 31-60."""
    return BUCKETS[sum(days > last for last in _LAST_DAYS)]


def path(loan: Loan, ends: Iterable[dt.date], *, convention: Convention) -> tuple[str, ...]:
    """Return *loan*'s bucket on each of *ends*, with everything known today."""
    return tuple(bucket(overdue_status(loan, as_of=end, convention=convention).days_past_due) for end in ends)


def owed_in(loan: Loan, ends: Iterable[dt.date]) -> tuple[dt.date, ...]:
    """
    Return those month *ends* at which *loan* was running at the start of the month, for books without balances.

    It runs from the month of its first instalment until the month in which everything is paid or it is written off.
    """
    first = min((instalment.due_on for instalment in loan.instalments), default=dt.date.max).replace(day=1)
    running = []
    for end in ends:
        eve = end.replace(day=1) - dt.timedelta(days=1)
        before = overdue_status(loan, as_of=eve)
        done = before.written_off_on is not None or (before.next_due_on is None and before.arrears.total == 0)
        if end >= first and (eve < first or not done):
            running.append(end)
    return tuple(running)


def shares(paths: Iterable[Sequence[str]]) -> Mapping[str, Decimal]:
    """Return the share of each bucket among all loan-months, in percent."""
    counts = Counter(step for steps in paths for step in steps)
    total = sum(counts.values())
    return {name: Decimal(100 * counts[name]) / total for name in BUCKETS} if total else {}


def roll_rates(paths: Iterable[Sequence[str]]) -> Mapping[tuple[str, str], Decimal]:
    """Return, for each pair of buckets, how many in percent of the loans in the first were in the second a month on."""
    counts = Counter(move for steps in paths for move in pairwise(steps))
    return {
        (start, end): Decimal(100 * counts[start, end]) / total
        for start in BUCKETS
        if (total := sum(counts[start, other] for other in BUCKETS))
        for end in BUCKETS
    }
