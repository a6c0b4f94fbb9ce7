"""Compiled: from the dates of a loan to days, in every count."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue import months
from dunning.portfolio.overdue.convention import CALENDAR_MONTHS, MBA, OTS
from dunning.portfolio.overdue.numba_arrays import ONE, inlined
from dunning.portfolio.overdue.numba_lists import stands
from dunning.portfolio.overdue.numba_material import material_since

month_and_day = inlined(months.month_and_day)


@inlined
def last_full(
    due_on: Any,
    due: Any,
    money_on: Any,
    money: Any,
    money_until: Any,
    undone: Any,
    shift: Any,
    w: Any,
    start: Any,
    stop: Any,
    first: Any,
    j: Any,
    day: Any,
    oldest: Any,
) -> Any:
    """
    Return the last day up to *day* and after *oldest* on which a full payment came; *oldest* if there is none.

    Args:
        start, stop: Where instalments begin and end.
        first, j: Where money begins and ends.
    """
    while j > first and money_on[j - ONE] > day:
        j -= ONE
    k = stop
    while j > first and money_on[j - ONE] > oldest:
        on = money_on[j - ONE]
        came = 0
        while j > first and money_on[j - ONE] == on:
            j -= ONE
            came += money[j] if money[j] > 0 and stands(undone, shift, money_until, j, day) else 0
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
def paused(on: Any, until: Any, w: Any, start: Any, stop: Any, day: Any, after: Any) -> Any:
    """Return the paused days up to *day*: those after *after*, each once; or all, as often as they are paused."""
    total = 0
    free = after + 1
    for j in range(start, stop):
        end = min(until[j], day + 1)
        if w.every_day:
            total += max(end - on[j], 0)
        else:
            begin = max(free, on[j])
            total += max(end - begin, 0)
            free = max(free, end)
    return total


@inlined
def _day_of_months(of_month: Any, since: Any, own: Any, start: Any, stop: Any) -> Any:
    """Return on which day of a month one is completed: see `dates.months_completed`."""
    _, of_next = month_and_day(since + 1)
    if of_next == 1:
        for j in range(start, stop):
            _, of_due = month_and_day(np.int64(own[j]))
            of_month = max(of_month, of_due)
    return of_month


@inlined
def days_of(w: Any, since: Any, day: Any, own: Any, start: Any, stop: Any) -> Any:
    """
    Return how late a loan is on *day* that ages from *since*.

    Args:
        own: The dates that instalments age from; those of the loan lie from *start* to before *stop*.
    """
    days = max(day - since + w.first_day, 0)
    if w.counted not in (MBA, OTS, CALENDAR_MONTHS) or since > day:
        return days
    end = day if w.counted == OTS else day + 1
    begun, of_begun = month_and_day(since)
    ended, of_ended = month_and_day(end)
    completed = ended - begun
    if w.counted == CALENDAR_MONTHS:
        completed -= 1
    elif _day_of_months(of_begun, since, own, start, stop) > of_ended:
        # A month that began on the 31st is completed on the last day of a shorter one.
        _, of_next = month_and_day(end + 1)
        completed -= 1 if of_next > 1 else 0
    return 30 * max(completed, 0)


@inlined
def both_days(w: Any, oldest: Any, free: Any, day: Any, own: Any, start: Any, stop: Any) -> Any:
    """Return days past due, and delinquent days where *free* days do not count."""
    return days_of(w, oldest, day, own, start, stop), days_of(w, oldest + free, day, own, start, stop)


@inlined
def free_days(c: Any, w: Any, row: Any, day: Any, since: Any) -> Any:
    """Return the days from *since* to *day* that do not count as delinquent: grace and pauses."""
    free = w.grace
    if len(c.grace) and c.grace[row] >= 0:
        free = np.int64(c.grace[row])
    if len(c.paused_begin):
        free += paused(c.paused_on, c.paused_until, w, c.paused_begin[row], c.paused_end[row], day, since)
    return free


@inlined
def since_of(c: Any, w: Any, row: Any, day: Any, past: Any, oldest: Any, owed: Any, pool: Any) -> Any:
    """Return the day that lateness counts from, where it is not simply *oldest*; `NEVER` if nothing counts."""
    came_first = came = charge_first = charge = np.uint64(0)
    if len(c.money_begin):
        came_first, came = c.money_begin[row], c.money_end[row]
    if not w.material:
        return last_full(
            c.due_on,
            c.due,
            c.money_on,
            c.money,
            c.money_until,
            c.undone,
            c.shift,
            w,
            c.due_begin[row],
            c.due_end[row],
            came_first,
            came,
            day,
            oldest,
        )
    if len(c.charged_begin):
        charge_first, charge = c.charged_begin[row], c.charged_end[row]
    return material_since(
        c.due_on,
        c.due,
        c.principal,
        c.money_on,
        c.money,
        c.money_until,
        c.undone,
        c.shift,
        c.charged_on,
        c.charged,
        w,
        c.due_begin[row],
        past,
        c.due_end[row],
        came_first,
        came,
        charge_first,
        charge,
        day,
        owed,
        pool,
    )
