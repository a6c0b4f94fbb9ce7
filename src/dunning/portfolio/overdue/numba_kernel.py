"""
The compiled kernel: loan by loan, whole numbers only.

It is compiled on first use and kept on disk beside this file (or where NUMBA_CACHE_DIR says), and it runs without the
interpreter's lock, so that threads share a book. What it answers, `numpy_kernel` answers too, to the bit.

numba compiles again what it kept when this file has changed, and looks at no other: whoever changes the check, what is
inlined from other files, or a constant, must delete what was kept. An upgrade writes every file anew.
What is asked about every loan takes the arrays that it needs: to hand on all of them costs more than what is computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.answers import NO_DAY, Answers
from dunning.portfolio.overdue.columns import NEVER, Columns, check, check_columns
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, FREEZE, LIMIT, RECENCY, WholeConvention
from dunning.portfolio.overdue.numba_ahead import LOANS_AHEAD, ask_for_loan
from dunning.portfolio.overdue.numba_arrays import ONE, compiled, inlined, prepare, read_only
from dunning.portfolio.overdue.numba_check import TRUSTED, limits, sound
from dunning.portfolio.overdue.numba_days import both_days, free_days, since_of
from dunning.portfolio.overdue.numba_lists import (
    are_parts,
    charged_before,
    due_before,
    earliest,
    money_up_to,
    taken_back,
)
from dunning.portfolio.overdue.numba_moving import moves_on
from dunning.portfolio.overdue.spans import Spans, spans
from dunning.portfolio.overdue.worth import UNLIMITED

COUNTS_WHERE = True
ITEMS = 2**24  # of lists, in a block: little is computed on the way, and to hand over takes time
TURNS = 4  # blocks for each thread at least, so that none waits long for the last
_AT_HAND = np.uint64(256)
_NOT_ASKED = np.empty(0, np.int64)


def count(block: Columns, whole: WholeConvention, out: Answers, *, first_row: int = 0) -> None:
    """
    Check *block*, and write the answers to it into *out*.

    Raises:
        FactsError: As `columns.check`, which is only asked where something may be wrong.
    """
    loans = prepare(spans(block))
    past_from = loans.due_on
    if len(block.ages_from):
        past_from = read_only(np.maximum(block.due_on, block.ages_from))
    else:
        check_columns(block, whole)
        if _counted(loans, past_from, whole, limits(loans, whole), out, _NOT_ASKED):
            return
    check(block, whole, first_row=first_row)
    if not _counted(loans, past_from, whole, TRUSTED, out, _NOT_ASKED):
        raise RuntimeError("The compiled kernel refuses what its check lets pass; please report it.")


def count_where(loans: Spans, whole: WholeConvention, out: Answers) -> Any:
    """Write the answers for *loans* into *out*, and return when each moves on; None if they may not be fit for it."""
    loans = prepare(loans)
    days = np.empty(len(loans.due_begin), np.int64)
    return days if _counted(loans, loans.due_on, whole, limits(loans, whole), out, days) else None


@inlined
def _late(due: Any, past: Any, missing: Any, w: Any) -> Any:
    """
    Return how many of the instalments before *past* are late, and the first that is.

    Args:
        missing: What is past due and not paid; more than 0.
    """
    late, first = 0, past
    j = past - ONE
    while missing > due[j]:  # nothing of it is paid, so that only an amount within the tolerance is met
        if due[j] > w.tolerance:
            late += 1
            first = j
        missing -= due[j]
        j -= ONE
    if missing > w.tolerance and missing * w.share_of > w.share * due[j]:
        late += 1
        first = j
    return late, first


@inlined
def _oldest(ages_from: Any, due: Any, first: Any, past: Any, w: Any) -> Any:
    """Return the earliest date that the late instalments, from *first* to before *past*, age from."""
    oldest = ages_from[first]
    for j in range(first + ONE, past):
        if due[j] > w.tolerance:
            oldest = min(oldest, ages_from[j])
    return oldest


@inlined
def _worth(due_on: Any, due: Any, start: Any, stop: Any, first: Any, past: Any, pool: Any, w: Any) -> Any:
    """Return for how many days the unpaid parts pay, what falls due on one day for those since the day before it."""
    if due_on[start] == due_on[stop - ONE]:
        return UNLIMITED
    met = pool
    for j in range(start, first):
        met -= due[j]
    worth: Any = 0
    j = first
    while j < past:
        on = due_on[j]
        begin = j
        while begin > start and due_on[begin - ONE] == on:
            begin -= ONE
        amount = unpaid = 0
        end = begin
        while end < stop and due_on[end] == on:
            amount += due[end]
            if end == first:
                unpaid += due[end] - min(max(met, 0), due[end])
            elif j <= end < past and due[end] > w.tolerance:
                unpaid += due[end]
            end += ONE
        days = due_on[end] - on if begin == start else on - due_on[begin - ONE]  # the first as many as the next
        if amount:
            worth += np.int64(days) * unpaid // amount
        j = end
    return worth


@inlined
def _coming(past_from: Any, due: Any, w: Any, start: Any, stop: Any, left: Any, charges: Any) -> Any:
    """
    Return date and unpaid part of the first instalment from *start* on that is not paid, and the credit.

    Args:
        left: Money that nothing past due needs.
        charges: What was charged today and is not past due.
    """
    next_on, next_due = NO_DAY, 0
    j = start
    while j < stop and (left > 0 or next_due == 0):
        on = past_from[j]
        spendable = left
        if on > w.as_of:
            left -= min(left, charges)
            charges = 0
            spendable = 0 if w.held else left
        met = min(spendable, due[j])
        if next_due == 0 and due[j] > met:
            next_on, next_due = on, due[j] - met
        left -= met
        if w.held and on > w.as_of and next_due > 0:
            break
        j += ONE
    return next_on, next_due, left - min(left, charges)


@compiled
def _counted(c: Any, past_from: Any, w: Any, most: Any, out: Any, days: Any) -> Any:
    """
    Write the answers, a few loans after the other, as long as they are certainly fit to be counted.

    Args:
        days: When each moves on, which is asked of loans that do not lie side by side; empty if it is not.
    """
    rows = np.uint64(len(c.due_begin))
    start = np.uint64(0)
    while start < rows:  # so few that they are still at hand when they are counted
        stop = min(start + _AT_HAND, rows)
        if not sound(c, w, most, start, stop) or not _answer(c, past_from, w, most, out, start, stop, len(days) == 0):
            return False
        if len(days):
            moves_on(c, w, days, start, stop)
        start = stop
    return True


@compiled
def _answer(c: Any, past_from: Any, w: Any, most: Any, out: Any, begin: Any, end: Any, side_by_side: Any) -> Any:
    due_begin, due_end, due_on, due, ages_from, paid = c.due_begin, c.due_end, c.due_on, c.due, c.ages_from, c.paid
    money_begin, money_end, money_on, money = c.money_begin, c.money_end, c.money_on, c.money
    money_until, undone, shift = c.money_until, c.undone, c.shift
    written_off_on = c.written_off_on
    has_parts = w.material and len(c.principal) > 0
    may_stop = w.charge_off > 0 and len(written_off_on) > 0
    day, before = w.as_of, w.as_of + w.first_day
    last = np.uint64(len(due_begin)) - ONE
    for row in range(begin, end):
        start, stop = due_begin[row], due_end[row]
        ask_for_loan(c, past_from, w, min(row + LOANS_AHEAD, last), side_by_side)
        owed, past, fit = due_before(past_from, due, start, stop, before, most.due)
        if not fit or (has_parts and not are_parts(due, c.principal, start, stop)):
            return False
        came = 0
        if len(money_begin):
            head, tail = money_begin[row], money_end[row]
            came, fit = money_up_to(money_on, money, head, tail, day, most.money)
            if not fit:
                return False
            if len(undone) and (not side_by_side or earliest(money_until, head, tail) <= day):
                came -= taken_back(undone, shift, money_until, money_on, money, head, tail, day)
        elif len(paid):
            came = paid[row]
        pool = max(came, 0)
        late, first = _late(due, past, owed - pool, w) if owed > pool else (0, start)
        charges = 0
        if len(c.charged_begin):
            charges_past, j = charged_before(c.charged_on, c.charged, c.charged_begin[row], c.charged_end[row], before)
            charges, _ = charged_before(c.charged_on, c.charged, j, c.charged_end[row], day + 1)
            owed += charges_past
        arrears = max(owed - pool, 0)
        days = delinquent = 0
        oldest = NO_DAY
        if arrears <= w.tolerance_arrears:
            late = 0
        if late:
            oldest = _oldest(ages_from, due, first, past, w) if len(ages_from) else due_on[first]
            if w.material or w.counted == RECENCY:
                oldest = since_of(c, w, row, day, past, oldest, owed, came)
            if oldest == NEVER:
                late, oldest = 0, NO_DAY
            else:
                days, delinquent = _days(c, w, row, day, oldest, first, past, pool)
        # Where refunds exceed what came, they are owed as well: a book may begin after some of its payments.
        out.cures[row] = arrears + pool - came if late else 0
        if may_stop and written_off_on[row] <= day:
            days, delinquent, oldest, late = _after_charge_off(c, past_from, w, row)
        out.next_due_on[row], out.next_due[row], out.credit[row] = _coming(
            past_from, due, w, past, stop, max(pool - owed, 0), charges
        )
        out.days_past_due[row] = days
        out.delinquent_days[row] = delinquent
        out.oldest_unpaid_due_on[row] = oldest
        out.arrears[row] = arrears
        out.instalments_missed[row] = late
    return True


@inlined
def _days(c: Any, w: Any, row: Any, day: Any, oldest: Any, first: Any, past: Any, pool: Any) -> Any:
    """Return days past due and delinquent days of a loan that is late since *oldest*."""
    start, stop = c.due_begin[row], c.due_end[row]
    free = free_days(c, w, row, day, oldest)
    own = c.ages_from if len(c.ages_from) else c.due_on
    days, delinquent = both_days(w, oldest, free, day, own, start, stop)
    if w.counted == AMOUNT_EQUIVALENT:
        worth = _worth(c.due_on, c.due, start, stop, first, past, pool, w)
        days, delinquent = min(days, worth), min(delinquent, worth)
    return days, delinquent


@compiled
def _after_charge_off(c: Any, past_from: Any, w: Any, row: Any) -> Any:
    """Return what a charge-off leaves: nothing, or what was so on its day."""
    if w.charge_off != FREEZE:
        return 0, 0, NO_DAY, 0
    day = np.int64(c.written_off_on[row])
    before = day + w.first_day
    came = 0
    if len(c.money_begin):
        head, tail = c.money_begin[row], c.money_end[row]
        came, _ = money_up_to(c.money_on, c.money, head, tail, day, LIMIT)
        if len(c.undone):
            came -= taken_back(c.undone, c.shift, c.money_until, c.money_on, c.money, head, tail, day)
    pool = max(came, 0)
    start, stop = c.due_begin[row], c.due_end[row]
    owed, past, _ = due_before(past_from, c.due, start, stop, before, LIMIT)
    late, first = _late(c.due, past, owed - pool, w) if owed > pool else (0, start)
    if len(c.charged_begin):
        charges, _ = charged_before(c.charged_on, c.charged, c.charged_begin[row], c.charged_end[row], before)
        owed += charges
    if late == 0 or owed - pool <= w.tolerance_arrears:
        return 0, 0, NO_DAY, 0
    oldest = _oldest(c.ages_from, c.due, first, past, w) if len(c.ages_from) else c.due_on[first]
    if w.material or w.counted == RECENCY:
        oldest = since_of(c, w, row, day, past, oldest, owed, came)
        if oldest == NEVER:
            return 0, 0, NO_DAY, 0
    days, delinquent = _days(c, w, row, day, oldest, first, past, pool)
    return days, delinquent, oldest, late
