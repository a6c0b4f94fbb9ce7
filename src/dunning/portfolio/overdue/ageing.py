"""How late those loans are that have a late instalment, where nothing is compiled: days, months, free days."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dunning.portfolio.overdue.answers import NO_DAY, Answers
from dunning.portfolio.overdue.columns import NEVER, Columns
from dunning.portfolio.overdue.convention import (
    AMOUNT_EQUIVALENT,
    CALENDAR_MONTHS,
    MBA,
    OTS,
    RECENCY,
    WholeConvention,
)
from dunning.portfolio.overdue.materiality import Now, Undone, Unmet, material_since
from dunning.portfolio.overdue.months import month_and_day
from dunning.portfolio.overdue.recency import last_full


class Late(NamedTuple):
    """
    Loans with a late instalment on a day; of what is None nothing depends. From `past` on see `Now` and `Unmet`.

    Args:
        undone: What was undone by the day, of all loans, late or not.
        oldest: The day they age from; under a materiality the day on which the oldest unmet instalment fell due.
    """

    undone: Undone
    rows: Any
    day: Any
    came: Any
    oldest: Any
    missed: Any
    worth: Any = None
    past: Any = None
    owed: Any = None
    ahead: Any = None
    unmet: Any = None
    unpaid: Any = None
    fell_due: Any = None

    def take(self, some: Any) -> Late:
        """Return those at the places *some*."""
        return Late(self.undone, *(None if values is None else values[some] for values in self[1:]))

    def shifted(self, by: Any) -> Late:
        """Return them where instalments lie *by* as many places later."""
        return self if self.past is None else self._replace(past=self.past + by, unmet=self.unmet + by)


def age(block: Columns, whole: WholeConvention, out: Answers, late: Late, at_charge_off: Late | None) -> None:
    """Write how late loans are, those charged off as they were *at_charge_off*, and what cures."""
    found, days, delinquent = _lateness(block, whole, late)
    _write(out, slice(None), found, days, delinquent)
    out.cures[:] = 0
    # Where refunds exceed what came, they are owed as well: a book may begin after some of its payments.
    out.cures[found.rows] = out.arrears[found.rows] + np.maximum(-found.came, 0)
    if whole.charge_off and len(block.written_off_on):
        charged_off = np.flatnonzero(block.written_off_on <= whole.as_of)
        _write(out, charged_off, *_lateness(block, whole, at_charge_off or late.take(slice(0))))


def _write(out: Answers, rows: Any, late: Late, days: Any, delinquent: Any) -> None:
    """Write that of *rows* only those that are *late* are."""
    for values, found, otherwise in (
        (out.days_past_due, days, 0),
        (out.delinquent_days, delinquent, 0),
        (out.oldest_unpaid_due_on, late.oldest, NO_DAY),
        (out.instalments_missed, late.missed, 0),
    ):
        values[rows] = otherwise
        values[late.rows] = found


def _lateness(block: Columns, whole: WholeConvention, late: Late) -> tuple[Late, Any, Any]:
    """Return those of *late* that are late under *whole*, their days past due, and their delinquent days."""
    if whole.material:
        now = Now(late.day, late.past, late.owed, late.came, late.ahead)
        unmet = Unmet(late.unmet, late.oldest, late.unpaid, late.fell_due)
        since = material_since(block, whole, late.rows, now, unmet, undone=late.undone)
        # On what was asked for this nothing depends any more.
        late = Late(late.undone, late.rows, late.day, late.came, since, late.missed, late.worth)
        late = late.take(np.flatnonzero(since != NEVER))
    elif whole.counted == RECENCY:
        late = late._replace(oldest=last_full(block, whole, late.rows, late.day, late.oldest))
    free = np.full(len(late.rows), whole.grace, np.int64)
    if len(block.grace):
        own = block.grace[late.rows]
        free = np.where(own >= 0, own, free)
    if len(block.paused_at):
        free += _paused(block, whole, late)
    days = delinquent = _count(block, whole, late, late.oldest)
    if free.any():
        delinquent = _count(block, whole, late, late.oldest + free)
    return late, days, delinquent


def _due_day(block: Columns, rows: Any) -> Any:
    """Return the latest day of a month from which an instalment of each of *rows* ages; each has some."""
    taken = block.take(rows)
    own = taken.ages_from if len(block.ages_from) else taken.due_on
    _, of_month = month_and_day(own.astype(np.int64))
    return np.maximum.reduceat(of_month, taken.due_at[:-1]) if len(rows) else of_month


def _paused(block: Columns, whole: WholeConvention, late: Late) -> Any:
    """Return the paused days: those after the day loans age from, each once; or all, as often as they are paused."""
    total = np.zeros(len(late.rows), np.int64)
    free = late.oldest + 1
    start, stop = block.paused_at[late.rows], block.paused_at[late.rows + 1]
    for turn in range(int((stop - start).max(initial=0))):
        some = np.flatnonzero(start + turn < stop)
        j = start[some] + turn
        end = np.minimum(block.paused_until[j], late.day[some] + 1)
        begin = block.paused_on[j].astype(np.int64)
        if not whole.every_day:
            begin = np.maximum(begin, free[some])
        total[some] += np.maximum(end - begin, 0)
        free[some] = np.maximum(free[some], end)
    return total


def _count(block: Columns, whole: WholeConvention, late: Late, since: Any) -> Any:
    """Return how late the loans *late* are that age from *since*."""
    day = late.day
    days = np.maximum(day - since + whole.first_day, 0)
    if whole.counted == AMOUNT_EQUIVALENT:
        return np.minimum(days, late.worth)
    if whole.counted not in {MBA, OTS, CALENDAR_MONTHS}:
        return days
    end = day if whole.counted == OTS else day + 1
    begun, of_begun = month_and_day(np.minimum(since, day))
    ended, of_ended = month_and_day(end)
    completed = ended - begun
    if whole.counted == CALENDAR_MONTHS:
        completed -= 1
    else:
        # A month that began on the 31st is completed on the last day of a shorter one.
        _, of_next = month_and_day(np.minimum(since, day) + 1)
        ends = np.flatnonzero(of_next == 1)
        of_begun[ends] = np.maximum(of_begun[ends], _due_day(block, late.rows[ends]))
        _, of_next = month_and_day(end + 1)
        completed -= (of_begun > of_ended) & (of_next > 1)
    return np.where(since > day, 0, 30 * np.maximum(completed, 0))
