"""
The compiled kernel: loan by loan, whole numbers only.

It is compiled on first use and kept on disk beside this file (or where NUMBA_CACHE_DIR says), and it runs without the
interpreter's lock, so that threads share a book. What it answers, `numpy_kernel` answers too, to the bit.

Places are unsigned: a signed one might be negative, and Python counts those from the end, for which every access to
an array would be prepared. The functions take the arrays that they need, because handing on all of them costs more
than what they compute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from dunning.portfolio.overdue import columns, months
from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY, LISTS, NEVER, NO_DAY, Answers, Columns
from dunning.portfolio.overdue.convention import (
    AMOUNT_EQUIVALENT,
    CALENDAR_MONTHS,
    FREEZE,
    LIMIT,
    MBA,
    OTS,
    RECENCY,
    WholeConvention,
)

_UNLIMITED = 2**62
_ONE = np.uint64(1)


def check(block: Columns, whole: WholeConvention, *, first_row: int = 0) -> None:
    """Refuse what would be counted wrongly, as `columns.check` does; that is only asked where something may be."""
    if not _sound(_unsigned(block), whole):
        columns.check(block, whole, first_row=first_row)


def answer(block: Columns, whole: WholeConvention, out: Answers) -> None:
    """Write the answers to *block* into *out*."""
    _answer(_unsigned(block), whole, out)


def _unsigned(block: Columns) -> Columns:
    return block._replace(**{name: getattr(block, name).view(np.uint64) for name in LISTS})


def _compiled(function: Callable[..., Any]) -> Any:
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to keep it: a read-only installation
        return numba.njit(nogil=True, error_model="numpy")(function)


_month_and_day = _compiled(months.month_and_day)


@_compiled
def _ascends(at: Any, days: Any) -> Any:
    """Whether the days of each loan ascend, and lie in a calendar."""
    falls = 0
    for j in range(1, len(days)):
        falls += days[j] < days[j - 1]
    outside = 0
    for row in range(len(at) - 1):
        start, stop = at[row], at[row + 1]
        if start < stop:
            outside |= (days[start] < FIRST_DAY) | (days[stop - _ONE] > LAST_DAY)
            if start:  # from one loan to the next days may fall
                falls -= days[start] < days[start - _ONE]
    return falls == 0 and outside == 0


@_compiled
def _bits(amounts: Any) -> Any:
    """Return the bits that occur in *amounts*, or a negative number: none is larger than that."""
    found = 0
    for j in range(len(amounts)):
        found |= amounts[j]
    return found


@_compiled
def _bits_either_way(amounts: Any) -> Any:
    found = 0
    for j in range(len(amounts)):
        found |= abs(amounts[j])
    return found


@_compiled
def _most(at: Any) -> Any:
    """Return the length of the longest list."""
    most = 0
    for row in range(len(at) - 1):
        most = max(most, np.int64(at[row + 1] - at[row]))
    return most


@_compiled
def _within(bits: int, times: int, limit: int) -> Any:
    return 0 <= bits <= limit // max(times, 1)


@_compiled
def _sound(c: Any, w: Any) -> Any:
    """Whether *c* is certainly fit to be counted."""
    factor = 1
    if w.share > 0:
        factor = w.share_of
    if w.material:
        factor = max(factor, w.material_share_of)
    if w.count == AMOUNT_EQUIVALENT:
        factor = max(factor, LAST_DAY - FIRST_DAY)
    third = LIMIT // factor // 3
    return (
        len(c.ages_from) == 0
        and _ascends(c.due_at, c.due_on)
        and _ascends(c.money_at, c.money_on)
        and _ascends(c.charged_at, c.charged_on)
        and _ascends(c.paused_at, c.paused_on)
        and (len(c.grace) == 0 or c.grace.min() >= -1)
        and _within(_bits(c.due), _most(c.due_at), third)
        and _within(_bits(c.principal), _most(c.due_at), third)
        and _within(_bits(c.charged), _most(c.charged_at), third)
        and _within(_bits_either_way(c.money), _most(c.money_at), LIMIT)
        and _within(_bits_either_way(c.paid), 1, LIMIT)
    )


@_compiled
def _pool(at: Any, on: Any, money: Any, until: Any, row: int, day: int) -> Any:
    """Return the money that counts on *day*."""
    total = 0
    if len(until):
        for j in range(at[row], at[row + 1]):
            total += money[j] if (on[j] <= day) & (until[j] > day) else 0
    else:
        for j in range(at[row], at[row + 1]):
            total += money[j] if on[j] <= day else 0
    return max(total, 0)


@_compiled
def _charges(at: Any, on: Any, charged: Any, row: int, before: int) -> Any:
    """Return the sum of the charges of days before *before*."""
    total = 0
    for j in range(at[row], at[row + 1]):
        total += charged[j] if on[j] < before else 0
    return total


@_compiled
def _late(due_on: Any, due: Any, ages_from: Any, w: Any, start: int, stop: int, before: int, pool: int) -> Any:
    """
    Return how the instalments past due before *before* stand.

    That is: what they come to; the first that is not past due; how many are late; the day from which the earliest of
    them ages; and how many days their unpaid parts are worth.
    """
    own_dates = len(ages_from) > 0
    owed, j = 0, start
    while j < stop and due_on[j] < before and owed + due[j] <= pool:
        if own_dates and ages_from[j] >= before:
            break
        owed += due[j]
        j += _ONE
    late, oldest, worth = 0, NEVER, 0
    paid = pool - owed  # of the first that is not met in full
    while j < stop and due_on[j] < before:
        if own_dates and ages_from[j] >= before:
            break
        amount = due[j]
        unpaid = amount - min(paid, amount)
        paid = 0
        owed += amount
        if unpaid > w.tolerance and unpaid * w.share_of > w.share * amount:
            late += 1
            oldest = min(oldest, ages_from[j] if own_dates else due_on[j])
            if w.count == AMOUNT_EQUIVALENT:
                k = max(j, start + _ONE)
                if k < stop:  # the first of several pays for as many days as the second
                    worth += np.int64(due_on[k] - due_on[k - _ONE]) * unpaid // amount
                else:
                    worth = _UNLIMITED
        j += _ONE
    return owed, j, late, oldest, worth


@_compiled
def _is_material(w: Any, arrears: int, ahead: int) -> Any:
    """Whether *arrears* are material beside the principal *ahead* that is not past due."""
    by_amount = arrears > w.material_amount
    by_share = arrears * w.material_share_of > w.material_share * (ahead + arrears)
    return arrears > 0 and ((by_amount and by_share) if w.material_both else (by_amount or by_share))


@_compiled
def _material_since(
    due_at: Any,
    due_on: Any,
    due: Any,
    principal: Any,
    money_at: Any,
    money_on: Any,
    money: Any,
    money_until: Any,
    charged_at: Any,
    charged_on: Any,
    charged: Any,
    w: Any,
    row: int,
    day: int,
    past: int,
) -> Any:
    """
    Return the day before the first of the days up to *day* on which arrears were material without a break.

    `NEVER`: they are not on *day*. Between two days on which something changes nothing does, so it steps back from
    change to change, undoing each.

    Args:
        past: The first instalment not past due on *day*.
    """
    first = due_at[row]
    ahead = owed = pool = 0
    if len(principal):
        for j in range(past, due_at[row + 1]):
            ahead += principal[j]
    for j in range(first, past):
        owed += due[j]
    charge_first = charge = came_first = came = np.uint64(0)
    if len(charged_at):
        charge_first = charge = charged_at[row]
        while charge < charged_at[row + 1] and charged_on[charge] < day:
            owed += charged[charge]
            charge += _ONE
    undone = False
    reversible = len(money_until) > 0
    if len(money_at):
        came_first = came = money_at[row]
        while came < money_at[row + 1] and money_on[came] <= day:
            if reversible and money_until[came] <= day:
                undone = True
            else:
                pool += money[came]
            came += _ONE
    since = NEVER
    while _is_material(w, max(owed - max(pool, 0), 0), ahead):
        # The first day on which it was so.
        begin = FIRST_DAY
        if past > first:
            begin = max(begin, due_on[past - _ONE] + 1)
        if charge > charge_first:
            begin = max(begin, charged_on[charge - _ONE] + 1)
        if came > came_first:
            begin = max(begin, money_on[came - _ONE])
        if undone:
            for j in range(came_first, came):
                if money_on[j] < money_until[j] <= day:
                    begin = max(begin, money_until[j])
        since = begin - 1
        # Undo what changed on it.
        while past > first and due_on[past - _ONE] >= since:
            past -= _ONE
            owed -= due[past]
            ahead += principal[past] if len(principal) else 0
        while charge > charge_first and charged_on[charge - _ONE] >= since:
            charge -= _ONE
            owed -= charged[charge]
        while came > came_first and money_on[came - _ONE] >= begin:
            came -= _ONE
            if not reversible or money_until[came] > begin:
                pool -= money[came]
        if undone:
            for j in range(came_first, came):
                if money_until[j] == begin and money_on[j] < begin:
                    pool += money[j]
        day = since
    return since


@_compiled
def _last_full(
    due_at: Any,
    due_on: Any,
    due: Any,
    money_at: Any,
    money_on: Any,
    money: Any,
    money_until: Any,
    w: Any,
    row: int,
    day: int,
    oldest: int,
) -> Any:
    """Return the last day up to *day* and after *oldest* on which a full payment came; *oldest* if there is none."""
    if len(money_at) == 0:
        return oldest
    first, j = money_at[row], money_at[row + 1]
    start, stop = due_at[row], due_at[row + 1]
    while j > first and money_on[j - _ONE] > day:
        j -= _ONE
    k = stop
    while j > first and money_on[j - _ONE] > oldest:
        on = money_on[j - _ONE]
        came = 0
        while j > first and money_on[j - _ONE] == on:
            j -= _ONE
            if money[j] > 0 and (len(money_until) == 0 or money_until[j] > day):
                came += money[j]
        if came == 0:
            continue
        # The yardstick is the last instalment due by then, before the first the first; nothing measures nothing.
        while k > start and (due_on[k - _ONE] > on or due[k - _ONE] == 0):
            k -= _ONE
        yardstick = k
        if k == start:
            yardstick = start + _ONE
            while yardstick < stop and due[yardstick - _ONE] == 0:
                yardstick += _ONE
        amount = due[yardstick - _ONE]
        short = amount - min(came, amount)
        if short <= w.tolerance or short * w.share_of <= w.share * amount:
            return on
    return oldest


@_compiled
def _paused(at: Any, on: Any, until: Any, w: Any, row: int, day: int, after: int) -> Any:
    """Return the paused days up to *day*: those after *after*, each once; or all, as often as they are paused."""
    total = 0
    free = after + 1
    for j in range(at[row], at[row + 1]):
        end = min(until[j], day + 1)
        if w.every_day:
            total += max(end - on[j], 0)
        else:
            begin = max(free, on[j])
            total += max(end - begin, 0)
            free = max(free, end)
    return total


@_compiled
def _count(w: Any, since: int, day: int, worth: int) -> Any:
    """Return how late a loan is on *day* that ages from *since*."""
    days = max(day - since + w.first_day, 0)
    if w.count == AMOUNT_EQUIVALENT:
        return min(days, worth)
    if w.count not in (MBA, OTS, CALENDAR_MONTHS) or since > day:
        return days
    end = day if w.count == OTS else day + 1
    begun, of_begun = _month_and_day(since)
    ended, of_ended = _month_and_day(end)
    completed = ended - begun
    if w.count == CALENDAR_MONTHS:
        completed -= 1
    elif of_begun > of_ended:
        # A month that began on the 31st is completed on the last day of a shorter one.
        _, of_next = _month_and_day(end + 1)
        completed -= 1 if of_next > 1 else 0
    return 30 * max(completed, 0)


@_compiled
def _lateness(c: Any, w: Any, row: int, day: int, past: int, late: int, oldest: int, worth: int) -> Any:
    """Return days past due, delinquent days, the day that they count from and how many instalments are late."""
    if w.material:
        oldest = _material_since(
            c.due_at,
            c.due_on,
            c.due,
            c.principal,
            c.money_at,
            c.money_on,
            c.money,
            c.money_until,
            c.charged_at,
            c.charged_on,
            c.charged,
            w,
            row,
            day,
            past,
        )
        if oldest == NEVER:
            return 0, 0, NO_DAY, 0
    elif w.count == RECENCY:
        oldest = _last_full(
            c.due_at, c.due_on, c.due, c.money_at, c.money_on, c.money, c.money_until, w, row, day, oldest
        )
    free = w.grace
    if len(c.grace) and c.grace[row] >= 0:
        free = np.int64(c.grace[row])
    if len(c.paused_at):
        free += _paused(c.paused_at, c.paused_on, c.paused_until, w, row, day, oldest)
    return _count(w, oldest, day, worth), _count(w, oldest + free, day, worth), oldest, late


@_compiled
def _coming(due_on: Any, due: Any, ages_from: Any, w: Any, start: int, stop: int, left: int, charges: int) -> Any:
    """
    Return date and unpaid part of the first instalment from *start* on that is not paid, and the credit.

    Args:
        left: Money that nothing past due needs.
        charges: What was charged today and is not past due.
    """
    next_on, next_due = NO_DAY, 0
    j = start
    while j < stop and (left > 0 or next_due == 0):
        on = max(due_on[j], ages_from[j]) if len(ages_from) else due_on[j]
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
        j += _ONE
    return next_on, next_due, left - min(left, charges)


@_compiled
def _answer(c: Any, w: Any, out: Any) -> None:
    due_at, due_on, due, ages_from = c.due_at, c.due_on, c.due, c.ages_from
    money_at, money_on, money, money_until = c.money_at, c.money_on, c.money, c.money_until
    charged_at, charged_on, charged = c.charged_at, c.charged_on, c.charged
    has_money, has_total, has_charges = len(money_at) > 0, len(c.paid) > 0, len(charged_at) > 0
    written_off_on = c.written_off_on
    has_charge_off = w.charge_off > 0 and len(written_off_on) > 0
    before = w.as_of + w.first_day
    for row in range(len(due_at) - 1):
        pool = 0
        if has_money:
            pool = _pool(money_at, money_on, money, money_until, row, w.as_of)
        elif has_total:
            pool = max(c.paid[row], 0)
        start, stop = due_at[row], due_at[row + 1]
        owed, past, late, oldest, worth = _late(due_on, due, ages_from, w, start, stop, before, pool)
        charges = 0
        if has_charges:
            charges_past = _charges(charged_at, charged_on, charged, row, before)
            charges = _charges(charged_at, charged_on, charged, row, w.as_of + 1) - charges_past
            owed += charges_past
        arrears = max(owed - pool, 0)
        days, delinquent, missed = 0, 0, 0
        if late > 0 and arrears > w.tolerance_arrears:
            days, delinquent, oldest, missed = _lateness(c, w, row, w.as_of, past, late, oldest, worth)
        else:
            oldest = NO_DAY
        out.cures[row] = arrears if missed else 0
        if has_charge_off and written_off_on[row] <= w.as_of:
            days, delinquent, oldest, missed = _after_charge_off(c, w, row)
        next_on, next_due, credit = _coming(due_on, due, ages_from, w, past, stop, max(pool - owed, 0), charges)
        out.days_past_due[row] = days
        out.delinquent_days[row] = delinquent
        out.oldest_unpaid_due_on[row] = oldest
        out.arrears[row] = arrears
        out.instalments_missed[row] = missed
        out.next_due_on[row] = next_on
        out.next_due[row] = next_due
        out.credit[row] = credit


@_compiled
def _after_charge_off(c: Any, w: Any, row: int) -> Any:
    """Return what a charge-off leaves: nothing, or what was so on its day."""
    if w.charge_off == FREEZE:
        day = np.int64(c.written_off_on[row])
        before = day + w.first_day
        pool = 0
        if len(c.money_at):
            pool = _pool(c.money_at, c.money_on, c.money, c.money_until, row, day)
        start, stop = c.due_at[row], c.due_at[row + 1]
        owed, past, late, oldest, worth = _late(c.due_on, c.due, c.ages_from, w, start, stop, before, pool)
        if len(c.charged_at):
            owed += _charges(c.charged_at, c.charged_on, c.charged, row, before)
        if late > 0 and owed - pool > w.tolerance_arrears:
            return _lateness(c, w, row, day, past, late, oldest, worth)
    return 0, 0, NO_DAY, 0
