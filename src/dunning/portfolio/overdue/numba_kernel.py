"""
The compiled kernel: loan by loan, whole numbers only.

It is compiled on first use and kept on disk beside this file (or where NUMBA_CACHE_DIR says), and it runs without the
interpreter's lock, so that threads share a book. What it answers, `numpy_kernel` answers too, to the bit.

All of it but the check is in one file, because numba compiles again what it kept when that file has changed, and looks
at no other: whoever changes the check, or a constant, must delete what was kept.
Functions take the arrays that they need: to hand on all of them costs more than what is computed. Lists are walked
until their dates are over: they are too short for the width of a vector, whose rest costs more than a plain loop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue import months
from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER, NO_DAY, Answers, Columns, check
from dunning.portfolio.overdue.convention import (
    AMOUNT_EQUIVALENT,
    CALENDAR_MONTHS,
    FREEZE,
    MBA,
    OTS,
    RECENCY,
    WholeConvention,
)
from dunning.portfolio.overdue.numba_arrays import ONE, compiled, inlined, prepare, read_only
from dunning.portfolio.overdue.numba_check import sound

_UNLIMITED = 2**62
_AT_HAND = np.uint64(256)


def count(block: Columns, whole: WholeConvention, out: Answers, *, first_row: int = 0) -> None:
    """
    Check *block*, and write the answers to it into *out*.

    Raises:
        FactsError: As `columns.check`, which is only asked where something may be wrong.
    """
    if len(block.ages_from):
        check(block, whole, first_row=first_row)
        past_from = np.maximum(block.due_on, block.ages_from)
        _answer(prepare(block), read_only(past_from), whole, out, np.uint64(0), np.uint64(block.rows))
        return
    prepared = prepare(block)
    if not _checked(prepared, whole, out):
        check(block, whole, first_row=first_row)
        _answer(prepared, prepared.due_on, whole, out, np.uint64(0), np.uint64(block.rows))


_month_and_day = inlined(months.month_and_day)


@inlined
def _pool(at: Any, on: Any, money: Any, until: Any, row: Any, day: Any) -> Any:
    """Return the money that counts on *day*; below 0 where refunds exceed it."""
    total = 0
    j, stop = at[row], at[row + ONE]
    if len(until):
        while j < stop and on[j] <= day:
            amount = money[j]
            total += amount if until[j] > day else 0
            j += ONE
    else:
        while j < stop and on[j] <= day:
            total += money[j]
            j += ONE
    return total


@inlined
def _past_due(on: Any, amounts: Any, start: Any, stop: Any, before: Any) -> Any:
    """Return what the *amounts* of days before *before* come to, and the place of the first of a later day."""
    owed = 0
    j = start
    while j < stop and on[j] < before:
        owed += amounts[j]
        j += ONE
    return owed, j


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
    """Return for how many days the unpaid parts pay, each instalment for those since the one before it."""
    if stop == start + ONE:
        return _UNLIMITED
    met = pool
    for j in range(start, first):
        met -= due[j]
    worth = 0
    for j in range(first, past):
        amount = due[j]
        unpaid = amount - min(max(met, 0), amount)
        met = 0
        if j == first or amount > w.tolerance:
            k = max(j, start + ONE)  # the first pays for as many days as the second
            worth += np.int64(due_on[k] - due_on[k - ONE]) * unpaid // amount
    return worth


@inlined
def _is_material(w: Any, arrears: Any, ahead: Any) -> Any:
    """Whether *arrears* are material beside the principal *ahead* that is not past due."""
    by_amount = arrears > w.material_amount
    by_share = arrears * w.material_share_of > w.material_share * (ahead + arrears)
    return arrears > 0 and ((by_amount and by_share) if w.material_both else (by_amount or by_share))


@inlined
def _last_change(on: Any, money: Any, until: Any, first: Any, came: Any, day: Any) -> Any:
    """Return the last day before *day* after which money went, of that from *first* to before *came*."""
    latest = FIRST_DAY
    if len(until):
        for j in range(first, came):
            if on[j] < until[j] <= day:
                latest = max(latest, until[j] - 1)
    for j in range(first, came):
        if money[j] < 0:
            latest = max(latest, on[j] - 1)
    return latest


@inlined
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
    row: Any,
    day: Any,
    past: Any,
    owed: Any,
    pool: Any,
) -> Any:
    """
    Return the day before the first of the days up to *day* on which arrears were material without a break.

    `NEVER`: they are not on *day*. It steps back in time, from one day on which arrears may have been less to the one
    before: the last day on which an instalment or a charge was not past due, or before money went. Whatever came in
    between only makes them more.

    Args:
        past: The first instalment not past due on *day*.
        owed: What is past due on *day*, paid or not.
        pool: The money that counts on *day*; below 0 where refunds exceed it.
    """
    first = due_at[row]
    ahead = 0
    if len(principal):
        for j in range(past, due_at[row + ONE]):
            ahead += principal[j]
    if not _is_material(w, max(owed - max(pool, 0), 0), ahead):
        return NEVER
    charge_first = charge = came_first = came = np.uint64(0)
    if len(charged_at):
        charge_first, charge = charged_at[row], charged_at[row + ONE]
        while charge > charge_first and charged_on[charge - ONE] >= day:
            charge -= ONE
    changed = FIRST_DAY
    if len(money_at):
        came_first, came = money_at[row], money_at[row + ONE]
        while came > came_first and money_on[came - ONE] > day:
            came -= ONE
        changed = _last_change(money_on, money, money_until, came_first, came, day)
    since = NEVER
    while _is_material(w, max(owed - max(pool, 0), 0), ahead):
        since = max(FIRST_DAY, changed)
        if past > first:
            since = max(since, due_on[past - ONE])
        if charge > charge_first:
            since = max(since, charged_on[charge - ONE])
        while past > first and due_on[past - ONE] >= since:
            past -= ONE
            owed -= due[past]
            ahead += principal[past] if len(principal) else 0
        while charge > charge_first and charged_on[charge - ONE] >= since:
            charge -= ONE
            owed -= charged[charge]
        while came > came_first and money_on[came - ONE] > since:
            came -= ONE
            if len(money_until) == 0 or money_until[came] > day:
                pool -= money[came]
        if changed == since:
            if len(money_until):
                for j in range(came_first, came):
                    if since < money_until[j] <= day:
                        pool += money[j]
            changed = _last_change(money_on, money, money_until, came_first, came, since)
        day = since
    return since


@inlined
def _last_full(
    due_at: Any,
    due_on: Any,
    due: Any,
    money_at: Any,
    money_on: Any,
    money: Any,
    money_until: Any,
    w: Any,
    row: Any,
    day: Any,
    oldest: Any,
) -> Any:
    """Return the last day up to *day* and after *oldest* on which a full payment came; *oldest* if there is none."""
    if len(money_at) == 0:
        return oldest
    first, j = money_at[row], money_at[row + ONE]
    start, stop = due_at[row], due_at[row + ONE]
    while j > first and money_on[j - ONE] > day:
        j -= ONE
    k = stop
    while j > first and money_on[j - ONE] > oldest:
        on = money_on[j - ONE]
        came = 0
        while j > first and money_on[j - ONE] == on:
            j -= ONE
            if money[j] > 0 and (len(money_until) == 0 or money_until[j] > day):
                came += money[j]
        if came == 0:
            continue
        # The yardstick is the last instalment due by then, before the first the first; nothing measures nothing.
        while k > start and (due_on[k - ONE] > on or due[k - ONE] == 0):
            k -= ONE
        yardstick = k
        if k == start:
            yardstick = start + ONE
            while yardstick < stop and due[yardstick - ONE] == 0:
                yardstick += ONE
        amount = due[yardstick - ONE]
        short = amount - min(came, amount)
        if short <= w.tolerance or short * w.share_of <= w.share * amount:
            return on
    return oldest


@inlined
def _paused(at: Any, on: Any, until: Any, w: Any, row: Any, day: Any, after: Any) -> Any:
    """Return the paused days up to *day*: those after *after*, each once; or all, as often as they are paused."""
    total = 0
    free = after + 1
    for j in range(at[row], at[row + ONE]):
        end = min(until[j], day + 1)
        if w.every_day:
            total += max(end - on[j], 0)
        else:
            begin = max(free, on[j])
            total += max(end - begin, 0)
            free = max(free, end)
    return total


@inlined
def _count(w: Any, since: Any, day: Any) -> Any:
    """Return how late a loan is on *day* that ages from *since*."""
    days = max(day - since + w.first_day, 0)
    if w.counted not in (MBA, OTS, CALENDAR_MONTHS) or since > day:
        return days
    end = day if w.counted == OTS else day + 1
    begun, of_begun = _month_and_day(since)
    ended, of_ended = _month_and_day(end)
    completed = ended - begun
    if w.counted == CALENDAR_MONTHS:
        completed -= 1
    elif of_begun > of_ended:
        # A month that began on the 31st is completed on the last day of a shorter one.
        _, of_next = _month_and_day(end + 1)
        completed -= 1 if of_next > 1 else 0
    return 30 * max(completed, 0)


@inlined
def _free(grace: Any, paused_at: Any, paused_on: Any, paused_until: Any, w: Any, row: Any, day: Any, since: Any) -> Any:
    """Return the days from *since* to *day* that do not count as delinquent: grace and pauses."""
    free = w.grace
    if len(grace) and grace[row] >= 0:
        free = np.int64(grace[row])
    if len(paused_at):
        free += _paused(paused_at, paused_on, paused_until, w, row, day, since)
    return free


@inlined
def _since(c: Any, w: Any, row: Any, day: Any, past: Any, oldest: Any, owed: Any, pool: Any) -> Any:
    """Return the day that lateness counts from, where it is not simply *oldest*; `NEVER` if nothing counts."""
    if w.material:
        return _material_since(
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
            owed,
            pool,
        )
    return _last_full(c.due_at, c.due_on, c.due, c.money_at, c.money_on, c.money, c.money_until, w, row, day, oldest)


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
def _checked(c: Any, w: Any, out: Any) -> Any:
    """Write the answers, a few loans after the other, as long as they are certainly fit to be counted."""
    rows = np.uint64(len(c.due_at) - 1)
    start = np.uint64(0)
    while start < rows:  # so few that they are still at hand when they are counted
        stop = min(start + _AT_HAND, rows)
        if not sound(c, w, start, stop):
            return False
        _answer(c, c.due_on, w, out, start, stop)
        start = stop
    return True


@compiled
def _answer(c: Any, past_from: Any, w: Any, out: Any, begin: Any, end: Any) -> None:
    due_at, due_on, due, principal, ages_from = c.due_at, c.due_on, c.due, c.principal, c.ages_from
    money_at, money_on, money, money_until, paid = c.money_at, c.money_on, c.money, c.money_until, c.paid
    charged_at, charged_on, charged = c.charged_at, c.charged_on, c.charged
    grace, paused_at, paused_on, paused_until = c.grace, c.paused_at, c.paused_on, c.paused_until
    written_off_on = c.written_off_on
    may_stop = w.charge_off > 0 and len(written_off_on) > 0
    day = w.as_of
    before = day + w.first_day
    for row in range(begin, end):
        came = 0
        if len(money_at):
            came = _pool(money_at, money_on, money, money_until, row, day)
        elif len(paid):
            came = paid[row]
        pool = max(came, 0)
        start, stop = due_at[row], due_at[row + ONE]
        owed, past = _past_due(past_from, due, start, stop, before)
        late, first = _late(due, past, owed - pool, w) if owed > pool else (0, start)
        charges = 0
        if len(charged_at):
            charges_past, j = _past_due(charged_on, charged, charged_at[row], charged_at[row + ONE], before)
            charges, _ = _past_due(charged_on, charged, j, charged_at[row + ONE], day + 1)
            owed += charges_past
        arrears = max(owed - pool, 0)
        if arrears <= w.tolerance_arrears:
            late = 0
        oldest = NO_DAY
        if late:
            oldest = _oldest(ages_from, due, first, past, w) if len(ages_from) else due_on[first]
            if w.material:
                oldest = _material_since(
                    due_at,
                    due_on,
                    due,
                    principal,
                    money_at,
                    money_on,
                    money,
                    money_until,
                    charged_at,
                    charged_on,
                    charged,
                    w,
                    row,
                    day,
                    past,
                    owed,
                    came,
                )
                if oldest == NEVER:
                    late, oldest = 0, NO_DAY
            elif w.counted == RECENCY:
                oldest = _last_full(due_at, due_on, due, money_at, money_on, money, money_until, w, row, day, oldest)
        days = delinquent = 0
        if late:
            free = _free(grace, paused_at, paused_on, paused_until, w, row, day, oldest)
            days, delinquent = _count(w, oldest, day), _count(w, oldest + free, day)
            if w.counted == AMOUNT_EQUIVALENT:
                worth = _worth(due_on, due, start, stop, first, past, pool, w)
                days, delinquent = min(days, worth), min(delinquent, worth)
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


@compiled
def _after_charge_off(c: Any, past_from: Any, w: Any, row: Any) -> Any:
    """Return what a charge-off leaves: nothing, or what was so on its day."""
    if w.charge_off != FREEZE:
        return 0, 0, NO_DAY, 0
    day = np.int64(c.written_off_on[row])
    before = day + w.first_day
    came = 0
    if len(c.money_at):
        came = _pool(c.money_at, c.money_on, c.money, c.money_until, row, day)
    pool = max(came, 0)
    start, stop = c.due_at[row], c.due_at[row + ONE]
    owed, past = _past_due(past_from, c.due, start, stop, before)
    late, first = _late(c.due, past, owed - pool, w) if owed > pool else (0, start)
    if len(c.charged_at):
        charges, _ = _past_due(c.charged_on, c.charged, c.charged_at[row], c.charged_at[row + ONE], before)
        owed += charges
    if late == 0 or owed - pool <= w.tolerance_arrears:
        return 0, 0, NO_DAY, 0
    oldest = _oldest(c.ages_from, c.due, first, past, w) if len(c.ages_from) else c.due_on[first]
    if w.material or w.counted == RECENCY:
        oldest = _since(c, w, row, day, past, oldest, owed, came)
        if oldest == NEVER:
            return 0, 0, NO_DAY, 0
    free = _free(c.grace, c.paused_at, c.paused_on, c.paused_until, w, row, day, oldest)
    days, delinquent = _count(w, oldest, day), _count(w, oldest + free, day)
    if w.counted == AMOUNT_EQUIVALENT:
        worth = _worth(c.due_on, c.due, start, stop, first, past, pool, w)
        days, delinquent = min(days, worth), min(delinquent, worth)
    return days, delinquent, oldest, late
